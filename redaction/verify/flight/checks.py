"""Is anything left that the marks of a flight took out? Plane geometry of its own, no code of the engine."""

import math
import re
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from redaction.marks import Mark, Marks
from redaction.report import Finding, Report
from redaction.verify.flight import words
from redaction.verify.flight.evidence import Evidence, Place, gather
from redaction.verify.flight.outputs import OWN_COLUMNS, read
from redaction.verify.flight.released import Released

GUARANTEED = 0.5  # of the radius of a home mark: nearer than this to a take-off or landing, nothing is left
FENCE_GRID = 0.01
METRES_A_DEGREE = 111_195.0
NEAR = 1e-6  # degrees, by which a point may differ from the source's through rounding
ON_GRID = 1e-8  # degrees

_PERSONAL = re.compile(
    r"home|take.?off|launch|pilot|operator|serial|phone|mobile|device|controller|user|mail|account|licen[cs]e"
    r"|uuid|imei|registration|owner|author|officer|(?:^|[\W_])(?:sn|id|rc|app|name)(?:$|[\W_])",
    re.IGNORECASE,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def examine(output: Path) -> list[Finding]:
    """This will name what no released flight may hold: foreign elements, personal fields, serial numbers."""
    released = read(output)
    findings = list(released.findings)
    findings += [
        Finding(f"field {name!r} may name a person, a device or the home point")
        for name in released.kept
        if _PERSONAL.search(name)
    ]
    serials = [name for name, kept in released.kept.items() if kept.serial]
    return findings + [
        Finding(f"field {name!r} holds what looks like a serial number") for name in serials[:1]
    ]


def verify(output: Path, source: Path, marks: Marks, report: Report) -> list[Finding]:
    """This will check an output against its source and marks, and count each mark that holds.

    :raises Refused: when the source itself cannot be read.
    """
    allowed = frozenset(name for mark in marks.of("fields") for name in mark["release"])
    evidence = gather(source, allowed)
    released = read(output)
    findings = list(released.findings)
    lines = _Lines(released)
    ends = evidence.ends() if marks.of("home") else set()
    for mark in marks.of("home"):
        findings += _home_faults(mark, lines, ends)
    for mark in marks.of("fence"):
        findings += _fence_faults(mark, lines, marks)
    for mark in marks.of("generalise"):
        findings += _generalise_faults(mark, released, evidence, output)
    findings += _field_faults(released, allowed)
    findings += _origin_faults(released, evidence, marks)
    if words.said(output, evidence.strings):
        findings.append(Finding("a text of the source that no mark releases is in the output"))
    findings += _time_faults(released, lines)
    findings += _motion_faults(released, lines, marks)
    failed = {finding.mark_id for finding in findings}
    for mark in marks:
        report.outcome(mark.id).verified = int(None not in failed and mark.id not in failed)
    return findings


class _Lines:
    """Points of an output, and which of them a line joins to the next."""

    def __init__(self, released: Released) -> None:
        self.lat, self.lon = released["lat"], released["lon"]
        self.segment = released["segment"]
        self.joined: Bools = np.diff(self.segment) == 0

    def number(self, place: int) -> str:
        return f"segment {int(self.segment[place])}"


def metres(one: Place, lat: Any, lon: Any) -> Floats:
    """This will give distances by the chord between points on a sphere; good to a metre over a flight."""
    lat1, lon1, lat2, lon2 = (np.radians(value) for value in (*one, lat, lon))
    x = np.cos(lat2) * np.cos(lon2) - np.cos(lat1) * np.cos(lon1)
    y = np.cos(lat2) * np.sin(lon2) - np.cos(lat1) * np.sin(lon1)
    z = np.sin(lat2) - np.sin(lat1)
    chord = np.sqrt(x * x + y * y + z * z)
    return np.asarray(2 * np.arcsin(np.minimum(1.0, chord / 2)) * math.degrees(1) * METRES_A_DEGREE)


def _home_faults(mark: Mark, lines: _Lines, ends: set[Place]) -> list[Finding]:
    limit = mark["radius_m"] * GUARANTEED
    for end in ends:
        # looked at closely is only what is near, by a margin of one long step
        rough = np.abs(lines.lat - end[0]) * METRES_A_DEGREE < limit + 5_000
        near = np.flatnonzero(rough[:-1] | rough[1:]) if len(rough) > 1 else np.empty(0, dtype=int)
        inside = metres(end, lines.lat[rough], lines.lon[rough]) < limit
        crossed = _passes(end, lines, near[lines.joined[near]]) < limit
        if inside.any() or crossed.any():
            place = np.flatnonzero(rough)[inside][0] if inside.any() else near[lines.joined[near]][crossed][0]
            message = f"the path comes within {limit:.0f} m of a take-off, landing or home point"
            return [Finding(message, mark.id, place=lines.number(place))]
    return []


def _passes(end: Place, lines: _Lines, places: Any) -> Floats:
    """How near the line from each of the places to the next comes to a point, in metres."""
    shrink = math.cos(math.radians(end[0]))
    ax, ay = _short(lines.lon[places] - end[1]) * shrink, lines.lat[places] - end[0]
    bx, by = _short(lines.lon[places + 1] - end[1]) * shrink, lines.lat[places + 1] - end[0]
    length = (bx - ax) ** 2 + (by - ay) ** 2
    safe = np.where(length > 0, length, 1)
    part = np.clip(-(ax * (bx - ax) + ay * (by - ay)) / safe, 0, 1)
    return np.asarray(np.hypot(ax + part * (bx - ax), ay + part * (by - ay)) * METRES_A_DEGREE)


def _short(degrees: Floats) -> Floats:
    """A difference of longitudes the short way round the Earth."""
    return np.asarray((degrees + 180) % 360 - 180)


def _fence_faults(mark: Mark, lines: _Lines, marks: Marks) -> list[Finding]:
    ring = [(lat, lon) for lon, lat in mark["polygon"]]
    within = inside(lines.lat, lines.lon, ring)
    if mark["action"] == "cut":
        if within.any():
            place = lines.number(int(np.flatnonzero(within)[0]))
            return [Finding("a point lies inside the fence", mark.id, place)]
        crossed = _crosses(lines, ring) & lines.joined
        if crossed.any():
            place = lines.number(int(np.flatnonzero(crossed)[0]))
            return [Finding("the path crosses the fence", mark.id, place)]
        return []
    grids = [other["grid_deg"] for other in marks.of("generalise") if other["grid_deg"]]
    coarse = _on_grid(lines, max([*grids, FENCE_GRID]))
    for grid in grids:
        coarse |= _on_grid(lines, grid * math.ceil(FENCE_GRID / grid - 1e-9))
    if (within & ~coarse).any():
        place = lines.number(int(np.flatnonzero(within & ~coarse)[0]))
        return [Finding("a point inside the fence is not generalised", mark.id, place)]
    return []


def inside(lat: Floats, lon: Floats, ring: list[Place]) -> Bools:
    """This will tell by counting crossed edges which points lie in a ring of (lat, lon)."""
    odd = np.zeros(len(lat), dtype=bool)
    for (lat1, lon1), (lat2, lon2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if lat1 != lat2:
            odd ^= ((lat1 > lat) != (lat2 > lat)) & (
                lon < (lon2 - lon1) * (lat - lat1) / (lat2 - lat1) + lon1
            )
    return odd


def _crosses(lines: _Lines, ring: list[Place]) -> Bools:
    ay, ax, by, bx = lines.lat[:-1], lines.lon[:-1], lines.lat[1:], lines.lon[1:]
    crossed = np.zeros(len(ay), dtype=bool)
    for (y1, x1), (y2, x2) in zip(ring, ring[1:] + ring[:1], strict=True):
        one = (by - ay) * (x1 - ax) - (bx - ax) * (y1 - ay)
        two = (by - ay) * (x2 - ax) - (bx - ax) * (y2 - ay)
        three = (y2 - y1) * (ax - x1) - (x2 - x1) * (ay - y1)
        four = (y2 - y1) * (bx - x1) - (x2 - x1) * (by - y1)
        crossed |= (one * two < 0) & (three * four < 0)
    return crossed


def _on_grid(lines: _Lines, step: float) -> Bools:
    off = [np.abs(values - np.rint(values / step) * step) for values in (lines.lat, lines.lon)]
    return np.asarray((off[0] < ON_GRID) & (off[1] < ON_GRID))


def _generalise_faults(mark: Mark, released: Released, evidence: Evidence, output: Path) -> list[Finding]:
    findings = []
    high = released["altitude"]
    high = high[np.isfinite(high)]
    if mark["grid_deg"] and not _on_grid(_Lines(released), mark["grid_deg"]).all():
        findings.append(Finding(f"a point is not on the grid of {mark['grid_deg']}°", mark.id))
    if mark["altitude"] == "drop" and high.any():
        findings.append(Finding("an altitude is in the output", mark.id))
    if mark["altitude"] == "metre" and (high % 1 != 0).any():
        findings.append(Finding("an altitude is finer than a metre", mark.id))
    if mark["time"] == "relative":
        seconds = released["seconds"]
        seconds = seconds[np.isfinite(seconds)]
        if np.isfinite(released["time"]).any() or words.holds(output, evidence.dates):
            findings.append(Finding("a date or time of day is in the output", mark.id))
        if len(seconds) and seconds[0] != 0:
            findings.append(Finding("the seconds do not begin with 0", mark.id))
    return findings


def _field_faults(released: Released, allowed: frozenset[str]) -> list[Finding]:
    plain = {name.strip().lower() for name in allowed} & {"speed", "heading"}
    return [
        Finding(f"field {name!r} is in the output, and no mark releases it")
        for name in sorted(released.kept)
        if name not in allowed and name not in plain and name not in OWN_COLUMNS
    ]


def _origin_faults(released: Released, evidence: Evidence, marks: Marks) -> list[Finding]:
    """Every point is one of the source; without a cut, none is missing."""
    grids = [float(mark["grid_deg"]) for mark in marks.of("generalise") if mark["grid_deg"]]
    coarse = any(mark["action"] == "generalise" for mark in marks.of("fence"))
    step = max([NEAR, *grids, *([FENCE_GRID + max(grids, default=0)] if coarse else [])])
    lat, lon = evidence.places
    if evidence.open_order:
        lat, lon = np.concatenate([lat, lon]), np.concatenate([lon, lat])
    known = np.unique(_squares(lat, lon, step, 0, 0))
    lat, lon = released["lat"], released["lon"]
    # nearly all lie in the very square; only the rest is looked for in those around it
    for north, east in sorted(product((-1, 0, 1), repeat=2), key=lambda way: way != (0, 0)):
        strange = ~np.isin(_squares(lat, lon, step, north, east), known)
        lat, lon = lat[strange], lon[strange]
    if len(lat):
        return [Finding("a point is not of the source")]
    count = len(evidence.places[0])
    if not marks.of("home", "fence") and len(released) != count:
        return [Finding(f"{len(released)} points are in the output, {count} in the source")]
    return []


def _squares(lat: Floats, lon: Floats, step: float, north: int, east: int) -> NDArray[np.int64]:
    rows = np.floor(lat / step).astype(np.int64) + north
    return np.asarray(rows * 4_000_000_000 + np.floor(lon / step).astype(np.int64) + east)


def _time_faults(released: Released, lines: _Lines) -> list[Finding]:
    for name in ("time", "seconds"):
        with np.errstate(invalid="ignore"):
            back = (np.diff(released[name]) < -0.0005) & lines.joined
        if back.any():
            place = lines.number(int(np.flatnonzero(back)[0]))
            return [Finding("time runs backwards in the output", place=place)]
    return []


def _motion_faults(released: Released, lines: _Lines, marks: Marks) -> list[Finding]:
    """Speed may only say what the released points say: the source's own gives back a path that was cut."""
    speeds = released["speed"]
    if not np.isfinite(speeds).any():
        return []
    mark = next(iter(marks.of("fields")), None)
    name = mark.id if mark else None
    times, seconds = np.diff(released["time"]), np.diff(released["seconds"])
    passed = np.where(np.isfinite(times), times, seconds)
    known = np.concatenate([[False], lines.joined & (passed > 0)])
    told = np.isfinite(speeds)
    if (told & ~known).any():
        return [Finding("a speed says more than the released points", name)]
    places = np.flatnonzero(told)
    here, there = places - 1, places
    shrink = np.cos(np.radians((lines.lat[there] + lines.lat[here]) / 2))
    east = _short(lines.lon[there] - lines.lon[here]) * shrink
    far = np.hypot(lines.lat[there] - lines.lat[here], east) * METRES_A_DEGREE
    # both times are written to a thousandth of a second
    slack = 0.1 + 0.01 * speeds[places] + 0.001 * speeds[places] / passed[here]
    if (np.abs(far / passed[here] - speeds[places]) > slack).any():
        return [Finding("a speed is not that of the released points", name)]
    return []
