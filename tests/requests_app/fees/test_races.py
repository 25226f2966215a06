"""Several at once, each in its own connection: one credit, one checkout, one receipt."""

import pytest

from portal.accounts.rules import Role
from requests_app.correspondence.models import OutgoingMail
from requests_app.fees import selectors
from requests_app.fees.models import Payment
from tests.builders import a_user
from tests.requests_app.fees.fee_builders import (
    a_checkout,
    accounts,
    an_accepted_estimate,
)
from tests.requests_app.fees.money_moves import SETTLED, at_counter, run_together, tell

pytestmark = pytest.mark.django_db(transaction=True)


def test_ten_webhooks_at_once_make_one_credit() -> None:
    payment = a_checkout(an_accepted_estimate())

    outcomes = run_together([lambda: tell(payment)] * 10)

    assert sorted(outcomes) == ["paid", *["replayed"] * 9]
    assert accounts(payment.case) == SETTLED
    assert OutgoingMail.objects.filter(subject__contains="Receipt R26-").count() == 1


def test_counter_and_webhook_at_once_keep_the_ledger_right() -> None:
    estimate = an_accepted_estimate()
    payment, officer = a_checkout(estimate), a_user(Role.FEE_OFFICER)

    online, counter = run_together(
        [
            lambda: tell(payment),
            lambda: at_counter(estimate.case.request, 4600, actor=officer).gateway,
        ]
    )

    assert online == "paid"
    assert counter in {"counter", "NothingDue"}
    found = selectors.summary(estimate.case.request)
    assert (found.state, found.due_cents) == ("settled", 0)
    assert found.overpaid_cents == (4600 if counter == "counter" else 0)
    assert sum(accounts(estimate.case).values()) == 0


def test_five_tabs_at_once_begin_one_checkout() -> None:
    estimate = an_accepted_estimate()

    keys = run_together([lambda: a_checkout(estimate).key] * 5)

    assert len(set(keys)) == 1
    assert Payment.objects.count() == 1


def test_one_receipt_at_two_windows_is_booked_once() -> None:
    first, second = an_accepted_estimate(), an_accepted_estimate()
    officer = a_user(Role.FEE_OFFICER)

    results = run_together(
        [
            lambda: at_counter(first.case.request, 4600, "R-1", actor=officer).gateway,
            lambda: at_counter(second.case.request, 4600, "R-1", actor=officer).gateway,
        ]
    )

    assert sorted(results) == ["ReceiptUsed", "counter"]
    assert Payment.objects.count() == 1
