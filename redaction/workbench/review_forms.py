"""The forms of the second person: approve, send back, invite, recuse."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from portal.accounts.models import User
from portal.core.forms import DaylightForm
from requests_app.docket.models import Recusal


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's class takes none at run time
    def label_from_instance(self, obj: User) -> str:
        roles = ", ".join(sorted(role.label for role in obj.roles))
        return f"{obj} ({roles})"


class ApproveForm(DaylightForm):
    """What the approver had in front: empty for a record withheld whole."""

    render_sha256 = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    marks_digest = forms.CharField(max_length=64, widget=forms.HiddenInput)


class SendBackForm(DaylightForm):
    comment = forms.CharField(
        label="What is to be changed",
        help_text="Comments on single marks go with it.",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        required=False,
    )
    mark_optional = False


class InviteForm(DaylightForm):
    person = PersonField(
        User.objects.none(), label="Who is to be the second person", empty_label="Choose a person"
    )
    why = forms.CharField(
        label="Why nobody of the unit can be",
        help_text="Kept with the record.",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=500,
    )

    def __init__(self, *args: Any, people: QuerySet[User], **more: Any) -> None:
        super().__init__(*args, **{"auto_id": "invite-%s", **more})
        self.fields["person"].queryset = people.prefetch_related("grants")  # type: ignore[attr-defined]  # above


class RecuseForm(DaylightForm):
    """``people``: who may be chosen; ``records``: (key, words) of what the request holds."""

    person = PersonField(User.objects.none(), label="Who must not see it", empty_label="Choose a person")
    record = forms.ChoiceField(
        required=False,
        label="Because of",
        help_text="Of one record: other requests that hold the same file are hidden as well.",
    )
    ground = forms.ChoiceField(label="On what ground", choices=Recusal.Ground.choices)
    why = forms.CharField(
        label="Why",
        help_text="For the file. The person does not read it.",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
    )
    mark_optional = False

    def __init__(
        self, *args: Any, people: QuerySet[User], records: list[tuple[str, str]], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.fields["person"].queryset = people.prefetch_related("grants")  # type: ignore[attr-defined]  # above
        self.fields["record"].choices = [("", "The whole request"), *records]  # type: ignore[attr-defined]  # above


class EndForm(DaylightForm):
    why = forms.CharField(label="Why it ends", max_length=500)
