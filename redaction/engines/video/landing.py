"""The way to a place deep in a film: a seek, then the very packet that a scan of all of it saw there.

A seek alone is not believed: where the container lands elsewhere, whoever asked reads on in order.
"""

from itertools import islice
from typing import Any

import av.error
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from redaction.engines.media.source import demuxed
from redaction.engines.video.film import Film

MOST_LOOKED_AT = 500  # packets after a seek
LEAP = 30.0  # seconds of source nobody needs that are worth a seek


def landed(container: InputContainer, stream: Any, wanted: tuple[int, int], at: int) -> Any | None:
    """This will give the packet with a stamp and a size, by seeking to tick ``at`` of its track.

    The container then stands right behind it. None when it was not found.
    """
    try:
        container.seek(at, stream=stream)
    except av.error.FFmpegError:
        return None
    for packet in islice(demuxed(container, [stream]), MOST_LOOKED_AT):
        if (packet.pts, packet.size) == wanted:
            return packet
    return None


def on_picture(container: InputContainer, picture: Any, film: Film, place: int) -> Any | None:
    """This will do as :func:`landed` for a packet of a film's picture, by its number."""
    wanted = (int(film.pts[place]), int(film.sizes[place]))
    return landed(container, picture, wanted, min(wanted[0], int(film.dts[place])))


def runs(places: NDArray[np.int64], starts: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """This will part rising numbers of packets where a leap lies between two. ``starts`` are seconds."""
    breaks = np.flatnonzero(np.diff(starts) > LEAP) + 1
    return [run for run in np.split(places, breaks) if len(run)]
