"""Where a flight touched the ground: what a home mark cuts round, at any time of the log."""

import numpy as np

from redaction.engines.flight.sphere import metres
from redaction.engines.flight.track import BadFlight, Bools, Floats, Track

LOW = 3.0  # metres above or below the ground of the take-off
SLOW = 0.5  # metres a second
REST = 3.0  # seconds, or points where no time is known
LIMIT = 2_000  # different places; more is no police flight, and a day's work

Place = tuple[float, float]


def places(track: Track, apart: float) -> list[Place]:
    """This will give every place of take-off, landing or rest on the ground, and those the log calls home.

    Places nearer than ``apart`` metres to one already found are left out.

    :raises BadFlight: when they are too many to cut round each.
    """
    starts = np.concatenate([[0], np.flatnonzero(np.diff(track.flight)) + 1])
    ends = np.concatenate([starts[1:], [track.points]])
    found: list[Place] = []
    seconds = track.seconds_to_next()
    for first, last in zip(starts.tolist(), ends.tolist(), strict=True):
        found += [(track.lat[first], track.lon[first]), (track.lat[last - 1], track.lon[last - 1])]
        found += _rests(track, seconds, first, last)
    return _distinct([*found, *sorted(track.homes)], apart)


def _rests(track: Track, seconds: Floats, first: int, last: int) -> list[Place]:
    high = track.altitude[first:last]
    ground = _ground(track, high)
    if ground is None or last - first < 2:
        return []
    lat, lon = track.lat[first:last], track.lon[first:last]
    step = metres(lat[:-1], lon[:-1], lat[1:], lon[1:])
    passed = seconds[first : last - 1]
    known = np.isfinite(passed) & (passed > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        still = np.where(known, step / np.where(known, passed, 1), step) < SLOW
        low = np.abs(high - ground) <= LOW
    resting = still & low[:-1] & low[1:]
    return [
        (float(np.median(lat[a : b + 1])), float(np.median(lon[a : b + 1])))
        for a, b in _runs(resting)
        if (np.nansum(passed[a:b]) if known[a:b].any() else b - a) >= REST
    ]


def _ground(track: Track, high: Floats) -> float | None:
    """The height of the ground: 0 above take-off; else the lowest, if the log begins or ends there."""
    if not np.isfinite(high).any():
        return None
    if track.altitude_reference == "above take-off":
        return 0.0
    lowest = float(np.nanmin(high))
    return lowest if np.nanmin([high[0] - lowest, high[-1] - lowest, np.inf]) <= LOW else None


def _runs(flags: Bools) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _distinct(found: list[Place], apart: float) -> list[Place]:
    kept: list[Place] = []
    lats, lons = np.empty(LIMIT), np.empty(LIMIT)
    for lat, lon in dict.fromkeys(found):
        count = len(kept)
        if count and float(metres(lats[:count], lons[:count], lat, lon).min()) < apart:
            continue
        if count == LIMIT:
            raise BadFlight(
                f"the log has more than {LIMIT} different places of take-off and landing; split it by day"
            )
        lats[count], lons[count] = lat, lon
        kept.append((float(lat), float(lon)))
    return kept
