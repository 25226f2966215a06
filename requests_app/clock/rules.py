"""The ledger's own words beside the law's: how a request ended, and what it means for its clocks. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from requests_app.law.clock_rule import ClockRule
from requests_app.law.condition import Condition
from requests_app.law.derivation import Derivation
from requests_app.law.event import ANSWERS, QUESTIONS, TYPES, Event


class ChangeKind(StrEnum):
    CLOSE = "close"  # a day of the agency's own counts as closed
    OPEN = "open"  # such a day counts again
    PACK = "pack"  # open requests are counted by another version of their law


class ChangeState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


ANSWERED = frozenset({"denied", "answered"})
ENDED = {
    "withdrawn": "the requester withdrew the request",
    "lapsed": "the request was closed: no answer came in time",
    "duplicate": "the request was closed: another one of the same person covers it",
}
REOPENED, STRUCK = "reopened", "struck"
CALENDAR_CHANGED, APPEAL_DECIDED = "calendar_changed", "appeal_decided"
PORTAL_TYPES = frozenset({"answered", *ENDED, REOPENED, STRUCK, CALENDAR_CHANGED, APPEAL_DECIDED})
"""Entries the law's own vocabulary has no word for; its engine never sees them."""

NO_RECORDS = "no_records"
"""The reason of a ``denied`` entry that says that nothing was found."""

WAITED_FOR = frozenset({"clarification_sent", "information_requested", "fee_question_sent"})
"""Questions nobody waits for any more once a closed request is opened again; money is still owed."""

ENTERABLE = {
    "recorded": "The footage was recorded",
    "agency_learned": "We learned of the incident",
    "received_by_other_component": "Another office of ours received the request",
    "postmarked": "The request was postmarked",
    "emailed": "The request was sent by e-mail",
    "expedite_requested": "Faster handling was asked for",
    "voluminous_notice_sent": "We gave notice that the request is voluminous",
    "voluminous_answered": "The notice of a voluminous request was answered",
    "fee_question_sent": "We sent a question about fees",
    "fee_question_answered": "The question about fees was answered",
    "ruling_requested": "We asked the attorney general for a ruling, outside this portal",
    "ruling_notice_sent": "We told the requester that a ruling was asked for",
    "ruling_argued": "We sent the attorney general our reasons and the records",
    "ruling_information_requested": "The attorney general asked us for more",
    "ruling_information_sent": "We sent the attorney general what was asked for",
    "ruling_delayed": "The attorney general takes more time",
}
"""Dated facts that only a person can enter."""

ENTERED = {**ENTERABLE, "ruling_given": "The attorney general ruled"}
"""Entries of a person's hand, which that person may have wrong: they can be taken back."""

ASKED_BY_LETTER = frozenset({"ruling_requested", "ruling_notice_sent"})
"""Of these the portal writes some itself, when it asks for the ruling."""

GIVEN_UP = "the request was opened again and nobody waits for an answer any more"

FACT_NAMES = {
    "incidents": "How many incidents the request covers",
    "requests_in_24_hours": "How many requests this person made within 24 hours",
    "footage_hours_in_24_hours": "How many hours of footage this person asked for within 24 hours",
    "daniels_law_review": "A review under Daniel’s Law is needed",
    "previous_determination": "An earlier ruling covers exactly these records",
}
"""Facts of the shipped packs in words; one that an agency's own rule asks for is shown by its name."""

# the main clock is what a queue is sorted by: the day the agency must have answered; the first the law has
MAIN_CLOCKS = (
    "determination", "response", "ag_request", "five_day_response", "acknowledge", "video_estimate",
)  # fmt: skip


