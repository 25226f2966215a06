"""When recordings asked for could be destroyed on schedule, from the law pack's retention rows. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from requests_app.law.pack import Retention

_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$")
_FOOTAGE = frozenset({"body_worn_camera", "law_enforcement_video", "drone_video"})
_ORDINARY = "non_event"  # the agency's shortest period for footage nobody has flagged


@dataclass(frozen=True)
class Destruction:
    """The earliest scheduled day, and the rule it comes from; ``on`` None: no rule gives a day."""

    on: date | None
    rule: str


def earliest(rows: Iterable[Retention], record_type: str, recorded_on: date | None) -> Destruction:
    """This will find the first day on which a recording may be destroyed on schedule.

    The law's own row for the record type decides; footage it does not name falls under the agency's period
    for ordinary footage. Where several rows fit, the shortest counts: keeping too early harms nobody.
    """
    if recorded_on is None:
        return Destruction(None, "")
    known = [row for row in rows if row.trigger == "capture"]
    fitting = [row for row in known if row.record_type == record_type]
    if not any(_period(row) for row in fitting) and record_type in _FOOTAGE:
        fitting = [row for row in known if row.record_type == _ORDINARY]
    found = [
        Destruction(after(recorded_on, period), _words(row, period))
        for row in fitting
        if (period := _period(row))
    ]
    return min(found, key=lambda destruction: destruction.on or date.max, default=Destruction(None, ""))


def _period(row: Retention) -> str:
    period = row.destroy_by or row.keep_at_least or ""
    return period if period != "P" and _DURATION.match(period) else ""


def after(start: date, period: str) -> date:
    """This will add an ISO 8601 period of years, months, weeks and days; short months end early."""
    match = _DURATION.match(period)
    years, months, weeks, days = (int(part or 0) for part in match.groups()) if match else (0, 0, 0, 0)
    month = start.month - 1 + months + 12 * years
    year, month = start.year + month // 12, month % 12 + 1
    first_of_next = date(year + month // 12, month % 12 + 1, 1)
    day = min(start.day, (first_of_next - timedelta(days=1)).day)
    return date(year, month, day) + timedelta(days=days + 7 * weeks)


def _words(row: Retention, period: str) -> str:
    match = _DURATION.match(period)
    units = zip(("year", "month", "week", "day"), match.groups() if match else (), strict=False)
    length = " and ".join(f"{n} {unit}{'' if n == '1' else 's'}" for unit, n in units if n)
    source = row.citation or row.note or row.scope
    duty = "must be gone" if row.destroy_by else "must be kept"
    return f"{duty} {'after' if row.destroy_by else 'for'} {length} ({source})"[:300]
