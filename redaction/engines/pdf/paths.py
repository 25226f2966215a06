"""Drawn paths against black areas: what ends under an area is cut off there, or the page becomes a picture.

A shading that fills an area from edge to edge says nothing of what is hidden; a line or a corner in it may.
"""

from dataclasses import dataclass, field
from itertools import pairwise

from redaction.engines.pdf.geometry import (
    Box,
    Matrix,
    around,
    carry,
    figures,
    inverse,
    is_straight,
    meets,
    point,
    within,
    without,
)
from redaction.engines.pdf.layers import Unsure

FILLS = ("f", "F", "f*", "B", "B*", "b", "b*")
STROKES = ("S", "s", "B", "B*", "b", "b*")

_EDGE = 0.02  # points; a corner this near to an area's edge is on it


@dataclass
class Piece:
    """One subpath: its operators as text, its corners in the page's space, the boxes of its curves."""

    lines: list[str] = field(default_factory=list)
    corners: list[tuple[float, float]] = field(default_factory=list)
    curves: list[Box] = field(default_factory=list)
    closed: bool = False

    def box(self) -> Box:
        return around([(x, y, x, y) for x, y in self.corners] + self.curves)

    def rectangle(self) -> Box | None:
        """This will give the box that the subpath is, if it is one."""
        corners = self.corners[:-1] if self.corners[-1:] == self.corners[:1] else self.corners
        if self.curves or len(corners) != 4:
            return None
        (x0, y0, x1, y1), near = self.box(), _EDGE / 4
        on_corner = all(min(x - x0, x1 - x) < near and min(y - y0, y1 - y) < near for x, y in corners)
        return (
            (x0, y0, x1, y1)
            if on_corner and len({(x > x0 + near, y > y0 + near) for x, y in corners}) == 4
            else None
        )


@dataclass
class Path:
    """A path under construction."""

    pieces: list[Piece] = field(default_factory=list)

    def add(self, operator: str, values: list[float], text: str, matrix: Matrix) -> None:
        """This will take one construction operator; ``text`` is how it is written.

        :raises Unsure: when it has the wrong number of operands or no point to go on from.
        """
        count = {"m": 2, "l": 2, "c": 6, "v": 4, "y": 4, "h": 0, "re": 4}[operator]
        if len(values) != count:
            raise Unsure("a drawing of an unknown form")
        if operator in ("m", "re"):
            self.pieces.append(Piece())
        elif not self.pieces:
            raise Unsure("a drawing without a beginning")
        piece = self.pieces[-1]
        if piece.closed and operator != "h":  # after a rectangle or a close a new subpath begins at its start
            start = piece.corners[0]
            undone = inverse(matrix)
            if undone is None:
                raise Unsure("a drawing of an unknown form")
            piece = Piece([f"{figures(point(undone, *start))} m"], [start])
            self.pieces.append(piece)
        piece.lines.append(text)
        if operator == "re":
            x, y, w, h = values
            piece.corners = [point(matrix, *at) for at in ((x, y), (x + w, y), (x + w, y + h), (x, y + h))]
            piece.closed = True
        elif operator == "h":
            piece.closed = True
        elif operator in ("m", "l"):
            piece.corners.append(point(matrix, *values))
        else:
            points = [point(matrix, *values[i : i + 2]) for i in range(0, count, 2)]
            ends = [piece.corners[-1], *points]
            piece.curves.append(around((x, y, x, y) for x, y in ends))
            piece.corners.append(points[-1])

    def box(self) -> Box | None:
        return around(piece.box() for piece in self.pieces) if self.pieces else None

    def text(self) -> list[str]:
        return [line for piece in self.pieces for line in piece.lines]

    def rectangles(self) -> list[Box] | None:
        """This will give the boxes that the path is made of, or None where it is more than boxes."""
        boxes = [piece.rectangle() for piece in self.pieces]
        return [box for box in boxes if box is not None] if all(boxes) else None

    def has_curves(self) -> bool:
        return any(piece.curves for piece in self.pieces)

    def painted(self, operator: str, areas: list[Box], matrix: Matrix) -> list[str]:
        """This will write the path and its painting operator, without what lies under the areas.

        :raises Unsure: when it cannot be cut.
        """
        lines: list[str] = []
        cut: list[str] = []
        for piece in self.pieces:
            box = piece.box()
            near = [area for area in areas if meets(_fat(box), area)]
            if not near or not _ends_under(piece, near, filled=operator in FILLS):
                lines += piece.lines
            elif not any(within(box, area, _EDGE) for area in near):
                cut += _cut(piece, operator, near, matrix)
        return [*lines, operator, *cut] if lines else cut


