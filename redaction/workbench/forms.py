"""What every form of the marks page shares; ``mark()`` gives a mark as data, still without an id."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from portal.core.forms import DaylightForm
from redaction.probe import Facts

Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Setting:
    """What every form on the marks page needs to know: the version in front, the file, the law's codes."""

    version: int
    facts: Facts
    reasons: Choices
    exemptions: Choices


class VersionedForm(DaylightForm):
    """A form over the marks in front of the person; the version tells if somebody saved in the meantime."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, setting: Setting, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"version": setting.version}, **kwargs})
        self.setting = setting
        if "reason" in self.fields:
            offer(self, "reason", [("", "Choose a reason"), *setting.reasons])
        if "exemption" in self.fields:
            offer(self, "exemption", [("", "None"), *setting.exemptions])


class MarkForm(VersionedForm):
    """Common to all kinds: why it is withheld. Subclasses say what."""

    kind = ""
    title = ""
    releases = False  # kinds that withhold nothing owe no reason
    field_order: Sequence[str] | None = None

    reason = forms.ChoiceField(label="Reason", required=False)
    exemption = forms.ChoiceField(label="Exemption", required=False)
    note = forms.CharField(label="Note for colleagues", required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = not self.releases
        last = ["reason", "exemption", "note"]
        if self.releases:
            for name in ("reason", "exemption"):
                del self.fields[name]
            last = ["note"]
        self.order_fields([name for name in self.fields if name not in last] + last)

    def mark(self) -> dict[str, Any]:
        """This will give the mark as the marks format has it."""
        why = {name: self.cleaned_data.get(name) for name in ("reason", "exemption", "note")}
        return {"kind": self.kind, **self.what(), **{name: value for name, value in why.items() if value}}

    def what(self) -> dict[str, Any]:
        raise TypeError(f"{type(self).__name__} does not say what it marks")


class WithholdForm(VersionedForm):
    """Keep the whole record back, for a second person to agree."""

    codes = forms.MultipleChoiceField(label="Exemptions it stands on", widget=forms.CheckboxSelectMultiple)
    note = forms.CharField(label="Note for the approver", required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "codes", self.setting.exemptions)


class TranscriptForm(DaylightForm):
    """What is said in a recording, and when."""

    transcript = forms.FileField(
        label="Transcript",
        allow_empty_file=True,  # refused with the rest of what cannot be used, so that it is audited
        help_text="SRT or WebVTT captions, or timed words (JSON)",
    )


class RawMarksForm(VersionedForm):
    """The marks as JSON, for what the forms do not offer."""

    marks = forms.CharField(
        label="Marks file (JSON, version 1)",
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false"}),
        strip=True,
    )

    def clean_marks(self) -> Any:
        try:
            return json.loads(self.cleaned_data["marks"])
        except ValueError as error:
            raise forms.ValidationError(f"This is not JSON: {error}.") from None


def offer(form: forms.Form, name: str, choices: Choices) -> None:
    form.fields[name].choices = list(choices)  # type: ignore[attr-defined]  # callers name a ChoiceField
