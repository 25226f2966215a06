"""What is marked here and open elsewhere, or the other way round: listed and decided before an approval."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.models import User
from portal.core.errors import BadInput
from portal.core.http import AuthedRequest, say
from portal.core.time import now
from redaction.plans import listing, policies, settling
from redaction.plans.comparison_models import Comparison
from redaction.plans.finding_models import OUTCOMES, SAME, CopyWords, Finding, FindingDecision
from redaction.plans.models import Review
from redaction.plans.rows import newest_render
from redaction.workbench import findings_shown
from redaction.workbench.answers import answer, answering, sent
from redaction.workbench.page import look_into
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest

if TYPE_CHECKING:
    from redaction.workbench.page import Desk

_LOOK = "custody.findings_viewed"
_CHOICES = {
    "mark_there": "Mark it there too",
    "follow_up": "To be put right where it was released",
    "leave": "Leave it as it is",
}


def config(desk: "Desk") -> dict[str, Any]:
    """This will give the script the address it asks."""
    return {"urls": {"findings": reverse("workbench:findings", args=[desk.record.key])}}


@require_GET
@answering
def listed(request: AuthedRequest, key: str) -> HttpResponse:
    """The findings of the newest result, open ones first."""
    review = look_into(request.user, key, _LOOK)
    return answer(shown(review, request.user))


@require_POST
def settle_group(request: AuthedRequest, key: str) -> HttpResponse:
    """Decide every open finding of a group for one reason: {same, words, other, outcome, why}."""
    if request.content_type == "application/json":
        return _settle_group_by_script(request, key)
    review = look_into(request.user, key, _LOOK)
    count = _settle_group(request, review, request.POST.dict())
    say(request, f"Kept: {count:,} findings.")
    return redirect("workbench:review", key=key)


@answering
def _settle_group_by_script(request: AuthedRequest, key: str) -> HttpResponse:
    review, data = look_into(request.user, key, _LOOK), sent(request)
    count = _settle_group(request, review, data)
    return answer({"count": count, **shown(review, request.user)}, 201)


def _settle_group(request: AuthedRequest, review: Review, data: Mapping[str, Any]) -> int:
    group = listing.FindingGroup(
        same=listing.of_kind(data.get("same")), words=_text(data, "words") or None, other=_other(data)
    )
    return listing.settle_group(
        review=review,
        group=group,
        outcome=_text(data, "outcome"),
        why=_text(data, "why"),
        actor=request.user,
        at=now(),
    )


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name) or ""
    if not isinstance(value, str):
        raise BadInput("Choose what is to be done, and say why.")
    return value


def _other(data: Mapping[str, Any]) -> int | None:
    """The other record, named by its key as the page knows it."""
    key = _text(data, "other")
    if not key:
        return None
    found: int | None = ResponsiveRecord.objects.filter(key=key).values_list("pk", flat=True).first()
    if found is None:
        raise BadInput("Choose which findings are meant.")
    return found


@require_POST
def settle(request: AuthedRequest, key: str, pk: int) -> HttpResponse:
    """Decide one finding, from the script of the work page or from the form of the review page."""
    if request.content_type == "application/json":
        return _settle_by_script(request, key, pk)
    review = look_into(request.user, key, _LOOK)
    _settle(request, review, pk, request.POST.get("outcome"), request.POST.get("why"))
    say(request, "Kept.")
    return redirect("workbench:review", key=key)


@answering
def _settle_by_script(request: AuthedRequest, key: str, pk: int) -> HttpResponse:
    review, data = look_into(request.user, key, _LOOK), sent(request)
    _settle(request, review, pk, data.get("outcome"), data.get("why"))
    return answer(shown(review, request.user), 201)


def _settle(request: AuthedRequest, review: Review, pk: int, outcome: object, why: object) -> None:
    if not isinstance(outcome, str) or not isinstance(why, str):
        raise BadInput("Choose what is to be done, and say why.")
    settling.settle(review=review, finding=pk, outcome=outcome, why=why, actor=request.user, at=now())


def shown(review: Review, user: User) -> dict[str, Any]:
    """This will give the findings of the newest result with what was decided, for the page and the script."""
    render = newest_render(review)
    rows = list(
        Finding.objects.filter(render=render).select_related("other__request", "review__record__request")
        if render is not None
        else []
    )
    said = {
        row.key: row
        for row in FindingDecision.objects.filter(review=review, key__in=[row.key for row in rows])
        .select_related("by")
    }  # fmt: skip
    words = CopyWords.objects.filter(render=render).first() if render is not None else None
    compared = Comparison.objects.filter(render=render).first() if render is not None else None
    rest = len(compared.rest) if compared is not None else 0
    may = policies.may_mark(user, review) or policies.may_approve(user, review)
    hidden = RecordsRequest.objects.barred_to(user).filter(records__in=[row.other_id for row in rows])
    barred = set(hidden.values_list("pk", flat=True))
    findings = [_row(row, said.get(row.key), may=may, barred=row.other.request_id in barred) for row in rows]
    return {
        "compared": render is not None and not render.withheld,
        "whole": words.whole if words is not None else None,
        "open": sum(row["decision"] is None for row in findings) + rest,
        "listing": findings_shown.listed(compared),
        "sums": findings_shown.compared(compared),
        "groups": findings_shown.groups(findings) if may else [],
        "findings": sorted(findings, key=lambda row: row["decision"] is not None),
    }


def _row(row: Finding, said: FindingDecision | None, *, may: bool, barred: bool) -> dict[str, Any]:
    same_request = row.other.request_id == row.review.record.request_id
    request = "" if same_request else f" of {row.other.request.number}"
    title = "a record of another request" if barred else f"“{row.other.title}”{request}"
    places = "" if barred else row.places
    return {
        "id": row.pk,
        "same": SAME[row.same].capitalize(),
        "kind": row.same,
        "other": "" if barred else row.other.key,
        "open_here": row.open_here,
        "sentence": _sentence(row, title, places),
        "words": row.words,
        "places": "" if row.same == "limit" else places,
        "mark": "" if row.open_here else row.mark_id,
        "link": "" if barred or row.same == "limit" else reverse("workbench:work", args=[row.other.key]),
        "title": title,
        "outcomes": [[name, _CHOICES[name]] for name in settling.outcomes_of(row)]
        if may and not said
        else [],
        "decision": None
        if said is None
        else {
            "outcome": OUTCOMES[said.outcome],
            "why": said.why,
            "by": str(said.by),
            "at": said.at.isoformat(),
        },
    }


def _sentence(row: Finding, title: str, places: str) -> str:
    if row.same == "limit":
        return row.places
    if row.same == "file":
        return f"The same file was released in {title} by other marks{f': {places}' if places else ''}."
    left = "was released open" if row.released else "stands open"
    if row.open_here:
        return f"Marked in {title}, open here."
    return f"Marked here; it {left} in {title}."


_HERE = "desk/records/<str:key>/work/findings/"
urlpatterns = [
    path(_HERE, listed, name="findings"),
    path(f"{_HERE}<int:pk>/", settle, name="settle"),
    path(f"{_HERE}group/", settle_group, name="settle-group"),
]
