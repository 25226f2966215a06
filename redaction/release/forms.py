from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core.forms import DaylightForm
from redaction.release.particulars import LONGEST, Particular


class CreateForm(DaylightForm):
    outcome_note = forms.CharField(
        label=_("Words to the requester"),
        help_text=_("Printed in the letter. Leave empty if the list of records says it all."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=5000,
        required=False,
    )

    def __init__(self, *args: Any, asked: Sequence[Particular] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = {f"said-{number}": one for number, one in enumerate(asked)}
        for name, one in self.asked.items():
            field = (
                forms.ChoiceField(choices=[("", "–"), *((text, text) for text in one.choices)])
                if one.choices
                else forms.CharField(max_length=LONGEST)
            )
            field.label, field.help_text = f"{one.code} ({one.citation})", one.question
            field.required = one.must
            self.fields[name] = field

    def answers(self) -> dict[str, dict[str, str]]:
        """This will give what was said about each exemption, by its code."""
        found: dict[str, dict[str, str]] = {}
        for name, one in self.asked.items():
            found.setdefault(one.code, {})[one.need] = self.cleaned_data[name]
        return found


class RecallForm(DaylightForm):
    reason = forms.CharField(
        label=_("Why the release is recalled"),
        help_text=_("The requester reads this. Do not describe what should not have been released."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
    )
