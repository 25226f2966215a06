"""A calendar a person can check: every day of a year that does not count, with its rule and source. Pure."""

import calendar as months_of
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from requests_app.law.calendar import CalendarRule, HolidayRule

AHEAD = 5
"""Years shown from this one on."""


@dataclass(frozen=True)
class OffDay:
    """A weekday that does not count. ``kind``: holiday or closure; ``rule`` says how the day is found."""

    on: date
    kind: str
    name: str
    rule: str
    citation: str
    verified: str


@dataclass(frozen=True)
class Cell:
    """One square of the year's drawing; ``on`` is None outside the month."""

    on: date | None
    kind: str = ""
    name: str = ""


@dataclass(frozen=True)
class Month:
    first: date
    weeks: tuple[tuple[Cell, ...], ...]


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PLACES = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "last but one"}
_MONTHS = ("", *(date(2000, n, 1).strftime("%B") for n in range(1, 13)))


def off_days(rule: CalendarRule, closures: Mapping[date, str], year: int) -> list[OffDay]:
    """This will list a year's closed weekdays in order, each with the rule that closes it."""
    found: dict[date, OffDay] = {}
    for holiday in rule.holidays:
        for day, name in replace(rule, holidays=(holiday,)).holidays_of(year).items():
            cited = holiday.citation or rule.citation or ""
            row = OffDay(day, "holiday", name, spoken(holiday, rule), cited, holiday.verified)
            found.setdefault(day, row)
    if rule.counts_agency_closures:
        for day, why in closures.items():
            if day.year == year and day.weekday() not in rule.weekend:
                found[day] = OffDay(
                    day, "closure", why or "office closed", "the agency’s own closure", "", ""
                )
    return [found[day] for day in sorted(found)]


def used(rule: CalendarRule, closures: Mapping[date, str], year: int) -> int:
    """This will count the agency's own closures of a year as the law's limit counts them: weekdays."""
    return sum(1 for day in closures if day.year == year and day.weekday() not in rule.weekend)


def grid(rule: CalendarRule, off: list[OffDay], year: int, today: date) -> list[Month]:
    """This will draw a year as twelve months of weeks, Sunday first, as calendars on a wall are."""
    named = {row.on: row for row in off}
    wall = months_of.Calendar(firstweekday=6)

    def cell(day: date, month: int) -> Cell:
        if day.month != month:
            return Cell(None)
        if row := named.get(day):
            return Cell(day, row.kind, row.name)
        if day.weekday() in rule.weekend:
            return Cell(day, "weekend", _WEEKDAYS[day.weekday()])
        return Cell(day, "today" if day == today else "")

    return [
        Month(
            date(year, month, 1),
            tuple(tuple(cell(day, month) for day in week) for week in wall.monthdatescalendar(year, month)),
        )
        for month in range(1, 13)
    ]


def spoken(holiday: HolidayRule, rule: CalendarRule) -> str:
    """This will say how a holiday is found: ``the fourth Thursday of November``."""
    if holiday.kind == "fixed":
        words = f"{_MONTHS[holiday.month]} {holiday.day}"
    elif holiday.kind == "nth_weekday":
        place = _PLACES.get(holiday.nth, f"{holiday.nth}th")
        words = f"the {place} {_WEEKDAYS[holiday.weekday]} of {_MONTHS[holiday.month]}"
    else:
        words = "Easter Sunday"
    if holiday.offset:
        count = abs(holiday.offset)
        direction = "after" if holiday.offset > 0 else "before"
        words = f"{count} {'day' if count == 1 else 'days'} {direction} {words}"
    if holiday.years != "every":
        words += f", in {holiday.years} years"
    if rule.moves and holiday.kind == "fixed":
        words += "; on a weekend it moves as the law says"
    return words
