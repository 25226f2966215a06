"""The public log as files, written line by line while they are sent."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import date

from requests_app.transparency.rules import Line

HEADER = ("Number", "Kind", "Stage", "Received", "Due", "Closed", "Outcome", "Days taken", "Overdue")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _Line:
    """Takes what the csv module writes and hands it on at once."""

    def write(self, text: str) -> str:
        return text


def as_csv(rows: Iterable[Line]) -> Iterator[str]:
    """This will write RFC 4180 lines; no cell is one a spreadsheet would run as a formula."""
    writer = csv.writer(_Line())
    yield writer.writerow(HEADER)
    for row in rows:
        cells = (
            row.number, row.kind, row.stage, row.received_on, row.due_on or "", row.closed_on or "",
            row.outcome, "" if row.days is None else row.days, "yes" if row.overdue else "",
        )  # fmt: skip
        yield writer.writerow([harmless(str(cell)) for cell in cells])


def as_json(rows: Iterable[Line], *, on: date) -> Iterator[str]:
    """This will write one JSON object: ``as_of`` (ISO date) and ``requests``."""
    yield f'{{"as_of": "{on.isoformat()}", "requests": ['
    for place, row in enumerate(rows):
        yield (",\n" if place else "\n") + json.dumps(_fields(row))
    yield "\n]}\n"


def harmless(cell: str) -> str:
    """This will keep a spreadsheet from running a cell's text as a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_STARTS_A_FORMULA) else cell


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
