"""Forms of the administrators' pages."""

from typing import Any

from django import forms

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.core.forms import DaylightForm

_ROLES = [(role.value, role.label) for role in Role]


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
