"""A case is closed: what was withheld for it goes back to be decided, and the requester hears of it."""

from datetime import datetime
from itertools import groupby

from django.db import transaction

from portal.accounts.models import User
from portal.core import jobs
from portal.core.time import now
from redaction.plans import services as plans
from redaction.plans.models import Review
from redaction.plans.rows import lock_of
from redaction.plans.rules import ReviewStatus
from requests_app.clock import services as clock
from requests_app.correspondence import services as correspondence
from requests_app.custody import cases
from requests_app.custody.models import Case, CaseDetermination
from requests_app.custody.services import place_hold
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status

_ANSWERED = frozenset({Disposition.FULL, Disposition.PARTIAL, Disposition.DENIED})


def make(run: jobs.Run) -> jobs.Publish:
    """This will do :func:`reopen_for` for the case of a job, in the job's fenced transaction."""
    case = Case.objects.select_related("agency", "closed_by").get(pk=run.payload["case"])

    def publish() -> str:
        return str(reopen_for(case, at=now()))

    return publish


@transaction.atomic
def reopen_for(case: Case, *, at: datetime) -> int:
    """This will take each record that was withheld for a closed case back into review, request by request.

    An answered request is opened again; one that its requester gave up gets a letter that offers a new one.
    Gives how many determinations ended.
    """
    rows = cases.withheld_for(case).order_by("record__request_id", "pk")
    # all of them before the first audit entry: an approval takes its review before the chain
    named = RecordsRequest.objects.filter(pk__in=rows.values("record__request"))
    lock_of(named.select_for_update(of=("self",)).order_by("pk"))
    ended = 0
    for request_id, group in groupby(rows, key=lambda row: row.record.request_id):
        ended += _reopen(case, request_id, list(group), at)
    return ended


def _reopen(case: Case, request_id: int, rows: list[CaseDetermination], at: datetime) -> int:
    locked = RecordsRequest.objects.select_for_update(of=("self",))
    request = locked.select_related("agency", "requester", "assignee").get(pk=request_id)
    for row in rows:
        cases.end_determination(determination=row, why=f"case {case.number} was closed", at=at)
    records = {row.record_id: row.record for row in rows if row.record.destroyed_at is None}
    given_up = request.status == Status.CLOSED and request.disposition not in _ANSWERED
    if records and not given_up:
        _open(request, case, at)
        assert case.closed_by is not None  # noqa: S101  a closed case has one by constraint
        for review in Review.objects.filter(record__in=records).select_related("record").order_by("pk"):
            _look_again(review, case.closed_by, case, at)
    _tell(request, case, len(records), given_up, at)
    return len(rows)


def _open(request: RecordsRequest, case: Case, at: datetime) -> None:
    """The system's moves: who closed the case may do that; that the request follows is the law's doing."""
    if request.status == Status.CLOSED:
        docket.move(request=request, action="reopen", actor=None, at=at, detail={"case": case.pk})
        clock.reopen(request=request, actor=None, at=at)
        for item in request.items.all():
            place_hold(request=request, item=item, at=at, scope=item.description)
    elif request.status == Status.READY:
        docket.move(request=request, action="reopen_review", actor=None, at=at, detail={"case": case.pk})


def _look_again(review: Review, by: User, case: Case, at: datetime) -> None:
    whole = review.status == ReviewStatus.WITHHELD
    if review.status == ReviewStatus.VERIFIED:
        newest = review.renders.order_by("-pk").first()
        whole = newest is not None and newest.withheld
    if whole:
        words = f"Case {case.number} is closed, so it is no reason any more to withhold this record."
        plans.reopen_on_appeal(review=review, by=by, reasons=words, at=at)


def _tell(request: RecordsRequest, case: Case, records: int, given_up: bool, at: datetime) -> None:
    if given_up:
        then = (
            "You had given this request up. If you want these records, file a new one: it is looked at anew."
        )
    elif records:
        then = "We are looking at these records again. You get a new answer about each of them."
    else:
        then = "The records have been destroyed on schedule since, so there is nothing left to release."
    correspondence.send_letter(
        request=request,
        kind="notice",
        subject=f"News about your request {request.number}",
        context={
            "paragraphs": [
                "When we answered your request, records of an open case were withheld for it. That case is"
                " closed now, so it is no reason any more to withhold them.",
                then,
            ]
        },
        signer=case.closed_by,
        at=at,
        dedupe_key=f"case-closed:{case.pk}:{request.pk}",
    )
