"""The rows of a pack that are read, not computed: grounds, reasons, appeals, letter contents, retention."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Exemption:
    """A ground to withhold, a duty to release, or a rule that leaves no record; rows are effective-dated.

    ``needs`` are the fields its letter text has to be given; ``choices`` the answers a field may have.
    ``expires`` says in words when the ground stops holding, ``report_code`` where a yearly report counts it.
    ``flight_classes``: a drone's record may cite it only when its flight was recorded as one of these.
    """

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
    report_code: str | None = None
    foreseeable_harm_required: bool = False
    expires: str | None = None
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    flight_classes: tuple[str, ...] = ()

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
class Longer:
    """A longer keeping when something is true of a record; ``lifts_destroy_by``: it may outlive its end."""

    condition: str
    keep_at_least: str
    lifts_destroy_by: bool = False


@dataclass(frozen=True)
class Retention:
    """How long a kind of record is kept at least, and by when it must be gone (ISO 8601 durations).

    ``keep_at_least`` may also be ``until_resolved`` or ``indefinite``. ``ask_within``: how long after the
    trigger the person recorded may ask for longer keeping.
    """

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
    title: str = ""
    severity: str | None = None
    longer: tuple[Longer, ...] = ()
    ask_within: str | None = None
    effective_from: date | None = None
    effective_to: date | None = None

    def in_force(self, on: date) -> bool:
        begun = self.effective_from is None or self.effective_from <= on
        return begun and (self.effective_to is None or on <= self.effective_to)


def exemption(row: Mapping[str, Any], begins: date) -> Exemption:
    """This will build a ground; one without a first day of its own begins with its pack."""
    return Exemption(
        code=row["code"],
        kind=row["kind"],
        citation=row["citation"],
        short_label=row["short_label"],
        explanation=row["explanation"],
        letter_text=row["letter_text"],
        applies_to=tuple(row["applies_to"]),
        verified=row["verified"],
        effective_from=day(row.get("effective_from")) or begins,
        effective_to=day(row.get("effective_to")),
        mandatory=row.get("mandatory"),
        default_on=row.get("default_on", True),
        needs=tuple(row.get("needs", ())),
        overridable_by=tuple(row.get("overridable_by", ())),
        facts=tuple(row.get("facts", ())),
        note=row.get("note"),
        report_code=row.get("report_code"),
        foreseeable_harm_required=row.get("foreseeable_harm_required", False),
        expires=row.get("expires"),
        flight_classes=tuple(row.get("flight_classes", ())),
        choices={name: tuple(values) for name, values in row.get("choices", {}).items()},
    )


def reason(row: Mapping[str, Any]) -> Reason:
    return Reason(
        code=row["code"],
        label=row["label"],
        tracks=tuple(row["tracks"]),
        exemptions=tuple(row["exemptions"]),
        needs_authority=row.get("needs_authority", False),
        is_exemption=row.get("is_exemption", True),
        verified=row["verified"],
    )


def appeal(row: Mapping[str, Any]) -> Appeal:
    return Appeal(
        route=row["route"],
        deadline=row["deadline"],
        citation=row["citation"],
        verified=row["verified"],
        clock=row.get("clock"),
        to_agency=row.get("to") == "agency",
    )


def letter_item(row: Mapping[str, Any]) -> LetterItem:
    return LetterItem(row["id"], row["item"], row["citation"], row["verified"])


def retention(row: Mapping[str, Any]) -> Retention:
    return Retention(
        id=row["id"],
        record_type=row["record_type"],
        scope=row["scope"],
        trigger=row["trigger"],
        keep_at_least=row.get("keep_at_least"),
        destroy_by=row.get("destroy_by"),
        longer_if=tuple(row.get("longer_if", ())),
        request_hold=row["request_hold"],
        citation=row["citation"],
        verified=row["verified"],
        note=row.get("note"),
        title=row.get("title", row["record_type"].replace("_", " ")),
        severity=row.get("severity"),
        longer=tuple(
            Longer(each["if"], each["keep_at_least"], each.get("lifts_destroy_by", False))
            for each in row.get("longer", ())
        ),
        ask_within=row.get("ask_within"),
        effective_from=day(row.get("effective_from")),
        effective_to=day(row.get("effective_to")),
    )


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
