"""PX4 logs (.ulg) by pyulog: only the topics that say where the aircraft was, and when it stood."""

from pathlib import Path
from typing import Any

import numpy as np
from pyulog import ULog

from redaction import limits
from redaction.engines.flight.track import NEVER, BadFlight, Bools, Floats, Track

LIMIT = limits.FLIGHT_BYTES // 2
PATHS = ("vehicle_global_position", "vehicle_gps_position", "sensor_gps")
TOPICS = (*PATHS, "home_position", "vehicle_land_detected")

Data = dict[str, Any]


def read(path: Path, wanted: frozenset[str] = frozenset()) -> Track:
    """This will read the position estimate, or the receiver's when there is none, and the home positions.

    Old logs count positions in ten-millionths of a degree and millimetres, new ones in degrees and metres.

    :raises BadFlight: when the log cannot be read or holds no position.
    """
    if path.stat().st_size > LIMIT:
        raise BadFlight(f"the PX4 log is larger than {LIMIT} bytes; split it by flight")
    try:
        with path.open("rb") as stream:
            log = ULog(stream, message_name_filter_list=list(TOPICS), disable_str_exceptions=True)
        topics = {(one.name, one.multi_id): one.data for one in log.data_list}
    except Exception as error:  # pyulog raises whatever a damaged log makes it trip over
        raise BadFlight(f"the PX4 log is damaged and cannot be read ({type(error).__name__})") from None
    topic = next((name for name in PATHS for key in sorted(topics) if key[0] == name), None)
    if topic is None:
        raise BadFlight("the PX4 log holds no position (no vehicle_global_position and no GPS)")
    data = topics[min(key for key in topics if key[0] == topic)]
    track = Track("PX4 ULog", wanted, reference="above sea level")
    names = [name for name in data if name != "timestamp"]
    track.field_names = dict.fromkeys(names)
    stamp = data["timestamp"].astype(np.int64)
    lat, lon = _degrees(data)
    utc = _utc(topics, stamp)
    fix = _has_fix(data)
    lat[~fix] = np.nan
    track.extend(
        lat,
        lon,
        altitude=_metres(data),
        at=utc,
        aware=True,
        elapsed=(stamp - stamp[0]) / 1e6 if len(stamp) else stamp,
        fields={name: [f"{value:g}" for value in data[name].tolist()] for name in wanted if name in names},
    )
    _take_homes(track, topics, stamp, (lat, lon))
    return track.finish()


def _degrees(data: Data) -> tuple[Floats, Floats]:
    if "latitude_deg" in data:
        return np.array(data["latitude_deg"], float), np.array(data["longitude_deg"], float)
    if "lat" not in data or "lon" not in data:
        raise BadFlight("the PX4 log names its positions in a way that is not known")
    lat, lon = np.asarray(data["lat"]), np.asarray(data["lon"])
    scale = 1e-7 if lat.dtype.kind in "iu" else 1.0
    return lat * scale, lon * scale


def _metres(data: Data) -> Floats | None:
    if "altitude_msl_m" in data:
        return np.array(data["altitude_msl_m"], float)
    if "alt" not in data:
        return None
    alt = np.asarray(data["alt"])
    return np.asarray(alt * (1e-3 if alt.dtype.kind in "iu" else 1.0), float)


def _has_fix(data: Data) -> Bools:
    if "fix_type" in data:
        return np.asarray(data["fix_type"] >= 2)
    return np.ones(len(data["timestamp"]), dtype=bool)


def _utc(topics: dict[tuple[str, int], Data], stamp: Any) -> Any:
    """The time of day by the receiver, whose clock is laid beside the log's."""
    for (name, _), data in sorted(topics.items()):
        if name in PATHS[1:] and "time_utc_usec" in data:
            utc = data["time_utc_usec"].astype(np.int64)
            known = utc > 3e14
            if known.any():
                return stamp + int(np.median(utc[known] - data["timestamp"].astype(np.int64)[known]))
    return np.full(len(stamp), NEVER)


def _take_homes(
    track: Track, topics: dict[tuple[str, int], Data], stamp: Any, places: tuple[Floats, Floats]
) -> None:
    spots: list[tuple[float, float]] = []
    for (name, _), data in topics.items():
        if name == "home_position" and "lat" in data:
            valid = data["valid_hpos"] != 0 if "valid_hpos" in data else np.ones(len(data["lat"]), bool)
            spots += zip(data["lat"][valid].tolist(), data["lon"][valid].tolist(), strict=True)
        if name == "vehicle_land_detected" and "landed" in data and len(stamp):
            turns = np.flatnonzero(np.diff(data["landed"].astype(np.int8)) != 0) + 1
            nearest = np.searchsorted(stamp, data["timestamp"][turns].astype(np.int64))
            nearest = np.clip(nearest, 0, len(stamp) - 1)
            spots += zip(places[0][nearest].tolist(), places[1][nearest].tolist(), strict=True)
    for lat, lon in spots:
        if abs(lat) <= 90 and abs(lon) <= 180 and (abs(lat) > 1e-4 or abs(lon) > 1e-4):
            track.homes.add((round(lat, 6), round(lon, 6)))
