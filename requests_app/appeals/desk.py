"""Where an appeals officer decides."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, IllegalMove
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from redaction.release import selectors as releases
from requests_app.appeals import policies, selectors, services
from requests_app.appeals.forms import DecideForm
from requests_app.appeals.models import Appeal
from requests_app.appeals.rules import TAGS, Decision
from requests_app.docket import selectors as docket

PAGE = 50


@require_GET
def queue(request: AuthedRequest) -> HttpResponse:
    policies.require_desk(request.user)
    finished = request.GET.get("show") == "finished"
    page = Paginator(selectors.queue(request.user, finished=finished), PAGE).get_page(request.GET.get("page"))
    rows = [{"appeal": appeal, "tag": TAGS[appeal.status]} for appeal in page.object_list]
    query = "show=finished&" if finished else ""
    context = {"page": page, "rows": rows, "finished": finished, "query": query}
    return render(request, "appeals/queue.html", context)


@require_GET
def detail(request: AuthedRequest, key: str) -> HttpResponse:
    policies.require_desk(request.user)
    appeal = selectors.get_visible(request.user, key)
    audit.record(action="appeal.viewed", actor=request.user, subject=appeal, request_key=appeal.request.key)
    return _page(request, appeal)


@require_POST
def start(request: AuthedRequest, key: str) -> HttpResponse:
    appeal = selectors.get_visible(request.user, key)
    services.start_review(appeal=appeal, actor=request.user, at=now())
    say(request, f"Appeal {appeal.number} is under review.")
    return redirect("appeals:detail", key=appeal.key)


@require_POST
def decide(request: AuthedRequest, key: str) -> HttpResponse:
    appeal = selectors.get_visible(request.user, key)
    policies.require_decider(request.user, appeal, "decide")
    form = DecideForm(request.POST, contested=selectors.contested(appeal))
    if not form.is_valid():
        return _page(request, appeal, form, status=422)
    try:
        services.decide(
            appeal=appeal, decision=Decision(form.cleaned_data["decision"]),
            reasons=form.cleaned_data["reasons"], actor=request.user, at=now(),
            reopened=form.cleaned_data.get("reopened", ()),
        )  # fmt: skip
    except (BadInput, IllegalMove) as refusal:
        form.add_error(None, str(refusal))
        return _page(request, selectors.get_visible(request.user, key), form, status=refusal.status)
    say(request, f"Appeal {appeal.number} is decided. The requester gets a letter.")
    return redirect("appeals:detail", key=appeal.key)


def _page(
    request: AuthedRequest, appeal: Appeal, form: DecideForm | None = None, *, status: int = 200
) -> HttpResponse:
    case, contested = appeal.request, selectors.contested(appeal)
    may = request.user.may(Permission.DECIDE_APPEALS)
    close = policies.closeness(request.user, appeal) if may and appeal.is_open else ""
    page = {
        "appeal": appeal,
        "case": case,
        "agency": case.agency,
        "tag": TAGS[appeal.status],
        "clock": selectors.decision_clock(case, on=selectors.day_of(case, now())) if appeal.due_on else None,
        "contested": contested,
        "releases": releases.for_requester(case),
        "timeline": docket.timeline(case, for_requester=False),
        "closeness": close,
        "form": form or (DecideForm(contested=contested) if may and not close and appeal.is_open else None),
        "may_start": may and not close and appeal.status == "filed",
    }
    return render(request, "appeals/detail.html", page, status=status)
