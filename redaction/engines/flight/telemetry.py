"""MAVLink telemetry (.tlog): eight bytes of time, then a packet, read frame by frame.

Only four kinds of message are looked at, each after its checksum. Where the ground station or an operator
stands is in others, which are never read.
"""

import mmap
import struct
from array import array
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pymavlink.generator.mavcrc import x25crc

from redaction import limits
from redaction.engines.flight.track import POINT_LIMIT, BadFlight, Track

LIMIT = limits.FLIGHT_BYTES
V1, V2 = 0xFE, 0xFD
HEARTBEAT, MISSION_ITEM_INT, GLOBAL_POSITION_INT, HOME_POSITION = 0, 73, 33, 242
GLOBAL_ORIGIN = 49
# the byte each message's checksum ends with, from the definition of MAVLink's common messages
_EXTRA = {
    HEARTBEAT: 50,
    GLOBAL_POSITION_INT: 104,
    GLOBAL_ORIGIN: 39,
    MISSION_ITEM_INT: 38,
    HOME_POSITION: 104,
}
_ARMED = 128  # MAV_MODE_FLAG_SAFETY_ARMED
_STATIONS = (6, 27)  # MAV_TYPE_GCS and MAV_TYPE_ADSB: nothing that flies

Frame = tuple[int, int, int, bytes]  # microseconds since 1970, system, message, payload


@dataclass
class _Vehicle:
    lat: "array[int]" = field(default_factory=lambda: array("i"))
    lon: "array[int]" = field(default_factory=lambda: array("i"))
    above: "array[int]" = field(default_factory=lambda: array("i"))
    at: "array[int]" = field(default_factory=lambda: array("q"))
    armed: bool | None = None
    stops: list[int] = field(default_factory=list)


def read(path: Path, wanted: frozenset[str] = frozenset()) -> Track:
    """This will read where each vehicle was (GLOBAL_POSITION_INT), a flight for each, and every home.

    :raises BadFlight: when the log holds no position.
    """
    if path.stat().st_size > LIMIT:
        raise BadFlight(f"the telemetry log is larger than {LIMIT} bytes; split it by flight")
    track = Track("MAVLink telemetry", wanted, reference="above take-off")
    vehicles: dict[int, _Vehicle] = defaultdict(_Vehicle)
    for at, system, kind, payload in _frames(path):
        if kind == GLOBAL_POSITION_INT:
            vehicle = vehicles[system]
            _, lat, lon, _, above = struct.unpack_from("<I4i", payload)
            for column, value in zip(
                (vehicle.lat, vehicle.lon, vehicle.above, vehicle.at), (lat, lon, above, at), strict=True
            ):
                column.append(value)
            if len(vehicle.at) > POINT_LIMIT:
                raise BadFlight(f"the log has more than {POINT_LIMIT} points")
        elif kind == HEARTBEAT and payload[4] not in _STATIONS:
            vehicle, armed = vehicles[system], bool(payload[6] & _ARMED)
            if vehicle.armed is not None and vehicle.armed != armed:
                vehicle.stops.append(len(vehicle.at))
            vehicle.armed = armed
        elif kind in (HOME_POSITION, GLOBAL_ORIGIN):
            _take_home(track, *struct.unpack_from("<2i", payload))
        elif kind == MISSION_ITEM_INT and struct.unpack_from("<H", payload, 28)[0] == 0:
            _take_home(track, *struct.unpack_from("<2i", payload, 16))
    for _, vehicle in sorted(vehicles.items()):
        if len(vehicle.at):
            track.begin()
            times = np.array(vehicle.at)
            track.extend(
                np.array(vehicle.lat) * 1e-7,
                np.array(vehicle.lon) * 1e-7,
                altitude=np.array(vehicle.above) * 1e-3,
                at=times,
                aware=True,
                elapsed=(times - times[0]) / 1e6,
            )
            for stop in vehicle.stops:
                place = min(stop, len(times) - 1)
                _take_home(track, vehicle.lat[place], vehicle.lon[place])
    return track.finish()


def _frames(path: Path) -> Iterator[Frame]:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        place, size = 0, len(data)
        while place + 16 <= size:
            start = place + 8
            marker, length = data[start], data[start + 1]
            if marker == V2 and start + 12 <= size:
                head, system = 10, data[start + 5]
                kind = int.from_bytes(data[start + 7 : start + 10], "little")
                end = start + 12 + length + (13 if data[start + 2] & 1 else 0)
            elif marker == V1:
                head, system, kind = 6, data[start + 3], data[start + 5]
                end = start + 8 + length
            else:
                place += 1  # lost: the next time and packet are looked for byte by byte
                continue
            extra = _EXTRA.get(kind)
            if extra is not None and end <= size:
                body = start + head
                told = int.from_bytes(data[body + length : body + length + 2], "little")
                if x25crc(data[start + 1 : body + length] + bytes([extra])).crc != told:
                    place += 1
                    continue
                at = int.from_bytes(data[place:start], "big")
                if at >= 1 << 63:
                    raise BadFlight("the telemetry log holds a time that is none; it may be damaged")
                # zeroes at the end of a message are left out on the way
                yield at, system, kind, data[body : body + length].ljust(64, b"\0")
            place = end


def _take_home(track: Track, lat: int, lon: int) -> None:
    if abs(lat) <= 900_000_000 and abs(lon) <= 1_800_000_000 and (abs(lat) > 1000 or abs(lon) > 1000):
        track.homes.add((lat * 1e-7, lon * 1e-7))
