"""From boxes on sampled pictures to tracks: the same thing followed through time, with no gap between.

Boxes are fractions of the displayed picture, times are seconds. Between two samples a track moves in a
straight line, as the marks format says; before its first and after its last it is held.
"""

from dataclasses import dataclass, field

from redaction.detect.boxes import Found, overlap

SAME = 0.1  # overlap of two widened boxes from which they may be one thing
REACH = 0.6  # share of its size by which a box is widened for that
MOST_PENDING = 50  # samples between two keyframes

Key = tuple[float, Found]


@dataclass(frozen=True)
class Habits:
    """How a kind of thing is followed.

    ``pad`` are the shares of width and height every box is widened by, at the least; ``patience`` is how
    many samples a thing may go unseen; ``hold`` is in seconds; ``start`` is the score that makes a track of
    one or two sightings believable.
    """

    pad: tuple[float, float]
    patience: int
    hold: float
    start: float
    slack: float = 0.1  # what a keyframe is widened by on top of ``pad``, for thinning to spend


@dataclass
class Track:
    """One thing. ``keys`` are the keyframes so far; ``last`` is the latest sighting, not widened."""

    habits: Habits
    before: float
    keys: list[Key] = field(default_factory=list)
    pending: list[Key] = field(default_factory=list)
    sightings: int = 0
    missed: int = 0
    best: float = 0.0
    speed: tuple[float, float] = (0.0, 0.0)
    last: Key = (0.0, Found(0, 0, 0, 0, 0))
    after: float | None = None

    def expected(self, time: float) -> Found:
        gone = time - self.last[0]
        return self.last[1].moved(self.speed[0] * gone, self.speed[1] * gone)

    def see(self, time: float, box: Found) -> None:
        if self.sightings and time > self.last[0]:
            x, y = _centre(box)
            old_x, old_y = _centre(self.last[1])
            gone = time - self.last[0]
            self.speed = ((x - old_x) / gone, (y - old_y) / gone)
        self.sightings += 1
        self.missed = 0
        self.after = None
        self.best = max(self.best, box.score)
        self.last = (time, box)
        self._add((time, box))

    @property
    def believable(self) -> bool:
        return self.best >= self.habits.start or self.sightings >= 3

    def finish(self) -> list[Key]:
        """This will give the keyframes, widened, from the first sample that may show it to the last."""
        if self.pending:
            self.keys.append(self.pending[-1])
            self.pending = []
        first, last = self.keys[0], self.keys[-1]
        start = max(0.0, min(first[0] - self.habits.hold, self.before))
        end = max(last[0] + self.habits.hold, self.after if self.after is not None else 0.0)
        if self.sightings > 1 and self.speed != (0.0, 0.0):
            ahead = last[1].moved(self.speed[0] * (end - last[0]), self.speed[1] * (end - last[0]))
            self.keys.append((end, last[1].joined(ahead)))
        margin = [share + self.habits.slack for share in self.habits.pad]
        keys = [(time, box.grown(margin[0], margin[1]).clipped(1.0, 1.0)) for time, box in self.keys]
        if start < keys[0][0]:
            keys.insert(0, (start, keys[0][1]))
        if end > keys[-1][0]:
            keys.append((end, keys[-1][1]))
        return keys

    def _add(self, key: Key) -> None:
        if not self.keys:
            self.keys.append(key)
            return
        if len(self.pending) >= MOST_PENDING or not all(
            covers(self.keys[-1], key, one, self.habits) for one in self.pending
        ):
            self.keys.append(self.pending[-1])
            self.pending = []
        self.pending.append(key)


def covers(first: Key, last: Key, between: Key, habits: Habits) -> bool:
    """This will tell whether a straight line between two keyframes keeps a box in between covered.

    The line's box is widened by ``pad`` and ``slack``, the one in between by ``pad``.
    """
    share = (between[0] - first[0]) / (last[0] - first[0])
    a, b = first[1], last[1]
    across, down = habits.pad
    line = Found(
        a.x0 + (b.x0 - a.x0) * share,
        a.y0 + (b.y0 - a.y0) * share,
        a.x1 + (b.x1 - a.x1) * share,
        a.y1 + (b.y1 - a.y1) * share,
        1.0,
    ).grown(across + habits.slack, down + habits.slack)
    return line.holds(between[1].grown(across, down))


class Tracker:
    """Fed with the boxes of one sampled picture after another, it gives each track when it has ended."""

    def __init__(self, habits: Habits) -> None:
        self.habits = habits
        self._open: list[Track] = []
        self._time: float | None = None

    def feed(self, time: float, found: list[Found]) -> list[Track]:
        """This will take the boxes of the sample at ``time`` and give the tracks that are over."""
        pairs = sorted(
            (
                (_likeness(track.expected(time), track.last[1], box), number, place)
                for number, track in enumerate(self._open)
                for place, box in enumerate(found)
            ),
            key=lambda pair: -pair[0],
        )
        seen: set[int] = set()
        used: set[int] = set()
        for likeness, number, place in pairs:
            if likeness < SAME:
                break
            if number not in seen and place not in used:
                seen.add(number)
                used.add(place)
                self._open[number].see(time, found[place])
        still: list[Track] = []
        over: list[Track] = []
        for number, track in enumerate(self._open):
            if number not in seen:
                track.missed += 1
                track.after = time if track.after is None else track.after
                if track.missed > self.habits.patience:
                    over.append(track)
                    continue
            still.append(track)
        for place, box in enumerate(found):
            if place not in used:
                track = Track(self.habits, before=time if self._time is None else self._time)
                track.see(time, box)
                still.append(track)
        self._open, self._time = still, time
        return [track for track in over if track.believable]

    def close(self, end: float) -> list[Track]:
        """This will give the tracks that last to the end, which no sample may have shown."""
        over, self._open = self._open, []
        for track in over:
            track.after = end if track.after is None else track.after
        return [track for track in over if track.believable]


def _likeness(expected: Found, last: Found, box: Found) -> float:
    """Where it should be now, or where it was: a thing that turns round is still found."""
    wide = box.grown(REACH, REACH)
    return max(overlap(expected.grown(REACH, REACH), wide), overlap(last.grown(REACH, REACH), wide))


def _centre(box: Found) -> tuple[float, float]:
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
