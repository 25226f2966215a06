"""Binary logs a second time: PX4 and ArduPilot by their own small readers, telemetry by pymavlink."""

import mmap
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from redaction.verify.flight.evidence import Evidence

_ULOG = {
    "int8_t": "i1", "uint8_t": "u1", "int16_t": "<i2", "uint16_t": "<u2", "int32_t": "<i4", "uint32_t": "<u4",
    "int64_t": "<i8", "uint64_t": "<u8", "float": "<f4", "double": "<f8", "bool": "u1", "char": "S1",
}  # fmt: skip
_FLASH = {
    "b": "b", "B": "B", "h": "h", "H": "H", "i": "i", "I": "I", "f": "f", "d": "d", "n": "4s", "N": "16s",
    "Z": "64s", "c": "h", "C": "H", "e": "i", "E": "I", "L": "i", "M": "B", "q": "q", "Q": "Q", "a": "64s",
    "g": "e",
}  # fmt: skip
_TOPICS = ("vehicle_global_position", "vehicle_gps_position", "sensor_gps", "home_position")

Reader = Callable[[Path, Evidence], None]


def reader_of(head: bytes) -> Reader | None:
    """This will give the reader of a binary log by its first bytes; None for a text."""
    if head.startswith(b"ULog\x01\x12\x35"):
        return _read_ulog
    if head.startswith(b"\xa3\x95"):
        return _read_flash
    return _read_telemetry if len(head) > 9 and head[8] in (0xFD, 0xFE) and head[0] == 0 else None


def _read_ulog(source: Path, evidence: Evidence) -> None:
    formats: dict[str, list[tuple[str, str]]] = {}
    subscribed: dict[int, tuple[str, int]] = {}
    packed: dict[tuple[str, int], bytearray] = {}
    for kind, body in _messages(source):
        if kind == ord("F"):
            name, _, fields = body.decode("ascii", "replace").partition(":")
            listed = (part.rsplit(" ", 1) for part in fields.split(";") if part)
            formats[name] = [(pair[0], pair[1]) for pair in listed if len(pair) == 2]
        elif kind == ord("A") and len(body) > 3:
            name = body[3:].decode("ascii", "replace")
            if name in _TOPICS:
                subscribed[int.from_bytes(body[1:3], "little")] = (name, body[0])
        elif kind == ord("D") and (topic := subscribed.get(int.from_bytes(body[:2], "little"))):
            packed.setdefault(topic, bytearray()).extend(_fit(body[2:], formats[topic[0]]))
    path = next((key for name in _TOPICS[:3] for key in sorted(packed) if key[0] == name), None)
    if path is None:
        raise ValueError("no position")
    for topic, data in packed.items():
        rows = np.frombuffer(bytes(data), dtype=_layout(formats[topic[0]]))
        names = rows.dtype.names or ()
        lat = rows["latitude_deg"] if "latitude_deg" in names else rows["lat"]
        lon = rows["longitude_deg"] if "longitude_deg" in names else rows["lon"]
        scale = 1e-7 if lat.dtype.kind == "i" else 1.0
        if topic == path:
            good = rows["fix_type"] >= 2 if "fix_type" in names else np.ones(len(rows), bool)
            evidence.points(lat[good] * scale, lon[good] * scale, None, rows["timestamp"][good] / 1e6)
        elif topic[0] == "home_position":
            valid = rows["valid_hpos"] != 0 if "valid_hpos" in names else np.ones(len(rows), bool)
            _homes(evidence, lat[valid], lon[valid])


def _messages(source: Path) -> Iterator[tuple[int, bytes]]:
    with source.open("rb") as stream:
        stream.seek(16)
        while len(head := stream.read(3)) == 3:
            size, kind = int.from_bytes(head[:2], "little"), head[2]
            body = stream.read(size)
            if len(body) < size:
                return
            yield kind, body


def _layout(fields: list[tuple[str, str]]) -> np.dtype[Any]:
    listed: list[Any] = []
    for kind, name in fields:
        base, _, count = kind.partition("[")
        listed.append((name, _ULOG[base], (int(count[:-1]),)) if count else (name, _ULOG[base]))
    return np.dtype(listed)


def _fit(body: bytes, fields: list[tuple[str, str]]) -> bytes:
    """Padding at the end of a message may be left out on the way."""
    size = _layout(fields).itemsize
    return body[:size].ljust(size, b"\0")


def _read_flash(source: Path, evidence: Evidence) -> None:
    forms: dict[int, tuple[str, struct.Struct, list[str]]] = {}
    sizes = {128: 89}
    rows: dict[str, list[dict[str, Any]]] = {"GPS": [], "POS": [], "ORGN": [], "CMD": []}
    with source.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        place, end = 0, len(data)
        while place + 3 <= end:
            if data[place] != 0xA3 or data[place + 1] != 0x95 or data[place + 2] not in sizes:
                place += 1
                continue
            kind = data[place + 2]
            size = sizes[kind]
            if place + size > end:
                break
            if kind == 128:
                number, length, name, letters, columns = struct.unpack_from("<BB4s16s64s", data, place + 3)
                name = name.rstrip(b"\0").decode("ascii", "replace")
                letters = letters.rstrip(b"\0").decode("ascii", "replace")
                sizes[number] = length
                if name in rows:
                    form = struct.Struct("<" + "".join(_FLASH[letter] for letter in letters))
                    forms[number] = name, form, columns.rstrip(b"\0").decode("ascii", "replace").split(",")
            elif kind in forms:
                name, form, names = forms[kind]
                rows[name].append(dict(zip(names, form.unpack_from(data, place + 3), strict=False)))
            place += size
    path = rows["GPS"] or rows["POS"]
    first = min((row.get("I", 0) for row in path), default=0)
    path = [row for row in path if row.get("I", 0) == first and row.get("Status", 3) >= 2]
    evidence.points(
        np.array([row["Lat"] for row in path]) * 1e-7,
        np.array([row["Lng"] for row in path]) * 1e-7,
        None,
        np.array([row.get("TimeUS", 0) / 1e6 for row in path]),
    )
    for row in [*rows["ORGN"], *(row for row in rows["CMD"] if row.get("CNum") == 0)]:
        _homes(evidence, np.array([row["Lat"]]), np.array([row["Lng"]]))


def _read_telemetry(source: Path, evidence: Evidence) -> None:
    from pymavlink import mavutil

    log = mavutil.mavmmaplog(str(source))
    wanted = {"GLOBAL_POSITION_INT", "HOME_POSITION"}
    paths: dict[int, list[tuple[float, float, float, float]]] = {}
    try:
        while (message := log.recv_match(type=wanted)) is not None:
            if message.get_type() == "HOME_POSITION":
                _homes(evidence, np.array([message.latitude]), np.array([message.longitude]))
                continue
            paths.setdefault(message.get_srcSystem(), []).append(
                (message.lat * 1e-7, message.lon * 1e-7, message.relative_alt * 1e-3, message._timestamp)
            )
    finally:
        log.close()
    evidence.above_ground = True
    for _, spots in sorted(paths.items()):
        evidence.part()
        evidence.points(*np.array(spots).T)


def _homes(evidence: Evidence, lats: Any, lons: Any) -> None:
    for lat, lon in zip(lats.tolist(), lons.tolist(), strict=True):
        scale = 1e-7 if isinstance(lat, int) else 1.0
        if abs(lat * scale) <= 90 and (abs(lat * scale) > 1e-4 or abs(lon * scale) > 1e-4):
            evidence.homes.add((lat * scale, lon * scale))
