"""Which marks of one picture, page or film are open in another that looks the same. Pure arithmetic.

Two that look the same are laid over each other whole: pictures and films as fractions of their sides and
length, pages in points. What is told so is a reason to look at both, never a proof that they agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redaction.engines.media.painting import rect_at
from redaction.marks import Mark, Marks

MOST = 400  # marks of one side that are laid over the other's; more are told by their number alone
_GRID = 10  # points across and down each place that are looked at
_ENOUGH = 0.6  # share of a place that is covered: two people draw the same face in two sizes
_INSTANTS = 40  # moments of a span that are looked at
_SLIP = 0.5  # seconds two copies of a film may be apart
_MISSED = 2  # moments of those that may be open: where the spans begin and end
_SEEN = {"picture": ("box",), "page": ("box", "page"), "film": ("region", "frame", "cut", "mute")}
_ALL = "withhold"  # the whole item
_WHOLE = (0.0, 0.0, 1.0, 1.0)

Rects = NDArray[np.float64]


@dataclass(frozen=True)
class Side:
    """One of the two: its marks, and how large or long it is. ``shape`` is empty where nobody measured it.

    ``page`` counts for kind ``page`` only. Width and height are pixels; a film has its seconds.
    """

    marks: Marks
    kind: str
    page: int = 1
    shape: Sequence[float] = ()

    @property
    def places(self) -> list[Mark]:
        """What it withholds of what is seen (and, of a film, heard by its time), in file order."""
        found = self.marks.of(*_SEEN[self.kind], _ALL)
        return [
            mark
            for mark in found
            if mark.kind == _ALL
            or (mark["page"] == self.page if self.kind == "page" else mark.get("start", 0) is not None)
        ]


def open_places(one: Side, other: Side) -> list[Mark] | None:
    """This will give the places of one side that the other leaves open, or covers only in part.

    None when that cannot be told: a side was never measured, or there are too many marks.
    """
    mine, theirs = one.places, other.places
    if other.marks.withheld or not mine:
        return []
    if not theirs or one.marks.withheld:
        return mine
    if max(len(mine), len(theirs)) > MOST or (one.kind != "page" and not (one.shape and other.shape)):
        return None
    if one.kind == "film":
        pace = other.shape[0] / one.shape[0]
        return [mark for mark in mine if _is_open_in_film(mark, theirs, pace)]
    return [mark for mark in mine if _is_open_in_picture(mark, theirs, one, other)]


def _is_open_in_picture(mark: Mark, theirs: Sequence[Mark], one: Side, other: Side) -> bool:
    if any(their.kind == "page" for their in theirs):
        return False
    if mark.kind == "page":
        return True  # a page withheld whole is not made up for by boxes
    scale = (1.0, 1.0) if one.kind == "page" else _scale(one.shape, other.shape)
    x0, y0, x1, y1 = mark["rect"]
    points = _points(np.array([[x0 * scale[0], y0 * scale[1], x1 * scale[0], y1 * scale[1]]]))
    covered = np.zeros(points.shape[:2], bool)
    for their in theirs:
        covered |= _inside(points, np.array([their["rect"]], float))
    return bool(covered.mean() < _ENOUGH)


def _scale(one: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    return other[0] / one[0], other[1] / one[1]


def _is_open_in_film(mark: Mark, theirs: Sequence[Mark], pace: float) -> bool:
    step = (mark["end"] - mark["start"]) / _INSTANTS
    times = mark["start"] + step * (np.arange(_INSTANTS) + 0.5)
    there = times * pace
    near = [row for row in theirs if row["start"] < there[-1] + _SLIP and row["end"] > there[0] - _SLIP]
    shut = np.zeros(_INSTANTS, bool)
    for slip in (-_SLIP, 0.0, _SLIP):
        shut |= _covered(mark, times, near, there + slip)
    return int((~shut).sum()) > _MISSED


def _covered(mark: Mark, times: Rects, theirs: Sequence[Mark], there: Rects) -> NDArray[np.bool_]:
    """At which moments enough of a mark is covered. A mute is made up for by what silences, the rest by
    what is seen no more; a cut by another cut, or by both."""
    seen, heard = np.zeros((len(times), _GRID * _GRID), bool), np.zeros(len(times), bool)
    points = _points(_rects(mark, times))
    for row in theirs:
        on = (there >= row["start"]) & (there < row["end"])
        if row.kind in ("mute", "cut"):
            heard |= on
        if row.kind != "mute":
            seen |= on[:, None] & _inside(points, _rects(row, there))
    enough: NDArray[np.bool_] = seen.mean(axis=1) >= _ENOUGH
    if mark.kind == "mute":
        return heard
    return enough & heard if mark.kind == "cut" else enough


def _rects(mark: Mark, times: Rects) -> Rects:
    """Left, top, right and bottom at each moment, as fractions."""
    if mark.kind != "region":
        return np.tile(np.array(_WHOLE), (len(times), 1))
    found = np.array([rect_at(mark["keyframes"], float(time)) for time in times])
    found[:, 2:] += found[:, :2]
    return found


def _points(rects: Rects) -> Rects:
    """Points spread over each of some rectangles: rectangle, point, x and y."""
    steps = (np.arange(_GRID) + 0.5) / _GRID
    across, down = (grid.ravel() for grid in np.meshgrid(steps, steps))
    x = rects[:, [0]] + (rects[:, [2]] - rects[:, [0]]) * across
    y = rects[:, [1]] + (rects[:, [3]] - rects[:, [1]]) * down
    return np.stack((x, y), axis=2)


def _inside(points: Rects, rects: Rects) -> NDArray[np.bool_]:
    x, y = points[..., 0], points[..., 1]
    left, top, right, bottom = (rects[:, [side]] for side in range(4))
    held: NDArray[np.bool_] = (x >= left) & (x <= right) & (y >= top) & (y <= bottom)
    return held
