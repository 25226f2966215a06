"""What a raw flight log gives away, read a second time with other means than the engine's."""

import json
import re
import struct
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax import SAXException

import numpy as np
from defusedxml.common import DefusedXmlException
from numpy.typing import NDArray

from redaction.report import Refused
from redaction.verify.flight.words import moment

STRINGS = 20_000  # different strings of a source looked for in the output
SILENCE = 600.0  # seconds after which the aircraft must have landed
GROUND, REST, TREMBLE = 1.0, 10.0, 1.0  # metres of height, seconds, metres a second: it certainly stood
BLOCK = 1024 * 1024

_RUN = re.compile(rb"[\x20-\x7e]{6,64}")
_HOME = re.compile(r"home|take-?off|landing|launch|pilot|rth", re.IGNORECASE)

Place = tuple[float, float]
Floats = NDArray[np.float64]


@dataclass
class Evidence:
    """All points of the log by flight, places that it calls home, its strings and dates.

    ``swapped`` are files whose pairs could be read in two orders: then each place stands for both.
    """

    homes: set[Place] = field(default_factory=set)
    strings: set[str] = field(default_factory=set)
    dates: set[str] = field(default_factory=set)
    above_ground: bool = False
    open_order: bool = False
    _columns: tuple["array[float]", ...] = field(default_factory=lambda: tuple(array("d") for _ in range(5)))
    _flight: int = 0

    def part(self) -> None:
        """This will end a flight: what follows is another."""
        self._flight += 1

    def point(self, lat: float, lon: float, high: float = float("nan"), at: float = float("nan")) -> None:
        """This will take one point; degrees, metres, seconds."""
        if abs(lat) <= 90 and abs(lon) <= 180 and (abs(lat) > 1e-4 or abs(lon) > 1e-4):
            for column, value in zip(self._columns, (lat, lon, high, at, self._flight), strict=True):
                column.append(value)

    def points(self, lat: Any, lon: Any, high: Any = None, at: Any = None) -> None:
        """This will take many points of one flight."""
        blank = np.full(len(lat), np.nan)
        lat, lon = np.asarray(lat, float), np.asarray(lon, float)
        good = (np.abs(lat) <= 90) & (np.abs(lon) <= 180) & ((np.abs(lat) > 1e-4) | (np.abs(lon) > 1e-4))
        flight = np.full(len(lat), float(self._flight))
        for column, values in zip(
            self._columns,
            (lat, lon, blank if high is None else high, blank if at is None else at, flight),
            strict=True,
        ):
            column.frombytes(np.asarray(values, float)[good].tobytes())

    @property
    def places(self) -> tuple[Floats, Floats]:
        """Latitudes and longitudes of all points."""
        return np.array(self._columns[0]), np.array(self._columns[1])

    def ends(self) -> set[Place]:
        """This will give where flights begin and end, where the aircraft surely stood, and all homes."""
        lat, lon = self.places
        high, at, flight = (np.array(column) for column in self._columns[2:])
        ends = set(self.homes)
        if len(lat):
            with np.errstate(invalid="ignore"):
                fresh = (np.diff(flight) != 0) | (np.abs(np.diff(at)) > SILENCE)
            starts = np.concatenate([[0], np.flatnonzero(fresh) + 1, [len(lat)]])
            for first, after in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
                ends |= {(lat[first], lon[first]), (lat[after - 1], lon[after - 1])}
                part = slice(first, after)
                ends |= _rests(lat[part], lon[part], high[part], at[part], above_ground=self.above_ground)
        return ends | {(lon, lat) for lat, lon in ends if abs(lon) <= 90} if self.open_order else ends

    def say(self, text: str) -> None:
        text = text.strip()
        if len(self.strings) < STRINGS and 5 <= len(text) <= 500 and re.search(r"[^\W\d_]", text):
            self.strings.add(text)

    def date(self, text: str) -> None:
        if found := re.match(r"\s*(\d{4}-\d\d-\d\d)", text):
            self.dates.add(found[1])


