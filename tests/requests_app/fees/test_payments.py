"""Money that comes in is booked once, is never ignored, and unlocks exactly what it pays for."""

from datetime import timedelta

import pytest

from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, NotAllowed
from requests_app.correspondence.models import OutgoingMail
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from requests_app.fees import gateways, notices, payments, selectors, services, waivers
from requests_app.fees.gateways import Notice, demo
from requests_app.fees.models import FeeCase, Payment, PaymentEvent
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


def test_payment_settles_the_fee_and_mails_a_receipt() -> None:
    estimate = an_accepted_estimate()
    payment = a_checkout(estimate)

    outcome = tell(payment)

    case = FeeCase.objects.get(pk=estimate.case_id)
    assert (outcome, case.state, accounts(case)) == ("paid", "settled", SETTLED)
    assert selectors.blocks_release(case.request) == ""
    assert (
        OutgoingMail.objects.filter(
            dedupe_key__startswith="letter:", subject__contains="Receipt R26-00001"
        ).count()
        == 1
    )


def test_paying_without_accepting_first_is_an_answer_too() -> None:
    estimate = an_estimate()

    tell(a_checkout(estimate))

    assert FeeCase.objects.get(pk=estimate.case_id).state == "settled"
    assert estimate.case.request.clock_events.get(type="estimate_accepted").reason == "answered: paid"


def test_two_tabs_share_one_checkout() -> None:
    estimate = an_accepted_estimate()

    first, second = a_checkout(estimate), a_checkout(estimate)

    assert first.pk == second.pk


def test_checkout_of_yesterday_is_begun_anew() -> None:
    estimate = an_accepted_estimate()

    first = a_checkout(estimate)
    second = a_checkout(estimate, at=LATER + timedelta(hours=13))

    assert first.pk != second.pk


def test_replay_changes_nothing() -> None:
    payment = a_checkout(an_accepted_estimate())

    outcomes = [tell(payment) for _ in range(10)]

    assert outcomes == ["paid", *["replayed"] * 9]
    assert accounts(payment.case) == SETTLED


def test_second_message_about_a_paid_payment_is_no_second_credit() -> None:
    payment = a_checkout(an_accepted_estimate())
    tell(payment)

    assert tell(payment, id="evt_other") == "already_paid"
    assert accounts(payment.case) == SETTLED


def test_payment_at_the_counter_and_online_makes_one_credit_and_an_overpayment() -> None:
    estimate = an_accepted_estimate()
    open_checkout = a_checkout(estimate)
    at_counter(estimate.case.request, 4600)

    assert tell(open_checkout) == "paid"

    assert accounts(estimate.case) == {"cash": 9200, "revenue": -4600, "overpayment": -4600}
    found = selectors.summary(estimate.case.request)
    assert (found.due_cents, found.overpaid_cents, found.state) == (0, 4600, "settled")
    assert Entry.objects.filter(action="fees.overpaid").count() == 1


def test_two_gateways_paid_for_one_fee_flag_the_second() -> None:
    estimate = an_accepted_estimate()
    first = a_checkout(estimate)
    second = Payment.objects.create(
        case=estimate.case, estimate=estimate, gateway="stripe", reference="cs_1", amount_cents=4600,
        started_at=LATER, actor=requester_of(estimate),
    )  # fmt: skip

    tell(first)
    outcome = notices.book(
        gateway_name="stripe", notice=Notice("evt_9", "paid", second.reference, 4600), at=LATER
    )

    assert outcome == "paid"
    assert selectors.summary(estimate.case.request).overpaid_cents == 4600


def test_wrong_amount_is_kept_for_a_person_and_settles_nothing() -> None:
    payment = a_checkout(an_accepted_estimate())

    outcome = tell(payment, amount_cents=1)

    assert outcome == "wrong_amount"
    assert accounts(payment.case) == {"receivable": 4600, "revenue": -4600}
    event = PaymentEvent.objects.get(payment=payment, outcome="wrong_amount")
    assert (event.amount_cents, event.currency) == (1, "usd")
    assert Entry.objects.filter(action="fees.payment", outcome="denied").count() == 1
    assert tell(payment, id="evt_right") == "paid"


