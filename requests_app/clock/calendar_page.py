"""What both calendar pages show: one year drawn, and five years listed with rule and source."""

from datetime import date
from typing import Any

from requests_app.clock import presentation, years
from requests_app.clock.models import CalendarChange
from requests_app.clock.rules import ChangeKind, ChangeState
from requests_app.law import closures
from requests_app.law.models import Agency
from requests_app.law.selectors import pack_in_use, parsed


def read_year(text: str, today: date) -> int:
    """This will read the year from an address; one outside the five shown is this year."""
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else today.year
    return year if today.year <= year < today.year + years.AHEAD else today.year


def year_page(agency: Agency, *, year: int, today: date) -> dict[str, Any]:
    """This will gather a year's drawing and the list of each of the five years."""
    pack = parsed(pack_in_use(agency))
    rule, closed = pack.calendar, closures.standing(agency)
    listed = [
        {
            "year": each,
            "days": [_row(day) for day in years.off_days(rule, closed, each)],
            "used": years.used(rule, closed, each),
            "left": None if rule.closures_per_year is None
            else max(rule.closures_per_year - years.used(rule, closed, each), 0),
        }
        for each in range(today.year, today.year + years.AHEAD)
    ]  # fmt: skip
    return {
        "agency": agency,
        "pack": pack,
        "rule": rule,
        "year": year,
        "listed": listed,
        "shown": listed[year - today.year],
        "months": years.grid(rule, years.off_days(rule, closed, year), year, today),
        "year_choices": [row["year"] for row in listed],
    }


def open_proposals(agency: Agency) -> list[CalendarChange]:
    """This will list what waits for a decision, the newest first."""
    rows = CalendarChange.objects.filter(agency=agency, state=ChangeState.PROPOSED)
    return list(rows.select_related("proposed_by", "from_pack", "to_pack"))


def decided(agency: Agency, most: int = 20) -> list[CalendarChange]:
    """This will list the latest decisions."""
    rows = CalendarChange.objects.filter(agency=agency).exclude(state=ChangeState.PROPOSED)
    return list(
        rows.select_related("decided_by", "from_pack", "to_pack").order_by("-decided_at", "-pk")[:most]
    )


def heading(change: CalendarChange) -> str:
    """This will name a change in a few words."""
    if change.kind == ChangeKind.PACK:
        return f"Count open requests by {change.to_pack} instead of {change.from_pack}"
    assert change.day is not None  # noqa: S101  a constraint says so
    day = f"{change.day:%A, %B} {change.day.day}, {change.day.year}"
    return f"Close on {day}" if change.kind == ChangeKind.CLOSE else f"Open again on {day}"


def _row(day: years.OffDay) -> dict[str, Any]:
    words, tag = presentation.MARKS.get(day.verified, ("", ""))
    return {"day": day, "mark": words, "tag": tag}
