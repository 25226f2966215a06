"""What a request's end, its reopening or an appeal's decision made of a derived clock. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from requests_app.clock.rules import ANSWERED, ENDED, GIVEN_UP, Ledger, ruling
from requests_app.law import wording
from requests_app.law.clock_rule import ClockRule
from requests_app.law.derivation import Derivation, Line
from requests_app.law.event import Event

ASKED, GIVEN = "ruling_requested", "ruling_given"


def settle(found: Derivation, rule: ClockRule, ledger: Ledger, zone: ZoneInfo) -> Derivation:
    """This will say of a derived clock what the request's end, its reopening or an appeal's decision made of
    it. The law's engine knows only the entries that the law names."""
    begun_by = {source.event for source in rule.sources}
    if rule.kind == "lapse" and ledger.reopened_at:
        again = ledger.reopened_at.astimezone(zone).date()
        given_up = found.state in {"met", "met_late"} and _is_given_up(rule, ledger.events)
        if given_up or (found.state == "lapsed" and found.due and again > found.due):
            kept = replace(found, lines=found.lines[:-1]) if given_up else found
            return _ended(kept, again, "the request was opened again, so this time limit no longer ends it")
    if "appeal_received" in begun_by:
        heard = [event.local(zone)[0] for event in ledger.events if event.type == "appeal_received"]
        begun = max((day for day in heard if found.day_zero and day <= found.day_zero), default=date.min)
        decided = (moment.astimezone(zone).date() for moment in ledger.appeals_decided)
        return _met(found, (day for day in decided if day >= begun), "the appeal was decided")
    if ledger.ending is None or rule.kind == "window" or begun_by & ANSWERED:
        return found
    day = ledger.ending.at.astimezone(zone).date()
    if rule.kind == "lapse":
        if found.state in {"running", "stopped"}:
            return _ended(found, day, ENDED.get(ledger.ending.type, "the request was answered"))
        return found
    if ledger.ending.is_answer and _outlives_answer(found, rule, ledger, day, zone):
        return found
    if rule.kind == "awaited" and found.state in {"running", "overdue"}:
        return _ended(found, day, ENDED.get(ledger.ending.type, "the request was answered"))
    if ledger.ending.is_answer:
        return _met(found, [day], "the request was answered")
    if found.state in {"running", "stopped", "overdue"}:
        return _ended(found, day, ENDED[ledger.ending.type])
    return found


def _outlives_answer(
    found: Derivation, rule: ClockRule, ledger: Ledger, answered: date, zone: ZoneInfo
) -> bool:
    """An answer ends nothing that began after it, nor what is owed to an office that had still to rule."""
    if found.begun is not None and found.begun > answered:
        return True
    standing = ruling(ledger.events)
    if standing is None or not _rests_on_ruling(rule):
        return False
    return standing.given_at is None or Event(GIVEN, standing.given_at).local(zone)[0] > answered


def _rests_on_ruling(rule: ClockRule) -> bool:
    """Asking for a ruling is done or needless by then; what a given one wants, an answer after it may do."""
    begins = {*rule.after, *(source.event for source in rule.sources)} - {GIVEN}
    meets = set(rule.met_by) - {ASKED}
    return any(name.startswith("ruling_") for name in begins | meets)


def _is_given_up(rule: ClockRule, events: Iterable[Event]) -> bool:
    """Nobody answered the last question; the request was opened again and does not wait for it."""
    first: str | None = None
    waiting = False
    for event in events:
        if any(source.event == event.type for source in rule.sources):
            first, waiting = None, True
        elif waiting and event.type in rule.met_by:
            first, waiting = event.said, False
    return first == GIVEN_UP


def _met(found: Derivation, days: Iterable[date], what: str) -> Derivation:
    day = min(days, default=None)
    if found.state not in {"running", "overdue", "stopped"} or day is None:
        return found
    if found.due is None:
        return _ended(found, day, what)
    late = day > found.due
    text = f"Done on {wording.day(day)}{', after the last day' if late else ''}: {what}."
    return replace(found, state="met_late" if late else "met", lines=(*found.lines, Line(text, day)))


def _ended(found: Derivation, day: date, why: str) -> Derivation:
    line = Line(f"Ended on {wording.day(day)}: {why}.", day)
    return replace(found, state="ended", lines=(*found.lines, line))
