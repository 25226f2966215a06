"""Giving money back: asked for, approved by a second person above a limit, sent once, booked once."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, DomainError, IllegalMove, NotAllowed
from portal.core.money import dollars
from requests_app.fees import (
    bookkeeping,
    casework,
    gateways,
    invoices,
    ledger,
    policies,
    receipts,
    selectors,
    todo,
)
from requests_app.fees.bookkeeping import CASH, EntryKind
from requests_app.fees.gateways import RefundAnswer
from requests_app.fees.models import FeeCase, Payment, PaymentState, Refund, RefundState, TaskKind
from requests_app.fees.payments import NothingDue, WrongAmount
from requests_app.fees.rules import FeeState

ASK_AGAIN_AFTER = timedelta(minutes=10)
SECOND_PERSON_ABOVE = 10_000


class RefundDecided(IllegalMove):
    code = "refund_decided"


def ask(
    *, payment: Payment, amount_cents: int, reason: str, actor: User, at: datetime, reference: str = ""
) -> Refund:
    """This will give back what was overpaid, or a part or all of a paid fee, which lowers the bill.

    At the counter ``reference`` is the cheque's number; online the money goes back through the payment
    service. Above the agency's limit a second person has to approve before anything moves.

    :raises WrongAmount: for more than can be given back. :raises NothingDue: when nothing came in.
    """
    with transaction.atomic():
        refund = _ask(payment, amount_cents, reason, actor, at, reference)
    return send(refund, at=at) if refund.state == RefundState.SENDING else refund


def decide(*, refund: Refund, approve: bool, reason: str, actor: User, at: datetime) -> Refund:
    """This will approve or refuse a refund as the second person.

    :raises NotAllowed: for the one who asked. :raises RefundDecided: when a colleague decided it.
    """
    with transaction.atomic():
        case = casework.lock(refund.payment.case.request)
        refund = _locked(refund)
        policies.require(actor, Permission.WAIVE_FEES)
        if not policies.may_decide_refund(actor, refund):
            raise NotAllowed("You asked for this refund; somebody else has to approve it.")
        if refund.state != RefundState.ASKED:
            raise RefundDecided(f"This refund is {refund.get_state_display()}.")
        if approve:
            _make_room(case, refund, actor, at)
        words = "" if approve else casework.given(reason, "Say why the refund is not approved.")
        refund.state = RefundState.SENDING if approve else RefundState.REFUSED
        refund.decided_by, refund.decided_at, refund.failure = actor, at, words[:300]
        refund.save(update_fields=["state", "decided_by", "decided_at", "failure"])
        audit.record(
            action="fees.refund_approved" if approve else "fees.refund_refused",
            actor=actor, subject=refund, request_key=case.request.key, detail={"cents": refund.amount_cents},
        )  # fmt: skip
        how = "approved" if approve else "not approved"
        todo.finish(kind=TaskKind.REFUND_APPROVAL, subject=_subject(refund), how=how, at=at, actor=actor)
        todo.follow_overpayment(case, at=at, actor=actor)
    return send(refund, at=at) if approve else refund


def send(refund: Refund, *, at: datetime) -> Refund:
    """This will send an approved refund, and book what became of it.

    Safe to repeat after a crash at any instruction: the payment service knows the refund by our key, and what
    it answers is booked once. While it does not answer the refund stays on its way, and is sent again later.
    """
    payment = refund.payment
    if payment.gateway == "counter":
        answer = RefundAnswer("done", refund.reference)
    else:
        try:
            answer = gateways.get(payment.gateway).refund(
                payment=payment, refund_key=refund.key, amount_cents=refund.amount_cents
            )
        except gateways.GatewayDown:
            return refund
        except DomainError as refusal:
            answer = RefundAnswer("failed", "", str(refusal))
    return finish(refund, answer, at=at)


@transaction.atomic
def finish(refund: Refund, answer: RefundAnswer, *, at: datetime) -> Refund:
    """This will book what a gateway says of a refund, in whatever order it says it.

    A refund that failed after it was booked comes back into the books, and before staff as a task.
    """
    case = casework.lock(refund.payment.case.request)
    refund = _locked(refund)
    if answer.outcome == "done" and refund.state == RefundState.SENDING:
        _book(case, refund, answer.reference, at=at)
    elif answer.outcome == "failed" and refund.state in {RefundState.SENDING, RefundState.DONE}:
        _fail(case, refund, answer, at=at)
    return refund


def told(payment: Payment, *, reference: str, cents: int, at: datetime) -> str:
    """This will book a refund made at the payment service itself. Gives what became of the message.

    The caller holds the case's lock.
    """
    if Refund.objects.filter(payment=payment, reference=reference).exists():
        return "known_refund"
    if not 0 < cents <= selectors.left_cents(payment):
        return "too_much"
    refund = Refund.objects.create(
        payment=payment, amount_cents=cents, reason="Made at the payment service.", state=RefundState.SENDING,
        asked_by=None, asked_at=at,
    )  # fmt: skip
    _book(payment.case, refund, reference, at=at)
    return "refunded"


def unanswered(*, at: datetime) -> list[Refund]:
    """This will list the refunds on their way whose answer was lost, or never asked for."""
    rows = Refund.objects.filter(state=RefundState.SENDING).select_related("payment__case__request__agency")
    return [row for row in rows if (row.decided_at or row.asked_at) < at - ASK_AGAIN_AFTER]


def _ask(payment: Payment, cents: int, reason: str, actor: User, at: datetime, reference: str) -> Refund:
    policies.require(actor, Permission.TAKE_PAYMENT)
    case = casework.lock(payment.case.request)
    payment = Payment.objects.select_related("case__request__agency").get(pk=payment.pk)
    payment.case = case
    words = reason.strip()
    if not words or (payment.gateway == "counter" and not reference.strip()):
        raise BadInput("Give the refund's reference and the reason; both are kept.")
    if payment.state not in {PaymentState.PAID, PaymentState.REFUNDED}:
        raise NothingDue("This payment never came in, so there is nothing to give back.")
    money, left = selectors.balances(case), selectors.left_cents(payment)
    beyond = cents - money.returnable
    may_lower = case.state == FeeState.SETTLED and beyond <= money.fee
    if not 0 < cents <= left or (beyond > 0 and not may_lower):
        raise WrongAmount(
            f"{dollars(money.returnable)} was paid too much, and {dollars(left)} of this payment is still"
            " here. Only what was overpaid, or money of a settled fee, can be given back. Nothing was booked."
        )
    decided = selectors.policy(case.request.agency)
    limit = decided.second_person_above_cents if decided else SECOND_PERSON_ABOVE
    if decided is not None and decided.set_by_id == actor.pk:
        limit = min(limit, SECOND_PERSON_ABOVE)  # nobody lifts the limit for herself
    waits = cents + _unseen(case) > limit
    refund = Refund.objects.create(
        payment=payment,
        amount_cents=cents,
        reason=words[:500],
        reference=reference.strip()[:200] if payment.gateway == "counter" else "",
        state=RefundState.ASKED if waits else RefundState.SENDING,
        asked_by=actor,
        asked_at=at,
    )
    audit.record(
        action="fees.refund_asked", actor=actor, subject=refund, request_key=case.request.key,
        detail={"cents": cents, "second_person": waits},
    )  # fmt: skip
    if not waits:
        _make_room(case, refund, actor, at)
    else:
        todo.raise_task(
            kind=TaskKind.REFUND_APPROVAL, subject=_subject(refund), case=case, payment=payment,
            refund=refund, cents=cents, at=at,
            words=f"{actor} asks to give {dollars(cents)} back for {case.request}: {words}",
        )  # fmt: skip
    todo.follow_overpayment(case, at=at, actor=actor)
    return refund


def _unseen(case: FeeCase) -> int:
    """What was given back by one person's word alone: many small refunds are one large one."""
    alone = Refund.objects.filter(
        payment__case=case, asked_by__isnull=False, decided_by=None,
        state__in=[RefundState.SENDING, RefundState.DONE],
    )  # fmt: skip
    return int(alone.aggregate(total=Sum("amount_cents"))["total"] or 0)


