"""One flight log in, the released part of its path out."""

import platform
from collections.abc import Callable
from pathlib import Path

from redaction.engines.flight import columns, maps, subtitles
from redaction.engines.flight.cuts import Cut, cut, spacing
from redaction.engines.flight.rows import rows
from redaction.engines.flight.track import BadFlight, Track
from redaction.engines.flight.whitelist import HEADING, SPEED, Whitelist, whitelist
from redaction.engines.flight.writers import WRITERS, write
from redaction.marks import Marks
from redaction.report import MarkOutcome, MarksError, Refused, Report

MEDIUM = "flight"
SUFFIXES = tuple(WRITERS)
KINDS = ("home", "fence", "generalise", "fields")
PLACES = 7  # decimals of a degree, about a centimetre

BINARY = {
    b"ULog\x01\x12\x35": "a PX4 log (.ulg)",
    b"\xa3\x95": "an ArduPilot log (.bin)",
    b"PK\x03\x04": "a compressed archive (KMZ or ZIP)",
}

Progress = Callable[[float, str], None]


def redact(source: Path, marks: Marks, target: Path, *, progress: Progress | None = None) -> Report:
    """This will write position, time and altitude of a flight, cut and generalised, and no other field.

    :raises MarksError: for a mark that does not fit, or a field that is not there or may never pass.
    :raises Refused: when the source is not a flight log that can be read.
    """
    tell = progress or _silent
    for mark in marks:
        if mark.kind not in KINDS:
            raise MarksError(f"a {mark.kind} mark does not fit a flight log", mark_id=mark.id)
    try:
        tell(0.1, "reading the log")
        track = read(source)
        fields = whitelist(marks, track.field_names)
        _check_fields(marks, fields, target)
        tell(0.5, f"{track.points} points read")
        left = cut(track, marks)
        relative = any(mark["time"] == "relative" for mark in marks.of("generalise"))
        grid = spacing(marks)
        names = [*fields.names, *[SPEED] * fields.speed, *[HEADING] * fields.heading]
        places = PLACES if grid is None else max(2, -int(grid.normalize().as_tuple().exponent))
        write(target, rows(left.segments, fields, relative=relative, places=places), names)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise Refused(f"{source.name} cannot be read or written: {error.strerror}") from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    tell(1.0, "the released path is written")
    return _report(track, left, marks, names)


def read(source: Path) -> Track:
    """This will read a log of any known dialect, told by its content, never by its name.

    :raises BadFlight: for a dialect that cannot be read, saying which it is.
    """
    with source.open("rb") as stream:
        head = stream.read(4096)
    if not head:
        raise BadFlight("the file is empty")
    for magic, name in BINARY.items():
        if head.startswith(magic):
            raise BadFlight(f"this is {name}; export the flight as CSV, GPX, KML or GeoJSON first")
    text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", errors="replace")
    body = text.lstrip()
    if body.startswith("<"):
        return maps.read_kml(source) if "<kml" in text or ":kml" in text else maps.read_gpx(source)
    if body.startswith("{"):
        return maps.read_geojson(source)
    if "-->" in text:
        return subtitles.read(source)
    if "\0" in text or "\ufffd" in text[:-4]:
        raise BadFlight(
            "this is a binary log of an unknown or encrypted kind (DJI .txt logs are); "
            "export the flight as CSV, GPX, KML or GeoJSON first"
        )
    return columns.read(source)


def _silent(share: float, stage: str) -> None:
    return None


def _check_fields(marks: Marks, fields: Whitelist, target: Path) -> None:
    if target.suffix.lower() == ".kml" and (fields.names or fields.speed or fields.heading):
        raise MarksError(
            "KML carries no fields; choose CSV, GPX or GeoJSON", mark_id=marks.of("fields")[0].id
        )


def _report(track: Track, left: Cut, marks: Marks, names: list[str]) -> Report:
    points_out = sum(len(segment) for segment in left.segments)
    report = Report(engine="daylight-flight 1", medium=MEDIUM, versions={"python": platform.python_version()})
    report.marks = [MarkOutcome(mark.id, mark.kind, requested=1, applied=1) for mark in marks]
    report.details = {
        "dialect": track.dialect,
        "points_in": track.points,
        "points_without_position": track.without_position,
        "points_out": points_out,
        "flights": len(track.flights),
        "segments_in": sum(len(flight) for flight in track.flights),
        "segments_out": len(left.segments),
        "cut_by": {mark.id: left.by_mark[mark.id] for mark in marks.of("home", "fence")},
        "points_in_remnants": left.remnants,
        "altitude_reference": track.altitude_reference,
        "fields_released": names,
        "fields_dropped": [name for name in track.field_names if name not in names],
    }
    report.warnings = [*track.warnings, *left.warnings]
    if not marks.of("home"):
        report.warnings.insert(
            0, "THERE IS NO HOME MARK: take-off and landing, and so the pilot's place, are in the output"
        )
    if points_out == 0:
        report.warnings.insert(0, "no point is left after the cuts: the output is empty")
    if track.without_position:
        report.warnings.append(f"{track.without_position} points had no position and were left out")
    return report
