"""Flight logs: ours against a bare parse of the same file, which reads the positions and writes nothing."""

import math
from pathlib import Path

from tests.bench.harness import Bench, python

ROWS = 1_000_000  # ten rows a second: 28 hours of flying, some 90 MB

_ENGINE = """
import sys
from pathlib import Path
from redaction.engines import flight
from redaction.marks import load
target = Path(sys.argv[3])
target.unlink(missing_ok=True)
flight.redact(Path(sys.argv[1]), load(Path(sys.argv[2])), target)
"""
_CHECK = """
import sys
from pathlib import Path
from redaction.marks import load
from redaction.report import MarkOutcome, Report
from redaction.verify import flight
marks = load(Path(sys.argv[2]))
report = Report("bench", "flight", marks=[MarkOutcome(mark.id, mark.kind) for mark in marks])
assert flight.verify(Path(sys.argv[3]), Path(sys.argv[1]), marks, report) == []
"""
_BARE = """
import csv, sys
import numpy as np
with open(sys.argv[1], newline="") as stream:
    rows = csv.reader(stream)
    header = [name.strip() for name in next(rows)]
    wanted = [header.index(name) for name in ("latitude", "longitude", "height_above_takeoff(feet)")]
    points = np.array([[float(row[place]) for place in wanted] for row in rows])
assert len(points)
"""
_MARKS = """{"version": 1, "marks": [
  {"id": "home", "kind": "home", "radius_m": 150, "seed": "5eed5eed5eed5eed5eed5eed5eed5eed"},
  {"id": "fence", "kind": "fence", "action": "cut",
   "polygon": [[-93.592, 41.602], [-93.588, 41.602], [-93.588, 41.606], [-93.592, 41.606]]},
  {"id": "coarse", "kind": "generalise", "altitude": "metre", "time": "relative"},
  {"id": "fields", "kind": "fields", "release": ["speed", "heading"]}
]}
"""


def measure(bench: Bench) -> None:
    """This will measure engine, verification, growth and memory on an AirData table."""
    marks = bench.folder / "marks.json"
    marks.write_text(_MARKS)
    rows = max(16_000, round(ROWS * bench.scale))
    shares = {share: table(bench.folder, round(rows * share)) for share in (1 / 16, 1 / 4, 1)}
    out = bench.folder / "out.csv"
    bench.versus(
        "flight engine",
        f"AirData CSV, {rows:,} rows, all marks, to CSV",
        ours=python(_ENGINE, shares[1], marks, out),
        peer=python(_BARE, shares[1]),
        note="peer: csv and numpy read three columns and write nothing",
    )
    bench.versus(
        "flight verification",
        f"the same, {rows:,} rows",
        ours=python(_CHECK, shares[1], marks, out),
        peer=python(_BARE, shares[1]),
    )
    commands = {}
    for share, path in shares.items():
        commands[share] = python(_ENGINE, path, marks, bench.folder / f"out-{share:g}.csv")
    bench.growth("flight growth", "1/16, 1/4 and all of the rows", commands, most=1.1, most_mib=600)


def table(folder: Path, rows: int) -> Path:
    """An AirData export: loops of five minutes round one place, ten rows a second; always the same."""
    path = folder / f"airdata-{rows}.csv"
    if path.exists():
        return path
    draft = path.with_suffix(".part")
    with draft.open("w", encoding="utf-8") as stream:
        stream.write("time(millisecond), datetime(utc), latitude, longitude, height_above_takeoff(feet)")
        stream.write(", speed(mph), compass_heading(degrees), satellites, flycState, pilot\n")
        for row in range(rows):
            turn, second = row * 2 * math.pi / 3_000, row // 10
            lat = 41.6 + 0.008 * (1 - math.cos(turn))
            lon = -93.6 + 0.006 * math.sin(turn) + 0.006 * (1 - math.cos(turn / 7))
            day, clock = divmod(second, 86_400)
            stream.write(
                f"{row * 100},2026-03-{1 + day:02} {clock // 3600:02}:{clock // 60 % 60:02}:{clock % 60:02},"
                f"{lat:.7f},{lon:.7f},{100 + 90 * math.sin(turn):.1f},12.5,{math.degrees(turn) % 360:.1f},"
                "17,P-GPS,Jane Q. Pilot\n"
            )
    draft.replace(path)
    return path
