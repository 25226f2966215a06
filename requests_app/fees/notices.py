"""What payment services tell us: each message is kept once and takes effect once, in any order."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from portal.audit import services as audit
from requests_app.fees import casework, disputes, gateways, payments, phrases, refunds, todo
from requests_app.fees.gateways import Notice, RefundAnswer
from requests_app.fees.models import Payment, PaymentEvent, PaymentState, TaskKind

LOOK_AFTER = timedelta(minutes=15)
WAITING = ("unknown_payment", "early")
"""Outcomes that are looked at again when the payment turns up, or has come in."""
SUSPICIOUS = frozenset({"wrong_amount", "wrong_currency", "unknown_payment", "too_much"})
"""Outcomes of a gateway's message that a person has to look at."""
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
    """This will book a notice once: event, payment, ledger and the fee's step in one transaction.

    What fits nothing of ours is kept, and looked at again when its payment turns up or has come in.
    """
    payment = _payment(gateway_name, notice)
    if payment is not None:
        # one lock for everything about this case's money; then read the payment as it is under it
        payment.case = casework.lock(payment.case.request)
        payment.refresh_from_db(fields=["state", "paid_at", "amount_cents", "intent"])
    event, is_new = PaymentEvent.objects.get_or_create(
        gateway=gateway_name,
        event_id=notice.event_id,
        defaults={
            "payment": payment,
            "outcome": "received",
            "kind": notice.kind[:24],
            "reference": notice.reference[:200],
            "amount_cents": notice.amount_cents,
            "currency": notice.currency[:3].lower(),
            "said": asdict(notice),
        },
    )
    if not is_new and not (event.outcome in WAITING and payment is not None):
        return "replayed"
    outcome = _take(event, payment, notice, at)
    if outcome == "paid" and payment is not None:
        for kept in _kept(payment):
            _take(kept, payment, Notice(**kept.said), at)
    return outcome


def look_again(*, at: datetime) -> int:
    """This will book what was kept because its payment was not known, or had not come in, by now.

    Gives how many found their place. A payment may have been booked while its dispute was being kept.
    """
    found = 0
    for event in PaymentEvent.objects.filter(outcome__in=WAITING).exclude(said={}).order_by("pk"):
        notice = Notice(**event.said)
        if _payment(event.gateway, notice) is not None:
            found += book(gateway_name=event.gateway, notice=notice, at=at) not in {*WAITING, "replayed"}
    return found


def _take(event: PaymentEvent, payment: Payment | None, notice: Notice, at: datetime) -> str:
    outcome = _effect(payment, notice, at)
    PaymentEvent.objects.filter(pk=event.pk).update(outcome=outcome, payment=payment)
    subject = f"event:{event.pk}"
    if outcome in SUSPICIOUS:
        audit.record_denied(
            action="fees.payment",
            actor=None,
            subject=payment or event,
            request_key=payment.case.request.key if payment is not None else "",
            why=outcome,
        )
        todo.raise_task(
            kind=TaskKind.UNFITTING, subject=subject, event=event, payment=payment, at=at,
            case=payment.case if payment is not None else None, cents=notice.amount_cents,
            words=phrases.unfitting(event.gateway, outcome, notice, payment),
        )  # fmt: skip
    else:
        todo.finish(kind=TaskKind.UNFITTING, subject=subject, how="it found its payment", at=at)
    return outcome


def _payment(gateway_name: str, notice: Notice) -> Payment | None:
    # by our own key too: the message may overtake the answer that told us the service's reference
    mine = Q(reference=notice.reference) | Q(intent=notice.reference) if notice.reference else Q()
    if notice.payment_key:
        mine |= Q(key=notice.payment_key)
    if notice.refund_key:
        mine |= Q(refunds__key=notice.refund_key)
    rows = Payment.objects.filter(gateway=gateway_name).select_related(
        "case__request__agency", "case__request__requester", "estimate", "actor"
    )
    return rows.filter(mine).first() if mine else None


def _kept(payment: Payment) -> list[PaymentEvent]:
    names = [name for name in (payment.reference, payment.intent) if name]
    rows = PaymentEvent.objects.filter(gateway=payment.gateway, outcome__in=WAITING).exclude(said={})
    return list(rows.filter(Q(payment=payment) | Q(reference__in=names)).order_by("pk"))


def _effect(payment: Payment | None, notice: Notice, at: datetime) -> str:
    if notice.kind == "ignored":
        return "ignored"
    if payment is None:
        return "unknown_payment"
    if notice.kind == "expired":
        Payment.objects.filter(pk=payment.pk, state=PaymentState.STARTED).update(state=PaymentState.REFUSED)
        return "expired"
    if notice.kind == "paid":
        return _paid(payment, notice, at)
    if payment.state not in (PaymentState.PAID, PaymentState.REFUNDED):
        return "early"
    if notice.currency.lower() != payment.currency:
        return "wrong_currency"
    if notice.kind == "refund":
        return _refunded(payment, notice, at)
    if notice.kind == "dispute" and notice.item and notice.step in disputes.STEPS:
        return disputes.told(
            payment, reference=notice.item, step=notice.step, cents=notice.amount_cents, at=at
        )
    return "ignored"


def _paid(payment: Payment, notice: Notice, at: datetime) -> str:
    if payment.state in (PaymentState.PAID, PaymentState.REFUNDED):
        return "already_paid"
    if notice.currency.lower() != payment.currency:
        return "wrong_currency"
    if notice.amount_cents != payment.amount_cents:
        return "wrong_amount"
    if notice.intent:
        Payment.objects.filter(pk=payment.pk).update(intent=notice.intent)
        payment.intent = notice.intent
    payments.credit(payment, at=at, actor=payment.actor)
    return "paid"


def _refunded(payment: Payment, notice: Notice, at: datetime) -> str:
    ours = payment.refunds.filter(Q(key=notice.refund_key) | Q(reference=notice.item)).first()
    if ours is None and notice.refund_key:
        return "ignored"  # begun here, by a transaction that did not come through
    if ours is not None:
        refunds.finish(ours, RefundAnswer(notice.step, notice.item, notice.why), at=at)
        return f"refund_{notice.step}"
    if notice.step != "done":
        return "ignored"
    return refunds.told(payment, reference=notice.item, cents=notice.amount_cents, at=at)
