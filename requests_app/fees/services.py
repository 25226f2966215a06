"""The only code that moves the fee machine: worksheet, estimate and the answers to it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.core.errors import BadInput, IllegalMove, StaleWrite
from portal.core.time import now
from requests_app.clock import selectors as clocks
from requests_app.correspondence import services as correspondence
from requests_app.correspondence.models import Direction
from requests_app.docket.models import RecordsRequest
from requests_app.fees import invoices, letters, policies, questions, quoting, selectors, todo
from requests_app.fees.casework import (
    RequestClosed,
    case_of,
    follow_the_money,
    given,
    lock,
    move,
    require_open,
)
from requests_app.fees.models import Estimate, EstimateBasis, FeeCase
from requests_app.fees.rules import FEE
from requests_app.law import fees as engine

__all__ = ["EstimateExpired", "RequestClosed", "case_of", "lock", "move"]

VALID_DAYS = 30
EDITABLE = FEE.step("send_estimate").sources


class EstimateExpired(IllegalMove):
    code = "estimate_expired"


@transaction.atomic
def save_worksheet(
    *,
    request: RecordsRequest,
    work: Mapping[str, Any],
    actor: User,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> engine.Quote:
    """This will keep the worksheet and quote it under the schedule in force on the day of receipt.

    :raises WorkError: when a figure cannot be right.
    :raises NoScheduleInForce: when no schedule covers the day.
    :raises StaleWrite: when a colleague saved it since the page was opened.
    """
    policies.require(actor, Permission.CHARGE)
    case = lock(request)
    require_open(case)
    if case.state not in EDITABLE:
        raise IllegalMove(f"The fee is {case.state.replace('_', ' ')}; its worksheet is closed.")
    require_version(case, expected_version)
    quoted = quoting.quote_work(case, work, at or now())
    FeeCase.objects.filter(pk=case.pk).update(work=dict(work), work_version=case.work_version + 1)
    return quoted


@transaction.atomic
def send_estimate(
    *, request: RecordsRequest, actor: User, at: datetime, expected_version: int | None = None
) -> Estimate:
    """This will freeze the worksheet's quote as the next version and send it to the requester.

    Nothing is owed before she accepts it. A quote of nothing settles the matter as “no fee”; one below what
    was billed already lowers the bill at once, and is settled when that is paid.

    :raises StaleWrite: when the worksheet was saved again since the page was opened.
    """
    policies.require(actor, Permission.CHARGE)
    case = lock(request)
    require_open(case)
    require_version(case, expected_version)
    if not case.work:
        raise BadInput("Fill in the worksheet first: there is no estimate to send.")
    quoted = quoting.quote_work(case, case.work, at)
    estimate = freeze(case, quoted, case.work, at=at, actor=actor, basis=EstimateBasis.ESTIMATE)
    if quoted.billed_cents == 0:
        because = " ".join(quoted.notes) or "The schedule charges nothing for this work."
        _charge_nothing(case, actor, at, because)
        return estimate
    move(case, "send_estimate", actor, detail={"version": estimate.version, "cents": estimate.billed_cents})
    if estimate.billed_cents <= selectors.balances(case).fee:
        invoices.bring_to(
            case=case, cents=estimate.billed_cents, waived=estimate.waived_cents, estimate=estimate, at=at,
            actor=actor, reason=f"Estimate {estimate.version} is lower than what was billed.",
        )  # fmt: skip
        FeeCase.objects.filter(pk=case.pk).update(agreed=estimate)
        todo.follow_overpayment(case, at=at, actor=actor)
        if not selectors.balances(case).owed:
            move(case, "settle", actor)
            return estimate
    send(case, estimate, actor=actor, at=at)
    return estimate


def send(case: FeeCase, estimate: Estimate, *, actor: User, at: datetime) -> None:
    """This will ask the requester about an estimate: the clock's questions, and the letter."""
    request = case.request
    questions.ask(request, "estimate_sent", actor=actor, at=at)
    if estimate.deposit_cents > selectors.balances(case).held:
        questions.ask(request, "deposit_requested", actor=actor, at=at)
    correspondence.send_letter(
        request=request,
        kind="estimate",
        subject=f"What your request {request.number} would cost",
        context={
            **correspondence.links(request),
            "estimate": estimate,
            "schedule": estimate.schedule,
            "charges": letters.charges(estimate.lines, estimate.billed_cents),
            "deadlines": [
                each
                for each in clocks.derivations(request, on=selectors.day_of(request, at))
                if each.clock == questions.LAPSE and each.due
            ],
        },
        signer=actor,
        at=at,
        dedupe_key=f"estimate:{estimate.pk}",
    )


def freeze(
    case: FeeCase,
    quoted: engine.Quote,
    work: Mapping[str, Any],
    *,
    at: datetime,
    actor: User | None,
    basis: EstimateBasis,
    billed_cents: int | None = None,
    notes: tuple[str, ...] = (),
) -> Estimate:
    """This will keep a quote as the case's next version; ``billed_cents`` where less is asked for."""
    schedule, _ = selectors.in_force(case.request)
    latest = case.estimates.first()
    return Estimate.objects.create(
        case=case,
        version=latest.version + 1 if latest else 1,
        basis=basis,
        schedule=schedule,
        work=dict(work),
        lines=[quoting.plain(line) for line in quoted.lines],
        notes=[*quoted.notes, *notes],
        computed_cents=quoted.computed_cents,
        waived_cents=quoted.waived_cents,
        billed_cents=quoted.billed_cents if billed_cents is None else billed_cents,
        deposit_cents=quoted.deposit_cents if basis == EstimateBasis.ESTIMATE else 0,
        itemised=quoted.itemised_estimate_required,
        sent_at=at,
        sent_by=actor,
        valid_until=selectors.day_of(case.request, at) + timedelta(days=VALID_DAYS),
    )


