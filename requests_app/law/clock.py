"""Due dates: a law's clock read over an event ledger, with every step explained."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from portal.core.errors import BadInput
from requests_app.law import event as ledger
from requests_app.law import wording
from requests_app.law.calendar import Calendar
from requests_app.law.clock_rule import ClockRule, Length, Source
from requests_app.law.condition import ALWAYS, Circumstances
from requests_app.law.derivation import Derivation, Line
from requests_app.law.event import Agency, Event
from requests_app.law.pack import Pack
from requests_app.law.receipt import Start, start_of
from requests_app.law.run import Run

NO_CLOCK = ClockRule(
    name="",
    title="The law sets no number of days",
    kind="duty",
    unit="business_day",
    lengths=(Length(1, ALWAYS, None, "M"),),
    pick="first_listed",
    sources=(Source("received"),),
    citation=None,
    verified="M",
)
"""Stands where a law has no time limit for a request, so that nobody downstream has to ask."""
NO_DAYS = "{} sets no number of days for this here, so there is no last day."
MISSED = {"duty": "overdue", "lapse": "lapsed", "window": "closed", "awaited": "overdue"}


class UnknownClock(BadInput):
    """The law has no clock of that name."""

    code = "unknown_clock"


def due(
    pack: Pack,
    clock_name: str,
    agency: Agency,
    events: Sequence[Event],
    record_type: str | None = None,
    requester_category: str | None = None,
    facts: Mapping[str, Any] | None = None,
    on: date | None = None,
) -> Derivation:
    """This will derive the last day of a clock; ``due`` is None while it is stopped or has not begun.

    Counting follows the statutes cited in the pack: day zero is the start date, the first counted day is the
    day after it. ``on`` is the local day to judge the state on; without it a clock with a date is running.

    :raises UnknownClock: when the pack has no such clock.
    """
    return _due(pack, rule_of(pack, clock_name), agency, events, record_type, requester_category, facts, on)


def all_due(
    pack: Pack,
    agency: Agency,
    events: Sequence[Event],
    record_type: str | None = None,
    requester_category: str | None = None,
    facts: Mapping[str, Any] | None = None,
    on: date | None = None,
) -> dict[str, Derivation]:
    """This will derive every clock of the law that has begun and applies to this record type."""
    found = {}
    for name, rule in pack.clocks.items():
        if rule.record_types and record_type not in rule.record_types:
            continue
        derived = _due(pack, rule, agency, events, record_type, requester_category, facts, on)
        if derived.state not in {"not_started", "not_applicable"}:
            found[name] = derived
    return found


def calendar_of(pack: Pack, agency: Agency) -> Calendar:
    """This will join the law's calendar with the agency's closures."""
    return pack.calendar.joined(agency.closed_dates, agency.open_dates)


def run_of(
    pack: Pack, rule: ClockRule, agency: Agency, events: Sequence[Event], case: Circumstances
) -> tuple[Start | None, Run | None]:
    """This will play the ledger through the clock, up to its last event."""
    ordered = ledger.in_order(events, agency.zone)
    calendar = calendar_of(pack, agency)
    start = start_of(rule, pack.deemed_events, calendar, agency, ordered)
    if start is None:
        return None, None
    run = Run(rule, case, calendar, agency, pack.deemed_events, start)
    for entry in ordered:
        run.play(entry)
    return start, run


def rule_of(pack: Pack, name: str) -> ClockRule:
    """This will find a clock of the law by name; no name gives :data:`NO_CLOCK`.

    :raises UnknownClock: when the pack has none of that name.
    """
    if name == NO_CLOCK.name:
        return NO_CLOCK
    try:
        return pack.clocks[name]
    except KeyError:
        raise UnknownClock(f"{pack.name} has no clock called {name!r}.") from None


def _due(
    pack: Pack,
    rule: ClockRule,
    agency: Agency,
    events: Sequence[Event],
    record_type: str | None,
    requester_category: str | None,
    facts: Mapping[str, Any] | None,
    on: date | None,
) -> Derivation:
    case = Circumstances(record_type, requester_category, None, agency.body, facts or {})
    chosen = rule.length(case)

    def answer(
        state: str, last: date | None, lines: Sequence[Line], run: Run | None = None, end: Line | None = None
    ) -> Derivation:
        shown = [line for line in lines if not line.aside]
        return Derivation(
            law=pack.id,
            law_version=pack.version,
            clock=rule.name,
            title=rule.title,
            state=state,
            due=last,
            lines=(*shown, end) if end else tuple(shown),
            unit=rule.unit,
            length=run.total if run else 0,
            begun=run.start.raw if run else None,
            day_zero=run.start.day if run else None,
            unrolled=run.unrolled if run else None,
            citation=chosen.citation,
            verified=chosen.verified,
            every=tuple(lines),
        )

    if rule is NO_CLOCK:
        return answer("not_applicable", None, [Line(NO_DAYS.format(pack.name))])
    if not rule.applies.holds(case):
        needed = f"This clock does not apply: {rule.title}. It is for {rule.applies.said()}."
        return answer("not_applicable", None, [Line(needed)])
    if rule.after and not any(entry.type in rule.after for entry in events):
        until = " or ".join(ledger.NAMES[name] for name in rule.after)
        return answer(
            "not_started", None, [Line(f"Not started: it only runs once {until}."), *_idle(agency, events)]
        )
    start, run = run_of(pack, rule, agency, events, case)
    if start is None or run is None:
        awaited = " or ".join(dict.fromkeys(ledger.NAMES[source.event] for source in rule.sources))
        return answer(
            "not_started",
            None,
            [Line(f"Not started: it counts from the day {awaited}."), *_idle(agency, events)],
        )
    last = run.finish()
    if last is None:
        return answer("stopped", None, run.lines, run)
    met = _met(rule, agency, events, start)
    if met is not None:
        state = "met" if met <= last else "met_late"
        late = "" if met <= last else ", after the last day"
        return answer(state, last, run.lines, run, Line(f"Done on {wording.day(met)}{late}.", met))
    state = MISSED[rule.kind] if on is not None and on > last else "running"
    return answer(state, last, run.lines, run)


def _idle(agency: Agency, events: Sequence[Event]) -> list[Line]:
    found = []
    for entry in ledger.in_order(events, agency.zone):
        day = entry.local(agency.zone)[0]
        said = f"On {wording.day(day)} {entry.name}"
        found.append(Line(f"{said}: no effect, it does not start this clock.", day, aside=True))
    return found


def _met(rule: ClockRule, agency: Agency, events: Sequence[Event], start: Start) -> date | None:
    days = [entry.local(agency.zone)[0] for entry in events if entry.type in rule.met_by]
    return min((day for day in days if day >= start.raw), default=None)
