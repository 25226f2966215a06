"""Reading a released flight strictly: whatever is not a known part of it is a fault. Columns, not objects."""

import csv
import json
from collections.abc import Callable
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

import numpy as np
from defusedxml.common import DefusedXmlException

from redaction.verify.flight.released import RUNS, Foreign, Released

OWN_COLUMNS = ("segment", "time", "seconds", "latitude", "longitude", "altitude_m")
BATCH = 512  # rows; more fall out of the near memory


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
    except (DefusedXmlException, ExpatError):
        released.fault("is not well-formed XML without a document type")
    except (UnicodeError, RecursionError, ValueError, TypeError, KeyError, IndexError, csv.Error) as error:
        released.fault(f"cannot be read as a released flight: {type(error).__name__}")
    return released


def _read_csv(path: Path, released: Released) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream, strict=True)
        header = next(rows, [])
        if not header:
            released.fault("the file is empty")
            return
        names = [name for name in header if name not in OWN_COLUMNS]
        released.fields(names)
        before: str | None = None
        done = 1
        while batch := list(islice(rows, BATCH)):
            odd = next((place for place, row in enumerate(batch) if len(row) != len(header)), None)
            if odd is not None:
                place = f"row {done + odd + 1}"
                released.fault(f"has {len(batch[odd])} cells, the header {len(header)}", place)
                return
            done += len(batch)
            columns = dict(zip(header, zip(*batch, strict=True), strict=True))
            segments = columns.get("segment", ("",) * len(batch))
            fresh = [one != other for one, other in pairwise((before, *segments))]
            before = segments[-1]
            released.take(
                columns["latitude"],
                columns["longitude"],
                altitude=columns.get("altitude_m"),
                time=columns.get("time"),
                seconds=columns.get("seconds"),
                fields={name: columns[name] for name in names},
                segment=released.segments + np.cumsum(fresh),
            )
            released.segments += sum(fresh)
    for name in header:
        kept = released.kept.get(name)
        # a column of numbers alone may hold negative ones
        if RUNS.match(name) or (kept is not None and kept.runs and not kept.plain):
            released.fault(f"a cell of column {name!r} could run as a formula")


def _read_geojson(path: Path, released: Released) -> None:
    # numbers stay the text they are written as
    data = json.loads(path.read_text(encoding="utf-8"), parse_float=str, parse_int=str)
    _only(released, data, "type", "features")
    for feature in data["features"]:
        _only(released, feature, "type", "geometry", "properties")
        _only(released, feature["geometry"], "type", "coordinates")
        properties = feature["properties"]
        _only(released, properties, "segment", "times", "seconds", "fields")
        released.check_number(properties.get("segment", "0"))
        line = feature["geometry"]["coordinates"]
        line = [line] if feature["geometry"]["type"] == "Point" else line
        fields = properties.get("fields", {})
        released.fields(fields)
        released.segments += 1
        if any(len(spot) not in (2, 3) for spot in line):
            raise Foreign("a position has two or three numbers")
        released.take(
            [spot[1] for spot in line],
            [spot[0] for spot in line],
            altitude=[spot[2] if len(spot) > 2 else "" for spot in line],
            time=_items(properties.get("times"), line),
            seconds=_items(properties.get("seconds"), line),
            fields={name: values[: len(line)] for name, values in fields.items()},
        )
        listed = {**fields, **{name: properties.get(name) for name in ("times", "seconds")}}
        for name, values in listed.items():
            if values is not None and len(values) != len(line):
                released.fault(f"holds {len(values)} values of {name!r} for {len(line)} points")


def _items(values: list[Any] | None, line: list[Any]) -> list[str] | None:
    return None if values is None else ["" if value is None else value for value in values[: len(line)]]


def _only(released: Released, found: dict[str, Any], *known: str) -> None:
    for name in found:
        if name not in known:
            released.fault(f"holds {name!r}, which is no part of a released flight")
