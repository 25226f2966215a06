"""A review and its newest rows, read under its lock, so that marks and approvals take turns."""

from collections.abc import Iterable

from portal.core.errors import IllegalMove, StaleWrite
from redaction.plans.models import Approval, Plan, Render, Review
from redaction.plans.rules import ReviewStatus
from requests_app.custody import transcripts
from requests_app.custody.destroying import require_exists
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status

# in a closed request only what a recall opened may still change: that is how a mistake is put right
_AFTER_RECALL = frozenset(
    {ReviewStatus.RECALLED, ReviewStatus.MARKED, ReviewStatus.RENDERED, ReviewStatus.VERIFIED}
)


class RecordClosed(IllegalMove):
    """The request is closed: nobody looks into its originals any more."""

    code = "record_closed"


def lock(review: Review) -> Review:
    """This will read the review again under its row lock."""
    return (
        Review.objects.select_for_update(of=("self",))
        .select_related("record__request__agency")
        .get(pk=review.pk)
    )


def lock_of(requests: Iterable[RecordsRequest]) -> list[Review]:
    """This will lock every review of some requests in order of keys, as a release does.

    Whoever changes several reviews in one transaction calls this before its first audit entry
    (docs/workbench.md, "One order of locks").
    """
    rows = Review.objects.select_for_update(of=("self",)).filter(record__request__in=list(requests))
    return list(rows.order_by("pk"))


def latest_version(review: Review) -> int:
    newest = review.plans.order_by("-version").values_list("version", flat=True).first()
    return newest or 0


def require_open(review: Review) -> None:
    """This will refuse to change a review under a request that is ready for release or closed.

    A recalled record may be marked again in a closed request: that is how a mistake is put right.

    :raises IllegalMove: with what to do first.
    :raises Destroyed: when only the record's row is left.
    """
    require_exists(review.record)
    request = review.record.request
    if request.status == Status.READY:
        raise IllegalMove("The review of this request is finished. Open the review again first.")
    if request.status == Status.CLOSED and not _is_open_again(review):
        raise IllegalMove("This request is closed. Reopen it before you change its records.")


def require_open_to_look(review: Review) -> None:
    """This will refuse a look into the original once its request is closed and nothing opened it again.

    :raises RecordClosed: with what may still be looked at.
    :raises Destroyed: when only the record's row is left.
    """
    require_exists(review.record)
    if review.record.request.status == Status.CLOSED and not _is_open_again(review):
        raise RecordClosed(
            "This request is closed, so the original is not shown any more. The redacted copy and its report"
            " are still there. Reopening the request, an appeal or a recall opens the original again."
        )


def _is_open_again(review: Review) -> bool:
    """Whether a recall or an appeal took back, after the request was closed, what had been decided."""
    closed_at = review.record.request.closed_at
    return (
        review.status in _AFTER_RECALL
        and closed_at is not None
        and Approval.objects.filter(review=review, voided_at__gte=closed_at).exists()
    )


def newest_plan(review: Review) -> Plan | None:
    """This will give the newest marks of a record with their author, if it has any."""
    return review.plans.select_related("author").order_by("-version").first()


def newest_render(review: Review) -> Render | None:
    """This will give the verified result of the newest marks, if they have one."""
    plan = newest_plan(review)
    if plan is None:
        return None
    return plan.renders.select_related("plan__author", "review").order_by("-pk").first()


def require_same_transcript(render: Render) -> None:
    """This will refuse a result made with another transcript than the record has now. Under the lock.

    :raises StaleWrite: then; attaching one opens a new version of the marks, so this stops only other ways.
    """
    standing = transcripts.standing(render.review.record)
    if render.transcript_sha256 != (standing.sha256 if standing else ""):
        raise StaleWrite(
            "The transcript of this record has changed since the result was made. Make the result again."
        )
