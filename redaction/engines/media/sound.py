"""Sound as one unbroken row of samples: placed on the clock, replaced where muted, cut, encoded anew.

Muted samples are replaced, never mixed over: a tone on top of speech can be filtered out again. A guard of
50 ms on each side keeps the ends of a word, and the spread of the encoder's own transform, out of the span.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
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
SAME = 1e-6  # samples: 1.1 s times 48,000 is a hair over a whole number
_SILENCE_AT_ONCE = 65_536  # samples

Samples = NDArray[np.float32]  # channels by samples, -1 to 1


@dataclass(frozen=True)
class _Fill:
    """Samples of the source's clock that are replaced, right end excluded."""

    first: int
    last: int
    tone: bool


@dataclass
class Sound:
    """Turns decoded frames of one track into the samples that are released.

    Feed frames in order with ``take``; it gives float planes ready for an encoder. A source with more than
    ``most_channels`` is mixed down to two, after muting.
    """

    stream: AudioStream
    origin: float
    timeline: Timeline
    marks: tuple[Mark, ...]
    most_channels: int = 2

    def __post_init__(self) -> None:
        self.rate = self.stream.rate
        self._heard = self.stream.channels
        self.channels = self._heard if self._heard <= self.most_channels else 2
        self.layout = {1: "mono", 2: "stereo"}.get(self.channels, self.stream.layout.name)
        self._mix = _mixture(self.stream) if self.channels != self._heard else None
        # interleaved: PyAV's planes end at the eighth channel
        self._floats = AudioResampler(format="flt", layout=self.stream.layout, rate=self.rate)
        self._at = 0  # samples of the source's clock placed so far
        self._waiting = sorted(self._fills(), key=lambda fill: fill.first, reverse=True)
        self._open: list[_Fill] = []
        self._leapt: int | None = None
        self.gaps = 0.0

    def leap(self, second: float) -> None:
        """This will take the next frame as the first after a pause of which nothing is heard.

        All from the last frame to ``second`` must be cut; from there on nothing may be missing.
        """
        self._leapt = floor(second * self.rate)

    def take(self, frame: av.AudioFrame) -> Iterator[Samples]:
        """This will place one decoded frame on the clock; gaps become silence, overlaps are dropped."""
        if frame.sample_rate != self.rate or frame.layout.nb_channels != self._heard:
            raise Refused("the sound changes its sample rate or channels on the way")
        if frame.pts is not None and frame.time_base is not None:
            place = round((float(frame.pts * frame.time_base) - self.origin) * self.rate)
        else:
            place = self._at
        if place > LONGEST * self.rate:
            raise Refused("the recording is longer than 24 hours")
        frame.pts = None
        if self._leapt is not None:  # never behind what must be heard: its beginning would be missing
            self._at, self._leapt = max(self._at, min(place, self._leapt)), None
        for floats in self._floats.resample(frame):
            samples = np.asarray(floats.to_ndarray(), dtype=np.float32).reshape(-1, self._heard).T
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
        if self._mix is not None:
            said.append(f"{self._heard} channels of sound were mixed down to {self.channels}")
        if self.gaps:
            said.append(f"{self.gaps:.2f} s without sound in the source became silence")
        return said

    def _fills(self) -> Iterator[_Fill]:
        for mark in self.marks:
            for span in self.timeline.guarded(mark["start"], mark["end"], GUARD):
                first, last = floor(span.start * self.rate), ceil(span.end * self.rate)
                yield _Fill(first, last, mark["style"] == "tone")

    def _silence(self, count: int) -> Iterator[Samples]:
        self.gaps += count / self.rate
        if self.gaps > LONGEST_GAPS:
            raise Refused("the sound has gaps of more than an hour; its time stamps are broken")
        while count > 0:
            step = min(count, _SILENCE_AT_ONCE)
            yield from self._place(np.zeros((self._heard, step), dtype=np.float32))
            count -= step

    def _place(self, samples: Samples) -> Iterator[Samples]:
        start, end = self._at, self._at + samples.shape[1]
        self._at = end
        samples = samples.copy()
        while self._waiting and self._waiting[-1].first < end:
            self._open.append(self._waiting.pop())
        self._open = [fill for fill in self._open if fill.last > start]
        for fill in sorted(self._open, key=lambda fill: not fill.tone):  # silence last: it wins over a tone
            first, last = max(start, fill.first), min(end, fill.last)
            samples[:, first - start : last - start] = _filling(fill.tone, first, last, self.rate)
        if self._mix is not None:
            samples = self._mix @ samples
        at = start
        for span in self.timeline.cuts:
            first, last = floor(span.start * self.rate + SAME), ceil(span.end * self.rate - SAME)
            if last <= at or first >= end:
                continue
            if first > at:
                yield samples[:, at - start : first - start]
            at = min(last, end)
        if at < end:
            yield samples[:, at - start :]


