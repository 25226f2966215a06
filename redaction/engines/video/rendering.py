"""One segment: decoded from its own boundary, painted, encoded anew without B-frames, kept as a part."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

import av
import av.error
from av.codec.context import Flags, ThreadType
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.reformatter import ColorRange

from redaction.engines.media import painting
from redaction.engines.media.pictures import planes_of, read_ahead, turn_of, upright
from redaction.engines.media.source import demuxed, opened, picture_of, pictures_in, start_decoder
from redaction.engines.media.writing import FAULTS
from redaction.engines.video import landing, nal, parts
from redaction.engines.video.plan import FULL, Plan, Segment
from redaction.report import Refused

_X264 = {"preset": "veryfast", "crf": "23", "a53cc": "0", "udu_sei": "0", "bf": "0"}
_PROCESSOR = Path("/proc/cpuinfo")  # a walled child may read it
_KEY_SECONDS = 4  # a player seeks to a key frame
_MOST_BETWEEN_KEYS = 250  # pictures

Tell = Callable[[int], None]
"""Hears how many more pictures are done; raises to stop the work."""


@dataclass
class _Work:
    plan: Plan
    segment: Segment
    alone: bool
    tell: Tell
    pts: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    painted: dict[int, int] = field(default_factory=dict)
    decoded: int = 0
    moved: int = 0
    last_tick: int = -(1 << 62)
    encoder: str = ""


def render(plan: Plan, segment: Segment, folder: Path, *, alone: bool, tell: Tell = lambda _: None) -> Path:
    """This will write a segment's part to ``folder``. ``alone``: it may use every core by itself.

    :raises Refused: when the film cannot be decoded or encoded.
    """
    work = _Work(plan, segment, alone, tell)
    writer = parts.Writer(folder, segment.key)
    try:
        parameters = _run(work, writer)
        return writer.close(
            {
                "pts": work.pts,
                "sizes": work.sizes,
                "keys": work.keys,
                "parameters": [unit.hex() for unit in parameters],
                "painted": work.painted,
                "missing": max(0, segment.pictures - len(work.pts)),
                "moved": work.moved,
                "encoder": work.encoder,
            }
        )
    except FAULTS as error:
        raise Refused(f"the recording cannot be encoded: {error}") from error
    finally:
        writer.discard()


def _run(work: _Work, writer: parts.Writer) -> list[bytes]:
    encoder = _encoder(work.plan, alone=work.alone)
    encoder.open()
    parameters = [
        bytes(unit)
        for unit in nal.units(memoryview(encoder.extradata or b""), 0)
        if unit[0] & 0x1F in (nal.SPS, nal.PPS)
    ]

    def keep(packets: Iterable[Any]) -> None:
        for packet in packets:
            if not work.encoder:
                work.encoder = _x264_version(bytes(packet))
            sample, is_key = only_pictures(memoryview(packet), 0)
            if is_key:
                work.keys.append(len(work.pts))
            work.pts.append(packet.pts)
            work.sizes.append(len(sample))
            writer.write(sample)

    frames: Iterator[tuple[av.VideoFrame, int, float, float]] = _placed(work)
    if work.alone:
        frames = read_ahead(lambda: _placed(work))
    try:
        for frame, tick, start, end in frames:
            work.tell(1)
            ready = _finished(work, frame, start, end)
            ready.pts, ready.time_base = tick, work.plan.film.clock
            ready.pict_type = PictureType.NONE  # else the encoder repeats the source's kinds of pictures
            keep(encoder.encode(ready))
    finally:
        frames.close()  # type: ignore[attr-defined]  # a generator: it holds the source open
    if work.decoded:
        keep(encoder.encode(None))
    return parameters


def _finished(work: _Work, frame: av.VideoFrame, start: float, end: float) -> av.VideoFrame:
    look = work.plan.film.look
    strokes = work.plan.brush.strokes(start, end)
    if turn_of(frame) != look.turn:
        raise Refused("the picture changes its orientation on the way")
    if work.plan.way == FULL:
        size = (look.width, look.height)
        odd, turned = look.width % 2 or look.height % 2, look.turn != type(look.turn)()
        as_is = frame.format.name == "yuv420p" and frame.color_range != ColorRange.JPEG
        if odd or turned or not as_is or (frame.width, frame.height) != size:
            frame = upright(frame, look.turn, size)
        elif strokes:
            frame.make_writable()
        planes = planes_of(frame) if strokes else []
    elif strokes:
        frame.make_writable()  # the decoder still predicts other pictures from its own copy
        planes = [look.turn.apply(plane) for plane in planes_of(frame)]
    for stroke in strokes:
        painting.paint(planes, stroke.box, stroke.style)
        work.painted[stroke.number] = work.painted.get(stroke.number, 0) + 1
    return frame


def _placed(work: _Work) -> Iterator[tuple[av.VideoFrame, int, float, float]]:
    """The pictures that remain, each with its tick and the seconds between which it is shown."""
    film, plan = work.plan.film, work.plan
    if film.stamped:
        first, last = work.segment.first, work.segment.last
        places = {int(film.pts[place]): place for place in range(first, last) if plan.kept[place]}
        for frame in _decoded(work):
            place = places.pop(frame.pts, None) if frame.pts is not None else None
            if place is not None:
                work.decoded += 1
                yield frame, int(film.pts[place]), float(film.starts[place]), float(film.ends[place])
        return
    waiting: tuple[av.VideoFrame, float] | None = None
    for count, frame in enumerate(_decoded(work)):
        time = float(count / film.rate)
        if frame.pts is not None and frame.time_base is not None:
            time = float(frame.pts * frame.time_base) - film.origin
        if waiting is not None:
            yield from _unless_cut(work, *waiting, max(time, waiting[1]))
        waiting = (frame, time)
    if waiting is not None:
        yield from _unless_cut(work, *waiting, max(film.duration, waiting[1] + float(1 / film.rate)))


def _unless_cut(
    work: _Work, frame: av.VideoFrame, start: float, end: float
) -> Iterator[tuple[av.VideoFrame, int, float, float]]:
    film = work.plan.film
    if not work.plan.timeline.is_cut(start) and end > 0:
        tick = round((start + film.origin) / float(film.clock))
        if tick <= work.last_tick:
            tick = work.last_tick + 1
            work.moved += 1
        work.last_tick = tick
        work.decoded += 1
        yield frame, tick, start, end


def _decoded(work: _Work) -> Iterator[av.VideoFrame]:
    film, segment = work.plan.film, work.segment
    with ExitStack() as stack:
        container = stack.enter_context(opened(film.path))
        first = _landed(container, work) if segment.first else None
        if segment.first and first is None:  # the container cannot seek: read it from its beginning
            container = stack.enter_context(opened(film.path))
        picture = picture_of(container, film.choice.picture)
        if picture is None:
            raise Refused("the recording has no picture")
        start_decoder(picture, 0 if work.alone else 1)
        packets = demuxed(container, [picture])
        if first is not None:
            packets = chain([first], packets)
        elif segment.first:
            packets = islice(packets, segment.first, None)
        for packet in islice(packets, segment.last - segment.first):
            if not packet.size:
                break
            yield from pictures_in(packet)  # the report says which pictures are missing
        yield from picture.codec_context.decode(None)


def _landed(container: Any, work: _Work) -> Any:
    """The segment's first packet, found by seeking; None when the container lands behind it."""
    film = work.plan.film
    picture = picture_of(container, film.choice.picture)
    return landing.on_picture(container, picture, film, work.segment.first)