def _make_room(case: FeeCase, refund: Refund, actor: User, at: datetime) -> None:
    """Lower a settled bill by what the refund takes beyond what was overpaid.

    :raises WrongAmount: when the fee is not settled any more, or less is left than was asked for.
    """
    money = selectors.balances(case)
    others = money.reserved - refund.amount_cents
    beyond = refund.amount_cents - max(money.overpaid - others, 0)
    if beyond <= 0:
        return
    if case.state != FeeState.SETTLED or beyond > money.fee:
        raise WrongAmount("The fee has changed since this refund was asked for. Refuse it and ask anew.")
    if beyond == money.fee:
        casework.move(case, "refund", actor, changes={"reason": refund.reason})
    invoices.bring_to(
        case=case, cents=money.fee - beyond, at=at, actor=actor, reason=f"Fee given back: {refund.reason}"
    )


def _book(case: FeeCase, refund: Refund, reference: str, *, at: datetime) -> None:
    payment = refund.payment
    # first: from here on the money counts as gone and not as on its way
    Refund.objects.filter(pk=refund.pk).update(
        state=RefundState.DONE, finished_at=at, reference=reference[:200]
    )
    refund.state, refund.finished_at, refund.reference = RefundState.DONE, at, reference[:200]
    before = selectors.balances(case)
    ledger.post(
        case=case,
        entries=bookkeeping.give_back(refund.amount_cents, before, out_of=CASH[payment.gateway]),
        kind=EntryKind.REFUND,
        memo=f"refund {reference}",
        rule=refund.reason,
        at=at,
        actor=refund.asked_by,
        payment=payment,
    )
    audit.record(
        action="fees.refunded", actor=refund.asked_by, subject=payment, request_key=case.request.key,
        detail={"cents": refund.amount_cents, "reference": reference[:60]},
    )  # fmt: skip
    if selectors.returned_cents(payment) >= payment.amount_cents:
        Payment.objects.filter(pk=payment.pk).update(state=PaymentState.REFUNDED)
    casework.follow_the_money(case, None)
    todo.finish(kind=TaskKind.REFUND_FAILED, subject=f"payment:{payment.pk}", how="given back since", at=at)
    todo.follow_overpayment(case, at=at, actor=refund.asked_by)
    receipts.issue(case=case, payment=payment, refund=refund, at=at, before=before)


