"""Small films and sounds with known content, made with PyAV and numpy."""

import itertools
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from numpy.typing import NDArray

from redaction.marks import Marks, parse
from redaction.report import MarkOutcome, Report

RATE = 48_000
CAMERA = {
    "preset": "veryfast",
    "g": "10",
    "keyint_min": "10",
    "sc_threshold": "0",
    "bf": "3",
    "b_strategy": "0",
}
"""An IDR picture every ten, with a pyramid of B-frames between, as cameras and phones code."""


def a_video(
    path: Path,
    *,
    seconds: float = 2,
    size: tuple[int, int] = (320, 180),
    fps: int = 10,
    audio: bool = True,
    metadata: dict[str, str] | None = None,
    rotation: float | None = None,
    format_name: str | None = None,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    times: list[float] | None = None,
    extra: tuple[str, ...] = (),
    options: dict[str, str] | None = None,
    first_luma: int = 60,
    coding: dict[str, str] | None = None,
) -> Path:
    """Textured pictures, luma rising by 4 each picture, and a 440 Hz sound; ``extra`` adds tracks.

    ``coding`` sets options of the H.264 encoder, such as ``CAMERA``. ``times`` gives each picture's start for
    a changing frame rate. ``extra`` may hold "audio", "video", "subtitle", "data", "chapter".
    """
    width, height = size
    starts = times if times is not None else [number / fps for number in range(round(seconds * fps))]
    container_options = {"movflags": "use_metadata_tags"} if metadata and path.suffix == ".mp4" else {}
    with av.open(str(path), "w", format=format_name, options=container_options | (options or {})) as out:
        out.metadata.update(metadata or {})
        stream: Any = out.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        if codec == "libx264":
            stream.options = {"preset": "ultrafast", "crf": "18"} | (coding or {})
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        if rotation is not None:
            stream.set_display_rotation(rotation)
        sounds = [out.add_stream(_sound_codec(path), rate=RATE, layout="mono")] if audio else []
        if "audio" in extra:
            sounds.append(out.add_stream("aac", rate=RATE, layout="mono"))
        second = out.add_stream("mpeg4", rate=fps) if "video" in extra else None
        if second is not None:
            second.width, second.height, second.pix_fmt = 64, 48, "yuv420p"
        subtitle = None
        if "subtitle" in extra:
            subtitle = out.add_mux_stream("mov_text" if path.suffix == ".mp4" else "subrip")
        if "chapter" in extra:
            base = Fraction(1, 1000)
            out.set_chapters(
                [{"id": 1, "start": 0, "end": 9, "time_base": base, "metadata": {"title": "HOME"}}]
            )
        for number, start in enumerate(starts):
            frame = a_picture(width, height, first_luma + 4 * number, pixels)
            frame.pts, frame.time_base = round(start * 1000), Fraction(1, 1000)
            out.mux(stream.encode(frame))
            if second is not None:
                small = a_picture(64, 48, 90, "yuv420p")
                small.pts, small.time_base = round(start * 1000), Fraction(1, 1000)
                out.mux(second.encode(small))
        out.mux(stream.encode(None))
        if second is not None:
            out.mux(second.encode(None))
        length = seconds if times is None else times[-1] + 1 / fps
        for number, sound in enumerate(sounds):
            _feed(out, sound, sine(length, 440 * (number + 1)))
        if subtitle is not None:
            packet = av.Packet(b"\x00\x0bSECRET HOME" if path.suffix == ".mp4" else b"SECRET HOME")
            packet.stream, packet.pts, packet.dts, packet.duration = subtitle, 0, 0, 1000
            packet.time_base = Fraction(1, 1000)
            out.mux(packet)
    return path


def a_picture(width: int, height: int, luma: int, pixels: str = "yuv420p") -> av.VideoFrame:
    """A picture of fine noise round a luma: detail everywhere, so that an uncovered box is seen."""
    grey = np.clip(noise(width, height) + luma, 30, 235).astype(np.uint8)
    even = np.pad(grey, ((0, height % 2), (0, width % 2)), mode="edge")
    frame = av.VideoFrame(width, height, "yuv420p")
    contents: tuple[Any, ...] = (even[:height, :width], 90, 160)
    for plane, values in zip(frame.planes, contents, strict=True):
        rows = np.frombuffer(cast(Any, plane), np.uint8).reshape(-1, plane.line_size)
        rows[: plane.height, : plane.width] = values
    return frame if pixels == "yuv420p" else frame.reformat(format=pixels)


