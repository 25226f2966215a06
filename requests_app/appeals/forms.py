import secrets
from collections.abc import Sequence
from typing import Any

from django import forms

from portal.core.forms import DaylightForm
from requests_app.appeals.rules import Decision
from requests_app.appeals.selectors import Contestable


class FileForm(DaylightForm):
    """An appeal; ``token`` makes a form posted twice one appeal."""

    items = forms.TypedMultipleChoiceField(
        label="What your appeal is about",
        help_text="All of it is chosen. Take out what you do not mind.",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    grounds = forms.CharField(
        label="Why is the decision wrong?",
        help_text="In your own words. For example: the ground does not fit, or less could have been covered.",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "Say why you think the decision is wrong. One sentence is enough."},
    )
    token = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, contestable: Sequence[Contestable], **more: Any) -> None:
        super().__init__(*args, **more)
        if contestable:
            self.fields["items"].choices = [(row.item.pk, _label(row)) for row in contestable]  # type: ignore[attr-defined]  # a ChoiceField
        else:
            del self.fields["items"]

    @classmethod
    def fresh(cls, contestable: Sequence[Contestable]) -> "FileForm":
        """This will give an empty form with everything that was withheld chosen."""
        chosen = [row.item.pk for row in contestable]
        return cls(initial={"token": secrets.token_urlsafe(16), "items": chosen}, contestable=contestable)


class DecideForm(DaylightForm):
    """The answer to an appeal. ``reopened`` counts when the appeal is right in part."""

    decision = forms.ChoiceField(
        label="Your decision",
        choices=[
            (Decision.UPHELD, "The first decision stands"),
            (Decision.PARTLY, "The requester is right in part"),
            (Decision.OVERTURNED, "The requester is right"),
        ],
        widget=forms.RadioSelect,
    )
    reopened = forms.TypedMultipleChoiceField(
        label="If right in part: records withheld whole that are looked at again",
        help_text="If the requester is right, all of them are.",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reasons = forms.CharField(
        label="Reasons",
        help_text="They are printed in the letter to the requester. Name no third person.",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def __init__(self, *args: Any, contested: Sequence[Contestable], **more: Any) -> None:
        super().__init__(*args, **more)
        whole = [row for row in contested if row.whole]
        if whole:
            self.fields["reopened"].choices = [(row.item.pk, row.title) for row in whole]  # type: ignore[attr-defined]  # a ChoiceField
        else:
            del self.fields["reopened"]


def _label(row: Contestable) -> str:
    share = "withheld" if row.whole else "parts withheld"
    return f"{row.title} ({share})"
