"""A record's film hashed and read whole once: what is kept of it lies, and goes, with its previews."""

from pathlib import Path

from django.conf import settings

from portal.core import files
from redaction import indexes
from redaction.children import Progress
from redaction.indexes import Hashed, Index
from redaction.marks import Marks
from requests_app.custody.models import Medium, ResponsiveRecord

SMALLEST = 16 * 1024 * 1024  # bytes of a film below which reading it whole takes about a second


def folder_of(record: ResponsiveRecord) -> Path:
    """This will give the folder in which what is made of a film for its own staff lies, made when missing."""
    folder = Path(settings.DATA_DIR) / "previews" / record.sha256[:2] / record.sha256
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def hashed(record: ResponsiveRecord) -> tuple[Path, Hashed]:
    """This will hash a record's bytes now: for whatever leads to a release.

    :raises Corrupt: when they are not what was taken in.
    """
    state = _state_of(record)
    path = files.require_intact(files.Stored.of(record))
    return path, Hashed(record.sha256, state)


def hashed_before(record: ResponsiveRecord) -> tuple[Path, Hashed]:
    """This will do as :func:`hashed`, but bytes that were hashed in the state they are in are not read.

    For work that a release never rests on alone.

    :raises Corrupt: when they are not what was taken in.
    """
    state = _state_of(record)
    path = files.require_once_intact(files.Stored.of(record))
    return path, Hashed(record.sha256, state)


def is_worth_it(record: ResponsiveRecord) -> bool:
    """This will tell whether anything is kept of a record at all."""
    return record.medium == Medium.VIDEO and record.size >= SMALLEST


def kept(
    record: ResponsiveRecord, original: Path, known: Hashed, marks: Marks, progress: Progress | None = None
) -> Index | None:
    """This will give what is kept of a record's film, made first when missing; None where it is not worth it.

    :raises RedactionError: when the film cannot be read, or a chosen track is not there.
    """
    if not is_worth_it(record) or marks.effective.withheld:
        return None
    return indexes.kept(original, known, marks, folder_of(record), progress=progress)


def _state_of(record: ResponsiveRecord) -> tuple[int, ...]:
    try:
        return indexes.state_of(files.path_of(record.address))
    except FileNotFoundError:
        return ()  # whoever hashes it next says so
