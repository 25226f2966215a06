"""The sound a reviewer hears: one microphone or all of them together, stereo, on the player's clock."""

from collections.abc import Iterator, Sequence
from math import sqrt
from pathlib import Path

import av
import av.error
import numpy as np
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from redaction.engines.media.source import LONGEST, demuxed, limit_packets, opened, origin_of, sound_of

RATE = 48_000
BLOCK = RATE  # samples: one second
_DRIFT = 0.03  # seconds stamps may disagree with the samples before a gap is filled or trimmed
_BEFORE = 1.0  # seconds: a decoder of sound needs a few packets to settle

Samples = NDArray[np.float32]  # left and right by samples, −1 to 1


def mixed(path: Path, start: float, numbers: Sequence[int]) -> Iterator[Samples]:
    """This will give the sound of some tracks together from second ``start`` on, in blocks of a second.

    The last block may be shorter. Tracks that end early are silent from then on.

    :raises Refused: when the recording cannot be read.
    """
    tracks = [_Track(_placed(path, number, start)) for number in numbers]
    share = 1 / sqrt(max(1, len(tracks)))
    while True:
        parts = [track.take(BLOCK) for track in tracks]
        length = max((part.shape[1] for part in parts), default=0)
        if not length:
            return
        block = np.zeros((2, length), np.float32)
        for part in parts:
            block[:, : part.shape[1]] += part
        yield np.clip(block * share, -1, 1)


class _Track:
    """Gives the samples of one track in pieces of any length."""

    def __init__(self, source: Iterator[Samples]) -> None:
        self._source = source
        self._rest = np.zeros((2, 0), np.float32)

    def take(self, count: int) -> Samples:
        parts, length = [self._rest], self._rest.shape[1]
        while length < count and (part := next(self._source, None)) is not None:
            parts.append(part)
            length += part.shape[1]
        joined = np.concatenate(parts, axis=1)
        self._rest = joined[:, count:]
        taken: Samples = joined[:, :count]
        return taken


def _placed(path: Path, number: int, start: float) -> Iterator[Samples]:
    """Samples without a hole from second ``start``: gaps are silence, overlaps are dropped."""
    with opened(path) as container:
        stream = sound_of(container, number)
        if stream is None:
            return
        origin = origin_of(container)
        if start > _BEFORE:
            try:
                container.seek(round((start - _BEFORE + origin) * 1_000_000))
            except (av.error.FFmpegError, ValueError):
                container.seek(0)
        at: int | None = None  # of samples given; None before the first frame
        for frame, place in _heard(container, stream, origin, start):
            samples = frame
            if at is None or abs(place - at) > _DRIFT * RATE:
                ahead = place - (at or 0)
                if ahead > LONGEST * RATE:
                    return
                if ahead < 0:
                    samples = samples[:, -ahead:]
                while ahead > 0:
                    yield np.zeros((2, min(ahead, BLOCK)), np.float32)
                    at = (at or 0) + min(ahead, BLOCK)
                    ahead -= min(ahead, BLOCK)
            if samples.shape[1]:
                at = (at or 0) + samples.shape[1]
                yield samples


def _heard(
    container: av.container.InputContainer, stream: av.audio.stream.AudioStream, origin: float, start: float
) -> Iterator[tuple[Samples, int]]:
    """Stereo samples and the place of the first of them, in samples from ``start``."""
    floats, shape = None, None
    place = round(-start * RATE)
    for count, packet in enumerate(demuxed(container, [stream])):
        limit_packets(count)
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            continue  # a damaged piece is silence
        for frame in frames:
            if shape != (frame.sample_rate, frame.layout.name, frame.format.name):
                shape = (frame.sample_rate, frame.layout.name, frame.format.name)
                floats = AudioResampler(format="flt", layout=frame.layout, rate=RATE)
            if frame.pts is not None and frame.time_base is not None:
                place = round((float(frame.pts * frame.time_base) - origin - start) * RATE)
            frame.pts = None
            channels = frame.layout.nb_channels
            for ready in floats.resample(frame) if floats is not None else ():
                sides = _sides(ready.to_ndarray().astype(np.float32, copy=False).reshape(-1, channels).T)
                yield sides, place
                place += sides.shape[1]


def _sides(channels: NDArray[np.float32]) -> Samples:
    """Microphones of a recorder with more than two go left and right in turn."""
    if channels.shape[0] == 1:
        return np.repeat(channels, 2, axis=0)
    left, right = channels[0::2].mean(axis=0), channels[1::2].mean(axis=0)
    return np.stack([left, right]).astype(np.float32)
