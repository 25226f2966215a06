"""Decoding an output afresh, as a player would: every picture and every sample, in order."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import av
import av.container
import av.error
import numpy as np
from av.audio.resampler import AudioResampler
from av.video.stream import VideoStream
from numpy.typing import NDArray

from redaction.report import Refused

OUTPUT_FORMATS = {
    ".mp4": "mov",
    ".m4a": "mov",
    ".wav": "wav",
    ".mp3": "mp3",
    ".ogg": "ogg",
    ".opus": "ogg",
    ".flac": "flac",
}


_PLAIN = ("yuv420p", "yuvj420p")


class Unplayable(Refused):
    """An output cannot be decoded from end to end."""


@dataclass(frozen=True)
class Picture:
    start: float
    planes: list[NDArray[np.uint8]]


@contextmanager
def playing(path: Path) -> Iterator[av.container.InputContainer]:
    """This will open an output; every fault of its data is an error, nothing is passed over.

    :raises Unplayable: when it cannot be opened or decoded.
    """
    try:
        with av.open(
            f"file:{path.absolute()}",
            format=OUTPUT_FORMATS[path.suffix.lower()],
            options={"protocol_whitelist": "file"},
            metadata_errors="replace",
        ) as container:
            yield container
    except (av.error.FFmpegError, ValueError) as error:
        raise Unplayable(f"the output cannot be played: {error}") from error


def pictures(
    container: av.container.InputContainer, passed: NDArray[np.bool_] | None = None
) -> Iterator[Picture]:
    """This will decode the pictures of the film track, upright. Seconds of the output.

    ``passed`` tells for each packet, in file order, that it belongs to a group that need not be decoded.
    """
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    for frame in _decoded(container, stream, passed):
        if frame.format.name not in _PLAIN or frame.pts is None or frame.time_base is None:
            raise Unplayable("the output's pictures are not 8-bit 4:2:0 with time stamps")
        if frame.is_corrupt:
            raise Unplayable(f"the output's picture at second {float(frame.time or 0):.3f} is damaged")
        quarters = round(frame.rotation / 90) % 4
        planes = []
        for plane in frame.planes:
            rows = np.frombuffer(cast(Any, plane), dtype=np.uint8).reshape(-1, plane.line_size)
            planes.append(np.rot90(rows[: plane.height, : plane.width], quarters))
        yield Picture(float(frame.pts * frame.time_base), planes)


def _decoded(
    container: av.container.InputContainer, stream: VideoStream, passed: NDArray[np.bool_] | None
) -> Iterator[av.VideoFrame]:
    for number, packet in enumerate(container.demux(stream)):
        if passed is None or not packet.size or number >= len(passed) or not passed[number]:
            yield from packet.decode()


def samples(container: av.container.InputContainer) -> Iterator[tuple[float, int, NDArray[np.float32]]]:
    """This will decode the sound: time of the first sample, rate, channels by samples (−1 to 1)."""
    stream = container.streams.audio[0]
    planar = AudioResampler(format="fltp", layout=stream.layout, rate=stream.rate)
    for frame in container.decode(stream):
        if frame.pts is None or frame.time_base is None:
            raise Unplayable("the output's sound has no time stamps")
        at = float(frame.pts * frame.time_base)
        for ready in planar.resample(frame):
            values = np.asarray(ready.to_ndarray(), dtype=np.float32)
            yield at, stream.rate, values
            at += values.shape[1] / stream.rate
