"""Flight logs as GeoJSON (RFC 7946): lines, and rows of single points as one line."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from redaction import limits
from redaction.engines.flight.maps import PLACES, when
from redaction.engines.flight.track import BadFlight, Track, since_1970

LIMIT = limits.FLIGHT_JSON_BYTES
TIMES = ("times", "coordTimes", "coordinateProperties", "time", "timestamp", "when", "datetime")


def read(path: Path, wanted: frozenset[str] = frozenset()) -> Track:
    """This will read the lines of a collection, each a segment; polygons are no path and are left out.

    :raises BadFlight: for a file that is too large, not JSON or not shaped as GeoJSON is.
    """
    if path.stat().st_size > LIMIT:
        raise BadFlight(f"the GeoJSON is larger than {LIMIT} bytes; export the flight as CSV or GPX")
    try:
        data = json.loads(path.read_bytes(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadFlight(f"the GeoJSON cannot be read: {str(error) or 'it is nested too deeply'}") from None
    track = Track("GeoJSON", wanted, reference="above sea level")
    track.begin()
    try:
        lined = any(_is_line(feature.get("geometry") or {}) for feature in _features(data))
        for feature in _features(data):
            _add_feature(track, feature, lined=lined)
    except (TypeError, KeyError, IndexError, AttributeError, ValueError):
        raise BadFlight("the GeoJSON has a geometry that is not shaped as RFC 7946 says") from None
    return track.finish()


def _features(data: Any) -> Iterator[dict[str, Any]]:
    kind = data["type"]
    if kind == "FeatureCollection":
        yield from data["features"]
    elif kind == "Feature":
        yield data
    else:
        yield {"geometry": data, "properties": {}}


def _is_line(geometry: Mapping[str, Any]) -> bool:
    return geometry.get("type") in ("LineString", "MultiLineString") or any(
        _is_line(part) for part in geometry.get("geometries", ())
    )


def _add_feature(track: Track, feature: Mapping[str, Any], *, lined: bool) -> None:
    """Beside a line, a single point is a place that somebody marked, and no part of the path."""
    geometry, properties = feature.get("geometry"), feature.get("properties") or {}
    if geometry is None:
        return
    kind = geometry["type"]
    if kind == "GeometryCollection":
        for part in geometry["geometries"]:
            _add_feature(track, {"geometry": part, "properties": properties}, lined=lined)
        return
    if kind not in ("Point", "LineString", "MultiLineString"):
        return
    spots = geometry["coordinates"]
    if kind == "Point":
        named = " ".join(value for value in properties.values() if isinstance(value, str)).lower()
        if any(word in named for word in PLACES):
            track.homes.add((float(spots[1]), float(spots[0])))
        if lined:
            return
    lines = spots if kind == "MultiLineString" else [spots] if kind == "LineString" else [[spots]]
    for number, line in enumerate(lines):
        if kind != "Point":
            track.pause()
        _add_line(track, line, number, properties, single=kind == "Point")


def _add_line(
    track: Track, line: list[Any], number: int, properties: Mapping[str, Any], *, single: bool
) -> None:
    listed = next((properties[name] for name in TIMES if name in properties), None)
    if isinstance(listed, dict):
        listed = listed.get("times")
    times = _column(listed, number, len(line))
    seconds = _column(properties.get("seconds"), number, len(line))
    fields = properties.get("fields")
    columns = {
        str(name): values
        for name, values in (fields.items() if isinstance(fields, dict) else ())
        if isinstance(values, list) and len(values) == len(line)
    }
    alone = {
        str(name): str(value)
        for name, value in (properties.items() if single else ())
        if isinstance(value, str | int | float)
    }
    for place, spot in enumerate(line):
        since = seconds[place] if isinstance(seconds[place], int | float) else None
        track.add(
            float(spot[1]),
            float(spot[0]),
            float(spot[2]) if len(spot) > 2 and spot[2] is not None else None,
            when(_iso(times[place])),
            since,
            {**alone, **{name: str(values[place]) for name, values in columns.items()}},
        )


def _column(listed: Any, number: int, length: int) -> list[Any]:
    """A value a point: a list as long as the line, a list of such lists, or one value for all."""
    if isinstance(listed, list) and listed and isinstance(listed[0], list):
        listed = listed[number] if number < len(listed) else []
    if isinstance(listed, list):
        return listed if len(listed) == length else [None] * length
    return [listed] * length


def _iso(value: Any) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        since = since_1970(float(value))
        if since is None:
            return None
        return str(np.datetime64(since, "us")) + "Z"
    return value if isinstance(value, str) else None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number in JSON")