@transaction.atomic
def charge_nothing(*, request: RecordsRequest, actor: User, reason: str, at: datetime | None = None) -> None:
    """This will record that nothing is charged, and why. What was paid is to be given back.

    :raises BadInput: without a reason.
    """
    policies.require(actor, Permission.CHARGE)
    words = given(reason, "Say why nothing is charged; the requester reads it.")
    _charge_nothing(lock(request), actor, at or now(), words)


@transaction.atomic
def accept(*, estimate: Estimate, actor: User, at: datetime) -> None:
    """This will take the requester's yes to the newest estimate, and bill it.

    :raises StaleWrite: when a newer estimate was sent since the page was opened.
    :raises EstimateExpired: when it is no longer valid.
    """
    case = _requesters(estimate, actor)
    require_valid(case, estimate, at)
    take_as_accepted(case, estimate, actor=actor, at=at, reason="")
    follow_the_money(case, actor)
    todo.follow_overpayment(case, at=at, actor=actor)


def take_as_accepted(
    case: FeeCase, estimate: Estimate, *, actor: User | None, at: datetime, reason: str
) -> None:
    """This will bill a sent estimate the requester said yes to, by a button or by paying."""
    move(case, "accept", actor, detail={"version": estimate.version})
    FeeCase.objects.filter(pk=case.pk).update(agreed=estimate)
    case.agreed = estimate
    invoices.bring_to(
        case=case, cents=estimate.billed_cents, waived=estimate.waived_cents, estimate=estimate, at=at,
        actor=actor, reason=f"Estimate {estimate.version}, accepted.",
    )  # fmt: skip
    questions.answer(case.request, "estimate_accepted", actor=actor, at=at, reason=reason)


@transaction.atomic
def narrow(*, estimate: Estimate, actor: User, at: datetime, text: str) -> None:
    """This will take the requester's wish to ask for less; staff make a new estimate."""
    case = _requesters(estimate, actor)
    words = given(text, "Say what you can do without.")
    move(case, "narrow", actor)
    questions.close(case.request, actor=actor, at=at, reason="the requester asked for less")
    _say(case, actor, at, f"I would like to narrow my request:\n\n{words}", f"narrow:{estimate.pk}")


@transaction.atomic
def ask_waiver(*, estimate: Estimate, actor: User, at: datetime, text: str) -> None:
    """This will take the requester's wish to pay nothing, with her reasons."""
    case = _requesters(estimate, actor)
    words = given(text, "Say why the fee should be waived.")
    move(case, "ask_waiver", actor)
    questions.close(case.request, actor=actor, at=at, reason="the requester asked for a waiver")
    # a second wish after a refusal is another message
    number = selectors.moves_made(case, "fee.ask_waiver")
    _say(case, actor, at, f"I ask for a fee waiver:\n\n{words}", f"waiver:{estimate.pk}:{number}")


def answer(*, action: str, estimate: Estimate, actor: User, at: datetime, text: str = "") -> None:
    """This will take one of the requester's answers by its name: ``accept``, ``narrow`` or ``ask_waiver``.

    :raises BadInput: for another name.
    """
    if action == "accept":
        accept(estimate=estimate, actor=actor, at=at)
    elif action == "narrow":
        narrow(estimate=estimate, actor=actor, at=at, text=text)
    elif action == "ask_waiver":
        ask_waiver(estimate=estimate, actor=actor, at=at, text=text)
    else:
        raise BadInput("An estimate is answered by accept, narrow or ask_waiver.")


def require_valid(case: FeeCase, estimate: Estimate, at: datetime) -> None:
    """This will refuse an estimate past its last day. :raises EstimateExpired: then."""
    last = estimate.valid_until
    if last is not None and selectors.day_of(case.request, at) > last:
        raise EstimateExpired(
            f"This estimate was valid until {last:%B} {last.day}, {last.year}. Ask us for a new one."
        )


def require_version(case: FeeCase, expected: int | None) -> None:
    """:raises StaleWrite: when the worksheet was saved again since."""
    if expected is not None and expected != case.work_version:
        raise StaleWrite(
            "A colleague saved this worksheet since you opened it. Look at theirs, then save yours."
        )


def _charge_nothing(case: FeeCase, actor: User, at: datetime, words: str) -> None:
    move(case, "charge_nothing", actor, changes={"reason": words[:500]})
    invoices.bring_to(case=case, cents=0, at=at, actor=actor, reason=f"Nothing is charged. {words}")
    questions.close(case.request, actor=actor, at=at, reason="nothing is charged")
    todo.follow_overpayment(case, at=at, actor=actor)


def _requesters(estimate: Estimate, actor: User) -> FeeCase:
    case = lock(estimate.case.request)
    policies.require_requester(case, actor, "Only the person who filed this request can answer its estimate.")
    require_open(case)
    newest = case.estimates.first()
    if newest is None or newest.pk != estimate.pk:
        raise StaleWrite("A newer estimate has been sent. Look at it before you answer.")
    return case


def _say(case: FeeCase, actor: User, at: datetime, body: str, key: str) -> None:
    correspondence.post_message(
        request=case.request,
        author=actor,
        body=body,
        direction=Direction.FROM_REQUESTER,
        at=at,
        idempotency_key=key,
    )
