"""GPX and KML as events: a released file, where every unknown element is a fault, and a raw one."""

import mmap
import re
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.parsers import expat
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

import defusedxml.sax
from defusedxml.common import DTDForbidden

from redaction.verify.flight.evidence import Evidence
from redaction.verify.flight.released import Released
from redaction.verify.flight.words import moment

BATCH = 4_096  # points

_GPX = ("gpx", "trk", "trkseg", "trkpt", "ele", "time", "extensions", "d:field")
_KML = ("kml", "Document", "Placemark", "gx:Track", "when", "gx:coord", "LineString", "coordinates")
_KNOWN = frozenset((*_GPX, *_KML))
_ATTRIBUTES = {
    "gpx": ("version", "creator", "xmlns", "xmlns:d"),
    "trkpt": ("lat", "lon"),
    "d:field": ("name",),
    "kml": ("xmlns", "xmlns:gx"),
}
_VALUES = frozenset(
    (
        "1.1",
        "http://www.topografix.com/GPX/1/1",
        "urn:daylight:flight:1",
        "http://www.opengis.net/kml/2.2",
        "http://www.google.com/kml/ext/2.2",
    )
)
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?")
_HOMES = re.compile(r"home|take-?off|landing|launch|pilot|rth", re.IGNORECASE)


def read_released(path: Path, released: Released) -> None:
    """This will read a released file; whatever is foreign in it becomes a fault."""
    _Strict(released).parse(path)
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if re.search(rb"<!--|<\?(?!xml )|<!\[CDATA\[", data):
            released.fault("holds a comment or a processing instruction")


def read_raw(path: Path, evidence: Evidence, passing: frozenset[str]) -> None:
    """This will take the points of a raw log, and every other text and attribute of it."""
    defusedxml.sax.parse(str(path), _Raw(evidence, passing), forbid_dtd=True)


class _Points:
    """Points of any segments, handed on by the thousand."""

    def __init__(self, released: Released) -> None:
        self._released = released
        self._clear()

    def _clear(self) -> None:
        self._spots: list[tuple[str, str, str, str, str]] = []
        self._segments: list[int] = []
        self._fields: dict[str, list[str]] = {}

    def add(
        self,
        lat: str,
        lon: str,
        *,
        altitude: str = "",
        time: str = "",
        seconds: str = "",
        fields: Iterable[tuple[str, str]] = (),
    ) -> None:
        place = len(self._spots)
        self._spots.append((lat, lon, altitude, time, seconds))
        self._segments.append(self._released.segments)
        for name, value in fields:
            column = self._fields.setdefault(name, [])
            column.extend([""] * (place - len(column)))
            column.append(value)
        if place + 1 == BATCH:
            self.flush()

    def flush(self) -> None:
        if self._spots:
            lat, lon, altitude, time, seconds = zip(*self._spots, strict=True)
            count = len(lat)
            fields = {name: values + [""] * (count - len(values)) for name, values in self._fields.items()}
            self._released.take(
                lat,
                lon,
                altitude=altitude,
                time=time,
                seconds=seconds,
                fields=fields,
                segment=self._segments,
            )
        self._clear()