def noise(width: int, height: int) -> NDArray[np.int64]:
    """The same noise each time, in grains of two pixels so that it survives encoding."""
    grain = np.random.default_rng(7).integers(-40, 40, ((height + 1) // 2, (width + 1) // 2))
    return grain.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]


def a_sound(
    path: Path,
    *,
    seconds: float = 3,
    rate: int = RATE,
    channels: int = 1,
    codec: str | None = None,
    metadata: dict[str, str] | None = None,
    samples: NDArray[np.float32] | None = None,
) -> Path:
    """A 440 Hz sound at half of full scale in every channel, or one channel of samples."""
    with av.open(str(path), "w") as out:
        out.metadata.update(metadata or {})
        layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
        stream = out.add_stream(codec or _sound_codec(path), rate=rate, layout=layout)
        values = samples if samples is not None else sine(seconds, 440, rate)
        _feed(out, stream, np.repeat(values, channels, axis=0), rate, layout)
    return path


def sine(seconds: float, hertz: float, rate: int = RATE) -> NDArray[np.float32]:
    steps = np.arange(round(seconds * rate)) / rate
    wave: NDArray[np.float32] = (0.5 * np.sin(2 * np.pi * hertz * steps)).astype(np.float32)[None]
    return wave


def remuxed(source: Path, target: Path, change: Callable[[Any], Any], format_name: str | None = None) -> Path:
    """Track 0 of a recording in a new container, each packet changed; None leaves the packet out."""
    with av.open(str(source)) as old, av.open(str(target), "w", format=format_name) as new:
        track = new.add_stream_from_template(cast(Any, old.streams[0]))
        for packet in old.demux(old.streams[0]):
            changed = change(packet) if packet.size else None
            if changed is not None:
                changed.stream = track
                new.mux(changed)
    return target


def begun_later(packet: Any) -> Any:
    """A packet one second earlier, as ``-ss 1 -c copy`` does: an edit list then hides what is before 0."""
    shift = round(1 / packet.time_base)
    packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
    return packet


def damaged(numbers: range) -> Callable[[Any], Any]:
    """A change for ``remuxed``: the packets of these numbers hold garbage."""
    count = itertools.count()

    def change(packet: Any) -> Any:
        if next(count) not in numbers:
            return packet
        broken = av.Packet(b"\xff\xfe\xfd\xfc" * 20)
        broken.pts, broken.dts, broken.time_base = packet.pts, packet.dts, packet.time_base
        broken.duration = packet.duration
        return broken

    return change


def frames_of(path: Path) -> list[tuple[float, NDArray[np.uint8]]]:
    """Start in seconds and luma of every decoded picture."""
    found = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            rows = np.frombuffer(cast(Any, frame.planes[0]), np.uint8).reshape(-1, frame.planes[0].line_size)
            found.append((float(frame.time), rows[: frame.height, : frame.width].copy()))
    return found


def samples_of(path: Path) -> tuple[int, NDArray[np.float64]]:
    """Rate and samples (channels by samples, −1 to 1) of sound track 0."""
    parts = []
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        planar = av.AudioResampler(format="fltp", layout=stream.layout, rate=stream.rate)
        for frame in container.decode(stream):
            parts += [ready.to_ndarray() for ready in planar.resample(frame)]
        return stream.rate, np.concatenate(parts, axis=1).astype(np.float64)


def loudness(path: Path, start: float, end: float) -> float:
    """Root mean square of the loudest channel between two times, in dB of full scale."""
    rate, samples = samples_of(path)
    part = samples[:, round(start * rate) : round(end * rate)]
    return float(20 * np.log10(np.sqrt((part**2).mean(axis=1)).max() + 1e-9))


def some_marks(*entries: dict[str, Any]) -> Marks:
    """Marks from short entries: an id is made up, a region gets its rect as one held keyframe."""
    full = []
    for number, entry in enumerate(entries):
        entry = {"id": f"m{number}", **entry}
        if "rect" in entry:
            entry["keyframes"] = [{"t": 0, "rect": entry.pop("rect")}]
        full.append(entry)
    return parse({"version": 1, "marks": full})


def a_report(marks: Marks, medium: str = "video") -> Report:
    """A report as the pipeline gives it to a verifier when no engine ran."""
    return Report(engine="", medium=medium, marks=[MarkOutcome(mark.id, mark.kind) for mark in marks])


def _sound_codec(path: Path) -> str:
    named = {
        ".wav": "pcm_s16le",
        ".mp3": "libmp3lame",
        ".ogg": "libopus",
        ".opus": "libopus",
        ".flac": "flac",
    }
    return named.get(path.suffix, "aac")


def _feed(
    out: Any, stream: Any, samples: NDArray[np.float32], rate: int = RATE, layout: str = "mono"
) -> None:
    for at in range(0, samples.shape[1], 1024):
        part = np.ascontiguousarray(samples[:, at : at + 1024])
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
        for ready in av.AudioResampler(format=stream.codec_context.format.name).resample(frame):
            out.mux(stream.encode(ready))
    out.mux(stream.encode(None))
