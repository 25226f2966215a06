"""A flight as every reader gives it: points in order, and nothing of who flew what with which phone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from redaction.report import Refused

POINT_LIMIT = 3_000_000
NEW_FLIGHT = 600.0  # seconds without a point after which the aircraft is taken to have landed in between


class BadFlight(Refused):
    """The file is not a flight log that can be read; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees, metres; ``at`` as the log wrote it, ``elapsed`` in seconds since the log began."""

    lat: float
    lon: float
    altitude: float | None = None
    at: datetime | None = None
    elapsed: float | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Track:
    """Flights of segments of points. ``homes`` are (lat, lon) the log itself calls home; never released."""

    dialect: str
    flights: list[list[list[Point]]] = field(default_factory=list)
    homes: set[tuple[float, float]] = field(default_factory=set)
    field_names: dict[str, None] = field(default_factory=dict)
    altitude_reference: str = ""
    without_position: int = 0
    warnings: list[str] = field(default_factory=list)
    points: int = 0

    def begin(self) -> None:
        """This will start another flight."""
        self.flights.append([])

    def pause(self) -> None:
        """This will start another segment of the same flight."""
        if not self.flights:
            self.begin()
        self.flights[-1].append([])

    def add(self, point: Point) -> None:
        """This will take a point when it has a position, and start another flight after a long silence.

        :raises BadFlight: beyond the number of points one flight can have.
        """
        if not is_position(point.lat, point.lon):
            self.without_position += 1
            return
        self.points += 1
        if self.points > POINT_LIMIT:
            raise BadFlight(f"the log has more than {POINT_LIMIT} points")
        if not self.flights or not self.flights[-1]:
            self.pause()
        last = next((segment[-1] for segment in reversed(self.flights[-1]) if segment), None)
        silence = seconds_between(last, point) if last else None
        if silence is not None and abs(silence) > NEW_FLIGHT:
            self.begin()
            self.pause()
        self.flights[-1][-1].append(point)
        self.field_names.update(dict.fromkeys(point.fields))

    def finish(self) -> "Track":
        """This will drop empty segments and flights.

        :raises BadFlight: when no point has a position.
        """
        self.flights = [[segment for segment in flight if segment] for flight in self.flights]
        self.flights = [flight for flight in self.flights if flight]
        if not self.flights:
            skipped = f" ({self.without_position} without a position)" if self.without_position else ""
            raise BadFlight(f"the log ({self.dialect}) holds no point{skipped}")
        return self


def is_position(lat: float, lon: float) -> bool:
    """This will tell whether a pair is on Earth; (0, 0) is what loggers write before they have a fix."""
    return -90 <= lat <= 90 and -180 <= lon <= 180 and (abs(lat) > 1e-4 or abs(lon) > 1e-4)


def seconds_between(one: Point, other: Point) -> float | None:
    if one.at is not None and other.at is not None and (one.at.tzinfo is None) == (other.at.tzinfo is None):
        return (other.at - one.at).total_seconds()
    if one.elapsed is not None and other.elapsed is not None:
        return other.elapsed - one.elapsed
    return None