def _fail(case: FeeCase, refund: Refund, answer: RefundAnswer, *, at: datetime) -> None:
    payment, was_booked = refund.payment, refund.state == RefundState.DONE
    why = answer.why or "The payment service could not give the money back."
    refund.state, refund.finished_at, refund.failure = RefundState.FAILED, at, why[:300]
    refund.save(update_fields=["state", "finished_at", "failure"])
    if was_booked:
        ledger.post(
            case=case,
            entries=bookkeeping.return_failed(
                refund.amount_cents, selectors.balances(case), into=CASH[payment.gateway]
            ),
            kind=EntryKind.REFUND_FAILED,
            memo=f"refund {refund.reference} came back",
            rule=why,
            at=at,
            payment=payment,
        )
        Payment.objects.filter(pk=payment.pk).update(state=PaymentState.PAID)
    audit.record(
        action="fees.refund_failed", actor=None, subject=refund, request_key=case.request.key,
        detail={"cents": refund.amount_cents},
    )  # fmt: skip
    todo.raise_task(
        kind=TaskKind.REFUND_FAILED, subject=f"payment:{payment.pk}", case=case, payment=payment,
        refund=refund, cents=refund.amount_cents, at=at,
        words=f"{dollars(refund.amount_cents)} could not be given back for {case.request}: {why}",
    )  # fmt: skip
    casework.follow_the_money(case, None)
    todo.follow_overpayment(case, at=at, actor=None)


def _locked(refund: Refund) -> Refund:
    return (
        Refund.objects.select_for_update(of=("self",))
        .select_related("payment__case__request__agency", "asked_by")
        .get(pk=refund.pk)
    )


def _subject(refund: Refund) -> str:
    return f"refund:{refund.pk}"
