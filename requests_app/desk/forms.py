import secrets
from collections.abc import Mapping
from typing import Any

from django import forms

from portal.accounts.models import User
from portal.core.forms import DaylightForm
from requests_app.desk import selectors, wording
from requests_app.docket.models import RecordsRequest
from requests_app.law.clock_rule import Extension

_UNITS = [("business_day", "business days"), ("calendar_day", "calendar days")]


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's class takes none at run time
    def label_from_instance(self, obj: User) -> str:
        return f"{obj} ({obj.title})" if obj.title else str(obj)


class FilterForm(DaylightForm):
    """The row above the queue; everything in it goes into the address."""

    mark_optional = False
    tab = forms.CharField(widget=forms.HiddenInput, required=False)
    q = forms.CharField(max_length=100, required=False, label="Number or words")
    form = forms.ChoiceField(required=False, label="Kind of record")
    status = forms.ChoiceField(
        required=False,
        label="Where it stands",
        choices=[("", "Anywhere"), *((code, words) for code, (words, _kind) in wording.STATUSES.items())],
    )
    assignee = forms.ChoiceField(required=False, label="With")

    def __init__(self, *args: Any, kinds: Mapping[str, str], people: Mapping[int, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["form"].choices = [("", "Any kind"), *kinds.items()]  # type: ignore[attr-defined]  # above
        self.fields["assignee"].choices = [("", "Anybody"), *people.items()]  # type: ignore[attr-defined]  # above


class BodyForm(DaylightForm):
    """Some text to send; ``token`` makes a form posted twice one message."""

    body = forms.CharField(max_length=20_000, label="Message", widget=forms.Textarea(attrs={"rows": 4}))
    token = forms.CharField(widget=forms.HiddenInput, max_length=40)

    @classmethod
    def fresh(cls, *, prefix: str, label: str, body: str = "") -> "BodyForm":
        form = cls(initial={"token": secrets.token_urlsafe(16), "body": body}, auto_id=f"{prefix}-%s")
        form.fields["body"].label = label
        return form


class EstimatedQuestionForm(BodyForm):
    """A question where the law lets it out only with the day by which the answer is expected."""

    field_order = ("body", "expected_on", "token")
    expected_on = forms.DateField(
        label="We expect to answer by",
        help_text="This law lets no question out without it. The requester reads it under the question.",
        widget=forms.DateInput,
    )


class NoteForm(DaylightForm):
    body = forms.CharField(
        max_length=10_000,
        label="Write an internal note",
        help_text="For colleagues only.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AssignForm(DaylightForm):
    assignee = PersonField(User.objects.none(), label="Hand to", required=False, empty_label="Nobody")
    expected = forms.IntegerField(widget=forms.HiddenInput, required=False)
    mark_optional = False

    def __init__(self, *args: Any, request: RecordsRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"].queryset = selectors.colleagues(request)  # type: ignore[attr-defined]  # declared above


class ExtendForm(DaylightForm):
    """``allowed`` is what the law gives: unit, most, and the only reasons it knows, if it lists them."""

    by = forms.IntegerField(min_value=1, max_value=365, label="How many days")
    unit = forms.ChoiceField(choices=_UNITS, label="Counted as")
    reason = forms.CharField(max_length=300, label="Reason", help_text="The requester reads it.")

    def __init__(self, *args: Any, allowed: Extension, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["by"].widget.attrs["max"] = allowed.most
        self.fields["unit"].choices = [row for row in _UNITS if row[0] == allowed.unit]  # type: ignore[attr-defined]  # above
        if allowed.reasons:
            listed = [(reason, reason.replace("_", " ").capitalize()) for reason in allowed.reasons]
            self.fields["reason"] = forms.ChoiceField(
                choices=listed, label="Reason", help_text="The law lists these. The requester reads it."
            )


class SearchedForm(DaylightForm):
    reason = forms.CharField(
        max_length=2000,
        label="What was searched",
        help_text="Where, by which words and dates, and by whom. The requester reads it.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    destroyed = forms.CharField(
        max_length=1000,
        required=False,
        label="Records destroyed under a schedule",
        help_text="What, under which schedule and when. Left empty, the letter says that you know of none.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    custodian = forms.CharField(
        max_length=300,
        required=False,
        label="Another office that may hold them",
        help_text="Name and place. Left empty, the letter says that you know of none.",
    )


class ReasonForm(DaylightForm):
    reason = forms.CharField(max_length=2000, label="Why", widget=forms.Textarea(attrs={"rows": 3}))


class DuplicateForm(DaylightForm):
    number = forms.CharField(
        max_length=20,
        label="Number of the other request",
        help_text="One of the same requester, such as 26-00012.",
    )
