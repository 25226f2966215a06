"""Papers, parts and deposits; money that goes back: refunds and disputes, told in any order."""

from datetime import date
from typing import Any

import pytest

from portal.accounts.rules import Role
from portal.core.errors import BadInput, NotAllowed
from requests_app.correspondence.models import Letter
from requests_app.fees import (
    billing,
    gateways,
    notices,
    payments,
    refunds,
    selectors,
    tasks,
)
from requests_app.fees.gateways import Notice, RefundAnswer, demo
from requests_app.fees.models import (
    FeeCase,
    Invoice,
    MoneyTask,
    Payment,
    PaymentEvent,
    Receipt,
    Refund,
)
from tests.builders import a_user
from tests.requests_app.fees.fee_builders import (
    LATER,
    a_checkout,
    a_schedule,
    accounts,
    an_accepted_estimate,
    an_estimate,
    pages,
    requester_of,
)
from tests.requests_app.fees.money_moves import SETTLED, at_counter, tell

pytestmark = pytest.mark.django_db


def paid_online(cents: int = 4600) -> Payment:
    payment = a_checkout(an_accepted_estimate(work=pages(cents // 10)))
    tell(payment, intent=f"pi_{payment.key}")
    return Payment.objects.get(pk=payment.pk)


def case_of(payment: Payment) -> FeeCase:
    return FeeCase.objects.get(pk=payment.case_id)


def open_tasks() -> list[str]:
    return list(MoneyTask.objects.filter(done_at=None).values_list("kind", flat=True))


def said(payment: Payment, name: str, kind: str, **more: Any) -> str:
    given = {"amount_cents": payment.amount_cents, **more}
    notice = Notice(name, kind, f"pi_{payment.key}", **given)
    return notices.book(gateway_name="demo", notice=notice, at=LATER)


def test_bills_and_credit_notes_are_numbered_without_gaps_and_add_up() -> None:
    first = an_accepted_estimate(work=pages(100))
    an_accepted_estimate(work=pages(200))
    an_estimate(request=first.case.request, work=pages(60), at=LATER)

    papers = list(Invoice.objects.order_by("pk").values_list("number", "amount_cents", "fee_cents"))

    assert papers == [("I26-00001", 1000, 1000), ("I26-00002", 2000, 2000), ("C26-00001", 400, 600)]
    assert Invoice.objects.get(number="I26-00001").due_on == date(2026, 12, 2)
    assert "$10.00" in Letter.objects.get(subject__contains="I26-00001").html


def test_receipt_says_what_the_money_paid_and_what_is_left() -> None:
    estimate = an_accepted_estimate()
    at_counter(estimate.case.request, 1000)

    receipt = Receipt.objects.get()

    assert (receipt.number, receipt.amount_cents, receipt.balance_cents) == ("R26-00001", 1000, 3600)
    assert receipt.used == [{"words": "Towards the bill", "cents": 1000}]
    assert "Still to be paid: $36.00" in Letter.objects.get(subject__contains="R26-00001").html


def test_bill_is_paid_in_parts() -> None:
    estimate = an_accepted_estimate()
    request, person = estimate.case.request, requester_of(estimate)
    part, _url = payments.start(request=request, gateway_name="demo", actor=person, at=LATER, part_cents=1600)
    tell(part)
    at_counter(request, 1000)
    at_counter(request, 2000, "R-2")

    assert selectors.summary(request).state == "settled"
    for wrong in (1, 4601):
        other = an_accepted_estimate()
        with pytest.raises(payments.WrongAmount, match="Pay a part between"):
            payments.start(
                request=other.case.request, gateway_name="demo", actor=requester_of(other), at=LATER,
                part_cents=wrong,
            )  # fmt: skip


def test_deposit_is_held_apart_until_the_bill_is_paid() -> None:
    a_schedule(policy={"deposit_percent": "50"})
    estimate = an_accepted_estimate(work=pages(2000))
    request = estimate.case.request
    at_counter(request, 10000)

    held = accounts(estimate.case)
    at_counter(request, 10000, "R-2")

    assert held == {"cash": 10000, "deposits": -10000, "receivable": 20000, "revenue": -20000}
    assert accounts(estimate.case) == {"cash": 20000, "revenue": -20000}


def test_large_refund_waits_for_a_second_person() -> None:
    payment = paid_online(20_000)
    asker, second = a_user(Role.FEE_OFFICER), a_user(Role.APPROVER)
    asked = refunds.ask(payment=payment, amount_cents=15_000, reason="Too much.", actor=asker, at=LATER)

    assert (asked.state, open_tasks()) == ("asked", ["refund_approval"])
    assert accounts(payment.case) == {"cash": 20_000, "revenue": -20_000}
    with pytest.raises(NotAllowed, match="somebody else"):
        refunds.decide(refund=asked, approve=True, reason="", actor=asker, at=LATER)
    with pytest.raises(NotAllowed):
        refunds.decide(refund=asked, approve=True, reason="", actor=a_user(Role.CLERK), at=LATER)
    with pytest.raises(BadInput, match="not approved"):
        refunds.decide(refund=asked, approve=False, reason=" ", actor=second, at=LATER)
    refunds.decide(refund=asked, approve=True, reason="", actor=second, at=LATER)

    assert accounts(payment.case) == {"cash": 5000, "revenue": -5000}
    assert (Refund.objects.get().state, open_tasks(), case_of(payment).state) == ("done", [], "settled")
    with pytest.raises(refunds.RefundDecided):
        refunds.decide(refund=asked, approve=True, reason="", actor=second, at=LATER)


def test_refund_that_is_not_approved_leaves_everything_as_it_was() -> None:
    payment = paid_online(20_000)
    asked = refunds.ask(payment=payment, amount_cents=20_000, reason="x", actor=a_user(Role.CLERK), at=LATER)

    refunds.decide(refund=asked, approve=False, reason="No.", actor=a_user(Role.APPROVER), at=LATER)

    assert (accounts(payment.case), selectors.left_cents(payment)) == (
        {"cash": 20_000, "revenue": -20_000}, 20_000,
    )  # fmt: skip


def test_refund_whose_answer_is_lost_is_sent_again_and_booked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    payment = paid_online()
    keys: list[str] = []

    def silent(self: object, *, payment: Payment, refund_key: str, amount_cents: int) -> RefundAnswer:
        keys.append(refund_key)
        raise gateways.GatewayDown("down")

    with monkeypatch.context() as down:
        down.setattr(demo.DemoGateway, "refund", silent)
        waiting = refunds.ask(
            payment=payment, amount_cents=4600, reason="x", actor=a_user(Role.CLERK), at=LATER
        )
    assert (waiting.state, accounts(payment.case)["cash"]) == ("sending", 4600)
    assert selectors.left_cents(payment) == 0
    assert refunds.unanswered(at=LATER) == []
    tasks.reconcile()
    tasks.reconcile()

    assert keys == [waiting.key]
    assert (Refund.objects.get().state, accounts(payment.case)) == ("done", {})
    assert Receipt.objects.filter(refund=waiting).count() == 1


def test_refund_that_fails_comes_back_as_a_task(monkeypatch: pytest.MonkeyPatch) -> None:
    payment = paid_online()

    def refuse(self: object, *, payment: Payment, refund_key: str, amount_cents: int) -> RefundAnswer:
        raise gateways.GatewayRefused("The card is closed.")

    with monkeypatch.context() as refusing:
        refusing.setattr(demo.DemoGateway, "refund", refuse)
        refunds.ask(payment=payment, amount_cents=600, reason="x", actor=a_user(Role.CLERK), at=LATER)

    assert sorted(open_tasks()) == ["refund_due", "refund_failed"]
    assert accounts(payment.case) == {"cash": 4600, "revenue": -4000, "overpayment": -600}


def test_refund_that_fails_later_brings_the_money_back_into_the_books() -> None:
    payment = paid_online()
    done = refunds.ask(payment=payment, amount_cents=4600, reason="x", actor=a_user(Role.CLERK), at=LATER)

    outcome = said(
        payment, "evt_f", "refund", item=done.reference, step="failed", refund_key=done.key, why="lost"
    )

    assert (outcome, Refund.objects.get().state) == ("refund_failed", "failed")
    assert accounts(payment.case) == {"cash": 4600, "overpayment": -4600}
    assert sorted(open_tasks()) == ["refund_due", "refund_failed"]


def test_refund_made_at_the_payment_service_is_booked_once() -> None:
    payment = paid_online()

    outcomes = [
        said(payment, "evt_1", "refund", item="re_1", step="done", amount_cents=600),
        said(payment, "evt_1", "refund", item="re_1", step="done", amount_cents=600),
        said(payment, "evt_2", "refund", item="re_1", step="done", amount_cents=600),
        said(payment, "evt_3", "refund", item="re_2", step="done", amount_cents=99_999),
        said(payment, "evt_4", "refund", item="re_3", step="failed", amount_cents=1),
        said(payment, "evt_5", "refund", item="re_4", step="done", refund_key="unknown"),
    ]

    assert outcomes == ["refunded", "replayed", "refund_done", "too_much", "ignored", "ignored"]
    assert accounts(payment.case) == {"cash": 4000, "receivable": 600, "revenue": -4600}
    assert (case_of(payment).state, open_tasks()) == ("accepted", ["unfitting"])


def test_refund_and_dispute_told_before_the_payment_wait_for_it() -> None:
    payment = a_checkout(an_accepted_estimate())
    early = Notice("evt_1", "dispute", payment.reference, 4500, item="dp_1", step="withdrawn")
    unknown = Notice("evt_2", "refund", f"pi_{payment.key}", 100, item="re_1", step="done")

    before = [notices.book(gateway_name="demo", notice=each, at=LATER) for each in (early, unknown)]
    tell(payment, intent=f"pi_{payment.key}")

    assert before == ["early", "unknown_payment"]
    assert accounts(payment.case) == {"chargebacks": 4500, "receivable": 100, "revenue": -4600}
    kept = dict(PaymentEvent.objects.values_list("event_id", "outcome"))
    assert (kept["evt_1"], kept["evt_2"]) == ("dispute_withdrawn", "refunded")
    assert "unfitting" not in open_tasks()


def test_what_was_kept_is_looked_at_again_by_itself() -> None:
    payment = paid_online()
    Payment.objects.filter(pk=payment.pk).update(intent="")
    assert said(payment, "evt_1", "dispute", item="dp_1", step="opened") == "unknown_payment"
    Payment.objects.filter(pk=payment.pk).update(intent=payment.intent)

    assert (notices.look_again(at=LATER), notices.look_again(at=LATER)) == (1, 0)
    assert open_tasks() == ["chargeback"]


def test_chargeback_opens_the_balance_and_winning_closes_it() -> None:
    payment = paid_online()
    steps = [
        said(payment, f"evt_{step}", "dispute", item="dp_1", step=step)
        for step in ("opened", "withdrawn", "withdrawn")
    ]

    assert steps == ["dispute_opened", "dispute_withdrawn", "replayed"]
    assert accounts(payment.case) == {"chargebacks": 4600, "revenue": -4600}
    assert (case_of(payment).state, open_tasks()) == ("accepted", ["chargeback"])
    assert selectors.blocks_release(case_of(payment).request) == "A fee of $46.00 is still due."
    said(payment, "evt_back", "dispute", item="dp_1", step="reinstated")
    said(payment, "evt_won", "dispute", item="dp_1", step="won")

    assert (accounts(payment.case), case_of(payment).state, open_tasks()) == (SETTLED, "settled", [])


def test_lost_chargeback_may_be_paid_again_or_written_off() -> None:
    payment = paid_online()
    said(payment, "evt_l", "dispute", item="dp_1", step="lost")
    request = case_of(payment).request

    at_counter(request, 1000)
    gone = billing.write_off(request=request, actor=a_user(Role.APPROVER), reason="Moved away.", at=LATER)

    assert (gone, case_of(payment).state) == (3600, "written_off")
    assert accounts(payment.case) == {"cash": 1000, "written_off": 3600, "revenue": -4600}
    assert selectors.blocks_release(request) == ""
    assert open_tasks() == ["chargeback"]


def test_bank_may_take_back_what_was_given_back_already() -> None:
    payment = paid_online()
    refunds.ask(payment=payment, amount_cents=4600, reason="Ours.", actor=a_user(Role.CLERK), at=LATER)

    said(payment, "evt_l", "dispute", item="dp_1", step="lost")

    assert accounts(payment.case) == {"cash": -4600, "chargebacks": 4600}
    assert (selectors.left_cents(payment), case_of(payment).state) == (0, "accepted")


def test_dispute_in_any_order_ends_the_same() -> None:
    payment = paid_online()

    for step in ("won", "reinstated", "withdrawn", "opened"):
        said(payment, f"evt_{step}", "dispute", item="dp_1", step=step)
    wrong = said(payment, "evt_x", "dispute", item="dp_2", step="withdrawn", amount_cents=4601)

    assert (accounts(payment.case), case_of(payment).state, wrong) == (SETTLED, "settled", "too_much")
    assert said(payment, "evt_y", "dispute", item="dp_1", step="shouted") == "ignored"
    assert said(payment, "evt_z", "dispute", item="dp_1", step="won", currency="mxn") == "wrong_currency"
