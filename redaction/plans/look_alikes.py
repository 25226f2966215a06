"""Pages, pictures and films that look the same as another record's, and what only one of the two withholds.

A likeness is a reason to look at both: two photos of one place look the same and may differ in what matters.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from redaction import marks as marks_format
from redaction.marks import Mark, Marks
from redaction.plans.finding_models import Likeness
from redaction.plans.models import Plan
from redaction.plans.overlaps import Side, open_places
from redaction.plans.suggestion_groups import content_of
from redaction.traits import is_near
from requests_app.custody.models import ResponsiveRecord

_ALIKE_PARTS = 0.75  # of a film's pictures
_NAMES = {
    "region": "box",
    "page": "whole page",
    "frame": "whole picture",
    "mute": "silence",
    "withhold": "all of it",
}

Traits = dict[str, dict[int, str]]  # kind → position → value


@dataclass(frozen=True)
class Alike:
    """What one side withholds and the other, which looks the same, does not. ``plan`` is the other's."""

    kind: str
    open_here: bool
    plan: Plan
    places: str
    mark_id: str  # of the first that is open, where it is a mark of this record
    also: str  # digest of what is open


def found(record: ResponsiveRecord, here: Marks, mine: Traits, others: Sequence[Plan]) -> Iterator[Alike]:
    """This will compare marks with those of each record that looks the same, both ways."""
    if not mine:
        return
    theirs = kept([plan.review.record_id for plan in others])
    for plan in others:
        other = plan.review.record
        traits = theirs.get(other.pk, {})
        pairs = alike(mine, traits)
        if other.sha256 == record.sha256 or not any(pairs.values()):
            continue
        there = marks_format.parse(plan.marks).effective
        for kind, places in pairs.items():
            for at, yonder in places:
                one = Side(here, kind, at, shape(mine))
                two = Side(there, kind, yonder, shape(traits))
                yield from _differences(plan, one, two)


def kept(records: Collection[int]) -> dict[int, Traits]:
    """This will give what is known of how some records look."""
    rows = Likeness.objects.filter(record__in=records).order_by("record", "position")
    found: dict[int, Traits] = defaultdict(lambda: defaultdict(dict))
    for record, kind, position, value in rows.values_list("record_id", "kind", "position", "value"):
        found[record][kind][position] = value
    return found


def shape(traits: Traits) -> tuple[float, ...]:
    """This will give width and height, or seconds; nothing of one compared before they were measured."""
    value = traits.get("shape", {}).get(1, "")
    numbers = tuple(float(part) for part in value.split("x") if part)
    return numbers if all(number > 0 for number in numbers) else ()


def alike(mine: Traits, theirs: Traits) -> dict[str, list[tuple[int, int]]]:
    """This will pair what looks the same, by kind: pages with pages, a whole picture or film with another."""
    where = {value: position for position, value in theirs.get("page", {}).items()}
    pairs = {"page": [(at, where[value]) for at, value in mine.get("page", {}).items() if value in where]}
    one, two = mine.get("picture", {}).get(1), theirs.get("picture", {}).get(1)
    if one and two and is_near(one, two):
        pairs["picture"] = [(1, 1)]
    films, others = mine.get("film", {}), theirs.get("film", {})
    both = films.keys() & others.keys()
    near = sum(is_near(films[at], others[at]) for at in both)
    if both and near >= _ALIKE_PARTS * max(len(films), len(others)):
        pairs["film"] = [(1, 1)]
    return pairs


def _differences(plan: Plan, one: Side, two: Side) -> Iterator[Alike]:
    for open_here, marked, other in ((False, one, two), (True, two, one)):
        meant = open_places(marked, other)
        if meant is None and not open_here:
            words = (
                f"both are marked, {_worded(one.places)} here and {_worded(two.places)} there; which places "
                "agree could not be told"
            )
            yield _told(plan, False, one, two, one.places, words)
        elif meant:
            yield _told(plan, open_here, one, two, meant, _how(open_here, meant, marked, other))


def _how(open_here: bool, meant: Sequence[Mark], marked: Side, other: Side) -> str:
    """In numbers where both have marks, for then neither was simply forgotten."""
    if not other.places:
        return ""
    here, there = ("there", "here") if open_here else ("here", "there")
    return (
        f"both marked, differently: of {len(marked.places):,} withheld {here} {_worded(meant)} left open; "
        f"{len(other.places):,} withheld {there}"
    )


def _told(plan: Plan, open_here: bool, one: Side, two: Side, meant: Sequence[Mark], words: str) -> Alike:
    if one.kind == "page":
        words = "; ".join(filter(None, (f"page {one.page} here, page {two.page} there", words)))
    digest = _digest(two if open_here else one, meant)
    return Alike(one.kind, open_here, plan, words, "" if open_here else meant[0].id, digest)


def _worded(marks: Sequence[Mark]) -> str:
    counts = Counter(f"{_NAMES.get(mark.kind, mark.kind)} ({mark.reason or 'no reason'})" for mark in marks)
    most = [f"{count:,} × {name}" for name, count in counts.most_common(3)]
    return ", ".join([*most, *(["others"] if len(counts) > 3 else [])])


def _digest(side: Side, meant: Sequence[Mark]) -> str:
    ids = {mark.id for mark in meant}
    contents = sorted(content_of(entry) for entry in side.marks.raw["marks"] if entry["id"] in ids)
    return hashlib.sha256("\x1f".join(contents).encode()).hexdigest()
