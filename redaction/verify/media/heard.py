"""Is a muted span really silent, or nothing but the tone? Measured on every channel's decoded samples."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from redaction.marks import Mark, Marks
from redaction.report import Finding
from redaction.verify.media.clock import Clock
from redaction.verify.media.playback import playing, samples

SILENCE = 10 ** (-80 / 20)  # of full scale, root mean square over a span
BLOCK_SILENCE = 10 ** (-60 / 20)  # over any decoded block of it
PEAK = 0.01
TONE_REST = 10 ** (-45 / 20)  # what may remain beside the tone
TONE_PEAK = 0.2
TONE_HZ = 1000
SHORTEST = 0.004  # seconds: shorter ends of a decoded block say nothing
EDGE = 0.06  # seconds round a joint or another mute that belong to neither


@dataclass
class _Part:
    """A stretch of the output in which one mark must hold, and what was measured in it."""

    mark: Mark
    start: float
    end: float
    power: NDArray[np.float64] = field(default_factory=lambda: np.zeros(1))
    count: int = 0
    fault: tuple[float, float] | None = None

    def listen(self, at: float, values: NDArray[np.float64], rate: int) -> None:
        """This will measure samples of this part that begin at second ``at``."""
        tone = self.mark["style"] == "tone"
        limit, peak = (TONE_REST, TONE_PEAK) if tone else (BLOCK_SILENCE, PEAK)
        loudest = float(np.abs(values).max())
        if tone:
            values = _without_tone(values, rate)
        power = (values**2).sum(axis=1)
        self.power, self.count = self.power + power, self.count + values.shape[1]
        if values.shape[1] > SHORTEST * rate and self.fault is None:
            level = float(np.sqrt(power.max() / values.shape[1]))
            if loudest > peak or level > limit:
                self.fault = (at, max(level, loudest if loudest > peak else 0.0))

    def conclude(self) -> tuple[float, float] | None:
        """This will give second and level of a fault; the whole span counts, not only its blocks."""
        limit = TONE_REST if self.mark["style"] == "tone" else SILENCE
        level = float(np.sqrt(self.power.max() / max(self.count, 1)))
        return self.fault or ((self.start, level) if level > limit else None)


def hear(output: Path, marks: Marks, clock: Clock) -> tuple[float, list[Finding]]:
    """This will decode all sound of an output and give its length in seconds and the mutes that fail.

    Several mutes may share an id: the places of one literal.
    """
    waiting = sorted(_parts(marks, clock), key=lambda part: part.start, reverse=True)
    parts = waiting[::-1]
    active: list[_Part] = []
    length = 0.0
    with playing(output) as container:
        if not container.streams.audio:
            return 0.0, []
        for at, rate, values in samples(container):
            end = at + values.shape[1] / rate
            length = max(length, end)
            while waiting and waiting[-1].start < end:
                active.append(waiting.pop())
            active = [part for part in active if part.end > at]
            for part in active:
                first = max(0, int(np.ceil((part.start - at) * rate)))
                last = min(values.shape[1], int(np.floor((part.end - at) * rate)))
                if last > first:
                    part.listen(at + first / rate, values[:, first:last].astype(np.float64), rate)
    failed: dict[str, Finding] = {}
    for part in parts:
        fault = part.conclude()
        if fault is not None and part.mark.id not in failed:
            at, level = fault
            failed[part.mark.id] = Finding(
                f"sound is still heard in this span ({20 * np.log10(level):.0f} dB)",
                mark_id=part.mark.id,
                place=f"second {at:.2f} of the output",
            )
    return length, list(failed.values())


def _without_tone(values: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    steps = 2 * np.pi * TONE_HZ * np.arange(values.shape[1]) / rate
    waves = np.stack([np.sin(steps), np.cos(steps)])
    found, *_ = np.linalg.lstsq(waves.T, values.T, rcond=None)
    rest: NDArray[np.float64] = values - (waves.T @ found).T
    return rest


def _parts(marks: Marks, clock: Clock) -> Iterator[_Part]:
    """Where to listen. A tone is interrupted by joints and by silence; there it is no pure wave."""
    mutes = marks.of("mute")
    ends = {time for piece in clock.pieces for time in (piece.placed, piece.placed + piece.end - piece.start)}
    holes = [(time - EDGE, time + EDGE) for time in ends]
    if any(mark["style"] == "tone" for mark in mutes):
        holes += [
            (first - 2 * EDGE, last + 2 * EDGE)
            for other in mutes
            if other["style"] != "tone"
            for first, last in clock.spans(other["start"], other["end"])
        ]
    for mark in mutes:
        spans = clock.spans(mark["start"], mark["end"])
        if mark["style"] == "tone":
            spans = _outside(spans, holes)
        for first, last in spans:
            yield _Part(mark, first, last)


def _outside(spans: list[tuple[float, float]], holes: list[tuple[float, float]]) -> list[tuple[float, float]]:
    for low, high in sorted(holes):
        spans = [
            part
            for first, last in spans
            for part in ((first, min(last, low)), (max(first, high), last))
            if part[0] < part[1]
        ]
    return spans
