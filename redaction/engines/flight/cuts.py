"""What is cut out of a flight, and how far the rest is generalised."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import shapely

from redaction.engines.flight import landings
from redaction.engines.flight.circles import Circle, circles
from redaction.engines.flight.track import NEVER, Bools, Floats, Track, Whole
from redaction.marks import Mark, Marks
from redaction.report import MarksError

FENCE_GRID = Decimal("0.01")  # degrees, for what a fence generalises
SHORTEST = 5  # points; a shorter remnant of a cut says little and lies at its edge
CHUNK = 50_000  # points looked at in one go
TWINS = 0.015  # of the radius: places nearer to each other share a circle

Span = dict[str, float | int]


@dataclass
class Cut:
    """The points that are left (``index`` in the track, shown place, run); counts by mark of the rest."""

    index: Whole
    lat: Floats
    lon: Floats
    run: Whole
    by_mark: Counter[str] = field(default_factory=Counter)
    remnants: int = 0
    places: int = 0
    warnings: list[str] = field(default_factory=list)

    @property
    def runs(self) -> int:
        return int(self.run[-1]) + 1 if len(self.run) else 0


@dataclass(frozen=True)
class _Fence:
    mark: Mark
    shape: shapely.Geometry

    def holds(self, lat: Floats, lon: Floats) -> Bools:
        return np.asarray(shapely.intersects_xy(self.shape, lon, lat))

    def crossed(self, lat: Floats, lon: Floats) -> Bools:
        """Whether the line from each point to the next touches it; only lines beside it are looked at."""
        west, south, east, north = shapely.bounds(self.shape).tolist()
        beside = (np.maximum(lat[:-1], lat[1:]) >= south) & (np.minimum(lat[:-1], lat[1:]) <= north)
        beside &= (np.maximum(lon[:-1], lon[1:]) >= west) & (np.minimum(lon[:-1], lon[1:]) <= east)
        crossed = np.zeros(len(beside), dtype=bool)
        places = np.flatnonzero(beside)
        starts = np.stack([lon[places], lat[places]], axis=1)
        ends = np.stack([lon[places + 1], lat[places + 1]], axis=1)
        lines = shapely.linestrings(np.stack([starts, ends], axis=1))
        crossed[places] = shapely.intersects(self.shape, lines)
        return crossed


Bars = Sequence[Circle | _Fence]


def cut(track: Track, marks: Marks) -> Cut:
    """This will take out the surroundings of every take-off and landing and the fenced places.

    All of the log is cut at each of them, whatever the hour. Where something was cut, or a line would
    cross what was cut, one run ends and another begins.

    :raises MarksError: for a fence that encloses nothing.
    """
    fences = [_fence(mark) for mark in marks.of("fence")]
    coarse = [fence for fence in fences if fence.mark["action"] == "generalise"]
    bars: list[Circle | _Fence] = [fence for fence in fences if fence.mark["action"] == "cut"]
    warnings: list[str] = []
    places = 0
    for mark in marks.of("home"):
        found = landings.places(track, mark["radius_m"] * TWINS)
        places = max(places, len(found))
        bars += circles(mark, found, warnings)
    shown = _snap(track, coarse, spacing(marks))
    by_mark: Counter[str] = Counter()
    keep, parted = _barred(track, shown, bars, by_mark)
    for fence in coarse:
        by_mark[fence.mark.id] += int(np.count_nonzero(fence.holds(track.lat, track.lon) & keep))
    result = _runs(track, shown, keep, parted)
    result.by_mark, result.places, result.warnings = by_mark, places, warnings
    return result


def spacing(marks: Marks) -> Decimal | None:
    """This will give the grid all points lie on, in degrees; None without one."""
    grids = [Decimal(repr(mark["grid_deg"])) for mark in marks.of("generalise") if mark["grid_deg"]]
    return max(grids) if grids else None


def spans(track: Track, left: Cut) -> list[Span]:
    """This will list the times that were cut, in seconds of the recording, for the film of this flight."""
    seconds = clock(track)
    steps = np.abs(track.seconds_to_next())
    step = float(np.median(steps[np.isfinite(steps)])) if np.isfinite(steps).any() else 0.0
    gone = np.ones(track.points, dtype=bool)
    gone[left.index] = False
    edges = np.flatnonzero(np.diff(np.concatenate([[False], gone, [False]]).astype(np.int8)))
    listed: list[Span] = []
    for first, after in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        last = after if after < track.points and track.flight[after] == track.flight[first] else after - 1
        if np.isfinite(seconds[first]) and np.isfinite(seconds[last]):
            # the last point of a recording stands for the time until the next would have come
            end = float(seconds[last]) + (step if last < after else 0.0)
            start, end = round(float(seconds[first]), 3), round(end, 3)
            listed.append({"flight": int(track.flight[first]) + 1, "start": start, "end": end})
    return listed


def clock(track: Track) -> Floats:
    """This will give each point's second of the recording; NaN where no time is known."""
    if np.isfinite(track.elapsed).any():
        return track.elapsed
    timed = track.at != NEVER
    if not timed.any():
        return np.full(track.points, np.nan)
    return np.asarray(np.where(timed, (track.at - track.at[timed][0]) / 1e6, np.nan))


