"""Taking money, online or at the counter with a receipt number, and giving it back."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, DomainError, IllegalMove, NotAllowed
from portal.core.money import dollars
from requests_app.correspondence import services as correspondence
from requests_app.docket.models import RecordsRequest
from requests_app.fees import gateways, ledger, questions, selectors, services
from requests_app.fees.models import Estimate, FeeCase, Payment, PaymentState
from requests_app.fees.rules import PAYABLE, FeeState
from requests_app.fees.selectors import FeeSummary

COUNTER_METHODS = (("cash", "Cash"), ("cheque", "Cheque"), ("money_order", "Money order"))
REUSE_FOR = timedelta(hours=12)
"""A checkout begun longer ago may have run out at the payment service; a fresh one is begun instead."""


class NothingDue(IllegalMove):
    code = "nothing_due"


class WrongAmount(BadInput):
    code = "wrong_amount"


class ReceiptUsed(DomainError):
    code = "receipt_used"


def start(
    *, request: RecordsRequest, gateway_name: str, actor: User, at: datetime, deposit: bool = False
) -> tuple[Payment, str]:
    """This will open a checkout for what is due (or the deposit): the payment, and the address to pay at.

    An attempt that is still open for the same amount is used again: two tabs make one checkout.

    :raises NothingDue: when nothing is owed. :raises EstimateExpired: for an old estimate nobody accepted.
    """
    if request.requester_id != actor.pk:
        raise NotAllowed("Only the person who filed this request can pay for it here.")
    gateway = gateways.get(gateway_name)
    with transaction.atomic():
        case = services.lock(request)
        found, estimate = _due(case, at)
        amount = found.deposit_due_cents if deposit else found.due_cents
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
    """This will tell whether an attempt still asks for what is due; the amount may have changed since."""
    if payment.state != PaymentState.STARTED:
        return False
    try:
        found, estimate = _due(payment.case, at)
    except DomainError:
        return False
    return estimate.pk == payment.estimate_id and payment.amount_cents in {
        found.due_cents,
        found.deposit_due_cents,
    }


def take_at_counter(
    *, request: RecordsRequest, amount_cents: int, method: str, receipt_number: str, actor: User, at: datetime
) -> Payment:
    """This will book cash, a cheque or a money order: exactly what is due, or exactly the deposit.

    :raises WrongAmount: for another amount. :raises ReceiptUsed: when the receipt number was used before.
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
    _require_till(actor)
    if method not in dict(COUNTER_METHODS):
        raise BadInput("Choose cash, cheque or money order.")
    receipt = receipt_number.strip()
    if not receipt:
        raise BadInput("Write the number of the receipt you gave.")
    case = services.lock(request)
    if Payment.objects.filter(gateway="counter", reference=receipt).exists():
        raise ReceiptUsed(f"Receipt {receipt} is booked already. Check the number.")
    found, estimate = _due(case, at)
    if amount_cents not in {found.due_cents, found.deposit_due_cents} - {0}:
        raise WrongAmount(
            f"Exactly {dollars(found.due_cents)} is due, not {dollars(amount_cents)}. Nothing was booked."
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


@transaction.atomic
def refund(
    *, payment: Payment, amount_cents: int, reference: str, reason: str, actor: User, at: datetime
) -> None:
    """This will book money given back: what was overpaid, or a settled fee.

    ``reference`` is the cheque's number, or the payment service's own id of the refund. What was booked
    stays; a refund is new rows. Giving a settled fee back cancels the whole fee: what other payments
    brought is then to be given back too.

    :raises WrongAmount: when it is neither.
    """
    _require_till(actor)
    if not reference.strip() or not reason.strip():
        raise BadInput("Give the refund's reference and the reason; both are kept.")
    case = services.lock(payment.case.request)
    payment = Payment.objects.select_related("case__request").get(pk=payment.pk)
    if payment.state not in {PaymentState.PAID, PaymentState.REFUNDED}:
        raise NothingDue("This payment never came in, so there is nothing to give back.")
    money, left = selectors.balances(case), payment.amount_cents - selectors.returned_cents(payment)
    whole = case.state == FeeState.SETTLED and amount_cents == left
    if not 0 < amount_cents <= left or not (whole or amount_cents <= money.overpaid):
        raise WrongAmount(
            f"{dollars(money.overpaid)} was paid too much, and {dollars(left)} of this payment is still here."
            " Only what was overpaid, or the whole payment of a settled fee, can be given back. Nothing was"
            " booked."
        )
    if amount_cents > money.overpaid:
        services.move(case, "refund", actor, changes={"reason": reason.strip()[:500]})
        ledger.bill(case=case, cents=0, at=at, memo="fee given back")
    memo = f"refund {reference.strip()}"
    ledger.give_back(payment=payment, cents=amount_cents, at=at, memo=memo)
    if amount_cents == left:
        Payment.objects.filter(pk=payment.pk).update(state=PaymentState.REFUNDED)
    audit.record(
        action="fees.refunded",
        actor=actor,
        subject=payment,
        request_key=case.request.key,
        detail={"cents": amount_cents, "reference": reference.strip()[:60]},
    )


def credit(payment: Payment, *, at: datetime, actor: User | None) -> None:
    """This will book money that came in, settle the fee when nothing is left to pay, and mail a receipt.

    The caller holds the case's lock. Money for a closed request, or beyond what is due, is booked as an
    overpayment to give back: it is never ignored.
    """
    Payment.objects.filter(pk=payment.pk).update(state=PaymentState.PAID, paid_at=at)
    payment.state, payment.paid_at = PaymentState.PAID, at
    case, request = payment.case, payment.case.request
    if not request.is_open:
        charged = selectors.balances(case)
        ledger.bill(case=case, cents=charged.charged - charged.owed, at=at, memo="request closed")
    ledger.take(payment=payment, at=at)
    audit.record(
        action="fees.paid",
        actor=actor,
        subject=payment,
        request_key=request.key,
        detail={"cents": payment.amount_cents, "gateway": payment.gateway},
    )
    money = selectors.balances(case)
    if request.is_open and case.state in PAYABLE:
        if not money.owed:
            services.settle(case, actor)
        questions.answer(request, "estimate_accepted", actor=actor, at=at, reason="answered: paid")
        if money.held >= payment.estimate.deposit_cents:
            questions.answer(request, "deposit_paid", actor=actor, at=at)
    if money.overpaid:
        audit.record(
            action="fees.overpaid",
            actor=actor,
            subject=payment,
            request_key=request.key,
            detail={"cents": money.overpaid},
        )
    assert request.requester is not None  # noqa: S101  a filed request has one by constraint
    correspondence.queue_mail(
        to=request.requester.email,
        template="receipt",
        context={**correspondence.links(request), "payment": payment},
        request=request,
        dedupe_key=f"receipt:{payment.pk}",
    )


def _due(case: FeeCase, at: datetime) -> tuple[FeeSummary, Estimate]:
    found = selectors.summary(case.request)
    if (
        not case.request.is_open
        or found.state not in PAYABLE
        or found.due_cents <= 0
        or found.estimate is None
    ):
        raise NothingDue("Nothing is due for this request now.")
    if found.state == FeeState.ESTIMATE_SENT:
        services.require_valid(case, found.estimate, at)
    return found, found.estimate


def _require_till(actor: User) -> None:
    if not actor.may(Permission.TAKE_PAYMENT):
        raise NotAllowed("Your role does not include taking payments.")
