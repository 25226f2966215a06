"""One flight log in, the released part of its path out."""

import platform
from collections.abc import Callable
from pathlib import Path

import numpy as np

from redaction.engines.flight import reading
from redaction.engines.flight.cuts import Cut, cut, spacing, spans
from redaction.engines.flight.drawing import write_map
from redaction.engines.flight.rows import Released
from redaction.engines.flight.track import Track
from redaction.engines.flight.whitelist import Whitelist, asked_for, whitelist
from redaction.engines.flight.writers import WRITERS, write
from redaction.marks import Marks
from redaction.report import MarkOutcome, MarksError, Refused, Report

MEDIUM = "flight"
SUFFIXES = tuple(WRITERS)
KINDS = ("home", "fence", "generalise", "fields")
PLACES = 7  # decimals of a degree, about a centimetre
SPANS = 1_000  # cut spans that the report lists

Progress = Callable[[float, str], None]


class NothingLeft(Refused):
    """The marks cut the whole track: an empty file would help nobody."""


def redact(source: Path, marks: Marks, target: Path, *, progress: Progress | None = None) -> Report:
    """This will write position, time and altitude of a flight, cut and generalised, and no other field.

    :raises MarksError: for a mark that does not fit, or a field that is not there or may never pass.
    :raises NothingLeft: when no point is left to be released.
    :raises Refused: when the source is not a flight log that can be read.
    """
    tell = progress or _silent
    for mark in marks:
        if mark.kind not in KINDS:
            raise MarksError(f"a {mark.kind} mark does not fit a flight log", mark_id=mark.id)
    try:
        tell(0.1, "reading the log")
        near = [mark["polygon"] for mark in marks.of("fence")]
        wanted = asked_for(marks)
        track = reading.read(source, wanted, near=near)
        fields = whitelist(marks, track.field_names)
        _check_fields(marks, fields, target)
        tell(0.5, f"{track.points} points read")
        left = cut(track, marks)
        if not len(left.index):
            raise NothingLeft(_nothing_left(track, left, marks))
        grid = spacing(marks)
        released = Released(
            track=track,
            left=left,
            fields=fields,
            relative=any(mark["time"] == "relative" for mark in marks.of("generalise")),
            altitude=_altitude(marks),
            places=PLACES if grid is None else max(2, -int(grid.normalize().as_tuple().exponent)),
        )
        tell(0.7, "writing what is left")
        write(target, released)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise Refused(f"{source.name} cannot be read or written: {error.strerror}") from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    tell(1.0, "the released path is written")
    return _report(track, left, marks, released)


def write_companions(draft: Path, report: Report, folder: Path) -> None:
    """This will draw the released path, and nothing but it, as ``flight-map.svg`` and ``flight-map.png``."""
    write_map(reading.read(draft), folder / "flight-map.svg", folder / "flight-map.png")


def _silent(share: float, stage: str) -> None:
    return None


def _altitude(marks: Marks) -> str:
    asked = {mark["altitude"] for mark in marks.of("generalise")}
    return "drop" if "drop" in asked else "metre" if "metre" in asked else ""


def _check_fields(marks: Marks, fields: Whitelist, target: Path) -> None:
    if target.suffix.lower() == ".kml" and (fields.names or fields.speed or fields.heading):
        raise MarksError(
            "KML carries no fields; choose CSV, GPX or GeoJSON", mark_id=marks.of("fields")[0].id
        )


def _report(track: Track, left: Cut, marks: Marks, released: Released) -> Report:
    points_out = len(left.index)
    listed = spans(track, left)
    report = Report(
        engine="daylight-flight 2",
        medium=MEDIUM,
        versions={"python": platform.python_version(), "numpy": np.__version__},
    )
    report.marks = [MarkOutcome(mark.id, mark.kind, requested=1, applied=1) for mark in marks]
    report.details = {
        "dialect": track.dialect,
        "points_in": track.points,
        "points_without_position": track.without_position,
        "points_out": points_out,
        "flights": int(track.flight[-1]) + 1,
        "places_of_take_off_and_landing": left.places,
        "segments_in": int(track.segment[-1]) + 1,
        "segments_out": left.runs,
        "cut_by": {mark.id: left.by_mark[mark.id] for mark in marks.of("home", "fence")},
        "cut_spans": listed[:SPANS],
        "points_in_remnants": left.remnants,
        "altitude_reference": track.altitude_reference,
        "fields_released": released.names,
        "fields_recomputed": [name for name in released.names if name not in released.fields.names],
        "fields_dropped": [name for name in track.field_names if name not in released.names],
    }
    report.warnings = _warnings(track, left, marks, released)
    if len(listed) > SPANS:
        report.warnings.append(f"{len(listed)} spans of time were cut; the first {SPANS} are listed")
    return report


def _nothing_left(track: Track, left: Cut, marks: Marks) -> str:
    cuts = [f"{left.by_mark[mark.id]} by mark {mark.id}" for mark in marks.of("home", "fence")]
    cuts += [f"{left.remnants} in remnants too short to keep"] * bool(left.remnants)
    return (
        f"nothing of the track is left: of its {track.points} points {', '.join(cuts)} are cut; choose a "
        "smaller radius_m or fence, or a generalise mark with a coarse grid_deg instead of them, or withhold "
        "the whole log"
    )


def _warnings(track: Track, left: Cut, marks: Marks, released: Released) -> list[str]:
    warnings = [*track.warnings, *left.warnings]
    if not marks.of("home"):
        warnings.insert(
            0, "THERE IS NO HOME MARK: take-off and landing, and so the pilot's place, are in the output"
        )
    elif track.altitude_reference == "above take-off" and np.isfinite(released.heights).any():
        warnings.append(
            "heights count from the take-off: with a model of the ground they say how high it lies; "
            "generalise altitude to drop them"
        )
    if track.without_position:
        warnings.append(f"{track.without_position} points had no position and were left out")
    if len(left.index) < track.points:
        warnings.append(
            "cut the same seconds out of the film and its subtitles: the report lists them as cut_spans"
        )
    return warnings
