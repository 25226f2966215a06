"""DJI flight records (``DJIFlightRecord_….txt``): binary, their points scrambled or encrypted since 2014.

Only the header is read, for the index of records. It also holds serial numbers, names of streets and the
place of take-off; those are passed over. From version 13 on even the summary is scrambled: only the version
is told then. The layout is that which public readers of the format agree on.
"""

import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from redaction.engines.flight.track import BadFlight
from redaction.sniff import is_dji_record

PREFIX = 100  # bytes
SUMMARY_FIRST = 12  # the first version that has the summary before the points
SCRAMBLED = 13  # the first version whose summary is scrambled
_SUMMARY = struct.Struct(
    "<80s3B2iq2dfi3f"
)  # streets, flags, counts, start, place, distance, time, height, speeds

ADVICE = (
    "this is a DJI flight record (.txt); its points are encrypted and only DJI's server has the key. "
    "Export the flight from AirData (or the DJI app) as CSV and redact that"
)


@dataclass(frozen=True)
class Header:
    """What an index may say of a flight record; None where the version keeps it scrambled.

    Metres, seconds, metres a second.
    """

    version: int
    bytes: int
    started_at: datetime | None = None
    seconds: float | None = None
    distance: float | None = None
    highest: float | None = None
    fastest: float | None = None


def header(path: Path) -> Header:
    """This will read the header of a DJI flight record.

    :raises BadFlight: when the file is not one.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(512)
        if not is_dji_record(head, size):
            raise BadFlight("this is not a DJI flight record")
        version = head[10]
        if version >= SCRAMBLED:
            return Header(version, size)
        stream.seek(PREFIX if version >= SUMMARY_FIRST else struct.unpack_from("<Q", head)[0])
        summary = stream.read(_SUMMARY.size)
    if len(summary) < _SUMMARY.size:
        return Header(version, size)
    *_, start, _, _, distance, milliseconds, highest, fastest, _ = _SUMMARY.unpack(summary)
    return Header(
        version,
        size,
        started_at=datetime.fromtimestamp(start / 1000, UTC) if 1e12 < start < 4.2e12 else None,
        seconds=milliseconds / 1000 if 0 <= milliseconds < 86_400_000 else None,
        distance=_sane(distance, 1e6),
        highest=_sane(highest, 1e5),
        fastest=_sane(fastest, 1e3),
    )


def _sane(value: float, limit: float) -> float | None:
    return round(value, 1) if -limit < value < limit else None
