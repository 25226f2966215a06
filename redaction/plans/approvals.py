"""The second person's word: approve, send back, and what release does to an approved review."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from portal.accounts.models import User
from portal.audit import moves
from portal.core import files
from portal.core.errors import BadInput, IllegalMove, StaleWrite
from portal.core.time import now
from redaction import marks as marks_format
from redaction.plans import invitations, policies, readiness, seeing
from redaction.plans import pins as pinning
from redaction.plans.checks import day_of
from redaction.plans.models import Approval, Review, SendBack
from redaction.plans.outdated import require_current
from redaction.plans.pins import Wanted
from redaction.plans.plate_proofs import require_proved
from redaction.plans.rows import (
    lock,
    newest_plan,
    newest_render,
    require_open,
    require_same_transcript,
)
from redaction.plans.rules import REVIEW, cited
from requests_app.custody.cases import require_determinations
from requests_app.custody.flights import require_class
from requests_app.docket import recusals
from requests_app.law import selectors as law


class NothingToApprove(IllegalMove):
    """The newest marks have no verified result."""

    code = "nothing_to_approve"


def approve(
    *, review: Review, approver: User, at: datetime, render_sha256: str, marks_digest: str | None = None
) -> Approval:
    """This will bind the approver's word to the source, the marks and the result as they are now.

    ``render_sha256`` (empty for a record withheld whole) and ``marks_digest`` are what the approver saw.

    :raises SelfApproval: when the approver wrote any version of the marks.
    :raises StaleWrite: when the result is not the one the approver saw.
    :raises EngineChanged: when another machinery made the result than the one that runs now.
    :raises Corrupt: when the stored result, or the original it was made from, is no longer intact.
    """
    policies.require(approver, review, "approve")
    policies.require_second_person(approver, review, "approve")
    newest = newest_render(review)
    if newest is not None and not newest.withheld:
        files.require_intact(files.Stored.of(newest))
        files.require_once_intact(files.Stored.of(review.record), by_others=False)
    total = seeing.total_of(review.record)
    try:
        return _approve(review, approver=approver, at=at, seen=(render_sha256, marks_digest), total=total)
    except recusals.Recused as refusal:  # since the question above
        policies.refuse(approver, review, "approve", refusal)


@transaction.atomic
def _approve(
    review: Review, *, approver: User, at: datetime, seen: tuple[str, str | None], total: float | None
) -> Approval:
    locked = lock(review)
    require_open(locked)
    REVIEW.check("approve", locked.status, None)
    # a recusal takes this lock too: it is committed by now, or will find this approval
    if recusals.is_barred(approver, locked.record.request):
        raise recusals.Recused("You are recused from this record. A colleague has to do it.")
    render = newest_render(locked)
    if render is None:
        raise NothingToApprove("The newest marks have not been made and checked yet.")
    if render.sha256 != seen[0] or seen[1] not in (None, render.marks_digest):
        raise StaleWrite("The result has changed since you looked at it. Nothing was approved; look again.")
    require_same_transcript(render)
    require_current(render)
    readiness.require_settled(locked)
    seeing.bind(render.plan, approver, "approver", at=at, demanded=not render.withheld, total=total)
    marks = marks_format.parse(render.plan.marks)
    require_proved(locked.record, marks)
    if render.withheld:
        require_determinations(locked.record, cited(marks))
    require_class(locked.record, cited(marks), at=at)
    invitation = invitations.standing(locked, approver, at=now())  # the approval's trigger uses it up
    approval = Approval.objects.create(
        review=locked,
        render=render,
        approver=approver,
        prepared_by=render.plan.author,
        source_sha256=locked.record.sha256,
        marks_digest=render.marks_digest,
        render_sha256=render.sha256,
        engine=render.engine,
        exemptions=_grounds(locked, cited(marks), at),
        at=at,
    )
    moves.apply(
        row=locked,
        machine=REVIEW,
        action="withhold" if render.withheld else "approve",
        actor=approver,
        request_key=locked.record.request.key,
        detail={
            "source_sha256": approval.source_sha256,
            "marks_digest": approval.marks_digest,
            "render_sha256": approval.render_sha256,
            "prepared_by": approval.prepared_by_id,
            "engine": approval.engine,
            **({"invitation": invitation.pk} if invitation is not None else {}),
            "beside": {row.name: row.sha256 for row in render.companions.all()},
        },
    )
    review.status = locked.status
    return approval


def send_back(
    *, review: Review, by: User, comment: str, at: datetime, pins: Sequence[Wanted] = ()
) -> SendBack:
    """This will return the record to its reviewer with what is to be changed; an approval is void.

    ``pins`` are comments on single marks of the newest version.

    :raises BadInput: without a word of what is to be changed, or for a pin on a mark that is not there.
    """
    policies.require(by, review, "send_back")
    if not comment.strip() and not pins:
        raise BadInput("Say what is to be changed, so that your colleague can do it.")
    words = comment.strip() or ("See the marks: there is a comment on each to be changed.")
    return _send_back(review, by=by, comment=words, at=at, pins=pins)


@transaction.atomic
def take_approval_back(*, review: Review, by: User, words: str, at: datetime) -> SendBack:
    """This will return an approved record because its approver turned out not to be free to judge it.

    Called by the recusal alone, whose policy says who may, and whatever state the request is in: no step of
    a request keeps anybody from being recused.
    """
    return _return(lock(review), by=by, comment=words, at=at)


def reopen_on_appeal(*, review: Review, by: User, reasons: str, at: datetime) -> SendBack:
    """This will return a record withheld whole to its reviewer. Called by the appeals room alone.

    Who may decide an appeal is that room's policy; here the decision is only carried out.
    """
    return _send_back(review, by=by, comment=reasons, at=at)


@transaction.atomic
def _send_back(
    review: Review, *, by: User, comment: str, at: datetime, pins: Sequence[Wanted] = ()
) -> SendBack:
    locked = lock(review)
    require_open(locked)
    sent = _return(locked, by=by, comment=comment, at=at, pins=pins)
    review.status, review.job = locked.status, None
    return sent


def _return(locked: Review, *, by: User, comment: str, at: datetime, pins: Sequence[Wanted] = ()) -> SendBack:
    moves.apply(
        row=locked,
        machine=REVIEW,
        action="send_back",
        actor=by,
        changes={"job": None},
        request_key=locked.record.request.key,
    )
    Approval.objects.filter(review=locked, voided_at=None).update(voided_at=at)
    plan = newest_plan(locked)
    if plan is None:
        raise NothingToApprove("This record has no marks to send back.")
    wanted = pinning.checked(pins, plan)
    sent = SendBack.objects.create(review=locked, plan=plan, by=by, comment=comment[:2000], at=at)
    pinning.put(sent, wanted)
    return sent


@transaction.atomic
def release(*, review: Review, actor: User | None, manifest: str) -> None:
    """This will note that the approved result has left in a release. Called by the release room alone.

    :raises StaleWrite: when the record has another transcript than the result was made with.
    """
    approval = Approval.objects.filter(review=lock(review), voided_at=None).first()
    if approval is not None:
        require_same_transcript(approval.render)
    _follow_release(review, "release", actor, manifest)


@transaction.atomic
def recall(*, review: Review, actor: User | None, manifest: str, at: datetime) -> None:
    """This will open a released record for new marks; its approval no longer stands."""
    _follow_release(review, "recall", actor, manifest)
    Approval.objects.filter(review=review, voided_at=None).update(voided_at=at)


def _follow_release(review: Review, action: str, actor: User | None, manifest: str) -> None:
    locked = lock(review)
    moves.apply(
        row=locked,
        machine=REVIEW,
        action=action,
        actor=actor,
        request_key=locked.record.request.key,
        detail={"manifest": manifest},
    )
    review.status = locked.status


def _grounds(review: Review, codes: tuple[str, ...], at: datetime) -> list[dict[str, str]]:
    request = review.record.request
    found = {row.code: row for row in law.exemptions(request.law_code, day_of(request, at))}
    missing = [code for code in codes if code not in found]
    if missing:
        raise BadInput(f"The exemption {missing[0]} is no longer in force. Send the record back.")
    return [
        {
            "code": code,
            "citation": found[code].citation,
            "label": found[code].label,
            "explanation": found[code].explanation,
            "letter_text": found[code].letter_text,
        }
        for code in codes
    ]
