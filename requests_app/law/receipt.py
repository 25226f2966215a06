"""When a count begins: deemed receipt after hours, mail and e-mail, and receipt by another office."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from requests_app.law import wording
from requests_app.law.calendar import ONE_DAY, Calendar
from requests_app.law.clock_rule import ClockRule, Source
from requests_app.law.derivation import Line
from requests_app.law.event import REPLIES, Agency, Event


@dataclass(frozen=True)
class Start:
    """Day zero of a clock, the raw date of the event behind it, that event, and why."""

    day: date
    raw: date
    event: Event
    lines: tuple[Line, ...]


# many requests of a month are counted over the same few spans
_kept = lru_cache(maxsize=4096)


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
        entries = [entry for entry in _asked_first(ordered, source.event) if entry.type == source.event]
        if entries:
            entry = entries[-1] if source.which == "last" else entries[0]
            found.append(_start(source, entry, deemed_events, calendar, agency))
    if not found:
        return None
    if rule.pick == "earliest":
        return min(found, key=lambda start: start.day)
    return found[0]


def _asked_first(ordered: Sequence[Event], reply: str) -> Sequence[Event]:
    """A reply that came before the notice it would answer answers nothing."""
    notice = REPLIES.get(reply)
    if notice is None:
        return ordered
    at = next((at for at, entry in enumerate(ordered) if entry.type == notice), 0)
    return ordered[at:]


def _start(
    source: Source, entry: Event, deemed_events: frozenset[str], calendar: Calendar, agency: Agency
) -> Start:
    raw = entry.local(agency.zone)[0]
    day, lines = deemed(entry, deemed_events, calendar, agency)
    if source.plus:
        begins = calendar.plus(day, source.plus, source.unit)
        lines += counted(calendar, day, begins, source.unit)
        lines.append(
            Line(
                f"{source.why or 'The count starts later'}: {wording.days(source.plus, source.unit)} on, "
                f"so it counts from {wording.day(begins)}.",
                begins,
                source.citation,
            )
        )
        day = begins
    return Start(day, raw, entry, tuple(lines))


def deemed(
    entry: Event, deemed_events: frozenset[str], calendar: Calendar, agency: Agency
) -> tuple[date, list[Line]]:
    """This will move an incoming event after hours or on a closed day to the next business day."""
    day, at = entry.local(agency.zone)
    cutoff, late, exact = agency.cutoff, "", False
    if entry.type in deemed_events:
        closed = calendar.closed(day)
        if closed is not None:
            late = f"not a business day ({closed})"
        elif cutoff is not None and at is not None and at.replace(microsecond=0) > cutoff:
            late = f"after the {wording.clock_time(cutoff)} cut-off"
            # within the minute of the cut-off the seconds decide
            exact = at.replace(second=0, microsecond=0) == cutoff
    said = f"{entry.name[0].upper()}{entry.name[1:]} on {wording.moment(day, at, seconds=exact)}"
    if not late:
        return day, [Line(f"{said}. That day itself is not counted.", day)]
    counts = calendar.plus(day, 1, "business_day")
    between = skips(calendar, day, counts)
    return counts, [Line(f"{said}, {late}: counts from {wording.day(counts)}.", counts), *between]


@_kept
def skips(calendar: Calendar, start: date, end: date) -> tuple[Line, ...]:
    """This will explain each closed weekday in (start, end]; weekends are said once, in the count."""
    return tuple(
        Line(f"{wording.day(day)} is skipped: {reason}.", day) for day, reason in calendar.skipped(start, end)
    )


@_kept
def counted(calendar: Calendar, start: date, end: date, unit: str) -> tuple[Line, ...]:
    """This will list the days counted in (start, end], so that a reader can add them up."""
    if end <= start:
        return ()
    if unit == "calendar_day":
        length = wording.count((end - start).days, "day")
        return (Line(f"Counted: {wording.span(start + ONE_DAY, end)} ({length}), every day of them.", end),)
    stretches = "; ".join(
        f"{wording.span(first, last)} ({wording.count(days, 'day')})"
        for first, last, days in calendar.stretches(start, end)
    )
    weekend = calendar.weekend_days(start, end)
    left_out = f"; {wording.count(weekend, 'weekend day')} left out" if weekend else ""
    return (*skips(calendar, start, end), Line(f"Counted: {stretches or 'no day'}{left_out}.", end))
