"""A raw table of a flight a second time, by DuckDB: every cell a text, columns found by looser words."""

import csv
import re
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from redaction.report import Refused
from redaction.verify.flight.evidence import STRINGS, Evidence

HEAD = 64 * 1024
BLOCK = 1024 * 1024
MEMORY = "256MB"

_LAT = re.compile(r"lat(itude)?$")
_LON = re.compile(r"(lon(g|gitude)?|lng)$")
_THEIRS = re.compile(
    r"home|take.?off|launch|landing|\brc\b|remote|controller|operator|pilot|phone|mobile|\bapp\b|gcs|base|dock"
    r"|station|user|viewer"
)
_NOT = re.compile(
    r"target|poi\b|way|wp|setpoint|destin|gimbal|look|subject|rth|obstacle|\bm(in|ax)\b|std|accur|error|speed|vel"
    r"|cumul"
)
_UNIT = re.compile(r"[(\[].*?[)\]]|[ _.](deg|degrees|dd|wgs84|decimal)$")
_HEIGHT = re.compile(r"above.?take.?off|above.?home|rel.?alt|relative.?(alt|height)")
_ELAPSED = re.compile(r"time ?[(_ ]?milli|elapsed|fly.?time|flight.?time")
_DATED = r"^\s*\d{4}-\d\d-\d\d"


def read(source: Path, evidence: Evidence, released: frozenset[str]) -> None:
    """This will take positions, homes, dates and every text of columns that no mark releases.

    :raises Refused: when no columns are a latitude and a longitude.
    """
    with tempfile.TemporaryDirectory() as folder:
        plain, delimiter, header = _settle(source, Path(folder))
        found = _pairs(header)
        mine = [pair for pair in found if not _THEIRS.search(_name(header[pair[0]]))]
        if not mine:
            raise Refused("the source has no columns for latitude and longitude")
        connection = duckdb.connect(
            config={
                "memory_limit": MEMORY,
                "threads": 2,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "temp_directory": folder,
            }
        )
        try:
            table = _Table(connection, plain, delimiter, len(header))
            _read(table, header, mine, found, evidence, released)
        except duckdb.Error as error:
            raise Refused(f"the source cannot be read again: {type(error).__name__}") from None
        finally:
            connection.close()


class _Table:
    """The table read once, every cell a text. Columns by their place: no name of a stranger is in a query."""

    def __init__(self, connection: Any, path: Path, delimiter: str, width: int) -> None:
        self._connection = connection
        self._comma = delimiter == ";"
        columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(width))
        connection.execute(
            "CREATE TEMP TABLE log AS SELECT * FROM "  # noqa: S608  # places of columns, no strange text
            f"read_csv(?, delim=?, header=true, auto_detect=false, columns={{{columns}}}, quote='\"', "
            "escape='\"', strict_mode=true, null_padding=false, max_line_size=16777216, parallel=false)",
            [str(path), delimiter],
        )

    def numbers(self, places: list[int]) -> list[Any]:
        told = ", ".join(f"coalesce({self._number(place)}, 'nan'::DOUBLE) AS n{place}" for place in places)
        columns = self._select(told).fetchnumpy()
        return [np.ma.filled(columns[f"n{place}"], np.nan).astype(float) for place in places]

    def texts(self, place: int) -> list[str]:
        """Different texts with a letter in them, and different dates without their hours."""
        told = f"CASE WHEN regexp_matches(c{place}, '{_DATED}') THEN substr(trim(c{place}), 1, 10)"
        some = f"WHERE length(c{place}) >= 5 AND regexp_matches(c{place}, '\\pL|{_DATED}')"
        rows = self._select(f"DISTINCT {told} ELSE trim(c{place}) END", f"{some} LIMIT {STRINGS}").fetchall()
        return [row[0] for row in rows]

    def pairs(self, lat: int, lon: int) -> list[tuple[float, float]]:
        told = f"DISTINCT round({self._number(lat)}, 5), round({self._number(lon)}, 5)"
        rows = self._select(told, f"LIMIT {STRINGS}").fetchall()
        return [(row[0], row[1]) for row in rows if row[0] is not None and row[1] is not None]

    def _select(self, told: str, tail: str = "") -> Any:
        query = f"SELECT {told} FROM log {tail}"  # noqa: S608  # places of columns, no strange text
        return self._connection.execute(query)

    def _number(self, place: int) -> str:
        cell = f"replace(c{place}, ',', '.')" if self._comma else f"c{place}"
        return f"TRY_CAST(trim({cell}) AS DOUBLE)"


