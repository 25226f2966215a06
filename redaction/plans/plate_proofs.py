"""Whether a person has seen the paper that makes each plate kept readable the requester's own."""

from datetime import datetime

from django.db import transaction

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core.errors import IllegalMove, NotAllowed
from redaction.marks import Marks
from redaction.plans import authors
from redaction.plans.models import Approval
from redaction.plans.rows import lock_of
from requests_app.custody import ownership
from requests_app.custody.models import PlateProof, ResponsiveRecord
from requests_app.docket.models import RecordsRequest


class PlateNotProved(IllegalMove):
    """Reads of a plate would go out readable, and nobody has confirmed whose car it is."""

    code = "plate_not_proved"

    def __init__(self, message: str, marks: tuple[str, ...]) -> None:
        self.marks = marks
        super().__init__(message)


class ApprovedOnIt(NotAllowed):
    """Somebody who has approved a record that keeps a plate readable would confirm whose plate it is."""

    code = "approved_on_it"


def confirm(
    *, request: RecordsRequest, plate: str, document: str, actor: User, at: datetime, note: str = ""
) -> PlateProof:
    """This will record that the actor saw the paper, unless her own approval would then rest on it.

    :raises NotAllowed: for a role that does not work requests; audited.
    :raises ApprovedOnIt: for whoever approved a record that keeps a plate readable; audited.
    :raises BadInput: without a plate or a known kind of paper.
    :raises StaleWrite: when it is confirmed already.
    """
    try:
        with transaction.atomic():
            lock_of([request])  # an approval takes this lock, and asks who confirmed
            hers = Approval.objects.filter(review__record__request=request, approver=actor, voided_at=None)
            if hers.filter(review__plans__marks__contains=authors.KEEPS_A_PLATE).exists():
                raise ApprovedOnIt(
                    "You have approved a record of this request that keeps a plate readable. A colleague has"
                    " to confirm whose car it is."
                )
            return ownership.confirm(
                request=request, plate=plate, document=document, note=note, actor=actor, at=at
            )
    except NotAllowed as refusal:  # what was written of it inside went back with the rest
        audit.record_denied(
            action="request.plate_proved", actor=actor, subject=request, request_key=request.key,
            why=refusal.code,
        )  # fmt: skip
        raise


def require_proved(record: ResponsiveRecord, marks: Marks) -> None:
    """This will refuse marks that keep a plate readable without a proof that stands.

    :raises PlateNotProved: with the marks' ids; the words name no plate.
    """
    bare = tuple(
        mark.id
        for mark in marks.effective.of("own_plate")
        if ownership.standing(record.request, mark["plate"]) is None
    )
    if bare:
        raise PlateNotProved(
            "Reads of a plate would stay readable, but nobody has confirmed that the car is the requester's. "
            "Confirm the paper you have seen, or take the mark out.",
            bare,
        )
