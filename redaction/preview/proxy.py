"""One part of a proxy: small H.264 with a picture for every picture of the source at the very same time.

No B-frames and a key frame every dozen pictures, so that a browser steps and seeks to the frame; the source's
own clock, so that no time is rounded. Sound is AAC; sound alone makes an MP4 without pictures.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
import av.container
from av.codec.context import Flags, ThreadType
from av.video.reformatter import ColorRange

from redaction.engines.media.pictures import read_ahead, turn_of, upright
from redaction.engines.media.source import opened, origin_of, picture_of, rate_of
from redaction.engines.media.writing import FAULTS
from redaction.preview import mixing
from redaction.preview.mixing import RATE, Samples
from redaction.preview.walking import Moment, clock_of, moments
from redaction.report import Refused

SHORT_SIDE = 480  # pixels
BETWEEN_KEYS = 12  # pictures
_X264 = {
    "preset": "ultrafast",
    "crf": "26",
    "bf": "0",
    "sc_threshold": "0",
    "a53cc": "0",
    "udu_sei": "0",
}
_MOST_STRETCHED = Fraction(4)  # a pixel that is wider than this is a mistake of the header
_TELL_EVERY = 30  # pictures

Progress = Callable[[float, str], None]


@dataclass
class Made:
    """What a part holds. ``times`` are the seconds of the source at which each picture begins to be shown."""

    start: float
    end: float
    times: list[float] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {"start": self.start, "end": self.end, "times": self.times}


def part(
    path: str,
    target: str,
    start: float,
    end: float | None,
    picture: int | None,
    sounds: Sequence[int],
    progress: Progress | None = None,
) -> dict[str, Any]:
    """This will write the part of a proxy whose pictures begin from ``start`` to before ``end`` (None: all).

    ``picture`` None makes sound alone. What it holds comes back; without a picture or sound there is no file.

    :raises Refused: when the source cannot be decoded.
    """
    tell = progress or (lambda *_: None)
    try:
        if picture is None:
            made = _sound(Path(path), Path(target), start, end, sounds)
        else:
            made = _film(Path(path), Path(target), start, end, picture, sounds, tell)
    except FAULTS as error:
        raise Refused(f"the recording cannot be played: {error}") from error
    return made.as_dict()


def _sound(path: Path, target: Path, start: float, end: float | None, numbers: Sequence[int]) -> Made:
    made = Made(start, start)
    blocks = mixing.mixed(path, start, numbers)
    first = next(blocks, None)
    if first is None:
        return made
    with _muxer(target, RATE) as out:
        voice = _Voice(out, blocks, first)
        made.end = start + voice.speak(None if end is None else end - start)
        voice.close()
    return made


def _film(
    path: Path,
    target: Path,
    start: float,
    end: float | None,
    number: int,
    sounds: Sequence[int],
    tell: Progress,
) -> Made:
    with opened(path) as container:
        stream = picture_of(container, number)
        if stream is None:
            raise Refused("the recording has no picture")
        clock, rate, origin = clock_of(stream), rate_of(stream), origin_of(container)
        aspect = stream.sample_aspect_ratio or Fraction(1)
        known = (container.duration or 0) / 1_000_000
    shown = read_ahead(lambda: _within(path, start, end, number))
    first = next(shown, None)
    if first is None:
        return Made(start, start)
    zero = first.tick if start > 0 else round(Fraction(origin).limit_denominator(1_000_000) / clock)
    begin = max(0.0, round(float(zero * clock) - origin, 6))
    made, until = Made(begin, begin), end if end is not None else max(known, first.end)
    with _muxer(target, clock.denominator) as out:
        canvas = _Canvas(out, first, clock, rate, aspect)
        voice = _Voice(out, mixing.mixed(path, begin, sounds)) if sounds else None
        for moment in chain([first], shown):
            canvas.draw(moment, max(0, moment.tick - zero))
            made.times.append(round(max(0.0, moment.start), 6))
            made.end = moment.end
            if voice is not None:
                voice.speak(moment.end - begin)
            if len(made.times) % _TELL_EVERY == 0:
                tell(min(1.0, (moment.end - begin) / max(until - begin, 1e-3)), f"second {moment.start:.0f}")
        canvas.close(max(1, round((made.end - made.times[-1]) / float(clock))))
        if voice is not None:
            if end is None:
                made.end = max(made.end, begin + voice.speak(None))
            voice.close()
    made.end = round(made.end, 6)
    return made


def _within(path: Path, start: float, end: float | None, number: int) -> Iterator[Moment]:
    """A picture belongs to the part in which it begins; one before second 0 to the first."""
    for moment in moments(path, start, number):
        if end is not None and moment.start >= end:
            return
        if moment.start >= start or start <= 0:
            yield moment


def _muxer(target: Path, scale: int) -> av.container.OutputContainer:
    # a finer movie clock than milliseconds: what begins late begins exactly then
    options = {"movflags": "+faststart", "movie_timescale": str(max(1000, scale))}
    return av.open(f"file:{target.absolute()}", "w", format="mp4", options=options)


def shape_of(width: int, height: int, aspect: Fraction) -> tuple[int, int]:
    """This will give the even size of a proxy's stored picture, its pixels square."""
    if not 1 / _MOST_STRETCHED <= aspect <= _MOST_STRETCHED:
        aspect = Fraction(1)
    wide = float(width * aspect)
    scale = min(1.0, SHORT_SIDE / min(wide, height))
    return max(2, round(wide * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


class _Canvas:
    """The encoder of the pictures; they come upright, small and with their time."""

    def __init__(self, out: Any, first: Moment, clock: Fraction, rate: Fraction, aspect: Fraction) -> None:
        self._size = shape_of(first.frame.width, first.frame.height, aspect)
        swapped = turn_of(first.frame).swapped
        stream = out.add_stream("libx264", rate=rate)
        stream.width, stream.height = self._size[::-1] if swapped else self._size
        stream.pix_fmt, stream.options = "yuv420p", dict(_X264)
        context = stream.codec_context
        context.time_base, context.gop_size = clock, BETWEEN_KEYS
        context.color_range = ColorRange.MPEG
        context.flags |= Flags.bitexact
        context.thread_type, context.thread_count = ThreadType.FRAME, 0
        self._out, self._stream, self._clock, self._swapped = out, stream, clock, swapped
        self._held: Any = None  # the last packet, until the next one's time is known

    def draw(self, moment: Moment, tick: int) -> None:
        turn = turn_of(moment.frame)
        size = self._size if turn.swapped == self._swapped else self._size[::-1]
        ready = upright(moment.frame, turn, size)
        ready.pts, ready.time_base = tick, self._clock
        self._write(self._stream.encode(ready))

    def close(self, last: int) -> None:
        """``last`` is how many ticks the last picture is shown."""
        self._write(self._stream.encode(None))
        if self._held is not None:
            self._held.duration = last
            self._out.mux(self._held)

    def _write(self, packets: Sequence[Any]) -> None:
        for packet in packets:
            if self._held is not None:
                self._held.duration = packet.pts - self._held.pts
                self._out.mux(self._held)
            self._held = packet


class _Voice:
    """The encoder of the sound, fed as far as the pictures have come."""

    def __init__(self, out: Any, blocks: Iterator[Samples], first: Samples | None = None) -> None:
        stream = out.add_stream("aac", rate=RATE, layout="stereo")
        stream.bit_rate = 96_000
        self._out, self._stream, self._blocks = out, stream, blocks
        self._waiting = first
        self._fed = 0

    def speak(self, seconds: float | None) -> float:
        """This will write sound to some second of the part, None for all; how far it goes comes back."""
        most = None if seconds is None else round(seconds * RATE)
        while most is None or self._fed < most:
            block = self._waiting if self._waiting is not None else next(self._blocks, None)
            if block is None:
                break
            take = block.shape[1] if most is None else min(block.shape[1], most - self._fed)
            self._waiting = block[:, take:] if take < block.shape[1] else None
            self._encode(block[:, :take])
        return self._fed / RATE

    def close(self) -> None:
        self._out.mux(self._stream.encode(None))

    def _encode(self, samples: Samples) -> None:
        frame = av.AudioFrame.from_ndarray(samples.copy(order="C"), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._fed, Fraction(1, RATE)
        self._fed += samples.shape[1]
        self._out.mux(self._stream.encode(frame))
