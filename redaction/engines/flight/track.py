"""A flight as every reader gives it: columns of numbers in the order of the log, and only wanted fields.

Numbers lie in plain arrays (about 45 bytes a point), so that a log of a gigabyte does not need a gigabyte.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from redaction import limits
from redaction.engines.flight.sphere import metres
from redaction.report import Refused

POINT_LIMIT = limits.FLIGHT_POINTS
NEW_FLIGHT = 600.0  # seconds without a point after which the aircraft is taken to have landed in between
SHORT_STOP = 60.0  # seconds; as much, when it went on within ``SAME_PLACE``
SAME_PLACE = 200.0  # metres
NEVER = -(2**63)  # the time of a point that has none, as numpy's NaT

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Bools = NDArray[np.bool_]

_NAIVE, _AWARE = 1, 2
_EPOCH, _EPOCH_UTC = datetime(1970, 1, 1), datetime(1970, 1, 1, tzinfo=UTC)  # noqa: DTZ001  # a wall clock's zero


class BadFlight(Refused):
    """The file is not a flight log that can be read; the message says where and why."""


@dataclass
class Coded:
    """One field of all points: each different text once, and a number a point; 0 is no text."""

    texts: dict[str, int] = field(default_factory=lambda: {"": 0})
    codes: "array[int]" = field(default_factory=lambda: array("i"))

    def take(self, text: str) -> None:
        self.codes.append(self.texts.setdefault(text, len(self.texts)))


class Track:
    """Points gathered by a reader, then ``finish``ed into columns.

    ``homes`` are (lat, lon) that the log itself calls home, take-off or the pilot's place; never released.
    After ``finish``: ``lat``, ``lon`` in degrees, ``altitude`` in metres (NaN: none), ``at`` in microseconds
    since 1970 (``NEVER``: none), ``elapsed`` in seconds since the log began (NaN: none), ``segment`` and
    ``flight`` counted from 0.
    """

    lat: Floats
    lon: Floats
    altitude: Floats
    at: Whole
    elapsed: Floats
    segment: Whole
    flight: Whole

    def __init__(self, dialect: str, wanted: frozenset[str] = frozenset(), *, reference: str = "") -> None:
        self.dialect, self.altitude_reference = dialect, reference
        self.wanted = wanted
        self.fields = {name: Coded() for name in sorted(wanted)}
        self.field_names: dict[str, None] = {}
        self.homes: set[tuple[float, float]] = set()
        self.warnings: list[str] = []
        self.without_position = 0
        self.aware = False
        self.points = 0
        self._floats = [array("d") for _ in range(4)]
        self._at, self._zone, self._segment = array("q"), array("b"), array("q")
        self._begun: list[int] = []  # the first segment of each flight
        self._segments = 0

    def begin(self) -> None:
        """This will start another flight."""
        self.pause()
        self._begun.append(self._segments)

    def pause(self) -> None:
        """This will start another segment of the same flight."""
        self._segments += 1

    def add(
        self,
        lat: float,
        lon: float,
        altitude: float | None = None,
        at: datetime | None = None,
        elapsed: float | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        """This will take one point; whether it is on Earth is looked at in the end.

        :raises BadFlight: beyond the number of points one log can have.
        """
        nan = float("nan")
        for column, value in zip(self._floats, (lat, lon, altitude, elapsed), strict=True):
            column.append(nan if value is None else value)
        self._at.append(NEVER if at is None else microseconds(at))
        self._zone.append(0 if at is None else _NAIVE if at.tzinfo is None else _AWARE)
        self._segment.append(self._segments)
        if fields:
            self.field_names.update(dict.fromkeys(fields))
        for name, coded in self.fields.items():
            coded.take(fields.get(name, "") if fields else "")
        self._check_size()

    def extend(
        self,
        lat: Floats,
        lon: Floats,
        *,
        altitude: Floats | None = None,
        at: Whole | None = None,
        aware: bool = False,
        elapsed: Floats | None = None,
        fields: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """This will take many points of one segment at once.

        :raises BadFlight: beyond the number of points one log can have.
        """
        blank = np.full(len(lat), np.nan)
        for column, values in zip(self._floats, (lat, lon, altitude, elapsed), strict=True):
            column.frombytes(np.asarray(blank if values is None else values, dtype=np.float64).tobytes())
        at = np.full(len(lat), NEVER) if at is None else np.asarray(at, dtype=np.int64)
        self._at.frombytes(at.tobytes())
        self._zone.frombytes(np.where(at == NEVER, 0, _AWARE if aware else _NAIVE).astype(np.int8).tobytes())
        self._segment.frombytes(np.full(len(lat), self._segments, dtype=np.int64).tobytes())
        for name, coded in self.fields.items():
            for text in (fields or {}).get(name) or [""] * len(lat):
                coded.take(text)
        self._check_size()

    def raw_places(self) -> tuple[Floats, Floats]:
        """This will give what was added as latitude and longitude so far."""
        return np.array(self._floats[0]), np.array(self._floats[1])

    def settle(self, altitude: Floats, *, swap: bool) -> None:
        """This will put in the altitudes of all points, and turn latitude and longitude round if asked."""
        self._floats[2] = array("d", altitude.tobytes())
        if swap:
            self._floats[0], self._floats[1] = self._floats[1], self._floats[0]

    def finish(self) -> "Track":
        """This will drop what has no position, part what is apart, and leave the columns.

        :raises BadFlight: when no point has a position.
        """
        lat, lon, altitude, elapsed = (np.array(column) for column in self._floats)
        at, zone, segment = np.array(self._at), np.array(self._zone), np.array(self._segment)
        self._floats, self._at, self._zone, self._segment = [], array("q"), array("b"), array("q")
        good = is_position(lat, lon)
        self.without_position += int(np.count_nonzero(~good))
        self.points = int(np.count_nonzero(good))
        if not self.points:
            skipped = f" ({self.without_position} without a position)" if self.without_position else ""
            raise BadFlight(f"the log ({self.dialect}) holds no point{skipped}")
        self.lat, self.lon, self.altitude, self.elapsed = lat[good], lon[good], altitude[good], elapsed[good]
        self.altitude[~np.isfinite(self.altitude)] = np.nan
        self.at, segment, zone = at[good], segment[good], zone[good]
        for coded in self.fields.values():
            coded.codes = array("i", np.array(coded.codes)[good].tobytes())
        self._settle_zone(zone)
        self._part(segment)
        return self

    def _settle_zone(self, zone: Any) -> None:
        naive, aware = int(np.count_nonzero(zone == _NAIVE)), int(np.count_nonzero(zone == _AWARE))
        self.aware = aware >= naive and aware > 0
        if naive and aware:
            self.at[zone == (_NAIVE if self.aware else _AWARE)] = NEVER
            self.warnings.append(
                f"{min(naive, aware)} times name their zone otherwise than the rest: dropped"
            )

    def _part(self, segment: Whole) -> None:
        begun = np.array(self._begun, dtype=np.int64)
        flight = np.searchsorted(begun, segment, side="right") if len(begun) else np.zeros_like(segment)
        apart = np.diff(segment) != 0
        landed = np.diff(flight) != 0
        passed = self.seconds_to_next()
        near = metres(self.lat[:-1], self.lon[:-1], self.lat[1:], self.lon[1:]) < SAME_PLACE
        with np.errstate(invalid="ignore"):
            landed |= (np.abs(passed) > NEW_FLIGHT) | ((passed > SHORT_STOP) & near)
            apart |= landed | (passed < 0)
        self.flight = np.concatenate([[0], np.cumsum(landed)])
        self.segment = np.concatenate([[0], np.cumsum(apart)])

    def seconds_to_next(self) -> Floats:
        """This will give the seconds from each point to the one after it; NaN when unknown."""
        timed = (self.at[:-1] != NEVER) & (self.at[1:] != NEVER)
        by_clock = (self.at[1:] - self.at[:-1]) / 1e6
        return np.asarray(np.where(timed, by_clock, np.diff(self.elapsed)))

    def _check_size(self) -> None:
        if len(self._at) > POINT_LIMIT:
            raise BadFlight(f"the log has more than {POINT_LIMIT} points")


def is_position(lat: Floats, lon: Floats) -> Bools:
    """This will tell which pairs are on Earth; (0, 0) is what loggers write before they have a fix."""
    with np.errstate(invalid="ignore"):
        near_zero = (np.abs(lat) <= 1e-4) & (np.abs(lon) <= 1e-4)
        return np.asarray((np.abs(lat) <= 90) & (np.abs(lon) <= 180) & ~near_zero)


def microseconds(at: datetime) -> int:
    """This will give the microseconds since 1970, by the wall clock when no zone is named."""
    since = at - (_EPOCH if at.tzinfo is None else _EPOCH_UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def since_1970(value: float) -> int | None:
    """This will give microseconds of a count since 1970, its unit told by its size; None before 1980."""
    for factor in (1e6, 1e3, 1.0, 1e-3):
        if 3e14 < value * factor < 4.2e15:
            return round(value * factor)
    return None
