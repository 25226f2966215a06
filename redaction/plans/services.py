"""The only code that changes reviews, plans and what hangs on them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from portal.accounts.models import User
from portal.audit import moves
from portal.audit import services as audit
from portal.core import jobs
from portal.core.errors import BadInput, IllegalMove, StaleWrite
from portal.core.models import Job, Queue
from redaction import marks as marks_format
from redaction.marks import Marks
from redaction.plans import checks, decisions, outdated, policies, readiness, seeing, spreading
from redaction.plans.approvals import approve, recall, release, reopen_on_appeal, send_back
from redaction.plans.models import Plan, Review
from redaction.plans.rows import latest_version, lock, newest_plan, require_open
from redaction.plans.rules import REVIEW
from requests_app.custody.models import ResponsiveRecord

__all__ = [
    "approve",
    "mark_duplicate",
    "mark_not_responsive",
    "open_review",
    "recall",
    "reconsider",
    "release",
    "reopen_on_appeal",
    "request_render",
    "save_plan",
    "send_back",
    "withhold",
]

RENDER = "plans.render"


class NotReadyToRender(IllegalMove):
    """Something in the marks is still open, so nothing can be made of them."""

    code = "not_ready"


def open_review(*, record: ResponsiveRecord) -> Review:
    """This will give the one review of a record, made on first use."""
    review, _created = Review.objects.select_related("record__request__agency").get_or_create(record=record)
    return review


def save_plan(
    *,
    review: Review,
    marks: dict[str, Any],
    author: User,
    at: datetime,
    expected_version: int,
    reasons_open: bool = False,
    detail: Mapping[str, Any] | None = None,
    decided_why: str = decisions.BY_HAND,
) -> Plan:
    """This will keep the marks as the next version; an approval of an older one is void from then on.

    ``expected_version`` is the version the author had in front of her, 0 before the first. With
    ``reasons_open`` marks may still lack their reason; nothing is made of them before they have it.
    ``detail`` says in the audit entry where the marks came from; ``decided_why`` stands with what they decide
    of suggestions.

    :raises NotAllowed: when the author's roles do not include redaction.
    :raises BadInput: naming the first mark that is wrong and what is wrong with it.
    :raises StaleWrite: when somebody saved another version in the meantime.
    """
    policies.require(author, review, "save_marks")
    parsed = checks.checked(review.record, marks, at=at, reasons_open=reasons_open)
    return keep(
        review, parsed, author=author, at=at, expected_version=expected_version, detail=detail,
        decided_why=decisions.worded(decided_why),
    )  # fmt: skip


@transaction.atomic
def keep(
    review: Review,
    parsed: Marks,
    *,
    author: User,
    at: datetime,
    expected_version: int,
    detail: Mapping[str, Any] | None = None,
    decided_why: str = decisions.BY_HAND,
) -> Plan:
    """This will write checked marks as the next version. Who may, and whether they fit, is the caller's.

    What the version decides of suggestions becomes rows with ``decided_why``; empty where the caller keeps
    a row of its own.

    :raises StaleWrite: when ``expected_version`` is not the newest any more.
    """
    locked = lock(review)
    require_open(locked)
    version = latest_version(locked)
    if version != expected_version:
        raise StaleWrite(
            f"Somebody else saved version {version} of these marks in the meantime. Yours were not saved: "
            "compare, then save again."
        )
    moves.apply(
        row=locked,
        machine=REVIEW,
        action="save_marks",
        actor=author,
        changes={"job": None},
        request_key=locked.record.request.key,
        detail={"version": version + 1, "marks": len(parsed), "marks_digest": parsed.digest}
        | dict(detail or {}),
    )
    before = locked.plans.filter(version=version).first() if decided_why else None
    plan = Plan.objects.create(
        review=locked,
        version=version + 1,
        marks=dict(parsed.raw),
        digest=parsed.digest,
        author=author,
        created_at=at,
    )
    if decided_why:
        decisions.record(plan, before, why=decided_why, actor=author, at=at)
    review.status, review.job = locked.status, None
    return plan


def request_render(*, review: Review, actor: User, at: datetime) -> Job:
    """This will ask a worker to redact the original by the newest marks; a failed attempt is tried again.

    :raises NotReadyToRender: when there are no marks yet, a suggestion is undecided or a reason is owed.
    """
    policies.require(actor, review, "save_marks")
    return _request_render(review, actor=actor, at=at, total=seeing.total_of(review.record))


@transaction.atomic
def _request_render(review: Review, *, actor: User, at: datetime, total: float | None) -> Job:
    locked = lock(review)
    require_open(locked)
    outdated.take_back(locked, actor=actor)
    REVIEW.check("render", locked.status, None)
    plan = newest_plan(locked)
    if plan is None:
        raise NotReadyToRender("This record has no saved marks yet.")
    if standing := readiness.hurdles(locked, plan, actor, total=total):
        raise NotReadyToRender(" ".join(hurdle.words for hurdle in standing))
    demanded = not marks_format.parse(plan.marks).effective.withheld
    seeing.bind(plan, actor, "marker", at=at, demanded=demanded, total=total)
    # a record sent back unchanged may be made again: each result has a job of its own
    job = jobs.enqueue(
        kind=RENDER,
        dedupe_key=f"{RENDER}:{plan.pk}:{plan.renders.count()}",
        queue=Queue.MEDIA,
        payload={"plan": plan.pk, "review": locked.pk},
        input_digest=plan.digest,
    )
    job = spreading.resume(job)
    if locked.job_id != job.pk:
        Review.objects.filter(pk=locked.pk).update(job=job)
    review.job, review.status = job, locked.status
    audit.record(
        action="review.render_asked", actor=actor, subject=locked, request_key=locked.record.request.key,
        detail={"job": job.pk, "version": plan.version},
    )  # fmt: skip
    return job


def withhold(
    *,
    review: Review,
    exemption_codes: Sequence[str],
    actor: User,
    at: datetime,
    note: str = "",
    expected_version: int | None = None,
) -> Plan:
    """This will propose to withhold the whole record, for a second person to approve.

    :raises BadInput: without an exemption, or with one that the law of the request does not have.
    """
    codes = list(dict.fromkeys(code for code in exemption_codes if code))
    if not codes:
        raise BadInput("Withholding a whole record needs the exemption it stands on.")
    rows = [{"id": f"withhold-{n}", "kind": "withhold", "exemption": code} for n, code in enumerate(codes, 1)]
    if note.strip():
        rows[0]["note"] = note.strip()
    version = latest_version(review) if expected_version is None else expected_version
    plan = save_plan(
        review=review, marks={"version": 1, "marks": rows}, author=actor, at=at, expected_version=version
    )
    request_render(review=review, actor=actor, at=at)
    return plan


def mark_not_responsive(*, review: Review, actor: User, at: datetime) -> None:
    """This will set the record aside as outside what was asked for."""
    _set_aside(review, "set_not_responsive", actor)


def mark_duplicate(*, review: Review, actor: User, at: datetime) -> None:
    """This will set the record aside as the same as another of the request."""
    _set_aside(review, "set_duplicate", actor)


def reconsider(*, review: Review, actor: User, at: datetime) -> None:
    """This will take a record that was set aside back into review."""
    _set_aside(review, "reconsider", actor)


def _set_aside(review: Review, action: str, actor: User) -> None:
    policies.require(actor, review, action)
    with transaction.atomic():
        locked = lock(review)
        require_open(locked)
        moves.apply(
            row=locked,
            machine=REVIEW,
            action=action,
            actor=actor,
            changes={"job": None},
            request_key=locked.record.request.key,
        )
    review.status, review.job = locked.status, None
