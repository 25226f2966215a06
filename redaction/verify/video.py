"""Checks a redacted film: every mark on every decoded picture, all sound, and the structure box by box.

The structure is read by an own parser, pictures and sound are decoded anew and measured with own arithmetic;
what the engine reports is not believed. See docs/decisions/0003.
"""

from collections.abc import Iterator
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from redaction.marks import Mark, Marks
from redaction.report import Finding, Report
from redaction.verify.media import covered, listing
from redaction.verify.media.clock import Clock, clock_of
from redaction.verify.media.heard import hear
from redaction.verify.media.listing import Times
from redaction.verify.media.playback import Picture, Unplayable, pictures, playing

MEDIUM = "video"
LONGER = 0.15  # seconds an encoder may add to the sound
TOUCH = 0.001  # seconds a picture must be on screen within a mark to be judged by it
MISPLACED = 0.05  # seconds a picture may stand off its place in the source
_RANK = {"blur": 0, "mosaic": 1, "solid": 2}
_TRIES = (0.0, -2e-4, 2e-4)  # stamps are rounded to ticks, a moving box may then fall on the next even pixel


def examine(output: Path) -> list[Finding]:
    """This will name what a released film should not hold, without knowing its source."""
    return listing.examine(output, film=True)


def verify(output: Path, source: Path, marks: Marks, report: Report) -> list[Finding]:
    """This will test every mark on the decoded film and note in ``report`` which ones hold."""
    marks = marks.effective
    findings = examine(output)
    times = listing.times_of(source)
    clock = clock_of(marks, times.length)
    try:
        with playing(output) as container:
            size = times.size
            starts, faults = _look(pictures(container), marks, clock, size)
        heard, noises = hear(output, marks, clock)
    except Unplayable as error:
        return [*findings, Finding(str(error))]
    findings += faults + noises + _placed(starts, times, marks, clock)
    if heard > clock.length + LONGER:
        findings.append(Finding(f"{heard - clock.length:.2f} s more sound than the cuts leave"))
    failed = {finding.mark_id for finding in findings}
    for mark in marks:
        holds = mark.id not in failed and not (mark.kind == "cut" and None in failed)
        report.outcome(mark.id).verified = 1 if holds else 0
    return findings


def _look(
    shown: Iterator[Picture], marks: Marks, clock: Clock, size: tuple[int, int]
) -> tuple[list[float], list[Finding]]:
    """When each picture begins, and for every mark that fails the first picture on which it does."""
    paints = sorted(marks.of("region", "frame"), key=lambda mark: _RANK[mark["style"]])
    failed: dict[str, Finding] = {}
    starts: list[float] = []
    last = Picture(clock.length + MISPLACED, [])
    for picture, following in pairwise(chain(shown, [last])):
        starts.append(picture.start)
        piece = clock.piece_at(picture.start)
        begin = picture.start - piece.placed + piece.start
        end = min(begin + following.start - picture.start, piece.end)
        active = [mark for mark in paints if begin < mark["end"] - TOUCH and end > mark["start"] + TOUCH]
        for number, mark in enumerate(active):
            if mark.id not in failed and not _holds(picture, mark, active[number + 1 :], begin, size):
                failed[mark.id] = Finding(
                    "is not covered", mark_id=mark.id, place=f"second {picture.start:.3f} of the output"
                )
    return starts, list(failed.values())


def _holds(picture: Picture, mark: Mark, later: list[Mark], time: float, size: tuple[int, int]) -> bool:
    luma = picture.planes[0]
    if mark["style"] == "solid":
        return covered.is_black(picture.planes, _clipped(covered.exact_rect(mark, time, *size), luma))
    areas = {covered.outside(covered.exact_rect(mark, time + slip, *size), *size) for slip in _TRIES}
    return any(
        covered.is_coarse(luma, area, mark["style"], _hidden(area, later, time, size)) for area in areas
    )


def _clipped(rect: tuple[float, float, float, float], luma: NDArray[np.uint8]) -> covered.Area:
    left, top, right, bottom = covered.inside(rect)
    height, width = luma.shape
    left, top = min(left, width - 1), min(top, height - 1)
    return left, top, max(left + 1, min(right, width)), max(top + 1, min(bottom, height))


def _hidden(
    area: covered.Area, later: list[Mark], time: float, size: tuple[int, int]
) -> NDArray[np.bool_] | None:
    """Pixels of an area that marks painted later cover, with a margin for what the encoder smears."""
    left, top, right, bottom = area
    mask = np.zeros((bottom - top, right - left), dtype=bool)
    for mark in later:
        x0, y0, x1, y1 = covered.outside(covered.exact_rect(mark, time, *size), *size)
        rows = slice(max(y0 - top - 4, 0), max(y1 - top + 4, 0))
        mask[rows, max(x0 - left - 4, 0) : max(x1 - left + 4, 0)] = True
    return mask if mask.any() else None


def _placed(starts: list[float], times: Times, marks: Marks, clock: Clock) -> list[Finding]:
    """No more pictures than the cuts leave, each where the source has it."""
    if times.pictures is None:
        expected = None
        most = times.count
    else:
        # a picture that begins within a millisecond before a cut belongs to it: marks come in milliseconds
        kept = [time for time in times.pictures.tolist() if not _is_cut(time, marks)]
        expected = np.array([time - _cut_before(time, clock) for time in kept])
        most = len(kept)
    if len(starts) > most:
        return [Finding(f"{len(starts)} pictures, but the cuts leave {most}")]
    if expected is None or len(starts) != len(expected):
        return []
    if np.abs(np.array(starts) - expected).max(initial=0.0) > MISPLACED:
        return [Finding("the pictures are not at the times the source and the cuts give them")]
    return []


def _is_cut(time: float, marks: Marks) -> bool:
    return any(mark["start"] - TOUCH <= time < mark["end"] - 1e-6 for mark in marks.of("cut"))


def _cut_before(time: float, clock: Clock) -> float:
    """Seconds removed before a time: what lies before it, less the pieces that do."""
    kept = sum(min(piece.end, time) - piece.start for piece in clock.pieces if piece.start < time)
    return time - kept
