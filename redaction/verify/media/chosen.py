"""Is the track that went out the one that may? Looked at and listened to where a source has several.

Only a clear answer counts: what went out is unlike the track that may pass and like another one.
"""

from collections.abc import Iterator
from pathlib import Path

import av.error
import numpy as np
from numpy.typing import NDArray

from redaction.marks import Marks
from redaction.report import Finding
from redaction.verify.media.clock import Clock
from redaction.verify.media.joints import ALIKE, CLEARER, WINDOW, excerpts, likeness
from redaction.verify.media.listing import chosen_by, films_of, opened_anew

MOMENTS = 6
EDGE = 0.1  # seconds round a mark that say nothing
SIDE = 16  # pixels of a thumbnail
SAME_LOOK, CLEARER_LOOK = 6.0, 12.0  # mean difference of thumbnails, in grey levels of 255
_MOST_FRAMES = 2000

Moment = tuple[float, float]
Thumbnail = NDArray[np.float64]


def examine(
    output: Path, source: Path, marks: Marks, mutes: Marks, clock: Clock, *, film: bool
) -> list[Finding]:
    """This will name picture or sound of another track; ``mutes`` holds every muted span with its times."""
    picture, sound = chosen_by(marks)
    who = next((mark.id for mark in marks.of("tracks")), None)
    with opened_anew(source) as (container, _):
        pictures, sounds = len(films_of(container)), len(container.streams.audio)
    with opened_anew(output) as (container, _):
        heard = bool(container.streams.audio)
    findings = []
    if heard and sounds > 1 and _is_other_sound(output, source, sound, sounds, _moments(mutes, clock)):
        findings.append(Finding("the sound is of another track than the one that may pass", mark_id=who))
    if film and pictures > 1:
        moments = _moments(marks, clock, "region", "frame")
        if _is_other_picture(output, source, picture, pictures, moments):
            findings.append(
                Finding("the pictures are of another track than the one that may pass", mark_id=who)
            )
    return findings


def _moments(marks: Marks, clock: Clock, *kinds: str) -> list[Moment]:
    """Seconds of output and source at which nothing was changed, spread over the whole."""
    found = list(_unchanged(marks, clock, kinds or ("mute",)))
    picked = np.linspace(0, len(found) - 1, min(MOMENTS, len(found))).round().astype(int)
    return [found[number] for number in picked.tolist()]


def _unchanged(marks: Marks, clock: Clock, kinds: tuple[str, ...]) -> Iterator[Moment]:
    spans = [(mark["start"] - EDGE, mark["end"] + EDGE) for mark in marks.of(*kinds)]
    for piece in clock.pieces:
        steps = max(1, min(200, int((piece.end - piece.start) / WINDOW / 2)))
        for start in np.linspace(piece.start, piece.end - WINDOW, steps + 2)[1:-1].tolist():
            free = all(start >= last or start + WINDOW <= first for first, last in spans)
            if start > piece.start and free:
                yield start - piece.start + piece.placed, start


def _is_other_sound(output: Path, source: Path, right: int, count: int, moments: list[Moment]) -> bool:
    here = excerpts(output, [moment[0] for moment in moments])
    tracks = [excerpts(source, [moment[1] for moment in moments], number) for number in range(count)]
    wrong = told = 0
    for place, heard in enumerate(here):
        alike = [likeness(heard, track[place]) for track in tracks]
        other = max(value for number, value in enumerate(alike) if number != right)
        told += max(alike) > ALIKE
        wrong += other > ALIKE and other > alike[right] + CLEARER
    return wrong * 2 > told


def _is_other_picture(output: Path, source: Path, right: int, count: int, moments: list[Moment]) -> bool:
    wrong = told = 0
    for here, there in moments:
        shown = _thumbnail(output, 0, here)
        off = [_difference(shown, _thumbnail(source, number, there)) for number in range(count)]
        other = min(value for number, value in enumerate(off) if number != right)
        told += min(off) < SAME_LOOK
        wrong += other < SAME_LOOK and off[right] > other + CLEARER_LOOK
    return wrong * 2 > told


def _difference(one: Thumbnail | None, other: Thumbnail | None) -> float:
    return 255.0 if one is None or other is None else float(np.abs(one - other).mean())


def _thumbnail(path: Path, track: int, second: float) -> Thumbnail | None:
    """What a film track shows at a second, small, grey and upright."""
    found = None
    with opened_anew(path) as (container, origin):
        stream = films_of(container)[track]
        try:
            container.seek(max(0, int((second + origin) * 1_000_000)))
            for number, frame in enumerate(container.decode(stream)):
                late = frame.time is not None and frame.time - origin > second + 1e-6
                if (late and found is not None) or number > _MOST_FRAMES:
                    break
                found = frame
        except (av.error.FFmpegError, ValueError):
            return None
        if found is None:
            return None
        small = found.reformat(width=SIDE, height=SIDE, format="gray", threads=1)
        grey = small.to_ndarray().astype(np.float64)
        upright: Thumbnail = np.rot90(grey, round(found.rotation / 90) % 4)
        return upright