def test_other_currency_settles_nothing() -> None:
    payment = a_checkout(an_accepted_estimate())

    assert tell(payment, currency="mxn") == "wrong_currency"
    assert FeeCase.objects.get(pk=payment.case_id).state == "accepted"


def test_expired_checkout_is_over_but_money_that_still_comes_is_booked() -> None:
    payment = a_checkout(an_accepted_estimate())

    assert tell(payment, kind="expired", id="evt_expired") == "expired"
    assert Payment.objects.get(pk=payment.pk).state == "refused"
    assert tell(payment) == "paid"
    assert tell(payment, kind="expired", id="evt_expired_late") == "expired"
    assert Payment.objects.get(pk=payment.pk).state == "paid"


def test_message_about_nothing_of_ours_is_kept_and_denied() -> None:
    payment = a_checkout(an_accepted_estimate())

    assert tell(payment, reference="demo_elsewhere", payment="elsewhere") == "unknown_payment"
    assert PaymentEvent.objects.get().payment is None
    assert Entry.objects.filter(action="fees.payment", outcome="denied").count() == 1
    assert tell(payment, kind="ignored", id="evt_2") == "ignored"


def test_message_that_came_before_its_payment_is_booked_when_sent_again() -> None:
    payment = a_checkout(an_accepted_estimate())
    notice = Notice("evt_1", "paid", payment.reference, 4600)
    Payment.objects.filter(pk=payment.pk).update(reference="pending_x")
    assert notices.book(gateway_name="demo", notice=notice, at=LATER) == "unknown_payment"
    Payment.objects.filter(pk=payment.pk).update(reference=payment.reference)

    assert notices.book(gateway_name="demo", notice=notice, at=LATER) == "paid"
    assert notices.book(gateway_name="demo", notice=notice, at=LATER) == "replayed"


def test_message_finds_its_payment_by_our_own_key() -> None:
    payment = a_checkout(an_accepted_estimate())
    Payment.objects.filter(pk=payment.pk).update(reference="pending_x")

    assert tell(payment) == "paid"


def test_higher_estimate_while_the_checkout_is_open_leaves_the_rest_due() -> None:
    first = an_accepted_estimate(work=pages(100))
    open_checkout = a_checkout(first)
    an_estimate(request=first.case.request, work=pages(130), at=LATER)

    assert not payments.is_open(open_checkout, at=LATER)
    assert tell(open_checkout) == "paid"

    found = selectors.summary(first.case.request)
    assert (found.state, found.due_cents) == ("estimate_sent", 300)


def test_lower_estimate_while_the_checkout_is_open_is_overpaid() -> None:
    first = an_accepted_estimate(work=pages(100))
    open_checkout = a_checkout(first)
    an_estimate(request=first.case.request, work=pages(60), at=LATER)

    tell(open_checkout)

    found = selectors.summary(first.case.request)
    assert (found.state, found.overpaid_cents) == ("settled", 400)


def test_money_after_a_waiver_is_to_be_given_back() -> None:
    estimate = an_estimate()
    open_checkout = a_checkout(estimate)
    person = requester_of(estimate)
    services.ask_waiver(estimate=estimate, actor=person, at=LATER, text="Please.")
    waivers.decide(
        request=estimate.case.request,
        actor=a_user(Role.APPROVER),
        at=LATER,
        percent=100,
        reason="Yes.",
        standard="Use to the public.",
    )

    tell(open_checkout)

    found = selectors.summary(estimate.case.request)
    assert (found.state, found.overpaid_cents, found.due_cents) == ("waived", 4600, 0)


def test_money_for_a_withdrawn_request_is_to_be_given_back() -> None:
    estimate = an_accepted_estimate()
    open_checkout = a_checkout(estimate)
    RecordsRequest.objects.filter(pk=estimate.case.request_id).update(
        status=Status.CLOSED, disposition=Disposition.WITHDRAWN, closed_at=LATER
    )

    tell(open_checkout)

    assert accounts(estimate.case) == {"cash": 4600, "overpayment": -4600}


