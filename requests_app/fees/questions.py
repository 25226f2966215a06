"""What an estimate does to the clock: a question the requester owes an answer to."""

from datetime import datetime

from django.db import transaction

from portal.accounts.models import User
from portal.audit import services as audit
from requests_app.clock import services as clock
from requests_app.docket.models import RecordsRequest
from requests_app.law.event import QUESTIONS

LAPSE = "estimate_lapse"
"""The clock, where a law has one, by which a requester has to answer an estimate."""


def ask(request: RecordsRequest, kind: str, *, actor: User, at: datetime, reason: str = "") -> None:
    """This will note in the clock's ledger that an estimate or a deposit waits for the requester.

    Money never waits for the clock: where the law forbids the entry (the same question is open already, or it
    may stop the clock only once), the clock stays as it is and the audit says why.
    """
    _record(request, kind, actor=actor, at=at, reason=reason)


def answer(request: RecordsRequest, kind: str, *, actor: User | None, at: datetime, reason: str = "") -> None:
    """This will note that the requester owes no answer any more; nothing where none was owed.

    Without ``reason`` she did what the event says. With one the question was settled another way, and the
    reason says how: a reader must never be told that she accepted, or paid, when she did not.
    """
    made = list(request.clock_events.filter(type__in=(kind, QUESTIONS[kind])).values_list("type", flat=True))
    if made.count(QUESTIONS[kind]) > made.count(kind):
        _record(request, kind, actor=actor, at=at, reason=reason)


def close(request: RecordsRequest, *, actor: User | None, at: datetime, reason: str) -> None:
    """This will note that neither the estimate nor the deposit waits for the requester any more.

    A wish for less or for a waiver answers the demand for a deposit too: what it will be is open again.
    """
    for kind in ("estimate_accepted", "deposit_paid"):
        answer(request, kind, actor=actor, at=at, reason=reason)


def _record(request: RecordsRequest, kind: str, *, actor: User | None, at: datetime, reason: str) -> None:
    try:
        with transaction.atomic():
            clock.record(request=request, type=kind, actor=actor, at=at, reason=reason)
    except clock.ClockMoveRefused as refused:
        audit.record_denied(
            action="fees.clock_unchanged",
            actor=actor,
            subject=request,
            request_key=request.key,
            why=refused.code,
        )
