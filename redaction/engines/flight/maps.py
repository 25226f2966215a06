"""Flight logs as GPX and KML, read as a stream. Document types and entities are refused unexpanded."""

import re
from array import array
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError  # only the types; parsing is defusedxml's

import numpy as np
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from redaction.engines.flight.track import NEVER, POINT_LIMIT, BadFlight, Track, microseconds

_NUMBER = re.compile(r"[-+]?\d{1,18}(?:\.\d{0,18})?(?:[eE][-+]?\d{1,2})?", re.ASCII)
PLACES = ("home", "takeoff", "take-off", "landing", "launch", "pilot", "rth")


def read_gpx(path: Path, wanted: frozenset[str] = frozenset()) -> Track:
    """This will read tracks and routes; way points are dropped, for they mark people and homes."""
    track = Track("GPX", wanted, reference="above sea level")
    line: Element | None = None
    for event, element in _elements(path):
        name = _local(element.tag)
        if event == "start":
            if name in ("trk", "rte"):
                track.begin()
                line = element
            elif name == "trkseg":
                track.pause()
                line = element
        elif name in ("trkpt", "rtept"):
            _add_gpx_point(track, element)
            if line is not None:
                line.clear()  # a parent keeps its read children else, and memory grows with the file
        elif name == "wpt":
            _add_home(track, element, element.get("lat"), element.get("lon"))
            element.clear()
    return track.finish()


def read_kml(path: Path, wanted: frozenset[str] = frozenset()) -> Track:
    """This will read lines and gx tracks, a flight for each placemark; single points are dropped."""
    track = Track("KML", wanted, reference="as the KML says")
    line = _Line()
    for event, element in _elements(path):
        name = _local(element.tag)
        if event == "start":
            if name == "Placemark":
                track.begin()
            elif name == "Track":
                line = _Line()
        elif name == "when":
            line.when.append(element.text or "")
            element.clear()
        elif name == "coord":
            line.spot((element.text or "").split())
            element.clear()
        elif name == "Track":
            line.end(track)
        elif name == "LineString":
            line = _Line()
            text = next((part.text or "" for part in element.iter() if _local(part.tag) == "coordinates"), "")
            for spot in re.finditer(r"\S+", text):
                line.spot(spot[0].split(","))
            line.end(track)
        elif name == "Placemark":
            _add_marked_home(track, element)
            element.clear()
    return track.finish()


class _Line:
    """One line of a KML file: numbers as they come, so that a long one stays small."""

    def __init__(self) -> None:
        self.when: list[str] = []
        self._columns = array("d"), array("d"), array("d")
        self._lost: list[int] = []

    def spot(self, parts: list[str]) -> None:
        values = [number(part) for part in parts[:3]]
        if len(values) < 2 or values[0] is None or values[1] is None:
            self._lost.append(len(self._columns[0]) + len(self._lost))
            return
        for column, value in zip(self._columns, [*values, None][:3], strict=True):
            column.append(float("nan") if value is None else value)
        if len(self._columns[0]) > POINT_LIMIT:
            raise BadFlight(f"the log has more than {POINT_LIMIT} points")

    def end(self, track: Track) -> None:
        lost = set(self._lost)
        track.without_position += len(lost)
        lon, lat, altitude = (np.array(column) for column in self._columns)
        at, aware = np.full(len(lat), NEVER), False
        if len(self.when) == len(lat) + len(lost):
            told = [when(text) for place, text in enumerate(self.when) if place not in lost]
            at = np.array([NEVER if one is None else microseconds(one) for one in told], dtype=np.int64)
            aware = any(one is not None and one.tzinfo is not None for one in told)
        track.pause()
        track.extend(lat, lon, altitude=altitude, at=at, aware=aware)


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
        if part is not element and part.text and not len(part) and (text := part.text.strip()):
            label = part.get("name") if _local(part.tag) == "field" else None
            values.setdefault(label or _local(part.tag), text)
    high, time, seconds = values.pop("ele", None), values.pop("time", None), values.pop("seconds", None)
    lat, lon = number(element.get("lat")), number(element.get("lon"))
    if lat is None or lon is None:
        track.without_position += 1
        return
    track.add(lat, lon, number(high), when(time), number(seconds), values)


def _add_home(track: Track, element: Element, lat: str | None, lon: str | None) -> None:
    """A way point named home or take-off is a place to cut round, and no more."""
    named = " ".join(
        part.text or "" for part in element.iter() if _local(part.tag) in ("name", "type", "sym")
    )
    place = number(lat), number(lon)
    if place[0] is not None and place[1] is not None and any(word in named.lower() for word in PLACES):
        track.homes.add((place[0], place[1]))


def _add_marked_home(track: Track, placemark: Element) -> None:
    point = next((part for part in placemark.iter() if _local(part.tag) == "Point"), None)
    if point is None:
        return
    text = next((part.text or "" for part in point.iter() if _local(part.tag) == "coordinates"), "")
    lon, lat, *_ = [*text.strip().split(","), "", ""]
    _add_home(track, placemark, lat, lon)


def number(text: str | None) -> float | None:
    """This will read a number; None for anything else."""
    text = (text or "").strip()
    return float(text) if _NUMBER.fullmatch(text) else None


def when(text: str | None) -> datetime | None:
    """This will read a time as ISO 8601 writes it; None for anything else."""
    try:
        return datetime.fromisoformat(text.strip()) if text else None
    except ValueError:
        return None