def _encoder(plan: Plan, *, alone: bool) -> VideoCodecContext:
    film, look = plan.film, plan.film.look
    encoder = av.CodecContext.create("libx264", "w")
    width, height = look.shown if plan.way == FULL else (look.width, look.height)
    encoder.width, encoder.height = width + width % 2, height + height % 2
    full_range = look.full_range and plan.way != FULL
    encoder.pix_fmt = "yuvj420p" if full_range else "yuv420p"
    encoder.color_range = ColorRange.JPEG if full_range else ColorRange.MPEG
    encoder.color_primaries, encoder.color_trc, encoder.colorspace = (
        look.primaries,
        look.transfer,
        look.matrix,
    )
    encoder.time_base, encoder.framerate = film.clock, film.rate
    encoder.gop_size = max(1, min(_MOST_BETWEEN_KEYS, round(film.rate * _KEY_SECONDS)))
    if look.aspect != 1:
        swapped = plan.way == FULL and look.turn.swapped
        encoder.sample_aspect_ratio = Fraction(1) / look.aspect if swapped else look.aspect
    encoder.flags |= Flags.bitexact | Flags.global_header
    # sliced threads, PyAV's default, are a quarter slower on two cores
    encoder.thread_type, encoder.thread_count = ThreadType.FRAME, 0 if alone else 1
    encoder.options = _X264 | {"x264-params": f"sps-id={plan.parameter_id}{_instructions()}"}
    return encoder


@lru_cache(maxsize=1)
def _instructions() -> str:
    """The same pictures must give the same film, which x264's AVX-512 code forgets in one of a hundred.

    By AVX2, its code for all older processors, it does not (docs/decisions/0053).
    """
    with suppress(OSError):
        if "avx512" in _PROCESSOR.read_text():
            return ":asm=AVX2"
    return ""


def only_pictures(data: memoryview, length_size: int) -> tuple[bytes, bool]:
    """This will give a sample with nothing but its slices, and whether it is an IDR picture.

    Each unit stands behind 4 bytes of length.
    """
    found: list[bytes | memoryview] = []
    is_key = False
    for unit in nal.units(data, length_size):
        if unit[0] & 0x1F in nal.PICTURE:
            is_key = is_key or unit[0] & 0x1F == nal.IDR
            found += [len(unit).to_bytes(4, "big"), unit]
    return b"".join(found), is_key


def _x264_version(packet: bytes) -> str:
    found = re.search(rb"x264 - core (\d+[ r0-9a-f]*)", packet)
    return found.group(1).decode().strip() if found else "unknown"
