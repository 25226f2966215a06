"""Forms of the administrators' pages."""

from typing import Any

from django import forms

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.core.forms import DaylightForm
from requests_app.desk import wording
from requests_app.law.models import Agency, LawPack

_ROLES = [(role.value, role.label) for role in Role]


class UsePackForm(DaylightForm):
    """``pack`` lists the loaded versions of the agency's law."""

    pack = forms.ModelChoiceField(LawPack.objects.none(), label="Version", empty_label=None)
    reason = forms.CharField(
        max_length=300,
        label="Reason",
        help_text="Who adopted it and when, or why a draft is used. It is kept with the decision.",
    )

    def __init__(self, *args: Any, agency: Agency, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = LawPack.objects.filter(code=agency.law).defer("data")
        self.fields["pack"].queryset = versions  # type: ignore[attr-defined]  # declared above


class AgencyForm(DaylightForm):
    cutoff = forms.TimeField(
        required=False,
        label="End of the office day",
        help_text="A request that arrives later counts from the next business day. Empty: no cut-off.",
        widget=forms.TimeInput,
    )
    cutoff_citation = forms.CharField(max_length=200, required=False, label="Where that is laid down")
    contact_name = forms.CharField(max_length=150, label="Contact: name")
    contact_title = forms.CharField(max_length=150, label="Contact: title")
    contact_email = forms.EmailField(label="Contact: e-mail")
    contact_phone = forms.CharField(max_length=40, label="Contact: telephone")
    address = forms.CharField(
        max_length=500, label="Postal address", widget=forms.Textarea(attrs={"rows": 3})
    )


class ClosureForm(DaylightForm):
    day = forms.DateField(label="Day", widget=forms.DateInput)
    reason = forms.CharField(max_length=150, label="Reason", help_text="Every date it moves names it.")


class ExemptionForm(DaylightForm):
    """A code that is in the catalogue already gets a new text from the first day on."""

    code = forms.SlugField(max_length=32, label="Code", help_text="Short and lasting, such as 552-108.")
    citation = forms.CharField(max_length=200, label="Citation")
    label = forms.CharField(max_length=200, label="Label")
    explanation = forms.CharField(
        max_length=10_000,
        label="In plain words",
        help_text="The requester reads it beside each withholding.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    letter_text = forms.CharField(
        max_length=10_000, required=False, label="Text for letters", widget=forms.Textarea(attrs={"rows": 3})
    )
    valid_from = forms.DateField(label="In force from", widget=forms.DateInput)
    verified = forms.ChoiceField(
        choices=[(mark, words) for mark, (words, _tag) in wording.VERIFIED.items()],
        initial="M",
        label="Was the source read",
    )


class EndForm(DaylightForm):
    last_day = forms.DateField(label="Last day", widget=forms.DateInput)


class PersonForm(DaylightForm):
    name = forms.CharField(max_length=150, label="Name")
    email = forms.EmailField(max_length=254, label="E-mail address")
    title = forms.CharField(max_length=100, label="Title", help_text="Printed below decisions.")
    roles = forms.MultipleChoiceField(choices=_ROLES, label="Roles", widget=forms.CheckboxSelectMultiple)


class RoleForm(DaylightForm):
    role = forms.ChoiceField(choices=_ROLES, label="Role")

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if person is not None:
            missing = [row for row in _ROLES if Role(row[0]) not in person.roles]
            self.fields["role"].choices = missing  # type: ignore[attr-defined]  # declared above


class AuditFilterForm(DaylightForm):
    mark_optional = False
    number = forms.CharField(max_length=20, required=False, label="Request number")
    action = forms.CharField(
        max_length=64, required=False, label="Action", help_text="Its beginning is enough: release."
    )
    outcome = forms.ChoiceField(
        choices=[("", "All"), ("ok", "Done"), ("denied", "Refused")], required=False, label="Outcome"
    )
