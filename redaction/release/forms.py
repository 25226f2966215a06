from django import forms
from django.utils.translation import gettext_lazy as _

from portal.core.forms import DaylightForm


class CreateForm(DaylightForm):
    outcome_note = forms.CharField(
        label=_("Words to the requester"),
        help_text=_("Printed in the letter. Leave empty if the list of records says it all."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=5000,
        required=False,
    )


class RecallForm(DaylightForm):
    reason = forms.CharField(
        label=_("Why the release is recalled"),
        help_text=_("The requester reads this. Do not describe what should not have been released."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
    )
