"""Checks a redacted film: every mark on every picture that was made anew, all sound, the structure.

Pictures that are the source's own, group by group and bit by bit, are told by their hashes and need no
decoding where no mark holds; all others are decoded and measured with own arithmetic. The structure is read
by an own parser; what the engine reports is not believed. See docs/decisions/0003 and 0024.
"""

from bisect import bisect_right
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from redaction.marks import Mark, Marks
from redaction.report import Finding, Report
from redaction.verify.media import chosen, copies, covered, index, listing
from redaction.verify.media.clock import Clock, clock_of
from redaction.verify.media.copies import Prints, SourcePrints
from redaction.verify.media.heard import hear
from redaction.verify.media.joints import examine_joints
from redaction.verify.media.listing import Times
from redaction.verify.media.playback import Picture, Unplayable, pictures, playing
from redaction.verify.media.spoken import timed

MEDIUM = "video"
AIDS = ("transcript", "prints")
LONGER = 0.15  # seconds an encoder may add to the sound
TOUCH = 0.001  # seconds a picture must be on screen within a mark to be judged by it
MISPLACED = 0.05  # seconds a picture may stand off its place in the source
_SMEARED = 4  # pixels round a box that an encoder blends with it
_SMALLEST = 16  # pixels that a black box has at least
_RANK = {"blur": 0, "mosaic": 1, "solid": 2}
_TRIES = (0.0, -2e-4, 2e-4)  # stamps are rounded to ticks, a moving box may then fall on the next even pixel


def examine(output: Path) -> list[Finding]:
    """This will name what a released film should not hold, without knowing its source."""
    return listing.examine(output, film=True)


def verify(
    output: Path,
    source: Path,
    marks: Marks,
    report: Report,
    *,
    transcript: Path | None = None,
    prints: Path | None = None,
) -> list[Finding]:
    """This will test every mark on the film and note in ``report`` which ones hold.

    ``prints`` is what :func:`redaction.verify.media.index.write` kept of the source, else it is read whole.
    """
    marks = marks.effective
    findings = examine(output)
    times, own = index.read(prints, marks) if prints is not None else _heard(source, marks)
    clock = clock_of(marks, times.length)
    mutes, captions = timed(marks, transcript, report, clock)
    found = copies.output_prints(output)
    try:
        starts, faults = _see(output, found, own, marks, clock, times)
        faults += _listen(output, source, found, own, mutes, clock)
        faults += chosen.examine(output, source, marks, mutes, clock, film=True)
    except Unplayable as error:
        return [*findings, Finding(str(error))]
    findings += captions + faults + _placed(starts, times, marks, clock)
    failed = {finding.mark_id for finding in findings}
    for mark in marks:
        row = report.outcome(mark.id)
        holds = mark.id not in failed and not (mark.kind == "cut" and None in failed)
        row.verified = row.requested if holds else 0  # a literal is asked for at every place
    return findings


def _heard(source: Path, marks: Marks) -> tuple[Times, Prints]:
    hearer = SourcePrints()
    return listing.times_of(source, marks, hearer), hearer.prints


def _see(
    output: Path, prints: Prints | None, own: Prints, marks: Marks, clock: Clock, times: Times
) -> tuple[list[float], list[Finding]]:
    """When each picture begins, and what is wrong with those that are not the source's own."""
    paints = sorted(marks.of("region", "frame"), key=lambda mark: _RANK[mark["style"]])
    if prints is None:
        with playing(output) as container:
            starts = []
            failed: dict[str, Finding] = {}
            waiting: Picture | None = None
            for picture in pictures(container):
                starts.append(picture.start)
                if waiting is not None:
                    _judge(waiting, picture.start, paints, clock, times.size, failed)
                waiting = picture
            if waiting is not None:
                _judge(waiting, clock.length + MISPLACED, paints, clock, times.size, failed)
        return starts, list(failed.values())
    passed = copies.copied(prints, own, clock)
    findings = []
    if passed.any() and copies.missing_sets(prints, own):
        findings.append(Finding("the copied pictures lack the parameters they were coded with"))
    starts = sorted(prints.times)
    passed &= ~_marked(prints, starts, paints, clock)
    failed = {}
    with playing(output) as container:
        for picture in pictures(container, passed):
            following = bisect_right(starts, picture.start + 1e-9)
            end = starts[following] if following < len(starts) else clock.length + MISPLACED
            _judge(picture, end, paints, clock, times.size, failed)
    return starts, [*findings, *failed.values()]


def _marked(prints: Prints, starts: list[float], paints: list[Mark], clock: Clock) -> NDArray[np.bool_]:
    """Pictures in whose group a mark holds on some picture: they are looked at, copied or not."""
    ends = dict(pairwise([*starts, clock.length + MISPLACED]))
    found = np.zeros(len(prints.times), dtype=bool)
    for first, last in prints.groups:
        found[first:last] = any(
            _active(paints, *_shown(time, ends[time], clock)) for time in prints.times[first:last]
        )
    return found


def _shown(start: float, end: float, clock: Clock) -> tuple[float, float]:
    """Seconds of the source between which a picture is on screen."""
    piece = clock.piece_at(start)
    begin = start - piece.placed + piece.start
    return begin, min(begin + end - start, piece.end)


