"""Flight logs as tables: AirData, vendor exports, the reader's own output."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from redaction.engines.flight.track import BadFlight, Point, Track, is_position
from redaction.engines.table import times
from redaction.engines.table.source import open_table

FOOT = 0.3048  # metres

LATITUDE = ("latitude", "lat", "gpslatitude", "gpslat", "osdlatitude", "dronelatitude", "aircraftlatitude")
LONGITUDE = (
    "longitude",
    "lon",
    "lng",
    "long",
    "gpslongitude",
    "gpslon",
    "gpslong",
    "osdlongitude",
    "dronelongitude",
    "aircraftlongitude",
)
RELATIVE = (
    "heightabovetakeoff",
    "relalt",
    "relativealtitude",
    "relativeheight",
    "osdheight",
    "height",
    "altituderelative",
)
ABSOLUTE = (
    "altitudeabovesealevel",
    "altitudeabovesealevelm",
    "altitudem",
    "altitude",
    "alt",
    "absalt",
    "osdaltitude",
    "gpsaltitude",
    "ele",
    "elevation",
    "baroalt",
)
WHEN = (
    "datetimeutc",
    "utc",
    "timeutc",
    "timestamputc",
    "datetime",
    "timestamp",
    "gpsdatetime",
    "updatetime",
    "customupdatetime",
    "time",
    "when",
    "gpstime",
)
ELAPSED = (
    "timemillisecond",
    "timems",
    "elapsedms",
    "seconds",
    "elapsed",
    "elapseds",
    "flytimes",
    "osdflytimes",
)
HOMES = (
    ("homelatitude", "homelongitude"),
    ("homelat", "homelon"),
    ("homepointlatitude", "homepointlongitude"),
    ("homelocationlatitude", "homelocationlongitude"),
    ("takeofflatitude", "takeofflongitude"),
    ("takeofflat", "takeofflon"),
)


def read(path: Path) -> Track:
    """This will read a flight table by the names of its columns.

    :raises BadFlight: when no column is a latitude or longitude.
    :raises BadTable: when it is not one well-formed table; the message names the row.
    """
    table = open_table(path)
    plain = [_plain(name) for name in table.header]
    lat, lon = _first(plain, LATITUDE), _first(plain, LONGITUDE)
    if lat is None or lon is None:
        raise BadFlight("the table has no column for latitude and longitude")
    relative, absolute = _first(plain, RELATIVE), _first(plain, ABSOLUTE)
    altitude = relative if relative is not None else absolute
    track = Track("flight CSV")
    track.altitude_reference = "above take-off" if relative is not None else "above sea level"
    metres = 1.0
    if altitude is not None and re.search(r"feet|\bft\b|\(ft|\[ft", table.header[altitude].lower()):
        metres = FOOT
    homes = [(plain.index(a), plain.index(b)) for a, b in HOMES if a in plain and b in plain]
    elapsed, when = _first(plain, ELAPSED), _first(plain, WHEN)
    split = plain.index("segment") if "segment" in plain else None
    day_first = _is_day_first(table.rows(), when)
    place: str | None = None
    utc = when is not None and "utc" in plain[when]
    scale = 0.001 if elapsed is not None and plain[elapsed].endswith(("ms", "millisecond")) else 1.0
    for _, row in table.rows():
        for spot in ((_number(row[a]), _number(row[b])) for a, b in homes):
            if spot[0] is not None and spot[1] is not None and is_position(spot[0], spot[1]):
                track.homes.add((spot[0], spot[1]))
        here = _number(row[lat]), _number(row[lon])
        if here[0] is None or here[1] is None:
            track.without_position += 1
            continue
        if split is not None and row[split] != place:
            place = row[split]
            track.pause()
        height = _number(row[altitude]) if altitude is not None else None
        at = _when(row[when], utc=utc, day_first=day_first) if when is not None else None
        passed = _number(row[elapsed]) if elapsed is not None else None
        if at is None and passed is None and when is not None:
            passed = _number(row[when])
        track.add(
            Point(
                lat=here[0],
                lon=here[1],
                altitude=height * metres if height is not None else None,
                at=at,
                elapsed=passed * scale if passed is not None else None,
                fields={name.strip(): cell.strip() for name, cell in zip(table.header, row, strict=True)},
            )
        )
    return track.finish()


def _plain(name: str) -> str:
    name = re.sub(r"[(\[](?:deg|degrees|m|meters|metres|feet|ft)[)\]]", "", name.lower())
    name = name.replace("latitude_deg", "latitude").replace("longitude_deg", "longitude")
    return re.sub(r"[^a-z]", "", name)


def _first(plain: list[str], wanted: tuple[str, ...]) -> int | None:
    return next((plain.index(name) for name in wanted if name in plain), None)


def _number(cell: str) -> float | None:
    cell = cell.strip()
    return float(cell) if re.fullmatch(r"[-+]?\d{1,18}(?:\.\d{0,18})?(?:[eE][-+]?\d{1,2})?", cell) else None


def _is_day_first(rows: Iterator[tuple[int, list[str]]], when: int | None) -> bool:
    if when is None:
        return False
    for _, row in rows:
        answer = times.day_order(row[when])
        if answer is not None:
            return answer
        if not times.is_ambiguous(row[when]):
            return False
    return False


def _when(cell: str, *, utc: bool, day_first: bool) -> datetime | None:
    moment = times.parse(cell, day_first=day_first)
    if moment is None:
        return None
    return moment.at.replace(tzinfo=UTC) if utc and moment.at.tzinfo is None else moment.at
