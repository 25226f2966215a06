"""What a law wants a letter to say, and what of it a letter does not say. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from portal.core.errors import BadInput
from requests_app.correspondence import markup
from requests_app.correspondence.kinds import Kind
from requests_app.correspondence.markup import Printed
from requests_app.law.pack import LetterItem, Pack


@dataclass(frozen=True)
class Missing:
    """One thing that a letter has to say and does not, by which law, and where to put it."""

    id: str
    item: str
    citation: str | None
    where: str

    def __str__(self) -> str:
        law = f" ({self.citation})" if self.citation else ""
        return f"{self.item}{law}. {self.where}"


class LetterIncomplete(BadInput):
    """A letter does not say what the law wants it to say. ``missing`` lists what."""

    code = "letter_incomplete"

    def __init__(self, missing: Sequence[Missing], what: str = "The letter was not sent.") -> None:
        self.missing = tuple(missing)
        super().__init__(f"{what} Still missing: {' '.join(map(str, missing))}")


@dataclass(frozen=True)
class Requirement:
    """One item of the checklist on the page of a letter."""

    id: str
    item: str
    citation: str | None
    verified: str
    is_met: bool
    where: str


def items_of(pack: Pack, *kinds: str) -> tuple[LetterItem, ...]:
    """This will list what a law wants said in letters of these kinds, each id once."""
    found = {item.id: item for kind in kinds for item in pack.letters.get(kind, ())}
    return tuple(found.values())


def said(kind: Kind, printed: Printed, also: Collection[str] = ()) -> set[str]:
    """This will give the ids of what a printed letter says by its fields, its sayings and its additions."""
    by_fields = (kind.said_by(name) for name in printed.shown - printed.holes.keys())
    return {*printed.said, *also}.union(*by_fields)


def unmet(items: Iterable[LetterItem], present: Collection[str], where: str) -> list[Missing]:
    """This will list the items whose ids are not among ``present``."""
    return [Missing(item.id, item.item, item.citation, where) for item in items if item.id not in present]


def missing(
    kind: Kind, items: Sequence[LetterItem], body: str, printed: Printed, also: Collection[str] = ()
) -> list[Missing]:
    """This will list what a letter does not say: a law's items, and fields that would be holes in a line."""
    present = said(kind, printed, also)
    found = [
        Missing(item.id, item.item, item.citation, _where(kind, item.id, body, printed))
        for item in items
        if item.id not in present
    ]
    told = " ".join(each.where for each in found)
    for name in printed.holes:
        label = kind.fields[name].label
        if f"“{label}”" not in told:
            found.append(Missing(name, label, None, f"Fill in “{label}”."))
    return found


def unplaced(kind: Kind, items: Iterable[LetterItem], body: str) -> list[LetterItem]:
    """This will list the items of a law that a template has no place for, whatever is filled in."""
    names, sayings = markup.places(body)
    placed = sayings.union(*(kind.said_by(name) for name in names))
    return [item for item in items if item.id not in placed]


def checklist(
    kind: Kind, items: Sequence[LetterItem], body: str, printed: Printed, also: Collection[str] = ()
) -> list[Requirement]:
    """This will give every item of a law with whether the letter says it."""
    present = said(kind, printed, also)
    return [
        Requirement(
            item.id, item.item, item.citation, item.verified, item.id in present,
            "" if item.id in present else _where(kind, item.id, body, printed),
        )
        for item in items
    ]  # fmt: skip


def _where(kind: Kind, item: str, body: str, printed: Printed) -> str:
    names, sayings = markup.places(body)
    saying = [name for name in kind.fields if item in kind.said_by(name) and name in names]
    blanks = saying or (list(printed.holes) if item in sayings else [])
    if "decider" in saying:
        return "Its signer needs a name and a title: an administrator enters them under People."
    if blanks:
        return f"Fill in {' and '.join(f'“{kind.fields[name].label}”' for name in blanks)}."
    return "The template has no place for it: write it under “What the law also asks”."
