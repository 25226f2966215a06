"""Dates and amounts of days in words a citizen reads, the same in every derivation."""

from datetime import date, time
from functools import lru_cache

# not strftime: its names follow the locale of the process
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

UNIT_NAMES = {"business_day": "business day", "calendar_day": "calendar day"}


@lru_cache(maxsize=8192)
def day(value: date) -> str:
    """This will name the day in full: ``Friday, November 20, 2026``."""
    return f"{WEEKDAYS[value.weekday()]}, {date_of(value)}"


def date_of(value: date) -> str:
    """This will name the date without its weekday: ``November 20, 2026``."""
    return f"{MONTHS[value.month - 1]} {value.day}, {value.year}"


@lru_cache(maxsize=8192)
def span(first: date, last: date) -> str:
    """This will name a stretch of days: ``November 30 to December 4, 2026``."""
    if first == last:
        return date_of(first)
    if first.year != last.year:
        return f"{date_of(first)} to {date_of(last)}"
    if first.month != last.month:
        return f"{MONTHS[first.month - 1]} {first.day} to {date_of(last)}"
    return f"{MONTHS[first.month - 1]} {first.day} to {last.day}, {first.year}"


def short(value: date) -> str:
    """This will name the day within a known year: ``Saturday, July 4``."""
    return f"{WEEKDAYS[value.weekday()]}, {MONTHS[value.month - 1]} {value.day}"


def clock_time(at: time, *, seconds: bool = False) -> str:
    """This will name the local time on a twelve-hour clock: ``6:12 PM``."""
    tail = f":{at.second:02}" if seconds else ""
    return f"{at.hour % 12 or 12}:{at.minute:02}{tail} {'AM' if at.hour < 12 else 'PM'}"


def moment(value: date, at: time | None, *, seconds: bool = False) -> str:
    """This will name the day and, when it is known, the local time."""
    return day(value) if at is None else f"{day(value)}, {clock_time(at, seconds=seconds)}"


def days(n: int, unit: str) -> str:
    """This will say ``1 business day`` or ``10 calendar days``."""
    return count(n, UNIT_NAMES[unit])


def count(n: int, name: str) -> str:
    """This will say ``1 weekend day`` or ``4 weekend days``."""
    return f"{n} {name}" if n == 1 else f"{n} {name}s"
