"""Dates and amounts of days in words a citizen reads, the same in every derivation."""

from datetime import date, time

UNIT_NAMES = {"business_day": "business day", "calendar_day": "calendar day"}


def day(value: date) -> str:
    """This will name the day in full: ``Friday, November 20, 2026``."""
    return f"{value:%A}, {date_of(value)}"


def date_of(value: date) -> str:
    """This will name the date without its weekday: ``November 20, 2026``."""
    return f"{value:%B} {value.day}, {value.year}"


def clock_time(at: time) -> str:
    """This will name the local time on a twelve-hour clock: ``6:12 PM``."""
    return f"{at.hour % 12 or 12}:{at:%M} {'AM' if at.hour < 12 else 'PM'}"


def moment(value: date, at: time | None) -> str:
    """This will name the day and, when it is known, the local time."""
    return day(value) if at is None else f"{day(value)}, {clock_time(at)}"


def days(n: int, unit: str) -> str:
    """This will say ``1 business day`` or ``10 calendar days``."""
    name = UNIT_NAMES[unit]
    return f"{n} {name}" if n == 1 else f"{n} {name}s"
