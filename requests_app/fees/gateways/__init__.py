"""Where money comes in: one protocol, three gateways. Which are on is a setting."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from portal.core.errors import BadInput, DomainError
from requests_app.fees.models import Payment


class NoSuchGateway(BadInput):
    code = "no_such_gateway"


class BadWebhook(DomainError):
    """The signature, the age or the form of a gateway's message is wrong; nothing was booked."""

    code = "bad_webhook"
    status = 400


class GatewayDown(DomainError):
    """The payment service did not answer; nothing was charged."""

    code = "gateway_down"
    status = 503


class GatewayRefused(DomainError):
    """The payment service will not take this payment; nothing was charged."""

    code = "gateway_refused"


@dataclass(frozen=True)
class Checkout:
    """Where the payer goes next, and the gateway's own id of the attempt."""

    url: str
    reference: str


@dataclass(frozen=True)
class RefundAnswer:
    """What a gateway says of a refund. ``outcome``: done, failed, or waiting when it cannot tell yet."""

    outcome: str
    reference: str
    why: str = ""


@dataclass(frozen=True)
class Notice:
    """What a gateway told us. ``kind``: paid, expired, refund, dispute or ignored.

    ``reference`` is the attempt's id, or what the gateway's refunds and disputes name instead (``intent``).
    ``step`` is what a refund (done, failed) or a dispute (opened, withdrawn, reinstated, won, lost) has come
    to, ``item`` its id.
    """

    event_id: str
    kind: str
    reference: str
    amount_cents: int = 0
    currency: str = "usd"
    payment_key: str = ""  # ours, where the gateway carries it
    intent: str = ""
    item: str = ""
    step: str = ""
    refund_key: str = ""  # ours, where the refund was begun here
    why: str = ""


class Gateway(Protocol):
    """A way to pay online."""

    name: str
    label: str

    def start(
        self, *, payment_key: str, amount_cents: int, currency: str, description: str, back: str
    ) -> Checkout:
        """This will open a checkout. Asking twice with one ``payment_key`` gives the same one."""

    def parse(self, *, body: bytes, headers: Mapping[str, str]) -> Notice:
        """This will check and read a message from the gateway. :raises BadWebhook: when it is not theirs."""

    def fetch(self, payment: Payment) -> Notice:
        """This will ask the gateway for the present state: webhooks may be late, lost or out of order."""

    def refund(self, *, payment: Payment, refund_key: str, amount_cents: int) -> RefundAnswer:
        """This will give money back. Asking twice with one ``refund_key`` gives it back once.

        :raises GatewayDown: when it does not answer. :raises GatewayRefused: when it never will.
        """


def get(name: str) -> Gateway:
    """This will give an online gateway that is switched on. :raises NoSuchGateway: otherwise."""
    from requests_app.fees.gateways.demo import DemoGateway
    from requests_app.fees.gateways.stripe_checkout import StripeGateway

    known: dict[str, Gateway] = {"stripe": StripeGateway(), "demo": DemoGateway()}
    if name not in known or name not in settings.PAYMENT_GATEWAYS:
        raise NoSuchGateway("This way of paying is not offered here.")
    return known[name]


def online() -> list[Gateway]:
    """This will list the online gateways that are switched on."""
    return [get(name) for name in settings.PAYMENT_GATEWAYS if name != "counter"]
