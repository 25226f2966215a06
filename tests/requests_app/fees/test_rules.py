"""The fee machine's whole table, and the arithmetic of the ledger."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.errors import IllegalMove
from requests_app.fees.rules import (
    FEE,
    Account,
    Balances,
    Entry,
    FeeFacts,
    FeeState,
    balanced,
    bill,
    give_back,
    receive,
)

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
}
PAID = FeeFacts(billed_cents=100, paid_cents=100, has_estimate=True)
ALL = list(itertools.product([step.action for step in FEE.steps], [str(state) for state in FeeState]))


@pytest.mark.parametrize(("action", "state"), ALL)
def test_machine_allows_exactly_its_table(action: str, state: str) -> None:
    expected = TABLE.get((action, state))

    if expected is None:
        with pytest.raises(IllegalMove):
            FEE.check(action, state, PAID)
    else:
        assert FEE.check(action, state, PAID).target == expected


def test_unknown_step_is_refused() -> None:
    with pytest.raises(IllegalMove, match="no step"):
        FEE.check("forgive", "settled", PAID)


def test_unpaid_fee_does_not_settle() -> None:
    with pytest.raises(IllegalMove, match="not paid in full"):
        FEE.check("settle", "accepted", FeeFacts(billed_cents=100, paid_cents=99, has_estimate=True))


def test_estimate_is_not_sent_without_one() -> None:
    with pytest.raises(IllegalMove, match="worksheet first"):
        FEE.check("send_estimate", "worksheet", FeeFacts())


def test_balanced_sees_a_missing_cent() -> None:
    assert not balanced([Entry(Account.CASH, 100), Entry(Account.RECEIVABLE, -99)])


@pytest.mark.parametrize(
    ("entries", "now", "after"),
    [
        (bill(4600, Balances()), Balances(), Balances(owed=4600, charged=4600)),
        (
            bill(3000, Balances(owed=4600, charged=4600)),
            Balances(owed=4600, charged=4600),
            Balances(owed=3000, charged=3000),
        ),
        (
            bill(3000, Balances(charged=4600, held=4600)),
            Balances(charged=4600, held=4600),
            Balances(charged=3000, held=4600, overpaid=1600),
        ),
        (
            bill(5000, Balances(charged=3000, held=4600, overpaid=1600)),
            Balances(charged=3000, held=4600, overpaid=1600),
            Balances(owed=400, charged=5000, held=4600),
        ),
        (
            receive(4600, Balances(owed=3000, charged=3000)),
            Balances(owed=3000, charged=3000),
            Balances(charged=3000, held=4600, overpaid=1600),
        ),
        (
            give_back(1600),
            Balances(charged=3000, held=4600, overpaid=1600),
            Balances(charged=3000, held=3000),
        ),
    ],
)
def test_bookings_move_the_accounts_as_a_person_would_say(
    entries: tuple[Entry, ...], now: Balances, after: Balances
) -> None:
    assert _applied(now, entries) == after
    assert all(entry.amount_cents for entry in entries)


_cents = st.integers(min_value=0, max_value=10**8)
_steps = st.lists(
    st.tuples(st.sampled_from(["bill", "receive", "give_back"]), _cents), min_size=1, max_size=30
)


@given(_steps)
def test_any_sequence_of_money_stays_balanced(steps: list[tuple[str, int]]) -> None:
    now, received, returned = Balances(), 0, 0
    for kind, cents in steps:
        if kind == "bill":
            entries = bill(cents, now)
        elif kind == "receive":
            entries, received = receive(cents, now), received + cents
        else:
            back = min(cents, now.overpaid)
            entries, returned = give_back(back), returned + back
        assert balanced(entries)
        now = _applied(now, entries)

        assert now.owed >= 0
        assert now.overpaid >= 0
        assert not (now.owed and now.overpaid)
        assert now.owed - now.overpaid == now.charged - now.held
        assert now.held == received - returned


def _applied(now: Balances, entries: tuple[Entry, ...]) -> Balances:
    totals: dict[str, int] = {
        Account.RECEIVABLE: now.owed, Account.REVENUE: -now.charged, Account.CASH: now.held,
        Account.OVERPAYMENT: -now.overpaid,
    }  # fmt: skip
    for entry in entries:
        totals[entry.account] += entry.amount_cents
    return Balances.of(totals)
