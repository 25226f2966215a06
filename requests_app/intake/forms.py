"""Django forms built from a step's fields."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.core.errors import BadInput
from portal.core.forms import DaylightForm
from portal.core.money import cents
from requests_app.intake.rules import Field, Form, Step


def _text(field: Field) -> forms.Field:
    return forms.CharField(max_length=field.max_length)


def _textarea(field: Field) -> forms.Field:
    return forms.CharField(max_length=field.max_length, widget=forms.Textarea(attrs={"rows": 5}))


def _choice(field: Field) -> forms.Field:
    return forms.ChoiceField(choices=field.choices, widget=forms.RadioSelect)


def _yes_no(field: Field) -> forms.Field:
    return forms.ChoiceField(choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect)


def _plate(field: Field) -> forms.Field:
    attrs = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
    return forms.CharField(max_length=16, widget=forms.TextInput(attrs=attrs))


def _money(field: Field) -> forms.Field:
    return forms.CharField(max_length=15, widget=forms.TextInput(attrs={"inputmode": "decimal"}))


_MAKERS: dict[str, Callable[[Field], forms.Field]] = {
    "text": _text, "textarea": _textarea, "choice": _choice, "yes_no": _yes_no, "plate": _plate,
    "money": _money,
    "date": lambda field: forms.DateField(), "time": lambda field: forms.TimeField(),
    "email": lambda field: forms.EmailField(max_length=254),
}  # fmt: skip


class StepForm(DaylightForm):
    """One page of a guided form. ``answers()`` gives what is stored: plain JSON values."""

    def __init__(self, *args: Any, step: Step, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.step = step
        for field in step.fields:
            made = _MAKERS[field.type](field)
            made.label, made.help_text, made.required = field.label, field.help, field.required
            made.error_messages["required"] = f"“{field.label}” needs an answer."
            self.fields[field.name] = made

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for field in self.step.fields:
            try:
                self._check(field, cleaned)
            except (ValidationError, BadInput) as error:
                self.add_error(
                    field.name, error.messages if isinstance(error, ValidationError) else str(error)
                )
        return cleaned

    def _check(self, field: Field, cleaned: dict[str, Any]) -> None:
        value = cleaned.get(field.name)
        if value in (None, ""):
            return
        if field.type == "money":
            cents(value)
        if field.not_future and isinstance(value, date) and value > timezone.localdate():
            raise ValidationError(f"{field.label.rstrip('?')}: this day has not come yet.")
        earlier = cleaned.get(field.after) if field.after else None
        # a time before its “from” is after midnight; a day before its “from” is a slip
        if field.type != "time" and earlier not in (None, "") and value < earlier:
            first = self.fields[field.after].label
            raise ValidationError(f"This is before “{first}”. Swap them, or correct one.")

    def answers(self) -> dict[str, Any]:
        """This will give the cleaned answers as JSON values, empty ones as empty strings."""
        return {name: _plain(value) for name, value in self.cleaned_data.items()}


class StartForm(DaylightForm):
    """Which kind of record: one radio button for each active form."""

    form = forms.ChoiceField(
        label="What would you like to ask for?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what you would like to ask for."},
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["form"]
        assert isinstance(chosen, forms.ChoiceField)  # noqa: S101  the line above made it
        chosen.choices = choices


def clean_answers(
    definition: Form, answers: Mapping[str, Any]
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """This will check all answers of a form at once: (clean answers, sentences by field)."""
    known = {field.name for field in definition.fields()}
    wrong = {name: ["This form has no such question."] for name in answers if name not in known}
    clean: dict[str, str] = {}
    for step in definition.steps:
        form = StepForm({name: _plain(value) for name, value in answers.items()}, step=step)
        if form.is_valid():
            clean |= form.answers()
        wrong |= {name: [str(sentence) for sentence in found] for name, found in form.errors.items()}
    return clean, wrong


def _plain(value: Any) -> str:
    if value in (None, ""):
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else str(value).strip()
