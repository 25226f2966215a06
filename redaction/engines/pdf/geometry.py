"""Boxes and matrices: from a page's own space (origin bottom left, before Rotate) to the page as displayed.

A box is (x0, y0, x1, y1) with x0 <= x1 and y0 <= y1. A matrix is PDF's (a, b, c, d, e, f).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

Box = tuple[float, float, float, float]
Matrix = tuple[float, float, float, float, float, float]

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
EVERYWHERE: Box = (-1e9, -1e9, 1e9, 1e9)

_STRAIGHT = 1e-3  # of a matrix's largest entry: less is not a slant


@dataclass(frozen=True)
class Frame:
    """How a page is shown: its box in its own space, its turn in degrees and its UserUnit."""

    box: Box
    turn: int = 0
    unit: float = 1.0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as displayed, in points."""
        width, height = (self.box[2] - self.box[0]) * self.unit, (self.box[3] - self.box[1]) * self.unit
        return (height, width) if self.turn % 180 else (width, height)

    def displayed(self, box: Box) -> Box:
        """This will carry a box from the page's own space to points from the top left as displayed."""
        (x0, y0, x1, y1), (left, bottom, right, top) = box, self.box
        a, b, c, d = {
            0: (x0 - left, top - y1, x1 - left, top - y0),
            90: (y0 - bottom, x0 - left, y1 - bottom, x1 - left),
            180: (right - x1, y0 - bottom, right - x0, y1 - bottom),
            270: (top - y1, right - x1, top - y0, right - x0),
        }[self.turn]
        return a * self.unit, b * self.unit, c * self.unit, d * self.unit

    def own(self, box: Box) -> Box:
        """This will carry a box as displayed back to the page's own space."""
        x0, y0, x1, y1 = (edge / self.unit for edge in box)
        left, bottom, right, top = self.box
        return {
            0: (left + x0, top - y1, left + x1, top - y0),
            90: (left + y0, bottom + x0, left + y1, bottom + x1),
            180: (right - x1, bottom + y0, right - x0, bottom + y1),
            270: (right - y1, top - x1, right - y0, top - x0),
        }[self.turn]


def times(first: Matrix, second: Matrix) -> Matrix:
    """This will give the matrix that applies ``first``, then ``second``."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = second
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def inverse(matrix: Matrix) -> Matrix | None:
    """This will give the matrix that undoes another, or None where nothing can."""
    a, b, c, d, e, f = matrix
    ground = a * d - b * c
    if abs(ground) < 1e-12:
        return None
    p, q, r, s = d / ground, -b / ground, -c / ground, a / ground
    return p, q, r, s, -(e * p + f * r), -(e * q + f * s)


def point(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def carry(matrix: Matrix, box: Box) -> Box:
    """This will give the smallest box around a box carried by a matrix."""
    a, b, c, d, e, f = matrix
    x0, y0, x1, y1 = box
    if b == 0 == c:
        left, right, low, high = a * x0 + e, a * x1 + e, d * y0 + f, d * y1 + f
        return min(left, right), min(low, high), max(left, right), max(low, high)
    xs = (a * x0 + c * y0, a * x1 + c * y0, a * x0 + c * y1, a * x1 + c * y1)
    ys = (b * x0 + d * y0, b * x1 + d * y0, b * x0 + d * y1, b * x1 + d * y1)
    return min(xs) + e, min(ys) + f, max(xs) + e, max(ys) + f


def is_straight(matrix: Matrix) -> bool:
    """Whether boxes stay boxes: turned by quarters at most."""
    a, b, c, d, _, _ = matrix
    limit = _STRAIGHT * max(abs(a), abs(b), abs(c), abs(d))
    return (abs(b) <= limit and abs(c) <= limit) or (abs(a) <= limit and abs(d) <= limit)


def scale(matrix: Matrix) -> float:
    """This will give by how much a matrix enlarges lengths, in the mean."""
    a, b, c, d, _, _ = matrix
    return math.sqrt(abs(a * d - b * c))


def meets(first: Box, second: Box) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def within(inner: Box, outer: Box, slack: float = 0.0) -> bool:
    return (
        inner[0] >= outer[0] - slack
        and inner[1] >= outer[1] - slack
        and inner[2] <= outer[2] + slack
        and inner[3] <= outer[3] + slack
    )


def common(first: Box, second: Box) -> Box:
    """This will give what two boxes share; a box without extent where they share nothing."""
    x0, y0 = max(first[0], second[0]), max(first[1], second[1])
    return x0, y0, max(x0, min(first[2], second[2])), max(y0, min(first[3], second[3]))


def extent(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def around(boxes: Iterable[Box]) -> Box:
    """This will give the smallest box around others, of which there is at least one."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def without(box: Box, areas: Iterable[Box]) -> list[Box]:
    """This will give the parts of a box that lie in none of the areas, as few as can be."""
    parts = [box]
    for area in areas:
        parts = [piece for part in parts for piece in _without_one(part, area)]
    return parts


def _without_one(box: Box, area: Box) -> list[Box]:
    if not meets(box, area):
        return [box]
    x0, y0, x1, y1 = box
    low, high = max(y0, area[1]), min(y1, area[3])
    pieces = [(x0, y0, x1, low), (x0, high, x1, y1), (x0, low, area[0], high), (area[2], low, x1, high)]
    return [piece for piece in pieces if piece[2] - piece[0] > 1e-6 and piece[3] - piece[1] > 1e-6]


def figure(value: float) -> str:
    """This will write a number as PDF reads it: seven significant digits, never an exponent."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    if abs(value) < 1e-3:
        text = f"{value:.9f}"
    elif abs(value) < 1e6:
        text = f"{value:.{max(1, 7 - len(str(int(abs(value)))))}f}"
    else:
        text = f"{value:.1f}"
    text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def figures(values: Iterable[float]) -> str:
    return " ".join(figure(value) for value in values)
