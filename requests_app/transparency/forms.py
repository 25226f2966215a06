from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from portal.core.forms import DaylightForm
from requests_app.transparency.rules import STATES


class LogForm(DaylightForm):
    """What the log is narrowed to; sent by GET, so the address holds it."""

    mark_optional = False
    kind = forms.ChoiceField(label="Kind", required=False)
    state = forms.ChoiceField(label="State", required=False, choices=[("", "Any"), *STATES.items()])
    year = forms.ChoiceField(label="Year received", required=False)

    def __init__(self, *args: Any, kinds: Mapping[str, str], years: Iterable[int], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["kind"].choices = [("", "Any"), *kinds.items()]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["year"].choices = [("", "Any"), *((year, year) for year in years)]  # type: ignore[attr-defined]  # a ChoiceField
