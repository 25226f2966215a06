"""Forms of the retention pages."""

from typing import Any

from django import forms

from portal.core.forms import DaylightForm
from requests_app.custody.models import Case, ResponsiveRecord, RetentionConflict
from requests_app.custody.schedules import SERIES
from requests_app.law.material import CONDITIONS, SEVERITIES

_SERIES = [("", "Not known"), *SERIES.items()]
_SEVERITIES = [("", "Not known"), *((code, words.capitalize()) for code, words in SEVERITIES.items())]
_KNOWN = {"case_open", "subject_request"}  # told by the case and by the day somebody asked
_PERIOD = "P90D is 90 days, P9M is 9 months, P2Y is 2 years."


class ScheduleForm(DaylightForm):
    """One period of the agency's own."""

    title = forms.CharField(max_length=120, label="Title")
    series = forms.ChoiceField(choices=list(SERIES.items()), label="Kind of record")
    severity = forms.ChoiceField(choices=[("", "Any"), *_SEVERITIES[1:]], required=False, label="Severity")
    trigger = forms.ChoiceField(
        choices=[
            ("capture", "The recording"),
            ("case_close", "The end of its case"),
            ("complaint", "A complaint"),
        ],
        label="Counts from",
    )
    keep_at_least = forms.CharField(max_length=30, required=False, label="Keep at least", help_text=_PERIOD)
    destroy_by = forms.CharField(max_length=30, required=False, label="Gone by", help_text=_PERIOD)
    citation = forms.CharField(max_length=200, label="Policy or law it rests on")
    starts_on = forms.DateField(label="In force from")


class LastDayForm(DaylightForm):
    last_day = forms.DateField(label="Last day")


class WhyForm(DaylightForm):
    """One reason; the page says for what."""

    why = forms.CharField(max_length=500, label="Why")


class ConflictForm(DaylightForm):
    """Counsel's decision."""

    decision = forms.ChoiceField(
        choices=[(value, label.capitalize()) for value, label in RetentionConflict.Decision.choices],
        widget=forms.RadioSelect,
        label="Decision",
    )
    keep_until = forms.DateField(required=False, label="Keep it until")
    reason = forms.CharField(
        max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), label="Reason",
        help_text="Stays with the record for ever.",
    )  # fmt: skip


class CaseForm(DaylightForm):
    number = forms.CharField(max_length=60, label="Case number")
    title = forms.CharField(max_length=200, label="Title", help_text="Neutral words that name nobody.")
    severity = forms.ChoiceField(choices=_SEVERITIES, required=False, label="Severity")
    opened_on = forms.DateField(label="Opened on")


class ClosedOnForm(DaylightForm):
    closed_on = forms.DateField(label="Closed on")


class FactsForm(DaylightForm):
    """What a record is for retention."""

    series = forms.ChoiceField(choices=_SERIES, required=False, label="Kind of record")
    severity = forms.ChoiceField(
        choices=_SEVERITIES, required=False, label="Severity",
        help_text="Without it, no rule that goes by severity destroys this record.",
    )  # fmt: skip
    conditions = forms.MultipleChoiceField(
        choices=[
            (code, words[:1].upper() + words[1:]) for code, words in CONDITIONS.items() if code not in _KNOWN
        ],
        required=False, widget=forms.CheckboxSelectMultiple, label="What is true of it",
    )  # fmt: skip
    recorded_at = forms.DateTimeField(required=False, label="Recorded from")
    recorded_until = forms.DateTimeField(required=False, label="Recorded until")
    place = forms.CharField(max_length=300, required=False, label="Place")
    incident = forms.CharField(max_length=60, required=False, label="Case, call or flight number")
    case = forms.ModelChoiceField(
        queryset=Case.objects.none(), required=False, label="Case", empty_label="None"
    )
    complaint_on = forms.DateField(required=False, label="Day of a complaint")
    kept_asked_on = forms.DateField(
        required=False, label="A person recorded asked to keep it on",
        help_text="The day the written request came in.",
    )  # fmt: skip

    def __init__(self, *args: Any, record: ResponsiveRecord, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Case.objects.filter(agency=record.request.agency_id)
        self.fields["case"].queryset = rows  # type: ignore[attr-defined]  # declared above


class DetermineForm(DaylightForm):
    """Why one record of an open case is withheld for now."""

    code = forms.ChoiceField(label="Ground")
    harm = forms.CharField(
        max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), label="What its release would harm now",
        help_text="About this record, not about the case: what does it show that would do harm?",
    )  # fmt: skip
    look_again_on = forms.DateField(label="Look again on")

    def __init__(self, *args: Any, grounds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = grounds  # type: ignore[attr-defined]  # declared above
