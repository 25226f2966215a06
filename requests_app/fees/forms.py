"""The worksheet, the answers to an estimate, and the counter."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from portal.core.errors import BadInput
from portal.core.forms import DaylightForm
from portal.core.money import cents
from requests_app.fees.law_words import facts
from requests_app.law.condition import Condition
from requests_app.law.fee_law import FeeLaw
from requests_app.law.work import ACTIVITIES

LENGTH = re.compile(r"^\s*(?:([0-9]{1,3}):)?([0-9]{1,3}):([0-9]{2})\s*(\*?)\s*$")
ACTIVITY_LABELS = {
    "search": "Searching",
    "review": "Reviewing",
    "redaction": "Redacting",
    "duplication": "Copying",
    "media": "Preparing media",
    "programming": "Programming",
}
RECORD_TYPES = (
    ("electronic", "Files"),
    ("paper", "Paper"),
    ("body_worn_camera", "Body-worn camera recordings"),
    ("law_enforcement_video", "Other video"),
)
COUNTS = {
    "page_legal": ("pages_legal", "Pages on paper, legal size"),
    "page_two_sided": ("pages_two_sided", "Sheets printed on both sides"),
    "page_scanned": ("pages_scanned", "Pages scanned"),
    "page_digital": ("pages_digital", "Pages given as files"),
    "disc_cd": ("discs_cd", "Compact discs"),
    "disc_dvd": ("discs_dvd", "DVDs"),
}
"""What a law may count beside the fields every worksheet has: basis → (volume, label)."""
LENGTHS = {
    "video_seconds_produced": "Length of all video given out",
    "video_seconds_reviewed": "Length of all video watched",
}
_PRODUCED, _REVIEWED = LENGTHS
LENGTH_BASES = {
    "video_length_tier": _PRODUCED,
    "video_hour_produced": _PRODUCED,
    "video_hour_reviewed": _REVIEWED,
}
MONEY = ("media_cost", "actual_cost")


def seconds_of(typed: str) -> int:
    """This will read ``12:59`` or ``1:02:30`` as seconds. :raises ValidationError: for anything else."""
    found = LENGTH.match(typed)
    if not found or int(found[3]) > 59 or (found[1] and int(found[2]) > 59):
        raise ValidationError(f"“{typed.strip()}” is not a length. Write it like 12:59 or 1:02:30.")
    return int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])


def spelt(seconds: int) -> str:
    """This will write seconds as :func:`seconds_of` reads them."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


