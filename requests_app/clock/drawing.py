"""A derivation day by day: which days were counted, left out or stood still, and where to draw each. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from requests_app.law.calendar import ONE_DAY, Calendar
from requests_app.law.derivation import Derivation

COLUMN, ROW, TOP, LEFT, GAP = 26, 26, 22, 34, 4
LONGEST = 400
"""Days drawn; a clock that stood still for years is drawn from its last stretch."""


@dataclass(frozen=True)
class Day:
    """One day of the span. ``kind``: zero, counted, closed, still, moved or due.

    ``number`` is its place in the count, 0 when it is not counted; ``why`` says what kept it out.
    """

    on: date
    kind: str
    number: int = 0
    why: str = ""


@dataclass(frozen=True)
class Square:
    """A day's place in the picture."""

    day: Day
    x: int
    y: int


@dataclass(frozen=True)
class Picture:
    """Weeks as rows, Monday first. ``weeks`` are (y of the row, its Monday)."""

    width: int
    height: int
    squares: tuple[Square, ...]
    weeks: tuple[tuple[int, date], ...]
    columns: tuple[tuple[int, str], ...]
    side: int = COLUMN - GAP


def days(derived: Derivation, calendar: Calendar) -> list[Day]:
    """This will lay a derivation out by the day, from day zero to its last day.

    The counted days are read from its lines (``days`` counted up to ``on``), so the list and the date cannot
    differ: their number is the derivation's ``length`` when it has a date.
    """
    counted = _counted(derived, calendar)
    if derived.day_zero is None or not (counted or derived.due):
        return []
    first = min([derived.day_zero, *counted])
    last = max([*counted, derived.due or derived.day_zero])
    first = max(first, last - timedelta(days=LONGEST))
    order = {day: number for number, day in enumerate(sorted(counted), 1)}
    found = []
    for step in range((last - first).days + 1):
        day = first + timedelta(days=step)
        found.append(_day(day, derived, calendar, order))
    return found


def picture(laid_out: list[Day]) -> Picture | None:
    """This will give every day its place in rows of weeks; None when there is nothing to draw."""
    if not laid_out:
        return None
    start = laid_out[0].on - timedelta(days=laid_out[0].on.weekday())
    squares = tuple(
        Square(day, LEFT + day.on.weekday() * COLUMN, TOP + (day.on - start).days // 7 * ROW)
        for day in laid_out
    )
    rows = (laid_out[-1].on - start).days // 7 + 1
    return Picture(
        width=LEFT + 7 * COLUMN,
        height=TOP + rows * ROW,
        squares=squares,
        weeks=tuple((TOP + row * ROW, start + timedelta(weeks=row)) for row in range(rows)),
        columns=tuple((LEFT + n * COLUMN, name) for n, name in enumerate("MTWTFSS")),
    )


def _counted(derived: Derivation, calendar: Calendar) -> set[date]:
    found: set[date] = set()
    for line in derived.lines:
        if line.days and line.on is not None:
            found |= _back(line.on, line.days, derived.unit, calendar)
    return found


def _back(last: date, n: int, unit: str, calendar: Calendar) -> set[date]:
    found: set[date] = set()
    day = last
    while len(found) < n:
        if unit == "calendar_day" or calendar.closed(day) is None:
            found.add(day)
        day -= ONE_DAY
    return found


def _day(day: date, derived: Derivation, calendar: Calendar, order: dict[date, int]) -> Day:
    closed = calendar.closed(day) or ""
    number = order.get(day, 0)
    if day == derived.due:
        return Day(day, "due", number, "" if number else "the last day, moved to a business day")
    if number:
        return Day(day, "counted", number)
    if day == derived.day_zero:
        return Day(day, "zero", 0, closed or "the day it counts from")
    if derived.unrolled is not None and day > derived.unrolled:
        return Day(day, "moved", 0, closed)
    if closed and derived.unit == "business_day":
        return Day(day, "closed", 0, closed)
    return Day(day, "still", 0, "not counted: the clock stood still or the count began anew")
