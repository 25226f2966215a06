"""Looks at a flight log from outside, each from within a child: its track, its points, what marks make of it.

What is shown of marks is the engine's own result, written and read back, so that a preview can say nothing
else than a release will. Nothing here is kept: a preview is not verified and never leaves.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from redaction import glances
from redaction.marks import Marks
from redaction.report import Refused

DRAWN = 20_000  # points of one log that a browser is sent to draw
PAGE = 50  # points of one page of the table
PATIENCE = 60.0  # seconds somebody waits at a page

# what takes long to load; loaded once for all children of this process
WARM = (
    "shapely", "redaction.engines.flight.release", "redaction.engines.flight.pictures",
    "redaction.engines.flight.showing",
)  # fmt: skip


def track(path: Path, marks: Marks | None = None, *, most: int = DRAWN) -> dict[str, Any]:
    """This will give the positions of a log to be drawn, ``most`` of them, with launch, landing and fields.

    Fences of ``marks`` settle an old spelling that leaves open which number is the longitude.

    :raises Refused: with why, and what to do, for a log that cannot be read or holds no position.
    """
    return _call("charted", path, marks, most=most)


def points(path: Path, start: int, marks: Marks | None = None, *, count: int = PAGE) -> dict[str, Any]:
    """This will give ``count`` points of a log from number ``start`` (from 0) as they were recorded.

    :raises Refused: as :func:`track` does.
    """
    return _call("listed", path, marks, start=start, count=count)


def outcome(path: Path, marks: Marks, suffix: str, *, most: int = DRAWN) -> dict[str, Any]:
    """This will run the engine on these marks and give what is left, what was cut by which, and the map.

    ``suffix`` is that of the file the release would hold.

    :raises MarksError: for a mark that does not fit, and for a fence that crosses itself.
    :raises Refused: when nothing is left or the log cannot be read.
    """
    return _call("rendered", path, marks.effective, suffix=suffix, most=most)


def _call(name: str, path: Path, marks: Marks | None, **arguments: Any) -> dict[str, Any]:
    said = glances.take(
        f"redaction.engines.flight.showing:{name}",
        path,
        {"path": str(path.absolute()), "marks": _entries(marks), **arguments},
        rooms=["flight"],
        seconds=PATIENCE,
        warm=WARM,
    )
    if not isinstance(said, dict):
        raise Refused("the look at this flight gave no answer")
    return said


def _entries(marks: Marks | None) -> Mapping[str, Any] | None:
    """The marks a preview can show: what withholds the log whole leaves nothing to be drawn."""
    if marks is None:
        return None
    ids = {mark.id for mark in marks.effective}
    entries = [entry for entry in marks.raw["marks"] if entry["id"] in ids and entry["kind"] != "withhold"]
    return {**marks.raw, "marks": entries}
