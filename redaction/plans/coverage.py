"""What of a record a person has seen, as arithmetic on ranges. Pure.

Pages and rows are counted from 1 and both ends of a range are in it; of seconds the end is not. What was
played faster than 4 times its speed was not seen.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from redaction.plans.seen_models import SPEEDS

Range = tuple[float, float]
WHOLE = frozenset({"page", "row"})  # counted, not measured
PLAY = 0.5  # seconds a player skips at a seek or leaves out at the end without anybody missing a thing
_COST = {"page": 0.25, "row": 0.01}  # seconds it takes to look at one, at the very least
_GRACE = 1.0  # seconds a message may be late
LONGEST = 900.0  # seconds of looking that are believed at once, after a lost connection


@dataclass(frozen=True)
class Claim:
    """One stretch a page says was looked at, at ``speed`` times its own."""

    unit: str
    start: float
    end: float
    speed: float = 1.0

    @property
    def band(self) -> int | None:
        """The least of ``SPEEDS`` that is not slower; None when it was too fast to be seen."""
        return next((band for band in SPEEDS if self.speed <= band), None)

    @property
    def seconds(self) -> float:
        """What looking at it takes on a clock."""
        if self.unit == "second":
            return (self.end - self.start) / self.speed
        return (self.end - self.start + 1) * _COST[self.unit]


@dataclass(frozen=True)
class Coverage:
    """How much of a record one person has seen at up to ``speed``; ``total`` None: nobody counted it."""

    unit: str
    speed: int
    ranges: tuple[Range, ...] = ()
    total: float | None = None

    @property
    def seen(self) -> float:
        found = length(self.ranges, self.unit)
        return found if self.total is None else min(found, self.total)

    @property
    def per_cent(self) -> int | None:
        """Whole per cent, rounded down: 100 is all of it."""
        return int(100 * self.seen / self.total + 1e-9) if self.total else None

    @property
    def share(self) -> float:
        """From 0 to 1; of nothing all is seen, of what nobody counted less than nothing."""
        if self.total is None:
            return -1.0
        return self.seen / self.total if self.total else 1.0

    @property
    def missing(self) -> tuple[Range, ...]:
        return missing(self.ranges, self.total, self.unit) if self.total else ()

    @property
    def digest(self) -> str:
        """SHA-256 of the ranges, for a record that is bound to them."""
        text = json.dumps([self.unit, self.speed, self.ranges, self.total])
        return hashlib.sha256(text.encode()).hexdigest()

    def meets(self, share: int) -> bool:
        """This will tell whether at least ``share`` per cent were seen; what nobody counted never is."""
        if not share:
            return True
        return self.total is not None and self.seen >= self.total * share / 100 - 1e-6


def joined(ranges: Iterable[Range], unit: str) -> tuple[Range, ...]:
    """This will put ranges in order and make one of those that touch."""
    step = 1.0 if unit in WHOLE else 0.0
    made: list[Range] = []
    for start, end in sorted((float(start), float(end)) for start, end in ranges):
        if made and start <= made[-1][1] + step:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((start, end))
    return tuple(made)


def length(ranges: Iterable[Range], unit: str) -> float:
    """This will measure ranges, what is in two of them once."""
    step = 1.0 if unit in WHOLE else 0.0
    return sum(end - start + step for start, end in joined(ranges, unit))


def smoothed(ranges: Iterable[Range], total: float | None, unit: str) -> tuple[Range, ...]:
    """This will close the cracks a player leaves in what was watched, and cut off what is past the end."""
    rows = joined(ranges, unit)
    if unit in WHOLE:
        top = total if total is not None else float("inf")
        return tuple((max(start, 1.0), min(end, top)) for start, end in rows if start <= top and end >= 1)
    made: list[Range] = []
    for start, end in rows:
        if made and start - made[-1][1] <= PLAY:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((0.0 if start <= PLAY else start, end))
    if total is None:
        return tuple(made)
    inside = [(start, min(end, total)) for start, end in made if start < total]
    if inside and total - inside[-1][1] <= PLAY:
        inside[-1] = (inside[-1][0], total)
    return tuple(inside)


def missing(ranges: Sequence[Range], total: float, unit: str) -> tuple[Range, ...]:
    """This will give what lies between ranges, from the beginning to the end."""
    first, step = (1.0, 1.0) if unit in WHOLE else (0.0, 0.0)
    found, place = [], first
    for start, end in joined(ranges, unit):
        if start > place:
            found.append((place, min(start, total + step) - step))
        place = max(place, end + step)
    if place < total + step:
        found.append((place, total))
    return tuple((start, end) for start, end in found if end - start + step > 1e-9)


def believed(claims: Iterable[Claim], elapsed: float) -> list[Claim]:
    """This will keep of some claims what fits in the time since the last ones; the rest was not seen.

    What is past the time is cut off the claim it falls in. ``elapsed`` is in seconds.
    """
    left = min(max(0.0, elapsed), LONGEST) + _GRACE
    kept = []
    for claim in claims:
        if claim.band is None or left <= 0:
            continue
        if claim.seconds <= left:
            kept.append(claim)
            left -= claim.seconds
            continue
        if claim.unit == "second":
            kept.append(Claim(claim.unit, claim.start, claim.start + left * claim.speed, claim.speed))
        elif number := int(left / _COST[claim.unit]):
            kept.append(Claim(claim.unit, claim.start, claim.start + number - 1, claim.speed))
        left = 0.0
    return kept


def in_words(ranges: Sequence[Range], unit: str, *, most: int = 8) -> str:
    """This will name ranges as people do: ``pages 3 to 7 and 12``, ``0:10 to 0:25``."""
    said = [_said(start, end, unit) for start, end in ranges[:most]]
    if len(ranges) > most:
        said.append(f"{len(ranges) - most} more")
    listed = said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}" if said else "nothing"
    return f"{unit}s {listed}" if unit in WHOLE and said else listed


def _said(start: float, end: float, unit: str) -> str:
    if unit in WHOLE:
        return f"{start:g}" if start == end else f"{start:g} to {end:g}"
    return f"{_clock(start)} to {_clock(end)}"


def _clock(seconds: float) -> str:
    whole = int(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    tenths = int((seconds - whole) * 10)
    return f"{text}.{tenths}" if tenths else text