def _read(
    table: _Table,
    header: list[str],
    mine: list[tuple[int, int]],
    found: list[tuple[int, int]],
    evidence: Evidence,
    released: frozenset[str],
) -> None:
    lat, lon = min(mine, key=lambda pair: (len(_name(header[pair[0]])), pair))
    names = [name.lower() for name in header]
    height = next((place for place, name in enumerate(names) if _HEIGHT.search(name)), None)
    elapsed = next((place for place, name in enumerate(names) if _ELAPSED.search(name)), None)
    wanted = [lat, lon, *[place for place in (height, elapsed) if place is not None]]
    values = table.numbers(wanted)
    high = at = None
    if height is not None:
        feet = re.search(r"feet|\bft\b|_ft\b", names[height])
        high, evidence.above_ground = values[2] * (0.3048 if feet else 1.0), True
    if elapsed is not None:
        at = values[-1] * (0.001 if re.search(r"milli|ms\b", names[elapsed]) else 1.0)
    evidence.points(values[0], values[1], high, at)
    for one, two in found:
        if _THEIRS.search(_name(header[one])):
            evidence.homes |= {
                (a, b)
                for a, b in table.pairs(one, two)
                if abs(a) <= 90 and abs(b) <= 180 and (abs(a) > 1e-4 or abs(b) > 1e-4)
            }
    allowed: set[str] = set()
    for place, name in enumerate(header):
        texts = table.texts(place)
        if name.strip() in released:
            allowed.update(texts)
            continue
        for text in texts:
            if re.match(_DATED, text):
                evidence.date(text)
            else:
                evidence.say(text)
    evidence.strings -= allowed


def _settle(source: Path, folder: Path) -> tuple[Path, str, list[str]]:
    """The table as UTF-8, its delimiter and its header."""
    with source.open("rb") as stream:
        head = stream.read(HEAD)
    encoding = "utf-8-sig"
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    else:
        try:
            _copy(source, None, "utf-8-sig")
        except UnicodeDecodeError:
            encoding = "cp1252"
    plain = source
    if encoding != "utf-8-sig" or head.startswith(b"\xef\xbb\xbf"):
        plain = folder / "plain.csv"
        _copy(source, plain, encoding)
    with plain.open(encoding="utf-8", newline="") as stream:
        line = stream.readline(BLOCK)
        delimiter = max(",;\t|", key=line.count)
        stream.seek(0)
        header = next(csv.reader(stream, delimiter=delimiter), [])
    return plain, delimiter, header


def _copy(source: Path, target: Path | None, encoding: str) -> None:
    with source.open(encoding=encoding, newline="") as stream:
        if target is None:
            while stream.read(BLOCK):
                pass
            return
        with target.open("w", encoding="utf-8", newline="") as copy:
            while block := stream.read(BLOCK):
                copy.write(block)


def _name(name: str) -> str:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", _UNIT.sub("", name.strip())).lower()
    return re.sub(r"[^a-z0-9]+", " ", name).strip()


def _pairs(header: list[str]) -> list[tuple[int, int]]:
    plain = [_name(name) for name in header]
    found = []
    for one, name in enumerate(plain):
        if not _LAT.search(name) or _NOT.search(name):
            continue
        stem = _LAT.sub("", name)
        for two, other in enumerate(plain):
            if _LON.search(other) and _LON.sub("", other) == stem:
                found.append((one, two))
                break
    return found
