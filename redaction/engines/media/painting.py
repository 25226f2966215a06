"""Painting over pictures: planes of 8-bit 4:2:0 in displayed orientation, boxes grown outward to even pixels.

Order matters: a mosaic painted after a black box opens it again, so black comes last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from redaction.marks import Mark, Marks

BLACK = (16, 128, 128)  # Y, U, V in limited range
CELLS = 5  # a mosaic's longer side has at most this many blocks
SMALLEST_BLOCK = 8  # pixels
SMALLEST_BLACK = 16  # pixels
SAME_TIME = 1e-6  # seconds
_ORDER = {"blur": 0, "mosaic": 1, "solid": 2}

Plane = NDArray[np.uint8]


@dataclass(frozen=True)
class Box:
    """Pixels, right and bottom excluded, all even."""

    left: int
    top: int
    right: int
    bottom: int


def in_order(marks: Marks) -> tuple[Mark, ...]:
    """This will give the regions and frames in the order they must be painted."""
    return tuple(sorted(marks.of("region", "frame"), key=lambda mark: _ORDER[mark["style"]]))


def is_shown(mark: Mark, start: float, end: float) -> bool:
    """This will tell whether a picture on screen from ``start`` to ``end`` is seen while a mark holds.

    Not only pictures that begin inside it: with a changing frame rate one may stay on for seconds.
    """
    return bool(start < mark["end"] - SAME_TIME and end > mark["start"] + SAME_TIME)


def are_shown(mark: Mark, starts: NDArray[np.float64], ends: NDArray[np.float64]) -> NDArray[np.bool_]:
    """This will answer :func:`is_shown` for many pictures at once."""
    shown: NDArray[np.bool_] = (starts < mark["end"] - SAME_TIME) & (ends > mark["start"] + SAME_TIME)
    return shown


def rect_at(keyframes: Sequence[dict[str, Any]], time: float) -> tuple[float, float, float, float]:
    """This will give x, y, width, height as fractions: linear between keyframes, held outside them."""
    times = [frame["t"] for frame in keyframes]
    x, y, w, h = (
        float(np.interp(time, times, [frame["rect"][axis] for frame in keyframes])) for axis in range(4)
    )
    return x, y, w, h


def box_at(mark: Mark, time: float, width: int, height: int) -> Box:
    """This will give the pixels to paint in a displayed picture of ``width`` by ``height`` pixels."""
    if mark.kind == "frame":
        return Box(0, 0, width + width % 2, height + height % 2)
    x, y, w, h = rect_at(mark["keyframes"], time)
    left, right = _outward(x * width, (x + w) * width, width)
    top, bottom = _outward(y * height, (y + h) * height, height)
    if mark["style"] == "solid":
        left, right = _grown(left, right, width)
        top, bottom = _grown(top, bottom, height)
    return Box(left, top, right, bottom)


def _grown(low: int, high: int, size: int) -> tuple[int, int]:
    """An encoder smears a spot of fewer pixels until it is no longer black."""
    even = size + size % 2
    missing = max(0, min(SMALLEST_BLACK, even) - (high - low))
    first = max(0, min(low - missing // 4 * 2, even - (high - low) - missing))
    return first, first + (high - low) + missing


def _outward(low: float, high: float, size: int) -> tuple[int, int]:
    even = size + size % 2
    first = min(max(floor(round(low, 4) / 2) * 2, 0), even - 2)
    last = min(max(ceil(round(high, 4) / 2) * 2, first + 2), even)
    return first, last


def paint(planes: Sequence[Plane], box: Box, style: str) -> None:
    """This will cover a box in the three planes of one picture, in place."""
    block = block_of(box)
    for number, plane in enumerate(planes):
        half = 1 if number == 0 else 2
        area = plane[box.top // half : box.bottom // half, box.left // half : box.right // half]
        if style == "solid":
            area[:] = BLACK[number]
        elif style == "mosaic":
            area[:] = _mosaic(area, block // half)
        else:
            area[:] = _blur(area, block // half)


def block_of(box: Box) -> int:
    """This will give the even side in pixels of a mosaic's blocks: a fifth of the longer side or more."""
    longest = max(box.right - box.left, box.bottom - box.top)
    return max(ceil(longest / CELLS / 2) * 2, SMALLEST_BLOCK)


def _means(area: Plane, block: int) -> NDArray[np.float64]:
    rows, columns = np.arange(0, area.shape[0], block), np.arange(0, area.shape[1], block)
    sums = np.add.reduceat(np.add.reduceat(area.astype(np.uint32), rows, axis=0), columns, axis=1)
    heights = np.diff(np.append(rows, area.shape[0]))
    widths = np.diff(np.append(columns, area.shape[1]))
    means: NDArray[np.float64] = sums / np.outer(heights, widths)
    return means


def _mosaic(area: Plane, block: int) -> Plane:
    means = np.rint(_means(area, block)).astype(np.uint8)
    big = means.repeat(block, axis=0).repeat(block, axis=1)
    return big[: area.shape[0], : area.shape[1]]


def _blur(area: Plane, block: int) -> Plane:
    """The mosaic's means, joined smoothly: no finer detail is left than the mosaic has."""
    means = _means(area, block)
    down = _weights(area.shape[0], block, means.shape[0])
    across = _weights(area.shape[1], block, means.shape[1])
    smooth: Plane = np.rint(down @ means @ across.T).astype(np.uint8)
    return smooth


def _weights(length: int, block: int, cells: int) -> NDArray[np.float64]:
    centres = np.minimum(np.arange(cells) * block + block / 2, length) - 0.5
    eye = np.eye(cells)
    return np.stack([np.interp(np.arange(length), centres, eye[cell]) for cell in range(cells)], axis=1)
