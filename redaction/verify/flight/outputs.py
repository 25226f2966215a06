"""Reading a released flight strictly: whatever is not a known part of it is a fault. Columns, not objects."""

import csv
import json
import re
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax import SAXException

import numpy as np
from defusedxml.common import DefusedXmlException
from numpy.typing import NDArray

from redaction.report import Finding

OWN_COLUMNS = ("segment", "time", "seconds", "latitude", "longitude", "altitude_m")
DISTINCT = 10_000  # different values of a field that are kept to be looked at
NAN = float("nan")

_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,12})?", re.ASCII)
_SECONDS = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_RUNS = re.compile(r"\s*[=+\-@|%\t\r]")  # what a spreadsheet may take for a formula

Floats = NDArray[np.float64]


class Foreign(ValueError):
    """A place for digits holds something else."""


@dataclass
class Released:
    """The points of an output, and what else was found in it.

    Degrees, metres; ``time`` in seconds since 1970, ``seconds`` since the first point (NaN: none).
    """

    findings: list[Finding] = field(default_factory=list)
    names: dict[str, None] = field(default_factory=dict)
    values: dict[str, set[str]] = field(default_factory=dict)
    columns: dict[str, "array[float]"] = field(
        default_factory=lambda: {
            name: array("d") for name in ("lat", "lon", "altitude", "time", "seconds", "speed", "segment")
        }
    )
    segments: int = 0

    def __len__(self) -> int:
        return len(self.columns["lat"])

    def __getitem__(self, name: str) -> Floats:
        return np.array(self.columns[name])

    def fault(self, message: str, place: str = "") -> None:
        if len(self.findings) < 20:
            self.findings.append(Finding(message, place=place))

    def add(
        self, lat: Any, lon: Any, *, altitude: Any = "", time: Any = "", seconds: Any = "", fields: Any = ()
    ) -> None:
        """This will take one point, in the digits of the file."""
        spot = {"lat": _number(lat), "lon": _number(lon), "segment": float(self.segments), "speed": NAN}
        if not (abs(spot["lat"]) <= 90 and abs(spot["lon"]) <= 180):
            self.fault("holds a point that is not on Earth")
        spot["altitude"] = NAN if altitude in ("", None) else _number(altitude)
        spot["seconds"], spot["time"] = self._seconds(seconds), self._time(time)
        for name, value in fields:
            self.names[name] = None
            kept = self.values.setdefault(name, set())
            if len(kept) < DISTINCT:
                kept.add(value)
            if name.strip().lower() == "speed" and value:
                spot["speed"] = _number(value)
        for name, column in self.columns.items():
            column.append(spot[name])

    def _seconds(self, text: Any) -> float:
        if text in ("", None):
            return NAN
        if not _SECONDS.fullmatch(str(text)):
            self.fault("holds something else where seconds belong")
            return NAN
        return float(text)

    def _time(self, text: Any) -> float:
        if text in ("", None):
            return NAN
        if not _TIME.fullmatch(str(text)):
            self.fault("holds something else where a time belongs")
            return NAN
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def read(path: Path) -> Released:
    """This will read an output by its suffix; faults of form are in the result, not raised."""
    from redaction.verify.flight import markup

    released = Released()
    readers: dict[str, Callable[[Path, Released], None]] = {
        ".csv": _read_csv,
        ".geojson": _read_geojson,
        ".json": _read_geojson,
        ".gpx": markup.read_released,
        ".kml": markup.read_released,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        released.fault(f"a flight cannot be released as {path.suffix or 'a file without suffix'}")
        return released
    try:
        reader(path, released)
    except (DefusedXmlException, SAXException):
        released.fault("is not well-formed XML without a document type")
    except (UnicodeError, RecursionError, ValueError, TypeError, KeyError, IndexError, csv.Error) as error:
        released.fault(f"cannot be read as a released flight: {type(error).__name__}")
    return released


def _number(text: Any) -> float:
    if not _NUMBER.fullmatch(str(text)):
        raise Foreign("a place for digits holds something else")
    return float(text)


def _read_csv(path: Path, released: Released) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream, strict=True)
        header = next(rows, [])
        if not header:
            released.fault("the file is empty")
            return
        names = [name for name in header if name not in OWN_COLUMNS]
        released.names.update(dict.fromkeys(names))
        before = None
        texts: dict[str, bool] = {}
        for number, cells in enumerate(rows, 2):
            if len(cells) != len(header):
                released.fault(f"has {len(cells)} cells, the header {len(header)}", f"row {number}")
                return
            values = dict(zip(header, cells, strict=True))
            if before is None or values.get("segment") != before:
                released.segments += 1
                before = values.get("segment")
            for name in names:
                texts[name] = texts.get(name, False) or bool(values[name] and not _is_plain(values[name]))
            released.add(
                values["latitude"],
                values["longitude"],
                altitude=values.get("altitude_m", ""),
                time=values.get("time", ""),
                seconds=values.get("seconds", ""),
                fields=[(name, values[name]) for name in names],
            )
    for name in [*header, *names]:
        # a column of numbers alone may hold negative ones
        risky = [name] if name in header else []
        risky += [value for value in released.values.get(name, ()) if texts.get(name)]
        if any(_RUNS.match(value) for value in risky):
            released.fault(f"a cell of column {name!r} could run as a formula")


def _is_plain(value: str) -> bool:
    return re.fullmatch(r"\s*[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?\s*", value, re.ASCII) is not None


def _read_geojson(path: Path, released: Released) -> None:
    # numbers stay the text they are written as
    data = json.loads(path.read_text(encoding="utf-8"), parse_float=str, parse_int=str)
    _only(released, data, "type", "features")
    for feature in data["features"]:
        _only(released, feature, "type", "geometry", "properties")
        _only(released, feature["geometry"], "type", "coordinates")
        properties = feature["properties"]
        _only(released, properties, "segment", "times", "seconds", "fields")
        _number(properties.get("segment", "0"))
        line = feature["geometry"]["coordinates"]
        line = [line] if feature["geometry"]["type"] == "Point" else line
        fields = properties.get("fields", {})
        released.names.update(dict.fromkeys(fields))
        released.segments += 1
        for place, spot in enumerate(line):
            if len(spot) not in (2, 3):
                raise Foreign("a position has two or three numbers")
            released.add(
                spot[1],
                spot[0],
                altitude=spot[2] if len(spot) > 2 else "",
                time=_item(properties.get("times"), place),
                seconds=_item(properties.get("seconds"), place),
                fields=[(name, values[place]) for name, values in fields.items()],
            )


def _item(values: list[Any] | None, place: int) -> Any:
    return "" if values is None else values[place]


def _only(released: Released, found: dict[str, Any], *known: str) -> None:
    for name in found:
        if name not in known:
            released.fault(f"holds {name!r}, which is no part of a released flight")
