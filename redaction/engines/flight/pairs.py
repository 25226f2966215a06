"""Old DJI subtitles write ``GPS(a, b, …)``: longitude first on most aircraft, latitude first on some.

Whatever can settle the order does: no aircraft flies where nobody lives, the log's own distance from home
fits one order, a fence lies near one of the two places. Otherwise the file is refused, for a wrong guess
would cut at the wrong place.
"""

from collections.abc import Sequence

import numpy as np

from redaction.engines.flight.sphere import metres
from redaction.engines.flight.track import BadFlight, Bools, Floats

NORTH, SOUTH = 72.0, -56.0  # latitudes beyond which no fleet flies
FENCED = 100_000.0  # metres within which a fence speaks for a place
FITS, MISFITS = 0.15, 0.35  # share of the distance from home by which an order may and must differ

Ring = Sequence[tuple[float, float]]


def is_lon_first(
    places: tuple[Floats, Floats], homes: set[tuple[float, float]], away: Floats, near: Sequence[Ring]
) -> bool:
    """This will tell whether the first number of each pair is the longitude.

    ``away`` are the metres from home that the log gives (NaN: none), one a pair.

    :raises BadFlight: when both orders are possible.
    """
    first, second = places
    fixed = (np.abs(first) > 1e-4) | (np.abs(second) > 1e-4)
    first, second, away = first[fixed], second[fixed], away[fixed]
    possible = [bool(_habitable(first).all()), bool(_habitable(second).all())]
    if possible[0] != possible[1] or not len(first):
        return possible[1]
    for vote in (_by_distance(first, second, homes, away), _by_fence(first, second, near)):
        if vote is not None:
            return vote
    raise BadFlight(
        f"GPS({first[0]:g}, {second[0]:g}) does not say which number is the longitude, and both orders are "
        "places where aircraft fly; give a fence mark near the flight, which settles it, or export the "
        "flight with AirData as CSV"
    )


def _habitable(latitude: Floats) -> Bools:
    return np.asarray((latitude >= SOUTH) & (latitude <= NORTH))


def _by_distance(first: Floats, second: Floats, homes: set[tuple[float, float]], away: Floats) -> bool | None:
    far = np.isfinite(away) & (away > 20)
    if len(homes) != 1 or not far.any():
        return None
    home = next(iter(homes))
    told = away[far]
    errors = [
        float(np.median(np.abs(metres(*one, *two) - told) / told))
        for one, two in (
            ((first[far], second[far]), home),
            ((second[far], first[far]), home[::-1]),
        )
    ]
    if min(errors) > FITS or max(errors) < MISFITS:
        return None
    return errors[1] < errors[0]


def _by_fence(first: Floats, second: Floats, near: Sequence[Ring]) -> bool | None:
    votes = set()
    for ring in near:
        lons, lats = np.array(ring).T
        for lon_first, (lat, lon) in ((False, (first[0], second[0])), (True, (second[0], first[0]))):
            if abs(lat) <= 90 and float(metres(lats, lons, lat, lon).min()) < FENCED:
                votes.add(lon_first)
    return votes.pop() if len(votes) == 1 else None
