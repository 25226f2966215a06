"""A gateway that moves no money, for the demonstration. A system check refuses it in production."""

import hashlib
import hmac
import json
from collections.abc import Mapping

from django.conf import settings
from django.urls import reverse

from requests_app.fees.gateways import BadWebhook, Checkout, Notice, RefundAnswer
from requests_app.fees.models import Payment, PaymentState


class DemoGateway:
    name = "demo"
    label = "Demonstration (no money moves)"

    def start(
        self, *, payment_key: str, amount_cents: int, currency: str, description: str, back: str
    ) -> Checkout:
        return Checkout(
            url=reverse("fees:demo-checkout", args=[payment_key]), reference=f"demo_{payment_key}"
        )

    def parse(self, *, body: bytes, headers: Mapping[str, str]) -> Notice:
        sent = headers.get("Demo-Signature", "")
        if not hmac.compare_digest(sign(body).encode(), sent.encode()):
            raise BadWebhook("The signature of this message is wrong.")
        try:
            data = json.loads(body)
            return Notice(
                str(data["id"]),
                str(data["kind"]),
                str(data["reference"]),
                int(data["amount_cents"]),
                str(data["currency"]),
                str(data["payment"]),
                **{name: str(data.get(name, "")) for name in ("intent", "item", "step", "refund_key", "why")},
            )
        except (ValueError, KeyError, TypeError):
            raise BadWebhook("This message cannot be read.") from None

    def fetch(self, payment: Payment) -> Notice:
        kind = "paid" if payment.state == PaymentState.PAID else "ignored"
        return Notice(f"fetch_{payment.key}", kind, payment.reference, payment.amount_cents, payment.currency)

    def refund(self, *, payment: Payment, refund_key: str, amount_cents: int) -> RefundAnswer:
        return RefundAnswer("done", f"demo_refund_{refund_key}")


def sign(body: bytes) -> str:
    """This will give the signature the demonstration's own messages carry."""
    return hmac.new(settings.SECRET_KEY.encode(), b"demo-gateway\n" + body, hashlib.sha256).hexdigest()


def message(payment: Payment, *, amount_cents: int | None = None) -> bytes:
    """This will write the message the demonstration's checkout sends when somebody presses “pay”."""
    return json.dumps({
        "id": f"evt_{payment.key}", "kind": "paid", "reference": payment.reference, "payment": payment.key,
        "amount_cents": payment.amount_cents if amount_cents is None else amount_cents,
        "currency": payment.currency,
    }).encode()  # fmt: skip
