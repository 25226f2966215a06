"""What changed between two versions of a record's marks, in words. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

Entry = Mapping[str, Any]
SITTING = timedelta(minutes=10)  # versions saved closer together than this are one sitting
_HOW = ("added", "changed", "removed", "accepted", "adjusted", "rejected")
_NOUNS = {
    "box": ("box", "boxes"),
    "text": ("search for words", "searches for words"),
    "page": ("page", "pages"),
    "hidden": ("hidden part", "hidden parts"),
    "region": ("region", "regions"),
    "frame": ("whole picture", "whole pictures"),
    "mute": ("mute", "mutes"),
    "cut": ("cut", "cuts"),
    "tracks": ("choice of tracks", "choices of tracks"),
    "column": ("column", "columns"),
    "rows": ("choice of rows", "choices of rows"),
    "own_plate": ("own plate", "own plates"),
    "suppress": ("rule for small groups", "rules for small groups"),
    "home": ("take-off circle", "take-off circles"),
    "fence": ("fence", "fences"),
    "generalise": ("coarser position", "coarser positions"),
    "fields": ("list of fields", "lists of fields"),
    "withhold": ("withholding of the whole record", "withholdings of the whole record"),
}


@dataclass(frozen=True)
class Change:
    """One mark that two versions do not share: ``how`` added, changed, removed, or what was decided."""

    mark_id: str
    kind: str
    how: str
    fields: tuple[str, ...] = ()
    entry: Entry | None = None  # the mark as it stands after, or stood before it was removed


@dataclass(frozen=True)
class Saved:
    """One version's row without its marks."""

    version: int
    author_id: int
    author: str
    at: datetime


@dataclass(frozen=True)
class Sitting:
    """Versions one person saved one after another; ``first`` and ``last`` are their numbers."""

    first: int
    last: int
    author_id: int
    author: str
    since: datetime
    until: datetime


def differences(before: Sequence[Entry], after: Sequence[Entry]) -> list[Change]:
    """This will list the marks that differ by id: first those that stand now, then the removed ones."""
    was = {mark["id"]: mark for mark in before}
    now = {mark["id"]: mark for mark in after}
    found = [_change(was.get(name), mark) for name, mark in now.items() if was.get(name) != mark]
    gone = [Change(name, mark["kind"], "removed", (), mark) for name, mark in was.items() if name not in now]
    return found + gone


def _change(old: Entry | None, new: Entry) -> Change:
    name, kind = new["id"], new["kind"]
    if old is None:
        return Change(name, kind, "added", (), new)
    fields = tuple(sorted(part for part in {*old, *new} if old.get(part) != new.get(part)))
    decided = new.get("decision")
    how = decided if "decision" in fields and decided else "changed"
    return Change(name, kind, how, fields, new)


def in_words(changes: Iterable[Change]) -> str:
    """This will put changes in one sentence: “2 boxes added, 1 mute changed (end, reason)”."""
    rows = list(changes)
    if not rows:
        return "Nothing changed"
    counts = Counter((row.how, row.kind) for row in rows)
    parts = []
    for how in _HOW:
        for (found, kind), number in counts.items():
            if found == how:
                one, many = _NOUNS.get(kind, (kind, kind))
                parts.append(f"{number:,} {one if number == 1 else many} {how}{_fields(rows, how, kind)}")
    sentence = ", ".join(parts)
    return sentence[0].upper() + sentence[1:]


def noun(kind: str) -> str:
    """This will give what a person calls one mark of a kind."""
    return _NOUNS.get(kind, (kind, kind))[0]


def _fields(rows: Sequence[Change], how: str, kind: str) -> str:
    if how != "changed":
        return ""
    named = sorted({part for row in rows if (row.how, row.kind) == (how, kind) for part in row.fields})
    return f" ({', '.join(part.replace('_', ' ') for part in named)})"


def sittings(rows: Iterable[Saved]) -> list[Sitting]:
    """This will gather versions, newest first, into what one person did at one sitting, newest first."""
    found: list[Sitting] = []
    for row in rows:
        newer = found[-1] if found else None
        if newer and newer.author_id == row.author_id and newer.since - row.at <= SITTING:
            found[-1] = Sitting(row.version, newer.last, row.author_id, row.author, row.at, newer.until)
        else:
            found.append(Sitting(row.version, row.version, row.author_id, row.author, row.at, row.at))
    return found


def under_new_ids(taken: Iterable[str], entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """This will give marks with ids that nothing has yet, such as ``box-3``, in their order."""
    used = set(taken)
    renamed = []
    for entry in entries:
        number = 1
        while (name := f"{entry['kind']}-{number}") in used:
            number += 1
        used.add(name)
        renamed.append({**entry, "id": name})
    return renamed
