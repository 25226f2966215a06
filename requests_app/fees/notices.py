"""What payment services tell us: each message is kept once and takes effect once, in any order."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from portal.audit import services as audit
from requests_app.fees import gateways, payments, services
from requests_app.fees.gateways import Notice
from requests_app.fees.models import Payment, PaymentEvent, PaymentState
from requests_app.fees.selectors import SUSPICIOUS

LOOK_AFTER = timedelta(minutes=15)
LOOK_FOR = timedelta(days=4)  # services go on sending a lost message for about three days


def receive(*, gateway_name: str, body: bytes, headers: Mapping[str, str], at: datetime) -> str:
    """This will take one message of a gateway. Gives what became of it; a replay changes nothing.

    :raises BadWebhook: when its signature is wrong.
    """
    notice = gateways.get(gateway_name).parse(body=body, headers=headers)
    return book(gateway_name=gateway_name, notice=notice, at=at)


def reconcile(payment: Payment, *, at: datetime) -> str:
    """This will ask the gateway what became of an attempt, for a message that was lost.

    :raises GatewayDown: when it does not answer.
    """
    notice = gateways.get(payment.gateway).fetch(payment)
    return "ignored" if notice.kind == "ignored" else book(gateway_name=payment.gateway, notice=notice, at=at)


def unanswered(*, at: datetime) -> list[Payment]:
    """This will list the online attempts worth asking about: begun a while ago, without an answer."""
    names = [gateway.name for gateway in gateways.online()]
    rows = Payment.objects.filter(
        gateway__in=names,
        state=PaymentState.STARTED,
        started_at__lt=at - LOOK_AFTER,
        started_at__gt=at - LOOK_FOR,
    )
    return list(rows.exclude(reference__startswith="pending_").order_by("started_at"))


@transaction.atomic
def book(*, gateway_name: str, notice: Notice, at: datetime) -> str:
    """This will book a notice once: event, payment, ledger and the fee's step in one transaction."""
    payment = _payment(gateway_name, notice)
    if payment is not None:
        # one lock for everything about this case's money; then read the payment as it is under it
        payment.case = services.lock(payment.case.request)
        payment.refresh_from_db(fields=["state", "paid_at", "amount_cents"])
    event, is_new = PaymentEvent.objects.get_or_create(
        gateway=gateway_name,
        event_id=notice.event_id,
        defaults={
            "payment": payment,
            "outcome": "received",
            "reference": notice.reference[:200],
            "amount_cents": notice.amount_cents,
            "currency": notice.currency[:3].lower(),
        },
    )
    found_since = event.outcome == "unknown_payment" and payment is not None
    if not is_new and not found_since:
        return "replayed"
    outcome = _outcome(payment, notice)
    PaymentEvent.objects.filter(pk=event.pk).update(outcome=outcome, payment=payment)
    if payment is not None and outcome == "paid":
        payments.credit(payment, at=at, actor=payment.actor)
    elif payment is not None and outcome == "expired":
        Payment.objects.filter(pk=payment.pk, state=PaymentState.STARTED).update(state=PaymentState.REFUSED)
    elif outcome in SUSPICIOUS:
        audit.record_denied(
            action="fees.payment",
            actor=None,
            subject=payment or event,
            request_key=payment.case.request.key if payment is not None else "",
            why=outcome,
        )
    return outcome


def _payment(gateway_name: str, notice: Notice) -> Payment | None:
    # by our own key too: the message may overtake the answer that told us the service's reference
    mine = Q(reference=notice.reference) if notice.reference else Q()
    if notice.payment_key:
        mine |= Q(key=notice.payment_key)
    rows = Payment.objects.filter(gateway=gateway_name).select_related(
        "case__request__agency", "case__request__requester", "estimate", "actor"
    )
    return rows.filter(mine).first() if mine else None


def _outcome(payment: Payment | None, notice: Notice) -> str:
    if notice.kind == "ignored":
        return "ignored"
    if payment is None:
        return "unknown_payment"
    if notice.kind != "paid":
        return notice.kind
    if payment.state in {PaymentState.PAID, PaymentState.REFUNDED}:
        return "already_paid"
    if notice.currency.lower() != payment.currency:
        return "wrong_currency"
    return "paid" if notice.amount_cents == payment.amount_cents else "wrong_amount"
