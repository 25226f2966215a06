"""Rectangles that a detector found, with how sure it is."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Found:
    """Left, top, right, bottom in one unit (pixels or fractions of a picture), and a score from 0 to 1."""

    x0: float
    y0: float
    x1: float
    y1: float
    score: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    def scaled(self, across: float, down: float) -> "Found":
        return replace(self, x0=self.x0 * across, y0=self.y0 * down, x1=self.x1 * across, y1=self.y1 * down)

    def grown(self, across: float, down: float) -> "Found":
        """This will widen it by a share of its width and of its height, half on each side."""
        x, y = self.width * across / 2, self.height * down / 2
        return replace(self, x0=self.x0 - x, y0=self.y0 - y, x1=self.x1 + x, y1=self.y1 + y)

    def moved(self, x: float, y: float) -> "Found":
        return replace(self, x0=self.x0 + x, y0=self.y0 + y, x1=self.x1 + x, y1=self.y1 + y)

    def clipped(self, width: float, height: float) -> "Found":
        """This will hold it inside a picture; what lies wholly outside has no area left."""
        x0, x1 = (min(max(edge, 0.0), width) for edge in (self.x0, self.x1))
        y0, y1 = (min(max(edge, 0.0), height) for edge in (self.y0, self.y1))
        return replace(self, x0=x0, y0=y0, x1=x1, y1=y1)

    def joined(self, other: "Found") -> "Found":
        """This will give the smallest box around both."""
        return Found(
            min(self.x0, other.x0),
            min(self.y0, other.y0),
            max(self.x1, other.x1),
            max(self.y1, other.y1),
            max(self.score, other.score),
        )

    def holds(self, other: "Found", slack: float = 1e-9) -> bool:
        return (
            self.x0 <= other.x0 + slack
            and self.y0 <= other.y0 + slack
            and self.x1 >= other.x1 - slack
            and self.y1 >= other.y1 - slack
        )


def shared(first: Found, second: Found) -> float:
    """This will give the area two boxes have in common."""
    width = min(first.x1, second.x1) - max(first.x0, second.x0)
    height = min(first.y1, second.y1) - max(first.y0, second.y0)
    return max(width, 0.0) * max(height, 0.0)


def overlap(first: Found, second: Found) -> float:
    """This will give intersection over union, from 0 to 1."""
    common = shared(first, second)
    whole = first.width * first.height + second.width * second.height - common
    return common / whole if whole > 0 else 0.0


def distinct(found: list[Found], limit: float) -> list[Found]:
    """This will keep the surest of boxes that overlap by more than ``limit``."""
    kept: list[Found] = []
    for box in sorted(found, key=lambda each: -each.score):
        if all(overlap(box, other) <= limit for other in kept):
            kept.append(box)
    return kept
