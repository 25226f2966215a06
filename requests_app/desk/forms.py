import secrets

from django import forms

from portal.accounts.models import User
from portal.core.forms import DaylightForm
from requests_app.desk import selectors


class BodyForm(DaylightForm):
    """Some text to send or keep; ``token`` makes a form posted twice one message."""

    body = forms.CharField(max_length=20_000, label="Text", widget=forms.Textarea(attrs={"rows": 4}))
    token = forms.CharField(widget=forms.HiddenInput, max_length=40)

    @classmethod
    def fresh(cls, *, prefix: str) -> "BodyForm":
        return cls(initial={"token": secrets.token_urlsafe(16)}, auto_id=f"{prefix}-%s")


class NoteForm(DaylightForm):
    body = forms.CharField(max_length=10_000, label="Internal note", widget=forms.Textarea(attrs={"rows": 3}))


class AssignForm(DaylightForm):
    assignee = forms.ModelChoiceField(
        User.objects.none(), label="Hand to", required=False, empty_label="Nobody"
    )
    expected = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on untouched
        field = self.fields["assignee"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  narrows for the type checker
        field.queryset = selectors.colleagues()


class ExtendForm(DaylightForm):
    by = forms.IntegerField(min_value=1, max_value=365, label="How many days")
    unit = forms.ChoiceField(
        choices=[("business_day", "business days"), ("calendar_day", "calendar days")], label="Counted as"
    )
    reason = forms.CharField(max_length=300, label="Reason", help_text="The requester reads it.")


class ReasonForm(DaylightForm):
    reason = forms.CharField(max_length=2000, label="Reason", widget=forms.Textarea(attrs={"rows": 3}))
