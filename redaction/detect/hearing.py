"""A recording's sound as one voice at 16,000 samples a second, on the clock that marks are measured by."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from redaction.engines.media.source import LONGEST, demuxed, opened, origin_of, sound_of
from redaction.report import Refused

RATE = 16_000
HOLE = 0.03  # seconds: smaller steps of the time stamps are rounding
LONGEST_HOLE = 3600.0  # seconds

Samples = NDArray[np.float32]


def voice(source: Path, number: int = 0) -> Iterator[Samples]:
    """This will give all sound of one track, its channels averaged, in blocks; holes in it are silence.

    :raises Refused: when the recording cannot be read or has no sound.
    """
    with opened(source) as container:
        stream = sound_of(container, number)
        if stream is None:
            raise Refused("the recording has no sound")
        origin = origin_of(container)
        floats = AudioResampler(format="flt", layout=stream.layout, rate=RATE)
        at = 0
        for frame in _decoded(container, stream):
            if frame.pts is not None and frame.time_base is not None:
                ahead = round((float(frame.pts * frame.time_base) - origin) * RATE) - at
                if ahead > HOLE * RATE:
                    yield _silence(ahead, at)
                    at += ahead
            frame.pts = None
            for ready in floats.resample(frame):
                values = _mixed(ready, stream.channels)
                at += len(values)
                yield values
        if at:
            yield from (_mixed(ready, stream.channels) for ready in floats.resample(None))


def _mixed(frame: av.AudioFrame, channels: int) -> Samples:
    mixed: Samples = frame.to_ndarray().reshape(-1, channels).mean(axis=1, dtype=np.float32)
    return mixed


def _decoded(container: av.container.InputContainer, stream: Any) -> Iterator[av.AudioFrame]:
    for packet in demuxed(container, [stream]):
        try:
            yield from packet.decode()
        except av.error.FFmpegError:  # a damaged piece is silence; the engine reports it
            continue


def _silence(count: int, at: int) -> Samples:
    if count > LONGEST_HOLE * RATE or at + count > LONGEST * RATE:
        raise Refused("the sound's time stamps are broken")
    return np.zeros(count, dtype=np.float32)
