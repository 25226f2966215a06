"""The queue as a spreadsheet file, safe to open."""

from collections.abc import Iterator, Mapping
from datetime import date

from django.db.models import QuerySet

from portal.core.exports import csv_lines
from requests_app.desk import selectors, wording
from requests_app.docket.models import RecordsRequest

HEADER = (
    "Number", "Title", "Kind of record", "Where it stands", "Outcome", "Received", "Due", "How late",
    "With", "Requester", "Closed",
)  # fmt: skip


def lines(rows: QuerySet[RecordsRequest], kinds: Mapping[str, str], today: date) -> Iterator[str]:
    """This will write a CSV file line by line; memory does not grow with the rows."""
    return csv_lines(HEADER, (_cells(row, kinds, today) for row in rows.iterator(chunk_size=500)))


def _cells(row: RecordsRequest, kinds: Mapping[str, str], today: date) -> tuple[object, ...]:
    shown = selectors.QueueRow.of(row, kinds, today)
    return (
        row.number, row.title, shown.kind, shown.status, wording.DISPOSITIONS.get(row.disposition, ""),
        _day(row, "received_at"), row.due_on, shown.how_late, row.assignee, row.requester,
        _day(row, "closed_at"),
    )  # fmt: skip


def _day(row: RecordsRequest, name: str) -> str:
    at = getattr(row, name)
    return at.astimezone(selectors.zone_of(row)).date().isoformat() if at else ""
