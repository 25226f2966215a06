"""Which reader a flight log needs, told by its first bytes and never by its name."""

from collections.abc import Sequence
from pathlib import Path

from redaction.engines.flight import columns, djirecord, geojson, maps, subtitles
from redaction.engines.flight.track import BadFlight, Track
from redaction.sniff import is_dji_record

HEAD = 4_096
ULOG = b"ULog\x01\x12\x35"
DATAFLASH = b"\xa3\x95"
SINCE, UNTIL = 10**15, 4 * 10**15  # microseconds since 1970 a telemetry log may begin with: 2001 to 2096

Ring = Sequence[tuple[float, float]]


def read(source: Path, wanted: frozenset[str] = frozenset(), *, near: Sequence[Ring] = ()) -> Track:
    """This will read a log of any known dialect; of its fields only those ``wanted`` are kept.

    ``near`` are polygons of (lon, lat) near the flight, asked only where a log leaves its place open.

    :raises BadFlight: for a dialect that cannot be read, saying which it is.
    """
    with source.open("rb") as stream:
        head = stream.read(HEAD)
    if not head:
        raise BadFlight("the file is empty")
    return _read_binary(source, head, wanted) or _read_text(source, head, wanted, near)


def _read_binary(source: Path, head: bytes, wanted: frozenset[str]) -> Track | None:
    # these libraries take half a second to load, and most logs are text
    if head.startswith(ULOG):
        from redaction.engines.flight import ulog

        return ulog.read(source, wanted)
    if head.startswith(DATAFLASH):
        from redaction.engines.flight import dataflash

        return dataflash.read(source, wanted)
    if len(head) > 9 and head[8] in (0xFD, 0xFE) and SINCE < int.from_bytes(head[:8], "big") < UNTIL:
        from redaction.engines.flight import telemetry

        return telemetry.read(source, wanted)
    if head.startswith(b"PK\x03\x04"):
        raise BadFlight("this is a compressed archive (KMZ or ZIP); unpack it and give the KML or log in it")
    if is_dji_record(head, source.stat().st_size):
        raise BadFlight(djirecord.ADVICE)
    return None


def _read_text(source: Path, head: bytes, wanted: frozenset[str], near: Sequence[Ring]) -> Track:
    text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", errors="replace")
    body = text.lstrip()
    if body.startswith("<"):
        is_kml = "<kml" in text or ":kml" in text
        return maps.read_kml(source, wanted) if is_kml else maps.read_gpx(source, wanted)
    if body.startswith("{"):
        return geojson.read(source, wanted)
    if "-->" in text:
        return subtitles.read(source, wanted, near=near)
    if "\0" in text:
        raise BadFlight(
            "this is a binary log of an unknown or encrypted kind; "
            "export the flight as CSV, GPX, KML or GeoJSON first"
        )
    return columns.read(source, wanted)
