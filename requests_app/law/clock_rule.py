"""One clock of a law as data: length, unit, start, what stops it, what extends it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from requests_app.law import condition
from requests_app.law.condition import ALWAYS, Circumstances, Condition


@dataclass(frozen=True)
class Source:
    """A start date: an event, and days added to it (mail counts from three business days after its mark)."""

    event: str
    which: str = "first"
    plus: int = 0
    unit: str = "business_day"
    why: str = ""
    citation: str | None = None


@dataclass(frozen=True)
class Length:
    """How long the clock runs when the condition holds; the first that holds is used."""

    n: int
    when: Condition
    citation: str | None
    verified: str
    why: str = ""


@dataclass(frozen=True)
class Toll:
    """What a question does to the clock: ``pause``, ``restart`` on the answer, or ``none``."""

    question: str
    mode: str
    citation: str | None
    verified: str
    why: str = ""
    max_uses: int | None = None


@dataclass(frozen=True)
class Extension:
    """An allowed lengthening, counted on from the due date before any roll; ``most`` is the total.

    ``event`` announces it; one that is not ``extended`` has no length of its own and takes the whole.
    """

    most: int
    unit: str
    when: Condition
    citation: str | None
    verified: str
    reasons: tuple[str, ...] = ()
    event: str = "extended"


@dataclass(frozen=True)
class Effect:
    """What follows from missing the clock; ``why`` is the sentence for the requester.

    ``effect`` is one of the schema's names, or ``stated`` where an older pack only gave the sentence.
    """

    effect: str
    why: str
    citation: str | None
    verified: str


@dataclass(frozen=True)
class Guard:
    """A move a law refuses (``refuse``) or lets pass with a warning (``flag``); ``why`` is what staff read.

    ``condition``: ``always``, ``again`` (there is one in the ledger), or ``without_estimate`` (nothing is
    said with it about when the answer comes).
    """

    event: str
    condition: str
    effect: str
    why: str
    citation: str | None
    verified: str


@dataclass(frozen=True)
class ClockRule:
    """A named clock. ``kind``: a duty of the agency, a lapse, a window open to the requester, or a day that
    is ``awaited`` from another office.

    ``after``: it only runs once one of these is in the ledger, whatever it is counted from.
    """

    name: str
    title: str
    kind: str
    unit: str
    lengths: tuple[Length, ...]
    pick: str
    sources: tuple[Source, ...]
    citation: str | None
    verified: str
    roll: bool = False
    applies: Condition = ALWAYS
    record_types: tuple[str, ...] = ()
    tolls: tuple[Toll, ...] = ()
    extensions: tuple[Extension, ...] = ()
    after: tuple[str, ...] = ()
    met_by: tuple[str, ...] = ()
    guards: tuple[Guard, ...] = ()
    on_miss: tuple[Effect, ...] = ()
    note: str | None = None

    def length(self, case: Circumstances) -> Length:
        return next(row for row in self.lengths if row.when.holds(case))

    def extension(self, case: Circumstances, event: str = "extended") -> Extension | None:
        rows = (row for row in self.extensions if row.event == event)
        return next((row for row in rows if row.when.holds(case)), None)

    def toll(self, question: str) -> Toll | None:
        return next((row for row in self.tolls if row.question == question), None)


def parse(name: str, row: Mapping[str, Any]) -> ClockRule:
    """This will build a clock from a pack already checked by its schema."""
    cite, mark = row.get("citation"), row["verified"]
    lengths = [_length(each, cite, mark) for each in row.get("lengths", ())]
    return ClockRule(
        name=name,
        title=row["title"],
        kind=row.get("kind", "duty"),
        unit=row["unit"],
        lengths=(*lengths, Length(row["n"], ALWAYS, cite, mark)),
        pick=row["start"].get("pick", "first_listed"),
        sources=tuple(_source(each) for each in row["start"]["from"]),
        citation=cite,
        verified=mark,
        roll=row.get("roll", False),
        applies=condition.parse(row.get("applies_if")),
        record_types=tuple(row.get("record_types", ())),
        tolls=tuple(_toll(each) for each in row.get("tolls", ())),
        extensions=tuple(_extension(each) for each in row.get("extensions", ())),
        after=tuple(row.get("after", ())),
        met_by=tuple(row.get("met_by", ())),
        guards=tuple(_guard(each) for each in row.get("guards", ())),
        on_miss=_effects(row),
        note=row.get("note"),
    )


def _effects(row: Mapping[str, Any]) -> tuple[Effect, ...]:
    stated = row.get("on_miss", ())
    if isinstance(stated, str):  # packs before 2026.12 had one sentence
        return (Effect("stated", stated, row["citation"], row["verified"]),)
    return tuple(Effect(each["effect"], each["why"], each["citation"], each["verified"]) for each in stated)


def _length(row: Mapping[str, Any], citation: str | None, verified: str) -> Length:
    return Length(
        n=row["n"],
        when=condition.parse(row.get("when")),
        citation=row.get("citation", citation),
        verified=row.get("verified", verified),
        why=row.get("why", ""),
    )


def _source(row: Mapping[str, Any]) -> Source:
    return Source(
        event=row["event"],
        which=row.get("which", "first"),
        plus=row.get("plus", 0),
        unit=row.get("unit", "business_day"),
        why=row.get("why", ""),
        citation=row.get("citation"),
    )


def _toll(row: Mapping[str, Any]) -> Toll:
    return Toll(
        question=row["question"],
        mode=row["mode"],
        citation=row.get("citation"),
        verified=row["verified"],
        why=row.get("why", ""),
        max_uses=row.get("max_uses"),
    )


def _guard(row: Mapping[str, Any]) -> Guard:
    return Guard(row["event"], row["if"], row["effect"], row["why"], row["citation"], row["verified"])


def _extension(row: Mapping[str, Any]) -> Extension:
    return Extension(
        most=row["max"],
        unit=row["unit"],
        when=condition.parse(row.get("when")),
        citation=row.get("citation"),
        verified=row["verified"],
        reasons=tuple(row.get("reasons", ())),
        event=row.get("event", "extended"),
    )
