"""Marks from elsewhere for the work page: copies to similar records, templates by form type."""

import math
from typing import Any

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods

from portal.core.errors import BadInput
from portal.core.http import AuthedRequest
from portal.core.time import now
from redaction.plans import copying
from redaction.plans.copying import Brought
from redaction.plans.models import Review
from redaction.plans.rules import REVIEW
from redaction.workbench import templating
from redaction.workbench.answers import answer, answering, sent
from redaction.workbench.insight import may_look, require_insight_into
from redaction.workbench.page import open_review
from requests_app.custody import selectors as custody
from requests_app.custody.models import ResponsiveRecord

FARTHEST = 24 * 3600  # seconds two recordings of one scene may be apart


@require_http_methods(["GET", "POST"])
@answering
def copy(request: AuthedRequest, key: str) -> HttpResponse:
    """GET lists the records like this one; POST copies marks to one of them:
    ``{"marks": [ids], "to": key, "as_suggestions": bool, "shift_seconds": number}``."""
    review = open_review(request.user, key)
    require_insight_into(request.user, review)
    if request.method == "GET":
        return answer({"records": [_line(row) for row in similar(request, review)]})
    data = sent(request)
    target = open_review(request.user, str(data.get("to", "")))
    require_insight_into(request.user, target)
    shift = data.get("shift_seconds", 0)
    if isinstance(shift, bool) or not isinstance(shift, int | float) or not math.isfinite(shift):
        raise BadInput("The time between the two recordings is a number of seconds.")
    if abs(shift) > FARTHEST:
        raise BadInput("The two recordings may be a day apart at most.")
    made = copying.copy_marks(
        source=review, mark_ids=_ids(data), target=target, actor=request.user, at=now(),
        as_suggestions=data.get("as_suggestions") is not False, shift_seconds=float(shift),
    )  # fmt: skip
    return answer({"to": target.record.title, **_told(made)}, 201)


@require_http_methods(["GET", "POST"])
@answering
def templates(request: AuthedRequest, key: str) -> HttpResponse:
    """GET lists the templates that fit; POST keeps, applies or retires one:
    ``{"do": "keep", "marks": [ids], "name"}``, ``{"do": "apply", "template", "as_suggestions"}``,
    ``{"do": "retire", "template"}``."""
    review = open_review(request.user, key)
    require_insight_into(request.user, review)
    if request.method == "GET":
        return answer({"templates": _offered(review)})
    data = sent(request)
    if data.get("do") == "keep":
        templating.keep_template(
            review=review, mark_ids=_ids(data), name=str(data.get("name") or ""),
            actor=request.user, at=now(),
        )  # fmt: skip
        return answer({"templates": _offered(review)}, 201)
    number = data.get("template")
    found = templating.offered(review).filter(pk=number).first() if type(number) is int else None
    if found is None:
        raise Http404
    if data.get("do") == "retire":
        templating.retire_template(review=review, template=found, actor=request.user, at=now())
        return answer({"templates": _offered(review)})
    if data.get("do") != "apply":
        raise BadInput("Keep, apply or retire a template.")
    made = templating.apply_template(
        review=review, template=found, actor=request.user, at=now(),
        as_suggestions=data.get("as_suggestions") is not False,
    )  # fmt: skip
    return answer({**_told(made), "marks": made.plan.marks["marks"]}, 201)


def similar(request: AuthedRequest, review: Review) -> list[ResponsiveRecord]:
    """This will list the other records of the request that marks of this one may be copied to."""
    record = review.record
    rows = (
        custody.records_of(record.request)
        .filter(medium=record.medium, destroyed_at=None)
        .exclude(pk=record.pk)
        .select_related("review", "request__agency")
    )
    return [row for row in rows if _takes_marks(request, row)]


def _takes_marks(request: AuthedRequest, record: ResponsiveRecord) -> bool:
    review = getattr(record, "review", None) or Review(record=record)
    return "save_marks" in REVIEW.actions(review.status) and may_look(request.user, review)


def _line(record: ResponsiveRecord) -> dict[str, Any]:
    return {"key": record.key, "title": record.title, "position": record.position}


def _offered(review: Review) -> list[dict[str, Any]]:
    return [
        {"id": row.pk, "name": row.name, "marks": len(row.marks), "by": str(row.created_by)}
        for row in templating.offered(review)
    ]


def _told(made: Brought) -> dict[str, Any]:
    left_out = [{"mark": name, "why": why} for name, why in made.left_out]
    return {"version": made.plan.version, "brought": made.brought, "left_out": left_out}


def _ids(data: dict[str, Any]) -> list[str]:
    ids = data.get("marks")
    if not isinstance(ids, list) or not all(isinstance(name, str) for name in ids):
        raise BadInput("Name the marks as a list.")
    return ids
