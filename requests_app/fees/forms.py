"""The worksheet, the answers to an estimate, the counter, and the schedule editor."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.core.errors import BadInput
from portal.core.forms import DaylightForm
from portal.core.money import cents
from requests_app.fees.payments import COUNTER_METHODS
from requests_app.law.fee_law import FeeLaw
from requests_app.law.models import Agency
from requests_app.law.work import ACTIVITIES

LENGTH = re.compile(r"^\s*(?:(\d{1,3}):)?(\d{1,3}):(\d{2})\s*(\*?)\s*$")
ACTIVITY_LABELS = {
    "search": "Searching", "review": "Reviewing", "redaction": "Redacting", "duplication": "Copying",
    "media": "Preparing media", "programming": "Programming",
}  # fmt: skip


def _minutes(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=f"{label}, minutes", min_value=0, max_value=600_000, decimal_places=1, required=False
    )


class WorksheetForm(DaylightForm):
    """What the work took. ``work()`` gives it as the fee engine reads it."""

    mark_optional = False

    record_type = forms.ChoiceField(
        label="What is copied", choices=[("electronic", "Files"), ("paper", "Paper"),
                                         ("body_worn_camera", "Body-worn camera recordings"),
                                         ("law_enforcement_video", "Other video")],
    )  # fmt: skip
    pages_letter = forms.IntegerField(label="Pages on paper", min_value=0, max_value=10**7, required=False)
    files = forms.IntegerField(label="Files", min_value=0, max_value=10**6, required=False)
    gigabytes = forms.DecimalField(label="Gigabytes", min_value=0, max_value=10**6, required=False)
    media_cost = forms.CharField(label="Cost of a disc or drive, in dollars", required=False, max_length=15)
    recordings = forms.CharField(
        label="Recordings", required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=4000,
        help_text="One length a line, as minutes:seconds or hours:minutes:seconds. "
                  "Add * to one that was given out before.",
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for activity in ACTIVITIES:
            self.fields[f"minutes_{activity}"] = _minutes(ACTIVITY_LABELS.get(activity, activity))

    def clean_media_cost(self) -> str:
        typed: str = self.cleaned_data["media_cost"]
        if typed:
            try:
                cents(typed)
            except BadInput as error:
                raise ValidationError(str(error)) from None
        return typed.strip().removeprefix("$").replace(",", "")

    def clean_recordings(self) -> list[dict[str, Any]]:
        rows = []
        for line in filter(str.strip, self.cleaned_data["recordings"].splitlines()):
            found = LENGTH.match(line)
            if not found or int(found[3]) > 59:
                raise ValidationError(f"“{line.strip()}” is not a length. Write it like 12:59 or 1:02:30.")
            seconds = int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])
            rows.append({"seconds": seconds, "previously_released": bool(found[4])})
        return rows

    def work(self) -> dict[str, Any]:
        """This will give the worksheet as data: strings for amounts, so that nothing becomes a float."""
        data = self.cleaned_data
        lines = [
            {"activity": activity, "minutes": str(minutes), "rate_per": "hour"}
            for activity in ACTIVITIES if (minutes := data.get(f"minutes_{activity}"))
        ]  # fmt: skip
        volumes: dict[str, Any] = {
            name: str(data[name])
            for name in ("pages_letter", "files", "gigabytes", "media_cost")
            if data.get(name)
        }
        if data["recordings"]:
            volumes["recordings"] = data["recordings"]
        return {"record_type": data["record_type"], "work": lines, "volumes": volumes}

    @staticmethod
    def initial_from(work: dict[str, Any]) -> dict[str, Any]:
        """This will give the form's first values from a saved worksheet."""
        volumes = work.get("volumes", {})
        lengths = [
            f"{row['seconds'] // 60}:{row['seconds'] % 60:02d}{'*' if row['previously_released'] else ''}"
            for row in volumes.get("recordings", ())
        ]
        minutes = {f"minutes_{line['activity']}": line["minutes"] for line in work.get("work", ())}
        return {
            **{key: value for key, value in volumes.items() if key != "recordings"},
            **minutes,
            "recordings": "\n".join(lengths),
            "record_type": work.get("record_type", "electronic"),
        }


class AnswerForm(DaylightForm):
    """What the requester says to an estimate; ``estimate`` is the version she looked at."""

    estimate = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(
        label="In your own words", max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )


class CounterForm(DaylightForm):
    method = forms.ChoiceField(label="Paid by", choices=COUNTER_METHODS)
    amount = forms.CharField(label="Amount, in dollars", max_length=15)
    receipt_number = forms.CharField(label="Receipt number", max_length=60)

    def clean_amount(self) -> int:
        try:
            return cents(self.cleaned_data["amount"])
        except BadInput as error:
            raise ValidationError(str(error)) from None


class DecisionForm(DaylightForm):
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The requester reads it.",
    )


class ScheduleForm(DaylightForm):
    """A fee schedule: one rate for each charge of the law, never above the law's ceiling."""

    name = forms.CharField(label="Name", max_length=150)
    resolution = forms.CharField(label="Adopted by (resolution)", max_length=200, required=False)
    effective_from = forms.DateField(label="In force from")
    effective_to = forms.DateField(label="In force until", required=False)
    deposit_percent = forms.DecimalField(
        label="Deposit, per cent of the estimate", min_value=0, max_value=100, required=False
    )

    def __init__(self, *args: Any, law: FeeLaw, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.law = law
        for row in law.rows:
            ceiling = f"At most {row.max_rate}. " if row.max_rate is not None else ""
            self.fields[f"rate_{row.id}"] = forms.DecimalField(
                label=row.label, required=False, min_value=0, max_digits=9, decimal_places=4,
                help_text=f"{ceiling}{row.citation or ''} Empty: not charged.".strip(),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for row in self.law.rows:
            rate = cleaned.get(f"rate_{row.id}")
            if rate is not None and row.max_rate is not None and rate > row.max_rate:
                self.add_error(f"rate_{row.id}", f"{row.label}: the law allows at most {row.max_rate}.")
        begins, ends = cleaned.get("effective_from"), cleaned.get("effective_to")
        if begins and ends and ends < begins:
            self.add_error("effective_to", "The schedule would end before it begins.")
        return cleaned

    def rows(self) -> list[dict[str, str]]:
        rates = ((row, self.cleaned_data.get(f"rate_{row.id}")) for row in self.law.rows)
        return [{"rule": row.id, "rate": str(rate)} for row, rate in rates if rate is not None]

    def policy(self) -> dict[str, str]:
        percent = self.cleaned_data.get("deposit_percent")
        return {"deposit_percent": str(percent)} if percent is not None else {}

    @classmethod
    def first_values(cls, law: FeeLaw, agency: Agency) -> dict[str, Any]:
        """This will propose the law's own rates, in force from tomorrow."""
        rates = {f"rate_{row.id}": row.rate for row in law.rows if row.rate is not None}
        return {
            "name": f"Fees of {agency.short_name}",
            "effective_from": timezone.localdate() + timedelta(days=1),
            **rates,
        }


class SimulateForm(WorksheetForm):
    """The worksheet over a made-up day of receipt."""

    received = forms.DateField(label="Received on")
