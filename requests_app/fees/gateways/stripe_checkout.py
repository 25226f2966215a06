"""Stripe Checkout through the official library: card data never comes near this portal."""

import json
from collections.abc import Mapping
from typing import Any

import stripe
from django.conf import settings

from requests_app.fees.gateways import (
    BadWebhook,
    Checkout,
    GatewayDown,
    GatewayRefused,
    Notice,
    RefundAnswer,
)
from requests_app.fees.models import Payment

TIMEOUT = 20  # seconds
PAID = {"checkout.session.completed", "checkout.session.async_payment_succeeded"}
EXPIRED = {"checkout.session.expired", "checkout.session.async_payment_failed"}
REFUNDS = {"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"}
DISPUTES = {
    "charge.dispute.created": "opened",
    "charge.dispute.updated": "opened",
    "charge.dispute.funds_withdrawn": "withdrawn",
    "charge.dispute.funds_reinstated": "reinstated",
}
REFUND_OUTCOMES = {"succeeded": "done", "pending": "done", "failed": "failed", "canceled": "failed"}
"""A pending refund has left our balance; one that fails later is told as failed."""


class StripeGateway:
    name = "stripe"
    label = "Card (Stripe)"

    def start(
        self, *, payment_key: str, amount_cents: int, currency: str, description: str, back: str
    ) -> Checkout:
        try:
            session = self._client().v1.checkout.sessions.create(
                {
                    "mode": "payment",
                    "client_reference_id": payment_key,
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": currency,
                                "unit_amount": amount_cents,
                                "product_data": {"name": description},
                            },
                        }
                    ],
                    "success_url": back,
                    "cancel_url": back,
                },
                {"idempotency_key": payment_key},
            )
        except (stripe.InvalidRequestError, stripe.IdempotencyError) as error:
            raise GatewayRefused(
                "The payment service does not take this payment. Nothing was charged; pay at the counter."
            ) from error
        except stripe.StripeError as error:
            raise GatewayDown(
                "The payment service did not answer. Nothing was charged; try again later."
            ) from error
        if not session.url:
            raise GatewayDown("The payment service gave no address to pay at. Nothing was charged.")
        return Checkout(url=session.url, reference=session.id)

    def parse(self, *, body: bytes, headers: Mapping[str, str]) -> Notice:
        try:
            event = stripe.Webhook.construct_event(
                body, headers.get("Stripe-Signature", ""), settings.STRIPE_WEBHOOK_SECRET
            )
        except (ValueError, stripe.SignatureVerificationError):
            raise BadWebhook("The signature of this message is wrong or too old.") from None
        if bool(event["livemode"]) != settings.STRIPE_SECRET_KEY.startswith(("sk_live", "rk_live")):
            raise BadWebhook("This message is of the payment service's other mode (test or live).")
        # what was signed, as plain data: the library's objects change their shape from version to version
        told = json.loads(body)["data"]["object"]
        name = str(event["id"])
        if event["type"] in REFUNDS:
            return _refund_notice(name, told)
        if event["type"] in DISPUTES or event["type"] == "charge.dispute.closed":
            return _dispute_notice(name, told, DISPUTES.get(event["type"], ""))
        if event["type"] not in PAID | EXPIRED:
            return Notice(name, "ignored", str(told.get("id") or ""), why=str(event["type"])[:100])
        return _notice(name, told, is_over=event["type"] in EXPIRED)

    def fetch(self, payment: Payment) -> Notice:
        try:
            session = self._client().v1.checkout.sessions.retrieve(payment.reference)
        except stripe.StripeError as error:
            raise GatewayDown("The payment service did not answer.") from error
        return _notice(
            f"fetch_{payment.key}_{session.payment_status}_{session.status}",
            session.to_dict(),
            is_over=session.status == "expired",
        )

    def refund(self, *, payment: Payment, refund_key: str, amount_cents: int) -> RefundAnswer:
        try:
            client = self._client()
            intent = payment.intent or self._intent_of(client, payment)
            # their memory of our key lasts a day; ours of what was sent must not depend on it
            for known in client.v1.refunds.list({"payment_intent": intent, "limit": 100}).data:
                if (known.to_dict().get("metadata") or {}).get("refund") == refund_key:
                    return _refund_answer(known.to_dict())
            made = client.v1.refunds.create(
                {"payment_intent": intent, "amount": amount_cents, "metadata": {"refund": refund_key}},
                {"idempotency_key": f"refund_{refund_key}"},
            )
        except (stripe.InvalidRequestError, stripe.IdempotencyError) as error:
            raise GatewayRefused(
                "The payment service does not give this money back. Give it back by cheque."
            ) from error
        except stripe.StripeError as error:
            raise GatewayDown("The payment service did not answer.") from error
        return _refund_answer(made.to_dict())

    @staticmethod
    def _intent_of(client: stripe.StripeClient, payment: Payment) -> str:
        session = client.v1.checkout.sessions.retrieve(payment.reference).to_dict()
        return str(session.get("payment_intent") or "")

    def _client(self) -> stripe.StripeClient:
        return stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            max_network_retries=2,
            http_client=stripe.RequestsClient(timeout=TIMEOUT),
        )


def _notice(event_id: str, session: Mapping[str, Any], *, is_over: bool) -> Notice:
    kind = "paid" if session.get("payment_status") == "paid" else "expired" if is_over else "ignored"
    # a session may be completed before a slow payment method has paid: then it is ignored until it has
    return Notice(
        event_id=event_id,
        kind=kind,
        reference=str(session.get("id") or ""),
        amount_cents=int(session.get("amount_total") or 0),
        currency=str(session.get("currency") or ""),
        payment_key=str(session.get("client_reference_id") or ""),
        intent=str(session.get("payment_intent") or ""),
    )


def _refund_notice(event_id: str, refund: Mapping[str, Any]) -> Notice:
    answer = _refund_answer(refund)
    return Notice(
        event_id=event_id,
        kind="refund" if answer.outcome != "waiting" else "ignored",
        reference=str(refund.get("payment_intent") or ""),
        amount_cents=int(refund.get("amount") or 0),
        currency=str(refund.get("currency") or ""),
        item=answer.reference,
        step=answer.outcome,
        refund_key=str((refund.get("metadata") or {}).get("refund") or ""),
        why=answer.why,
    )


def _refund_answer(refund: Mapping[str, Any]) -> RefundAnswer:
    why = str(refund.get("failure_reason") or "").replace("_", " ")
    return RefundAnswer(
        REFUND_OUTCOMES.get(str(refund.get("status")), "waiting"), str(refund.get("id") or ""), why
    )


def _dispute_notice(event_id: str, dispute: Mapping[str, Any], step: str) -> Notice:
    status = str(dispute.get("status") or "")
    # a closed inquiry never took money; it ends like a dispute that was won
    step = step or {"lost": "lost", "won": "won", "warning_closed": "won"}.get(status, "opened")
    return Notice(
        event_id=event_id,
        kind="dispute",
        reference=str(dispute.get("payment_intent") or ""),
        amount_cents=int(dispute.get("amount") or 0),
        currency=str(dispute.get("currency") or ""),
        item=str(dispute.get("id") or ""),
        step=step,
    )
