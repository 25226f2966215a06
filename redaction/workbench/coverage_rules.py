"""How much of each class of records must be seen before it goes on: the administrator's page."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, NotAllowed
from portal.core.forms import DaylightForm
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from redaction.plans import seeing
from redaction.plans.seen_models import SPEEDS, CoverageRule
from requests_app.custody.models import Medium
from requests_app.law.models import Agency


class CoverageRuleForm(DaylightForm):
    medium = forms.ChoiceField(label=_("Kind of record"), choices=Medium.choices)
    series = forms.SlugField(
        label=_("Record series"),
        required=False,
        max_length=40,
        help_text=_("As on the record, such as body_worn_camera. Empty: all others of this kind."),
    )
    share = forms.IntegerField(
        label=_("Share that must be seen, in per cent"),
        min_value=0,
        max_value=100,
        help_text=_("100 demands all of it. 0 only recommends it."),
    )
    speed = forms.TypedChoiceField(
        label=_("Played at up to"), coerce=int, choices=[(n, f"{n}×") for n in SPEEDS], initial=2
    )
    people = forms.MultipleChoiceField(
        label=_("Of whom"),
        required=False,
        choices=[("marker", _("who marks the record")), ("approver", _("who approves it"))],
        widget=forms.CheckboxSelectMultiple,
    )


@require_http_methods(["GET", "POST"])
def rules(request: AuthedRequest) -> HttpResponse:
    """The rules in force, and the form that puts another in the place of one."""
    if not request.user.may(Permission.ADMINISTER):
        audit.record_denied(
            action="coverage.rules", actor=request.user, subject=request.user, why=NotAllowed.code
        )
        raise NotAllowed("This page is for administrators.")
    agency = Agency.objects.order_by("pk").first()
    if agency is None:
        raise BadInput("Set the agency up first.")
    form = CoverageRuleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = seeing.set_rule(agency=agency, actor=request.user, at=now(), **form.cleaned_data)
        except BadInput as refusal:
            form.add_error("share", str(refusal))
        else:
            say(request, f"Kept: {row}.")
            return redirect("workbench:coverage-rules")
    standing = CoverageRule.objects.filter(agency=agency, ended_at=None).select_related("set_by")
    return render(
        request,
        "workbench/coverage_rules.html",
        {"rules": standing, "form": form},
        status=422 if form.errors else 200,
    )
