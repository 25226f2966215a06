"""Flight logs as maps: GPX, KML and GeoJSON. Document types and entities are refused before they expand."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError  # only the types; parsing is defusedxml's

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from redaction.engines.flight.track import BadFlight, Point, Track

JSON_LIMIT = 256 * 1024 * 1024
TIMES = ("times", "coordTimes", "time", "timestamp", "when")


def read_gpx(path: Path) -> Track:
    """This will read tracks and routes; way points are dropped, for they mark people and homes."""
    track = Track("GPX", altitude_reference="above sea level")
    for event, element in _elements(path):
        name = _local(element.tag)
        if event == "start":
            if name in ("trk", "rte"):
                track.begin()
            elif name == "trkseg":
                track.pause()
        elif name in ("trkpt", "rtept"):
            _add_gpx_point(track, element)
            element.clear()
    return track.finish()


def read_kml(path: Path) -> Track:
    """This will read lines and gx tracks, a flight for each placemark; single points are dropped."""
    track = Track("KML", altitude_reference="as the KML says")
    when: list[str] = []
    spots: list[str] = []
    for event, element in _elements(path):
        name = _local(element.tag)
        if event == "start":
            if name == "Placemark":
                track.begin()
            elif name == "Track":
                when, spots = [], []
        elif name == "when":
            when.append(element.text or "")
        elif name == "coord":
            spots.append(",".join((element.text or "").split()))
        elif name == "Track":
            _add_line(track, spots, when if len(when) == len(spots) else [])
        elif name == "LineString":
            text = next((part.text or "" for part in element.iter() if _local(part.tag) == "coordinates"), "")
            _add_line(track, text.split(), [])
        if event == "end" and name == "Placemark":
            element.clear()
    return track.finish()


def read_geojson(path: Path) -> Track:
    """This will read lines, and rows of single points as one line."""
    if path.stat().st_size > JSON_LIMIT:
        raise BadFlight(f"the GeoJSON is larger than {JSON_LIMIT} bytes")
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadFlight(f"the GeoJSON cannot be read: {str(error) or 'it is nested too deeply'}") from None
    track = Track("GeoJSON", altitude_reference="above sea level")
    track.begin()
    try:
        for feature in _features(data):
            _add_feature(track, feature)
    except (TypeError, KeyError, IndexError, AttributeError):
        raise BadFlight("the GeoJSON has a geometry that is not shaped as RFC 7946 says") from None
    return track.finish()


def _elements(path: Path) -> Iterator[tuple[str, Element]]:
    try:
        yield from iterparse(str(path), events=("start", "end"), forbid_dtd=True)
    except DefusedXmlException:
        raise BadFlight("the XML declares a document type or entities; no flight log needs them") from None
    except ParseError as error:
        raise BadFlight(f"the XML is not well formed: {error}") from None
    except (LookupError, UnicodeError, ValueError) as error:
        raise BadFlight(f"the XML cannot be decoded: {error}") from None


def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2]


def _add_gpx_point(track: Track, element: Element) -> None:
    values: dict[str, str] = {}
    for part in element.iter():
        if part is not element and part.text and part.text.strip() and not len(part):
            values.setdefault(_local(part.tag), part.text.strip())
    fields = {name: value for name, value in values.items() if name not in ("ele", "time")}
    lat, lon = _number(element.get("lat")), _number(element.get("lon"))
    if lat is None or lon is None:
        track.without_position += 1
        return
    track.add(Point(lat, lon, _number(values.get("ele")), _when(values.get("time")), fields=fields))


def _add_line(track: Track, spots: list[str], when: list[str]) -> None:
    track.pause()
    for place, spot in enumerate(spots):
        parts = [_number(part) for part in spot.split(",")]
        if len(parts) < 2 or parts[0] is None or parts[1] is None:
            track.without_position += 1
            continue
        altitude = parts[2] if len(parts) > 2 else None
        track.add(Point(parts[1], parts[0], altitude, _when(when[place]) if when else None))


def _features(data: Any) -> Iterator[dict[str, Any]]:
    kind = data["type"]
    if kind == "FeatureCollection":
        yield from data["features"]
    elif kind == "Feature":
        yield data
    else:
        yield {"geometry": data, "properties": {}}


def _add_feature(track: Track, feature: Mapping[str, Any]) -> None:
    geometry, properties = feature.get("geometry"), feature.get("properties") or {}
    if geometry is None:
        return
    kind = geometry["type"]
    if kind == "GeometryCollection":
        for part in geometry["geometries"]:
            _add_feature(track, {"geometry": part, "properties": properties})
        return
    if kind not in ("Point", "LineString", "MultiLineString"):
        return
    spots = geometry["coordinates"]
    lines = spots if kind == "MultiLineString" else [spots] if kind == "LineString" else [[spots]]
    listed = next((properties[name] for name in TIMES if name in properties), None)
    for line in lines:
        if kind != "Point":
            track.pause()
        times: list[Any] = listed if isinstance(listed, list) else [listed] * len(line)
        if times and isinstance(times[0], list):
            times = times[lines.index(line)]
        for place, spot in enumerate(line):
            fields = {
                str(name): str(value)
                for name, value in (properties.items() if kind == "Point" else ())
                if isinstance(value, str | int | float)
            }
            altitude = float(spot[2]) if len(spot) > 2 else None
            at = _when(str(times[place])) if len(times) == len(line) else None
            track.add(Point(float(spot[1]), float(spot[0]), altitude, at, fields=fields))


def _number(text: str | None) -> float | None:
    text = (text or "").strip()
    return float(text) if re.fullmatch(r"[-+]?\d{1,18}(?:\.\d{0,18})?(?:[eE][-+]?\d{1,2})?", text) else None


def _when(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip()) if text else None
    except ValueError:
        return None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number in JSON")
