"""When a count begins: deemed receipt after hours, mail and e-mail, and receipt by another office."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from requests_app.law import wording
from requests_app.law.calendar import Calendar
from requests_app.law.clock_rule import ClockRule, Source
from requests_app.law.derivation import Line
from requests_app.law.event import Agency, Event


@dataclass(frozen=True)
class Start:
    """Day zero of a clock, the raw date of the event behind it, and why."""

    day: date
    raw: date
    event: str
    lines: tuple[Line, ...]


def start_of(
    rule: ClockRule,
    deemed_events: frozenset[str],
    calendar: Calendar,
    agency: Agency,
    ordered: Sequence[Event],
) -> Start | None:
    """This will find day zero, or None while no event starts the clock."""
    found = []
    for source in rule.sources:
        entries = [entry for entry in ordered if entry.type == source.event]
        if entries:
            entry = entries[-1] if source.which == "last" else entries[0]
            found.append(_start(source, entry, deemed_events, calendar, agency))
    if not found:
        return None
    if rule.pick == "earliest":
        return min(found, key=lambda start: start.day)
    return found[0]


def _start(
    source: Source, entry: Event, deemed_events: frozenset[str], calendar: Calendar, agency: Agency
) -> Start:
    raw = entry.local(agency.zone)[0]
    day, line = deemed(entry, deemed_events, calendar, agency)
    lines = [line]
    if source.plus:
        begins = calendar.plus(day, source.plus, source.unit)
        if source.unit == "business_day":
            lines += skips(calendar, day, begins)
        lines.append(
            Line(
                f"{source.why or 'The count starts later'}: {wording.days(source.plus, source.unit)} on, "
                f"so it counts from {wording.day(begins)}.",
                begins,
                source.citation,
            )
        )
        day = begins
    return Start(day, raw, source.event, tuple(lines))


def deemed(
    entry: Event, deemed_events: frozenset[str], calendar: Calendar, agency: Agency
) -> tuple[date, Line]:
    """This will move an incoming event after hours or on a closed day to the next business day."""
    day, at = entry.local(agency.zone)
    name = entry.name
    said = f"{name[0].upper()}{name[1:]} on {wording.moment(day, at)}"
    if entry.type not in deemed_events:
        return day, Line(f"{said}.", day)
    closed = calendar.closed(day)
    if closed is not None:
        counts = calendar.next_open(day)
        return counts, Line(
            f"{said}, not a business day ({closed}): counts from {wording.day(counts)}.", counts
        )
    if agency.cutoff is not None and at is not None and at > agency.cutoff:
        counts = calendar.next_open(day + timedelta(days=1))
        return counts, Line(
            f"{said}, after the {wording.clock_time(agency.cutoff)} cut-off: "
            f"counts from {wording.day(counts)}.",
            counts,
        )
    return day, Line(f"{said}. That day itself is not counted.", day)


def skips(calendar: Calendar, start: date, end: date) -> list[Line]:
    """This will explain each closed weekday in (start, end]; weekends are said once, in the count."""
    return [
        Line(f"{wording.day(day)} is skipped: {reason}.", day) for day, reason in calendar.skipped(start, end)
    ]
