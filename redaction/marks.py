"""The marks format, version 1: what to withhold in one file, as data.

A promise to other programs; documented in docs/marks.md.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redaction import limits
from redaction.mark_fields import FieldError
from redaction.mark_kinds import KINDS
from redaction.report import MarksError

VERSION = 1
LARGEST_FILE = limits.MARKS_BYTES

_DECISIONS = ("accepted", "rejected", "adjusted")
_SHARED = ("id", "kind", "reason", "exemption", "note", "suggested", "decision")


@dataclass(frozen=True)
class Mark:
    """One instruction. ``fields`` holds what is particular to its kind, already validated."""

    id: str
    kind: str
    fields: Mapping[str, Any]
    reason: str | None = None
    exemption: str | None = None
    note: str | None = None
    suggested: bool = False
    decision: str | None = None

    def __getitem__(self, name: str) -> Any:
        return self.fields[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.fields.get(name, default)


@dataclass(frozen=True)
class Marks:
    """An ordered, validated set of marks and the digest that approvals are bound to."""

    marks: tuple[Mark, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=lambda: {"version": VERSION, "marks": []})

    def __iter__(self) -> Iterator[Mark]:
        return iter(self.marks)

    def __len__(self) -> int:
        return len(self.marks)

    def of(self, *kinds: str) -> tuple[Mark, ...]:
        """This will give the marks of the named kinds, in file order."""
        return tuple(mark for mark in self.marks if mark.kind in kinds)

    @property
    def undecided(self) -> tuple[Mark, ...]:
        """The suggestions that no person has accepted, rejected or adjusted yet."""
        return tuple(mark for mark in self.marks if mark.suggested and mark.decision is None)

    @property
    def effective(self) -> "Marks":
        """The marks to apply: all but the rejected ones. The digest stays that of the whole file."""
        return Marks(tuple(mark for mark in self.marks if mark.decision != "rejected"), self.raw)

    @property
    def withheld(self) -> bool:
        return any(mark.kind == "withhold" for mark in self.marks)

    @property
    def digest(self) -> str:
        """Hex SHA-256 of the canonical JSON (sorted keys, no blanks, UTF-8)."""
        canonical = json.dumps(self.raw, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


def load(path: Path) -> Marks:
    """This will read a marks file (JSON, UTF-8).

    :raises MarksError: when it cannot be read, is not strict JSON, or breaks the format.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise MarksError(f"the marks file is larger than {LARGEST_FILE} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise MarksError(f"the marks file cannot be read: {error.strerror}") from error
    try:
        data = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_distinct, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise MarksError(f"the marks file is not JSON: {error}") from error
    return parse(data)


def parse(data: object) -> Marks:
    """This will check marks that came as JSON values and give them back typed, defaults filled in.

    :raises MarksError: naming the mark and what is wrong with it.
    """
    if not isinstance(data, dict) or set(data) != {"version", "marks"}:
        raise MarksError('a marks file is an object with "version" and "marks" and nothing else')
    if type(data["version"]) is not int or data["version"] != VERSION:
        raise MarksError(f"version {data['version']!r} of the marks format is not known, only {VERSION}")
    if not isinstance(data["marks"], list):
        raise MarksError('"marks" must be a list')
    marks = tuple(_mark(entry, position) for position, entry in enumerate(data["marks"], start=1))
    seen: set[str] = set()
    for mark in marks:
        if mark.id in seen:
            raise MarksError("this id is used twice", mark_id=mark.id)
        seen.add(mark.id)
    for again in [mark for mark in marks if mark.kind == "tracks" and mark.decision != "rejected"][1:]:
        raise MarksError("one mark alone may choose the tracks", mark_id=again.id)
    _encodable(data)
    return Marks(marks, data)


def check_medium(marks: Marks, medium: str) -> None:
    """This will check that every mark fits one of pdf, image, video, audio, table, flight.

    :raises MarksError: naming the first mark which does not.
    """
    for mark in marks:
        if medium not in KINDS[mark.kind].media:
            raise MarksError(f"kind {mark.kind} does not fit a file of type {medium}", mark_id=mark.id)
        if medium == "image" and mark.get("page", 1) != 1:
            raise MarksError("an image has only page 1", mark_id=mark.id)


def medium_meant(marks: Marks, media: Sequence[str]) -> str:
    """This will give which of the media a file may be read as its marks are about; the first when none says.

    A CSV may be a table or a flight log, a workbook a table or a document with pages.
    """
    for mark in marks:
        fitting = [medium for medium in media if medium in KINDS[mark.kind].media]
        if len(fitting) == 1:
            return fitting[0]
    return media[0]


def _mark(entry: object, position: int) -> Mark:
    if not isinstance(entry, dict):
        raise MarksError(f"entry {position} of the list is not an object")
    name = entry.get("id")
    if not isinstance(name, str) or not _is_one_line(name):
        raise MarksError(f"entry {position} of the list has no id (a text of one line)")
    kind = entry.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise MarksError(f"unknown kind {kind!r}", mark_id=name)
    for shared in ("reason", "exemption", "note"):
        if entry.get(shared) is not None and not isinstance(entry[shared], str):
            raise MarksError(f"{shared} must be a text", mark_id=name)
    suggested, decision = entry.get("suggested", False), entry.get("decision")
    if not isinstance(suggested, bool):
        raise MarksError("suggested must be true or false", mark_id=name)
    if decision is not None and decision not in _DECISIONS:
        raise MarksError(f"decision must be one of {', '.join(_DECISIONS)}", mark_id=name)
    try:
        fields = KINDS[kind].read({key: value for key, value in entry.items() if key not in _SHARED})
    except FieldError as error:
        raise MarksError(str(error), mark_id=name) from None
    return Mark(
        id=name,
        kind=kind,
        fields=fields,
        reason=entry.get("reason"),
        exemption=entry.get("exemption"),
        note=entry.get("note"),
        suggested=suggested,
        decision=decision,
    )


def _is_one_line(value: str) -> bool:
    printable = not any(unicodedata.category(letter).startswith("C") for letter in value)
    return printable and len(value.strip()) > 0 and len(value) <= 200


def _encodable(data: dict[Any, Any]) -> None:
    try:
        json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise MarksError("the marks hold something that is not plain JSON in UTF-8") from error


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ValueError("a name is given twice in one object")
    return result


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is not a number")
