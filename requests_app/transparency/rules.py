"""What the public log says of a request, how its numbers are defined, and how its chart is drawn. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from requests_app.docket.rules import Disposition, Status

STAGES: dict[str, tuple[str, str]] = {
    Status.SUBMITTED: ("Received", "info"),
    Status.NEEDS_INFO: ("Waiting for the requester", "waiting"),
    Status.ACCEPTED: ("Searching", "progress"),
    Status.SEARCHING: ("Searching", "progress"),
    Status.IN_REVIEW: ("Review", "progress"),
    Status.READY: ("Getting ready", "progress"),
    Status.CLOSED: ("Answered", "done"),
}
"""Status → (words, kind of tag)."""

OUTCOMES = {
    Disposition.FULL: "Released in full",
    Disposition.PARTIAL: "Released in part",
    Disposition.DENIED: "Withheld",
    Disposition.NO_RECORDS: "No records found",
    Disposition.WITHDRAWN: "Withdrawn by the requester",
    Disposition.LAPSED: "Ended without the requester’s answer",
    Disposition.DUPLICATE: "Answered with another request",
}
STATES = {"open": "Open", "overdue": "Overdue", "closed": "Answered"}
"""What the log may be narrowed to."""

DEFINITIONS = {
    "received": "Requests that were filed. Drafts are not counted.",
    "open": "Received and not answered yet.",
    "closed": "Answered or ended in any way: see the outcome of each.",
    "overdue": "Open, and the day by which the law wants an answer is past.",
    "median_days": "Half of the answered requests took this many calendar days or fewer.",
}


@dataclass(frozen=True)
class Line:
    """One request as the public sees it. There is no field for anything the requester wrote."""

    number: str
    kind: str
    stage: str
    tag: str
    received_on: date
    due_on: date | None
    closed_on: date | None
    outcome: str
    overdue: bool

    @property
    def days(self) -> int | None:
        """Calendar days from receipt to close; None while it is open."""
        return (self.closed_on - self.received_on).days if self.closed_on else None


@dataclass(frozen=True)
class Month:
    """Requests received and closed in one calendar month."""

    first: date
    received: int
    closed: int


@dataclass(frozen=True)
class Bar:
    """A bar of the chart in the drawing's own units."""

    x: float
    y: float
    height: float
    kind: str


@dataclass(frozen=True)
class Chart:
    """The bars of some months and the labels below them."""

    width: int
    height: int
    base: int
    top: int  # the largest count
    bar: int
    bars: tuple[Bar, ...]
    labels: tuple[tuple[float, date], ...]


def months_back(today: date, count: int) -> list[date]:
    """This will list the first days of the last months, oldest first, this month among them."""
    index = today.year * 12 + today.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(index - count + 1, index + 1)]


def months(
    today: date, received: Mapping[date, int], closed: Mapping[date, int], *, count: int = 12
) -> list[Month]:
    """This will give the last months with their counts; a month in which nothing happened is there too."""
    return [Month(first, received.get(first, 0), closed.get(first, 0)) for first in months_back(today, count)]


def chart(rows: Sequence[Month]) -> Chart:
    """This will lay out two bars a month, scaled to the largest count."""
    slot, bar, base, full = 50, 18, 170, 150
    top = max([1, *(max(row.received, row.closed) for row in rows)])
    bars, labels = [], []
    for place, row in enumerate(rows):
        left = place * slot + 5
        for shift, (kind, value) in enumerate((("received", row.received), ("closed", row.closed))):
            height = round(full * value / top, 1)
            bars.append(Bar(left + shift * (bar + 2), round(base - height, 1), height, kind))
        labels.append((left + bar + 1, row.first))
    return Chart(slot * len(rows), base + 30, base, top, bar, tuple(bars), tuple(labels))
