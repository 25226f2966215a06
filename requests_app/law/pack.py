"""A jurisdiction pack: one law as data, read from one JSON file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from requests_app.law import calendar, clock_rule, fee_law, references, rows, schema
from requests_app.law.calendar import CalendarRule
from requests_app.law.clock_rule import ClockRule
from requests_app.law.fee_law import FeeLaw
from requests_app.law.rows import Appeal, Exemption, LetterItem, Reason, Retention
from requests_app.law.schema import PackError

__all__ = ["Appeal", "Exemption", "LetterItem", "Pack", "PackError", "Reason", "Retention", "load", "parse"]

PACKS = Path(__file__).parent / "packs"


@dataclass(frozen=True)
class Pack:
    """One law. ``status`` stays ``draft`` until an agency's counsel adopts the pack."""

    id: str
    name: str
    short_name: str
    version: str
    effective_from: date
    effective_to: date | None
    status: str
    timezone: str
    disclaimer: str
    deemed_events: frozenset[str]
    calendar: CalendarRule
    clocks: Mapping[str, ClockRule]
    fees: FeeLaw
    exemptions: Mapping[str, Exemption]
    reasons: Mapping[str, Reason]
    appeals: tuple[Appeal, ...]
    letters: Mapping[str, tuple[LetterItem, ...]]
    retention: tuple[Retention, ...]

    def gaps(self) -> tuple[str, ...]:
        """This will say what a reader would look for here in vain, in sentences for whoever sets it up."""
        federal = " U.S.C. "
        own = [row for row in self.exemptions.values() if row.kind != "no_record"]
        missing = [
            (self.clocks, "deadlines, so no due date is computed"),
            (self.fees.rows, "fee rules, so nothing can be charged"),
            (
                [row for row in own if self.id == "US" or federal not in (row.citation or "")],
                "grounds to withhold of its own, so only federal law can be cited",
            ),
        ]
        return tuple(
            f"The pack of {self.short_name} has no {what} until the agency's counsel adds them."
            for rows_of_it, what in missing
            if not rows_of_it
        )

    def exemptions_on(self, on: date, material: str | None = None) -> tuple[Exemption, ...]:
        """This will list the exemptions in force on a day, for one kind of material when given."""
        return tuple(
            row
            for row in self.exemptions.values()
            if row.in_force(on) and (material is None or material in row.applies_to)
        )


def load(path: Path) -> Pack:
    """This will read, check and build the pack in one file.

    :raises PackError: when the file is not JSON or breaks a rule; every fault names file, rule and field.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as problem:
        raise _unread(path.name, problem) from None
    return _build(text, path.name)


@lru_cache(maxsize=64)  # more than the laws there are
def _build(text: str, name: str) -> Pack:
    """The same words make the same pack, and checking them all takes longer than reading them."""
    try:
        data = json.loads(
            text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=schema.once
        )
    except ValueError as problem:
        raise _unread(name, problem) from None
    return parse(data, name)


def _unread(name: str, problem: Exception) -> PackError:
    return PackError([f"{name}: the file: cannot be read as JSON: {problem}"])


@cache
def shipped(law: str) -> Pack:
    """This will load a pack that comes with the portal by its id (``TX``).

    :raises PackError: when there is none of that id.
    """
    if law not in shipped_ids():
        raise PackError([f"{law}: the file: no law pack of this name comes with the portal"])
    return load(PACKS / f"{law}.json")


def shipped_ids() -> tuple[str, ...]:
    """This will list the ids of the packs that come with the portal."""
    return tuple(sorted(path.stem for path in PACKS.glob("*.json") if path != schema.SCHEMA_PATH))


def parse(data: Any, name: str = "pack") -> Pack:
    """This will check a pack's data against the schema and its own cross references, and build it.

    :raises PackError: listing every fault.
    """
    schema.check(data, name)
    problems = [f"{name}: {fault}" for fault in references.faults(data)]
    if problems:
        raise PackError(problems)
    try:
        holidays = calendar.parse(data["calendar"])
        fees = fee_law.parse(data["fees"])
    except (calendar.CalendarError, fee_law.FeeLawError) as problem:
        raise PackError([f"{name}: {problem}"]) from None
    begins = date.fromisoformat(data["effective_from"])
    return Pack(
        id=data["id"],
        name=data["name"],
        short_name=data["short_name"],
        version=data["version"],
        effective_from=begins,
        effective_to=rows.day(data.get("effective_to")),
        status=data["status"],
        timezone=data["timezone"],
        disclaimer=data["disclaimer"],
        deemed_events=frozenset(data["deemed_receipt"]["events"]),
        calendar=holidays,
        clocks={row["name"]: clock_rule.parse(row["name"], row) for row in data["clocks"]},
        fees=fees,
        exemptions={row["code"]: rows.exemption(row, begins) for row in data["exemptions"]},
        reasons={row["code"]: rows.reason(row) for row in data["redaction_reasons"]},
        appeals=tuple(rows.appeal(row) for row in data["appeals"]),
        letters={
            kind: tuple(rows.letter_item(row) for row in items) for kind, items in data["letters"].items()
        },
        retention=tuple(rows.retention(row) for row in data["retention"] if row.get("enabled", True)),
    )


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a number")
