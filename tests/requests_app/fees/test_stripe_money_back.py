"""Refunds and disputes as Stripe tells them, through its official library against the stand-in."""

from typing import Any

import pytest

from portal.accounts.rules import Role
from requests_app.fees import refunds, selectors, tasks
from requests_app.fees.models import FeeCase, MoneyTask, Payment, Refund
from tests.builders import a_user
from tests.requests_app.fees.fee_builders import LATER, accounts
from tests.requests_app.fees.stripe_stand_in import StripeStandIn
from tests.requests_app.fees.test_gateways import a_stripe_payment, an_event, post, stand_in

pytestmark = pytest.mark.django_db
__all__ = ["stand_in"]
PAID = {"cash": 4600, "revenue": -4600}


def paid(**session: Any) -> Payment:
    payment = a_stripe_payment()
    post(an_event(payment, payment_intent="pi_test_1", **session))
    return Payment.objects.get(pk=payment.pk)


def an_item(kind: str, name: str, **item: Any) -> dict[str, Any]:
    about = {"id": "re_1", "amount": 4600, "currency": "usd", "payment_intent": "pi_test_1", **item}
    return {"id": name, "object": "event", "type": kind, "livemode": False, "data": {"object": about}}


def give_back(payment: Payment, cents: int = 4600) -> Refund:
    return refunds.ask(
        payment=payment, amount_cents=cents, reason="Ours.", actor=a_user(Role.CLERK), at=LATER
    )


def test_refund_goes_out_once_and_its_message_changes_nothing(stand_in: StripeStandIn) -> None:
    payment = paid()

    refund = give_back(payment)
    refunds.send(refund, at=LATER)
    mine = {"status": "succeeded", "id": "re_test_1", "metadata": {"refund": refund.key}}
    told = post(an_item("refund.updated", "evt_r", **mine))

    assert (refund.state, refund.reference, told) == ("done", "re_test_1", (200, "refund_done"))
    assert (len(stand_in.refunds), accounts(payment.case)) == (1, {})
    asked = [
        sent for method, path, sent, _ in stand_in.asked if method == "POST" and path.endswith("/refunds")
    ]
    assert asked == [{"payment_intent": "pi_test_1", "amount": "4600", "metadata[refund]": refund.key}]


def test_refund_sent_before_a_crash_is_found_and_not_made_again(stand_in: StripeStandIn) -> None:
    payment = paid()
    stand_in.fail = 500
    waiting = give_back(payment)
    stand_in.fail = 0
    stand_in.refunds["an old key"] = {
        "id": "re_old", "object": "refund", "amount": 4600, "status": "succeeded",
        "metadata": {"refund": waiting.key},
    }  # fmt: skip

    tasks.reconcile()

    assert waiting.state == "sending"
    assert (Refund.objects.get().reference, len(stand_in.refunds)) == ("re_old", 1)


@pytest.mark.parametrize("trouble", ["refused", "failed"])
def test_refund_stripe_will_not_make_is_a_task(stand_in: StripeStandIn, trouble: str) -> None:
    payment = paid()
    stand_in.fail = 400 if trouble == "refused" else 0
    stand_in.refund_status = "failed"

    refund = give_back(payment, 600)

    words = {"refused": "by cheque", "failed": "lost or stolen card"}
    assert (refund.state, words[trouble] in refund.failure) == ("failed", True)
    assert MoneyTask.objects.filter(kind="refund_failed", done_at=None).count() == 1
    assert accounts(payment.case)["cash"] == 4600


def test_intent_of_an_old_payment_is_asked_for(stand_in: StripeStandIn) -> None:
    payment = paid()
    Payment.objects.filter(pk=payment.pk).update(intent="")

    refund = give_back(Payment.objects.get(pk=payment.pk))

    assert (refund.state, stand_in.refunds[f"refund_{refund.key}"]["payment_intent"]) == ("done", "pi_test_1")


def test_refund_that_still_needs_the_payer_waits(stand_in: StripeStandIn) -> None:
    paid()

    assert post(an_item("refund.created", "evt_w", status="requires_action")) == (200, "ignored")


def test_disputes_of_stripe_move_the_money_they_say(stand_in: StripeStandIn) -> None:
    payment = paid()
    dispute = {"id": "dp_1", "status": "needs_response"}

    opened = post(an_item("charge.dispute.created", "evt_1", **dispute))
    before = accounts(payment.case)
    post(an_item("charge.dispute.funds_withdrawn", "evt_2", **dispute))
    gone = accounts(payment.case)
    post(an_item("charge.dispute.funds_reinstated", "evt_3", **dispute))
    won = post(an_item("charge.dispute.closed", "evt_4", id="dp_1", status="won"))

    assert (opened, before) == ((200, "dispute_opened"), PAID)
    assert gone == {"chargebacks": 4600, "revenue": -4600}
    assert (won, accounts(payment.case)) == ((200, "dispute_won"), PAID)
    assert FeeCase.objects.get(pk=payment.case_id).state == "settled"
    assert selectors.blocks_release(payment.case.request) == ""


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("lost", "dispute_lost"), ("warning_closed", "dispute_won"), ("odd", "dispute_opened")],
)
def test_closed_disputes_end_as_stripe_says(stand_in: StripeStandIn, status: str, outcome: str) -> None:
    payment = paid()

    assert post(an_item("charge.dispute.closed", "evt_1", id="dp_1", status=status)) == (200, outcome)
    assert accounts(payment.case).get("chargebacks", 0) == (4600 if status == "lost" else 0)
