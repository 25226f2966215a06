"""ArduPilot logs (.bin): pymavlink finds the messages, numpy reads all of one kind at once."""

import math
import mmap
from pathlib import Path
from typing import Any

import numpy as np
from pymavlink.DFReader import DFReader_binary

from redaction import limits
from redaction.engines.flight.track import NEVER, BadFlight, Track

LIMIT = limits.FLIGHT_BYTES // 2
GPS_EPOCH = 315_964_800  # seconds from 1970 to 1980-01-06
LEAP = 18  # seconds that GPS time is ahead of UTC, since 2017
FIX = 2  # a position in the plane, at least
_ON_GROUND = (10, 11, 17, 18, 28)  # armed, disarmed, landed maybe, landed, no longer landed (LogEvent)
_TYPES = {
    "b": "i1", "B": "u1", "h": "<i2", "H": "<u2", "i": "<i4", "I": "<u4", "f": "<f4", "d": "<f8", "n": "S4",
    "N": "S16", "Z": "S64", "c": "<i2", "C": "<u2", "e": "<i4", "E": "<u4", "L": "<i4", "M": "u1",
    "q": "<i8", "Q": "<u8", "a": "S64", "g": "<f2",
}  # fmt: skip
_HUNDREDTHS = "cCeE"


def read(path: Path, wanted: frozenset[str] = frozenset()) -> Track:
    """This will read the first receiver's positions (GPS), else the estimate (POS), and every home.

    :raises BadFlight: when the log cannot be read or holds no position.
    """
    if path.stat().st_size > LIMIT:
        raise BadFlight(f"the ArduPilot log is larger than {LIMIT} bytes; split it by flight")
    try:
        log = DFReader_binary(str(path))
    except Exception as error:  # pymavlink raises whatever a damaged log makes it trip over
        raise BadFlight(f"the ArduPilot log is damaged and cannot be read ({type(error).__name__})") from None
    try:
        return _read(log, wanted)
    finally:
        log.close()


def _read(log: Any, wanted: frozenset[str]) -> Track:
    track = Track("ArduPilot log", wanted, reference="above sea level")
    rows = next((rows for name in ("GPS", "POS") if (rows := _rows(log, name)) is not None), None)
    if rows is None or "Lat" not in rows or "Lng" not in rows:
        raise BadFlight("the ArduPilot log holds no position (no GPS and no POS message)")
    first = rows["I"] == rows["I"].min() if "I" in rows else np.ones(len(rows["Lat"]), bool)
    rows = {name: values[first] for name, values in rows.items()}
    lat, lon = rows["Lat"] * 1e-7, rows["Lng"] * 1e-7
    if "Status" in rows:
        lat[rows["Status"] < FIX] = np.nan
    stamp = rows["TimeUS"].astype(np.int64) if "TimeUS" in rows else None
    elapsed = None if stamp is None else (stamp - stamp[0]) / 1e6
    track.field_names = dict.fromkeys(name for name in rows if rows[name].dtype.kind != "S")
    track.extend(
        lat,
        lon,
        altitude=rows["Alt"].astype(float) if "Alt" in rows else None,
        at=_utc(rows),
        aware=True,
        elapsed=elapsed,
        fields={name: [f"{value:g}" for value in rows[name].tolist()] for name in wanted & {*rows}},
    )
    _take_homes(track, log, stamp, lat, lon)
    return track.finish()


def _rows(log: Any, name: str) -> dict[str, Any] | None:
    """All messages of a kind as columns; hundredths and centimetres become whole, degrees do not."""
    kind = log.name_to_id.get(name)
    form = log.formats.get(kind)
    if form is None or not len(log.offsets[kind]):
        return None
    letters = form.format if isinstance(form.format, str) else form.format.decode()
    if any(letter not in _TYPES for letter in letters) or len(letters) != len(form.columns):
        raise BadFlight(f"the ArduPilot log spells its {name} messages in a way that is not known")
    layout = np.dtype(
        [(column, _TYPES[letter]) for column, letter in zip(form.columns, letters, strict=True)]
    )
    data = _bytes(log.data_map)
    offsets = np.asarray(log.offsets[kind], dtype=np.int64) + 3
    offsets = offsets[offsets + layout.itemsize <= len(data)]
    packed = data[offsets[:, None] + np.arange(layout.itemsize)].reshape(-1).view(layout)
    return {
        column: packed[column] / 100.0 if letter in _HUNDREDTHS else packed[column].copy()
        for column, letter in zip(form.columns, letters, strict=True)
    }


def _bytes(data: mmap.mmap) -> Any:
    # a copy of nothing: the pages are read as they are asked for
    return np.frombuffer(data, dtype=np.uint8)


def _utc(rows: dict[str, Any]) -> Any:
    if "GWk" not in rows or "GMS" not in rows:
        return None
    weeks, milli = rows["GWk"].astype(np.int64), rows["GMS"].astype(np.int64)
    at = ((GPS_EPOCH - LEAP + weeks * 604_800) * 1000 + milli) * 1000
    return np.where(weeks > 0, at, NEVER)


def _take_homes(track: Track, log: Any, stamp: Any, lat: Any, lon: Any) -> None:
    for name in ("ORGN", "CMD"):
        rows = _rows(log, name)
        if rows is None or "Lat" not in rows or "Lng" not in rows:
            continue
        first = rows["CNum"] == 0 if name == "CMD" and "CNum" in rows else np.ones(len(rows["Lat"]), bool)
        scale = 1e-7 if rows["Lat"].dtype.kind in "iu" else 1.0
        _add(track, rows["Lat"][first] * scale, rows["Lng"][first] * scale)
    events = _rows(log, "EV")
    if events is not None and stamp is not None and "TimeUS" in events and "Id" in events:
        when = events["TimeUS"][np.isin(events["Id"], _ON_GROUND)].astype(np.int64)
        nearest = np.clip(np.searchsorted(stamp, when), 0, len(stamp) - 1)
        _add(track, lat[nearest], lon[nearest])


def _add(track: Track, lats: Any, lons: Any) -> None:
    for lat, lon in zip(np.round(lats, 6).tolist(), np.round(lons, 6).tolist(), strict=True):
        if math.isfinite(lat) and abs(lat) <= 90 and abs(lon) <= 180 and (abs(lat) > 1e-4 or abs(lon) > 1e-4):
            track.homes.add((lat, lon))
