"""Suggestions for the work page's script: what is looked for, what is open in groups, answers to many."""

from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from portal.core.errors import BadInput
from portal.core.http import AuthedRequest
from portal.core.time import now
from redaction.plans import detections, suggestions
from redaction.plans.detection_models import Detection, SuggestionDecision
from redaction.plans.rows import newest_plan
from redaction.plans.suggestion_groups import Suggestion, counted, group_of
from redaction.workbench.answers import answer, answering, sent
from redaction.workbench.editing import describe
from redaction.workbench.page import look_into, picture_of

_LOOK = "custody.suggestions_viewed"  # they quote the record
PAGE = 50  # suggestions in one answer
_ORDERS = {
    "place": lambda row: (row.page or 0, row.mark.get("start") or 0.0),
    "unsure": lambda row: row.about.sure if row.about.sure is not None else -1.0,
    "sure": lambda row: -(row.about.sure if row.about.sure is not None else -1.0),
}


@require_GET
@answering
def overview(request: AuthedRequest, key: str) -> HttpResponse:
    """Searches, counts of the open suggestions by group, the answers given, newest first."""
    review = look_into(request.user, key, _LOOK)
    newest = newest_plan(review)
    rows = detections.listed(review, newest.marks) if newest else []
    decided = review.suggestion_decisions.select_related("by", "plan", "undone_by")[:50]
    return answer(
        {
            "version": newest.version if newest else 0,
            "kinds": [
                {"kind": kind, "label": detections.LABELS[kind]}
                for kind in detections.kinds_for(review.record.medium, review.record.format)
            ],
            "searches": [shown(row) for row in review.detections.select_related("job", "asked_by")],
            "obstacle": detections.obstacle(review),
            "counts": counted(rows),
            "decisions": [_decision(row) for row in decided],
        }
    )


@require_POST
@answering
def listed(request: AuthedRequest, key: str) -> HttpResponse:
    """One page of the open suggestions of a group: {group, order, start}. POST, for a word is no address."""
    review = look_into(request.user, key, _LOOK)
    data = sent(request)
    group, start = group_of(data.get("group", {})), data.get("start", 0)
    if type(start) is not int or start < 0:
        raise BadInput("Say from which suggestion on.")
    order = _ORDERS.get(str(data.get("order", "place")))
    if order is None:
        raise BadInput("They can be put in order of place, unsure or sure.")
    newest = newest_plan(review)
    rows = [row for row in detections.listed(review, newest.marks) if group.holds(row)] if newest else []
    rows.sort(key=order)
    picture = picture_of(review.record)
    return answer(
        {
            "version": newest.version if newest else 0,
            "total": len(rows),
            "start": start,
            "rows": [_row(row, picture) for row in rows[start : start + PAGE]],
        }
    )


@require_POST
@answering
def ask(request: AuthedRequest, key: str) -> HttpResponse:
    """Have the record looked through: {kinds: […], again}."""
    review = look_into(request.user, key, _LOOK)
    data = sent(request)
    kinds = data.get("kinds")
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        raise BadInput("Say what is to be looked for.")
    made = suggestions.ask(
        review=review, kinds=kinds, actor=request.user, at=now(), again=data.get("again") is True
    )
    return answer({"searches": [shown(row) for row in made]}, 202)


@require_POST
@answering
def search(request: AuthedRequest, key: str, number: int) -> HttpResponse:
    """One search: {action: retry | take | drop, why}."""
    review = look_into(request.user, key, _LOOK)
    data = sent(request)
    action = data.get("action")
    if action == "retry":
        row = suggestions.retry(review=review, number=number, actor=request.user)
    elif action == "take":
        row = suggestions.take_waiting(review=review, number=number, actor=request.user, at=now())
    elif action == "drop":
        row = suggestions.drop(
            review=review, number=number, why=_text(data, "why"), actor=request.user, at=now()
        )
    else:
        raise BadInput("Say what is to be done with this search.")
    return answer({"search": shown(row)})


@require_POST
@answering
def decide(request: AuthedRequest, key: str) -> HttpResponse:
    """Answer a group: {version, group, decision, why, reason, exemption}."""
    review = look_into(request.user, key, _LOOK)
    data = sent(request)
    version = data.get("version")
    if type(version) is not int:
        raise BadInput("Say which version of the marks you had in front of you.")
    row = suggestions.decide(
        review=review,
        group=group_of(data.get("group")),
        decision=_text(data, "decision"),
        why=_text(data, "why"),
        reason=_text(data, "reason"),
        exemption=_text(data, "exemption"),
        actor=request.user,
        at=now(),
        expected_version=version,
    )
    return answer(_decision(row), 201)


@require_POST
@answering
def undo(request: AuthedRequest, key: str, pk: int) -> HttpResponse:
    """Open again what an answer decided: {why}."""
    review = look_into(request.user, key, _LOOK)
    row = suggestions.undo(
        review=review, decision=pk, why=_text(sent(request), "why"), actor=request.user, at=now()
    )
    return answer(_decision(row), 201)


def shown(row: Detection) -> dict[str, Any]:
    """This will give a search as the script shows it."""
    return {
        "number": row.number,
        "kind": row.kind,
        "label": detections.LABELS[row.kind],
        "state": row.state,
        "progress": row.job.progress,
        "note": row.job.progress_note if row.job.is_open else "",
        "fault": detections.fault_of(row),
        "count": row.count,
        "waiting": len(row.waiting),
        "unfit": row.unfit,
        "again": row.again,
        "by": str(row.asked_by),
        "at": row.asked_at.isoformat(),
        "why": row.dropped_why,
    }


def _row(row: Suggestion, picture: tuple[float, float] | None) -> dict[str, Any]:
    mark = row.mark
    return {
        "id": mark["id"],
        "kind": mark["kind"],
        "words": describe(mark, picture),
        "note": mark.get("note") or "",
        "reason": mark.get("reason") or "",
        "page": row.page,
        "start": mark.get("start"),
        "detection": row.about.detection,
        **row.about.as_dict(),
    }


def _decision(row: SuggestionDecision) -> dict[str, Any]:
    return {
        "id": row.pk,
        "decision": row.decision,
        "group": row.group,
        "count": row.count,
        "why": row.why,
        "by": str(row.by),
        "at": row.at.isoformat(),
        "version": row.plan.version,
        "undone": hasattr(row, "undone_by"),
    }


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name) or ""
    if not isinstance(value, str):
        raise BadInput(f"{name} is a text.")
    return value


_HERE = "desk/records/<str:key>/work/suggestions/"
urlpatterns = [
    path(_HERE, overview, name="suggestions"),
    path(f"{_HERE}list/", listed, name="suggestions-list"),
    path(f"{_HERE}ask/", ask, name="suggestions-ask"),
    path(f"{_HERE}search/<int:number>/", search, name="suggestions-search"),
    path(f"{_HERE}decide/", decide, name="suggestions-decide"),
    path(f"{_HERE}undo/<int:pk>/", undo, name="suggestions-undo"),
]
