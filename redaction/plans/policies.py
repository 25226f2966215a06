"""Who may mark, approve and see the insides of a review."""

from typing import NoReturn

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import NotAllowed
from portal.core.time import now
from redaction.plans import invitations
from redaction.plans.authors import is_author
from redaction.plans.models import Review
from redaction.plans.rules import REVIEW
from requests_app.custody import policies as custody
from requests_app.docket import recusals


class SelfApproval(NotAllowed):
    """The approver has marked the record, or gave what its marks stand on: two people, never one."""

    code = "self_approval"


def may_mark(user: User, review: Review) -> bool:
    return user.may(Permission.REDACT) and not recusals.is_barred(user, review.record.request)


def may_approve(user: User, review: Review) -> bool:
    """Holds for a second person only: nobody who shaped what is removed (``authors``), nobody recused."""
    return (
        holds_approval(user, review)
        and not is_author(user, review)
        and not recusals.is_barred(user, review.record.request)
    )


def may_look(user: User, review: Review) -> bool:
    """Whether the person's work on this record needs its insides: by role, or by an invitation for it."""
    return (
        custody.may_fetch_original(user, review.record)
        or invitations.standing(review, user, at=now()) is not None
    )


def holds_approval(user: User, review: Review) -> bool:
    """By role, or by an invitation for this one record."""
    return user.may(Permission.APPROVE) or invitations.standing(review, user, at=now()) is not None


def require(actor: User, review: Review, action: str) -> None:
    """This will refuse a step the actor's roles do not carry, with an audit entry of the refusal.

    Called outside the step's transaction, or the entry would be rolled back with it.

    :raises NotAllowed: with the sentence for the page.
    """
    if recusals.is_barred(actor, review.record.request):
        words = "You are recused from this record. A colleague has to do it."
        refuse(actor, review, action, recusals.Recused(words))
    permission = REVIEW.step(action).permission
    if permission is None or actor.may(Permission(permission)):
        return
    if permission == Permission.APPROVE and invitations.standing(review, actor, at=now()) is not None:
        return
    refuse(actor, review, action, NotAllowed("Your role does not include this step."))


def require_look(user: User, review: Review) -> None:
    """:raises NotAllowed: for staff whose work does not need what is inside the record; audited."""
    if not may_look(user, review):
        words = "Your role does not include looking into unredacted files."
        refuse(user, review, "looked_at", NotAllowed(words))


def require_second_person(actor: User, review: Review, action: str) -> None:
    """:raises SelfApproval: when the actor shaped what is removed; audited."""
    if is_author(actor, review):
        refuse(
            actor,
            review,
            action,
            SelfApproval(
                "You marked this record yourself, or gave what its marks stand on: its transcript, what a"
                " flight was for or the proof of a plate. Another person has to approve it."
            ),
        )


def refuse(actor: User, review: Review, action: str, error: NotAllowed) -> NoReturn:
    """:raises NotAllowed: the error, after an audit entry. Outside the transaction that it ends."""
    audit.record_denied(
        action=f"review.{action}",
        actor=actor,
        subject=review,
        request_key=review.record.request.key,
        why=error.code,
    )
    raise error
