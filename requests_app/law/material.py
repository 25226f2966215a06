"""What retention rules are asked about, and the shape of their answer. Pure."""

from dataclasses import dataclass
from datetime import date

from requests_app.law.periods import after
from requests_app.law.rows import Retention

FOOTAGE = frozenset(
    {
        "body_worn_camera",
        "law_enforcement_video",
        "critical_incident_video",
        "misconduct_video",
        "drone_video",
    }
)
SEVERITIES = {
    "non_event": "nothing happened",
    "traffic_or_minor": "traffic or a minor matter",
    "arrest_or_citation": "arrest or citation",
    "complaint": "complaint",
    "use_of_force": "use of force",
    "felony": "felony",
    "homicide_sex_offence_missing_person": "homicide, sexual offence or missing person",
}
CONDITIONS = {
    "complaint": "a complaint was made",
    "force": "force was used",
    "arrest": "somebody was arrested or detained",
    "case_open": "its case is open",
    "flagged": "it is flagged",
    "hit": "it matched a hot list",
    "subject_request": "a person recorded asked in time that it be kept",
    "preservation_request": "a preservation request was made",
    "felony": "it is about a felony",
    "training": "it is kept for training, without personal data",
}
_IMPLIED = {
    "arrest_or_citation": {"arrest"},
    "complaint": {"complaint"},
    "use_of_force": {"force"},
    "felony": {"felony"},
    "homicide_sex_offence_missing_person": {"felony"},
}
DEFAULT, SCHEDULE = "agency default", "agency schedule"  # scopes that are not the law's


@dataclass(frozen=True)
class Material:
    """What the rules are asked about. ``recorded_until``: the last day in it, from which keeping counts.

    ``severity`` empty: nobody has said; ``held_outside``: the system that recorded it still has it, so a
    vendor's deletion counts. ``body`` is the agency's kind, ``agency`` for one of the state.
    """

    record_type: str
    recorded_on: date | None
    recorded_until: date | None = None
    severity: str = ""
    conditions: frozenset[str] = frozenset()
    body: str = "municipality"
    agency: str = ""
    case_open: bool = False
    case_closed_on: date | None = None
    complaint_on: date | None = None
    request_open: bool = False
    on_hold: bool = False
    subject_asked_on: date | None = None
    held_outside: bool = False


@dataclass(frozen=True)
class Line:
    """One step of an answer, and the rule it comes from."""

    text: str
    rule: str = ""
    citation: str = ""
    verified: str = ""

    def __str__(self) -> str:
        source = ", ".join(filter(None, (self.citation, self.verified)))
        return f"{self.text} ({source})" if source else self.text


@dataclass(frozen=True)
class Conflict:
    """A duty to destroy against a duty to keep: counsel decides. ``on``: the day it should be gone."""

    on: date
    rule: str
    citation: str
    request_hold: str
    text: str


@dataclass(frozen=True)
class Answer:
    """``keep_until``: the first day it may go; ``destroy_by``: the day it must be gone, ``by_law`` or policy.

    ``kept_open`` says why no day can be given yet. ``rule``, ``rule_id`` are those that decide ``on``;
    ``ask_by`` is the last day on which a person recorded may ask for longer keeping.
    """

    keep_until: date | None = None
    kept_open: str = ""
    destroy_by: date | None = None
    by_law: bool = False
    rule: str = ""
    rule_id: str = ""
    ask_by: date | None = None
    conflicts: tuple[Conflict, ...] = ()
    lines: tuple[Line, ...] = ()

    @property
    def on(self) -> date | None:
        """The earliest scheduled day of destruction; None where no rule gives one or keeping is open."""
        if self.kept_open:
            return None
        return self.keep_until or self.destroy_by


def layer(row: Retention) -> str:
    """This will tell whose word a rule is: ``law``, ``schedule``, ``vendor`` or ``default``."""
    if row.scope.startswith("vendor"):
        return "vendor"
    return {DEFAULT: "default", SCHEDULE: "schedule"}.get(row.scope, "law")


def severity_of(row: Retention) -> str | None:
    """This will give the severity a rule is about; a rule may be named after it alone."""
    return row.severity or (row.record_type if row.record_type in SEVERITIES else None)


def implied_by(severity: str) -> frozenset[str]:
    """This will give what a severity says is true of a record, such as that force was used."""
    return frozenset(_IMPLIED.get(severity, ()))


def conditions_of(material: Material, row: Retention, since: date) -> frozenset[str]:
    """This will give what is true of a record, by its flags, its severity, its case and who asked in time."""
    found = set(material.conditions) | implied_by(material.severity)
    if material.case_open:
        found.add("case_open")
    asked = material.subject_asked_on
    if asked is not None and (not row.ask_within or asked <= after(since, row.ask_within)):
        found.add("subject_request")
    return frozenset(found)