def _fence(mark: Mark) -> _Fence:
    drawn = shapely.Polygon(mark["polygon"])
    shape = shapely.make_valid(drawn)
    if not drawn.is_valid:
        # a line that crosses itself, a star for one: everything it goes round is meant, the middle too
        around = shapely.node(shapely.LineString(drawn.exterior.coords))
        shape = shapely.union_all([shape, *shapely.get_parts(shapely.polygonize([around]))])
    if shape.area == 0:
        raise MarksError("the polygon encloses nothing", mark_id=mark.id)
    shapely.prepare(shape)
    return _Fence(mark, shape)


def _barred(
    track: Track, shown: tuple[Floats, Floats], bars: Bars, by_mark: Counter[str]
) -> tuple[Bools, Bools]:
    """Which points stay, and between which two the line may not be drawn."""
    keep = np.ones(track.points, dtype=bool)
    parted = np.zeros(max(0, track.points - 1), dtype=bool)
    for piece in _pieces(track.points):
        pairs = (track.lat[piece], track.lon[piece]), (shown[0][piece], shown[1][piece])
        lines = slice(piece.start, piece.stop - 1)
        for bar in bars:
            inside = bar.holds(*pairs[0]) | bar.holds(*pairs[1])
            own = slice(piece.start, min(piece.stop, piece.start + CHUNK))
            by_mark[bar.mark.id] += int(np.count_nonzero(inside[:CHUNK] & keep[own]))
            keep[own] &= ~inside[:CHUNK]
            parted[lines] |= bar.crossed(*pairs[0]) | bar.crossed(*pairs[1])
    return keep, parted


def _pieces(count: int) -> Iterator[slice]:
    """Pieces that share a point with the next, so that no line between two is missed."""
    for start in range(0, count, CHUNK):
        yield slice(start, min(count, start + CHUNK + 1))


def _runs(track: Track, shown: tuple[Floats, Floats], keep: Bools, parted: Bools) -> Cut:
    fresh = np.ones(track.points, dtype=bool)
    fresh[1:] = (np.diff(track.segment) != 0) | parted | ~keep[:-1]
    index = np.flatnonzero(keep)
    run = np.cumsum(fresh[index]) - 1
    lengths = np.bincount(run)
    whole = np.bincount(track.segment)[track.segment[index]] == lengths[run]
    long = whole | (lengths[run] >= SHORTEST)
    index, run = index[long], run[long]
    _, run = np.unique(run, return_inverse=True)
    left = Cut(index, shown[0][index], shown[1][index], run.astype(np.int64))
    left.remnants = int(np.count_nonzero(~long))
    return left


def _snap(track: Track, coarse: list[_Fence], grid: Decimal | None) -> tuple[Floats, Floats]:
    lat, lon = track.lat.copy(), track.lon.copy()
    if grid is not None:
        lat, lon = _to_grid(lat, grid), _to_grid(lon, grid)
    step = FENCE_GRID if grid is None or grid < FENCE_GRID else grid
    if grid is not None and step % grid:
        step = grid * -(-FENCE_GRID // grid)  # a whole number of the finer lines, so that all share one grid
    for fence in coarse:
        # also what the finer grid would move into the fence
        inside = fence.holds(track.lat, track.lon) | fence.holds(lat, lon)
        lat[inside], lon[inside] = _to_grid(track.lat[inside], step), _to_grid(track.lon[inside], step)
    return lat, lon


def _to_grid(degrees: Floats, step: Decimal) -> Floats:
    places = max(0, -int(step.normalize().as_tuple().exponent))
    return np.asarray(np.round(np.rint(degrees / float(step)) * float(step), places))
