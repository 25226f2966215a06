"""Recording what a flight was for, taking turns with marks and approvals."""

from datetime import datetime

from django.db import transaction

from portal.accounts.models import User
from portal.core.errors import IllegalMove
from redaction.plans import policies
from redaction.plans.models import Review
from redaction.plans.rows import lock, require_open
from redaction.plans.rules import STANDS_ON_APPROVAL
from requests_app.custody import flights
from requests_app.custody.models import FlightDetermination


class DecidedAlready(IllegalMove):
    """A second person has approved on what was said before."""

    code = "decided_already"


def determine(
    *, review: Review, flight_class: str, reason: str, actor: User, at: datetime
) -> FlightDetermination:
    """This will record the class of a flight by its log or its film. Older words stay in the history.

    :raises NotAllowed: for a role without redaction.
    :raises DecidedAlready: when an approval stands on what was recorded before.
    :raises BadInput: for a class that is none or a reason that says nothing.
    """
    policies.require(actor, review, "save_marks")
    with transaction.atomic():
        locked = lock(review)
        require_open(locked)
        if locked.status in STANDS_ON_APPROVAL:
            raise DecidedAlready(
                "This record is decided on what was recorded of the flight. Have it sent back first, then "
                "record the class anew."
            )
        return flights.determine(
            record=locked.record, flight_class=flight_class, reason=reason, actor=actor, at=at
        )
