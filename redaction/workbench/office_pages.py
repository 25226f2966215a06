"""Where the pages made of an office file lie while somebody works on it (decision 0040).

LibreOffice takes seconds, so its pages are kept for the record beside the segments of films, in a folder for
the portal alone that goes when the record is destroyed; what nobody has looked at for an hour goes before, by
a sweep.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings

from redaction.leaves import keeping
from redaction.plans import spreading
from requests_app.custody.models import ResponsiveRecord

KEPT = timedelta(hours=1)
_NAME = "pages-{}.pdf"


def place_of(record: ResponsiveRecord, hidden: Sequence[Mapping[str, Any]], *, at: datetime) -> Path:
    """This will give the place of a record's pages with some decisions on what is hidden, made or not.

    Looking at them keeps them.
    """
    decided = sorted((str(row.get("item")), str(row.get("action"))) for row in hidden if _holds(row))
    name = hashlib.sha256(json.dumps([version("pikepdf"), decided]).encode()).hexdigest()[:24]
    place = spreading.folder_of(record) / _NAME.format(name)
    with suppress(FileNotFoundError):
        os.utime(place, (at.timestamp(), at.timestamp()), follow_symlinks=False)
    return place


def forget(*, at: datetime) -> int:
    """This will remove pages nobody has looked at for ``KEPT`` and say how many; they can be made again."""
    oldest, gone = (at - KEPT).timestamp(), 0
    root = Path(settings.DATA_DIR) / "segments"
    for place in (*root.glob("*/*/" + _NAME.format("*") + "*"), *root.glob(f"*/*/{keeping.FOLDER}*")):
        with suppress(FileNotFoundError):  # another process may be at it too
            if place.lstat().st_mtime < oldest:
                _remove(place)
                gone += 1
    return gone


def _remove(place: Path) -> None:
    """A folder is what a process left that died while it made pages."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
    else:
        place.unlink()


def _holds(mark: Mapping[str, Any]) -> bool:
    return mark.get("decision") != "rejected"