class _Strict:
    """A released file, element by element, straight from expat."""

    def __init__(self, released: Released) -> None:
        self._released, self._points = released, _Points(released)
        self._text: list[str] = []
        self._name = ""
        self._when: deque[str] = deque()
        self._spot: dict[str, Any] = {}

    def parse(self, path: Path) -> None:
        """This will read the whole file.

        :raises xml.parsers.expat.ExpatError: when it is not well-formed.
        :raises DTDForbidden: when it has a document type, for only that could bring entities.
        """
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = _forbid
        with path.open("rb") as stream:
            parser.ParseFile(stream)
        self._points.flush()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name not in _KNOWN:
            self._released.fault(f"holds the element {name!r}, which is no part of a released flight")
        if self._text:
            if "".join(self._text).strip():
                self._released.fault("holds text between its elements")
            self._text.clear()
        for attribute, value in attributes.items():
            if attribute not in _ATTRIBUTES.get(name, ()):
                self._released.fault(f"holds the attribute {attribute!r} of {name!r}")
            elif attribute not in ("lat", "lon", "name", "creator") and value not in _VALUES:
                self._released.fault(f"holds something strange in the attribute {attribute!r} of {name!r}")
        if name == "d:field":
            self._name = attributes.get("name", "")
        elif name in ("trkpt", "wpt", "rtept"):
            self._spot = {"lat": attributes["lat"], "lon": attributes["lon"], "fields": []}
        elif name in ("trkseg", "gx:Track", "LineString"):
            self._released.segments += 1
            self._when = deque()
        elif name == "gpx" and attributes.get("creator") != "daylight":
            self._released.fault("names the program or aircraft that made it")

    def _end(self, name: str) -> None:
        text = "".join(self._text).strip() if self._text else ""
        self._text.clear()
        if name == "d:field" and self._name == "seconds":
            self._spot["seconds"] = text
        elif name == "d:field":
            self._spot["fields"].append((self._name, text))
        elif name in ("trkpt", "wpt", "rtept"):
            self._points.add(**self._spot)
            self._spot = {}
        elif name == "ele":
            self._spot["altitude"] = text
        elif name == "time":
            self._spot["time"] = text
        elif name == "when":
            self._when.append(text)
        elif name == "gx:coord":
            lon, lat, altitude = text.split()
            self._points.add(lat, lon, altitude=altitude, time=self._when.popleft() if self._when else "")
        elif name == "coordinates":
            for part in re.finditer(r"\S+", text):
                lon, lat, altitude = [*part[0].split(","), ""][: max(3, part[0].count(",") + 1)]
                self._points.add(lat, lon, altitude=altitude)
        elif text:
            self._released.fault(f"holds text in {name!r}")


def _forbid(name: str, *_: object) -> None:
    raise DTDForbidden(name, None, None)


class _Raw(ContentHandler):
    """A flight for each track, route or placemark."""

    def __init__(self, evidence: Evidence, passing: frozenset[str]) -> None:
        super().__init__()
        self._evidence, self._passing = evidence, passing
        self._text: list[str] = []
        self._path: list[str] = []
        self._spot: dict[str, str] = {}
        self._when: deque[float] = deque()
        self._named = ""
        self._marked: list[str] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  # the SAX interface
        local = name.rpartition(":")[2]
        self._text = []
        self._path.append(local)
        if local in ("trk", "rte", "Placemark"):
            self._evidence.part()
            self._when, self._named, self._marked = deque(), "", []
        if local in ("trkpt", "rtept", "wpt"):
            self._spot = {"lat": attrs.get("lat", ""), "lon": attrs.get("lon", "")}
            self._named = "" if local == "wpt" else self._named
        for attribute in attrs.getNames():
            if (
                attribute not in ("lat", "lon", "version")
                and "xmlns" not in attribute
                and ":" not in attribute
            ):
                self._evidence.say(attrs[attribute])

    def characters(self, content: str) -> None:
        self._text.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802  # the SAX interface
        text, self._text = "".join(self._text).strip(), []
        local = self._path.pop()
        if local in ("trkpt", "rtept"):
            self._add(
                [self._spot["lat"], self._spot["lon"], self._spot.get("ele", "")], self._spot.get("time")
            )
        elif local == "wpt":
            self._home(self._spot["lat"], self._spot["lon"])
        elif local == "coord":
            parts = [*text.split(), "", "", ""][:3]
            at = self._when.popleft() if self._when else float("nan")
            self._add([parts[1], parts[0], parts[2]], None, at)
        elif local == "coordinates" and "LineString" in self._path:
            for part in re.finditer(r"\S+", text):
                lon, lat, high = [*part[0].split(","), "", "", ""][:3]
                self._add([lat, lon, high], None)
        elif local == "coordinates" and "Point" in self._path:
            self._marked = text.split(",")
        elif local == "Placemark" and len(self._marked) > 1:
            self._home(self._marked[1], self._marked[0])
        elif local == "when":
            self._when.append(moment(text))
            self._evidence.date(text)
        elif local in ("ele", "time"):
            self._spot[local] = text
            self._evidence.date(text)
        else:
            if local in ("name", "type", "sym"):
                self._named += " " + text
            if local not in self._passing:
                self._evidence.say(text)

    def _add(self, texts: Iterable[str], time: str | None, at: float = float("nan")) -> None:
        lat, lon, high = (float(text) if _NUMBER.match(text) else float("nan") for text in texts)
        self._evidence.point(lat, lon, high, moment(time) if time else at)

    def _home(self, lat: str, lon: str) -> None:
        if _HOMES.search(self._named) and _NUMBER.match(lat) and _NUMBER.match(lon):
            self._evidence.homes.add((float(lat), float(lon)))
