"""Is what a cut names really gone? At each joint the output must sound like the far side of the cut.

Too long a file is found by its length; one whose end was removed instead of the cut only by its content.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from redaction.marks import Marks
from redaction.report import Finding
from redaction.verify.media.clock import Clock
from redaction.verify.media.listing import chosen_by, opened_anew

WINDOW = 0.3  # seconds compared on each side of a joint
RATE = 16_000  # both files are compared at this rate
SLIP = 48  # samples, 3 ms
HOLE = 0.03  # seconds: smaller steps of the stamps are rounding
ALIKE = 0.6  # correlation from which two excerpts are the same sound
CLEARER = 0.3  # by which it must exceed the likeness with what should be there
LEAP = 30.0  # seconds nobody asks about that are worth a seek
RUN_IN, RUN_OUT = 2.0, 1.0  # seconds a decoder hears before and after what it must give
_EXACT = ("mov", "matroska", "mpegts")  # a seek in these does not change the stamps that follow

Excerpt = NDArray[np.float32]


@dataclass(frozen=True)
class _Question:
    """Three starts in seconds: in the output, in the source where it should come from, and inside the cut."""

    heard: float
    right: float
    wrong: float
    gap: tuple[float, float]


def examine_joints(output: Path, source: Path, marks: Marks, clock: Clock) -> list[Finding]:
    """This will name the cuts of which sound is still heard where their two sides meet."""
    questions = list(_questions(clock))
    if not questions:
        return []
    _, sound = chosen_by(marks)
    of_output = excerpts(output, [each.heard for each in questions])
    of_source = excerpts(source, [start for each in questions for start in (each.right, each.wrong)], sound)
    findings = []
    for number, question in enumerate(questions):
        heard = of_output[number]
        right, wrong = (likeness(heard, of_source[2 * number + side]) for side in (0, 1))
        if wrong > ALIKE and wrong > right + CLEARER:
            findings += [
                Finding(
                    "sound of the cut is still there",
                    mark_id=mark.id,
                    place=f"second {question.heard:.2f} of the output",
                )
                for mark in marks.of("cut")
                if mark["start"] < question.gap[1] and mark["end"] > question.gap[0]
            ]
    return list({finding.mark_id: finding for finding in findings}.values())


def _questions(clock: Clock) -> Iterator[_Question]:
    """Right behind each joint, and right before it."""
    removed_from = 0.0
    for piece in clock.pieces:
        if piece.start - removed_from >= WINDOW:
            gap = (removed_from, piece.start)
            if piece.end - piece.start >= WINDOW:
                yield _Question(piece.placed, piece.start, removed_from, gap)
            if piece.placed >= WINDOW:
                yield _Question(piece.placed - WINDOW, removed_from - WINDOW, piece.start - WINDOW, gap)
        removed_from = piece.end


def excerpts(path: Path, starts: list[float], track: int = 0) -> list[Excerpt]:
    """This will give WINDOW seconds from each start of a sound track, all channels mixed.

    What lies far before them is leapt over where the container keeps to its stamps.
    """
    found = [np.zeros(round(WINDOW * RATE), dtype=np.float32) for _ in starts]
    order = sorted(range(len(starts)), key=lambda number: starts[number])
    with opened_anew(path) as (container, _):
        exact = container.format.name.split(",")[0] in _EXACT
    for count, run in enumerate(_runs(order, starts) if exact else [order]):
        places = {number: round(starts[number] * RATE) for number in run}
        early = starts[run[0]] - RUN_IN if run else 0.0
        far = exact and (count > 0 or early > LEAP)
        if not far or not _take(path, track, places, found, early):
            _take(path, track, places, found, None)
    return found


def _take(path: Path, track: int, places: dict[int, int], found: list[Excerpt], early: float | None) -> bool:
    """Fills the excerpts of some starts, in samples; False when a seek to ``early`` failed or was late."""
    with opened_anew(path) as (container, origin):
        stream = container.streams.audio[track]
        if early is not None:
            try:
                container.seek(int((early + origin) / float(stream.time_base or 1)), stream=stream)
            except av.error.FFmpegError:
                return False
        floats = AudioResampler(format="flt", layout=stream.layout, rate=RATE)
        length, at, leapt = round(WINDOW * RATE), 0, early is not None
        for frame in _decoded(container, stream):
            if frame.pts is not None and frame.time_base is not None:
                place = round((float(frame.pts * frame.time_base) - origin) * RATE)
                if leapt and place > min(places.values()):
                    return False
                at = place if leapt or abs(place - at) > HOLE * RATE else at
                leapt = False
            frame.pts = None
            for ready in floats.resample(frame):
                values = ready.to_ndarray().reshape(-1, stream.channels).mean(axis=1)
                for number, start in places.items():
                    first, last = max(at, start), min(at + len(values), start + length)
                    if first < last:
                        found[number][first - start : last - start] = values[first - at : last - at]
                at += len(values)
            if at > max(places.values()) + length + RUN_OUT * RATE:
                break
    return not leapt


def _runs(order: list[int], starts: list[float]) -> list[list[int]]:
    """Questions in order of time, those near each other together."""
    runs: list[list[int]] = []
    for number in order:
        if runs and starts[number] - starts[runs[-1][-1]] < LEAP:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _decoded(
    container: av.container.InputContainer, stream: av.audio.stream.AudioStream
) -> Iterator[av.AudioFrame]:
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.error.FFmpegError:
            continue


def likeness(one: Excerpt, other: Excerpt) -> float:
    """This will give the highest correlation within a few milliseconds: encoders move sound a little."""
    middle = one[SLIP:-SLIP]
    power = float(np.sqrt((middle**2).sum()))
    best = 0.0
    for start in range(2 * SLIP + 1):
        part = other[start : start + len(middle)]
        both = power * float(np.sqrt((part**2).sum()))
        if both > 1e-9:
            best = max(best, float((middle * part).sum()) / both)
    return best