def _mixture(stream: AudioStream) -> Samples:
    """Weights of each source channel in left and right; no channel is left out, and none can overdrive.

    Channels without a place (the microphones of a recorder) go left and right in turn.
    """
    sides = np.ones((2, stream.channels), dtype=np.float32)
    for number, channel in enumerate(stream.layout.channels):
        side = {"L": 0, "R": 1}.get(channel.name[-1:])
        if channel.name in ("NONE", "UNK", ""):
            side = number % 2
        if side is not None:
            sides[1 - side, number] = 0
    mixture: Samples = sides / sides.sum(axis=1, keepdims=True)
    return mixture


def _filling(tone: bool, first: int, last: int, rate: int) -> Samples:
    if not tone:
        return np.zeros(last - first, dtype=np.float32)
    steps = np.arange(first, last, dtype=np.float64)
    wave: Samples = (TONE_LEVEL * np.sin(2 * np.pi * TONE_HZ * steps / rate)).astype(np.float32)
    return wave


def mutes_in_order(marks: Marks) -> tuple[Mark, ...]:
    """This will give the mutes in order of time."""
    return tuple(sorted(marks.of("mute"), key=lambda mark: float(mark["start"])))


class SoundTrack:
    """An encoded sound track in an output container, fed with samples."""

    def __init__(
        self,
        out: Any,
        codec: str,
        sound: Sound,
        options: dict[str, str] | None = None,
        *,
        sample_format: str | None = None,
    ) -> None:
        self._rate = output_rate(codec, sound.rate)
        layout = sound.layout
        if codec == "aac" and sound.channels > 2:  # AAC knows only layouts with names
            layout = AAC_LAYOUTS[sound.channels]
        stream = out.add_stream(codec, rate=self._rate, layout=layout, options=options or _OPTIONS.get(codec))
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        if sample_format is not None:
            stream.codec_context.format = sample_format
        if codec in _BIT_RATES:
            stream.bit_rate = _BIT_RATES[codec] * sound.channels
        self._out, self._stream, self._sound, self._layout = out, stream, sound, layout
        wanted = stream.codec_context.format.name
        self._resampler = AudioResampler(format=wanted, layout=layout, rate=self._rate)
        self._fed = 0
        self._encoded = 0

    def write(self, samples: Samples) -> None:
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=self._layout)
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


_BIT_RATES = {"aac": 96_000, "libmp3lame": 96_000, "libopus": 96_000}  # bits a second and channel
# else Opus holds back what is below 3 Hz by a filter that rings on for 200 ms into a muted span
_OPTIONS = {"libopus": {"application": "voip"}}
_RATES = (32_000, 44_100, 48_000)
AAC_LAYOUTS = {3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 8: "7.1"}


def output_rate(codec: str, rate: int) -> int:
    """This will give the samples a second to encode at.

    AAC and MP3 spread an error over one transform block; below 32 kHz a block outlasts the 50 ms guard.
    Opus knows 48 kHz only.
    """
    if codec == "libopus":
        return 48_000
    if codec not in _BIT_RATES or rate in _RATES:
        return rate
    return 44_100 if rate % 11_025 == 0 else 48_000
