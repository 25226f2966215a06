"""Taking money: online by a gateway's message, or at the counter with a receipt number."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import moves
from portal.audit import services as audit
from portal.core.errors import BadInput, DomainError, IllegalMove, NotAllowed
from requests_app.correspondence import services as correspondence
from requests_app.docket.models import RecordsRequest
from requests_app.fees import gateways, ledger, selectors
from requests_app.fees.gateways import Notice
from requests_app.fees.models import FeeCase, Payment, PaymentEvent, PaymentState
from requests_app.fees.rules import FEE, FeeState

COUNTER_METHODS = (("cash", "Cash"), ("cheque", "Cheque"), ("money_order", "Money order"))
PAYABLE = frozenset({FeeState.ACCEPTED, FeeState.ESTIMATE_SENT})


class NothingDue(IllegalMove):
    code = "nothing_due"


class WrongAmount(BadInput):
    code = "wrong_amount"


class ReceiptUsed(DomainError):
    code = "receipt_used"


def start(*, request: RecordsRequest, gateway_name: str, actor: User, at: datetime) -> tuple[Payment, str]:
    """This will open a checkout for what is due. Gives the payment and the address to pay at.

    An attempt that is still open for the same amount is used again: two tabs make one checkout.

    :raises NothingDue: when nothing is owed, or the estimate is not accepted yet.
    """
    if request.requester_id != actor.pk:
        raise NotAllowed("Only the person who filed this request can pay for it here.")
    gateway = gateways.get(gateway_name)
    with transaction.atomic():
        case = FeeCase.objects.select_for_update().get(request=request)
        found = selectors.summary(request)
        if case.state not in PAYABLE or not found.due_cents or found.estimate is None:
            raise NothingDue("Nothing is due for this request now.")
        payment = case.payments.filter(
            gateway=gateway.name,
            state=PaymentState.STARTED,
            amount_cents=found.due_cents,
            estimate=found.estimate,
        ).first()
        if payment is None:
            payment = Payment(
                case=case,
                estimate=found.estimate,
                gateway=gateway.name,
                amount_cents=found.due_cents,
                started_at=at,
                actor=actor,
            )
            payment.reference = f"pending_{payment.key}"
            payment.save()
    back = f"{settings.PUBLIC_BASE_URL}/my/requests/{request.key}/fees/"
    checkout = gateway.start(
        payment_key=payment.key,
        amount_cents=payment.amount_cents,
        currency=payment.currency,
        description=f"Records request {request.number}",
        back=back,
    )
    Payment.objects.filter(pk=payment.pk).update(reference=checkout.reference)
    payment.reference = checkout.reference
    return payment, checkout.url


def receive(*, gateway_name: str, body: bytes, headers: Mapping[str, str], at: datetime) -> str:
    """This will take one message of a gateway. Gives what became of it; a replay changes nothing.

    :raises BadWebhook: when its signature is wrong.
    """
    notice = gateways.get(gateway_name).parse(body=body, headers=headers)
    return book(gateway_name=gateway_name, notice=notice, at=at)


@transaction.atomic
def book(*, gateway_name: str, notice: Notice, at: datetime) -> str:
    """This will book a notice once: event row, payment, ledger and the fee machine's step in one transaction."""
    payment = (
        Payment.objects.select_for_update().select_related("case__request__agency", "case__request__requester")
        .filter(gateway=gateway_name, reference=notice.reference).first()
    )  # fmt: skip
    outcome = _outcome(payment, notice)
    try:
        with transaction.atomic():
            PaymentEvent.objects.create(
                gateway=gateway_name, event_id=notice.event_id, payment=payment, outcome=outcome
            )
    except IntegrityError:
        return "replayed"
    if payment is not None and outcome == "paid":
        _settle(payment, at, actor=payment.actor)
    elif payment is not None and outcome == "expired":
        Payment.objects.filter(pk=payment.pk, state=PaymentState.STARTED).update(state=PaymentState.REFUSED)
    elif payment is not None and outcome == "wrong_amount":
        audit.record_denied(
            action="fees.payment",
            actor=None,
            subject=payment,
            request_key=payment.case.request.key,
            why=WrongAmount.code,
        )
    return outcome


def _outcome(payment: Payment | None, notice: Notice) -> str:
    if payment is None:
        return "unknown_payment"
    if notice.kind != "paid":
        return notice.kind
    if payment.state == PaymentState.PAID:
        return "already_paid"
    if (notice.amount_cents, notice.currency.lower()) != (payment.amount_cents, payment.currency):
        return "wrong_amount"
    return "paid"


@transaction.atomic
def take_at_counter(
    *, request: RecordsRequest, amount_cents: int, method: str, receipt_number: str, actor: User, at: datetime
) -> Payment:
    """This will book cash, a cheque or a money order. It must be exactly what is due.

    :raises WrongAmount: for another amount. :raises ReceiptUsed: when the receipt number was used before.
    """
    if not actor.may(Permission.TAKE_PAYMENT):
        raise NotAllowed("Your role does not include taking payments.")
    if method not in dict(COUNTER_METHODS):
        raise BadInput("Choose cash, cheque or money order.")
    receipt = receipt_number.strip()
    if not receipt:
        raise BadInput("Write the number of the receipt you gave.")
    case = FeeCase.objects.select_for_update().select_related("request__agency").get(request=request)
    found = selectors.summary(request)
    if case.state not in PAYABLE or not found.due_cents or found.estimate is None:
        raise NothingDue("Nothing is due for this request now.")
    if amount_cents != found.due_cents:
        raise WrongAmount(
            f"Exactly ${found.due_cents / 100:,.2f} is due, not ${amount_cents / 100:,.2f}. Nothing was booked."
        )
    if Payment.objects.filter(gateway="counter", reference=receipt).exists():
        raise ReceiptUsed(f"Receipt {receipt} is booked already. Check the number.")
    payment = Payment.objects.create(
        case=case, estimate=found.estimate, gateway="counter", method=method, reference=receipt,
        amount_cents=amount_cents, started_at=at, actor=actor,
    )  # fmt: skip
    _settle(payment, at, actor=actor)
    return payment


def _settle(payment: Payment, at: datetime, *, actor: User | None) -> None:
    Payment.objects.filter(pk=payment.pk).update(state=PaymentState.PAID, paid_at=at)
    payment.state, payment.paid_at = PaymentState.PAID, at
    case, request = payment.case, payment.case.request
    ledger.take(payment=payment, at=at)
    audit.record(
        action="fees.paid",
        actor=actor,
        subject=payment,
        request_key=request.key,
        detail={"cents": payment.amount_cents, "gateway": payment.gateway},
    )
    facts = selectors.facts(case)
    if case.state in PAYABLE and facts.paid_cents >= facts.billed_cents:
        moves.apply(row=case, machine=FEE, action="settle", actor=actor, facts=facts, request_key=request.key)
    assert request.requester is not None  # noqa: S101  a filed request has one by constraint
    correspondence.queue_mail(
        to=request.requester.email, template="receipt", context={**correspondence.links(request), "payment": payment},
        request=request, dedupe_key=f"receipt:{payment.pk}",
    )  # fmt: skip
