"""Which marks of one picture, page or film are open in another that looks the same. Pure arithmetic.

Two that look the same are laid over each other whole: pictures and films as fractions of their sides and
length, pages in points. What is told so is a reason to look at both, never a proof that they agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redaction.marks import Mark, Marks

MOST = 400  # marks of one side that are laid over the other's; more are told by their number alone
_GRID = 10  # points across and down each place that are looked at
_ENOUGH = 0.6  # share of a place that is covered: two people draw the same face in two sizes
_SLIP = 0.5  # seconds two copies of a film may be apart
_SLIPS = (0.0, 0.25, -0.25, 0.5, -0.5)
_TOGETHER = 8  # shifts more, at which spans begin or end together
_SPARE = 1.0  # seconds of a span that may be open in sum, and of a box at a time
_SPARE_BOXES = 5.0  # seconds of a box in sum, for two people carry it along differently
_SHARE = 0.1  # of a span that is shorter than those allow for
_FINE = 0.5  # seconds between two looks at a box that moves
_INSTANTS = 40  # looks at it at least
_MOMENTS = 10_000  # boxes looked at a shift: many at once are looked at seldomer
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
    """Both are laid over each other as one, at the shift that leaves the least open."""
    first, last = mark["start"] * pace - _SLIP, mark["end"] * pace + _SLIP
    near = [row for row in theirs if row["start"] < last and row["end"] > first]
    return not any(_is_shut(mark, near, pace, slip) for slip in _slips(mark, near, pace))


def _slips(mark: Mark, theirs: Sequence[Mark], pace: float) -> list[float]:
    """Seconds by which the other film may be late: some, and those at which spans begin or end together."""
    if _are_boxes(mark, theirs):
        return list(_SLIPS)
    ends = [row[name] - mark[name] * pace for row in theirs for name in ("start", "end")]
    together = sorted((slip for slip in ends if abs(slip) <= _SLIP), key=abs)
    return [*_SLIPS, *together[:_TOGETHER]]


def _are_boxes(mark: Mark, theirs: Sequence[Mark]) -> bool:
    return mark.kind == "region" or any(row.kind == "region" for row in theirs)


def _is_shut(mark: Mark, theirs: Sequence[Mark], pace: float, slip: float) -> bool:
    edges = _edges(mark, theirs, pace, slip)
    lengths, times = np.diff(edges), (edges[:-1] + edges[1:]) / 2
    bare = np.where(_covered(mark, times, theirs, times * pace + slip), 0.0, lengths)
    short = _SHARE * (mark["end"] - mark["start"])
    if not _are_boxes(mark, theirs):
        return bool(bare.sum() <= min(_SPARE, short))
    return bool(bare.sum() <= min(_SPARE_BOXES, short) and _longest(bare) <= _SPARE)


def _edges(mark: Mark, theirs: Sequence[Mark], pace: float, slip: float) -> Rects:
    """Seconds that part a span so that none of theirs begins or ends within a part: what is open is measured,
    not guessed. Boxes move, so that where there are any, the parts are short too."""
    start, end = mark["start"], mark["end"]
    spans = np.array([(row["start"], row["end"]) for row in theirs]).reshape(-1, 2)
    met = np.clip((spans - slip) / pace, start, end)
    edges = [np.array([start, end]), met.ravel()]
    if _are_boxes(mark, theirs):
        at_once = max(1.0, float((met[:, 1] - met[:, 0]).sum()) / (end - start))
        parts = min((end - start) / _FINE, _MOMENTS / at_once)
        edges.append(np.linspace(start, end, max(_INSTANTS, int(parts)) + 1))
    return np.unique(np.concatenate(edges))


def _longest(bare: Rects) -> float:
    """Seconds of the longest stretch; what is covered parts two of them."""
    total = np.cumsum(bare)
    before = np.maximum.accumulate(np.where(bare == 0, total, 0.0))
    return float((total - before).max())


def _covered(mark: Mark, times: Rects, theirs: Sequence[Mark], there: Rects) -> NDArray[np.bool_]:
    """At which moments enough of a mark is covered. A mute is made up for by what silences, the rest by
    what is seen no more; a cut by another cut, or by both."""
    gone, heard = np.zeros(len(times), bool), np.zeros(len(times), bool)
    boxes: list[tuple[Mark, NDArray[np.bool_]]] = []
    for row in theirs:
        on = (there >= row["start"]) & (there < row["end"])
        if row.kind in ("mute", "cut"):
            heard |= on
        if row.kind in ("frame", "cut"):
            gone |= on
        elif row.kind == "region":
            boxes.append((row, on))
    if mark.kind == "mute":
        return heard
    if boxes:
        gone |= _under(mark, times, boxes, there, ~gone)
    return gone & heard if mark.kind == "cut" else gone


def _under(
    mark: Mark,
    times: Rects,
    boxes: Sequence[tuple[Mark, NDArray[np.bool_]]],
    there: Rects,
    asked: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """At which of the moments asked for enough of a mark lies under boxes."""
    points = _points(_rects(mark, times))
    seen = np.zeros(points.shape[:2], bool)
    for row, on in boxes:
        at = np.flatnonzero(on & asked)
        seen[at] |= _inside(points[at], _rects(row, there[at]))
    enough: NDArray[np.bool_] = seen.mean(axis=1) >= _ENOUGH
    return enough


def _rects(mark: Mark, times: Rects) -> Rects:
    """Left, top, right and bottom at each moment, as fractions."""
    if mark.kind != "region":
        return np.tile(np.array(_WHOLE), (len(times), 1))
    frames = mark["keyframes"]
    at = [frame["t"] for frame in frames]
    left, top, wide, high = (
        np.interp(times, at, [frame["rect"][axis] for frame in frames]) for axis in range(4)
    )
    return np.stack((left, top, left + wide, top + high), axis=1)


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
