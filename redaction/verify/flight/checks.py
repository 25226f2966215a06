"""Is anything left that the marks of a flight took out? Plane geometry of its own, no code of the engine."""

import math
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from redaction.marks import Mark, Marks
from redaction.report import Finding, Report
from redaction.verify.flight.evidence import Evidence, Place, gather
from redaction.verify.flight.outputs import OWN_COLUMNS, Released, Spot, read

GUARANTEED = 0.5  # of the radius of a home mark: nearer than this to a take-off or landing, nothing is left
FENCE_GRID = Decimal("0.01")
METRES_A_DEGREE = 111_195.0
NEAR = 1e-6  # degrees, by which a point may differ from the source's through rounding

_PERSONAL = re.compile(
    r"home|take.?off|launch|pilot|operator|serial|phone|mobile|device|controller|user|mail|account|licen[cs]e"
    r"|uuid|imei|registration|owner|author|officer|(?:^|[\W_])(?:sn|id|rc|app|name)(?:$|[\W_])",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"(?<![A-Za-z0-9])(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{10,24}(?![A-Za-z0-9])")


def examine(output: Path) -> list[Finding]:
    """This will name what no released flight may hold: foreign elements, personal fields, serial numbers."""
    released = read(output)
    findings = list(released.findings)
    findings += [
        Finding(f"field {name!r} may name a person, a device or the home point")
        for name in released.names
        if _PERSONAL.search(name)
    ]
    for spot in _spots(released):
        for name, value in spot.fields.items():
            if _SERIAL.search(value):
                return [*findings, Finding(f"field {name!r} holds what looks like a serial number")]
    return findings


def verify(output: Path, source: Path, marks: Marks, report: Report) -> list[Finding]:
    """This will check an output against its source and marks, and count each mark that holds.

    :raises Refused: when the source itself cannot be read.
    """
    allowed = frozenset(name for mark in marks.of("fields") for name in mark["release"])
    evidence = gather(source, allowed)
    released = read(output)
    findings = list(released.findings)
    for mark in marks.of("home"):
        findings += _home_faults(mark, released, evidence)
    for mark in marks.of("fence"):
        findings += _fence_faults(mark, released, marks)
    for mark in marks.of("generalise"):
        findings += _generalise_faults(mark, released, evidence, output)
    findings += _field_faults(released, allowed)
    findings += _origin_faults(released, evidence, marks)
    findings += _string_faults(evidence, output)
    findings += _motion_faults(released, marks)
    failed = {finding.mark_id for finding in findings}
    for mark in marks:
        report.outcome(mark.id).verified = int(None not in failed and mark.id not in failed)
    return findings


def _spots(released: Released) -> Iterator[Spot]:
    for segment in released.segments:
        yield from segment


def metres(one: Place, other: Place) -> float:
    """This will give the distance by the spherical law of cosines; good to a metre over a flight."""
    lat1, lat2 = math.radians(one[0]), math.radians(other[0])
    turn = math.radians(other[1] - one[1])
    chord = math.hypot(
        math.cos(lat2) * math.sin(turn),
        math.cos(lat1) * math.sin(lat2) - math.sin(lat1) * math.cos(lat2) * math.cos(turn),
    )
    along = math.sin(lat1) * math.sin(lat2) + math.cos(lat1) * math.cos(lat2) * math.cos(turn)
    return math.atan2(chord, along) * 180 / math.pi * METRES_A_DEGREE


def _home_faults(mark: Mark, released: Released, evidence: Evidence) -> list[Finding]:
    limit = mark["radius_m"] * GUARANTEED
    for end in evidence.ends:
        for number, segment in enumerate(released.segments, 1):
            spots = [(float(spot.lat), float(spot.lon)) for spot in segment]
            near = any(metres(end, spot) < limit for spot in spots)
            if near or any(_passes(end, one, two) < limit for one, two in pairwise(spots)):
                return [
                    Finding(
                        f"the path comes within {limit:.0f} m of a take-off, landing or home point",
                        mark.id,
                        place=f"segment {number}",
                    )
                ]
    return []


def _passes(point: Place, one: Place, two: Place) -> float:
    shrink = math.cos(math.radians(point[0]))
    ax, ay = (one[1] - point[1]) * shrink, one[0] - point[0]
    bx, by = (two[1] - point[1]) * shrink, two[0] - point[0]
    length = (bx - ax) ** 2 + (by - ay) ** 2
    part = max(0.0, min(1.0, -(ax * (bx - ax) + ay * (by - ay)) / length)) if length else 0.0
    return math.hypot(ax + part * (bx - ax), ay + part * (by - ay)) * METRES_A_DEGREE