class WorksheetForm(DaylightForm):
    """What the work took, with a field for all the law counts. ``work()`` gives it as the engine reads it."""

    mark_optional = False

    record_type = forms.ChoiceField(label="What is copied")
    pages_letter = forms.IntegerField(label="Pages on paper", min_value=0, max_value=10**7, required=False)
    files = forms.IntegerField(  # type: ignore[assignment]  # Django takes fields out of the class
        label="Files", min_value=0, max_value=10**6, required=False
    )
    gigabytes = forms.DecimalField(
        label="Gigabytes", min_value=0, max_value=10**6, decimal_places=3, required=False
    )
    media_cost = forms.CharField(label="Cost of a disc or drive, in dollars", required=False, max_length=15)
    recordings = forms.CharField(
        label="Recordings",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        help_text="One length a line, as minutes:seconds or hours:minutes:seconds. "
        "Add * to one that was given out before.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        law: FeeLaw,
        record_type: str = "",
        grades: Sequence[str] = (),
        parts: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        """``grades`` the schedule has rates for; ``parts``: requests that may be counted as one with this."""
        super().__init__(*args, **kwargs)
        known = list(RECORD_TYPES)
        if record_type and record_type not in dict(known):
            known.insert(0, (record_type, record_type.replace("_", " ").capitalize()))
        self.fields["record_type"].choices = known  # type: ignore[attr-defined]  # a ChoiceField
        for activity in ACTIVITIES:
            self.fields[f"minutes_{activity}"] = forms.DecimalField(
                label=f"{ACTIVITY_LABELS[activity]}, minutes",
                min_value=0,
                max_value=600_000,
                decimal_places=1,
                required=False,
            )
            if grades:
                self.fields[f"grade_{activity}"] = forms.ChoiceField(
                    label=f"{ACTIVITY_LABELS[activity]}, done by",
                    choices=[("", "the usual rate"), *((grade, grade) for grade in grades)],
                    required=False,
                )
        self._ask_what_the_law_counts(law)
        if parts:
            self.fields["together"] = forms.MultipleChoiceField(
                label="Count as one with",
                choices=list(parts),
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text="Requests of the same person that are one request asked for in parts.",
            )

    def _ask_what_the_law_counts(self, law: FeeLaw) -> None:
        bases = {row.basis for row in law.rows}
        caps = {cap.per for row in law.rows for cap in row.caps}
        for basis in sorted(bases & set(COUNTS)):
            name, label = COUNTS[basis]
            self.fields[name] = forms.IntegerField(label=label, min_value=0, max_value=10**7, required=False)
        if "megabyte_tier" in bases:
            self.fields["megabytes"] = forms.DecimalField(
                label="Megabytes", min_value=0, max_value=10**7, decimal_places=3, required=False
            )
        if "actual_cost" in bases or "actual_cost" in caps:
            self.fields["actual_cost"] = forms.CharField(
                label="What the work really cost, in dollars", required=False, max_length=15
            )
        wanted = {LENGTH_BASES[basis] for basis in bases & set(LENGTH_BASES)}
        if caps - {"request", "actual_cost"}:
            wanted.add(_PRODUCED)
        for name in sorted(wanted):
            self.fields[name] = forms.CharField(
                label=LENGTHS[name], required=False, max_length=12, help_text="Such as 12:59 or 1:02:30."
            )
        for name, why in flags(law).items():
            self.fields[f"fact_{name}"] = forms.BooleanField(
                label=f"{why[0].upper()}{why[1:]}", required=False
            )
        if "copy_number" in facts(law):
            self.fields["copy_number"] = forms.IntegerField(
                label="Which copy this person gets", min_value=1, max_value=1000, required=False,
                help_text="Empty: the first.",
            )  # fmt: skip
        if law.overage_percent is not None:
            self.fields["overage_notified"] = forms.BooleanField(
                label="The requester was told beforehand that it costs more than the estimate", required=False
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in MONEY:
            if cleaned.get(name):
                self._read(name, lambda typed: f"{cents(typed) / 100:.2f}")
        for name in LENGTHS:
            if cleaned.get(name):
                self._read(name, seconds_of)
        return self.cleaned_data

    def _read(self, name: str, reading: Any) -> None:
        try:
            self.cleaned_data[name] = reading(self.cleaned_data[name])
        except (BadInput, ValidationError) as error:
            self.add_error(name, error if isinstance(error, ValidationError) else str(error))

    def clean_recordings(self) -> list[dict[str, Any]]:
        lines = filter(str.strip, self.cleaned_data["recordings"].splitlines())
        return [
            {"seconds": seconds_of(line), "previously_released": line.rstrip().endswith("*")}
            for line in lines
        ]

    def work(self) -> dict[str, Any]:
        """This will give the worksheet as data: strings for amounts, so that nothing becomes a float."""
        data = self.cleaned_data
        lines = [
            {
                "activity": activity,
                "minutes": str(minutes),
                "rate_per": "hour",
                **({"grade": grade} if (grade := data.get(f"grade_{activity}")) else {}),
            }
            for activity in ACTIVITIES
            if (minutes := data.get(f"minutes_{activity}"))
        ]
        names = ("pages_letter", "files", "gigabytes", "media_cost", "megabytes", *LENGTHS)
        counted = (*names, *(name for name, _label in COUNTS.values()))
        volumes: dict[str, Any] = {name: str(data[name]) for name in counted if data.get(name)}
        if data["recordings"]:
            volumes["recordings"] = data["recordings"]
        work: dict[str, Any] = {"record_type": data["record_type"], "work": lines, "volumes": volumes}
        if data.get("actual_cost"):
            work["actual_cost"] = data["actual_cost"]
        if facts := {
            name.removeprefix("fact_"): True for name in data if name.startswith("fact_") and data[name]
        }:
            work["facts"] = facts
        if data.get("together"):
            work["together"] = data["together"]
        if data.get("copy_number"):
            work["copy_number"] = data["copy_number"]
        if data.get("overage_notified"):
            work["events"] = {"overage_notified": True}
        return work

    @staticmethod
    def initial_from(work: dict[str, Any]) -> dict[str, Any]:
        """This will give the form's first values from a saved worksheet."""
        volumes = work.get("volumes", {})
        rows = volumes.get("recordings", ())
        lengths = [f"{spelt(row['seconds'])}{'*' if row['previously_released'] else ''}" for row in rows]
        return {
            **{key: value for key, value in volumes.items() if key != "recordings"},
            **{name: spelt(int(volumes[name])) for name in LENGTHS if name in volumes},
            **{f"minutes_{line['activity']}": line["minutes"] for line in work.get("work", ())},
            **{f"grade_{line['activity']}": line.get("grade", "") for line in work.get("work", ())},
            "together": work.get("together", ()),
            "copy_number": work.get("copy_number"),
            **{f"fact_{name}": value for name, value in work.get("facts", {}).items()},
            "actual_cost": work.get("actual_cost", ""),
            "overage_notified": work.get("events", {}).get("overage_notified", False),
            "recordings": "\n".join(lengths),
            "record_type": work.get("record_type", "electronic"),
        }


def flags(law: FeeLaw) -> dict[str, str]:
    """This will name the facts that allow or bar a charge under this law and that a person must tell."""
    allowed = {
        name: row.why or f"{row.label}: it applies" for row in law.rows for name in _flags_of(row.when)
    }
    return allowed | {name: bar.why for bar in law.bars for name in _flags_of(bar.when)}


def _flags_of(when: Condition) -> list[str]:
    found = [name for name in when.is_true if name != "programming_work"]  # that one the engine sees itself
    return found + [name for part in when.any_of for name in _flags_of(part)]


class SimulateForm(WorksheetForm):
    """The worksheet over a made-up day of receipt."""

    received = forms.DateField(label="Received on")


class AnswerForm(DaylightForm):
    """What the requester says to an estimate; ``estimate`` is the version she looked at."""

    estimate = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**62)
    text = forms.CharField(
        label="In your own words", max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
