"""Sound as one unbroken row of samples: placed on the clock, replaced where muted, cut, encoded anew.

Muted samples are replaced, never mixed over: a tone on top of speech can be filtered out again. A guard of
50 ms on each side keeps the ends of a word, and the spread of the encoder's own transform, out of the span.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from redaction.engines.media.source import LONGEST
from redaction.engines.media.timeline import Timeline
from redaction.marks import Mark, Marks
from redaction.report import Refused

GUARD = 0.05  # seconds
TONE_HZ = 1000
TONE_LEVEL = 0.1  # of full scale, -20 dBFS
DRIFT = 0.03  # seconds a track's stamps may disagree with its samples before a gap is filled or trimmed
LONGEST_GAPS = 3600.0  # seconds
_SILENCE_AT_ONCE = 65_536  # samples

Samples = NDArray[np.float32]  # channels by samples, -1 to 1


@dataclass
class Sound:
    """Turns decoded frames of one track into the samples that are released.

    Feed frames in order with ``take``; both it and ``finish`` give float planes ready for an encoder.
    """

    stream: AudioStream
    origin: float
    timeline: Timeline
    marks: tuple[Mark, ...]

    def __post_init__(self) -> None:
        self.rate = self.stream.rate
        self.channels = min(self.stream.channels, 2)
        self.layout = "mono" if self.channels == 1 else "stereo"
        self._planes = AudioResampler(format="fltp", layout=self.layout, rate=self.rate)
        self._at = 0  # samples of the source's clock placed so far
        self.gaps = 0.0

    def take(self, frame: av.AudioFrame) -> Iterator[Samples]:
        """This will place one decoded frame on the clock; gaps become silence, overlaps are dropped."""
        if frame.sample_rate != self.rate:
            raise Refused("the sound changes its sample rate on the way")
        if frame.pts is not None and frame.time_base is not None:
            place = round((float(frame.pts * frame.time_base) - self.origin) * self.rate)
        else:
            place = self._at
        if place > LONGEST * self.rate:
            raise Refused("the recording is longer than 24 hours")
        frame.pts = None
        for planes in self._planes.resample(frame):
            samples = np.asarray(planes.to_ndarray(), dtype=np.float32)
            if place - self._at > DRIFT * self.rate or (self._at == 0 and place > 0):
                yield from self._silence(place - self._at)
            elif self._at - place > DRIFT * self.rate or (self._at == 0 and place < 0):
                samples = samples[:, self._at - place :]
            place = self._at
            if samples.shape[1]:
                yield from self._place(samples)
                place = self._at

    def warnings(self) -> list[str]:
        """This will say in sentences what happened to the sound that a person should know."""
        said = []
        if self.stream.channels > self.channels:
            said.append(f"{self.stream.channels} channels of sound were mixed down to {self.channels}")
        if self.gaps:
            said.append(f"{self.gaps:.2f} s without sound in the source became silence")
        return said

    def _silence(self, count: int) -> Iterator[Samples]:
        self.gaps += count / self.rate
        if self.gaps > LONGEST_GAPS:
            raise Refused("the sound has gaps of more than an hour; its time stamps are broken")
        while count > 0:
            step = min(count, _SILENCE_AT_ONCE)
            yield from self._place(np.zeros((self.channels, step), dtype=np.float32))
            count -= step

    def _place(self, samples: Samples) -> Iterator[Samples]:
        start, end = self._at, self._at + samples.shape[1]
        self._at = end
        samples = samples.copy()
        for mark in self.marks:
            for span in self.timeline.guarded(mark["start"], mark["end"], GUARD):
                first = max(start, int(np.floor(span.start * self.rate)))
                last = min(end, int(np.ceil(span.end * self.rate)))
                if first < last:
                    samples[:, first - start : last - start] = _filling(mark, first, last, self.rate)
        at = start
        for span in self.timeline.cuts:
            first, last = round(span.start * self.rate), round(span.end * self.rate)
            if last <= at or first >= end:
                continue
            if first > at:
                yield samples[:, at - start : first - start]
            at = min(last, end)
        if at < end:
            yield samples[:, at - start :]


def _filling(mark: Mark, first: int, last: int, rate: int) -> Samples:
    if mark["style"] != "tone":
        return np.zeros(last - first, dtype=np.float32)
    steps = np.arange(first, last, dtype=np.float64)
    tone: Samples = (TONE_LEVEL * np.sin(2 * np.pi * TONE_HZ * steps / rate)).astype(np.float32)
    return tone


def mutes_in_order(marks: Marks) -> tuple[Mark, ...]:
    """This will give the mutes, silence last: where a tone and silence overlap, silence wins."""
    return tuple(sorted(marks.of("mute"), key=lambda mark: mark["style"] != "tone"))


class SoundTrack:
    """An encoded sound track in an output container, fed with samples."""

    def __init__(self, out: Any, codec: str, sound: Sound, options: dict[str, str] | None = None) -> None:
        self._rate = output_rate(codec, sound.rate)
        stream = out.add_stream(codec, rate=self._rate, layout=sound.layout, options=options)
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        if codec in _BIT_RATES:
            stream.bit_rate = _BIT_RATES[codec] * sound.channels
        self._out, self._stream, self._sound = out, stream, sound
        sample_format = stream.codec_context.format.name
        self._resampler = AudioResampler(format=sample_format, layout=sound.layout, rate=self._rate)
        self._fed = 0
        self._encoded = 0

    def write(self, samples: Samples) -> None:
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples), format="fltp", layout=self._sound.layout
        )
        frame.sample_rate = self._sound.rate
        frame.pts = None
        self._fed += samples.shape[1]
        for ready in self._resampler.resample(frame):
            self._encode(ready)

    def close(self) -> float:
        """This will write what is still held back; seconds written come back."""
        if self._fed:
            for ready in self._resampler.resample(None):
                self._encode(ready)
        self._out.mux(self._stream.encode(None))
        return self._fed / self._sound.rate

    def _encode(self, frame: av.AudioFrame) -> None:
        frame.pts, frame.time_base = self._encoded, Fraction(1, self._rate)
        self._encoded += frame.samples
        self._out.mux(self._stream.encode(frame))


_BIT_RATES = {"aac": 96_000, "libmp3lame": 96_000}  # bits a second and channel
_MP3_RATES = (32_000, 44_100, 48_000)


def output_rate(codec: str, rate: int) -> int:
    """This will give the samples a second to encode at.

    AAC and MP3 spread an error over one transform block; below 32 kHz a block outlasts the 50 ms guard.
    """
    if codec not in _BIT_RATES or rate in _MP3_RATES:
        return rate
    return 44_100 if rate % 11_025 == 0 else 48_000
