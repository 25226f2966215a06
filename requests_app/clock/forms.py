"""What the calculator and the calendar ask."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms

from portal.core.errors import BadInput
from portal.core.forms import DaylightForm
from requests_app.clock import calculator, rules
from requests_app.clock.calculator import Question
from requests_app.law.event import NAMES, Event
from requests_app.law.models import Agency, LawPack
from requests_app.law.selectors import parsed

LAW, ROWS, MOST_ROWS = "law", 3, 20
MOST_CLOSED = 200
_UNITS = [("", "Choose"), ("business_day", "business days"), ("calendar_day", "calendar days")]
RECORD_TYPES = {
    "": "Any other record",
    "body_worn_camera": "Body-worn camera video",
    "law_enforcement_video": "Other police video",
    "critical_incident_video": "Video of a critical incident",
    "peace_officer_records": "Peace-officer records",
    "misconduct_video": "Video of alleged misconduct",
    "criminal_investigative_file": "Criminal investigative file",
}
CATEGORIES = {"": "Anybody else", "commercial": "A business", "recurrent": "Somebody who asks very often"}
BODIES = {"": "Not known", "municipality": "City, town or county", "agency": "State agency"}


class LawField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's class takes none at run time
    """A loaded version, written ``TX`` (the newest) or ``TX 2026.12``."""

    def __init__(self, **more: Any) -> None:
        super().__init__(LawPack.objects.defer("data"), **more)

    def to_python(self, value: Any) -> LawPack | None:
        code, _, version = str(value or "").strip().partition(" ")
        if not code:
            return None
        row = None
        if "\0" not in str(value):
            found = LawPack.objects.filter(code=code.upper(), version=version)
            row = found.first() if version else calculator.newest(code.upper())
        if row is None:
            raise forms.ValidationError(f"There is no law “{str(value)[:30]}” here.", code="invalid_choice")
        return row

    def prepare_value(self, value: Any) -> Any:
        return str(value) if isinstance(value, LawPack) else value


class ClosedDays(forms.CharField):
    """Dates as written on a calendar wall: one a line or with commas, the reason after the date if wanted."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": 3}), **more)

    def clean(self, value: Any) -> Any:
        found: dict[date, str] = {}
        for words in super().clean(value).replace(",", "\n").splitlines():
            text, _, reason = words.strip().partition(" ")
            if not text:
                continue
            try:
                found[date.fromisoformat(text)] = reason.strip()[:100] or "office closed"
            except ValueError:
                raise forms.ValidationError(
                    f"“{text[:20]}” is not a date such as 2026-12-24.", code="bad_date"
                ) from None
        if len(found) > MOST_CLOSED:
            raise forms.ValidationError(f"At most {MOST_CLOSED} closed days, please.", code="too_many")
        return found


