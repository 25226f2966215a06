"""Plate-reader tables and their marks, with defaults that are a valid case."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from redaction import marks as marks_format
from redaction.marks import Marks
from redaction.report import Finding, Report

HEADER = ("Plate", "State", "Timestamp", "Camera", "Latitude", "Longitude", "Reason")
ROWS = (
    ("WFB6790", "MN", "2026-03-04 08:44:53.241", "Cam 029 Oak St", "41.844949", "-93.516108", "stolen car"),
    ("VDV7671", "IA", "2026-01-03 03:12:20.861", "Cam 022 5th St", "41.704585", "-93.782903", "amber alert"),
    ("DZN2890", "MO", "2026-03-31 18:22:18.016", "Cam 000 Elm St", "41.747689", "-93.539294", ""),
    ("wfb-6790", "MN", "2026-03-04 09:01:00.000", "Cam 029 Oak St", "41.844949", "-93.516108", "=1+1"),
)


def an_lpr_csv(
    path: Path,
    rows: Iterable[Sequence[str]] = ROWS,
    *,
    header: Sequence[str] = HEADER,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def some_marks(*entries: dict[str, Any]) -> Marks:
    """Marks whose ids are m1, m2, … where an entry has none."""
    numbered = [{"id": f"m{place}", **entry} for place, entry in enumerate(entries, 1)]
    return marks_format.parse({"version": 1, "marks": numbered})


def a_column(name: str, action: str = "release", to: str | None = None, **more: Any) -> dict[str, Any]:
    """A column mark whose id is the column's name."""
    entry = {"id": name, "kind": "column", "name": name, "action": action, **more}
    return entry | {"to": to} if to else entry


def keep(column: str, op: str, value: Any) -> dict[str, Any]:
    return {"id": "rows", "kind": "rows", "keep": [{"column": column, "op": op, "value": value}]}


def remove(column: str, op: str, value: Any) -> dict[str, Any]:
    return {"id": "rows", "kind": "rows", "remove": [{"column": column, "op": op, "value": value}]}


def read_back(path: Path, delimiter: str = ",") -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream, delimiter=delimiter))


def column_of(path: Path, name: str) -> list[str]:
    header, *rows = read_back(path)
    return [row[header.index(name)] for row in rows]


def said(findings: list[Finding]) -> list[tuple[str | None, str]]:
    return [(finding.mark_id, finding.message) for finding in findings]


def verified(report: Report) -> dict[str, int]:
    return {outcome.id: outcome.verified for outcome in report.marks}
