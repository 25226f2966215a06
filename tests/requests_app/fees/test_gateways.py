"""Stripe through its official library against a stand-in on loopback, and the demonstration's gateway."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import stripe
from django.test import Client, override_settings
from django.urls import reverse

from portal.core.time import now
from requests_app.fees import gateways, notices, payments, selectors, tasks
from requests_app.fees.gateways import BadWebhook, demo, stripe_checkout
from requests_app.fees.gateways.stripe_checkout import StripeGateway
from requests_app.fees.models import FeeCase, Payment, PaymentEvent
from tests.patience import SECONDS
from tests.requests_app.fees.fee_builders import (
    LATER,
    a_checkout,
    accounts,
    an_accepted_estimate,
    requester_of,
)
from tests.requests_app.fees.stripe_stand_in import StripeStandIn

pytestmark = pytest.mark.django_db
SECRET = "whsec_made_up"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StripeStandIn]:
    with StripeStandIn() as server:

        def client(_gateway: StripeGateway) -> stripe.StripeClient:
            return stripe.StripeClient(
                "sk_test_made_up", base_addresses={"api": server.base}, max_network_retries=0,
                http_client=stripe.RequestsClient(timeout=SECONDS),
            )  # fmt: skip

        monkeypatch.setattr(StripeGateway, "_client", client)
        yield server


def a_stripe_payment() -> Payment:
    return a_checkout(an_accepted_estimate(), gateway="stripe")


def an_event(payment: Payment, **session: Any) -> dict[str, Any]:
    kind = session.pop("type", "checkout.session.completed")
    return {
        "id": session.pop("event", f"evt_{payment.key}"),
        "object": "event",
        "type": kind,
        "livemode": session.pop("livemode", False),
        "data": {
            "object": {
                "object": "checkout.session",
                "id": payment.reference,
                "client_reference_id": payment.key,
                "payment_status": "paid",
                "amount_total": payment.amount_cents,
                "currency": "usd",
                **session,
            }
        },
    }


def signed(body: bytes, *, at: float | None = None, secret: str = SECRET) -> str:
    stamp = int(at if at is not None else time.time())
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


def post(event: dict[str, Any], **given: Any) -> tuple[int, str]:
    body = json.dumps(event).encode()
    header = given.pop("header", None) or signed(body, **given)
    answer = Client().post(
        reverse("fees:stripe-webhook"),
        body,
        content_type="application/json",
        headers={"Stripe-Signature": header},
    )
    return answer.status_code, answer.content.decode()


def test_checkout_is_made_once_with_our_key_and_without_card_data(stand_in: StripeStandIn) -> None:
    estimate = an_accepted_estimate()

    first = a_checkout(estimate, gateway="stripe")
    again, url = payments.start(
        request=estimate.case.request, gateway_name="stripe", actor=requester_of(estimate), at=LATER
    )

    assert (first.pk, first.reference) == (again.pk, "cs_test_1")
    assert url == "https://checkout.stripe.com/c/pay/cs_test_1"
    _method, path, sent, headers = stand_in.asked[0]
    assert path == "/v1/checkout/sessions"
    assert sent["line_items[0][price_data][unit_amount]"] == "4600"
    assert sent["client_reference_id"] == first.key
    assert {call[3]["Idempotency-Key"] for call in stand_in.asked} == {first.key}
    assert headers["Authorization"] == "Bearer sk_test_made_up"
    assert not any("card" in name for name in sent)
    assert sent["success_url"] == sent["cancel_url"]


def test_paying_page_sends_the_browser_to_stripe(stand_in: StripeStandIn, client: Client) -> None:
    estimate = an_accepted_estimate()
    request = estimate.case.request
    client.force_login(requester_of(estimate), backend=BACKEND)

    answer = client.post(reverse("fees:pay", args=[request.key]), {"gateway": "stripe"})

    assert answer.status_code == 302
    assert answer["Location"].startswith("https://checkout.stripe.com/")


def test_signed_message_settles_the_fee(stand_in: StripeStandIn) -> None:
    payment = a_stripe_payment()

    assert post(an_event(payment)) == (200, "paid")

    assert FeeCase.objects.get(pk=payment.case_id).state == "settled"
    assert post(an_event(payment)) == (200, "replayed")
    assert accounts(payment.case) == {"cash": 4600, "revenue": -4600}


@pytest.mark.parametrize(
    "given",
    [
        {"secret": "whsec_forged"},
        {"header": "t=1,v1=00"},
        {"header": "nonsense"},
        {"header": "t=1"},
        {"at": 1_600_000_000},
    ],
    ids=["wrong secret", "made up", "nonsense", "unsigned", "old"],
)
def test_forged_or_stale_message_is_400_and_books_nothing(
    stand_in: StripeStandIn, given: dict[str, Any]
) -> None:
    payment = a_stripe_payment()

    status, _text = post(an_event(payment), **given)

    assert status == 400
    assert not PaymentEvent.objects.exists()
    assert selectors.money_due_cents(payment.case.request) == 4600


def test_message_six_minutes_old_is_400(stand_in: StripeStandIn) -> None:
    payment = a_stripe_payment()

    assert post(an_event(payment), at=time.time() - 361)[0] == 400
    assert post(an_event(payment), at=time.time() - 240)[0] == 200


def test_changed_body_is_400(stand_in: StripeStandIn) -> None:
    payment = a_stripe_payment()
    header = signed(json.dumps(an_event(payment)).encode())

    assert post(an_event(payment, amount_total=1), header=header)[0] == 400


def test_message_of_the_other_mode_is_400(stand_in: StripeStandIn) -> None:
    assert post(an_event(a_stripe_payment(), livemode=True))[0] == 400


def test_message_without_json_is_400() -> None:
    body = b"not json"

    answer = Client().post(
        reverse("fees:stripe-webhook"),
        body,
        content_type="text/plain",
        headers={"Stripe-Signature": signed(body)},
    )

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"amount_total": 1}, "wrong_amount"),
        ({"currency": "mxn"}, "wrong_currency"),
        ({"payment_status": "unpaid"}, "ignored"),
        ({"type": "customer.created"}, "ignored"),
        ({"id": "cs_elsewhere", "client_reference_id": "elsewhere"}, "unknown_payment"),
        ({"type": "checkout.session.expired", "payment_status": "unpaid"}, "expired"),
    ],
)
def test_message_that_does_not_pay_settles_nothing(
    stand_in: StripeStandIn, changes: dict[str, Any], outcome: str
) -> None:
    payment = a_stripe_payment()

    assert post(an_event(payment, **changes)) == (200, outcome)
    assert selectors.money_due_cents(payment.case.request) == 4600


def test_slow_payment_counts_when_it_has_paid(stand_in: StripeStandIn) -> None:
    payment = a_stripe_payment()
    post(an_event(payment, payment_status="unpaid", event="evt_1"))

    outcome = post(an_event(payment, type="checkout.session.async_payment_succeeded", event="evt_2"))

    assert outcome == (200, "paid")


def test_coming_back_to_the_page_unlocks_nothing(stand_in: StripeStandIn, client: Client) -> None:
    payment = a_stripe_payment()
    request = payment.case.request
    client.force_login(requester_of(payment.estimate), backend=BACKEND)

    client.get(reverse("fees:page", args=[request.key]), {"session_id": payment.reference, "paid": "1"})

    assert selectors.blocks_release(request) == "A fee of $46.00 is still due."


@pytest.mark.parametrize(("status", "error"), [(500, gateways.GatewayDown), (400, gateways.GatewayRefused)])
def test_trouble_at_stripe_charges_nothing_and_may_be_tried_again(
    stand_in: StripeStandIn, status: int, error: type[Exception]
) -> None:
    estimate = an_accepted_estimate()
    stand_in.fail = status
    with pytest.raises(error, match="Nothing was charged"):
        a_checkout(estimate, gateway="stripe")
    stand_in.fail = 0

    payment = a_checkout(estimate, gateway="stripe")

    assert payment.reference == "cs_test_1"
    assert Payment.objects.count() == 1


def test_session_without_an_address_is_an_outage(stand_in: StripeStandIn) -> None:
    stand_in.no_url = True

    with pytest.raises(gateways.GatewayDown, match="no address"):
        a_stripe_payment()


def test_lost_message_is_found_by_asking(stand_in: StripeStandIn) -> None:
    payment = a_stripe_payment()
    Payment.objects.filter(pk=payment.pk).update(started_at=payments_began())
    assert tasks.reconcile() == 0
    stand_in.status, stand_in.payment_status = "complete", "paid"

    assert tasks.reconcile() == 1
    assert tasks.reconcile() == 0
    assert post(an_event(payment)) == (200, "already_paid")
    assert accounts(payment.case) == {"cash": 4600, "revenue": -4600}


def test_asking_while_stripe_is_down_leaves_everything_as_it_is(stand_in: StripeStandIn) -> None:
    payment = a_stripe_payment()
    Payment.objects.filter(pk=payment.pk).update(started_at=payments_began())
    stand_in.fail = 500

    assert tasks.reconcile() == 0
    assert Payment.objects.get(pk=payment.pk).state == "started"


def test_session_that_ran_out_is_found_by_asking(stand_in: StripeStandIn) -> None:
    payment = a_stripe_payment()
    stand_in.status = "expired"

    assert notices.reconcile(payment, at=LATER) == "expired"
    assert Payment.objects.get(pk=payment.pk).state == "refused"


def test_real_client_has_a_time_limit_and_no_address_of_ours() -> None:
    client = StripeGateway()._client()

    assert client._requestor.api_key == "sk_test_made_up"
    assert stripe_checkout.TIMEOUT <= 30


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"id": 1}'])
def test_unreadable_message_of_the_demonstration_is_refused(body: bytes) -> None:
    with pytest.raises(BadWebhook, match="cannot be read"):
        demo.DemoGateway().parse(body=body, headers={"Demo-Signature": demo.sign(body)})


@pytest.mark.parametrize("signature", ["", "00", "é"])
def test_forged_message_of_the_demonstration_is_refused(signature: str) -> None:
    with pytest.raises(BadWebhook, match="signature"):
        demo.DemoGateway().parse(body=b"{}", headers={"Demo-Signature": signature})


@override_settings(PAYMENT_GATEWAYS=["counter", "stripe"])
def test_only_gateways_that_are_switched_on_are_offered() -> None:
    assert [gateway.name for gateway in gateways.online()] == ["stripe"]
    with pytest.raises(gateways.NoSuchGateway):
        gateways.get("demo")


def payments_began() -> datetime:
    """An hour ago by the wall clock, which the periodic task reads."""
    return now() - timedelta(hours=1)
