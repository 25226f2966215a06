"""The marks format, version 1: what to withhold in one file, as data.

A promise to other programs; documented in docs/marks.md.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

VERSION = 1


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
    def withheld(self) -> bool:
        return any(mark.kind == "withhold" for mark in self.marks)

    @property
    def digest(self) -> str:
        """Hex SHA-256 of the canonical JSON (sorted keys, no blanks, UTF-8)."""
        canonical = json.dumps(self.raw, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()
