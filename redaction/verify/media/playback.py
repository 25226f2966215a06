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


def pictures(container: av.container.InputContainer) -> Iterator[Picture]:
    """This will decode every picture of the film track. Seconds of the output."""
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    for frame in container.decode(stream):
        if frame.format.name != "yuv420p" or frame.pts is None or frame.time_base is None:
            raise Unplayable("the output's pictures are not 8-bit 4:2:0 with time stamps")
        planes = []
        for plane in frame.planes:
            rows = np.frombuffer(cast(Any, plane), dtype=np.uint8).reshape(-1, plane.line_size)
            planes.append(rows[: plane.height, : plane.width])
        yield Picture(float(frame.pts * frame.time_base), planes)


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
