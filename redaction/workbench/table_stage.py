"""The stage of a table: what its columns are taken for, its rows before and after, what the marks take out.

``config(desk)`` gives the script columns ``{"name", "by", "action", "to", "why"}`` (``by`` is profile, name
or "" for a column nobody knows), the profile the header agrees or nearly agrees with, the own plate's proof
and the addresses:

``POST rows {"marks", "start", "only"}`` gives ``sample.Page``, ``GET rows`` the first of the marks as saved
and their ``version``, which the page has fetched before any script runs (``early``); ``POST counts {"marks",
"again"}`` gives ``{"state": "ready", "found": sample.Count}``, ``{"state": "waiting", "progress",
"note"}`` or ``{"state": "failed", "error"}``; ``POST finds {"again"}`` the same with
finds. 422 names the mark at fault.
``POST proof {"plate", "document", "note"}`` or ``{"plate", "withdraw": true}`` gives the proofs anew.
"""

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.rules import Permission
from portal.core.errors import BadInput
from portal.core.http import AuthedRequest
from portal.core.time import now
from redaction import table_looks
from redaction.engines.table import profiles
from redaction.plans import extents, plate_proofs
from redaction.plans.models import Plan, Review
from redaction.plans.rows import newest_plan
from redaction.plans.rules import media_of
from redaction.report import RedactionError
from redaction.workbench import previews, table_counting
from redaction.workbench.answers import answer, answering, sent
from redaction.workbench.insight import note_look_into, require_insight_into
from redaction.workbench.pace import require_pace
from redaction.workbench.page import open_review
from requests_app.custody import ownership
from requests_app.custody.models import PlateProof
from requests_app.docket.models import RecordsRequest

if TYPE_CHECKING:
    from redaction.workbench.page import Desk

_NO_MARKS = {"version": 1, "marks": []}
_LAST_ROW = 500_000_000
_KINDS = (
    "column",
    "rows",
    "own_plate",
    "suppress",
    "withhold",
)  # as static/workbench/table-policy.js has them
_ACTION = "custody.rows_viewed"


def config(desk: "Desk") -> dict[str, Any]:
    """This will give the script what the header tells; nothing is opened for it."""
    record = desk.record
    columns = list(desk.facts.columns)
    taken = profiles.meanings(columns)
    return {
        "columns": [
            {"name": row.name, "by": row.by, "action": row.action, "to": row.to, "why": row.why}
            for row in taken
        ],
        "plates": [row.name for row in taken if row.is_plate],
        "profile": _profile(columns),
        "also": [medium for medium in media_of(record.medium, record.format) if medium != "table"],
        "own": own_plate(record.request, desk.marks),
        "early": {"fetch": reverse("workbench:table-rows", kwargs={"key": record.key})},
        "may_prove": desk.user.may(Permission.WORK_REQUESTS),
        "urls": {
            name: reverse(f"workbench:table-{name}", kwargs={"key": record.key})
            for name in ("rows", "counts", "finds", "proof")
        },
    }


@require_http_methods(["GET", "POST"])
@answering
def rows(request: AuthedRequest, key: str) -> HttpResponse:
    """Fifty rows before and after the marks that were sent; by GET the first of the saved marks' version."""
    review = _looking(request, key)
    plan = newest_plan(review) if request.method == "GET" else None
    data = sent(request) if request.method == "POST" else {"marks": _told(plan)}
    start, only = data.get("start", 0), data.get("only", "")
    if type(start) is not int or not 0 <= start <= _LAST_ROW or not isinstance(only, str):
        raise BadInput("Say from which row on.")
    marks = table_counting.decided(data.get("marks"))
    try:
        counted = table_counting.known(review.record, marks)
        found = table_looks.page(
            previews.original_of(review.record),
            marks,
            key=table_counting.key_of(review.record),
            start=start,
            only=only,
            known=counted,
        )
    except RedactionError as error:
        raise table_counting.said(error) from error
    if request.method == "POST" and not only and not found["more"] and (found["rows"] or not start):
        last = found["rows"][-1]["number"] if found["rows"] else 0
        extents.learn(review.record, "table", last, at=now())
    return answer({**found, "version": plan.version if plan else 0} if request.method == "GET" else found)


