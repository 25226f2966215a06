"""The arithmetic of the ledger: every operation sums to zero and leaves no money in the wrong place."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from requests_app.fees import bookkeeping
from requests_app.fees.bookkeeping import Account, Balances, Entry, balanced

TILL = Account.CASH_COUNTER


def test_balanced_sees_a_missing_cent() -> None:
    assert not balanced([Entry(TILL, 100), Entry(Account.RECEIVABLE, -99)])


@pytest.mark.parametrize(
    ("entries", "now", "after"),
    [
        (
            lambda now: bookkeeping.bill(4600, now),
            Balances(),
            Balances(receivable=4600, revenue=4600),
        ),
        (
            lambda now: bookkeeping.bill(3000, now),
            Balances(receivable=4600, revenue=4600),
            Balances(receivable=3000, revenue=3000),
        ),
        (
            lambda now: bookkeeping.bill(3000, now),
            Balances(revenue=4600, held=4600),
            Balances(revenue=3000, held=4600, overpaid=1600),
        ),
        (
            lambda now: bookkeeping.bill(5000, now),
            Balances(revenue=3000, held=4600, overpaid=1600),
            Balances(receivable=400, revenue=5000, held=4600),
        ),
        (
            lambda now: bookkeeping.bill(5000, now),
            Balances(revenue=3000, held=4600, overpaid=1600, reserved=1600),
            Balances(receivable=2000, revenue=5000, held=4600, overpaid=1600, reserved=1600),
        ),
        (
            lambda now: bookkeeping.bill(2300, now, waived=2300),
            Balances(receivable=4600, revenue=4600),
            Balances(receivable=2300, revenue=4600, waived=2300),
        ),
        (
            lambda now: bookkeeping.receive(4600, now, into=TILL),
            Balances(receivable=3000, revenue=3000),
            Balances(revenue=3000, held=4600, overpaid=1600),
        ),
        (
            lambda now: bookkeeping.receive(1000, now, into=TILL, deposit=1000),
            Balances(receivable=3000, revenue=3000),
            Balances(receivable=3000, revenue=3000, held=1000, deposits=1000),
        ),
        (
            lambda now: bookkeeping.receive(2000, now, into=TILL),
            Balances(receivable=3000, revenue=3000, held=1000, deposits=1000),
            Balances(revenue=3000, held=3000),
        ),
        (
            lambda now: bookkeeping.bill(500, now),
            Balances(receivable=3000, revenue=3000, held=1000, deposits=1000),
            Balances(revenue=500, held=1000, overpaid=500),
        ),
        (
            lambda now: bookkeeping.give_back(1600, now, out_of=TILL),
            Balances(revenue=3000, held=4600, overpaid=1600),
            Balances(revenue=3000, held=3000),
        ),
        (
            lambda now: bookkeeping.give_back(1600, now, out_of=TILL),
            Balances(revenue=3000, held=3000),
            Balances(receivable=1600, revenue=3000, held=1400),
        ),
        (
            lambda now: bookkeeping.return_failed(1600, now, into=TILL),
            Balances(revenue=3000, held=3000),
            Balances(revenue=3000, held=4600, overpaid=1600),
        ),
        (
            lambda now: bookkeeping.take_back(3000, now, out_of=TILL),
            Balances(revenue=3000, held=3000),
            Balances(retaken=3000, revenue=3000),
        ),
        (
            lambda now: bookkeeping.take_back(3000, now, out_of=TILL),
            Balances(revenue=3000, held=6000, overpaid=3000),
            Balances(revenue=3000, held=3000),
        ),
        (
            lambda now: bookkeeping.restore(3000, now, into=TILL),
            Balances(retaken=3000, revenue=3000),
            Balances(revenue=3000, held=3000),
        ),
        (
            lambda now: bookkeeping.restore(3000, now, into=TILL),
            Balances(revenue=3000, held=3000),
            Balances(revenue=3000, held=6000, overpaid=3000),
        ),
        (
            lambda now: bookkeeping.accrue(98, now),
            Balances(receivable=30000, revenue=30000),
            Balances(receivable=30098, revenue=30000, interest=98),
        ),
        (
            lambda now: bookkeeping.bill(0, now),
            Balances(receivable=30_098, revenue=30_000, interest=98),
            Balances(),
        ),
        (
            lambda now: bookkeeping.bill(0, now),
            Balances(revenue=30_000, interest=98, held=30_098),
            Balances(held=30_098, overpaid=30_098),
        ),
        (
            bookkeeping.write_off,
            Balances(receivable=3000, retaken=500, revenue=3500, held=200, deposits=200),
            Balances(revenue=3500, held=200, written_off=3300),
        ),
        (
            lambda now: bookkeeping.receive(1000, now, into=TILL),
            Balances(revenue=3000, written_off=3000),
            Balances(revenue=3000, held=1000, written_off=2000),
        ),
        (
            lambda now: bookkeeping.gateway_fee(59, now, out_of=TILL),
            Balances(revenue=3000, held=3000),
            Balances(revenue=3000, held=2941, gateway_fees=59),
        ),
    ],
)
def test_bookings_move_the_accounts_as_a_person_would_say(
    entries: Callable[[Balances], tuple[Entry, ...]], now: Balances, after: Balances
) -> None:
    booked = entries(now)

    assert balanced(booked)
    assert now.after(booked) == after
    assert all(entry.amount_cents for entry in booked)


_cents = st.integers(min_value=0, max_value=10**6)
_kinds = st.sampled_from(
    ["bill", "receive", "give_back", "came_back", "take_back", "restore", "accrue", "write_off", "fee"]
)
_steps = st.lists(st.tuples(_kinds, _cents, _cents), min_size=1, max_size=30)


def _entries(kind: str, cents: int, other: int, now: Balances) -> tuple[Entry, ...]:
    if kind == "bill":
        return bookkeeping.bill(cents, now, waived=other)
    if kind == "receive":
        return bookkeeping.receive(cents, now, into=TILL, deposit=other)
    if kind == "accrue":
        return bookkeeping.accrue(cents, now)
    if kind == "write_off":
        return bookkeeping.write_off(now)
    leaving = {
        "give_back": bookkeeping.give_back,
        "take_back": bookkeeping.take_back,
        "fee": bookkeeping.gateway_fee,
    }
    if kind in leaving:
        return leaving[kind](cents, now, out_of=TILL)
    coming = {"came_back": bookkeeping.return_failed, "restore": bookkeeping.restore}
    return coming[kind](cents, now, into=TILL)


@settings(suppress_health_check=[HealthCheck.too_slow])  # other work on the machine is no fault here
@given(_steps, _cents)
def test_any_sequence_of_money_stays_balanced(steps: list[tuple[str, int, int]], flying: int) -> None:
    now = Balances()
    for kind, cents, other in steps:
        reserved = Balances(**{**vars(now), "reserved": min(flying, now.overpaid)})
        entries = _entries(kind, cents, other, reserved)
        assert balanced(entries)
        now = reserved.after(entries)

        amounts = (now.receivable, now.retaken, now.deposits, now.overpaid, now.written_off, now.owed)
        assert min(amounts) >= 0
        assert not (now.owed and now.returnable)
        assert now.owed > 0 or not now.deposits
        assert now.owed == now.charged - now.held + now.overpaid - now.gateway_fees
        assert kind != "write_off" or not now.owed
