"""The fee machine's whole table."""

import itertools

import pytest

from portal.core.errors import IllegalMove
from requests_app.fees.rules import FEE, FeeFacts, FeeState

TABLE = {
    ("send_estimate", "worksheet"): "estimate_sent",
    ("send_estimate", "narrowed"): "estimate_sent",
    ("send_estimate", "estimate_sent"): "estimate_sent",
    ("send_estimate", "accepted"): "estimate_sent",
    ("send_estimate", "settled"): "estimate_sent",
    ("charge_nothing", "worksheet"): "no_fee",
    ("charge_nothing", "narrowed"): "no_fee",
    ("charge_nothing", "estimate_sent"): "no_fee",
    ("charge_nothing", "accepted"): "no_fee",
    ("charge_nothing", "settled"): "no_fee",
    ("accept", "estimate_sent"): "accepted",
    ("narrow", "estimate_sent"): "narrowed",
    ("ask_waiver", "estimate_sent"): "waiver_asked",
    ("grant_waiver", "waiver_asked"): "waived",
    ("refuse_waiver", "waiver_asked"): "estimate_sent",
    ("settle", "accepted"): "settled",
    ("settle", "estimate_sent"): "settled",
    ("refund", "settled"): "refunded",
    ("waive_part", "waiver_asked"): "estimate_sent",
    ("bill_work", "accepted"): "accepted",
    ("bill_work", "settled"): "accepted",
    ("settle", "written_off"): "settled",
    ("write_off", "accepted"): "written_off",
    ("write_off", "estimate_sent"): "written_off",
    ("write_off", "waiver_asked"): "written_off",
    ("write_off", "narrowed"): "written_off",
    ("reopen", "settled"): "accepted",
    ("reopen", "waived"): "accepted",
    ("reopen", "no_fee"): "accepted",
    ("reopen", "refunded"): "accepted",
    ("reopen", "written_off"): "accepted",
    ("bar", "accepted"): "no_fee",
    ("bar", "estimate_sent"): "no_fee",
    ("bar", "waiver_asked"): "no_fee",
    ("bar", "settled"): "no_fee",
    ("bar", "narrowed"): "no_fee",
}
OWING = FeeFacts(due_cents=1, has_estimate=True)
PAID = FeeFacts(due_cents=0, has_estimate=True)
ALL = list(itertools.product([step.action for step in FEE.steps], [str(state) for state in FeeState]))


@pytest.mark.parametrize(("action", "state"), ALL)
def test_machine_allows_exactly_its_table(action: str, state: str) -> None:
    expected, facts = TABLE.get((action, state)), OWING if action == "reopen" else PAID

    if expected is None:
        with pytest.raises(IllegalMove):
            FEE.check(action, state, facts)
    else:
        assert FEE.check(action, state, facts).target == expected


def test_unknown_step_is_refused() -> None:
    with pytest.raises(IllegalMove, match="no step"):
        FEE.check("forgive", "settled", PAID)


def test_unpaid_fee_does_not_settle() -> None:
    with pytest.raises(IllegalMove, match="not paid in full"):
        FEE.check("settle", "accepted", FeeFacts(due_cents=1, has_estimate=True))


def test_estimate_is_not_sent_without_one() -> None:
    with pytest.raises(IllegalMove, match="worksheet first"):
        FEE.check("send_estimate", "worksheet", FeeFacts())


def test_paid_bill_is_not_opened_again() -> None:
    with pytest.raises(IllegalMove, match="Nothing is owed"):
        FEE.check("reopen", "settled", PAID)
