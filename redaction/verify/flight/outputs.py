"""Reading a released flight strictly: whatever is not a known part of it is a fault."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

import defusedxml.sax
from defusedxml.common import DefusedXmlException

from redaction.report import Finding
from redaction.verify.table.inspection import ColumnWatch
from redaction.verify.table.reading import Unreadable, decode, header_of

OWN_COLUMNS = ("segment", "time", "seconds", "latitude", "longitude", "altitude_m")
_NAMELESS = ("gpx", "trk", "trkseg", "trkpt", "ele", "time", "extensions", "d:field")
_KML = ("kml", "Document", "Placemark", "gx:Track", "when", "gx:coord", "LineString", "coordinates")
_SECONDS = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_ATTRIBUTES = {
    "gpx": ("version", "creator", "xmlns", "xmlns:d"),
    "trkpt": ("lat", "lon"),
    "d:field": ("name",),
    "kml": ("xmlns", "xmlns:gx"),
}


@dataclass
class Spot:
    """One released point, in the digits of the file."""

    lat: Decimal
    lon: Decimal
    altitude: Decimal | None = None
    time: str | None = None
    seconds: str | None = None
    fields: dict[str, str] = field(default_factory=dict)


@dataclass
class Released:
    """The points of an output by segment, and what else was found in it."""

    segments: list[list[Spot]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def fault(self, message: str, place: str = "") -> None:
        if len(self.findings) < 20:
            self.findings.append(Finding(message, place=place))


def read(path: Path) -> Released:
    """This will read an output by its suffix; faults of form are in the result, not raised."""
    released = Released()
    readers: dict[str, Callable[[Path, Released], None]] = {
        ".csv": _read_csv,
        ".geojson": _read_geojson,
        ".json": _read_geojson,
        ".gpx": _read_xml,
        ".kml": _read_xml,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        released.fault(f"a flight cannot be released as {path.suffix or 'a file without suffix'}")
        return released
    try:
        reader(path, released)
    except Unreadable as error:
        released.fault(str(error))
    except (DefusedXmlException, SAXException):
        released.fault("is not well-formed XML without a document type")
    except (
        InvalidOperation,
        UnicodeError,
        RecursionError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
    ) as error:
        released.fault(f"cannot be read as a released flight: {type(error).__name__}")
    for segment in released.segments:
        for spot in segment:
            _check_values(released, spot)
    return released


def _check_values(released: Released, spot: Spot) -> None:
    """A place for digits that holds anything else is a hiding place."""
    if not (abs(spot.lat) <= 90 and abs(spot.lon) <= 180):
        released.fault("holds a point that is not on Earth")
    if spot.seconds is not None and not _SECONDS.fullmatch(spot.seconds):
        released.fault("holds something else where seconds belong")
        spot.seconds = None
    if spot.time is not None and not _TIME.fullmatch(spot.time):
        released.fault("holds something else where a time belongs")
        spot.time = None


def _read_csv(path: Path, released: Released) -> None:
    text = decode(path)
    delimiter, header = header_of(text, ["latitude", "longitude"])
    released.names = [name for name in header if name not in OWN_COLUMNS]
    watch = ColumnWatch(len(header))
    records = text.records(delimiter)
    next(records)
    before = None
    for row, cells in records:
        if not cells:
            continue
        if len(cells) != len(header):
            released.fault(f"has {len(cells)} cells, the header {len(header)}", f"row {row}")
            return
        watch.see(row, cells)
        values = dict(zip(header, cells, strict=True))
        if before is None or values.get("segment") != before:
            released.segments.append([])
            before = values.get("segment")
        released.segments[-1].append(
            Spot(
                lat=Decimal(values["latitude"]),
                lon=Decimal(values["longitude"]),
                altitude=Decimal(values["altitude_m"]) if values.get("altitude_m") else None,
                time=values.get("time") or None,
                seconds=values.get("seconds") or None,
                fields={name: values[name] for name in released.names},
            )
        )
    for place, row in watch.faults():
        released.fault(f"a cell of column {header[place]!r} could run as a formula", f"row {row}")


def _read_geojson(path: Path, released: Released) -> None:
    data = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal)
    _only(released, data, "type", "features")
    names: dict[str, None] = {}
    for feature in data["features"]:
        _only(released, feature, "type", "geometry", "properties")
        _only(released, feature["geometry"], "type", "coordinates")
        properties = feature["properties"]
        _only(released, properties, "segment", "times", "seconds", "fields")
        line = feature["geometry"]["coordinates"]
        line = [line] if feature["geometry"]["type"] == "Point" else line
        fields = properties.get("fields", {})
        names.update(dict.fromkeys(fields))
        released.segments.append(
            [
                Spot(
                    lat=spot[1],
                    lon=spot[0],
                    altitude=spot[2] if len(spot) > 2 else None,
                    time=_item(properties.get("times"), place),
                    seconds=_item(properties.get("seconds"), place),
                    fields={name: str(values[place]) for name, values in fields.items()},
                )
                for place, spot in enumerate(line)
            ]
        )
    released.names = list(names)


def _item(values: list[Any] | None, place: int) -> str | None:
    return None if values is None or values[place] is None else str(values[place])


def _only(released: Released, found: dict[str, Any], *known: str) -> None:
    for name in found:
        if name not in known:
            released.fault(f"holds {name!r}, which is no part of a released flight")


def _read_xml(path: Path, released: Released) -> None:
    handler = _Handler(released)
    defusedxml.sax.parse(str(path), handler, forbid_dtd=True)
    if re.search(rb"<!--|<\?(?!xml )", path.read_bytes()):
        released.fault("holds a comment or a processing instruction")


class _Handler(ContentHandler):
    """GPX and KML as events, so that an unknown element is seen wherever it hides."""

    def __init__(self, released: Released) -> None:
        super().__init__()
        self._released = released
        self._text: list[str] = []
        self._name = ""
        self._when: list[str] = []
        self._spot: Spot | None = None

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  # the SAX interface
        if name not in (*_NAMELESS, *_KML):
            self._released.fault(f"holds the element {name!r}, which is no part of a released flight")
        if "".join(self._text).strip():
            self._released.fault("holds text between its elements")
        self._text = []
        for attribute in attrs.getNames():
            if attribute not in _ATTRIBUTES.get(name, ()):
                self._released.fault(f"holds the attribute {attribute!r} of {name!r}")
        if name == "gpx" and attrs.get("creator") != "daylight":
            self._released.fault("names the program or aircraft that made it")
        if name in ("trkseg", "gx:Track", "LineString"):
            self._released.segments.append([])
            self._when = []
        if name in ("trkpt", "wpt", "rtept"):
            self._spot = Spot(Decimal(attrs["lat"]), Decimal(attrs["lon"]))
            if not self._released.segments:
                self._released.segments.append([])
            self._released.segments[-1].append(self._spot)
        if name == "d:field":
            self._name = attrs.get("name", "")

    def characters(self, content: str) -> None:
        self._text.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802  # the SAX interface
        text, self._text = "".join(self._text).strip(), []
        spot = self._spot
        if name == "ele" and spot:
            spot.altitude = Decimal(text)
        elif name == "time" and spot:
            spot.time = text
        elif name == "d:field" and spot:
            self._field(spot, text)
        elif name == "when":
            self._when.append(text)
        elif name == "gx:coord":
            segment = self._released.segments[-1]
            lon, lat, altitude = (Decimal(part) for part in text.split())
            segment.append(Spot(lat, lon, altitude, time=self._when[len(segment)]))
        elif name == "coordinates" and self._released.segments:
            for part in text.split():
                lon, lat, *rest = (Decimal(value) for value in part.split(","))
                self._released.segments[-1].append(Spot(lat, lon, rest[0] if rest else None))
        elif text:
            self._released.fault(f"holds text in {name!r}")

    def _field(self, spot: Spot, text: str) -> None:
        if self._name == "seconds":
            spot.seconds = text
            return
        spot.fields[self._name] = text
        if self._name not in self._released.names:
            self._released.names.append(self._name)
