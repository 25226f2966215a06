"""The queue as a spreadsheet file, safe to open."""

import csv
from collections.abc import Iterator, Mapping
from datetime import date

from django.db.models import QuerySet

from requests_app.desk import selectors, wording
from requests_app.docket.models import RecordsRequest

HEADER = (
    "Number", "Title", "Kind of record", "Where it stands", "Outcome", "Received", "Due", "How late",
    "With", "Requester", "Closed",
)  # fmt: skip
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _Line:
    """Takes what the csv module writes and hands it on at once."""

    def write(self, text: str) -> str:
        return text


def lines(rows: QuerySet[RecordsRequest], kinds: Mapping[str, str], today: date) -> Iterator[str]:
    """This will write a CSV file line by line; memory does not grow with the rows."""
    writer = csv.writer(_Line())
    yield writer.writerow(HEADER)
    for row in rows.iterator(chunk_size=500):
        shown = selectors.QueueRow.of(row, kinds, today)
        cells = (
            row.number, row.title, shown.kind, shown.status, wording.DISPOSITIONS.get(row.disposition, ""),
            _day(row, "received_at"), row.due_on or "", shown.how_late, row.assignee or "",
            row.requester or "", _day(row, "closed_at"),
        )  # fmt: skip
        yield writer.writerow([harmless(str(cell)) for cell in cells])


def harmless(cell: str) -> str:
    """This will keep a spreadsheet from running a cell's text as a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_STARTS_A_FORMULA) else cell


def _day(row: RecordsRequest, name: str) -> str:
    at = getattr(row, name)
    return at.astimezone(selectors.zone_of(row)).date().isoformat() if at else ""
