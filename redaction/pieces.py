"""The work on a long film in pieces, so that several workers, on several machines, share it.

Finished pieces lie in a folder under keys made of what they hold; :func:`redaction.pipeline.redact` takes the
same folder as ``cache`` and only joins what is there.
"""

import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redaction import indexes
from redaction.children import Children
from redaction.indexes import Index
from redaction.marks import Marks

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Piece:
    """A part of a film that can be rendered by itself: how many seconds of it, and whether it is there."""

    key: str
    seconds: float
    done: bool


def survey(
    source: Path, marks: Marks, cache: Path, *, index: Index | None = None, contained: bool = True
) -> list[Piece]:
    """This will list the pieces a film must be rendered in, in order.

    ``index`` is what is kept of the film: it is neither hashed nor scanned anew.

    :raises MarksError: for a mark that does not fit the film.
    :raises Refused: when the film cannot be processed safely.
    """
    arguments = {"source": str(source.absolute()), "marks": _seen(marks), **_scan(index)}
    with tempfile.TemporaryDirectory(prefix="daylight-pieces-") as scratch:
        children = Children(source.absolute(), {}, Path(scratch), contained=contained, seconds=None)
        found = children.run("survey", arguments, reads=indexes.aid_of(index, indexes.SCAN).values())
    return [
        Piece(row["key"], row["end"] - row["start"], (cache / f"{row['key']}.part").is_file())
        for row in found
    ]


def render(
    source: Path,
    marks: Marks,
    keys: Collection[str],
    cache: Path,
    *,
    index: Index | None = None,
    progress: Progress | None = None,
    contained: bool = True,
) -> int:
    """This will render pieces into ``cache``, but for those that are there whole; how many it made.

    ``index`` as for :func:`survey`.

    :raises Refused: when a key is not of this film and these marks, or a piece cannot be rendered.
    """
    aids = {"cache": cache.absolute()}
    arguments = {
        "source": str(source.absolute()),
        "marks": _seen(marks),
        "keys": list(keys),
        "aids": {"cache": str(cache.absolute()), **_scan(index)},
    }
    with tempfile.TemporaryDirectory(prefix="daylight-pieces-") as scratch:
        children = Children(source.absolute(), aids, Path(scratch), contained=contained, seconds=None)
        reads = indexes.aid_of(index, indexes.SCAN).values()
        made: int = children.run("render_segments", arguments, reads=reads, progress=progress)
    return made


def _scan(index: Index | None) -> dict[str, str]:
    return {kind: str(path) for kind, path in indexes.aid_of(index, indexes.SCAN).items()}


def _seen(marks: Marks) -> dict[str, Any]:
    """The marks less the words to mute: those need a transcript, and pieces hold pictures alone."""
    unsaid = {mark.id for mark in marks.of("mute") if mark["literal"] is not None}
    return {**marks.raw, "marks": [entry for entry in marks.raw["marks"] if entry["id"] not in unsaid]}
