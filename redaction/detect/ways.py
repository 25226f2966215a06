"""How each thing that can be seen is looked for: sizes, how often, margins, words for its notes."""

from dataclasses import dataclass
from math import ceil

from redaction.detect.boxes import Found
from redaction.detect.tracks import Habits

HELD_FRAMES = 6


@dataclass(frozen=True)
class Way:
    """Pixels are of a picture's longer side. ``seconds`` keeps slow cameras from being sampled too rarely."""

    kind: str
    film: int
    every: int
    seconds: float
    stills: tuple[int, ...]
    pad: tuple[float, float]
    patience: int
    start: float
    reason: str | None
    enlarge: float = 1.0

    def step(self, rate: float) -> int:
        """This will give how many frames lie from one sample to the next at ``rate`` frames a second."""
        return max(1, min(self.every, round(rate * self.seconds)))

    def habits(self, rate: float) -> Habits:
        return Habits(self.pad, self.patience, HELD_FRAMES / rate, self.start)

    def fits(self, box: Found, width: float, height: float) -> bool:
        """This will tell whether a box in a picture of that size may be the thing at all."""
        return self.kind != "plates" or _like_a_plate(box, width, height)


WAYS = {
    "faces": Way("faces", 640, 3, 0.2, (1920, 960), (0.35, 0.35), 4, 0.35, "FACE_BYSTANDER"),
    "plates": Way("plates", 1280, 10, 0.4, (1920, 1280), (0.35, 0.8), 2, 0.6, "PLATE", 2.0),
    "text": Way("text", 1280, 10, 0.4, (1920, 1280), (0.15, 0.25), 2, 0.6, None, 2.0),
}


def _like_a_plate(box: Found, width: float, height: float) -> bool:
    """Of all text, what could be a plate's number: rather wide, not a banner, not most of the picture.

    Generous on purpose: a number seen at an angle, a stacked one, a truck's, must stay in.
    """
    shape = box.width / max(box.height, 1e-9)
    if not 0.7 <= shape <= 9:
        return False
    return box.width <= 0.5 * width and box.height <= 0.3 * height


def outward(box: Found, width: int, height: int) -> list[int]:
    """This will give whole pixels around a box, inside the picture, at least one wide and high."""
    x0, y0 = min(int(box.x0), width - 1), min(int(box.y0), height - 1)
    return [x0, y0, max(x0 + 1, min(width, ceil(box.x1))), max(y0 + 1, min(height, ceil(box.y1)))]
