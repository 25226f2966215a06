"""The released points as plain values, the same for every output format."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from redaction.engines.flight.cuts import EARTH
from redaction.engines.flight.track import Point, seconds_between
from redaction.engines.flight.whitelist import HEADING, SPEED, Whitelist
from redaction.engines.table.cells import HIDDEN


@dataclass(frozen=True)
class Row:
    """One released point: degrees, whole or thousandths of metres, the time as text or as seconds."""

    lat: str
    lon: str
    altitude: str | None
    time: str | None
    seconds: str | None
    fields: dict[str, str]


def rows(
    segments: Sequence[Sequence[Point]], fields: Whitelist, *, relative: bool, places: int
) -> list[list[Row]]:
    """This will spell out every point; speed and heading come from the points before, as released."""
    start = segments[0][0] if segments else None
    released = []
    for segment in segments:
        spelled: list[Row] = []
        before: Point | None = None
        for point in segment:
            values = {name: HIDDEN.sub("", point.fields.get(name, "")) for name in fields.names}
            if fields.speed:
                values[SPEED] = _speed(before, point)
            if fields.heading:
                values[HEADING] = _heading(before, point)
            passed = seconds_between(start, point) if start and (relative or point.at is None) else None
            spelled.append(
                Row(
                    lat=f"{point.lat:.{places}f}",
                    lon=f"{point.lon:.{places}f}",
                    altitude=_trim(point.altitude) if point.altitude is not None else None,
                    time=_written(point.at) if point.at is not None and not relative else None,
                    seconds=f"{passed:.3f}"
                    if passed is not None and (relative or point.at is None)
                    else None,
                    fields=values,
                )
            )
            before = point
        released.append(spelled)
    return released


def metres_between(one: Point, other: Point) -> float:
    """This will give the great-circle distance (haversine), in metres."""
    lat1, lat2 = math.radians(one.lat), math.radians(other.lat)
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin(math.radians(other.lon - one.lon) / 2) ** 2
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(half)))


def _speed(before: Point | None, point: Point) -> str:
    passed = seconds_between(before, point) if before else None
    if before is None or not passed or passed < 0:
        return ""
    return f"{metres_between(before, point) / passed:.1f}"


def _heading(before: Point | None, point: Point) -> str:
    if before is None or (before.lat, before.lon) == (point.lat, point.lon):
        return ""
    lat1, lat2 = math.radians(before.lat), math.radians(point.lat)
    east = math.radians(point.lon - before.lon)
    north = math.cos(lat1) * math.sin(lat2) - math.sin(lat1) * math.cos(lat2) * math.cos(east)
    return f"{math.degrees(math.atan2(math.sin(east) * math.cos(lat2), north)) % 360:.0f}"


def _written(at: datetime) -> str:
    text = at.isoformat(timespec="milliseconds" if at.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def _trim(metres: float) -> str:
    return f"{metres:.3f}".rstrip("0").rstrip(".")
