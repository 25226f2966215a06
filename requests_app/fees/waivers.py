"""Deciding a wish to pay nothing, or less: the standard applied, reasons, the share, the way to appeal."""

from datetime import datetime

from django.db import transaction

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.core.errors import BadInput
from requests_app.docket.models import RecordsRequest
from requests_app.fees import invoices, letters, policies, questions, quoting, selectors, services, todo
from requests_app.fees.bookkeeping import EntryKind
from requests_app.fees.casework import given, lock, move
from requests_app.fees.models import EstimateBasis, FeeCase


@transaction.atomic
def decide(
    *,
    request: RecordsRequest,
    actor: User,
    at: datetime,
    percent: int,
    reason: str,
    standard: str = "",
) -> None:
    """This will decide a waiver of ``percent`` of the fee: 0 refuses it, 100 grants it whole.

    The requester gets a letter either way, with the standard applied, the reasons and how to appeal. A part
    is taken off by a new version of the estimate, which she is asked about. What was paid is to be given
    back.

    :raises BadInput: without a reason, or for a share that is none.
    """
    policies.require(actor, Permission.WAIVE_FEES)
    if not 0 <= percent <= 100:
        raise BadInput("Give the share to be waived as a whole percentage from 0 to 100.")
    case = lock(request)
    words = given(reason, "Give the reason; the requester reads it.")[:500]
    if percent == 100:
        _grant_whole(case, actor, at, words)
    elif percent:
        _grant_part(case, actor, at, percent, words)
    else:
        move(case, "refuse_waiver", actor, changes={"reason": words})
        questions.ask(request, "estimate_sent", actor=actor, at=at, reason="the waiver was refused")
    letters.waiver_decision(case, percent=percent, standard=standard, reasons=words, decider=actor, at=at)
    todo.follow_overpayment(case, at=at, actor=actor)


def _grant_whole(case: FeeCase, actor: User, at: datetime, words: str) -> None:
    newest = case.estimates.first()
    move(case, "grant_waiver", actor, changes={"reason": words, "waiver_percent": 100})
    invoices.bring_to(
        case=case,
        cents=0,
        waived=newest.computed_cents if newest else 0,
        estimate=newest,
        at=at,
        actor=actor,
        reason="The fee is waived.",
        kind=EntryKind.WAIVER,
    )
    questions.close(case.request, actor=actor, at=at, reason="the fee is waived")


def _grant_part(case: FeeCase, actor: User, at: datetime, percent: int, words: str) -> None:
    move(case, "waive_part", actor, changes={"reason": words, "waiver_percent": percent})
    newest = case.estimates.first()
    assert newest is not None  # noqa: S101  only a sent estimate is answered by asking for a waiver
    quoted = quoting.quote_work(case, newest.work, at)
    estimate = services.freeze(
        case, quoted, newest.work, at=at, actor=actor, basis=EstimateBasis.WAIVER,
        billed_cents=min(quoted.billed_cents, newest.billed_cents),
    )  # fmt: skip
    if estimate.billed_cents == 0:  # what is left is too little to bill
        move(case, "bar", actor)
    if estimate.billed_cents == 0 or estimate.billed_cents < selectors.balances(case).fee:
        invoices.bring_to(
            case=case, cents=estimate.billed_cents, waived=estimate.waived_cents, estimate=estimate, at=at,
            actor=actor, reason=f"{percent} percent of the fee is waived.", kind=EntryKind.WAIVER,
        )  # fmt: skip
    if estimate.billed_cents:
        services.send(case, estimate, actor=actor, at=at)
