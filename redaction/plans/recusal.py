"""Recusing a person from a request or one of its records: hidden from her, and her approvals void."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from portal.accounts.models import User
from portal.core.errors import IllegalMove
from redaction.plans.approvals import take_approval_back
from redaction.plans.models import Approval
from redaction.plans.rows import lock_of
from redaction.plans.rules import ReviewStatus
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket import recusals
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest, Recusal
from requests_app.docket.rules import Status

_CAN_GO_BACK = (ReviewStatus.APPROVED, ReviewStatus.WITHHELD)


@transaction.atomic
def recuse(
    *,
    person: User,
    request: RecordsRequest,
    ground: str,
    why: str,
    by: User,
    at: datetime,
    record: ResponsiveRecord | None = None,
) -> Recusal:
    """This will hide a request from a person; with ``record`` every request that holds the same file.

    What she has approved of it and has not left yet goes back to be looked at by somebody else.

    :raises NotAllowed: when ``by`` may not recuse another.
    :raises BadInput: without a reason, for somebody who does not work here, or a second time.
    """
    sha256 = record.sha256 if record is not None else ""
    # requests, then their reviews, and only then the chain, which an approval takes after its review
    lock_of(recusals.locked_with_twins(request, sha256))
    row = recusals.recuse(
        person=person, request=request, ground=ground, why=why, by=by, at=at, record_sha256=sha256
    )
    hers = Approval.objects.filter(
        approver=person, voided_at=None, review__status__in=_CAN_GO_BACK,
        review__record__destroyed_at=None,  # nobody could look at it again
    )  # fmt: skip
    barred = RecordsRequest.objects.barred_to(person)
    # what a closed request was answered by stands as it left; it must not keep anybody from being recused
    answered = Q(
        review__record__request__status=Status.CLOSED, at__lte=F("review__record__request__closed_at")
    )
    hers = hers.filter(review__record__request__in=barred).exclude(answered)
    for approval in hers.select_related("review__record__request").order_by("review"):
        _open_review_again(approval.review.record.request, row, at)
        take_approval_back(
            review=approval.review, by=by, at=at,
            words="Whoever approved this is recused now. Somebody else has to look at it.",
        )  # fmt: skip
    return row


class ApproverRecused(IllegalMove):
    """Whoever approved a record is recused from its request, by a file that came later."""

    code = "approver_recused"


def require_free_approvers(request: RecordsRequest, approvals: Iterable[Approval]) -> None:
    """:raises ApproverRecused: when one of the approvals that stand is by somebody recused since."""
    barred = set(recusals.barred_people(request).values_list("person", flat=True))
    for approval in approvals:
        if approval.approver_id in barred:
            raise ApproverRecused(
                f"Whoever approved record {approval.review.record.position} is recused from this request"
                " since. Send it back, so that somebody else approves it."
            )


def _open_review_again(request: RecordsRequest, row: Recusal, at: datetime) -> None:
    """The system's move, whoever recused: a request of which a record is undecided again is not ready."""
    request.refresh_from_db(fields=["status"])  # by the approval before this one
    if request.status == Status.READY:
        docket.move(request=request, action="reopen_review", actor=None, at=at, detail={"recusal": row.pk})