def _active(paints: list[Mark], begin: float, end: float, slack: float = TOUCH) -> list[Mark]:
    return [mark for mark in paints if begin < mark["end"] - slack and end > mark["start"] + slack]


def _judge(
    picture: Picture,
    end: float,
    paints: list[Mark],
    clock: Clock,
    size: tuple[int, int],
    failed: dict[str, Finding],
) -> None:
    """For every mark that fails, the first picture on which it does."""
    begin, until = _shown(picture.start, end, clock)
    active = _active(paints, begin, until)
    for number, mark in enumerate(active):
        if mark.id in failed or _holds(picture, mark, active[number + 1 :], begin, size):
            continue
        grazing = _grazing(picture, mark, paints, (begin, until), size)
        if not grazing or not _holds(picture, mark, active[number + 1 :] + grazing, begin, size):
            place = f"second {picture.start:.3f} of the output"
            failed[mark.id] = Finding("is not covered", mark_id=mark.id, place=place)


def _grazing(
    picture: Picture, mark: Mark, paints: list[Mark], shown: tuple[float, float], size: tuple[int, int]
) -> list[Mark]:
    """Marks painted over another one that hold for less than a millisecond of this picture.

    They need not be there, but where they are they lie over what is below.
    """
    later = paints[paints.index(mark) + 1 :]
    sure = _active(later, *shown)
    return [
        other
        for other in _active(later, *shown, slack=-TOUCH)
        if other not in sure and _holds(picture, other, [], shown[0], size)
    ]


def _holds(picture: Picture, mark: Mark, later: list[Mark], time: float, size: tuple[int, int]) -> bool:
    luma = picture.planes[0]
    if mark["style"] == "solid":
        return covered.is_black(picture.planes, _clipped(covered.exact_rect(mark, time, *size), luma))
    tried = set()
    for slip in _TRIES:
        area = covered.outside(covered.exact_rect(mark, time + slip, *size), *size)
        if area not in tried:
            tried.add(area)
            if covered.is_coarse(luma, area, mark["style"], _hidden(area, later, time, size)):
                return True
    return False


def _clipped(rect: tuple[float, float, float, float], luma: NDArray[np.uint8]) -> covered.Area:
    left, top, right, bottom = covered.inside(rect)
    height, width = luma.shape
    left, top = min(left, width - 1), min(top, height - 1)
    return left, top, max(left + 1, min(right, width)), max(top + 1, min(bottom, height))


def _hidden(
    area: covered.Area, later: list[Mark], time: float, size: tuple[int, int]
) -> NDArray[np.bool_] | None:
    """Pixels of an area that marks painted later cover, with a margin for what the encoder smears.

    A spot is painted larger than asked for, on whichever side there is room.
    """
    left, top, right, bottom = area
    mask = np.zeros((bottom - top, right - left), dtype=bool)
    for mark in later:
        x0, y0, x1, y1 = covered.outside(covered.exact_rect(mark, time, *size), *size)
        across, down = (_SMEARED + max(0, _SMALLEST - length) for length in (x1 - x0, y1 - y0))
        rows = slice(max(y0 - top - down, 0), max(y1 - top + down, 0))
        mask[rows, max(x0 - left - across, 0) : max(x1 - left + across, 0)] = True
    return mask if mask.any() else None


def _listen(
    output: Path, source: Path, prints: Prints | None, own: Prints, mutes: Marks, clock: Clock
) -> list[Finding]:
    """Sound that is the source's own needs no ear where nothing was muted or cut."""
    if not mutes.of("mute", "cut") and prints is not None:
        with playing(output) as container:
            tracks = container.streams.audio
            config = tracks[0].codec_context.extradata or b"" if tracks else b""
        if not prints.sound or copies.same_sound(prints, own, config):
            return []
    heard, faults = hear(output, mutes, clock)
    if heard:
        faults += examine_joints(output, source, mutes, clock)
    if heard > clock.length + LONGER:
        faults.append(Finding(f"{heard - clock.length:.2f} s more sound than the cuts leave"))
    return faults


def _placed(starts: list[float], times: Times, marks: Marks, clock: Clock) -> list[Finding]:
    """No more pictures than the cuts leave, each where the source has it."""
    if times.pictures is None:
        expected = None
        most = times.count
    else:
        kept = times.pictures[~_are_cut(times.pictures, marks)]
        expected = np.array([time - _cut_before(time, clock) for time in kept.tolist()])
        most = len(kept)
    if len(starts) > most:
        return [Finding(f"{len(starts)} pictures, but the cuts leave {most}")]
    if expected is None or len(starts) != len(expected):
        return []
    if np.abs(np.array(starts) - expected).max(initial=0.0) > MISPLACED:
        return [Finding("the pictures are not at the times the source and the cuts give them")]
    return []


def _are_cut(pictures: NDArray[np.float64], marks: Marks) -> NDArray[np.bool_]:
    """A picture that begins within a millisecond before a cut belongs to it: marks come in milliseconds."""
    found = np.zeros(len(pictures), dtype=bool)
    for mark in marks.of("cut"):
        found |= (pictures >= mark["start"] - TOUCH) & (pictures < mark["end"] - 1e-6)
    return found


def _cut_before(time: float, clock: Clock) -> float:
    """Seconds removed before a time: what lies before it, less the pieces that do."""
    kept = sum(min(piece.end, time) - piece.start for piece in clock.pieces if piece.start < time)
    return time - kept
