"""The packets of a film's sound that a decoder must hear: long cuts are leapt over."""

from collections.abc import Iterator
from itertools import chain
from math import inf
from typing import Any

import numpy as np

from redaction.engines.media.source import demuxed, opened, sound_of
from redaction.engines.media.timeline import Span, Timeline
from redaction.engines.video import landing
from redaction.engines.video.film import Film

RUN_IN = 2.0  # seconds a decoder hears before what it must give; codings look back 0.1 s at most
RUN_OUT = 1.0  # seconds until it has given everything


def needed(film: Film, timeline: Timeline) -> Iterator[tuple[Any, float | None]]:
    """This will give the packets in order, with an empty one where the track ends.

    With the first packet after a leap comes a second: from there on nothing is missed. Else None.
    """
    runs = _runs(timeline)
    firsts = [_first(film, run.start) if _is_far(run, number) else None for number, run in enumerate(runs)]
    if not _can_leap(film, runs, firsts):
        runs, firsts = [Span(0.0, inf)], [None]
    with opened(film.path) as container:
        stream = sound_of(container, film.choice.sound)
        if stream is None:
            return
        base = float(stream.time_base or 1)
        for run, first in zip(runs, firsts, strict=True):
            after = None
            packets = demuxed(container, [stream])
            if first is not None:
                after = run.start - RUN_IN / 2
                packets = chain([_landed(film, container, stream, first)], packets)
            for packet in packets:
                yield packet, after
                after = None
                if packet.pts is not None and packet.pts * base - film.origin > run.end + RUN_OUT:
                    break


def _runs(timeline: Timeline) -> list[Span]:
    """What is kept, in stretches worth a leap from one to the next; the last may go on to the end."""
    runs: list[Span] = []
    for span in timeline.kept():
        if runs and span.start - runs[-1].end < landing.LEAP:
            runs[-1] = Span(runs[-1].start, span.end)
        else:
            runs.append(span)
    if runs[-1].end > timeline.duration - landing.LEAP:
        runs[-1] = Span(runs[-1].start, inf)
    return runs


def _is_far(run: Span, number: int) -> bool:
    return number > 0 or run.start > landing.LEAP


def _first(film: Film, second: float) -> int | None:
    """The packet from which a decoder must hear to give ``second`` whole; None when it is not told."""
    sound = film.sound
    if sound is None or sound.ticks is None or (np.diff(sound.ticks) < 0).any():
        return None
    wanted = (second - RUN_IN + film.origin) / sound.base
    found = int(np.searchsorted(sound.ticks, wanted, side="right")) - 1
    return found if found >= 0 else None


def _can_leap(film: Film, runs: list[Span], firsts: list[int | None]) -> bool:
    """Every leap is tried before the first packet is heard: there is no way back from one that fails."""
    far = [first for number, first in enumerate(firsts) if _is_far(runs[number], number)]
    if not far or None in far:
        return not far
    with opened(film.path) as container:
        stream = sound_of(container, film.choice.sound)
        return all(_landed(film, container, stream, first) is not None for first in far)


def _landed(film: Film, container: Any, stream: Any, first: int | None) -> Any | None:
    sound = film.sound
    if sound is None or sound.ticks is None or sound.packed is None or first is None:
        return None
    tick = int(sound.ticks[first])
    return landing.landed(container, stream, (tick, int(sound.packed[first])), tick)