def _fence_faults(mark: Mark, released: Released, marks: Marks) -> list[Finding]:
    ring = [(lat, lon) for lon, lat in mark["polygon"]]
    grids = [Decimal(repr(other["grid_deg"])) for other in marks.of("generalise") if other["grid_deg"]]
    for number, segment in enumerate(released.segments, 1):
        spots = [(float(spot.lat), float(spot.lon)) for spot in segment]
        place = f"segment {number}"
        if mark["action"] == "cut":
            if any(inside(spot, ring) for spot in spots):
                return [Finding("a point lies inside the fence", mark.id, place)]
            if any(_crosses(one, two, ring) for one, two in pairwise(spots)):
                return [Finding("the path crosses the fence", mark.id, place)]
            continue
        for spot, exact in zip(spots, segment, strict=True):
            coarse = all(value % max([*grids, FENCE_GRID]) == 0 for value in (exact.lat, exact.lon))
            finer = grids and all(
                value % (grid * -(-FENCE_GRID // grid)) == 0
                for grid in grids
                for value in (exact.lat, exact.lon)
            )
            if inside(spot, ring) and not coarse and not finer:
                return [Finding("a point inside the fence is not generalised", mark.id, place)]
    return []


def inside(spot: Place, ring: list[Place]) -> bool:
    """This will tell by counting crossed edges whether a (lat, lon) lies in a ring of them."""
    lat, lon = spot
    odd = False
    for (lat1, lon1), (lat2, lon2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (lat1 > lat) != (lat2 > lat) and lon < (lon2 - lon1) * (lat - lat1) / (lat2 - lat1) + lon1:
            odd = not odd
    return odd


def _crosses(one: Place, two: Place, ring: list[Place]) -> bool:
    def side(a: Place, b: Place, c: Place) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    return any(
        side(one, two, a) * side(one, two, b) < 0 and side(a, b, one) * side(a, b, two) < 0
        for a, b in zip(ring, ring[1:] + ring[:1], strict=True)
    )


def _generalise_faults(mark: Mark, released: Released, evidence: Evidence, output: Path) -> list[Finding]:
    findings = []
    grid = Decimal(repr(mark["grid_deg"])) if mark["grid_deg"] else None
    spots = list(_spots(released))
    if grid is not None and any(spot.lat % grid or spot.lon % grid for spot in spots):
        findings.append(Finding(f"a point is not on the grid of {grid}°", mark.id))
    if mark["altitude"] == "drop" and any(spot.altitude for spot in spots):
        findings.append(Finding("an altitude is in the output", mark.id))
    if mark["altitude"] == "metre" and any(spot.altitude is not None and spot.altitude % 1 for spot in spots):
        findings.append(Finding("an altitude is finer than a metre", mark.id))
    if mark["time"] == "relative":
        counted = [spot.seconds for spot in spots if spot.seconds is not None]
        if any(spot.time for spot in spots) or _holds_date(evidence, output):
            findings.append(Finding("a date or time of day is in the output", mark.id))
        if counted and float(counted[0]) != 0:
            findings.append(Finding("the seconds do not begin with 0", mark.id))
    return findings


def _holds_date(evidence: Evidence, output: Path) -> bool:
    text = output.read_text(encoding="utf-8", errors="replace")
    return any(date in text for date in evidence.dates)


def _field_faults(released: Released, allowed: frozenset[str]) -> list[Finding]:
    plain = {name.strip().lower() for name in allowed} & {"speed", "heading"}
    names = {*released.names, *(name for spot in _spots(released) for name in spot.fields)}
    return [
        Finding(f"field {name!r} is in the output, and no mark releases it")
        for name in sorted(names)
        if name not in allowed and name not in plain and name not in OWN_COLUMNS
    ]


def _origin_faults(released: Released, evidence: Evidence, marks: Marks) -> list[Finding]:
    """Every point is one of the source; without a cut, none is missing."""
    grids = [float(mark["grid_deg"]) for mark in marks.of("generalise") if mark["grid_deg"]]
    coarse = any(mark["action"] == "generalise" for mark in marks.of("fence"))
    step = max([NEAR, *grids, *([float(FENCE_GRID) + max(grids, default=0)] if coarse else [])])
    known: set[tuple[int, int]] = set()
    for lat, lon in evidence.places:
        known.add((math.floor(lat / step), math.floor(lon / step)))
    count = 0
    for spot in _spots(released):
        count += 1
        row, column = math.floor(float(spot.lat) / step), math.floor(float(spot.lon) / step)
        if not any((row + a, column + b) in known for a in (-1, 0, 1) for b in (-1, 0, 1)):
            return [Finding("a point is not of the source")]
    if not marks.of("home", "fence") and count != len(evidence.places):
        return [Finding(f"{count} points are in the output, {len(evidence.places)} in the source")]
    return []


def _string_faults(evidence: Evidence, output: Path) -> list[Finding]:
    text = output.read_text(encoding="utf-8", errors="replace")
    words = set(re.findall(r"[^\W_]{4,}", text))
    for said in evidence.strings:
        parts = re.findall(r"[^\W_]{4,}", said)
        if parts and words.issuperset(parts) and re.search(rf"(?<!\w){re.escape(said)}(?!\w)", text):
            return [Finding("a text of the source that no mark releases is in the output")]
    return []


def _motion_faults(released: Released, marks: Marks) -> list[Finding]:
    """Speed may only say what the released points say: the source's own gives back a path that was cut."""
    mark = next(iter(marks.of("fields")), None)
    for segment in released.segments:
        for before, spot in zip([None, *segment], segment, strict=False):
            said = spot.fields.get("speed")
            if not said:
                continue
            passed = _seconds(before, spot) if before else None
            if before is None or not passed:
                return [Finding("a speed says more than the released points", mark.id if mark else None)]
            far = metres((float(before.lat), float(before.lon)), (float(spot.lat), float(spot.lon)))
            if abs(far / passed - float(said)) > 0.1 + 0.01 * float(said):
                return [Finding("a speed is not that of the released points", mark.id if mark else None)]
    return []


def _seconds(before: Spot, spot: Spot) -> float | None:
    if before.seconds and spot.seconds:
        return float(spot.seconds) - float(before.seconds)
    if before.time and spot.time:
        return (datetime.fromisoformat(spot.time) - datetime.fromisoformat(before.time)).total_seconds()
    return None
