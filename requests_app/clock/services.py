"""The only code that writes the clock's ledger."""

from datetime import date, datetime

from django.db import transaction

from portal.accounts import policies
from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, DomainError
from requests_app.clock import rules, selectors
from requests_app.clock.models import ClockEvent, ClockFact, PendingLapse
from requests_app.docket.models import RecordsRequest
from requests_app.law import moves
from requests_app.law.event import Event


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
    if type not in rules.PORTAL_TYPES:
        why = refusal(request, Event(type, at, by, unit or None, reason or None))
        if why:
            raise ClockMoveRefused(why)
    return _append(request, type, actor, at, by=by, unit=unit, reason=reason, citation=citation)


def refusal(
    request: RecordsRequest, proposed: Event, *, found: selectors.Situation | None = None
) -> str | None:
    """This will say why an event must not be recorded now, or None. Nothing is written."""
    found = found or selectors.situation(request)
    return moves.refusal(
        found.pack, found.main_name, found.office, found.ledger.events, proposed, **found.about
    )


@transaction.atomic
def answer(*, request: RecordsRequest, actor: User | None, at: datetime, no_records: bool = False) -> None:
    """This will note that the agency has answered: what the law wanted by its time limits is done.
    Nothing where the ledger says so already.

    ``no_records``: the answer is that nothing was found, which counts as a denial where a law knows appeals.
    """
    if selectors.ledger(request).ending is not None:
        return
    type, reason = ("denied", rules.NO_RECORDS) if no_records else ("answered", "")
    _append(request, type, actor, at, reason=reason)


@transaction.atomic
def end(*, request: RecordsRequest, how: str, actor: User | None, at: datetime) -> None:
    """This will note that the request ended unanswered. ``how``: withdrawn, lapsed or duplicate.

    :raises BadInput: for another end.
    """
    if how not in rules.ENDED:
        raise BadInput(f"A request does not end as “{how}”.")
    _append(request, how, actor, at)


@transaction.atomic
def reopen(*, request: RecordsRequest, actor: User | None, at: datetime) -> None:
    """This will note that a closed request is open again and count its due date anew, by today's calendar.

    Questions that were still open when it was closed no longer stop it.
    """
    _append(request, rules.REOPENED, actor, at)


@transaction.atomic
def decide_appeal(*, request: RecordsRequest, actor: User | None, at: datetime) -> None:
    """This will note that the appeal was decided, which ends the clock that ran for it."""
    _append(request, rules.APPEAL_DECIDED, actor, at)


@transaction.atomic
def enter_event(
    *, request: RecordsRequest, type: str, actor: User, at: datetime, reason: str, today: date
) -> ClockEvent:
    """This will enter a dated fact that only a person knows: when footage was recorded, mail postmarked, …

    :raises BadInput: for another kind of entry, without a reason, or for a day that has not come yet.
    :raises ClockMoveRefused: when the law gives it no place now.
    """
    policies.require(actor, Permission.WORK_REQUESTS)
    if type not in rules.ENTERABLE:
        raise BadInput("Choose what happened from the list.")
    if selectors.day_of(request.agency, at) > today:
        raise BadInput("The day cannot be after today.")
    return record(request=request, type=type, actor=actor, at=at, reason=_reason(reason))


@transaction.atomic
def strike(*, event: ClockEvent, actor: User, at: datetime, reason: str) -> None:
    """This will take back a dated fact that was entered wrongly; both entries stay in the ledger.

    :raises BadInput: for an entry that the portal made itself or with a letter, or one taken back already.
    """
    policies.require(actor, Permission.WORK_REQUESTS)
    RecordsRequest.objects.select_for_update().get(pk=event.request_id)
    if event.type not in rules.ENTERED:
        raise BadInput("Only what a person entered here can be taken back.")
    if event.type in rules.ASKED_BY_LETTER and _letter_went(event):
        raise BadInput("This portal sent the letter that this entry stands for, so it happened.")
    if ClockEvent.objects.filter(strikes=event).exists():
        raise BadInput("This entry was taken back already.")
    _append(event.request, rules.STRUCK, actor, at, reason=_reason(reason), strikes=event)


@transaction.atomic
def state_fact(
    *, request: RecordsRequest, name: str, value: int | bool, actor: User, at: datetime, reason: str
) -> ClockFact:
    """This will enter what a clock of the law asks about the request; the newest entry of a name holds.

    :raises BadInput: for a name no clock knows, a number below zero, or without a reason.
    """
    policies.require(actor, Permission.WORK_REQUESTS)
    kind = rules.asked_facts(selectors.pack_of(request).clocks).get(name)
    if kind is None:
        raise BadInput("No clock of this request’s law asks for this.")
    if kind == "flag" and not isinstance(value, bool):
        raise BadInput("Answer with yes or no.")
    if kind == "number" and (isinstance(value, bool) or not 0 <= value <= 100_000):
        raise BadInput("Write a whole number from 0 to 100,000.")
    row = ClockFact.objects.create(
        request=request, name=name, value=value, actor=actor, recorded_at=at, reason=_reason(reason)
    )
    audit.record(
        action="clock.fact_stated", actor=actor, subject=row, request_key=request.key, detail={"name": name}
    )
    refresh_due(request)
    return row


def refresh_due(request: RecordsRequest) -> date | None:
    """This will write the sorting copies: due date and pending lapse. The ledger stays the truth."""
    found = selectors.situation(request)
    due = found.one(found.main_name).due
    RecordsRequest.objects.filter(pk=request.pk).update(due_on=due)
    request.due_on = due
    lapse = rules.next_lapse(found.all(), found.pack.clocks)
    if lapse is None or lapse.due is None:
        PendingLapse.objects.filter(request=request).delete()
    else:
        PendingLapse.objects.update_or_create(
            request=request, defaults={"clock": lapse.clock, "on": lapse.due}
        )
    return due


def _letter_went(event: ClockEvent) -> bool:
    """Asking here writes both entries and sends both letters at one moment."""
    return event.request.letters.filter(kind="ag_referral", sent_at=event.at).exists()


def _append(
    request: RecordsRequest,
    type: str,
    actor: User | None,
    at: datetime,
    *,
    by: int | None = None,
    unit: str = "",
    reason: str = "",
    citation: str = "",
    strikes: ClockEvent | None = None,
) -> ClockEvent:
    event = ClockEvent.objects.create(
        request=request, type=type, at=at, by=by, unit=unit, reason=reason, citation=citation, actor=actor,
        strikes=strikes,
    )  # fmt: skip
    audit.record(
        action="clock.recorded",
        actor=actor,
        subject=event,
        request_key=request.key,
        detail={"type": type, "by": by, "unit": unit},
    )
    refresh_due(request)
    return event


def _reason(words: str) -> str:
    if not words.strip():
        raise BadInput("Say how you know it: the reason stays in the ledger.")
    if len(words.strip()) > 300:
        raise BadInput("Give the reason in at most 300 characters.")
    return words.strip()
