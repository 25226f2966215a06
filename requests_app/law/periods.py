"""Periods of retention rules (ISO 8601 durations), added to days and told in words. Pure."""

import re
from datetime import date, datetime, timedelta
from typing import TypeVar

from portal.core.errors import BadInput

_PERIOD = re.compile(
    r"P(?=[0-9T])(?:(\d{1,18})Y)?(?:(\d{1,18})M)?(?:(\d{1,18})W)?(?:(\d{1,18})D)?"
    r"(?:T(?=[0-9])(?:(\d{1,18})H)?(?:(\d{1,18})M)?)?\Z",
    re.ASCII,
)
_UNITS = ("year", "month", "week", "day", "hour", "minute")
UNTIL_RESOLVED, UNTIL_CASE_CLOSED, INDEFINITE = "until_resolved", "until_case_closed", "indefinite"
_OPEN = {
    UNTIL_RESOLVED: "until the request is resolved",
    UNTIL_CASE_CLOSED: "until the case is closed",
    INDEFINITE: "without end",
}
_CYCLE = [date(2023, 1, 1) + timedelta(days=n) for n in range(1461)]  # four years with one leap day
_LATE = date(2999, 12, 31)  # whatever is recorded is older; what is added to it must still be a day
Moment = TypeVar("Moment", date, datetime)


class RetentionError(BadInput):
    """A retention rule, or what it is applied to, cannot be understood; names the rule."""

    code = "bad_retention"


def is_period(text: str | None) -> bool:
    """This will tell whether a text is a period that can be added to a day."""
    if text is None or _PERIOD.match(text) is None:
        return False
    try:
        after(_LATE, text)
    except RetentionError:
        return False
    return True


def after(start: Moment, period: str) -> Moment:
    """This will add a period: years and months first (short months end early), then weeks, days and hours.

    Hours and minutes added to a day count as whole days only.

    :raises RetentionError: for anything that is no period, or one that ends after the year 9999.
    """
    years, months, weeks, days, hours, minutes = _parts(period)
    month = start.month - 1 + months + 12 * years
    year, month = start.year + month // 12, month % 12 + 1
    try:
        rest = timedelta(hours=hours, minutes=minutes)
        first_of_next = date(year + month // 12, month % 12 + 1, 1)
        last = (first_of_next - timedelta(days=1)).day
        moved = start.replace(year=year, month=month, day=min(start.day, last))
        return moved + timedelta(days=days + 7 * weeks) + rest
    except (ValueError, OverflowError):
        raise RetentionError(f"The period {period} ends after the year 9999.") from None


def in_words(period: str) -> str:
    """This will say a period in words, such as ``1 year and 2 months``. :raises RetentionError: as above."""
    if period in _OPEN:
        return _OPEN[period]
    parts = zip(_UNITS, _parts(period), strict=True)
    return " and ".join(f"{n} {unit}{'' if n == 1 else 's'}" for unit, n in parts if n) or "no time at all"


def ever_ends_earlier(one: str, other: str) -> bool:
    """This will tell whether a period can end before another that began on the same day, on any day."""
    return any(after(start, one) < after(start, other) for start in _CYCLE)


def _parts(period: str) -> tuple[int, ...]:
    match = _PERIOD.match(period)
    if match is None:
        raise RetentionError(f"“{period}” is not a period such as P90D, P2Y or PT3M.")
    return tuple(int(part or 0) for part in match.groups())
