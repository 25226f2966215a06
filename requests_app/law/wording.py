"""Dates and amounts of days in words a citizen reads, the same in every derivation."""

from datetime import date, time

UNIT_NAMES = {"business_day": "business day", "calendar_day": "calendar day"}


def day(value: date) -> str:
    """This will name the day in full: ``Friday 20 November 2026``."""
    return f"{value:%A} {value.day} {value:%B} {value.year}"


def moment(value: date, at: time | None) -> str:
    """This will name the day and, when it is known, the local time."""
    return day(value) if at is None else f"{day(value)} at {at:%H:%M}"


def days(n: int, unit: str) -> str:
    """This will say ``1 business day`` or ``10 calendar days``."""
    name = UNIT_NAMES[unit]
    return f"{n} {name}" if n == 1 else f"{n} {name}s"
