"""How a derivation is shown, on pages and to programs: its reasons, and how far its rule is confirmed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from requests_app.clock.rules import Consequence
from requests_app.law import standing
from requests_app.law.derivation import Derivation
from requests_app.law.models import Agency, LawPack
from requests_app.law.pack import Pack

STATES = {
    "running": ("Time is running", "progress"),
    "stopped": ("Stopped until it is answered", "waiting"),
    "met": ("Done in time", "done"),
    "met_late": ("Done late", "soon"),
    "overdue": ("Overdue", "overdue"),
    "lapsed": ("Passed without an answer", "overdue"),
    "closed": ("Passed", "neutral"),
    "ended": ("Ended with the request", "neutral"),
    "not_started": ("Has not begun", "neutral"),
    "not_applicable": ("Does not apply", "neutral"),
}
"""State of a derived clock → (words, kind of tag)."""

MARKS = {
    "V": ("The rule was read in its source", "done"),
    "P": ("The rule was partly read in its source", "soon"),
    "M": ("The rule is still to be confirmed", "waiting"),
}
"""Mark of a pack's row → (words, kind of tag)."""


@dataclass(frozen=True)
class Explained:
    """A derived clock with what a reader needs to trust it or not."""

    derived: Derivation
    calendar: str
    words: str
    tag: str
    mark: str
    mark_tag: str
    standing: str

    @property
    def sets_a_day(self) -> bool:
        return self.derived.due is not None


def explain(found: Iterable[Derivation], pack: Pack, *, agency: Agency | None = None) -> list[Explained]:
    """This will join derivations with their calendar, mark, and whether the agency's counsel adopted them."""
    row = LawPack.objects.defer("data").filter(code=pack.id, version=pack.version).first()
    known = standing.standings(agency, row) if agency is not None and row is not None else {}
    return [_explain(one, pack, known.get(f"clocks/{one.clock}")) for one in found]


def standing_words(found: standing.RuleStanding | None) -> str:
    """This will say in a sentence whether counsel has adopted a rule."""
    if found is not None and found.is_adopted:
        return f"Adopted by {found.adopted_by} on {found.adopted_on:%B} {_number(found.adopted_on)}."
    if found is not None and found.decision is not None:
        return "A draft: counsel has not adopted this rule; the agency has decided to use it."
    return "A draft: counsel has not adopted this rule."


def status_of(pack: LawPack, agency: Agency | None) -> str:
    """This will give ``adopted`` when counsel has adopted every rule of a version, else ``draft``."""
    if agency is None:
        return "draft"
    known = standing.standings(agency, pack)
    return "adopted" if known and all(each.is_adopted for each in known.values()) else "draft"


def as_data(one: Explained) -> dict[str, Any]:
    """This will give a derivation to a program: dates as ISO, every line with its source."""
    derived = one.derived
    return {
        "clock": derived.clock, "title": derived.title, "state": derived.state, "due": derived.due,
        "law": derived.law, "law_version": derived.law_version, "unit": derived.unit,
        "length": derived.length, "day_zero": derived.day_zero, "citation": derived.citation,
        "verified": derived.verified, "calendar": one.calendar, "standing": one.standing,
        "lines": [
            {"text": line.text, "on": line.on, "citation": line.citation, "days": line.days}
            for line in derived.lines
        ],
    }  # fmt: skip


def consequence_data(found: Iterable[Consequence]) -> list[dict[str, Any]]:
    """This will give what follows from missed clocks to a program."""
    return [
        {
            "clock": each.clock, "since": each.since, "effect": each.effect, "why": each.why,
            "citation": each.citation, "verified": each.verified,
        }
        for each in found
    ]  # fmt: skip


def _explain(derived: Derivation, pack: Pack, found: standing.RuleStanding | None) -> Explained:
    words, tag = STATES[derived.state]
    mark, mark_tag = MARKS[derived.verified]
    return Explained(derived, pack.calendar.name, words, tag, mark, mark_tag, standing_words(found))


def _number(day: date | None) -> str:
    return f"{day.day}, {day.year}" if day else ""
