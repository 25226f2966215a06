"""Plate reads: one release policy, ours against the same policy written for polars by hand.

The policy: the requester's own plate stays, other plates get keyed pseudonyms that nobody can reckon back
(HMAC, for the hash that polars has is no such thing), places go on a grid, times to the hour, four of twelve
columns are dropped, no cell can run as a formula, and the rows keep their order.
"""

import json
from pathlib import Path
from typing import Any

import duckdb

from tests.bench.harness import Bench, peers, python

ROWS = 5_000_000
OWN = "WFB6790"

_ENGINE = """
import sys
from pathlib import Path
from typing import Any
from redaction.engines import table
from redaction.marks import load
target = Path(sys.argv[3])
target.unlink(missing_ok=True)
table.redact(Path(sys.argv[1]), load(Path(sys.argv[2])), target)
"""
_CHECK = """
import sys
from pathlib import Path
from typing import Any
from redaction.marks import load
from redaction.report import MarkOutcome, Report
from redaction.verify import table
marks = load(Path(sys.argv[2]))
report = Report("bench", "table", marks=[MarkOutcome(mark.id, mark.kind) for mark in marks])
assert table.verify(Path(sys.argv[3]), Path(sys.argv[1]), marks, report) == []
"""
_POLARS = """
import hmac, secrets, sys
import polars as pl
name = {"own": sys.argv[3]}
key = secrets.token_bytes(32)
plain = pl.col("Plate").str.replace_all(r"[\\s-]", "").str.to_uppercase()
frame = pl.scan_csv(sys.argv[1], infer_schema=False).with_columns(plain.alias("plain"))
seen = frame.select(pl.col("plain").unique()).collect(engine="streaming")["plain"].to_list()
alias = ["P-" + hmac.digest(key, plate.encode(), "sha256").hex()[:20] for plate in seen]
names = pl.LazyFrame({"plain": seen, "alias": alias})
def kept(changed, column):
    return pl.when(pl.col("plain") == name["own"]).then(pl.col(column)).otherwise(changed).alias(column)
def place(column):
    return kept(pl.col(column).cast(pl.Float64).round(2).cast(pl.String), column)
def safe(column):
    cell = pl.col(column)
    unsafe = cell.str.contains(r"^\\s*[=+\\-@|%]")
    return pl.when(unsafe).then(pl.lit("'") + cell).otherwise(cell).alias(column)
frame.join(names, on="plain", how="left", maintain_order="left").select(
    kept(pl.col("alias"), "Plate"), safe("State"),
    kept(pl.col("Timestamp").str.slice(0, 13) + ":00:00.000", "Timestamp"), safe("Camera"),
    place("Latitude"), place("Longitude"), safe("Make"), safe("Color"),
).sink_csv(sys.argv[2])
"""
_READS = """COPY (
  SELECT i AS id, {plate} AS "Plate", ['MN', 'IA', 'MO', 'IL'][1 + (hash(i + 1) % 4)::BIGINT] AS "State",
    strftime(TIMESTAMP '2026-01-01' + to_milliseconds((hash(i + 2) % 7776000000)::BIGINT),
      '%Y-%m-%d %H:%M:%S.%g') AS "Timestamp",
    'Cam ' || lpad(camera::VARCHAR, 3, '0') || ' Oak St & 2nd Ave' AS "Camera",
    round(41.5 + (hash(camera + 5) % 500000)::DOUBLE / 1000000, 6) AS "Latitude",
    round(-93.9 + (hash(camera + 6) % 500000)::DOUBLE / 1000000, 6) AS "Longitude",
    ['=HYPERLINK("x")', 'Chevrolet', 'Honda', 'Ford', 'Toyota'][1 + (hash(i + 7) % 5)::BIGINT] AS "Make",
    ['truck', 'sedan', 'suv'][1 + (hash(i + 8) % 3)::BIGINT] AS "Body",
    ['red', 'gray', 'blue', 'black'][1 + (hash(i + 9) % 4)::BIGINT] AS "Color",
    'https://img.example.test/d/' || i AS "ImageURL", (hash(i + 10) % 1000)::DOUBLE / 1000 AS "Confidence"
  FROM (SELECT i, hash(i + 4) % 40 AS camera FROM range({rows}) AS given(i))
) TO '{path}'
  (FORMAT csv, HEADER, FORCE_QUOTE ("Plate", "State", "Camera", "Make", "Body", "Color", "ImageURL"))"""
_PLATE = " || ".join(
    [f"chr((65 + hash(i * 3 + {place}) % 26)::INTEGER)" for place in range(3)]
    + ["lpad((hash(i * 7 + 3) % 10000)::VARCHAR, 4, '0')"]
)


def measure(bench: Bench) -> None:
    """This will measure the release, its verification, its growth, and its memory at four times the size."""
    rows = max(16_000, round(ROWS * bench.scale))
    shares = {share: reads(bench.folder, round(rows * share)) for share in (1 / 16, 1 / 4, 1)}
    marks, grouped = _marks(bench.folder / "marks.json"), _marks(bench.folder / "grouped.json", k=5)
    out, other = bench.folder / "out.csv", bench.folder / "polars.csv"
    named = f"CSV of {rows:,} plate reads, own plate, pseudonyms, hour, grid"
    bench.versus(
        "table release", named,
        ours=python(_ENGINE, shares[1], marks, out),
        peer=python(_POLARS, shares[1], other, OWN, interpreter=peers()), goal=0.5,
    )  # fmt: skip
    bench.versus("table verification", named, ours=python(_CHECK, shares[1], marks, out), peer=None)
    commands = {share: python(_ENGINE, path, marks, out) for share, path in shares.items()}
    bench.growth("table growth", "1/16, 1/4 and the whole", commands, most=1.1, most_mib=1500)
    large = {1.0: commands[1], 4.0: python(_ENGINE, reads(bench.folder, rows * 4), marks, out)}
    bench.growth("table memory", f"{rows:,} and {rows * 4:,} rows", large, most=1.1, most_mib=1500)
    bench.versus(
        "table suppression", f"{named}, no group of camera and hour under 5 plates",
        ours=python(_ENGINE, shares[1], grouped, out), peer=None,
    )  # fmt: skip


def reads(folder: Path, rows: int) -> Path:
    """The same rows each time, for each cell is drawn from a hash of its row's number."""
    path = folder / f"reads-{rows}.csv"
    if not path.exists():
        draft = path.with_suffix(".part")
        duckdb.execute(_READS.format(plate=_PLATE, rows=rows, path=draft))
        draft.rename(path)
    return path


def _marks(path: Path, *, k: int | None = None) -> Path:
    columns = {
        "Plate": ("pseudonym", None), "State": ("release", None), "Timestamp": ("coarsen", "hour"),
        "Camera": ("release", None), "Latitude": ("coarsen", "grid:0.01"),
        "Longitude": ("coarsen", "grid:0.01"), "Make": ("release", None), "Color": ("release", None),
    }  # fmt: skip
    marks: list[dict[str, Any]] = [
        {"id": name, "kind": "column", "name": name, "action": action} | ({"to": to} if to else {})
        for name, (action, to) in columns.items()
    ]
    marks.append({"id": "own", "kind": "own_plate", "column": "Plate", "plate": OWN})
    if k is not None:
        by = ["Camera", "Timestamp"]
        marks.append({"id": "groups", "kind": "suppress", "by": by, "k": k, "count": "distinct:Plate"})
    path.write_text(json.dumps({"version": 1, "marks": marks}))
    return path
