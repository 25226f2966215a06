"""Decoded pictures from any second on, each with the time it is on the screen, on the player's clock."""

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.video.stream import VideoStream

from redaction.engines.media.source import (
    demuxed,
    limit_packets,
    opened,
    origin_of,
    picture_of,
    pictures_in,
    rate_of,
    start_decoder,
)
from redaction.engines.video.film import FINE
from redaction.report import Refused

SAME = 0.0006  # seconds; addresses and marks name a picture by whole milliseconds
_EARLIER = (0.0, 2.0, 10.0, 60.0)  # seconds before a moment at which a key frame is looked for
_DEEPEST = 32  # packets that may come before one whose picture is shown earlier
_LARGEST_CLOCK = 1 << 30  # ticks a second


@dataclass(frozen=True)
class Moment:
    """One picture. ``start`` and ``end`` are seconds, ``tick`` its stamp on the track's clock."""

    frame: av.VideoFrame
    start: float
    end: float
    tick: int


def clock_of(stream: VideoStream) -> Fraction:
    """This will give the seconds of one tick of a film track's clock, a fine one when its own is no use."""
    base = stream.time_base
    return base if base is not None and 0 < base <= 1 and base.denominator <= _LARGEST_CLOCK else FINE


def moments(path: Path, at: float, number: int = 0, *, threads: int = 0) -> Iterator[Moment]:
    """This will give the pictures of a film track as they are shown, from the one at ``at`` or before.

    As many as the decoder needs may come before it. Without a key frame to be found it reads the film from
    its beginning.

    :raises Refused: when the film cannot be read or has no picture.
    """
    for earlier in _EARLIER if at > 0 else ():
        if at - earlier <= 0:
            break
        landed = _decoded(path, at - earlier, number, threads)
        first = next(landed, None)
        if first is not None and first.frame.key_frame and first.start <= at + SAME:
            yield first
            yield from landed
            return
        landed.close()
    yield from _decoded(path, None, number, threads)


def times(path: Path, start: float, end: float, number: int = 0) -> list[float]:
    """This will give when each picture begins that is on the screen between two seconds, without decoding.

    :raises Refused: when the film cannot be read or has no picture.
    """
    for earlier in (*_EARLIER, None) if start > 0 else (None,):
        found = _stamps(path, None if earlier is None else max(0.0, start - earlier), end, number)
        if found is None:  # packets without stamps: only the decoder knows
            shown = _until(moments(path, start, number), end)
            return _between([moment.start for moment in shown], start, end)
        if earlier is None or (found and found[0] <= start + SAME):
            return _between(found, start, end)
    return []


def stamps(path: str, start: float, end: float, number: int) -> list[float]:
    """In the child: what :func:`times` gives."""
    return times(Path(path), start, end, number)


def _until(shown: Iterator[Moment], end: float) -> Iterator[Moment]:
    for moment in shown:
        if moment.start >= end:
            return
        yield moment


def _between(found: list[float], start: float, end: float) -> list[float]:
    """The last one at or before ``start`` is on the screen then, and one before 0 is on it at 0."""
    clamped = sorted({round(max(0.0, stamp), 6) for stamp in found})
    kept = [stamp for stamp in clamped if start + SAME < stamp < end]
    before = [stamp for stamp in clamped if stamp <= start + SAME]
    return before[-1:] + kept


def _stamps(path: Path, at: float | None, end: float, number: int) -> list[float] | None:
    found: list[float] = []
    with opened(path) as container:
        stream, origin = _track(container, number), origin_of(container)
        _seek(container, at, origin)
        beyond = 0
        for count, packet in enumerate(demuxed(container, [stream])):
            limit_packets(count)
            if not packet.size or packet.is_discard:
                continue
            if packet.pts is None or packet.time_base is None:
                return None
            stamp = float(packet.pts * packet.time_base) - origin
            found.append(stamp)
            beyond = beyond + 1 if stamp > end else 0
            if beyond > _DEEPEST:
                break
    return sorted(found)


def _decoded(path: Path, at: float | None, number: int, threads: int) -> Generator[Moment, None, None]:
    """Each picture is held until the next one says how long it is shown."""
    waiting: tuple[av.VideoFrame, float, int] | None = None
    with ExitStack() as stack:
        container = stack.enter_context(opened(path))
        stream, origin = _track(container, number), origin_of(container)
        _seek(container, at, origin)
        start_decoder(stream, threads)
        clock, rate = clock_of(stream), rate_of(stream)
        ended = 0.0
        for count, frame in enumerate(_frames(container, stream)):
            if frame.pts is not None and frame.time_base is not None:
                stamp = frame.pts * frame.time_base
            elif at is None:
                stamp = Fraction(count) / rate + Fraction(origin).limit_denominator(1_000_000)
            else:
                return  # only from the beginning can pictures be counted
            start, tick = float(stamp) - origin, round(stamp / clock)
            if waiting is not None:
                if tick <= waiting[2]:
                    tick = waiting[2] + 1
                    start = float(tick * clock) - origin
                if start > 0:
                    yield Moment(waiting[0], waiting[1], start, waiting[2])
            waiting = (frame, start, tick)
            ended = start + float((frame.duration or 0) * (frame.time_base or 0))
        if waiting is not None:
            end = max(ended, waiting[1] + float(1 / rate))
            yield Moment(waiting[0], waiting[1], end, waiting[2])


def _frames(container: av.container.InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame]:
    for count, packet in enumerate(demuxed(container, [stream])):
        limit_packets(count)
        yield from pictures_in(packet)  # what is damaged is missing in a release too


def _track(container: av.container.InputContainer, number: int) -> VideoStream:
    stream = picture_of(container, number)
    if stream is None:
        raise Refused("the recording has no picture")
    return stream


def _seek(container: av.container.InputContainer, at: float | None, origin: float) -> None:
    if at:
        try:
            container.seek(round((at + origin) * 1_000_000))
        except (av.error.FFmpegError, ValueError):
            container.seek(0)
