"""What a person sees of a log and of the engine's work on it, as JSON values. Called in a child."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from redaction.engines.flight import landings, reading
from redaction.engines.flight.circles import circles
from redaction.engines.flight.cuts import TWINS, clock, cut
from redaction.engines.flight.drawing import write_map
from redaction.engines.flight.release import redact
from redaction.engines.flight.track import NEVER, Floats, Track, Whole
from redaction.engines.flight.whitelist import fault_of
from redaction.marks import Marks, parse
from redaction.report import MarksError

MOST_FIELDS = 300
MOST_RANGES = 2_000
MOST_CIRCLES = 500


class CrossedFence(MarksError):
    """The line of a fence crosses itself, so that what lies inside can be read in two ways."""


def charted(path: str, marks: Mapping[str, Any] | None, most: int) -> dict[str, Any]:
    """This will give the track for a map: drawn points, flights, what the log itself calls home, fields."""
    track = _read(path, marks)
    index = thinned(track, most)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(track.flight)) + 1])
    ends = np.concatenate([starts[1:], [track.points]]) - 1
    return {
        **_columns(track, index),
        "points": track.points,
        "without_position": track.without_position,
        "dialect": track.dialect,
        "reference": track.altitude_reference,
        "aware": track.aware,
        "flights": [
            {"launch": _spot(track, first), "landing": _spot(track, last), "points": last - first + 1}
            for first, last in zip(starts.tolist(), ends.tolist(), strict=True)
        ],
        "homes": [[lat, lon] for lat, lon in sorted(track.homes)][:MOST_CIRCLES],
        "fields": [{"name": name, "fault": fault_of(name)} for name in list(track.field_names)[:MOST_FIELDS]],
        "warnings": track.warnings,
    }


def listed(path: str, marks: Mapping[str, Any] | None, start: int, count: int) -> dict[str, Any]:
    """This will give some points in a row, whole."""
    track = _read(path, marks)
    first = min(max(0, start), track.points)
    return {
        **_columns(track, np.arange(first, min(track.points, first + count))),
        "start": first,
        "points": track.points,
    }


def rendered(path: str, marks: Mapping[str, Any] | None, suffix: str, most: int) -> dict[str, Any]:
    """This will write what a release would hold, read it back, and say what was cut by which mark.

    :raises CrossedFence: for a fence that crosses itself.
    """
    applied = parse(marks or {"version": 1, "marks": []}).effective
    for mark in applied.of("fence"):
        _require_simple(mark.id, mark["polygon"])
    source, draft = Path(path), Path(f"draft{suffix}")
    report = redact(source, applied, draft)
    left = reading.read(draft)
    write_map(left, Path("map.svg"), Path("map.png"))
    track = _read(path, marks)
    gone = np.ones(track.points, dtype=bool)
    gone[cut(track, applied).index] = False
    ranges = runs(gone)
    return {
        "left": {**_columns(left, thinned(left, most)), "points": left.points},
        "cut": ranges[:MOST_RANGES],
        "more_cut": max(0, len(ranges) - MOST_RANGES),
        "circles": _circles(track, applied),
        "details": report.details,
        "warnings": report.warnings,
        "map": Path("map.svg").read_text(encoding="utf-8"),
    }


def thinned(track: Track, most: int) -> Whole:
    """This will choose the points to draw: all, or every tenth, say, and both ends of each part."""
    if track.points <= most:
        return np.arange(track.points)
    edges = np.flatnonzero(np.diff(track.segment))
    step = -(-track.points // most)
    return np.unique(np.concatenate([np.arange(0, track.points, step), edges, edges + 1, [track.points - 1]]))


def runs(flags: Any) -> list[list[int]]:
    """This will give the first and last place of every run of true flags."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [
        [first, after - 1] for first, after in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    ]


def _read(path: str, marks: Mapping[str, Any] | None) -> Track:
    near = [mark["polygon"] for mark in parse(marks).of("fence")] if marks else []
    return reading.read(Path(path), near=near)


def _columns(track: Track, index: Whole) -> dict[str, Any]:
    """Numbers as a browser needs them; None where nothing is known, and for a column without any."""
    at = track.at[index]
    since = np.where(at == NEVER, np.nan, at / 1e6)
    parts = np.concatenate([[0], np.flatnonzero(np.diff(track.segment[index])) + 1]) if len(index) else index
    return {
        "index": index.tolist() if len(index) < track.points else None,
        "lat": np.round(track.lat[index], 7).tolist(),
        "lon": np.round(track.lon[index], 7).tolist(),
        "altitude": _numbers(track.altitude[index], 1),
        "seconds": _numbers(clock(track)[index], 3),
        "at": _numbers(since, 3),
        "parts": parts.tolist(),
    }


def _numbers(values: Floats, places: int) -> list[float | None] | None:
    if not np.isfinite(values).any():
        return None
    return [None if value != value else value for value in np.round(values, places).tolist()]


def _spot(track: Track, place: int) -> dict[str, Any]:
    return {
        "number": place,
        "lat": round(float(track.lat[place]), 7),
        "lon": round(float(track.lon[place]), 7),
    }


def _circles(track: Track, marks: Marks) -> list[dict[str, Any]]:
    """The home circles where the engine lays them, the secret move and all: for staff alone."""
    return [
        {"mark": mark.id, "lat": float(one.lat), "lon": float(one.lon), "radius": float(one.radius)}
        for mark in marks.of("home")
        for one in circles(mark, landings.places(track, mark["radius_m"] * TWINS), [])
    ][:MOST_CIRCLES]


def _require_simple(mark_id: str, polygon: Any) -> None:
    ring = shapely.LinearRing(polygon)
    if shapely.is_simple(ring):
        return
    found = shapely.is_valid_reason(shapely.Polygon(polygon)).partition("[")[2].rstrip("]").split()
    where = f" near {float(found[1]):.5f}, {float(found[0]):.5f}" if len(found) == 2 else ""
    raise CrossedFence(
        f"the fence crosses itself{where} (latitude, longitude), so it is not clear what lies inside. "
        "Move or delete a corner until its line meets itself nowhere, or draw two fences",
        mark_id=mark_id,
    )
