"""The catalogue of grounds to withhold: as they are, were and will be. A text is never changed."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.rules import Permission
from portal.core.errors import BadInput
from portal.core.http import AuthedRequest, say
from requests_app.law import catalogue, presentation, reading, selectors
from requests_app.law.forms import EndForm, ExemptionForm
from requests_app.law.models import Exemption
from requests_app.law.policies import require, require_reader
from requests_app.law.views import today as agency_today


@require_http_methods(["GET", "POST"])
def exemptions(request: AuthedRequest) -> HttpResponse:
    """The catalogue; adding a ground, or a new text for one (``?from=`` begins with its present words)."""
    if request.method == "POST":
        require(request.user, Permission.ADMINISTER)
    require_reader(request.user)
    agency = selectors.agency()
    today = agency_today(agency)
    rows = Exemption.objects.filter(law=agency.law).order_by("code", "-valid_from")
    begun = _begun(rows.filter(pk=int(chosen)).first() if (chosen := _id(request)) else None)
    form = ExemptionForm(request.POST or None, initial={"valid_from": today, **begun}, auto_id="new-%s")
    if request.method == "POST" and form.is_valid():
        try:
            row = catalogue.add_exemption(law=agency.law, actor=request.user, **form.cleaned_data)
        except BadInput as refusal:
            form.add_error(None, str(refusal))
        else:
            say(request, f"{row.code} is in the catalogue from {row.valid_from:%B} {row.valid_from.day}.")
            return redirect("law:exemptions")
    may_edit = request.user.may(Permission.ADMINISTER)
    shown = [
        {
            "row": row,
            "mark": reading.VERIFIED[row.verified],
            "state": presentation.force(row, today),
            "end_form": EndForm(initial={"last_day": today}, auto_id=f"end-{row.pk}-%s")
            if row.valid_to is None and may_edit
            else None,
        }
        for row in rows
    ]
    page = {
        "rows": shown, "form": form, "law_code": agency.law, "may_edit": may_edit,
        "unfolded": bool(form.errors or begun),
    }  # fmt: skip
    return render(request, "law/exemptions.html", page, status=422 if form.errors else 200)


@require_POST
def end_exemption(request: AuthedRequest, pk: int) -> HttpResponse:
    require(request.user, Permission.ADMINISTER)
    agency = selectors.agency()
    row = get_object_or_404(Exemption, pk=pk, law=agency.law)
    form = EndForm(request.POST)
    if not form.is_valid():
        raise BadInput("Give the last day as a date.")
    catalogue.end_exemption(
        exemption=row,
        last_day=form.cleaned_data["last_day"],
        today=agency_today(agency),
        actor=request.user,
    )
    say(request, f"{row.code} runs out after {row.valid_to}.")
    return redirect("law:exemptions")


def _begun(row: Exemption | None) -> dict[str, Any]:
    if row is None:
        return {}
    names = ("code", "citation", "label", "explanation", "letter_text", "verified")
    after = {"valid_from": row.valid_to + timedelta(days=1)} if row.valid_to else {}
    return {**{name: getattr(row, name) for name in names}, **after}


def _id(request: AuthedRequest) -> str:
    given = request.GET.get("from", "")
    return given if given.isdecimal() and len(given) < 10 else ""
