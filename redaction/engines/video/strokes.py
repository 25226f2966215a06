"""What is painted on which picture: the marks resolved to boxes of pixels, in the order they are painted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from redaction.engines.media import painting
from redaction.engines.media.painting import Box
from redaction.marks import Mark, Marks


@dataclass(frozen=True)
class Stroke:
    """One box on one picture. ``number`` is the place of its mark among those that paint."""

    box: Box
    style: str
    number: int


class Brush:
    """Knows for any picture what must be painted on it. ``shown`` is the displayed width and height."""

    def __init__(self, marks: Marks, shown: tuple[int, int]) -> None:
        self.marks: tuple[Mark, ...] = painting.in_order(marks)
        self._shown = shown

    def strokes(self, start: float, end: float) -> tuple[Stroke, ...]:
        """This will give the boxes of a picture on screen from ``start`` to ``end``, black last."""
        return tuple(
            Stroke(painting.box_at(mark, start, *self._shown), mark["style"], number)
            for number, mark in enumerate(self.marks)
            if painting.is_shown(mark, start, end)
        )

    def touched(self, starts: NDArray[np.float64], ends: NDArray[np.float64]) -> NDArray[np.bool_]:
        """This will tell for many pictures at once whether anything is painted on them."""
        found = np.zeros(len(starts), dtype=bool)
        for mark in self.marks:
            found |= painting.are_shown(mark, starts, ends)
        return found
