"""Holds, preservation tasks and counsel's queue."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.rules import Permission
from portal.core.errors import BadInput, DomainError, NotAllowed
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from requests_app.custody import conflicts, listing, policies, tracing
from requests_app.custody import holds as holding
from requests_app.custody.models import Hold
from requests_app.custody.retention_forms import ConflictForm, WhyForm
from requests_app.custody.retention_views import opened
from requests_app.docket.recusals import without


@require_GET
def holds(request: AuthedRequest) -> HttpResponse:
    """What still has to be preserved, which holds can be looked at, and which stand."""
    agency = opened(request)
    today = tracing.day_of(now(), agency.time_zone) or now().date()
    standing = without(listing.holds_standing(agency), request.user)
    context = {
        "here": "holds",
        "tasks": listing.task_rows(agency, now(), request.user),
        "reviews": without(listing.holds_to_look_at(agency, today), request.user)[: listing.MOST],
        "holds": standing[: listing.MOST],
        "more": max(0, standing.count() - listing.MOST),
        "may_propose": request.user.may(Permission.KEEP_RETENTION),
        "may_confirm": request.user.may(Permission.PURGE),
        "person": request.user,
    }
    return render(request, "custody/holds.html", context)


@require_POST
def propose_release(request: AuthedRequest, pk: int) -> HttpResponse:
    rows = without(Hold.objects.select_related("request"), request.user)
    hold = get_object_or_404(rows, pk=pk, request__agency=opened(request))
    form = WhyForm(request.POST)
    if not form.is_valid():
        raise BadInput("Say why the hold can end.")
    holding.propose_release(hold=hold, actor=request.user, at=now(), reason=form.cleaned_data["why"])
    say(request, f"The end of the hold for {hold.request} is proposed. Another person has to confirm it.")
    return redirect("custody:holds")


@require_POST
def confirm_release(request: AuthedRequest, pk: int) -> HttpResponse:
    rows = without(Hold.objects.select_related("request"), request.user)
    hold = get_object_or_404(rows, pk=pk, request__agency=opened(request))
    holding.confirm_release(hold=hold, actor=request.user, at=now())
    say(request, f"The hold for {hold.request} has ended.")
    return redirect("custody:holds")


@require_GET
def conflict_list(request: AuthedRequest) -> HttpResponse:
    """Counsel's queue, with the hours that are left."""
    return _conflicts(request, None, 0)


@require_POST
def decide(request: AuthedRequest, pk: int) -> HttpResponse:
    opened(request)
    row = get_object_or_404(listing.conflicts_open_to(request.user), pk=pk)
    form = ConflictForm(request.POST, auto_id=f"conflict-{pk}-%s")
    if form.is_valid():
        try:
            conflicts.decide(conflict=row, actor=request.user, at=now(), **form.cleaned_data)
        except NotAllowed:
            raise
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            say(request, "Your decision is written down.")
            return redirect("custody:conflicts")
    return _conflicts(request, form, pk)


def _conflicts(request: AuthedRequest, bound: ConflictForm | None, pk: int) -> HttpResponse:
    opened(request)
    if not policies.may_see_beyond_policy(request.user):
        policies.require(request.user, Permission.DECIDE_CONFLICTS, "custody.conflicts_viewed", request.user)
    rows = listing.conflict_rows(now(), request.user)
    for row in rows:
        found = row["row"].pk
        row["form"] = bound if found == pk and bound else ConflictForm(auto_id=f"conflict-{found}-%s")
    decided = listing.conflicts_open_to(request.user).exclude(decided_at=None).order_by("-decided_at")
    context = {
        "here": "conflicts",
        "rows": rows,
        "decided": decided.select_related("record__request", "task__request", "decided_by")[:20],
        "may_decide": request.user.may(Permission.DECIDE_CONFLICTS),
        "form": bound,
    }
    return render(request, "custody/conflicts.html", context, status=422 if bound is not None else 200)
