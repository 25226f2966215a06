"""The public log as files, written line by line while they are sent."""

import json
from collections.abc import Iterable, Iterator
from datetime import date

from portal.core.exports import csv_lines
from requests_app.transparency.rules import Line

HEADER = ("Number", "Kind", "Stage", "Received", "Due", "Closed", "Outcome", "Days taken", "Overdue")


def as_csv(rows: Iterable[Line]) -> Iterator[str]:
    """This will write RFC 4180 lines; no cell is one a spreadsheet would run as a formula."""
    return csv_lines(HEADER, map(_cells, rows))


def as_json(rows: Iterable[Line], *, on: date) -> Iterator[str]:
    """This will write one JSON object: ``as_of`` (ISO date) and ``requests``."""
    yield f'{{"as_of": "{on.isoformat()}", "requests": ['
    for place, row in enumerate(rows):
        yield (",\n" if place else "\n") + json.dumps(_fields(row))
    yield "\n]}\n"


def _cells(row: Line) -> tuple[object, ...]:
    return (
        row.number, row.kind, row.stage, row.received_on, row.due_on, row.closed_on, row.outcome, row.days,
        "yes" if row.overdue else "",
    )  # fmt: skip


def _fields(row: Line) -> dict[str, str | int | bool | None]:
    return {
        "number": row.number,
        "kind": row.kind,
        "stage": row.stage,
        "received": row.received_on.isoformat(),
        "due": row.due_on.isoformat() if row.due_on else None,
        "closed": row.closed_on.isoformat() if row.closed_on else None,
        "outcome": row.outcome or None,
        "days_taken": row.days,
        "overdue": row.overdue,
    }
