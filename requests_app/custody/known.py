"""What was learned of a file when it came in, kept so that no page has to look at it again before it opens.

Only numbers are kept: how many pages of which size, how long, wide and fast, how many tracks; no word of the
file. They hold for the state in which its bytes lie on disk and for the readers that told them, a month long;
after that, or where the cache was lost, the file is looked at again. A release trusts none of it.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

from portal.core import files
from redaction import machinery
from redaction.preview import calls
from redaction.probe import Facts
from redaction.report import RedactionError

log = logging.getLogger(__name__)
_KEPT = 30 * 24 * 3600  # seconds
_NUMBERS_ONLY = ("pdf", "video", "audio")  # media whose facts hold none of their words


def learn(kept: files.Stored, facts: Facts) -> None:
    """This will keep what a file that has just come in and was hashed turned out to be.

    A recording's shape is asked for. Without the cache nothing is kept, and the file is taken in even so.
    """
    path = files.path_of(kept.address)
    try:
        files.note_intact(kept)
        keep_facts(path, facts)
        if facts.medium in ("video", "audio"):
            shape(path, 0)
    except RedisError as error:
        log.warning("What a file is could not be kept: %s", error)
    except RedactionError:
        return  # whoever opens it is told


def facts(path: Path) -> Facts | None:
    """This will give what is kept of a file as it lies on disk now; None where nothing is."""
    found = _kept("facts", path)
    try:
        return Facts(**found) if found is not None else None
    except TypeError:
        return None  # kept by a version that knew other facts


def keep_facts(path: Path, found: Facts) -> None:
    """This will keep facts that are numbers, and no others."""
    if found.medium in _NUMBERS_ONLY:
        _keep("facts", path, {**vars(found)})


def shape(path: Path, picture: int) -> dict[str, Any]:
    """This will say how long, wide and fast a recording is.

    :raises Refused: when it cannot be read.
    """
    found: dict[str, Any] = _learned("shapes", path, str(picture), lambda: calls.shape(path, picture))
    return found


def length(path: Path, picture: int, sound: int) -> float:
    """This will give a recording's seconds to the packet, as the engine counts; all of it is read for it.

    :raises Refused: when it cannot be read.
    """
    found = _learned("lengths", path, f"{picture}-{sound}", lambda: calls.length(path, picture, sound))
    return float(found)


def forget(address: str) -> None:
    """This will take back what is known of a file that is destroyed, and that it was hashed."""
    path = files.path_of(address)
    cache.delete_many([_name(what, path) for what in ("facts", "shapes", "lengths")])
    files.forget_intact(address)


def _learned(what: str, path: Path, which: str, look: Callable[[], Any]) -> Any:
    """One entry a file, so that it can be taken back."""
    known = _kept(what, path) or {}
    if which not in known:
        known = {**known, which: look()}
        _keep(what, path, known)
    return known[which]


def _kept(what: str, path: Path) -> dict[str, Any] | None:
    state, found = cache.get(_name(what, path)) or (None, None)
    return found if found is not None and state == _state(path) else None


def _keep(what: str, path: Path, found: dict[str, Any]) -> None:
    if (state := _state(path)) is not None:
        cache.set(_name(what, path), (state, found), _KEPT)


def _name(what: str, path: Path) -> str:
    return f"known:{what}:{path.name}"


def _state(path: Path) -> tuple[str, str, files.State] | None:
    state = files.state_of(path)
    return None if state is None else (machinery.stamp(), machinery.readers(), state)