class QuestionForm(DaylightForm):
    """Everything but the rows of events; what only the chosen law tells apart can be chosen too."""

    law = LawField(label="Law", error_messages={"required": "Choose the law to count by."})
    received_on = forms.DateField(
        label="Date the request was received", required=False, widget=forms.DateInput
    )
    received_at = forms.TimeField(
        label="Time it was received", required=False, widget=forms.TimeInput,
        help_text="Leave it empty when only the day is known.",
    )  # fmt: skip
    record_type = forms.ChoiceField(label="What was asked for", required=False)
    requester_category = forms.ChoiceField(label="Who asks", required=False)
    body = forms.ChoiceField(label="Kind of agency", required=False, choices=list(BODIES.items()))
    cutoff = forms.TimeField(
        label="Office closes to new requests at", required=False, widget=forms.TimeInput,
        help_text="What comes later counts from the next business day. Empty: the agency has no such hour.",
    )  # fmt: skip
    closed = ClosedDays(
        label="Days the agency is closed beyond the law’s holidays",
        help_text="One date a line, such as 2026-12-24.",
    )
    clock = forms.MultipleChoiceField(
        label="Time limits", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="None chosen: every one that has begun.",
    )  # fmt: skip
    on = forms.DateField(
        label="Judge it on", required=False, widget=forms.DateInput, help_text="Empty: today."
    )

    def __init__(self, *args: Any, pack: LawPack | None, **more: Any) -> None:
        super().__init__(*args, **more)
        law = self.fields["law"]
        law.widget = forms.Select(
            choices=[(str(row), f"{row.name}, {row.version}") for row in calculator.laws()]
        )
        clocks = parsed(pack).clocks if pack else {}
        self._choices("record_type", RECORD_TYPES, rules.choices(clocks, "record_type"))
        self._choices("requester_category", CATEGORIES, rules.choices(clocks, "requester_category"))
        self.fields["clock"].choices = [(name, row.title) for name, row in clocks.items()]  # type: ignore[attr-defined]  # declared above
        self.asked = rules.asked_facts(clocks)
        for name, kind in self.asked.items():
            label = rules.fact_words(name)
            self.fields[f"fact-{name}"] = (
                forms.BooleanField(label=label, required=False)
                if kind == "flag"
                else forms.IntegerField(label=label, required=False, min_value=0, max_value=100_000)
            )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("received_at") and not given.get("received_on"):
            self.add_error("received_on", "Write the date too; a time alone says nothing.")
        return given

    @property
    def facts(self) -> dict[str, int | bool]:
        found = {name: self.cleaned_data.get(f"fact-{name}") for name in self.asked}
        return {name: value for name, value in found.items() if value is not None}

    def _choices(self, name: str, words: Mapping[str, str], told_apart: list[str]) -> None:
        more = {one: one.replace("_", " ").capitalize() for one in told_apart if one not in words}
        shown = [*words.items(), *more.items()]
        self.fields[name].choices = shown  # type: ignore[attr-defined]  # declared above as a choice


class EventForm(DaylightForm):
    """One thing that happened after the receipt; an empty row is none."""

    type = forms.ChoiceField(label="What happened", required=False)
    on = forms.DateField(label="Date", required=False, widget=forms.DateInput)
    at = forms.TimeField(label="Time", required=False, widget=forms.TimeInput)
    by = forms.IntegerField(label="How many days", required=False, min_value=1, max_value=3660)
    unit = forms.ChoiceField(label="Counted as", required=False, choices=_UNITS)
    mark_optional = False

    def __init__(self, *args: Any, number: int, **more: Any) -> None:
        super().__init__(*args, **more)
        self.number = number
        names = [(code, words[0].upper() + words[1:]) for code, words in NAMES.items() if code != "received"]
        self.fields["type"].choices = [("", "Nothing more"), *names]  # type: ignore[attr-defined]  # declared above

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        kind, on = given.get("type"), given.get("on")
        if kind and not on and "on" not in self.errors:
            self.add_error("on", "Write the date on which this happened.")
        if on and not kind and "type" not in self.errors:
            self.add_error("type", "Choose what happened on this date.")
        if kind == "extended":
            if not given.get("by") and "by" not in self.errors:
                self.add_error("by", "Write how many days were added.")
            if not given.get("unit") and "unit" not in self.errors:
                self.add_error("unit", "Choose which days were added.")
        elif given.get("by") or given.get("unit"):
            self.add_error("by" if given.get("by") else "unit", "Only an extension has a length.")
        return given

    def event(self) -> Event | None:
        """This will give the row as a ledger's entry. :raises BadInput: for a year that cannot be right."""
        given = self.cleaned_data
        if not given.get("type"):
            return None
        at = datetime.combine(given["on"], given["at"]) if given.get("at") else given["on"]
        return Event(given["type"], at, given.get("by"), given.get("unit") or None)


