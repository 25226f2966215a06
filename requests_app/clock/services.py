"""The only code that writes the clock's ledger."""

from datetime import date, datetime

from django.db import transaction

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core.errors import DomainError
from requests_app.clock import selectors
from requests_app.clock.models import ClockEvent
from requests_app.docket.models import RecordsRequest
from requests_app.law import moves
from requests_app.law.event import Event
from requests_app.law.selectors import office_hours, pack_for


class ClockMoveRefused(DomainError):
    """The law does not allow this move now, or gives it no place in the ledger."""

    code = "clock_move_refused"


@transaction.atomic
def record(
    *,
    request: RecordsRequest,
    type: str,
    actor: User | None,
    at: datetime,
    by: int | None = None,
    unit: str = "",
    reason: str = "",
    citation: str = "",
) -> ClockEvent:
    """This will append one event to the request's clock ledger and bring its due date up to date.

    :raises ClockMoveRefused: when the law forbids the move: a late extension, a second pause, …
    """
    RecordsRequest.objects.select_for_update().get(pk=request.pk)  # two moves at once must see each other
    proposed = Event(type, at, by, unit or None, reason or None)
    pack, office = pack_for(request), office_hours(request.agency)
    why = moves.refusal(
        pack,
        selectors.main_clock_name(request),
        office,
        selectors.events(request),
        proposed,
        record_type=request.record_type or None,
        requester_category=request.requester_category or None,
    )
    if why:
        raise ClockMoveRefused(why)
    event = ClockEvent.objects.create(
        request=request, type=type, at=at, by=by, unit=unit, reason=reason, citation=citation, actor=actor
    )
    audit.record(
        action="clock.recorded",
        actor=actor,
        subject=event,
        request_key=request.key,
        detail={"type": type, "by": by, "unit": unit},
    )
    refresh_due(request)
    return event


def refresh_due(request: RecordsRequest) -> date | None:
    """This will write the sorting copy of the due date; the ledger stays the truth."""
    due = selectors.main_clock(request).due
    RecordsRequest.objects.filter(pk=request.pk).update(due_on=due)
    request.due_on = due
    return due
