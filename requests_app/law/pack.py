"""A jurisdiction pack: one law as data, read from one JSON file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from requests_app.law import calendar, clock_rule, fee_law, schema
from requests_app.law.calendar import CalendarRule
from requests_app.law.clock_rule import ClockRule
from requests_app.law.fee_law import FeeLaw
from requests_app.law.schema import PackError

PACKS = Path(__file__).parent / "packs"


@dataclass(frozen=True)
class Exemption:
    """A ground to withhold, a duty to release, or a rule that leaves no record; rows are effective-dated."""

    code: str
    kind: str
    citation: str | None
    short_label: str
    explanation: str
    letter_text: str
    applies_to: tuple[str, ...]
    verified: str
    effective_from: date
    effective_to: date | None = None
    mandatory: bool | None = None
    default_on: bool = True
    needs: tuple[str, ...] = ()
    overridable_by: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    note: str | None = None

    def in_force(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


@dataclass(frozen=True)
class Reason:
    """A redaction reason and the exemptions of this law it usually rests on."""

    code: str
    label: str
    tracks: tuple[str, ...]
    exemptions: tuple[str, ...]
    needs_authority: bool
    is_exemption: bool
    verified: str


@dataclass(frozen=True)
class Appeal:
    """Where a requester can take a refusal, in sentences for a letter.

    ``to_agency``: the agency itself decides, so filing here is the appeal the law means.
    """

    route: str
    deadline: str
    citation: str | None
    verified: str
    clock: str | None = None
    to_agency: bool = False


@dataclass(frozen=True)
class LetterItem:
    """One thing a letter must contain; ``id`` is stable for a program that checks a draft."""

    id: str
    item: str
    citation: str | None
    verified: str


@dataclass(frozen=True)
class Retention:
    """How long a kind of record is kept at least, and by when it must be gone (ISO 8601 durations)."""

    id: str
    record_type: str
    scope: str
    trigger: str
    keep_at_least: str | None
    destroy_by: str | None
    longer_if: tuple[str, ...]
    request_hold: str
    citation: str | None
    verified: str
    note: str | None = None


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


@lru_cache(maxsize=16)
def _build(text: str, name: str) -> Pack:
    """The same words make the same pack, and checking them all takes longer than reading them."""
    try:
        data = json.loads(text, parse_float=str, parse_constant=_no_constant)
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
    problems = [f"{name}: {fault}" for fault in _cross_faults(data)]
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
        effective_to=_day(data.get("effective_to")),
        status=data["status"],
        timezone=data["timezone"],
        disclaimer=data["disclaimer"],
        deemed_events=frozenset(data["deemed_receipt"]["events"]),
        calendar=holidays,
        clocks={row["name"]: clock_rule.parse(row["name"], row) for row in data["clocks"]},
        fees=fees,
        exemptions={row["code"]: _exemption(row, begins) for row in data["exemptions"]},
        reasons={row["code"]: _reason(row) for row in data["redaction_reasons"]},
        appeals=tuple(
            Appeal(
                row["route"],
                row["deadline"],
                row["citation"],
                row["verified"],
                row.get("clock"),
                row.get("to") == "agency",
            )
            for row in data["appeals"]
        ),
        letters={
            kind: tuple(
                LetterItem(row["id"], row["item"], row.get("citation"), row["verified"]) for row in rows
            )
            for kind, rows in data["letters"].items()
        },
        retention=tuple(_retention(row) for row in data["retention"]),
    )


def _cross_faults(data: Mapping[str, Any]) -> list[str]:
    found = []
    for part, key in (("clocks", "name"), ("exemptions", "code"), ("redaction_reasons", "code")):
        names = [row[key] for row in data[part]]
        found += [
            f"{part}/{name}: appears twice" for name in sorted({n for n in names if names.count(n) > 1})
        ]
    codes = {row["code"] for row in data["exemptions"]}
    for row in data["redaction_reasons"]:
        found += [
            f"redaction_reasons/{row['code']}/exemptions: there is no exemption {code}"
            for code in row["exemptions"]
            if code not in codes
        ]
    clocks = {row["name"] for row in data["clocks"]}
    found += [
        f"appeals/{row['route']}/clock: there is no clock {row['clock']}"
        for row in data["appeals"]
        if row.get("clock") and row["clock"] not in clocks
    ]
    for row in (data, *data["exemptions"], *data["calendar"]["holidays"]):
        begins, ends = row.get("effective_from"), row.get("effective_to")
        if begins and ends and ends < begins:
            found.append(f"{row.get('code', row.get('id'))}/effective_to: is before effective_from")
    return found


def _exemption(row: Mapping[str, Any], begins: date) -> Exemption:
    return Exemption(
        code=row["code"],
        kind=row["kind"],
        citation=row["citation"],
        short_label=row["short_label"],
        explanation=row["explanation"],
        letter_text=row["letter_text"],
        applies_to=tuple(row["applies_to"]),
        verified=row["verified"],
        effective_from=_day(row.get("effective_from")) or begins,
        effective_to=_day(row.get("effective_to")),
        mandatory=row.get("mandatory"),
        default_on=row.get("default_on", True),
        needs=tuple(row.get("needs", ())),
        overridable_by=tuple(row.get("overridable_by", ())),
        facts=tuple(row.get("facts", ())),
        note=row.get("note"),
    )


def _reason(row: Mapping[str, Any]) -> Reason:
    return Reason(
        code=row["code"],
        label=row["label"],
        tracks=tuple(row["tracks"]),
        exemptions=tuple(row["exemptions"]),
        needs_authority=row.get("needs_authority", False),
        is_exemption=row.get("is_exemption", True),
        verified=row["verified"],
    )


def _retention(row: Mapping[str, Any]) -> Retention:
    return Retention(
        id=row["id"],
        record_type=row["record_type"],
        scope=row["scope"],
        trigger=row["trigger"],
        keep_at_least=row.get("keep_at_least"),
        destroy_by=row.get("destroy_by"),
        longer_if=tuple(row.get("longer_if", ())),
        request_hold=row["request_hold"],
        citation=row.get("citation"),
        verified=row["verified"],
        note=row.get("note"),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not a number")