def gather(source: Path, released: frozenset[str]) -> Evidence:
    """This will read a log of any dialect; strings of released fields are not held against the output.

    :raises Refused: when nothing can be made of the log.
    """
    from redaction.verify.flight import binary, cues, markup, tabular

    evidence = Evidence()
    with source.open("rb") as stream:
        head = stream.read(4096)
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    start = head.decode("utf-16" if wide else "utf-8-sig", errors="replace").lstrip()
    try:
        if reader := binary.reader_of(head):
            reader(source, evidence)
            _say_runs(source, evidence)
        elif start.startswith("<"):
            markup.read_raw(source, evidence, released)
        elif start.startswith("{"):
            _walk_json(evidence, json.loads(source.read_bytes()), released)
        elif "-->" in start:
            cues.read(source, evidence)
        else:
            tabular.read(source, evidence, released)
    except (
        *(DefusedXmlException, SAXException, ValueError, RecursionError, UnicodeError),
        *(LookupError, OverflowError, struct.error),  # a damaged binary log
    ) as error:
        raise Refused(f"the source cannot be read again: {type(error).__name__}") from None
    return evidence


def _rests(lat: Floats, lon: Floats, high: Floats, at: Floats, *, above_ground: bool) -> set[Place]:
    """Where it stood for ten seconds at the height of the ground: a stricter look than the engine's."""
    if len(lat) < 2 or not np.isfinite(high).all() or not np.isfinite(at).all():
        return set()
    ground = 0.0 if above_ground else float(high.min())
    if not above_ground and min(high[0], high[-1]) - ground > GROUND:
        return set()
    passed = np.maximum(np.diff(at), 1e-3)
    east = ((np.diff(lon) + 180) % 360 - 180) * np.cos(np.radians(lat[:-1]))
    still = np.hypot(np.diff(lat), east) * 111_195 / passed < TREMBLE / 4
    low = np.abs(high - ground) <= GROUND
    found, held = set(), 0.0
    for place in np.flatnonzero(still & low[:-1] & low[1:]).tolist():
        follows = place > 0 and still[place - 1] and low[place - 1]
        held = held + passed[place] if follows else passed[place]
        if held >= REST:
            found.add((round(lat[place], 5), round(lon[place], 5)))
    return found


def _say_runs(source: Path, evidence: Evidence) -> None:
    """Every printable run of a binary log: names, serial numbers, versions."""
    with source.open("rb") as stream:
        while block := stream.read(BLOCK):
            for run in _RUN.findall(block):
                text = run.decode("ascii").strip()
                if re.search(r"[A-Za-z]{2}", text) and re.search(r"[^\W_]{5}", text):
                    evidence.say(text)


def _walk_json(evidence: Evidence, data: Any, released: frozenset[str]) -> None:
    features = data.get("features", [data])
    lined = any("LineString" in str((feature.get("geometry") or feature).get("type")) for feature in features)
    for feature in features:
        geometry = feature.get("geometry") or ({} if "geometry" in feature else feature)
        properties = feature.get("properties") or {}
        for name, value in properties.items():
            if isinstance(value, str) and name not in released and moment(value) != moment(value):
                evidence.say(value)
        named = " ".join(value for value in properties.values() if isinstance(value, str))
        times = next((properties[name] for name in ("times", "coordTimes") if name in properties), None)
        for text in times if isinstance(times, list) else [properties.get("time")]:
            evidence.date(text if isinstance(text, str) else "")
        for part in geometry.get("geometries", [geometry]):
            spots = part.get("coordinates", [])
            kind = part.get("type")
            if kind == "Point" and _HOME.search(named):
                evidence.homes.add((float(spots[1]), float(spots[0])))
            if kind == "Point" and lined:
                continue
            lines = {"Point": [[spots]], "LineString": [spots], "MultiLineString": spots}.get(kind, [])
            for line in lines:
                for spot in line:
                    evidence.point(float(spot[1]), float(spot[0]))
