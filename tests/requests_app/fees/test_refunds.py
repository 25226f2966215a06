"""Money given back: new rows, never more than was overpaid or a whole settled payment."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from portal.accounts.rules import Role
from portal.core.errors import BadInput, NotAllowed
from requests_app.fees import payments, refunds, selectors
from requests_app.fees.models import FeeCase, LedgerEntry, MoneyPolicy, Payment, Refund
from tests.builders import a_user
from tests.requests_app.fees.fee_builders import (
    LATER,
    a_checkout,
    accounts,
    an_accepted_estimate,
    pages,
)
from tests.requests_app.fees.money_moves import SETTLED, at_counter, tell

pytestmark = pytest.mark.django_db


def give_back(payment: Payment, cents: int, **changes: Any) -> None:
    officer = changes.pop("actor", None) or a_user(Role.FEE_OFFICER)
    given = {"reference": "check 12", "reason": "paid twice", **changes}
    refunds.ask(payment=payment, amount_cents=cents, actor=officer, at=LATER, **given)


def test_overpayment_is_given_back_by_new_rows() -> None:
    estimate = an_accepted_estimate()
    online = a_checkout(estimate)
    at_counter(estimate.case.request, 4600)
    tell(online)
    before = set(LedgerEntry.objects.values_list("pk", "amount_cents"))

    give_back(online, 4600)

    assert accounts(estimate.case) == SETTLED
    assert before < set(LedgerEntry.objects.values_list("pk", "amount_cents"))
    assert Payment.objects.get(pk=online.pk).state == "refunded"
    assert FeeCase.objects.get(pk=estimate.case_id).state == "settled"
    with pytest.raises(payments.WrongAmount):
        give_back(online, 4600)


def test_settled_fee_is_given_back_in_part_and_then_whole() -> None:
    estimate = an_accepted_estimate()
    payment = at_counter(estimate.case.request, 4600)

    give_back(payment, 4000)
    part = FeeCase.objects.get(pk=estimate.case_id)
    assert (part.state, accounts(part)) == ("settled", {"cash": 600, "revenue": -600})
    with pytest.raises(payments.WrongAmount, match=r"\$6\.00 of this payment is still here"):
        give_back(payment, 601)
    give_back(payment, 600)

    case = FeeCase.objects.get(pk=estimate.case_id)
    assert (case.state, accounts(case)) == ("refunded", {})
    assert selectors.blocks_release(case.request) == ""


def test_refund_needs_a_payment_that_came_in_a_reason_and_the_right() -> None:
    estimate = an_accepted_estimate()
    waiting = a_checkout(estimate)

    with pytest.raises(payments.NothingDue, match="never came in"):
        give_back(waiting, 4600)
    tell(waiting)
    with pytest.raises(BadInput, match="reference and the reason"):
        give_back(waiting, 4600, reason=" ")
    with pytest.raises(NotAllowed):
        give_back(waiting, 4600, actor=a_user(Role.ANALYST))
    assert accounts(estimate.case) == SETTLED


def test_many_small_refunds_by_one_person_are_one_large_one() -> None:
    estimate = an_accepted_estimate()
    MoneyPolicy.objects.create(
        agency=estimate.case.request.agency, second_person_above_cents=1000, set_at=LATER
    )
    payment = at_counter(estimate.case.request, 4600)

    give_back(payment, 600)
    give_back(payment, 400, actor=a_user(Role.FEE_OFFICER))
    give_back(payment, 1)

    assert list(Refund.objects.order_by("pk").values_list("state", flat=True)) == ["done", "done", "asked"]
    refunds.decide(
        refund=Refund.objects.get(state="asked"),
        approve=True,
        reason="",
        actor=a_user(Role.APPROVER),
        at=LATER,
    )
    assert selectors.returned_cents(payment) == 1001


def test_whoever_lifts_the_limit_does_not_refund_alone_above_it() -> None:
    estimate, officer = an_accepted_estimate(work=pages(2000)), a_user(Role.FEE_OFFICER)
    MoneyPolicy.objects.create(
        agency=estimate.case.request.agency, second_person_above_cents=9_999_900, set_at=LATER, set_by=officer
    )
    payment = at_counter(estimate.case.request, estimate.billed_cents)

    give_back(payment, 10_001, actor=officer)
    give_back(payment, 200, actor=a_user(Role.FEE_OFFICER))

    assert list(Refund.objects.order_by("pk").values_list("state", flat=True)) == ["asked", "done"]


@pytest.mark.parametrize("change", [{"amount_cents": 9200}, {"currency": "mxn"}, {"gateway": "stripe"}])
def test_what_was_paid_cannot_be_written_anew(change: dict[str, Any]) -> None:
    payment = at_counter(an_accepted_estimate().case.request, 4600)

    with pytest.raises(DatabaseError), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).delete()
