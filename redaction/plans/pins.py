"""What a second person pinned to marks when she sent a record back, until somebody has answered each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core.errors import BadInput, IllegalMove
from redaction.plans import policies
from redaction.plans.models import Pin, Plan, Review, SendBack
from redaction.plans.rows import require_open

MOST = 200  # on one record sent back
LONGEST = 1000  # characters


@dataclass(frozen=True)
class Wanted:
    """One thing to be changed at one mark."""

    mark_id: str
    text: str


class PinGone(IllegalMove):
    """Somebody has answered it already."""

    code = "pin_gone"


def checked(pins: Sequence[Wanted], plan: Plan) -> list[Wanted]:
    """This will refuse pins that say nothing or stand on no mark of the version sent back.

    :raises BadInput: naming the mark.
    """
    known = {mark["id"] for mark in plan.marks["marks"]}
    found = [Wanted(pin.mark_id, pin.text.strip()) for pin in pins]
    if len(found) > MOST:
        raise BadInput(f"At most {MOST} comments fit in one go. Say the rest in words.")
    for pin in found:
        if pin.mark_id not in known:
            raise BadInput(f"There is no mark {pin.mark_id[:80]} in the version you looked at. Look again.")
        if not pin.text or len(pin.text) > LONGEST:
            raise BadInput(f"The comment on mark {pin.mark_id[:80]} needs 1 to {LONGEST} characters.")
    return found


def put(sent: SendBack, pins: Sequence[Wanted]) -> None:
    """This will pin checked comments. Called in the transaction that sends the record back."""
    Pin.objects.bulk_create(Pin(send_back=sent, mark_id=pin.mark_id, text=pin.text) for pin in pins)


def open_ones(review: Review) -> QuerySet[Pin]:
    """This will list what nobody has answered yet, the oldest first."""
    return of_review(review).filter(resolved_at=None)


def of_review(review: Review) -> QuerySet[Pin]:
    return (
        Pin.objects.filter(send_back__review=review)
        .select_related("send_back__by", "send_back__plan", "resolved_by")
        .order_by("pk")
    )


def resolve(*, pin: Pin, actor: User, at: datetime, answer: str = "") -> None:
    """This will note that what was asked for at a mark is done, or why not.

    :raises NotAllowed: for whoever may not mark the record; audited.
    :raises PinGone: when somebody answered it first.
    """
    review = pin.send_back.review
    policies.require(actor, review, "save_marks")
    with transaction.atomic():
        require_open(review)
        rows = Pin.objects.filter(pk=pin.pk, resolved_at=None)
        if not rows.update(resolved_at=at, resolved_by=actor, answer=answer.strip()[:500]):
            raise PinGone("Somebody has answered this comment already.")
        audit.record(
            action="review.pin_resolved", actor=actor, subject=pin,
            request_key=review.record.request.key, detail={"mark": pin.mark_id[:80]},
        )  # fmt: skip


def shown(pin: Pin) -> dict[str, Any]:
    """This will give a pin as scripts and programs read it."""
    return {
        "id": pin.pk,
        "mark": pin.mark_id,
        "text": pin.text,
        "by": str(pin.send_back.by),
        "at": pin.send_back.at.isoformat(),
        "version": pin.send_back.plan.version,
        "resolved_at": pin.resolved_at.isoformat() if pin.resolved_at else None,
        "resolved_by": str(pin.resolved_by) if pin.resolved_by else "",
        "answer": pin.answer,
    }
