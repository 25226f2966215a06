"""Looks into a table from outside, each from within a child: rows before and after, counts, free text.

The web processes call these; the child runs the engine of a release (:mod:`redaction.engines.table.sample`).
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from redaction import glances, limits
from redaction.marks import Marks, parse
from redaction.report import Refused

Progress = Callable[[float, str], None]

WAIT = 25.0  # seconds a person waits before an answer becomes background work
_EXACT = {b"PK\x03\x04": 1, b"PAR1": 8}  # megabytes of a workbook, of Parquet
_EXACT_TEXT = 24
WARM = ("duckdb", "re2", "redaction.engines.table.sample", "redaction.detect.free_text")


def is_small(path: Path) -> bool:
    """This will tell by size and first bytes whether all rows can be counted while a person waits.

    :raises Refused: when the file is not there.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(4)
        return path.stat().st_size <= _EXACT.get(head, _EXACT_TEXT) * limits.MEGABYTE
    except OSError as error:
        raise Refused(f"{path.name} cannot be read: {error.strerror}") from error


def count(
    path: Path,
    marks: Marks,
    *,
    key: str,
    plates: Sequence[str] = (),
    seconds: float | None = WAIT,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """This will say what becomes of the whole table, as ``sample.Count`` in JSON values.

    ``key`` makes the pseudonyms of one look; ``seconds`` None gives it all the time a release has.

    :raises MarksError: naming the mark that does not fit.
    :raises Refused: with a sentence, when the table cannot be read or takes longer.
    """
    return _call("counted", path, seconds, progress, marks=dict(marks.raw), key=key, plates=list(plates))


def page(
    path: Path,
    marks: Marks,
    *,
    key: str,
    start: int = 0,
    only: str = "",
    known: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """This will give some rows before and after, as ``sample.Page`` in JSON values.

    ``known`` is what :func:`count` gave for the same marks and key. Without it only the first rows say what
    is a number, and no group is suppressed yet.

    :raises MarksError: naming the mark that does not fit.
    :raises Refused: with a sentence, when the table cannot be read or takes too long.
    """
    return _call(
        "shown",
        path,
        WAIT,
        None,
        marks=dict(marks.raw),
        key=key,
        start=start,
        only=only,
        known=dict(known) if known is not None else None,
    )


def scan(path: Path, *, seconds: float | None = WAIT, progress: Progress | None = None) -> dict[str, Any]:
    """This will look for personal data in every column (see :mod:`redaction.detect.free_text`).

    :raises Refused: with a sentence, when the table cannot be read or takes too long.
    """
    return _call("scanned", path, seconds, progress)


def counted(
    path: str, marks: dict[str, Any], key: str, plates: list[str], progress: Progress | None = None
) -> dict[str, Any]:
    """In the child: what :func:`count` gives."""
    from dataclasses import asdict

    from redaction.engines.table import sample

    return asdict(sample.count(Path(path), parse(marks), key=key, plates=plates, progress=progress))


def shown(
    path: str, marks: dict[str, Any], key: str, start: int, only: str, known: dict[str, Any] | None
) -> dict[str, Any]:
    """In the child: what :func:`page` gives."""
    from dataclasses import asdict

    from redaction.engines.table import sample

    counts = sample.Count(**known) if known is not None else None
    return asdict(sample.page(Path(path), parse(marks), key=key, start=start, only=only, known=counts))


def scanned(path: str, progress: Progress | None = None) -> dict[str, Any]:
    """In the child: what :func:`scan` gives."""
    from redaction.detect import free_text

    return free_text.scan(Path(path), progress=progress)


def _call(
    name: str, path: Path, seconds: float | None, progress: Progress | None, **arguments: Any
) -> dict[str, Any]:
    said = glances.take(
        f"redaction.table_looks:{name}",
        path,
        {"path": str(path.absolute()), **arguments},
        rooms=["table"],
        seconds=seconds,
        warm=WARM,
        progress=progress,
    )
    if not isinstance(said, dict):
        raise Refused("the look into this table gave no answer")
    return said
