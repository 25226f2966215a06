"""Forms of the law pages; those of a single rule are made from the schema in rule_form.py."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.db.models import Case, IntegerField, Value, When

from portal.core.forms import DaylightForm
from requests_app.law.calendar import easter
from requests_app.law.models import Agency, LawPack
from requests_app.law.reading import VERIFIED
from requests_app.law.wording import date_of

_MARKS = [(mark, words) for mark, (words, _tag) in VERIFIED.items()]


class VersionChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's is not subscriptable
    def label_from_instance(self, obj: LawPack) -> str:
        return f"{obj}: {obj.name}, in force from {date_of(obj.effective_from)}"


class UsePackForm(DaylightForm):
    """``pack`` lists the loaded versions, those of the agency's own law first."""

    pack = VersionChoice(LawPack.objects.none(), label="Version", empty_label=None)
    reason = forms.CharField(
        max_length=300,
        label="Reason",
        help_text="Who decided it and when, or why rules are used as drafts. It is kept with the decision.",
    )
    as_drafts = forms.BooleanField(
        required=False,
        label="Rules that counsel has not adopted are used as drafts",
        help_text="The decision keeps the list of them. Not needed when every rule is adopted.",
    )
    other_law = forms.BooleanField(
        required=False,
        label="The agency answers under another law from now on",
        help_text="Only when the version belongs to another law. It needs a fee schedule of its own too.",
    )

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Case(When(code=agency.law, then=Value(0)), default=Value(1), output_field=IntegerField())
        versions = LawPack.objects.defer("data").order_by(own, "code", "-effective_from", "-pk")
        self.fields["pack"].queryset = versions  # type: ignore[attr-defined]  # declared above


class AgencyForm(DaylightForm):
    cutoff = forms.TimeField(
        required=False,
        label="End of the office day",
        help_text="A request that arrives later counts from the next business day. Empty: no cut-off.",
        widget=forms.TimeInput,
    )
    cutoff_citation = forms.CharField(max_length=200, required=False, label="Where that is laid down")
    contact_name = forms.CharField(max_length=150, label="Contact: name")
    contact_title = forms.CharField(max_length=150, label="Contact: title")
    contact_email = forms.EmailField(label="Contact: e-mail")
    contact_phone = forms.CharField(max_length=40, label="Contact: telephone")
    address = forms.CharField(
        max_length=500, label="Postal address", widget=forms.Textarea(attrs={"rows": 3})
    )


class ExemptionForm(DaylightForm):
    """A code that is in the catalogue already gets a new text from the first day on."""

    code = forms.CharField(max_length=32, label="Code", help_text="Short and lasting, such as 552-108.")
    citation = forms.CharField(max_length=200, label="Citation")
    label = forms.CharField(max_length=200, label="Label")
    explanation = forms.CharField(
        max_length=10_000,
        label="In plain words",
        help_text="The requester reads it beside each withholding.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    letter_text = forms.CharField(
        max_length=10_000, required=False, label="Text for letters", widget=forms.Textarea(attrs={"rows": 3})
    )
    valid_from = forms.DateField(label="In force from", widget=forms.DateInput)
    verified = forms.ChoiceField(choices=_MARKS, initial="M", label="Was the source read")


class EndForm(DaylightForm):
    last_day = forms.DateField(label="Last day", widget=forms.DateInput)


class NewLawForm(DaylightForm):
    """``base``: what the new law begins with; empty for no rule at all."""

    id = forms.RegexField(
        r"^[A-Z]{2,8}$",
        label="Short code",
        help_text="Two to eight capital letters, such as TXLARK. It stays for good.",
        error_messages={"invalid": "Use two to eight capital letters."},
    )
    name = forms.CharField(max_length=200, label="Name of the law")
    short_name = forms.CharField(max_length=60, label="Short name", help_text="Such as Texas.")
    timezone = forms.CharField(max_length=50, label="Time zone", help_text="Such as America/Chicago.")
    effective_from = forms.DateField(label="In force from", widget=forms.DateInput)
    base = VersionChoice(
        LawPack.objects.none(), label="Begin with", required=False, empty_label="Nothing: a blank law"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = LawPack.objects.defer("data").order_by("code", "-effective_from", "-pk")
        self.fields["base"].queryset = versions  # type: ignore[attr-defined]  # declared above

    def clean_timezone(self) -> str:
        zone: str = self.cleaned_data["timezone"].strip()
        if zone not in available_timezones():
            raise forms.ValidationError(f"{zone} is no time zone; write one such as America/Chicago.")
        return zone

    def facts(self) -> dict[str, Any]:
        """This will give what a pack says about itself."""
        given = self.cleaned_data
        names = ("id", "name", "short_name", "timezone")
        return {
            **{name: given[name] for name in names},
            "effective_from": given["effective_from"].isoformat(),
        }


class ImportForm(DaylightForm):
    file = forms.FileField(label="Pack file", help_text="JSON, at most 2 MB. It is checked whole.")


class PublishForm(DaylightForm):
    seen = forms.IntegerField(widget=forms.HiddenInput)
    effective_from = forms.DateField(
        label="In force from", widget=forms.DateInput, help_text="It can be decided earlier that it is used."
    )
    note = forms.CharField(
        max_length=500,
        label="What is new, and why",
        help_text="Name the statute, order or resolution.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class HolidayForm(DaylightForm):
    """A holiday in three fields: the date of one year and how it comes back say the rule."""

    name = forms.CharField(max_length=150, label="Name of the holiday")
    day = forms.DateField(label="A date it falls on", widget=forms.DateInput)
    repeats = forms.ChoiceField(
        label="It comes back",
        choices=[
            ("fixed", "on the same date every year"),
            ("nth_weekday", "on the same weekday of the month (such as the fourth Thursday)"),
            ("last_weekday", "on the last such weekday of the month"),
            ("easter", "as many days from Easter"),
        ],
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        day, repeats = cleaned.get("day"), cleaned.get("repeats")
        if day and repeats == "fixed" and (day.month, day.day) == (2, 29):
            self.add_error("day", "February 29 does not come every year.")
        if day and repeats == "easter" and abs((day - easter(day.year)).days) > 60:
            self.add_error("day", "That is more than 60 days from Easter.")
        if day and repeats == "easter" and day == easter(day.year):
            self.add_error("day", "Easter Sunday is no weekday; give the day before or after it.")
        if day and repeats == "nth_weekday" and day.day > 28:
            self.add_error(
                "repeats", "Not every month has a fifth such weekday; choose the last one instead."
            )
        if day and repeats == "last_weekday" and (day + timedelta(days=7)).month == day.month:
            self.add_error("day", "A week later is the same month still: this is not the last such weekday.")
        return cleaned

    def on(self) -> dict[str, Any]:
        """This will give the rule as a pack writes it."""
        day: date = self.cleaned_data["day"]
        repeats = self.cleaned_data["repeats"]
        if repeats == "fixed":
            return {"kind": "fixed", "month": day.month, "day": day.day}
        if repeats == "easter":
            return {"kind": "easter", "offset": (day - easter(day.year)).days}
        nth = -1 if repeats == "last_weekday" else (day.day - 1) // 7 + 1
        weekday = f"{day:%A}".lower()
        return {"kind": "nth_weekday", "month": day.month, "weekday": weekday, "nth": nth}


class AdoptForm(DaylightForm):
    source = forms.CharField(
        max_length=300,
        label="Compared with",
        help_text="The official code and the day it was read.",
    )
    note = forms.CharField(max_length=500, required=False, label="Note")


class TakeBackForm(DaylightForm):
    note = forms.CharField(max_length=500, label="Why the adoption is taken back")
