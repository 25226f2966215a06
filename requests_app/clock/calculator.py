"""The public calculator: a law, a receipt and what happened since give every day the law sets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.db.models import Max

from requests_app.clock import drawing, presentation
from requests_app.clock.presentation import Explained
from requests_app.law import clock as engine
from requests_app.law.derivation import Derivation
from requests_app.law.event import Agency as OfficeHours
from requests_app.law.event import Event
from requests_app.law.models import Agency, LawPack
from requests_app.law.pack import Pack
from requests_app.law.selectors import parsed


@dataclass(frozen=True)
class Question:
    """One calculation. ``clocks`` empty: every clock that has begun."""

    pack: LawPack
    received: date | datetime | None = None
    events: Sequence[Event] = ()
    clocks: Sequence[str] = ()
    record_type: str = ""
    requester_category: str = ""
    body: str = ""
    cutoff: time | None = None
    closed: Mapping[date, str] = field(default_factory=dict)
    facts: Mapping[str, int | bool] = field(default_factory=dict)
    on: date | None = None


@dataclass(frozen=True)
class Answer:
    """One clock's day with its reasons and its days laid out."""

    explained: Explained
    days: list[drawing.Day]
    picture: drawing.Picture | None

    @property
    def derived(self) -> Derivation:
        return self.explained.derived


def answer(question: Question, *, agency: Agency | None = None) -> list[Answer]:
    """This will derive the clocks asked for, in the order the law's pack has them.

    ``agency``: whose counsel's adoptions the rules' standing is read from.

    :raises UnknownClock: for a clock the law does not have.
    """
    pack = parsed(question.pack)
    office = OfficeHours(pack.timezone, question.cutoff, question.closed, body=question.body or None)
    events = [Event("received", question.received)] if question.received else []
    events += question.events
    found = _derive(question, pack, office, events)
    calendar = engine.calendar_of(pack, office)
    explained = presentation.explain(found, pack, agency=agency)
    laid_out = [drawing.days(one.derived, calendar) for one in explained]
    return [Answer(one, days, drawing.picture(days)) for one, days in zip(explained, laid_out, strict=True)]


def laws() -> list[LawPack]:
    """This will list every loaded version, the newest of each law first."""
    return list(LawPack.objects.defer("data").order_by("code", "-effective_from", "-pk"))


def newest(code: str) -> LawPack | None:
    """This will give the version of a law that was loaded last."""
    last = LawPack.objects.filter(code=code).aggregate(pk=Max("pk"))["pk"]
    return LawPack.objects.filter(pk=last).first()


def _derive(question: Question, pack: Pack, office: OfficeHours, events: Sequence[Event]) -> list[Derivation]:
    kind, category = question.record_type or None, question.requester_category or None
    facts, on = question.facts, question.on
    if question.clocks:
        return [engine.due(pack, name, office, events, kind, category, facts, on) for name in question.clocks]
    return list(engine.all_due(pack, office, events, kind, category, facts, on).values())