def clip(path: Path, areas: list[Box], matrix: Matrix) -> tuple[list[str], Box]:
    """This will write a clipping path so that none of its edges tells where something under an area ends.

    :raises Unsure: when it is not a box and has corners under an area.
    """
    box = path.box()
    if box is None:
        return [], (0, 0, 0, 0)
    near = [area for area in areas if meets(_fat(box), area)]
    if not any(_ends_under(piece, near, filled=True) for piece in path.pieces):
        return path.text(), box
    found = path.rectangles()
    undone = inverse(matrix)
    if any(within(box, area, _EDGE) for area in near):
        return path.text(), box
    if not found or len(found) != 1 or undone is None or not is_straight(matrix):
        raise Unsure("a drawing's edge under a black area")
    x0, y0, x1, y1 = box
    for left, low, right, high in near:
        x0 = left if left < x0 < right else x0
        x1 = right if left < x1 < right else x1
        y0 = low if low < y0 < high else y0
        y1 = high if low < y1 < high else y1
    return [_rectangle((x0, y0, x1, y1), undone)], (x0, y0, x1, y1)


def _fat(box: Box) -> Box:
    """A line has no extent of its own, and would meet nothing."""
    return box[0] - 1e-3, box[1] - 1e-3, box[2] + 1e-3, box[3] + 1e-3


def _ends_under(piece: Piece, areas: list[Box], *, filled: bool) -> bool:
    """Whether an edge of a subpath runs through an area or ends in it."""
    if any(meets(_fat(curve), area) for curve in piece.curves for area in areas):
        return True
    corners = [*piece.corners, piece.corners[0]] if filled or piece.closed else piece.corners
    sides = [around(((*first, *first), (*last, *last))) for first, last in pairwise(corners)]
    for x0, y0, x1, y1 in areas:
        inner = x0 + _EDGE, y0 + _EDGE, x1 - _EDGE, y1 - _EDGE
        if any(meets(_fat(side), inner) for side in sides):
            return True
    return False


def _cut(piece: Piece, operator: str, areas: list[Box], matrix: Matrix) -> list[str]:
    undone = inverse(matrix)
    if undone is None or not is_straight(matrix) or piece.curves:
        raise Unsure("a drawing under a black area")
    out: list[str] = []
    box = piece.rectangle()
    if operator in FILLS:
        if box is None:
            raise Unsure("a drawing under a black area")
        out += [_rectangle(part, undone) for part in without(box, areas)]
        out += ["f"] if out else []
    if operator in STROKES:
        corners = list(piece.corners)
        if piece.closed or operator in ("s", "b", "b*"):
            corners.append(corners[0])
        kept = [line for first, last in pairwise(corners) for line in _left(first, last, areas)]
        for x0, y0, x1, y1 in kept:
            out += [f"{figures(point(undone, x0, y0))} m", f"{figures(point(undone, x1, y1))} l"]
        out += ["S"] if kept else []
    return out


def _left(first: tuple[float, float], last: tuple[float, float], areas: list[Box]) -> list[Box]:
    """The parts of a level or upright line outside the areas."""
    (x0, y0), (x1, y1) = sorted((first, last))
    level = abs(y1 - y0) < _EDGE
    if not level and abs(x1 - x0) >= _EDGE:
        raise Unsure("a drawing under a black area")
    spans = [(x0, x1)] if level else [(min(y0, y1), max(y0, y1))]
    for area in areas:
        across, start, end = (y0, area[0], area[2]) if level else (x0, area[1], area[3])
        low, high = (area[1], area[3]) if level else (area[0], area[2])
        if low < across < high:
            spans = [
                part
                for a, b in spans
                for part in ((a, min(b, start)), (max(a, end), b))
                if part[1] - part[0] > 1e-6
            ]
    return [(a, y0, b, y0) if level else (x0, a, x0, b) for a, b in spans]


def _rectangle(box: Box, undone: Matrix) -> str:
    x0, y0, x1, y1 = carry(undone, box)
    return f"{figures((x0, y0, x1 - x0, y1 - y0))} re"
