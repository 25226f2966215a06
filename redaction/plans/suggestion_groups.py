"""Suggestions in groups, so that a flood of them can be decided: by word, page, kind, how sure. Pure."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from portal.core.errors import BadInput

Entry = Mapping[str, Any]

_ASIDE = ("id", "note", "reason", "exemption", "suggested", "decision")
_SURE = re.compile(r"confidence (\d?\.\d+|[01])\b")
_BY_CONTENT = re.compile(r"-[0-9a-f]{12}\Z")
_MOST_IDS = 10_000


@dataclass(frozen=True)
class Particulars:
    """What is known of a suggestion beyond its mark. ``sure`` is from 0 to 1, None where nobody said."""

    detection: str = ""
    finder: str = ""
    sure: float | None = None
    word: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {"finder": self.finder, "sure": self.sure, "word": self.word}


@dataclass(frozen=True)
class Suggestion:
    """One open suggestion as the page lists it."""

    mark: Entry
    about: Particulars

    @property
    def page(self) -> int | None:
        page = self.mark.get("page")
        return page if isinstance(page, int) else None


@dataclass(frozen=True)
class Group:
    """Which suggestions a decision is about; what is left open does not narrow it.

    ``below`` leaves out the sure ones, ``least`` the unsure ones; one without a confidence is in neither.
    """

    ids: frozenset[str] | None = None
    detection: str | None = None
    finder: str | None = None
    word: str | None = None
    page: int | None = None
    below: float | None = None
    least: float | None = None

    def holds(self, row: Suggestion) -> bool:
        about = row.about
        return (
            (self.ids is None or row.mark["id"] in self.ids)
            and (self.detection is None or about.detection == self.detection)
            and (self.finder is None or about.finder == self.finder)
            and (self.word is None or about.word == self.word)
            and (self.page is None or row.page == self.page)
            and (self.below is None or (about.sure is not None and about.sure < self.below))
            and (self.least is None or (about.sure is not None and about.sure >= self.least))
        )

    def described(self) -> str:
        """This will put the group in words that are fit for a list inside the agency."""
        parts = [
            f"looked for {self.detection}" if self.detection is not None else "",
            f"proposed as {self.finder}" if self.finder is not None else "",
            f"of “{self.word}”" if self.word is not None else "",
            f"on page {self.page}" if self.page is not None else "",
            f"less sure than {self.below:g}" if self.below is not None else "",
            f"at least {self.least:g} sure" if self.least is not None else "",
            f"{len(self.ids):,} chosen one by one" if self.ids is not None else "",
        ]
        return ", ".join(part for part in parts if part)[:300] or "all that were open"


def group_of(data: object) -> Group:
    """This will read a group as a script sent it.

    :raises BadInput: for a name or a value that means nothing.
    """
    if not isinstance(data, dict) or set(data) - {row.name for row in fields(Group)}:
        raise BadInput("Say which suggestions are meant.")
    given = {name: value for name, value in data.items() if value is not None}
    for name in ("detection", "finder", "word"):
        if not isinstance(given.get(name, ""), str):
            raise BadInput("Say which suggestions are meant, in words.")
    for name in ("below", "least"):
        value = given.get(name, 0.0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise BadInput("How sure a detector was is a number from 0 to 1.")
    if type(given.get("page", 1)) is not int:
        raise BadInput("A page is a whole number.")
    if "ids" in given:
        ids = given["ids"]
        if not isinstance(ids, list) or len(ids) > _MOST_IDS or not all(isinstance(one, str) for one in ids):
            raise BadInput("Chosen suggestions are a list of their names.")
        given["ids"] = frozenset(ids)
    return Group(**given)


def content_of(entry: Entry) -> str:
    """This will give the digest of what a mark covers: two marks over the same thing share it."""
    bare = {name: value for name, value in entry.items() if name not in _ASIDE and value is not None}
    text = json.dumps(bare, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def named_by_content(entry: Entry, kind: str) -> dict[str, Any]:
    """This will give a find an id that says what it covers, where its detector only counted."""
    if _BY_CONTENT.search(entry["id"]):
        return dict(entry)
    return {**entry, "id": f"found-{kind}-{content_of(entry)[:12]}"}


def particulars_of(entry: Entry) -> Particulars:
    """This will read out of a find how sure its detector was, of which word and by which rule."""
    said = [float(text) for text in _SURE.findall(entry.get("note") or "")]
    word = entry.get("literal") or entry.get("name") or entry.get("item") or ""
    return Particulars(
        finder=_BY_CONTENT.sub("", entry["id"]),
        sure=max(said) if said else None,
        word=str(word)[:200],
    )


@dataclass(frozen=True)
class Merged:
    """The marks with new suggestions behind them; ``waiting`` found no room."""

    marks: list[dict[str, Any]]
    added: int = 0
    waiting: list[dict[str, Any]] = field(default_factory=list)


def merge(
    marks: Sequence[Entry],
    found: Iterable[Entry],
    *,
    known: Collection[str],
    again: bool,
    room: int,
) -> Merged:
    """This will put finds behind the marks: none twice, none that was answered before.

    ``known`` are ids proposed before, in the marks or not; with ``again`` those may come back, and a rejected
    one opens again in its place. ``room`` is how many bytes of JSON all marks together may have.

    An answered suggestion that was moved since keeps its id, so it is not proposed a second time either.
    """
    kept = [dict(entry) for entry in marks]
    place = {entry["id"]: number for number, entry in enumerate(kept)}
    covered = {content_of(entry) for entry in kept}
    size = sum(_size(entry) for entry in kept)
    added, waiting = 0, []
    for entry in found:
        there = place.get(entry["id"])
        if there is not None:
            if again and kept[there].get("suggested") and kept[there].get("decision") == "rejected":
                del kept[there]["decision"]
                added += 1
            continue
        if content_of(entry) in covered or (entry["id"] in known and not again):
            continue
        if size + _size(entry) > room:
            waiting.append(dict(entry))
            continue
        size += _size(entry)
        place[entry["id"]] = len(kept)
        covered.add(content_of(entry))
        kept.append(dict(entry))
        added += 1
    return Merged(kept, added, waiting)


def _size(entry: Entry) -> int:
    return len(json.dumps(entry).encode()) + 2


def digest_of(ids: Iterable[str]) -> str:
    """This will give one digest of many ids, whatever their order."""
    return hashlib.sha256("\n".join(sorted(ids)).encode("utf-8", "surrogatepass")).hexdigest()


def is_open(entry: Entry) -> bool:
    return bool(entry.get("suggested")) and not entry.get("decision")


def counted(rows: Sequence[Suggestion]) -> dict[str, Any]:
    """This will count suggestions by each thing they can be decided by, the largest groups first."""
    sure = [row.about.sure for row in rows if row.about.sure is not None]
    by: dict[str, Counter[Any]] = {
        "detection": Counter(row.about.detection for row in rows if row.about.detection),
        "finder": Counter(row.about.finder for row in rows),
        "word": Counter(row.about.word for row in rows if row.about.word),
        "page": Counter(row.page for row in rows if row.page is not None),
    }
    return {
        "open": len(rows),
        "sure": {f"{edge / 10:g}": sum(value < edge / 10 for value in sure) for edge in range(1, 11)},
        "unsaid": len(rows) - len(sure),
        **{
            name: [{"value": value, "count": number} for value, number in found.most_common(200)]
            for name, found in by.items()
        },
    }
