"""The forms of templates and of mails that failed."""

from django import forms

from portal.core.forms import DaylightForm
from requests_app.correspondence import markup
from requests_app.correspondence.models import MailState, Resolution


class TemplateForm(DaylightForm):
    subject = forms.CharField(
        max_length=150, label="Subject",
        help_text="Also the heading of the letter and the subject of the e-mail.",
    )  # fmt: skip
    body = forms.CharField(
        max_length=markup.LONGEST, strip=False, label="Words of the letter",
        help_text="# for a heading, - for a list, **bold**, an empty line between paragraphs.",
        widget=forms.Textarea(attrs={"rows": 24, "class": "usa-textarea dl-editor"}),
    )  # fmt: skip
    note = forms.CharField(
        max_length=300, required=False, label="What changed",
        help_text="For colleagues, in the list of versions.",
    )  # fmt: skip


class ResolveForm(DaylightForm):
    resolution = forms.ChoiceField(
        choices=Resolution.choices, label="How it was settled", widget=forms.RadioSelect
    )
    note = forms.CharField(
        max_length=500, label="What was done", help_text="Such as whom you phoned and when.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip


class MailFilterForm(DaylightForm):
    mark_optional = False
    state = forms.ChoiceField(
        required=False, label="State",
        choices=[("", "Any"), ("trouble", "Needs a person"), *MailState.choices],
    )  # fmt: skip
    q = forms.CharField(max_length=100, required=False, label="Request number or part of an address")


class LawFilterForm(DaylightForm):
    mark_optional = False
    law = forms.ChoiceField(required=False, label="Law")
