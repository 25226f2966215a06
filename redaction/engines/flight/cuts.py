"""What is cut out of a flight, and how far the rest is generalised."""

import hmac
import math
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

import numpy as np
import shapely
from numpy.typing import NDArray

from redaction.engines.flight.track import Point, Track
from redaction.marks import Mark, Marks
from redaction.report import MarksError

EARTH = 6_371_008.8  # metres, mean radius
NEAREST, FARTHEST = 0.15, 0.48  # of the radius: how far the centre of a home circle is moved
FENCE_GRID = Decimal("0.01")  # degrees, for what a fence generalises
SHORTEST = 5  # points; a shorter remnant of a cut says little and lies at its edge

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass
class Cut:
    """The segments that are left, with counts by mark of what is not."""

    segments: list[list[Point]] = field(default_factory=list)
    by_mark: Counter[str] = field(default_factory=Counter)
    remnants: int = 0
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Circle:
    mark: Mark
    lat: float
    lon: float
    radius: float

    def holds(self, lat: Floats, lon: Floats) -> Bools:
        x, y = self._metres(lat, lon)
        return np.asarray(np.hypot(x, y) <= self.radius)

    def crossed(self, lat: Floats, lon: Floats) -> Bools:
        """Whether the line from each point to the next comes into the circle."""
        x, y = self._metres(lat, lon)
        dx, dy = np.diff(x), np.diff(y)
        length = dx * dx + dy * dy
        along = np.clip(-(x[:-1] * dx + y[:-1] * dy) / np.where(length > 0, length, 1), 0, 1)
        return np.asarray(np.hypot(x[:-1] + along * dx, y[:-1] + along * dy) <= self.radius)

    def _metres(self, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
        east = (lon - self.lon + 180) % 360 - 180
        middle = np.radians((lat + self.lat) / 2)
        return np.radians(east) * np.cos(middle) * EARTH, np.radians(lat - self.lat) * EARTH


@dataclass(frozen=True)
class _Fence:
    mark: Mark
    shape: shapely.Geometry

    def holds(self, lat: Floats, lon: Floats) -> Bools:
        return np.asarray(shapely.intersects_xy(self.shape, lon, lat))

    def crossed(self, lat: Floats, lon: Floats) -> Bools:
        ends = np.stack(
            [np.stack([lon[:-1], lat[:-1]], axis=1), np.stack([lon[1:], lat[1:]], axis=1)], axis=1
        )
        return np.asarray(shapely.intersects(self.shape, shapely.linestrings(ends)))


def cut(track: Track, marks: Marks) -> Cut:
    """This will take out the surroundings of every take-off and landing and the fenced places.

    Where something was cut, or a line would cross what was cut, one segment ends and another begins.

    :raises MarksError: for a fence that encloses nothing.
    """
    result = Cut()
    fences = [_fence(mark) for mark in marks.of("fence")]
    coarse = [fence for fence in fences if fence.mark["action"] == "generalise"]
    grid = _grid(marks)
    barred: list[_Circle | _Fence] = [fence for fence in fences if fence.mark["action"] == "cut"]
    # one offset for all homes of the file: circles moved each its own way would let a reader average
    homes = [(mark, *_offset(mark["radius_m"], mark["seed"], result)) for mark in marks.of("home")]
    for flight in track.flights:
        bars = barred + list(_circles(track, flight, homes))
        for segment in flight:
            _cut_segment(segment, bars, coarse, grid, result)
    altitude = {mark["altitude"] for mark in marks.of("generalise")} - {None}
    result.segments = [
        [replace(point, altitude=_altitude(point.altitude, altitude)) for point in segment]
        for segment in result.segments
    ]
    return result


def spacing(marks: Marks) -> Decimal | None:
    """This will give the grid all points lie on, in degrees; None without one."""
    return _grid(marks)


def _grid(marks: Marks) -> Decimal | None:
    grids = [Decimal(repr(mark["grid_deg"])) for mark in marks.of("generalise") if mark["grid_deg"]]
    return max(grids) if grids else None


def _fence(mark: Mark) -> _Fence:
    shape = shapely.make_valid(shapely.Polygon(mark["polygon"]))
    if shape.area == 0:
        raise MarksError("the polygon encloses nothing", mark_id=mark.id)
    shapely.prepare(shape)
    return _Fence(mark, shape)


def _circles(
    track: Track, flight: list[list[Point]], homes: list[tuple[Mark, float, float]]
) -> Iterable[_Circle]:
    first, last = flight[0][0], flight[-1][-1]
    for mark, north, east in homes:
        for lat, lon in {(first.lat, first.lon), (last.lat, last.lon), *track.homes}:
            away = math.degrees(east / (EARTH * max(0.01, math.cos(math.radians(lat)))))
            yield _Circle(mark, lat + math.degrees(north / EARTH), lon + away, mark["radius_m"])


def _offset(radius: float, seed: str | None, result: Cut) -> tuple[float, float]:
    key = bytes.fromhex(seed.zfill(len(seed) + len(seed) % 2)) if seed else secrets.token_bytes(32)
    if seed is None:
        told = (
            "the home circle was moved at random without a kept seed: several releases of one flight, laid "
            "over each other, would give the home point back"
        )
        if told not in result.warnings:
            result.warnings.append(told)
    noise = hmac.digest(key, b"daylight home offset", "sha256")
    far, turn = (int.from_bytes(part) / 2**64 for part in (noise[:8], noise[8:16]))
    # even over the ring's area, so that no distance is likelier than its share
    distance = radius * math.sqrt(NEAREST**2 + far * (FARTHEST**2 - NEAREST**2))
    return distance * math.cos(2 * math.pi * turn), distance * math.sin(2 * math.pi * turn)


def _cut_segment(
    segment: list[Point],
    bars: list[_Circle | _Fence],
    coarse: list[_Fence],
    grid: Decimal | None,
    result: Cut,
) -> None:
    exact = np.array([[point.lat, point.lon] for point in segment])
    shown = _snap(exact, coarse, grid)
    keep = np.ones(len(segment), dtype=bool)
    parted = np.zeros(max(0, len(segment) - 1), dtype=bool)
    for bar in bars:
        inside = bar.holds(exact[:, 0], exact[:, 1]) | bar.holds(shown[:, 0], shown[:, 1])
        result.by_mark[bar.mark.id] += int(np.count_nonzero(inside & keep))
        keep &= ~inside
        if len(segment) > 1:
            parted |= bar.crossed(exact[:, 0], exact[:, 1]) | bar.crossed(shown[:, 0], shown[:, 1])
    for fence in coarse:
        result.by_mark[fence.mark.id] += int(np.count_nonzero(fence.holds(exact[:, 0], exact[:, 1]) & keep))
    run: list[Point] = []
    whole = True
    for place, point in enumerate(segment):
        if not keep[place] or (place and parted[place - 1] and run):
            _end(run, result, whole=False)
            run, whole = [], False
        if keep[place]:
            run.append(replace(point, lat=float(shown[place, 0]), lon=float(shown[place, 1])))
    _end(run, result, whole=whole)


def _end(run: list[Point], result: Cut, *, whole: bool) -> None:
    if not run:
        return
    if not whole and len(run) < SHORTEST:
        result.remnants += len(run)
        return
    result.segments.append(run)


def _snap(exact: Floats, coarse: list[_Fence], grid: Decimal | None) -> Floats:
    shown = exact.copy()
    if grid is not None:
        shown = _to_grid(exact, grid)
    step = FENCE_GRID if grid is None or grid < FENCE_GRID else grid
    if grid is not None and step % grid:
        step = grid * -(-FENCE_GRID // grid)  # a whole number of the finer lines, so that all share one grid
    for fence in coarse:
        inside = fence.holds(exact[:, 0], exact[:, 1])
        shown[inside] = _to_grid(exact[inside], step)
    return shown


def _to_grid(degrees: Floats, step: Decimal) -> Floats:
    places = max(0, -int(step.normalize().as_tuple().exponent))
    return np.round(np.rint(degrees / float(step)) * float(step), places)


def _altitude(metres: float | None, asked: set[str]) -> float | None:
    if metres is None or "drop" in asked:
        return None
    return float(round(metres)) if "metre" in asked else round(metres, 3)
