"""Due dates, always derived from the ledger."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from requests_app.clock import endings, packs, presentation, rules
from requests_app.clock.models import ClockEvent, ClockFact
from requests_app.clock.presentation import Explained
from requests_app.clock.rules import Case, Consequence, Ledger
from requests_app.docket.models import RecordsRequest
from requests_app.law import clock as engine
from requests_app.law.derivation import Derivation
from requests_app.law.event import Agency as OfficeHours
from requests_app.law.event import Event
from requests_app.law.models import Agency
from requests_app.law.pack import Pack
from requests_app.law.selectors import office_hours, pack_in_use, parsed

MAIN_CLOCKS = rules.MAIN_CLOCKS


@dataclass(frozen=True)
class Situation:
    """Everything one request's clocks are derived from."""

    pack: Pack
    office: OfficeHours
    ledger: Ledger
    case: Case

    @property
    def main_name(self) -> str:
        return rules.main_name(self.pack.clocks, self.case.record_type)

    def one(self, name: str, *, on: date | None = None) -> Derivation:
        """This will derive one clock, whether it has begun or not."""
        found = engine.due(self.pack, name, self.office, self.ledger.events, on=on, **self.about)
        return endings.settle(found, engine.rule_of(self.pack, name), self.ledger, self.office.zone)

    def all(self, *, on: date | None = None) -> list[Derivation]:
        """This will derive every clock that has begun, the main one first."""
        found = engine.all_due(self.pack, self.office, self.ledger.events, on=on, **self.about)
        settled = [
            endings.settle(one, self.pack.clocks[name], self.ledger, self.office.zone)
            for name, one in found.items()
        ]
        main = self.main_name
        return sorted(settled, key=lambda derived: derived.clock != main)

    @property
    def about(self) -> dict[str, Any]:
        """This will give what the engine's functions ask for by name."""
        return {
            "record_type": self.case.record_type,
            "requester_category": self.case.requester_category,
            "facts": self.case.facts,
        }


def situation(request: RecordsRequest) -> Situation:
    """This will gather what a request's clocks are derived from.

    A closed request keeps the closures and the version of the law it was counted by when it was closed.
    """
    return Situation(
        packs.pack_of(request), office_of(request), ledger(request), case_of(request, facts(request))
    )


def office_of(request: RecordsRequest) -> OfficeHours:
    """This will give the office hours a request is counted by: today's, or those of the day it was closed."""
    return office_hours(request.agency, as_of=request.closed_at)


def pack_of(request: RecordsRequest) -> Pack:
    """This will give the version of the law a request's clocks are counted by."""
    return packs.pack_of(request)


def ledger(request: RecordsRequest) -> Ledger:
    """This will read the whole ledger: the law's entries, and how the request ended."""
    return rules.read(request.clock_events.all())


def events(request: RecordsRequest) -> list[Event]:
    """This will read the ledger in the pure engine's shape, in the order things happened."""
    return list(ledger(request).events)


def facts(request: RecordsRequest) -> dict[str, int | bool]:
    """This will give what staff entered about a request that a clock of its law asks for."""
    return {row.name: row.value for row in request.clock_facts.all()}


def case_of(request: RecordsRequest, known: dict[str, int | bool]) -> Case:
    return Case(request.record_type or None, request.requester_category or None, known)


def main_clock_name(request: RecordsRequest) -> str:
    return rules.main_name(pack_of(request).clocks, request.record_type or None)


def main_clock(request: RecordsRequest, *, on: date | None = None) -> Derivation:
    """This will derive the clock by which the agency must answer, with every step explained."""
    found = situation(request)
    return found.one(found.main_name, on=on)


def derivations(request: RecordsRequest, *, on: date) -> list[Derivation]:
    """This will derive every clock that has begun for the request, the main one first."""
    return situation(request).all(on=on)


def explained(request: RecordsRequest, *, on: date, found: Situation | None = None) -> list[Explained]:
    """This will derive every clock that has begun, with its calendar and how far its rule is confirmed."""
    found = found or situation(request)
    return presentation.explain(found.all(on=on), found.pack, agency=request.agency)


def lapses(request: RecordsRequest, *, at: datetime) -> list[Derivation]:
    """This will list the running days by which the requester must act, or the request ends."""
    clocks = pack_of(request).clocks
    return [
        derived
        for derived in derivations(request, on=day_of(request.agency, at))
        if clocks[derived.clock].kind == "lapse" and derived.state == "running" and derived.due
    ]


def lapsed(request: RecordsRequest, *, on: date) -> Derivation | None:
    """This will find the time limit that the requester let pass, if one has passed."""
    return rules.lapsed(derivations(request, on=on), pack_of(request).clocks)


def consequences(request: RecordsRequest, *, on: date) -> tuple[Consequence, ...]:
    """This will list what follows from every clock of the request that the agency missed, with its source.

    ``effect`` is a name of the packs' schema: ``fee_bar_search``, ``deemed_denied``, …
    """
    return rules.consequences(derivations(request, on=on), pack_of(request).clocks)


def consequences_of(request: RecordsRequest, derived: list[Derivation]) -> tuple[Consequence, ...]:
    """This will do the same for clocks derived already; a request in time costs no question."""
    if not any(one.state in {"overdue", "met_late"} for one in derived):
        return ()
    return rules.consequences(derived, pack_of(request).clocks)


def day_of(agency: Agency, at: datetime) -> date:
    """This will give the day it is at the agency at a moment."""
    return at.astimezone(ZoneInfo(agency.time_zone)).date()


def if_filed(agency: Agency, *, at: datetime, record_type: str = "") -> Derivation:
    """This will derive the day by which a request filed at that moment would have to be answered."""
    pack = parsed(pack_in_use(agency))
    return engine.due(
        pack,
        rules.main_name(pack.clocks, record_type or None),
        office_hours(agency),
        [Event("received", at)],
        record_type=record_type or None,
    )


def entered_facts(request: RecordsRequest) -> list[ClockFact]:
    """This will list what staff entered, newest first, each with who and why."""
    return list(request.clock_facts.select_related("actor").order_by("-id"))


def entered_events(request: RecordsRequest) -> list[ClockEvent]:
    """This will list the dated facts staff entered, with the entry that took one back, if any."""
    return list(
        request.clock_events.filter(type__in=rules.ENTERED).select_related("actor", "struck_by__actor")
    )
