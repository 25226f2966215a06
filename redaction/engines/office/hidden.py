"""What an office file holds beside the pages it shows, and what a person decided about it.

Programs print neither hidden sheets nor comments nor deleted words, so a PDF made in silence would hide them
from the reviewer, not from the file. Each is named; each needs a mark of kind ``hidden`` before work starts.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from redaction.marks import Mark, Marks
from redaction.report import MarksError, Refused

EVERYTHING = "*"


@dataclass(frozen=True)
class Hidden:
    """One thing that does not show. ``what`` is a sentence part without a word of the record.

    ``texts`` are the words in it: for the pages that show them when a person decides so, and for the check
    that they are gone when not. ``can_show`` False: it can only be dropped.
    """

    item: str
    what: str
    texts: tuple[str, ...] = field(default=(), repr=False)
    can_show: bool = True


@dataclass(frozen=True)
class Decisions:
    """What to show; everything else that is hidden is dropped. ``used`` counts items for each mark id."""

    shown: frozenset[str]
    used: dict[str, int]


def decide(marks: Marks, found: Iterable[Hidden]) -> Decisions:
    """This will match marks with what is hidden.

    :raises MarksError: when a mark names nothing that is there, or wants shown what cannot be.
    :raises Refused: when something hidden has no decision; the sentence names each.
    """
    things = {thing.item: thing for thing in found}
    shown, used = set[str](), {mark.id: 0 for mark in marks.of("hidden")}
    named = {mark["item"]: mark for mark in marks.of("hidden")}
    if len(named) < len(used):
        raise MarksError("two marks decide about the same hidden thing", mark_id=list(used)[-1])
    for item, mark in named.items():
        if item != EVERYTHING and item not in things:
            there = ", ".join(things) or "nothing"
            raise MarksError(f"nothing is hidden as {item!r}; there is: {there}", mark_id=mark.id)
    for item, thing in things.items():
        decision: Mark | None = named.get(item, named.get(EVERYTHING))
        if decision is None:
            continue
        used[decision.id] += 1
        if decision["action"] == "show":
            if not thing.can_show:
                raise MarksError(f"{item} ({thing.what}) cannot be shown, only dropped", mark_id=decision.id)
            shown.add(item)
    if EVERYTHING not in named:
        open_ = [thing for item, thing in things.items() if item not in named]
        if open_:
            listed = "; ".join(f"{thing.item}: {thing.what}" for thing in open_)
            raise Refused(
                f"the file holds things its pages do not show, and each needs a mark of kind hidden "
                f"(drop or show) first: {listed}"
            )
    return Decisions(frozenset(shown), used)


def suggest(found: Iterable[Hidden]) -> list[dict[str, object]]:
    """This will give one suggested mark for each hidden thing, for a person to accept or change."""
    return [
        {
            "id": f"hidden-{number}",
            "kind": "hidden",
            "item": thing.item,
            "action": "drop",
            "note": thing.what,
            "suggested": True,
        }
        for number, thing in enumerate(found, start=1)
    ]
