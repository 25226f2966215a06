"""Is a box of a decoded picture really covered? Measured on the pixels, with own arithmetic.

A black box must be flat and black. A mosaic must be flat within its blocks; a blur must be a smooth surface
through one value a block. What is left after the best such surface is taken away is detail: in an area that
was not covered that is the face or the letters, in a covered one only the encoder's noise.
"""

from functools import lru_cache
from math import ceil, floor
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from redaction.marks import Mark

Floats = NDArray[np.float64]
Frame = NDArray[np.uint8]
Area = tuple[int, int, int, int]  # left, top, right, bottom in pixels

LUMA_OFF = 8.0  # levels the mean may be off black: an encoder spends little on a box of few pixels
CHROMA_OFF = 8.0  # levels
LUMA_FAR = 24.0  # levels from black that count as something bright
BRIGHT_SHARE = 0.002  # of a black box's pixels
BRIGHT_FEW = 4  # pixels, which a letter would pass
DETAIL = 6.0  # levels, root mean square over the box
SMALL = 16  # pixels of a box's shorter side
DETAIL_SMALL = 10.0  # levels, in a small box
DETAIL_CELL = 15.0  # levels, root mean square in one block
_FIT_ROUNDS = 40


def exact_rect(mark: Mark, time: float, width: int, height: int) -> tuple[float, float, float, float]:
    """This will give a mark's box at a time as left, top, right, bottom in fractional pixels."""
    if mark.kind == "frame":
        return 0.0, 0.0, float(width), float(height)
    frames = mark["keyframes"]
    before = [frame for frame in frames if frame["t"] <= time]
    after = [frame for frame in frames if frame["t"] > time]
    low, high = (before or after)[-1 if before else 0], (after or before)[0 if after else -1]
    share = (time - low["t"]) / (high["t"] - low["t"]) if high["t"] > low["t"] else 0.0
    x, y, w, h = (a + (b - a) * share for a, b in zip(low["rect"], high["rect"], strict=True))
    return x * width, y * height, (x + w) * width, (y + h) * height


def inside(rect: tuple[float, float, float, float]) -> Area:
    """This will give the whole pixels within a box; at least one."""
    left, top, right, bottom = rect
    first, upper = ceil(left + 0.5), ceil(top + 0.5)
    return first, upper, max(first + 1, floor(right - 0.5)), max(upper + 1, floor(bottom - 0.5))


def outside(rect: tuple[float, float, float, float], width: int, height: int) -> Area:
    """This will give the box that must be painted: grown to even pixels."""
    left, top, right, bottom = (round(value, 4) for value in rect)
    even_width, even_height = width + width % 2, height + height % 2
    first, upper = max(floor(left / 2) * 2, 0), max(floor(top / 2) * 2, 0)
    first, upper = min(first, even_width - 2), min(upper, even_height - 2)
    last = max(min(ceil(right / 2) * 2, even_width), first + 2)
    lower = max(min(ceil(bottom / 2) * 2, even_height), upper + 2)
    return first, upper, last, lower


def is_black(planes: list[Frame], area: Area) -> bool:
    """This will tell whether a box is flat black in all three planes (limited range)."""
    left, top, right, bottom = area
    luma = planes[0][top:bottom, left:right]
    if abs(float(luma.mean()) - 16) > LUMA_OFF:
        return False
    if luma.max() > 16 + LUMA_FAR:
        bright = int((luma > 16 + LUMA_FAR).sum())
        if bright > max(BRIGHT_SHARE * luma.size, BRIGHT_FEW):
            return False
    for plane in planes[1:]:
        chroma = plane[top // 2 : max(bottom // 2, top // 2 + 1), left // 2 : max(right // 2, left // 2 + 1)]
        if abs(float(chroma.mean()) - 128) > CHROMA_OFF:
            return False
    return True


def is_coarse(luma: Frame, area: Area, style: str, hidden: NDArray[np.bool_] | None = None) -> bool:
    """This will tell whether a box holds no finer detail than its blocks.

    ``hidden`` marks the pixels of the box that something painted later covers; they are not judged.
    """
    left, top, right, bottom = area
    if style == "mosaic" and hidden is None:
        return _is_flat_in_blocks(luma[top:bottom, left:right], area)
    values: Floats = luma[top:bottom, left:right].astype(np.float64)
    block = _block(area)
    down = _surface(values.shape[0], block, style)
    across = _surface(values.shape[1], block, style)
    judged = np.ones(values.shape, dtype=bool) if hidden is None else ~hidden
    if judged.mean() < 0.02:
        return True
    if not judged.all():
        values[~judged] = values[judged].mean()
        for _ in range(_FIT_ROUNDS):
            values[~judged] = _fitted(values, down, across)[~judged]
    left_over = np.square(values - _fitted(values, down, across))
    if np.sqrt(left_over[judged].mean()) > _limit(area):
        return False
    rows, columns = np.arange(0, values.shape[0], block), np.arange(0, values.shape[1], block)
    total = _cells(np.where(judged, left_over, 0.0), rows, columns)
    count = _cells(judged.astype(np.float64), rows, columns)
    enough = count >= block * block / 4
    return not enough.any() or bool(np.sqrt(total[enough] / count[enough]).max() <= DETAIL_CELL)


def _block(area: Area) -> int:
    left, top, right, bottom = area
    return max(ceil(max(right - left, bottom - top) / 5 / 2) * 2, 8)


def _limit(area: Area) -> float:
    """What is round a small box takes up much of it once the encoder has smeared both."""
    left, top, right, bottom = area
    return DETAIL if min(right - left, bottom - top) > SMALL else DETAIL_SMALL


def _is_flat_in_blocks(picture: Frame, area: Area) -> bool:
    """The common case of :func:`is_coarse`, from sums alone: a block's mean is its best flat surface."""
    block = _block(area)
    values = picture.astype(np.int64)
    rows, columns = np.arange(0, values.shape[0], block), np.arange(0, values.shape[1], block)
    heights = np.diff(np.append(rows, values.shape[0]))
    count = np.outer(heights, np.diff(np.append(columns, values.shape[1])))
    total, squares = _cells(values, rows, columns), _cells(values * values, rows, columns)
    left_over = np.maximum(squares - total * total / count, 0.0)
    if np.sqrt(left_over.sum() / values.size) > _limit(area):
        return False
    enough = count >= block * block / 4
    return not enough.any() or bool(np.sqrt(left_over[enough] / count[enough]).max() <= DETAIL_CELL)


def _fitted(values: Floats, down: tuple[Floats, Floats], across: tuple[Floats, Floats]) -> Floats:
    fitted: Floats = down[0] @ (down[1] @ values @ across[1].T) @ across[0].T
    return fitted


def _cells(values: NDArray[Any], rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Floats:
    sums: Floats = np.add.reduceat(np.add.reduceat(values, rows, axis=0), columns, axis=1)
    return sums


@lru_cache(maxsize=1024)
def _surface(length: int, block: int, style: str) -> tuple[Floats, Floats]:
    """How one value a block spreads over ``length`` pixels, and the least-squares way back."""
    basis: Floats
    cells = ceil(length / block)
    if style == "mosaic":
        basis = np.eye(cells).repeat(block, axis=0)[:length]
    else:
        middles = np.minimum(np.arange(cells) * block + block / 2, length) - 0.5
        basis = np.column_stack([np.interp(np.arange(length), middles, row) for row in np.eye(cells)])
    return basis, cast(Floats, np.linalg.pinv(basis))