class Row(Protocol):
    """A ledger entry as the database keeps it."""

    @property
    def pk(self) -> int: ...
    @property
    def type(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def by(self) -> int | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def strikes_id(self) -> int | None: ...


@dataclass(frozen=True)
class Ending:
    """How and when the request ended; ``type`` is an entry of the ledger."""

    type: str
    at: datetime

    @property
    def is_answer(self) -> bool:
        return self.type in ANSWERED


@dataclass(frozen=True)
class Ledger:
    """One request's entries: what the law's engine counts, and what the portal knows beside it."""

    events: tuple[Event, ...]
    ending: Ending | None = None
    reopened_at: datetime | None = None
    appeals_decided: tuple[datetime, ...] = ()


def read(rows: Iterable[Row]) -> Ledger:
    """This will sort a request's entries, given in the order they happened, into what each part needs."""
    kept = list(rows)
    struck = {row.strikes_id for row in kept if row.type == STRUCK}
    events: list[Event] = []
    ending: Ending | None = None
    reopened_at: datetime | None = None
    decided: list[datetime] = []
    for row in kept:
        if row.pk in struck:
            continue
        if row.type in TYPES:
            events.append(_event(row))
        if (row.type in ANSWERED or row.type in ENDED) and ending is None:
            ending = Ending(row.type, row.at)  # the first: a corrected release later is no later answer
        elif row.type == REOPENED:
            ending, reopened_at = None, row.at
            events += _given_up(events, row.at)
        elif row.type == APPEAL_DECIDED:
            decided.append(row.at)
    return Ledger(tuple(events), ending, reopened_at, tuple(decided))


@dataclass(frozen=True)
class Ruling:
    """Where a ruling on withholding stands: when it was asked for, and what it says. ``outcome``: release,
    withhold or part, and empty before it is given."""

    asked_at: date | datetime
    given_at: date | datetime | None = None
    outcome: str = ""
    number: str = ""


RULINGS = {
    "release": "Everything has to be released",
    "part": "A part may be withheld, the rest has to be released",
    "withhold": "What we wished to withhold may be withheld",
}


def knows_rulings(clocks: Mapping[str, ClockRule]) -> bool:
    """This will tell whether a law has another office rule on what may be withheld."""
    return any(source.event == "ruling_requested" for rule in clocks.values() for source in rule.sources)


def ruling(events: Iterable[Event]) -> Ruling | None:
    """This will read the last ruling that was asked for, or give None."""
    found: Ruling | None = None
    for event in events:
        if event.type == "ruling_requested":
            found = Ruling(event.at)
        elif event.type == "ruling_given" and found is not None:
            outcome, _, number = (event.reason or "").partition(": ")
            found = Ruling(found.asked_at, event.at, outcome, number)
    return found


def asked_facts(clocks: Mapping[str, ClockRule]) -> dict[str, str]:
    """This will name the facts the law's clocks depend on: name → ``number`` or ``flag``."""
    found: dict[str, str] = {}
    for condition in _conditions(clocks):
        found.update(dict.fromkeys((*condition.over, *condition.at_most), "number"))
        for name in (*condition.is_true, *condition.is_false):
            found.setdefault(name, "flag")
    return found


def choices(clocks: Mapping[str, ClockRule], name: str) -> list[str]:
    """This will list the values the law's clocks tell apart: of ``record_type``, ``requester_category``, …"""
    found = {value for condition in _conditions(clocks) for value in condition.named.get(name, ())}
    if name == "record_type":
        found |= {kind for rule in clocks.values() for kind in rule.record_types}
    return sorted(found)


def fact_words(name: str) -> str:
    return FACT_NAMES.get(name) or name.replace("_", " ").capitalize()


def _conditions(clocks: Mapping[str, ClockRule]) -> Iterator[Condition]:
    for rule in clocks.values():
        waiting = [rule.applies, *(row.when for row in rule.lengths), *(row.when for row in rule.extensions)]
        while waiting:
            condition = waiting.pop()
            yield condition
            waiting += [*condition.any_of, *condition.none_of]


def lapsed(derived: Collection[Derivation], rules: Mapping[str, ClockRule]) -> Derivation | None:
    """This will find the clock by which the requester's time has run out."""
    return next((row for row in derived if row.state == "lapsed" and rules[row.clock].kind == "lapse"), None)


def next_lapse(derived: Collection[Derivation], rules: Mapping[str, ClockRule]) -> Derivation | None:
    """This will find the day that ends the request first unless its requester acts."""
    running = [
        row
        for row in derived
        if rules[row.clock].kind == "lapse" and row.due and row.state in {"running", "lapsed"}
    ]
    return min(running, key=lambda row: row.due or date.max, default=None)


@dataclass(frozen=True)
class Consequence:
    """What follows from a clock that was missed, as the law's pack says it."""

    clock: str
    title: str
    since: date
    effect: str
    why: str
    citation: str | None
    verified: str


def consequences(derived: Iterable[Derivation], rules: Mapping[str, ClockRule]) -> tuple[Consequence, ...]:
    """This will list what each duty the agency missed brings with it; one it met late counts too.

    A day that the requester let pass is none of them: nobody at the agency was late.
    """
    return tuple(
        Consequence(row.clock, row.title, row.due, each.effect, each.why, each.citation, each.verified)
        for row in derived
        if row.state in {"overdue", "met_late"} and row.due is not None and rules[row.clock].kind == "duty"
        for each in rules[row.clock].on_miss
    )


@dataclass(frozen=True)
class Case:
    """What besides the ledger decides a clock's rule; ``facts`` are those of :class:`ClockFact`."""

    record_type: str | None = None
    requester_category: str | None = None
    facts: Mapping[str, int | bool] = field(default_factory=dict)


def main_name(clocks: Mapping[str, ClockRule], record_type: str | None = None) -> str:
    """This will name the clock a queue is sorted by, or give nothing where the law sets no days for this."""
    known = [
        name for name, rule in clocks.items() if not rule.record_types or record_type in rule.record_types
    ]
    duties = (name for name in known if clocks[name].kind == "duty")
    return next((name for name in MAIN_CLOCKS if name in known), next(duties, ""))


def _event(row: Row) -> Event:
    said = None
    if row.type == "denied" and row.reason == NO_RECORDS:
        said = "the answer was given that no record was found"
    elif row.type in QUESTIONS and row.reason:
        settled = row.reason.removeprefix("answered: ")
        said = f"the question was settled another way ({settled})"
        if row.type in {"estimate_accepted", "deposit_paid"}:
            asked = "fee estimate" if row.type == "estimate_accepted" else "deposit"
            said = f"the {asked} was settled ({settled})"
    return Event(row.type, row.at, row.by, row.unit or None, row.reason or None, said)


def _given_up(events: Iterable[Event], at: datetime) -> list[Event]:
    """A request opened again waits for no answer of the time before."""
    asked: dict[str, int] = {}
    for event in events:
        if event.type in WAITED_FOR:
            asked[event.type] = 1
        elif event.type in QUESTIONS:
            asked.pop(QUESTIONS[event.type], None)
    return [Event(ANSWERS[question], at, said=GIVEN_UP, given_up=True) for question in asked]
