"""Is a muted span really silent, or nothing but the tone? Measured on every channel's decoded samples."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from redaction.marks import Mark, Marks
from redaction.report import Finding
from redaction.verify.media.clock import Clock
from redaction.verify.media.playback import playing, samples

SILENCE = 10 ** (-60 / 20)  # of full scale, root mean square
PEAK = 0.01
TONE_REST = 10 ** (-45 / 20)  # what may remain beside the tone
TONE_PEAK = 0.2
TONE_HZ = 1000
SHORTEST = 0.004  # seconds: shorter ends of a decoded block say nothing
EDGE = 0.06  # seconds round a joint or another mute that belong to neither


@dataclass
class _Watch:
    mark: Mark
    spans: list[tuple[float, float]]
    faults: list[tuple[float, float]] = field(default_factory=list)


def hear(output: Path, marks: Marks, clock: Clock) -> tuple[float, list[Finding]]:
    """This will decode all sound of an output and give its length in seconds and the mutes that fail."""
    watches = [_Watch(mark, _spans(mark, marks, clock)) for mark in marks.of("mute")]
    length = 0.0
    with playing(output) as container:
        if not container.streams.audio:
            return 0.0, []
        for at, rate, values in samples(container):
            length = max(length, at + values.shape[1] / rate)
            for watch in watches:
                for start, end in watch.spans:
                    first = max(0, int(np.ceil((start - at) * rate)))
                    last = min(values.shape[1], int(np.floor((end - at) * rate)))
                    if last - first > SHORTEST * rate:
                        level = _fault(values[:, first:last], rate, watch.mark["style"])
                        if level:
                            watch.faults.append((at, level))
    findings = []
    for watch in watches:
        if watch.faults:
            at, level = watch.faults[0]
            findings.append(
                Finding(
                    f"sound is still heard in this span ({20 * np.log10(level):.0f} dB)",
                    mark_id=watch.mark.id,
                    place=f"second {at:.2f} of the output",
                )
            )
    return length, findings


def _fault(values: NDArray[np.float32], rate: int, style: str) -> float:
    """0 when nothing is heard that should not be, else the level found."""
    exact = values.astype(np.float64)
    limit, peak = SILENCE, PEAK
    if style == "tone":
        limit, peak = TONE_REST, TONE_PEAK
        if np.abs(exact).max() > peak:
            return float(np.abs(exact).max())
        steps = 2 * np.pi * TONE_HZ * np.arange(exact.shape[1]) / rate
        waves = np.stack([np.sin(steps), np.cos(steps)])
        found, *_ = np.linalg.lstsq(waves.T, exact.T, rcond=None)
        exact = exact - (waves.T @ found).T
    level = float(np.sqrt((exact**2).mean(axis=1)).max())
    return level if level > limit or np.abs(exact).max() > peak else 0.0


def _spans(mark: Mark, marks: Marks, clock: Clock) -> list[tuple[float, float]]:
    """Where to listen. A tone is interrupted by joints and by silence; there it is no pure wave."""
    spans = clock.spans(mark["start"], mark["end"])
    if mark["style"] != "tone":
        return spans
    ends = {time for piece in clock.pieces for time in (piece.placed, piece.placed + piece.end - piece.start)}
    holes = [(time - EDGE, time + EDGE) for time in ends]
    for other in marks.of("mute"):
        if other["style"] != "tone":
            holes += [
                (first - 2 * EDGE, last + 2 * EDGE)
                for first, last in clock.spans(other["start"], other["end"])
            ]
    for low, high in holes:
        spans = [
            part
            for first, last in spans
            for part in ((first, min(last, low)), (max(first, high), last))
            if part[0] < part[1]
        ]
    return spans
