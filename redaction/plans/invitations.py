"""Inviting a second person for one record, where a unit has nobody else who may approve.

The rule of two people is never switched off: an invitation lets one more person be the second, for one
record, once, until its day. Whoever marked the record neither invites nor is invited.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, NotAllowed
from redaction.plans import authors
from redaction.plans.models import Invitation, Review
from redaction.plans.rows import lock
from requests_app.docket import recusals

STANDS = timedelta(days=14)


def standing(review: Review, user: User, *, at: datetime) -> Invitation | None:
    """This will give the invitation that lets this person be the second one now, if there is one."""
    if not user.is_active:
        return None
    row = Invitation.objects.standing(at).filter(review=review, person=user).first()
    # since she invited: Postgres refuses an approval by such an invitation too
    return None if row is None or authors.is_author(row.invited_by, review) else row


def may_invite(user: User, review: Review) -> bool:
    """Those who keep the rule of two people, unless they marked the record themselves."""
    return user.may(Permission.INVITE_APPROVER) and not authors.is_author(user, review)


def candidates(review: Review, inviter: User) -> QuerySet[User]:
    """This will list the staff who could be invited: neither marked it, nor recused, nor the inviter."""
    marked = authors.of_review(review).values("pk")
    barred = recusals.barred_people(review.record.request)
    found = User.objects.get_queryset().staff().filter(is_active=True)
    return found.exclude(pk__in=marked).exclude(pk__in=barred).exclude(pk=inviter.pk).order_by("name", "pk")


def of_review(review: Review) -> QuerySet[Invitation]:
    return Invitation.objects.filter(review=review).select_related("person", "invited_by").order_by("-pk")


def invite(*, review: Review, person: User, by: User, why: str, at: datetime) -> Invitation:
    """This will let one person approve this one record, once, within fourteen days.

    :raises NotAllowed: for whoever may not invite, and for anybody who marked the record; audited.
    :raises BadInput: without a reason, or for somebody who cannot be the second person.
    """
    if not may_invite(by, review):
        audit.record_denied(
            action="review.invite", actor=by, subject=review, request_key=review.record.request.key,
            why=NotAllowed.code,
        )  # fmt: skip
        raise NotAllowed(
            "The clerk's or counsel's office invites a second person, and nobody who marked the record does."
        )
    if not why.strip():
        raise BadInput("Say why nobody of the unit can be the second person.")
    with transaction.atomic():
        return _invite(lock(review), person, by, why.strip()[:500], at)


def _invite(review: Review, person: User, by: User, why: str, at: datetime) -> Invitation:
    if not candidates(review, by).filter(pk=person.pk).exists():
        raise BadInput(f"{person} cannot be the second person for this record.")
    if person.may(Permission.APPROVE):
        raise BadInput(f"{person} is an approver and needs no invitation.")
    old = Invitation.objects.filter(review=review, person=person, used_at=None, ended_at=None)
    if old.filter(expires_at__gt=at).exists():
        raise BadInput(f"{person} is invited already.")
    old.update(ended_at=at)  # past its day
    row = Invitation.objects.create(
        review=review, person=person, invited_by=by, why=why, at=at, expires_at=at + STANDS
    )
    audit.record(
        action="review.invite", actor=by, subject=row, request_key=review.record.request.key,
        detail={"person": person.pk, "record": review.record.position},
    )  # fmt: skip
    return row


@transaction.atomic
def take_back(*, invitation: Invitation, by: User, at: datetime) -> None:
    """This will end an invitation that was not used yet.

    :raises NotAllowed: for whoever may not invite.
    :raises BadInput: when it has been used or has ended.
    """
    if not may_invite(by, invitation.review):
        raise NotAllowed("The clerk's or counsel's office takes an invitation back.")
    if not Invitation.objects.filter(pk=invitation.pk, used_at=None, ended_at=None).update(ended_at=at):
        raise BadInput("This invitation has been used or has ended.")
    audit.record(
        action="review.uninvite", actor=by, subject=invitation,
        request_key=invitation.review.record.request.key, detail={"person": invitation.person_id},
    )  # fmt: skip
