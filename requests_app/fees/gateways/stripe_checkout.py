"""Stripe Checkout through the official library: card data never comes near this portal."""

from collections.abc import Mapping

import stripe
from django.conf import settings

from requests_app.fees.gateways import BadWebhook, Checkout, GatewayDown, Notice
from requests_app.fees.models import Payment

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
                    "line_items": [{"quantity": 1, "price_data": {
                        "currency": currency, "unit_amount": amount_cents, "product_data": {"name": description},
                    }}],
                    "success_url": back,
                    "cancel_url": back,
                },
                {"idempotency_key": payment_key},
            )  # fmt: skip
        except stripe.StripeError as error:
            raise GatewayDown(
                "The payment service did not answer. Nothing was charged; try again later."
            ) from error
        if not session.url:
            raise GatewayDown("The payment service gave no address to pay at. Nothing was charged.")
        return Checkout(url=session.url, reference=session.id)

    def parse(self, *, body: bytes, headers: Mapping[str, str]) -> Notice:
        try:
            event = stripe.Webhook.construct_event(  # type: ignore[no-untyped-call]  # stripe types it loosely
                body, headers.get("Stripe-Signature", ""), settings.STRIPE_WEBHOOK_SECRET
            )
        except (ValueError, stripe.SignatureVerificationError):
            raise BadWebhook("The signature of this message is wrong or too old.") from None
        session = event["data"]["object"]
        if event["type"] in EXPIRED:
            return Notice(event["id"], "expired", session["id"])
        # a session may be completed before a slow payment method has paid
        if event["type"] not in PAID or session["payment_status"] != "paid":
            return Notice(event["id"], "ignored", str(getattr(session, "id", "")))
        return Notice(event["id"], "paid", session["id"], session["amount_total"], session["currency"])

    def fetch(self, payment: Payment) -> Notice:
        try:
            session = self._client().v1.checkout.sessions.retrieve(payment.reference)
        except stripe.StripeError as error:
            raise GatewayDown("The payment service did not answer.") from error
        kind = "paid" if session.payment_status == "paid" else "ignored"
        return Notice(
            f"fetch_{payment.reference}", kind, session.id, session.amount_total or 0, session.currency or ""
        )

    def _client(self) -> stripe.StripeClient:
        return stripe.StripeClient(settings.STRIPE_SECRET_KEY)
