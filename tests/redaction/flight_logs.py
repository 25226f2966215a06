"""Binary flight logs, byte by byte: PX4, ArduPilot, MAVLink telemetry, DJI flight records."""

import struct
from collections.abc import Sequence
from pathlib import Path

from pymavlink.generator.mavcrc import x25crc

from tests.redaction.flight_builders import HOME, PILOT, SERIAL, START, Spot, out_and_back

BEGIN = int(START.timestamp() * 1_000_000)
EXTRA = {0: 50, 33: 104, 49: 39, 73: 38, 242: 104}


def a_ulog(path: Path, spots: Sequence[Spot] | None = None, *, new: bool = True, topic: str = "") -> Path:
    """A PX4 log; ``new`` names and units, or the old ones (ten-millionths of a degree, millimetres)."""
    where = (
        "double latitude_deg;double longitude_deg;double altitude_msl_m"
        if new
        else "int32_t lat;int32_t lon;int32_t alt"
    )
    gps = f"uint64_t timestamp;uint64_t time_utc_usec;{where};uint8_t fix_type"
    formats = [
        f"{topic or 'vehicle_gps_position'}:{gps};",
        "vehicle_land_detected:uint64_t timestamp;bool landed;",
        "home_position:uint64_t timestamp;double lat;double lon;bool valid_hpos;",
    ]
    body = b"ULog\x01\x12\x35\x01" + struct.pack("<Q", 0)
    body += b"".join(_message("F", one.encode()) for one in formats)
    key = f"char[{len(SERIAL)}] sys_uuid".encode()
    body += _message("I", bytes([len(key)]) + key + SERIAL.encode())
    for number, one in enumerate(formats):
        body += _message("A", struct.pack("<BH", 0, number) + one.partition(":")[0].encode())
    body += _message("D", struct.pack("<HQddB", 2, 1, *HOME, 1))
    listed = spots or out_and_back()
    for place, (lat, lon, high) in enumerate(listed):
        at = place * 1_000_000
        values = (lat, lon, high + 250) if new else (round(lat * 1e7), round(lon * 1e7), round(high * 1e3))
        body += _message(
            "D", struct.pack("<HQQ" + ("3d" if new else "3i") + "B", 0, at, BEGIN + at, *values, 3)
        )
        if place in (1, len(listed) // 2):
            body += _message("D", struct.pack("<HQB", 1, at, place == 1))
    path.write_bytes(body)
    return path


def a_dataflash(path: Path, spots: Sequence[Spot] | None = None) -> Path:
    """An ArduPilot log with two receivers, a home, an event of landing, and a serial number in a message."""
    body = _format(128, 89, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns")
    body += _format(130, 43, "GPS", "QBBIHBcLLef", "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd")
    body += _format(131, 75, "MSG", "QZ", "TimeUS,Message")
    body += _format(132, 19, "ORGN", "QLL", "TimeUS,Lat,Lng")
    body += _format(133, 12, "EV", "QB", "TimeUS,Id")
    body += _flash(131, struct.pack("<Q64s", 1, f"serial {SERIAL}".encode()))
    body += _flash(132, struct.pack("<Qii", 1, round(HOME[0] * 1e7), round(HOME[1] * 1e7)))
    weeks, milli = divmod(BEGIN // 1000 - (315_964_800 - 18) * 1000, 604_800_000)
    for place, (lat, lon, high) in enumerate(spots or out_and_back()):
        for receiver in (0, 1):
            body += _flash(
                130,
                struct.pack(
                    "<QBBIHBhiiif", place * 1_000_000, receiver, 3, milli + place * 1000, weeks, 14, 80,
                    round((lat + receiver) * 1e7), round(lon * 1e7), round((high + 250) * 100), 5.0,
                ),
            )  # fmt: skip
        if place == 20:
            body += _flash(133, struct.pack("<QB", place * 1_000_000, 18))
    path.write_bytes(body)
    return path


def a_tlog(path: Path, spots: Sequence[Spot] | None = None, *, version: int = 2) -> Path:
    """Telemetry of one vehicle and a ground station; armed at first, disarmed half-way, a damaged byte."""
    body = b""
    listed = spots or out_and_back()
    for place, (lat, lon, high) in enumerate(listed):
        armed = 128 if place < len(listed) // 2 else 0
        at = BEGIN + place * 1_000_000
        position = struct.pack(
            "<I4i3hH", place * 1000, round(lat * 1e7), round(lon * 1e7), round((high + 250) * 1000),
            round(high * 1000), 1, 2, 3, 4,
        )  # fmt: skip
        body += _frame(at, 33, position, version=version)
        body += _frame(at, 0, struct.pack("<I5B", 0, 2, 3, armed, 4, 3), version=version)
        body += _frame(at, 0, struct.pack("<I5B", 0, 6, 8, 0, 4, 3), version=version, system=255)
        if place == 3:
            body += b"\x00"
    home = struct.pack("<3i", round(HOME[0] * 1e7), round(HOME[1] * 1e7), 250_000)
    body += _frame(BEGIN, 242, home + bytes(40), version=version)
    body += _frame(BEGIN, 49, home, version=version) + _frame(
        BEGIN, 73, struct.pack("<4f2if2H", 0, 0, 0, 0, *struct.unpack("<2i", home[:8]), 0, 0, 16) + bytes(5),
        version=version,
    )  # fmt: skip
    path.write_bytes(body)
    return path


def a_dji_record(path: Path, *, version: int = 12) -> Path:
    """A flight record whose header says where it took off, and with which serial number."""
    summary = struct.pack(
        "<80s3B2iq2dfi3f", f"{PILOT} Street".encode(), 0, 0, 0, 100, 7, BEGIN // 1000, HOME[1], HOME[0],
        1234.5, 61_000, 80.25, 12.0, 3.0,
    ) + bytes(120) + SERIAL.encode()  # fmt: skip
    records = bytes([1, 3]) + b"abc\xff" + bytes(range(256)) * 4
    prefix = 12 if version < 6 else 100
    after = version < 12
    offset = prefix + len(records) if after else prefix
    head = struct.pack("<QHB", offset, len(summary), version).ljust(prefix, b"\0")
    path.write_bytes(head + (records + summary if after else summary + records))
    return path


def _message(kind: str, body: bytes) -> bytes:
    return struct.pack("<HB", len(body), ord(kind)) + body


def _format(number: int, length: int, name: str, letters: str, columns: str) -> bytes:
    return _flash(
        128, struct.pack("<BB4s16s64s", number, length, name.encode(), letters.encode(), columns.encode())
    )


def _flash(kind: int, body: bytes) -> bytes:
    return b"\xa3\x95" + bytes([kind]) + body


def _frame(at: int, kind: int, payload: bytes, *, version: int, system: int = 1) -> bytes:
    if version == 2:
        payload = payload.rstrip(b"\0") or b"\0"
        head = bytes([len(payload), 0, 0, 0, system, 1]) + kind.to_bytes(3, "little")
    else:
        head = bytes([len(payload), 0, system, 1, kind])
    check: int = x25crc(head + payload + bytes([EXTRA[kind]])).crc
    marker = b"\xfd" if version == 2 else b"\xfe"
    return at.to_bytes(8, "big") + marker + head + payload + check.to_bytes(2, "little")
