"""Stripe Checkout through the official library: card data never comes near this portal."""

import json
from collections.abc import Mapping
from typing import Any

import stripe
from django.conf import settings

from requests_app.fees.gateways import BadWebhook, Checkout, GatewayDown, GatewayRefused, Notice
from requests_app.fees.models import Payment

TIMEOUT = 20  # seconds
PAID = {"checkout.session.completed", "checkout.session.async_payment_succeeded"}
EXPIRED = {"checkout.session.expired", "checkout.session.async_payment_failed"}


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
        if event["type"] not in PAID | EXPIRED:
            return Notice(str(event["id"]), "ignored", "")
        # what was signed, as plain data: the library's objects change their shape from version to version
        session = json.loads(body)["data"]["object"]
        return _notice(str(event["id"]), session, is_over=event["type"] in EXPIRED)

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
    )
