"""Taking money, online or at the counter with a receipt number."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, DomainError, IllegalMove
from portal.core.money import dollars
from requests_app.docket.models import RecordsRequest
from requests_app.fees import (
    bookkeeping,
    casework,
    gateways,
    invoices,
    ledger,
    phrases,
    policies,
    questions,
    receipts,
    selectors,
    services,
    todo,
)
from requests_app.fees.bookkeeping import CASH, EntryKind
from requests_app.fees.models import Estimate, FeeCase, Payment, PaymentState
from requests_app.fees.rules import PAYABLE, FeeState
from requests_app.fees.selectors import FeeSummary

COUNTER_METHODS = tuple(phrases.COUNTER_METHODS.items())
REUSE_FOR = timedelta(hours=12)
"""A checkout begun longer ago may have run out at the payment service; a fresh one is begun instead."""
LEAST_ONLINE = 50
"""Cents below which payment services take nothing; the last part of a bill may be smaller at the counter."""


class NothingDue(IllegalMove):
    code = "nothing_due"


class WrongAmount(BadInput):
    code = "wrong_amount"


class ReceiptUsed(DomainError):
    code = "receipt_used"


def start(
    *,
    request: RecordsRequest,
    gateway_name: str,
    actor: User,
    at: datetime,
    deposit: bool = False,
    part_cents: int | None = None,
) -> tuple[Payment, str]:
    """This will open a checkout for what is due, the deposit or a part: the payment, and where to pay.

    An attempt that is still open for the same amount is used again: two tabs make one checkout.

    :raises NothingDue: when nothing is owed. :raises EstimateExpired: for an old estimate nobody accepted.
    :raises WrongAmount: for a part that is more than is due, or less than a payment service takes.
    """
    policies_case = casework.case_of(request)
    policies.require_requester(
        policies_case, actor, "Only the person who filed this request can pay for it here."
    )
    gateway = gateways.get(gateway_name)
    with transaction.atomic():
        case = casework.lock(request)
        found, estimate = _due(case, at)
        amount = found.deposit_due_cents if deposit else found.due_cents
        if part_cents is not None:
            amount = _part(part_cents, found)
        if not amount:
            raise NothingDue("No deposit is due for this request now.")
        payment = (
            case.payments.filter(
                gateway=gateway.name,
                state=PaymentState.STARTED,
                amount_cents=amount,
                estimate=estimate,
                started_at__gt=at - REUSE_FOR,
            )
            .order_by("-started_at")
            .first()
        )
        if payment is None:
            payment = Payment(
                case=case,
                estimate=estimate,
                gateway=gateway.name,
                amount_cents=amount,
                started_at=at,
                actor=actor,
            )
            payment.reference = f"pending_{payment.key}"
            payment.save()
    # outside the transaction: a slow payment service must not hold the case's lock
    checkout = gateway.start(
        payment_key=payment.key,
        amount_cents=payment.amount_cents,
        currency=payment.currency,
        description=f"Records request {request.number}",
        back=f"{settings.PUBLIC_BASE_URL}/my/requests/{request.key}/fees/",
    )
    Payment.objects.filter(pk=payment.pk).update(reference=checkout.reference)
    payment.reference = checkout.reference
    return payment, checkout.url


def is_open(payment: Payment, *, at: datetime) -> bool:
    """This will tell whether an attempt still asks for no more than is due; that may have changed since."""
    if payment.state != PaymentState.STARTED:
        return False
    try:
        found, estimate = _due(payment.case, at)
    except DomainError:
        return False
    return estimate.pk == payment.estimate_id and payment.amount_cents <= found.due_cents


def take_at_counter(
    *, request: RecordsRequest, amount_cents: int, method: str, receipt_number: str, actor: User, at: datetime
) -> Payment:
    """This will book cash, a cheque or a money order: what is due, or a part of it.

    :raises WrongAmount: for more than is due. :raises ReceiptUsed: when the receipt number was used before.
    """
    try:
        return _take_at_counter(request, amount_cents, method, receipt_number, actor, at)
    except DomainError as refusal:
        # after the transaction, or the entry would be rolled back with it
        audit.record_denied(
            action="fees.payment", actor=actor, subject=request, request_key=request.key, why=refusal.code
        )
        raise


@transaction.atomic
def _take_at_counter(
    request: RecordsRequest, amount_cents: int, method: str, receipt_number: str, actor: User, at: datetime
) -> Payment:
    policies.require(actor, Permission.TAKE_PAYMENT)
    if method not in dict(COUNTER_METHODS):
        raise BadInput("Choose cash, check or money order.")
    receipt = receipt_number.strip()
    if not receipt:
        raise BadInput("Write the number of the receipt you gave.")
    case = casework.lock(request)
    if Payment.objects.filter(gateway="counter", reference=receipt).exists():
        raise ReceiptUsed(f"Receipt {receipt} is booked already. Check the number.")
    found, estimate = _due(case, at)
    if not 0 < amount_cents <= found.due_cents:
        raise WrongAmount(
            f"{dollars(found.due_cents)} is due: take that or a part of it, not {dollars(amount_cents)}."
            " Nothing was booked."
        )
    try:
        with transaction.atomic():
            payment = Payment.objects.create(
                case=case,
                estimate=estimate,
                gateway="counter",
                method=method,
                reference=receipt,
                amount_cents=amount_cents,
                started_at=at,
                actor=actor,
            )
    except IntegrityError:  # the same receipt at another window, a moment ago
        raise ReceiptUsed(f"Receipt {receipt} is booked already. Check the number.") from None
    credit(payment, at=at, actor=actor)
    return payment


def credit(payment: Payment, *, at: datetime, actor: User | None) -> None:
    """This will book money that came in, settle the fee when nothing is left to pay, and send a receipt.

    The caller holds the case's lock. Paying a sent estimate accepts it. Money beyond what is due, or for a
    request that ended without anything to pay for, is kept as an overpayment with a task to give it back: it
    is never ignored.
    """
    Payment.objects.filter(pk=payment.pk).update(state=PaymentState.PAID, paid_at=at)
    payment.state, payment.paid_at = PaymentState.PAID, at
    case, request = payment.case, payment.case.request
    newest = case.estimates.first()
    if request.is_open and case.state == FeeState.ESTIMATE_SENT and newest == payment.estimate:
        services.take_as_accepted(case, newest, actor=actor, at=at, reason="answered: paid")
    elif selectors.ended_unserved(request):
        open_bill = selectors.balances(case)
        invoices.bring_to(
            case=case, cents=open_bill.fee - min(open_bill.receivable, open_bill.fee), at=at, actor=actor,
            reason="The request has ended, so what was open of the bill is not asked for.",
        )  # fmt: skip
    before = selectors.balances(case)
    short = max(payment.estimate.deposit_cents - before.held, 0)
    ledger.post(
        case=case,
        entries=bookkeeping.receive(
            payment.amount_cents, before, into=CASH[payment.gateway], deposit=min(short, max(before.owed, 0))
        ),
        kind=EntryKind.PAYMENT,
        memo=f"{payment.gateway} {payment.method}".strip(),
        at=at,
        actor=actor if payment.gateway == "counter" else None,
        payment=payment,
    )
    audit.record(
        action="fees.paid",
        actor=actor,
        subject=payment,
        request_key=request.key,
        detail={"cents": payment.amount_cents, "gateway": payment.gateway},
    )
    money = selectors.balances(case)
    casework.follow_the_money(case, actor)
    if request.is_open and money.held >= payment.estimate.deposit_cents:
        questions.answer(request, "deposit_paid", actor=actor, at=at)
    if money.overpaid > before.overpaid:
        audit.record(
            action="fees.overpaid",
            actor=actor,
            subject=payment,
            request_key=request.key,
            detail={"cents": money.overpaid},
        )
    todo.follow_overpayment(case, at=at, actor=actor)
    receipts.issue(case=case, payment=payment, at=at, before=before)


def _part(cents: int, found: FeeSummary) -> int:
    if LEAST_ONLINE <= cents <= found.due_cents or cents == found.due_cents:
        return cents
    raise WrongAmount(
        f"Pay a part between {dollars(LEAST_ONLINE)} and {dollars(found.due_cents)}, or all of it."
        " Nothing was charged."
    )


def _due(case: FeeCase, at: datetime) -> tuple[FeeSummary, Estimate]:
    found = selectors.summary(case.request)
    over = selectors.ended_unserved(case.request) or (
        not case.request.is_open and found.state == FeeState.ESTIMATE_SENT
    )
    if over or found.state not in PAYABLE or found.due_cents <= 0 or found.estimate is None:
        raise NothingDue("Nothing is due for this request now.")
    if found.state == FeeState.ESTIMATE_SENT:
        services.require_valid(case, found.estimate, at)
    return found, found.estimate