class Asked:
    """A question as it came in an address: its form, its rows of events, and what was wrong with them.

    With ``more`` in the address nothing is asked yet: the form comes back with other choices or more rows.
    """

    def __init__(self, sent: Any, *, agency: Agency | None, today: date) -> None:
        self.sent, self.today = sent, today
        self.pack = self._pack(agency)
        self.is_asked = "law" in sent and "more" not in sent
        given = self._of_this_law()
        typed = {name: value for name, value in given.items() if name != "law"}
        first = {**self._first(agency), **typed, "clock": given.getlist("clock")}
        self.form = QuestionForm(
            given if self.is_asked else None, pack=self.pack, initial=first, auto_id="ask-%s"
        )
        self.rows = [self._row(number) for number in range(self._row_count())]

    def question(self) -> Question | None:
        """This will give the question, or None when something in it is wrong; the forms then say what."""
        valid = [self.form.is_valid(), *(row.is_valid() for row in self.rows)]  # each says its own fault
        if not all(valid) or self.pack is None:
            return None
        events = [event for row in self.rows if (event := self._event(row))]
        given = self.form.cleaned_data
        on, at = given["received_on"], given["received_at"]
        if on is None and not events:
            self.form.add_error("received_on", "Write the date the request was received.")
        elif on is not None:
            try:
                Event("received", on)
            except BadInput as refused:
                self.form.add_error("received_on", str(refused))
        if self.form.errors or any(row.errors for row in self.rows):
            return None
        return Question(
            pack=self.pack,
            received=datetime.combine(on, at) if on and at else on,
            events=events,
            clocks=given["clock"],
            record_type=given["record_type"],
            requester_category=given["requester_category"],
            body=given["body"],
            cutoff=given["cutoff"],
            closed=given["closed"],
            facts=self.form.facts,
            on=given["on"] or self.today,
        )

    def faults(self) -> dict[str, list[str]]:
        """This will list what was wrong by the name of its field, for a program."""
        found = {str(name): [str(one) for one in said] for name, said in self.form.errors.items()}
        for row in self.rows:
            found |= {
                f"e{row.number}-{name}": [str(one) for one in said] for name, said in row.errors.items()
            }
        return found

    def _event(self, row: EventForm) -> Event | None:
        try:
            return row.event()
        except BadInput as refused:
            row.add_error("on", str(refused))
            return None

    def _pack(self, agency: Agency | None) -> LawPack | None:
        wanted = self.sent.get("law", "") or (agency.law if agency else "")
        try:
            return LawField(required=False).to_python(wanted)
        except forms.ValidationError:
            return None

    def _of_this_law(self) -> Any:
        """Clocks ticked for one law are not asked of another that was chosen since, nor of none."""
        if self.pack is not None and self.sent.get("for") in (None, "", str(self.pack)):
            return self.sent
        copy = self.sent.copy()
        copy.setlist("clock", [])
        return copy

    def _row(self, number: int) -> EventForm:
        prefix = f"e{number}-"
        typed = {
            name.removeprefix(prefix): value for name, value in self.sent.items() if name.startswith(prefix)
        }
        return EventForm(
            self.sent if self.is_asked else None, number=number, prefix=f"e{number}", initial=typed,
            auto_id="ask-%s",
        )  # fmt: skip

    def _first(self, agency: Agency | None) -> dict[str, Any]:
        if agency is None or self.pack is None or self.pack.code != agency.law:
            return {"law": self.pack}
        return {"law": self.pack, "body": agency.body, "cutoff": agency.cutoff, "received_on": self.today}

    def _row_count(self) -> int:
        wanted = (str(self.sent.get(name, "")) for name in ("more", "rows"))
        text = next((each for each in wanted if each.isdigit()), "")
        rows = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else ROWS
        return min(max(rows, ROWS), MOST_ROWS)


class ClosureForm(DaylightForm):
    day = forms.DateField(label="Day", widget=forms.DateInput)
    reason = forms.CharField(max_length=150, label="Why", help_text="The public calendar shows it.")


class OpeningForm(DaylightForm):
    reason = forms.CharField(max_length=150, label="Why it counts again")


class VersionForm(DaylightForm):
    reason = forms.CharField(max_length=150, label="Why open requests should be counted by it")


class AloneForm(DaylightForm):
    alone = forms.CharField(
        max_length=300,
        label="Why you approve your own proposal",
        help_text="Nobody else here may decide it. Your words stay with the change and in the audit trail.",
    )
