"""Plate reads, the marks that release them, and how their stage is asked."""

import csv
import io
from typing import Any

from django.test import Client

from portal.core import files
from redaction.plans.models import Render
from requests_app.custody.models import ResponsiveRecord
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import a_record

HEADER = "Plate,State,Timestamp,Latitude,Score,Wibble\n"
ROWS = [
    (
        f"CAN{n:04d}",
        "MN" if n % 3 else "IA",
        f"2026-02-{n % 28 + 1:02d} 05:{n % 60:02d}:44",
        f"41.{n:04d}",
        n,
        "=1+1",
    )
    for n in range(120)
]
READS = (HEADER + "".join(",".join(map(str, row)) + "\n" for row in ROWS)).encode()
POLICY: list[dict[str, Any]] = [
    {"id": "c1", "kind": "column", "name": "Plate", "action": "mask", "reason": "PLATE"},
    {"id": "c2", "kind": "column", "name": "State", "action": "release"},
    {"id": "c3", "kind": "column", "name": "Timestamp", "action": "coarsen", "to": "day", "reason": "PLATE"},
    {"id": "c4", "kind": "column", "name": "Score", "action": "release"},
    {"id": "c5", "kind": "column", "name": "Wibble", "action": "release"},
    {"id": "r1", "kind": "rows", "reason": "PLATE",
     "remove": [{"column": "State", "op": "eq", "value": "IA"}]},
    {"id": "s1", "kind": "suppress", "by": ["Timestamp"], "k": 3, "count": "rows", "reason": "PLATE"},
]  # fmt: skip


def a_table(content: bytes = READS) -> ResponsiveRecord:
    return a_record(content=content)


def ask(client: Client, name: str, record: ResponsiveRecord, **body: Any) -> Any:
    return client.post(url(f"table-{name}", record), body, content_type="application/json")


def marks(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "marks": list(entries)}


def released_rows(render: Render) -> list[list[str]]:
    text = files.path_of(render.address).read_text(encoding="utf-8")
    return list(csv.reader(io.StringIO(text, newline="")))
