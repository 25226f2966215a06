"""Following a thing a person drew a box round: forwards or back, until it is lost, covered or gone.

What comes back are few keyframes: a straight line between them stays within a hundredth of the way.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from redaction.engines.media.pictures import planes_of, turn_of
from redaction.preview.flow import Box, Follower, Grey, library
from redaction.preview.walking import SAME, Moment, moments
from redaction.report import Refused

LONGEST = 30.0  # seconds of film one call follows
PATIENCE = 20.0  # seconds of clock one call takes
WIDEST = 640  # pixels
THINNED = 0.01  # of the box's longer side
_FINEST = 0.001  # of the picture: nobody sees less
_SMALLEST = 6.0  # pixels a side in which nothing can be followed
_GONE, _WHOLE = 0.03, 0.95  # share of the box in the picture: out of it, and wholly in it
_PACED = 6  # pictures from which the way of a thing that leaves the picture is taken
_SLOWER = 0.9
_WIDER, _WIDENED = 0.04, 1.0  # of the box on each side, reached that many seconds from where it was drawn
_WINDOW = 4.0  # seconds decoded at once on the way back
_CUT = 40.0  # mean change of brightness from picture to picture that no camera makes by moving
_TINY = (32, 18)  # pixels
_DIGITS = 5
_EIGHT_BITS = {"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12"}

Clock = Callable[[], float]
Sample = tuple[float, Grey]
Rows = NDArray[np.float64]

_WORDS = {
    "lost": "It was lost from sight at {t:.2f} s. Set the box there by hand, or let it end there.",
    "edge": "It left the picture at {t:.2f} s.",
    "cut": "Another scene begins at {t:.2f} s.",
    "end": "The film ends there.",
    "until": "It was followed to {t:.2f} s.",
    "limit": "It was followed to {t:.2f} s. Ask again from there to go on.",
}


def follow(
    path: str,
    t: float,
    rect: Sequence[float],
    direction: str,
    until: float | None,
    picture: int,
    clock: Clock = time.monotonic,
) -> dict[str, Any]:
    """This will follow what is in ``rect`` (x, y, width, height in fractions) at second ``t``.

    :raises Refused: when the film cannot be read there, or the box is too small to follow.
    """
    forward = direction == "forward"
    goal = t + LONGEST if forward else t - LONGEST
    asked = until is not None and (until <= goal if forward else until >= goal)
    if asked and until is not None:
        goal = until
    reel = _Reel(Path(path), picture, t, goal)
    times, boxes, why = _walk(reel.forwards() if forward else reel.backwards(), rect, clock)
    if why == "":
        why = "end" if reel.ended else "until" if asked else "limit"
    wide = [_wider(box, abs(at - t)) for at, box in zip(times, boxes, strict=True)]
    keys = sorted(thinned(np.array(times), np.array(wide)))
    rows = [{"t": round(times[key], 6), "rect": _clamped(wide[key])} for key in keys]
    last = times[-1]
    return {
        "keyframes": rows if forward else rows[::-1],
        "stopped": {"why": why, "t": round(last, 6), "message": _WORDS[why].format(t=last)},
    }


def _walk(
    samples: Iterator[Sample], rect: Sequence[float], clock: Clock
) -> tuple[list[float], list[Box], str]:
    """The way in fractions, picture by picture, and why it ends; nothing when the pictures ran out."""
    begun = clock()
    at, first = next(samples, (0.0, None))
    if first is None:
        raise Refused("no picture of the film can be decoded there")
    height, width = first.shape
    box: Box = (rect[0] * width, rect[1] * height, rect[2] * width, rect[3] * height)
    if min(box[2:]) < _SMALLEST:
        raise Refused("the box is too small to be followed; set it by hand at several times")
    chase, tiny = _Chase(Follower(first, box), width, height), _shrunk(first)
    times, boxes = [at], [_fractions(box, width, height)]
    for at, picture in samples:
        if picture.shape != first.shape:
            return times, boxes, "cut"
        before, tiny = tiny, _shrunk(picture)
        if np.abs(tiny - before).mean() > _CUT:
            return times, boxes, "cut"
        found = chase.step(picture)
        if found is None:
            return times, boxes, "lost"
        if _seen(found, width, height) < _GONE:
            return times, boxes, "edge"
        times.append(at)
        boxes.append(_fractions(found, width, height))
        if clock() - begun > PATIENCE:
            return times, boxes, "limit"
    return times, boxes, ""


class _Chase:
    """Follows, and where too little is left in the picture to follow, goes on as it went until it is out.

    A mask that ended with half of a face still in the picture would show it. It goes on a little slower than
    the thing did, so that it does not run ahead of it.
    """

    def __init__(self, follower: Follower, width: int, height: int) -> None:
        self._follower, self._size = follower, (width, height)
        self._way: list[Box] = [follower.box]
        self._pace: Rows | None = None

    def step(self, picture: Grey) -> Box | None:
        found = self._follower.step(picture) if self._pace is None else None
        if found is None:
            found = self._onwards()
        if found is not None:
            self._way = [*self._way[-_PACED:], found]
        return found

    def _onwards(self) -> Box | None:
        last = self._way[-1]
        if self._pace is None:
            steps = max(1, len(self._way) - 1)
            pace = (np.array(last[:2]) - np.array(self._way[0][:2])) / steps
            soon = last[0] + pace[0] * _PACED, last[1] + pace[1] * _PACED, last[2], last[3]
            share = _seen(last, *self._size)
            if share > _WHOLE or _seen(soon, *self._size) >= share:
                return None
            self._pace = _SLOWER * pace
        return float(last[0] + self._pace[0]), float(last[1] + self._pace[1]), last[2], last[3]


class _Reel:
    """Grey pictures of at most 640 pixels, one way or the other, from the one on the screen at a moment."""

    def __init__(self, path: Path, picture: int, at: float, goal: float) -> None:
        self._path, self._picture, self._at, self._goal = path, picture, at, goal
        self.ended = False

    def forwards(self) -> Iterator[Sample]:
        for moment in moments(self._path, self._at, self._picture):
            if moment.start > self._goal + SAME:
                return
            if moment.end > self._at + SAME:
                yield max(0.0, moment.start), _grey(moment)
        self.ended = True

    def backwards(self) -> Iterator[Sample]:
        high = self._at + SAME
        while high > max(0.0, self._goal):
            low = max(0.0, self._goal - SAME, high - _WINDOW)
            held: list[Sample] = []
            for moment in moments(self._path, low, self._picture):
                if moment.start >= high:
                    break
                if moment.start >= low or low <= 0:
                    held.append((max(0.0, moment.start), _grey(moment)))
            yield from reversed(held)
            high = low
        self.ended = self._goal < 0


def _grey(moment: Moment) -> Grey:
    frame, cv = moment.frame, library()
    scale = min(1.0, WIDEST / max(frame.width, frame.height))
    sides = tuple(max(2, round(side * scale)) for side in (frame.width, frame.height))
    if frame.format.name not in _EIGHT_BITS:
        frame = frame.reformat(format="yuv420p", threads=1)
    luma = planes_of(frame)[0]
    if luma.shape[::-1] != sides:
        luma = cv.resize(luma, sides, interpolation=cv.INTER_AREA)
    grey: Grey = np.array(turn_of(moment.frame).apply(luma), order="C")
    return grey


def _shrunk(picture: Grey) -> Rows:
    cv = library()
    small: Rows = cv.resize(picture, _TINY, interpolation=cv.INTER_AREA).astype(np.float64)
    return small


def _seen(box: Box, width: int, height: int) -> float:
    """The share of a box that lies in the picture."""
    across = min(width, box[0] + box[2]) - max(0.0, box[0])
    down = min(height, box[1] + box[3]) - max(0.0, box[1])
    return max(0.0, across) * max(0.0, down) / (box[2] * box[3])


def _fractions(box: Box, width: int, height: int) -> Box:
    return box[0] / width, box[1] / height, box[2] / width, box[3] / height


def _wider(box: Box, gone: float) -> Box:
    """A little wider than it seems: a mask that is short by a pixel shows an edge of what it hides."""
    share = _WIDER * min(1.0, gone / _WIDENED)
    across, down = share * box[2], share * box[3]
    return box[0] - across, box[1] - down, box[2] + 2 * across, box[3] + 2 * down


def _clamped(box: Box) -> list[float]:
    """What of the box lies in the picture, rounded so that the marks format takes it."""
    sides = []
    for low, length in ((box[0], box[2]), (box[1], box[3])):
        first = round(min(max(0.0, low), 1 - 2 * 10**-_DIGITS), _DIGITS)
        last = round(min(1.0, max(low + length, first + 10**-_DIGITS)), _DIGITS)
        sides.append((first, min(round(last - first, _DIGITS), round(1 - first, _DIGITS))))
    return [sides[0][0], sides[1][0], sides[0][1], sides[1][1]]


def thinned(times: Rows, boxes: Rows) -> set[int]:
    """This will choose the rows to keep so that straight lines between them stay near all the others."""
    near = np.maximum(THINNED * boxes[:, 2:].max(axis=1), _FINEST)
    kept, spans = {0, len(times) - 1}, [(0, len(times) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        share = (times[first : last + 1] - times[first]) / (times[last] - times[first])
        line = boxes[first] + share[:, None] * (boxes[last] - boxes[first])
        off = np.abs(boxes[first : last + 1] - line).max(axis=1) / near[first : last + 1]
        worst = first + int(off.argmax())
        if off.max() > 1:
            kept.add(worst)
            spans += [(first, worst), (worst, last)]
    return kept
