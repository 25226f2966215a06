"""Flight logs as tables: AirData, Skydio, Axon Air and other exports, the engine's own output."""

import csv
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from redaction.engines.flight.headers import Layout, layout
from redaction.engines.flight.track import NEVER, BadFlight, Floats, Track, Whole, microseconds, since_1970
from redaction.engines.table import times
from redaction.engines.table.source import Table, open_table

BATCH = 4_096  # rows taken together
LINE_LIMIT = 16 * 1024 * 1024  # characters in one line of the file
DRIFT = 2.0  # seconds by which a clock of whole seconds may differ from a finer one beside it

_ISO = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,6})?(Z?)", re.ASCII)

Rows = list[list[str]]


def read(path: Path, wanted: frozenset[str] = frozenset()) -> Track:
    """This will read a flight table by the names of its columns.

    :raises BadFlight: when no column is a latitude or longitude.
    :raises BadTable: when it is not one well-formed table; the message names the row.
    """
    table = open_table(path)
    found = layout(table.header)
    if found is None:
        raise BadFlight("the table has no column for latitude and longitude")
    reference = "" if found.altitude is None else "above take-off" if found.relative else "above sea level"
    track = Track("flight CSV", wanted, reference=reference)
    names = [name.strip() for name in table.header]
    track.field_names = dict.fromkeys(names)
    kept = [(name, names.index(name)) for name in track.fields if name in names]
    number = _comma_number if table.delimiter == ";" else _number
    clock = _Clock(found, _is_day_first(table.rows(), found.when))
    before: str | None = None
    for batch in _batches(table):
        for lat, lon in found.homes:
            _take_homes(track, {(row[lat], row[lon]) for row in batch}, number)
        for piece in _by_segment(batch, found.segment):
            if found.segment is not None and piece[0][found.segment] != before:
                before = piece[0][found.segment]
                track.pause()
            at, elapsed = clock.read(piece, number)
            track.extend(
                _numbers(piece, found.lat, number),
                _numbers(piece, found.lon, number),
                altitude=None
                if found.altitude is None
                else _numbers(piece, found.altitude, number) * found.metres,
                at=at,
                aware=clock.aware,
                elapsed=elapsed,
                fields={name: [row[place].strip() for row in piece] for name, place in kept},
            )
    track.finish()
    _refine(track)
    return track


def _batches(table: Table) -> Iterator[Rows]:
    """Rows by the thousand: quickly while nothing is odd, then by the reader that names the row."""
    done, width = 0, len(table.header)
    if table.encoding:  # a text, and no workbook
        with table.path.open(encoding=table.encoding, newline="") as stream:
            # an endless line comes in pieces, which are no rows of the right width
            lines = iter(partial(stream.readline, LINE_LIMIT), "")
            rows = csv.reader(lines, delimiter=table.delimiter, strict=True)
            try:
                next(rows)
                while (batch := list(islice(rows, BATCH))) and set(map(len, batch)) == {width}:
                    yield batch
                    done += len(batch)
            except (csv.Error, UnicodeError):
                batch = [[]]
        if not batch:
            return
    careful = (row for _, row in islice(table.rows(), done, None))
    while batch := list(islice(careful, BATCH)):
        yield batch


class _Clock:
    """Times of rows: a date with its time, seconds since 1970 in any unit, or seconds since the start."""

    def __init__(self, found: Layout, day_first: bool) -> None:
        self._found, self._day_first = found, day_first
        self.aware = found.utc

    def read(self, rows: Rows, number: Callable[[str], float]) -> tuple[Whole | None, Floats | None]:
        found, at, elapsed = self._found, None, None
        if found.elapsed is not None:
            elapsed = _numbers(rows, found.elapsed, number) * found.scale
        if found.when is not None:
            cells = [row[found.when].strip() for row in rows]
            at = self._iso(cells)
            if at is None:
                at, counted = self._slowly(cells, number)
                if elapsed is None and np.isfinite(counted).any():
                    elapsed = counted
        return at, elapsed

    def _iso(self, cells: list[str]) -> Whole | None:
        first = _ISO.fullmatch(cells[0])
        if first is None or any(len(cell) != len(cells[0]) for cell in cells):
            return None
        if first[1]:
            if not all(cell.endswith("Z") for cell in cells):
                return None
            self.aware = True
            cells = [cell[:-1] for cell in cells]
        try:
            return np.array(cells, dtype="M8[us]").astype(np.int64)
        except ValueError:
            return None

    def _slowly(self, cells: list[str], number: Callable[[str], float]) -> tuple[Whole, Floats]:
        at = np.full(len(cells), NEVER)
        counted = np.full(len(cells), np.nan)
        for place, cell in enumerate(cells):
            value = number(cell)
            if value == value:
                since = since_1970(value)
                if since is None:
                    counted[place] = value
                else:
                    at[place], self.aware = since, True
                continue
            moment = _moment(cell, day_first=self._day_first)
            if moment is not None:
                self.aware = self.aware or moment.tzinfo is not None
                at[place] = microseconds(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment)
        return at, counted


def _moment(cell: str, *, day_first: bool) -> datetime | None:
    moment = times.parse(cell, day_first=day_first)
    if moment is None or moment.whole_day:
        return None
    return moment.at


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


def _by_segment(rows: Rows, segment: int | None) -> Iterator[Rows]:
    start = 0
    if segment is not None:
        for place in range(1, len(rows)):
            if rows[place][segment] != rows[place - 1][segment]:
                yield rows[start:place]
                start = place
    yield rows[start:]


def _numbers(rows: Rows, place: int, number: Callable[[str], float]) -> Floats:
    try:
        values = np.array([float(row[place]) for row in rows])
    except ValueError:
        values = np.array([number(row[place]) for row in rows])
    values[~np.isfinite(values)] = np.nan
    return values


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def _comma_number(cell: str) -> float:
    return _number(cell.replace(",", "."))


def _take_homes(track: Track, cells: set[tuple[str, str]], number: Callable[[str], float]) -> None:
    """Homes to a hundred-thousandth of a degree, about a metre, so that one that trembles stays one."""
    for first, second in cells:
        lat, lon = round(number(first), 5), round(number(second), 5)
        if abs(lat) <= 90 and abs(lon) <= 180 and (abs(lat) > 1e-4 or abs(lon) > 1e-4):
            track.homes.add((lat, lon))


def _refine(track: Track) -> None:
    """Whole seconds beside a finer clock become as fine, when the two keep step (AirData writes both)."""
    both = (track.at != NEVER) & np.isfinite(track.elapsed)
    if not both.all() or (track.at % 1_000_000).any() or not (np.diff(track.at) == 0).any():
        return
    fine = np.rint(track.elapsed * 1e6).astype(np.int64)
    apart = track.at - fine
    if int(apart.max() - apart.min()) <= DRIFT * 1e6:
        track.at = fine + int(apart.max())
