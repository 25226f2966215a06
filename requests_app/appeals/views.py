"""Where a requester appeals."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from portal.audit import services as audit
from portal.core.errors import BadInput, IllegalMove
from portal.core.http import AuthedRequest, say
from portal.core.throttle import limited
from portal.core.time import now
from requests_app.appeals import policies, selectors, services
from requests_app.appeals.forms import FileForm
from requests_app.appeals.models import Appeal
from requests_app.appeals.rules import TAGS, why_not
from requests_app.docket import selectors as docket
from requests_app.docket.models import RecordsRequest
from requests_app.law.selectors import pack_for


@require_http_methods(["GET", "POST"])
@limited("appeals.file", ip="60/10m", user="20/10m")
def file(request: AuthedRequest, key: str) -> HttpResponse:
    """The appeals of a request, and the form for one where there is something to appeal."""
    case = docket.get_visible(request.user, key)
    if request.method != "POST":
        audit.record(action="request.viewed", actor=request.user, subject=case, request_key=case.key)
        return _page(request, case)
    policies.require_filer(request.user, case)
    form = FileForm(request.POST, contestable=selectors.contestable(case))
    if form.is_valid():
        try:
            appeal = services.file(
                request=case, appellant=request.user, grounds=form.cleaned_data["grounds"], at=now(),
                idempotency_key=form.cleaned_data["token"], items=form.cleaned_data.get("items", ()),
            )  # fmt: skip
        except (BadInput, services.AppealRefused) as refusal:
            form.add_error(None, str(refusal))
            return _page(request, case, form, status=refusal.status)
        say(request, f"Your appeal is filed. Its number is {appeal.number}.")
        return redirect("appeals:file", key=case.key)
    return _page(request, case, form, status=422)


@require_POST
def withdraw(request: AuthedRequest, key: str) -> HttpResponse:
    case = docket.get_visible(request.user, key)
    policies.require_filer(request.user, case)
    appeal = next((row for row in selectors.of_request(case) if row.is_open), None)
    if appeal is None:
        raise IllegalMove("No appeal of this request is under way, so there is nothing to withdraw.")
    services.withdraw(appeal=appeal, actor=request.user, at=now())
    say(request, f"Your appeal {appeal.number} is withdrawn.")
    return redirect("appeals:file", key=case.key)


def _page(
    request: AuthedRequest, case: RecordsRequest, form: FileForm | None = None, *, status: int = 200
) -> HttpResponse:
    contestable, at = selectors.contestable(case), now()
    routes = selectors.routes(case, at=at)
    why = why_not(selectors.filing_facts(case))
    mine = policies.may_file(request.user, case)
    page = {
        "case": case,
        "agency": case.agency,
        "law": pack_for(case).name,
        "routes": routes,
        "contestable": contestable,
        "appeals": [_shown(row, at) for row in selectors.of_request(case)],
        "to_agency": any(route.to_agency for route in routes),
        "why_not": why,
        "is_requester": mine,
        "form": form or (FileForm.fresh(contestable) if mine and not why else None),
    }
    return render(request, "appeals/file.html", page, status=status)


def _shown(appeal: Appeal, at: datetime) -> dict[str, object]:
    case = appeal.request
    waits = appeal.is_open and appeal.due_on
    clock = selectors.decision_clock(case, on=selectors.day_of(case, at)) if waits else None
    return {"appeal": appeal, "tag": TAGS[appeal.status], "clock": clock}
