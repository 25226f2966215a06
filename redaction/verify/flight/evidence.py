"""What a raw flight log gives away, read a second time with looser and different means than the engine's."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

import defusedxml.sax
from defusedxml.common import DefusedXmlException

from redaction.report import Refused
from redaction.verify.table.reading import decode, header_of
from redaction.verify.table.values import instant

STRINGS = 20_000  # different strings of a source looked for in the output

_NUMBER = r"([-+]?\d+(?:\.\d+)?)"
_CUE = re.compile(r"^\s*\d+:\d\d:\d\d[,.]\d+ *-->.*$", re.MULTILINE)
_NAMED = re.compile(
    rf"\blat(?:itude)?\s*[:=]\s*{_NUMBER}\D+?\blon\w*\s*[:=]\s*{_NUMBER}", re.IGNORECASE | re.DOTALL
)
_PAIR = re.compile(rf"\b(GPS|HOME)\s*:?\s*\(\s*{_NUMBER}\s*,\s*{_NUMBER}", re.IGNORECASE)
_LAT_NAMES = re.compile(r"(gps|osd|drone|aircraft)?lat(itude)?(deg)?")
_LON_NAMES = re.compile(r"(gps|osd|drone|aircraft)?(lon(g|gitude)?|lng)(deg)?")
_HOME_NAMES = re.compile(r"(home(point|location)?|takeoff)(lat|lon)(itude|gitude)?")

Place = tuple[float, float]


@dataclass
class Evidence:
    """All (lat, lon) of the log, those where flights begin and end or that it calls home, and its strings."""

    places: list[Place] = field(default_factory=list)
    ends: set[Place] = field(default_factory=set)
    strings: set[str] = field(default_factory=set)
    dates: set[str] = field(default_factory=set)

    def line(self, places: Iterable[Place]) -> None:
        """This will take one unbroken line of a log, with both its ends."""
        found = [place for place in places if abs(place[0]) > 1e-4 or abs(place[1]) > 1e-4]
        found = [(lat, lon) for lat, lon in found if abs(lat) <= 90 and abs(lon) <= 180]
        self.places += found

    def close(self) -> None:
        """This will take what came so far as whole flights: the very first and last place are ends."""
        if self.places:
            self.ends |= {self.places[0], self.places[-1]}

    def say(self, text: str) -> None:
        text = text.strip()
        if len(self.strings) < STRINGS and len(text) >= 5 and re.search(r"[^\W\d_]", text):
            self.strings.add(text)


def gather(source: Path, released: frozenset[str]) -> Evidence:
    """This will read a log of any dialect; strings of released fields are not held against the output.

    :raises Refused: when nothing can be made of the log.
    """
    evidence = Evidence()
    with source.open("rb") as stream:
        head = stream.read(4096)
    try:
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            defusedxml.sax.parse(str(source), _Collector(evidence, released), forbid_dtd=True)
        elif head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            _walk_json(evidence, json.loads(source.read_text(encoding="utf-8-sig")), released)
        elif b"-->" in head:
            _read_cues(evidence, source.read_text(encoding="utf-8-sig", errors="replace"))
        else:
            _read_columns(evidence, source, released)
    except (DefusedXmlException, SAXException, ValueError, RecursionError, UnicodeError) as error:
        raise Refused(f"the source cannot be read again: {type(error).__name__}") from None
    evidence.close()
    return evidence


def _read_cues(evidence: Evidence, text: str) -> None:
    cues = _CUE.split(text)[1:]
    pairs = [(kind.upper(), float(a), float(b)) for cue in cues for kind, a, b in _PAIR.findall(cue)]
    swapped = not any(abs(b) > 90 for _, _, b in pairs) and (
        any(abs(a) > 72 for _, a, _ in pairs) or not any(abs(b) > 72 for _, _, b in pairs)
    )
    places: list[Place] = []
    for cue in cues:
        named = _NAMED.search(cue)
        if named:
            places.append((float(named[1]), float(named[2])))
        for kind, first, second in _PAIR.findall(cue):
            pair = (float(second), float(first)) if swapped else (float(first), float(second))
            if kind.upper() == "HOME":
                evidence.ends.add(pair)
            elif not named:
                places.append(pair)
    evidence.line(places)
    evidence.dates |= set(re.findall(r"\d{4}-\d\d-\d\d", text))


def _read_columns(evidence: Evidence, source: Path, released: frozenset[str]) -> None:
    text = decode(source)
    delimiter, header = header_of(text, [])
    plain = [re.sub(r"[^a-z]", "", re.sub(r"\(.*?\)|\[.*?\]", "", name.lower())) for name in header]
    lat = next((place for place, name in enumerate(plain) if _LAT_NAMES.fullmatch(name)), None)
    lon = next((place for place, name in enumerate(plain) if _LON_NAMES.fullmatch(name)), None)
    if lat is None or lon is None:
        raise Refused("the source has no columns for latitude and longitude")
    homes = [place for place, name in enumerate(plain) if _HOME_NAMES.fullmatch(name)]
    records = text.records(delimiter)
    next(records)
    places: list[Place] = []
    kept = [place for place, name in enumerate(header) if name.strip() not in released]
    passing = [place for place, name in enumerate(header) if name.strip() in released]
    allowed: set[str] = set()
    for _, cells in records:
        if len(cells) != len(header):
            continue
        try:
            places.append((float(cells[lat]), float(cells[lon])))
        except ValueError:
            continue
        if len(homes) == 2 and all(re.fullmatch(r"\s*" + _NUMBER + r"\s*", cells[each]) for each in homes):
            home = (float(cells[homes[0]]), float(cells[homes[1]]))
            if any(home):
                evidence.ends.add(home if plain[homes[0]].find("lat") >= 0 else home[::-1])
        for place in kept:
            if instant(cells[place], day_first=False) is None:
                evidence.say(cells[place])
            elif found := re.match(r"\s*(\d{4}-\d\d-\d\d)", cells[place]):
                evidence.dates.add(found[1])
        allowed |= {cells[place].strip() for place in passing}
    evidence.strings -= allowed
    evidence.line(places)


def _walk_json(evidence: Evidence, data: Any, released: frozenset[str]) -> None:
    geometries = [data] if "coordinates" in data else []
    for feature in data.get("features", [data]):
        geometry = feature.get("geometry") or {}
        geometries += geometry.get("geometries", [geometry])
        for name, value in (feature.get("properties") or {}).items():
            if isinstance(value, str) and name not in released and instant(value, day_first=False) is None:
                evidence.say(value)
    for geometry in geometries:
        spots = geometry.get("coordinates", [])
        lines = {"Point": [[spots]], "LineString": [spots], "MultiLineString": spots}.get(
            geometry.get("type"), []
        )
        for line in lines:
            evidence.line([(float(spot[1]), float(spot[0])) for spot in line])


class _Collector(ContentHandler):
    """GPX and KML: points of tracks, and every other text and attribute as a string."""

    def __init__(self, evidence: Evidence, released: frozenset[str]) -> None:
        super().__init__()
        self._evidence, self._released = evidence, released
        self._text: list[str] = []
        self._path: list[str] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  # the SAX interface
        local = name.rpartition(":")[2]
        self._text = []
        self._path.append(local)
        if local in ("trk", "rte", "Placemark"):
            self._end_flight()
        if local in ("trkpt", "rtept"):
            self._add([(attrs.get("lat", ""), attrs.get("lon", ""))])
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
        if local == "coord":
            self._add([([*text.split(), "", ""])[1::-1]])
        elif local == "coordinates":
            if "LineString" in self._path:
                self._add([([*part.split(","), ""])[1::-1] for part in text.split()])
        elif local in ("time", "when"):
            self._evidence.dates |= set(re.findall(r"\d{4}-\d\d-\d\d", text))
        elif local not in self._released:
            self._evidence.say(text)

    def _add(self, pairs: Iterable[Any]) -> None:
        places = [
            (float(lat), float(lon))
            for lat, lon in pairs
            if re.fullmatch(_NUMBER, lat.strip()) and re.fullmatch(_NUMBER, lon.strip())
        ]
        fresh = not self._evidence.places or self._fresh
        self._evidence.line(places)
        if fresh and self._evidence.places:
            self._evidence.ends.add(self._evidence.places[-len(places) or -1])
            self._fresh = False

    _fresh = True

    def _end_flight(self) -> None:
        self._evidence.close()
        self._fresh = True
