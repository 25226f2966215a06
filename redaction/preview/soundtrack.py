"""What a timeline shows of the sound: how loud it is, and where somebody seems to speak."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from redaction.detect import hearing, speech
from redaction.engines.media.source import opened
from redaction.report import Refused

A_SECOND = 100  # peaks
_STEP = hearing.RATE // A_SECOND  # samples
_LOUDEST = 127

Progress = Callable[[float, str], None]
Peaks = NDArray[np.int8]  # rows of lowest and highest


def listen(path: str, target: str, progress: Progress | None = None) -> dict[str, Any]:
    """This will hear every track once: peaks go to ``target``, the spans of speech come back.

    A peak is a signed byte each for the lowest and the highest sample of a hundredth of a second, over all
    tracks. ``speech`` is None, with a sentence in ``fault``, when nothing here can tell speech.

    :raises Refused: when the recording has no sound or cannot be read.
    """
    source = Path(path)
    with opened(source) as container:
        count = len(container.streams.audio)
        length = (container.duration or 0) / 1_000_000
    if not count:
        raise Refused("the recording has no sound")
    peaks: Peaks = np.zeros((0, 2), np.int8)
    spans: list[tuple[float, float]] | None = []
    fault = ""
    for number in range(count):
        loud = _Loudness(progress, number, count, length)
        blocks = loud.over(hearing.voice(source, number))
        if spans is not None:
            try:
                found = speech.heard(blocks)
                spans += [(start, end) for start, end, _sure in found]
            except speech.NoDetector as error:
                spans, fault = None, str(error)
        for _ in blocks:  # without a detector nobody else has drawn them
            pass
        peaks = _over(peaks, loud.peaks())
    Path(target).write_bytes(peaks.tobytes())
    return {
        "seconds": round(len(peaks) / A_SECOND, 3),
        "speech": None if spans is None else [list(span) for span in joined(spans)],
        "fault": fault,
    }


def joined(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """This will give the union of spans in order, to the hundredth."""
    union: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(union[-1][1], round(end, 2)))
        else:
            union.append((round(start, 2), round(end, 2)))
    return union


def drawn(data: bytes, start: float, end: float, buckets: int) -> list[list[float]]:
    """This will give ``buckets`` pairs of lowest and highest, −1 to 1, of kept peaks between two seconds."""
    peaks = np.frombuffer(data, np.int8).reshape(-1, 2)
    edges = np.linspace(start * A_SECOND, end * A_SECOND, buckets + 1)
    firsts = np.floor(edges[:-1]).astype(int)
    lasts = np.maximum(np.ceil(edges[1:]).astype(int), firsts + 1)
    found = []
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        piece = peaks[first:last]
        low, high = (int(piece[:, 0].min()), int(piece[:, 1].max())) if len(piece) else (0, 0)
        found.append([round(low / _LOUDEST, 3), round(high / _LOUDEST, 3)])
    return found


def _over(one: Peaks, other: Peaks) -> Peaks:
    if len(one) < len(other):
        one, other = other, one
    joined_up = one.copy()
    joined_up[: len(other), 0] = np.minimum(one[: len(other), 0], other[:, 0])
    joined_up[: len(other), 1] = np.maximum(one[: len(other), 1], other[:, 1])
    return joined_up


class _Loudness:
    """Looks at blocks of samples on their way to somebody else."""

    def __init__(self, progress: Progress | None, number: int, count: int, length: float) -> None:
        self._progress, self._number, self._count, self._length = progress, number, count, length
        self._parts: list[Peaks] = []
        self._rest: hearing.Samples = np.zeros(0, np.float32)
        self._heard = 0

    def over(self, blocks: Iterator[hearing.Samples]) -> Iterator[hearing.Samples]:
        told = 0
        for block in blocks:
            self._heard += len(block)
            self._take(np.concatenate([self._rest, block]))
            if self._progress is not None and self._heard - told > 60 * hearing.RATE:
                told = self._heard
                share = min(1.0, self._heard / hearing.RATE / max(self._length, 1e-3))
                self._progress((self._number + share) / self._count, f"heard to {told // hearing.RATE} s")
            yield block

    def peaks(self) -> Peaks:
        if len(self._rest):
            self._take(np.pad(self._rest, (0, _STEP - len(self._rest))))
        return np.concatenate(self._parts) if self._parts else np.zeros((0, 2), np.int8)

    def _take(self, samples: hearing.Samples) -> None:
        whole = len(samples) // _STEP * _STEP
        rows = samples[:whole].reshape(-1, _STEP)
        self._rest = samples[whole:]
        if whole:
            bounds = np.stack([rows.min(axis=1), rows.max(axis=1)], axis=1)
            self._parts.append(np.rint(np.clip(bounds, -1, 1) * _LOUDEST).astype(np.int8))
