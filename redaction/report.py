"""What an engine says about its work, and the ways it says no.

The report is JSON that a person, the portal and another program can read. Sums are per mark:
``requested = applied = verified``, or there is no output.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


class RedactionError(Exception):
    """Base of everything the library raises on purpose; ``str()`` is fit for the person who asked."""

    exit_code = 1

    @property
    def sentence(self) -> str:
        """Its words as a page shows them: a capital first, one full stop last."""
        text = str(self)
        return f"{text[:1].upper()}{text[1:].removesuffix('.')}."


class MarksError(RedactionError):
    """The marks are wrong for the format or for this source (exit 2); names the mark."""

    exit_code = 2

    def __init__(self, message: str, *, mark_id: str | None = None) -> None:
        self.mark_id = mark_id
        super().__init__(f"mark {mark_id}: {message}" if mark_id is not None else message)


class UsageError(RedactionError):
    """The call itself cannot work: wrong output type, missing folder, output over source (exit 2)."""

    exit_code = 2


class Refused(RedactionError):
    """The source cannot be redacted safely (exit 1); there is no output."""


@dataclass(frozen=True)
class Finding:
    """One thing a check found wrong in an output; ``mark_id`` is None when no single mark is at fault."""

    message: str
    mark_id: str | None = None
    place: str = ""

    def __str__(self) -> str:
        head = f"mark {self.mark_id}: " if self.mark_id is not None else ""
        tail = f" ({self.place})" if self.place else ""
        return f"{head}{self.message}{tail}"


class VerificationFailed(Refused):
    """An independent check found that the output does not hold what the marks asked for."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(str(finding) for finding in self.findings))


@dataclass
class MarkOutcome:
    """How often one mark was asked for, painted and found again by the verifier."""

    id: str
    kind: str
    requested: int = 1
    applied: int = 0
    verified: int = 0


@dataclass
class Report:
    """What was done to one file. ``details`` holds the medium's own figures (pages, rows, seconds)."""

    engine: str
    medium: str
    versions: dict[str, str] = field(default_factory=dict)
    source_sha256: str = ""
    target_sha256: str = ""
    marks_digest: str = ""
    withheld: bool = False
    marks: list[MarkOutcome] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def outcome(self, mark_id: str) -> MarkOutcome:
        """This will give the outcome row of a mark, by its id."""
        return next(row for row in self.marks if row.id == mark_id)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Report":
        """This will give a report back from JSON values, every field of its type.

        :raises TypeError: when they are no report.
        """
        values: dict[str, Any] = {}
        for name, kind in _REPORT.items():
            if not isinstance(data.get(name), kind):
                raise TypeError(f"a report has no such {name}")
            values[name] = data[name]
        values["marks"] = [_outcome(row) for row in values["marks"]]
        for text in (*values["warnings"], *values["versions"].values()):
            if not isinstance(text, str):
                raise TypeError("a report's words are text")
        return cls(**values)


_REPORT = {
    **dict.fromkeys(("engine", "medium", "source_sha256", "target_sha256", "marks_digest"), str),
    **dict.fromkeys(("versions", "details"), dict),
    **dict.fromkeys(("marks", "warnings"), list),
    "withheld": bool,
}


def _outcome(row: object) -> MarkOutcome:
    match row:
        case {
            "id": str(id_),
            "kind": str(kind),
            "requested": int(requested),
            "applied": int(applied),
            "verified": int(verified),
        }:
            return MarkOutcome(id_, kind, requested, applied, verified)
    raise TypeError("a report's mark has an id, a kind and three sums")


def sha256_of(path: Path) -> str:
    """This will give the hex SHA-256 of a file, read in pieces of 1 MiB."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