def test_nobody_else_pays_and_nothing_is_paid_twice() -> None:
    estimate = an_accepted_estimate()
    request = estimate.case.request

    with pytest.raises(NotAllowed):
        payments.start(request=request, gateway_name="demo", actor=a_user(), at=LATER)
    tell(a_checkout(estimate))
    with pytest.raises(payments.NothingDue):
        a_checkout(estimate)
    with pytest.raises(payments.NothingDue):
        at_counter(request, 4600)


def test_payment_waits_for_a_decision_the_machine_asks_for() -> None:
    estimate = an_estimate()
    services.narrow(estimate=estimate, actor=requester_of(estimate), at=LATER, text="Less.")

    with pytest.raises(payments.NothingDue):
        a_checkout(estimate)


@pytest.mark.parametrize("name", ["", "counter", "bitcoin"])
def test_unknown_way_of_paying_is_refused(name: str) -> None:
    estimate = an_accepted_estimate()

    with pytest.raises(gateways.NoSuchGateway):
        a_checkout(estimate, gateway=name)


def test_deposit_may_be_paid_first_and_the_rest_after() -> None:
    a_schedule(policy={"deposit_percent": "50"})
    estimate = an_accepted_estimate(work=pages(2000))
    request, person = estimate.case.request, requester_of(estimate)

    deposit, _url = payments.start(request=request, gateway_name="demo", actor=person, at=LATER, deposit=True)
    tell(deposit)

    found = selectors.summary(request)
    assert (deposit.amount_cents, found.due_cents, found.deposit_due_cents) == (10000, 10000, 0)
    assert request.clock_events.filter(type="deposit_paid").count() == 1
    with pytest.raises(payments.NothingDue, match="No deposit"):
        payments.start(request=request, gateway_name="demo", actor=person, at=LATER, deposit=True)
    at_counter(request, 10000)
    assert FeeCase.objects.get(request=request).state == "settled"


def refused_at_counter() -> list[str]:
    denied = Entry.objects.filter(action="fees.payment", outcome="denied").order_by("seq")
    return [entry.detail["why"] for entry in denied]


@pytest.mark.parametrize("cents", [0, -1, 4601, 10**12])
def test_counter_takes_no_more_than_is_due(cents: int) -> None:
    estimate = an_accepted_estimate()

    with pytest.raises(payments.WrongAmount, match=r"\$46\.00 is due: take that or a part"):
        at_counter(estimate.case.request, cents)
    assert not Payment.objects.exists()
    assert refused_at_counter() == ["wrong_amount"]


def test_receipt_number_counts_once_and_is_needed() -> None:
    first, second = an_accepted_estimate(), an_accepted_estimate()
    at_counter(first.case.request, 4600, "R-7")

    with pytest.raises(payments.ReceiptUsed, match="R-7"):
        at_counter(second.case.request, 4600, " R-7 ")
    with pytest.raises(BadInput, match="receipt"):
        at_counter(second.case.request, 4600, " ")
    with pytest.raises(BadInput, match="cash, check"):
        at_counter(second.case.request, 4600, "R-8", method="shells")
    with pytest.raises(NotAllowed):
        at_counter(second.case.request, 4600, "R-8", actor=a_user(Role.ANALYST))
    assert refused_at_counter() == ["receipt_used", "bad_input", "bad_input", "not_allowed"]


def test_reconciling_asks_about_attempts_left_without_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    estimate = an_accepted_estimate()
    payment = a_checkout(estimate)
    later = LATER + timedelta(hours=1)

    assert notices.unanswered(at=LATER) == []
    assert notices.unanswered(at=later) == [payment]
    assert notices.reconcile(payment, at=later) == "ignored"
    monkeypatch.setattr(
        demo.DemoGateway, "fetch", lambda _self, row: Notice("fetch_1", "paid", row.reference, 4600)
    )
    assert notices.reconcile(payment, at=later) == "paid"
    assert notices.unanswered(at=later) == []