@require_POST
@answering
def counts(request: AuthedRequest, key: str) -> HttpResponse:
    """What the marks that were sent take out of the whole table."""
    review = _looking(request, key)
    data = sent(request)
    return _standing(review, "counts", data.get("marks"), again=data.get("again") is True)


@require_POST
@answering
def finds(request: AuthedRequest, key: str) -> HttpResponse:
    """What looks like personal data in each column."""
    review = _looking(request, key)
    return _standing(review, "finds", _NO_MARKS, again=sent(request).get("again") is True)


@require_POST
@answering
def proof(request: AuthedRequest, key: str) -> HttpResponse:
    """Record, or take back, that the paper was seen which makes a plate the requester's own."""
    review = open_review(request.user, key)
    require_insight_into(request.user, review)
    data = sent(request)
    plate, note = data.get("plate"), data.get("note", "")
    if not isinstance(plate, str) or not isinstance(note, str):
        raise BadInput("Write the plate first.")
    records_request = review.record.request
    if data.get("withdraw") is True:
        ownership.withdraw(request=records_request, plate=plate, actor=request.user, at=now())
    else:
        plate_proofs.confirm(
            request=records_request,
            plate=plate,
            document=str(data.get("document", "")),
            note=note,
            actor=request.user,
            at=now(),
        )
    wanted = {"marks": [{"kind": "own_plate", "plate": plate}]}
    return answer(own_plate(records_request, wanted), 201)


def own_plate(request: RecordsRequest, marks: dict[str, Any]) -> dict[str, Any]:
    """This will say which plate the requester calls her own, and of which plates the proof was seen."""
    claim = ownership.claimed(request)
    marked = [str(mark.get("plate", "")) for mark in marks["marks"] if mark["kind"] == "own_plate"]
    named = dict.fromkeys(plain for plate in (claim, *marked) if (plain := ownership.plain(plate)))
    return {
        "claim": claim,
        "requester": str(request.requester or ""),
        "documents": [[value, str(label)] for value, label in PlateProof.Document.choices],
        "proofs": [
            {
                "plate": plate,
                "document": str(found.get_document_display()),
                "note": found.note,
                "by": str(found.confirmed_by),
                "at": found.confirmed_at.isoformat(),
            }
            for plate in named
            if (found := ownership.standing(request, plate)) is not None
        ],
    }


def _profile(columns: list[str]) -> dict[str, Any] | None:
    found = profiles.compare(columns)
    if found is None:
        return None
    telling = len(found.profile.needs)
    return {
        "title": found.profile.title,
        "certain": found.is_certain,
        "telling": telling,
        "there": telling - len(found.missing),
        "missing": list(found.missing),
    }


def _told(plan: Plan | None) -> dict[str, Any]:
    """The saved marks that a script would send: those that do something to a table."""
    marks = plan.marks["marks"] if plan else []
    return {"version": 1, "marks": [mark for mark in marks if mark["kind"] in _KINDS]}


def _looking(request: AuthedRequest, key: str) -> Review:
    review = open_review(request.user, key)
    require_insight_into(request.user, review)
    if "table" not in media_of(review.record.medium, review.record.format):
        raise BadInput("This record is not a table.")
    require_pace(request, "table")
    note_look_into(request.user, review.record, _ACTION)
    return review


def _standing(review: Review, what: str, marks: object, *, again: bool) -> HttpResponse:
    found = table_counting.ask(review.record, what, table_counting.decided(marks), again=again)
    if found.found is not None:
        if what == "counts":
            extents.learn(review.record, "table", found.found["rows_in"], at=now())
        shown = {name: value for name, value in found.found.items() if name not in ("small", "numeric")}
        return answer({"state": "ready", "found": shown})
    if found.fault:
        return answer({"state": "failed", "error": found.fault})
    return answer({"state": "waiting", "progress": found.progress, "note": found.note}, 202)


urlpatterns = [
    path("desk/records/<str:key>/work/table/rows/", rows, name="table-rows"),
    path("desk/records/<str:key>/work/table/counts/", counts, name="table-counts"),
    path("desk/records/<str:key>/work/table/finds/", finds, name="table-finds"),
    path("desk/records/<str:key>/work/table/proof/", proof, name="table-proof"),
]
