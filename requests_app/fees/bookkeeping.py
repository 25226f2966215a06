"""The arithmetic of the double-entry ledger, in integer cents. Pure: no database, no clock.

Each operation takes what every account of one case holds and gives the entries to book. They sum to zero, and
after them no account holds what it must not: nothing is owed and overpaid at once, no deposit is kept beyond
what is owed, no balance has the wrong sign.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Account(StrEnum):
    """The chart of accounts."""

    RECEIVABLE = "receivable"  # billed and not paid
    CHARGEBACKS = "chargebacks"  # paid, taken back by a bank, owed again
    CASH_COUNTER = "cash_counter"
    CASH_STRIPE = "cash_stripe"
    CASH_DEMO = "cash_demo"
    DEPOSITS = "deposits"  # held until the bill is paid in full
    OVERPAYMENT = "overpayment"  # to be given back
    REVENUE = "revenue"  # fees billed, before waivers
    INTEREST = "interest"
    WAIVED = "waived"
    WRITTEN_OFF = "written_off"
    GATEWAY_FEES = "gateway_fees"


class EntryKind(StrEnum):
    """What a transaction is about; reports sum by it."""

    BILL = "bill"
    PAYMENT = "payment"
    REFUND = "refund"
    REFUND_FAILED = "refund_failed"
    CHARGEBACK = "chargeback"
    CHARGEBACK_WON = "chargeback_won"
    INTEREST = "interest"
    WAIVER = "waiver"
    WRITE_OFF = "write_off"
    GATEWAY_FEE = "gateway_fee"


CASH = {
    "counter": Account.CASH_COUNTER,
    "stripe": Account.CASH_STRIPE,
    "demo": Account.CASH_DEMO,
}
"""Where each gateway's money lies."""

DEBIT_SIDE = frozenset(
    {Account.RECEIVABLE, Account.CHARGEBACKS, Account.WAIVED, Account.WRITTEN_OFF, Account.GATEWAY_FEES}
)
CREDIT_SIDE = frozenset({Account.DEPOSITS, Account.OVERPAYMENT, Account.REVENUE, Account.INTEREST})


@dataclass(frozen=True)
class Entry:
    account: Account
    amount_cents: int  # debit positive, credit negative


def balanced(entries: Iterable[Entry]) -> bool:
    """This will tell whether a ledger transaction sums to zero."""
    return sum(entry.amount_cents for entry in entries) == 0


@dataclass(frozen=True)
class Balances:
    """One case's money in integer cents, each as the positive number a person would say.

    ``reserved`` is the part of ``overpaid`` that refunds on their way will take.
    """

    receivable: int = 0
    retaken: int = 0
    deposits: int = 0
    overpaid: int = 0
    held: int = 0
    revenue: int = 0
    interest: int = 0
    waived: int = 0
    written_off: int = 0
    gateway_fees: int = 0
    reserved: int = 0

    @classmethod
    def of(cls, totals: Mapping[Any, int], *, reserved: int = 0) -> "Balances":
        """This will read the accounts' sums, debit positive."""
        return cls(
            receivable=totals.get(Account.RECEIVABLE, 0),
            retaken=totals.get(Account.CHARGEBACKS, 0),
            deposits=-totals.get(Account.DEPOSITS, 0),
            overpaid=-totals.get(Account.OVERPAYMENT, 0),
            held=sum(totals.get(account, 0) for account in CASH.values()),
            revenue=-totals.get(Account.REVENUE, 0),
            interest=-totals.get(Account.INTEREST, 0),
            waived=totals.get(Account.WAIVED, 0),
            written_off=totals.get(Account.WRITTEN_OFF, 0),
            gateway_fees=totals.get(Account.GATEWAY_FEES, 0),
            reserved=reserved,
        )

    def after(self, entries: Iterable[Entry]) -> "Balances":
        """This will give what the accounts hold once the entries are booked."""
        totals = {
            Account.RECEIVABLE: self.receivable,
            Account.CHARGEBACKS: self.retaken,
            Account.DEPOSITS: -self.deposits,
            Account.OVERPAYMENT: -self.overpaid,
            Account.CASH_COUNTER: self.held,
            Account.REVENUE: -self.revenue,
            Account.INTEREST: -self.interest,
            Account.WAIVED: self.waived,
            Account.WRITTEN_OFF: self.written_off,
            Account.GATEWAY_FEES: self.gateway_fees,
        }
        for entry in entries:
            totals[entry.account] = totals.get(entry.account, 0) + entry.amount_cents
        return Balances.of(totals, reserved=self.reserved)

    @property
    def owed(self) -> int:
        """What must still come in."""
        return self.receivable + self.retaken - self.deposits

    @property
    def fee(self) -> int:
        """The fee as billed, after waivers, without interest."""
        return self.revenue - self.waived

    @property
    def charged(self) -> int:
        """All the requester is asked to pay: fee and interest, without what was given up."""
        return self.fee + self.interest - self.written_off

    @property
    def returnable(self) -> int:
        """What was overpaid and is not on its way back yet."""
        return max(self.overpaid - self.reserved, 0)


def bill(cents: int, now: Balances, *, waived: int = 0) -> tuple[Entry, ...]:
    """This will bring the fee to ``cents`` with ``waived`` beside it: only the difference is booked.

    A higher bill is first met by money paid too much before; a lower one turns what was paid beyond it into
    an overpayment. A fee that is taken away whole bore no interest.
    """
    grown, forgiven = cents - now.fee, waived - now.waived
    unearned = now.interest if cents == 0 else 0
    return _booked(
        now,
        {
            Account.RECEIVABLE: grown - unearned,
            Account.INTEREST: unearned,
            Account.WAIVED: forgiven,
            Account.REVENUE: -grown - forgiven,
        },
    )


def receive(cents: int, now: Balances, *, into: Account, deposit: int = 0) -> tuple[Entry, ...]:
    """This will book money that came in: up to what is owed, the rest as overpayment to give back.

    ``deposit`` of it is held apart until the bill can be paid in full with it.
    """
    apart = min(deposit, cents)
    return _booked(now, {into: cents, Account.DEPOSITS: -apart, Account.RECEIVABLE: apart - cents})


def give_back(cents: int, now: Balances, *, out_of: Account) -> tuple[Entry, ...]:
    """This will book money that went out of what was overpaid; more than that is owed again."""
    return _booked(now, {Account.OVERPAYMENT: cents, out_of: -cents})


def return_failed(cents: int, now: Balances, *, into: Account) -> tuple[Entry, ...]:
    """This will book a refund that came back: the money is here again, and is to be given back."""
    return _booked(now, {into: cents, Account.OVERPAYMENT: -cents})


def take_back(cents: int, now: Balances, *, out_of: Account) -> tuple[Entry, ...]:
    """This will book money a bank took back: first what was overpaid, the rest is owed again."""
    return _booked(now, {Account.CHARGEBACKS: cents, out_of: -cents})


def restore(cents: int, now: Balances, *, into: Account) -> tuple[Entry, ...]:
    """This will book money a bank gave back after a dispute was won."""
    return _booked(now, {into: cents, Account.CHARGEBACKS: -cents})


def accrue(cents: int, now: Balances) -> tuple[Entry, ...]:
    """This will charge interest."""
    return _booked(now, {Account.RECEIVABLE: cents, Account.INTEREST: -cents})


def write_off(now: Balances) -> tuple[Entry, ...]:
    """This will give up all that is still owed."""
    gone = max(now.owed, 0)
    billed = min(gone, now.receivable)
    return _booked(
        now,
        {Account.WRITTEN_OFF: gone, Account.RECEIVABLE: -billed, Account.CHARGEBACKS: billed - gone},
    )


def gateway_fee(cents: int, now: Balances, *, out_of: Account) -> tuple[Entry, ...]:
    """This will book what a payment service kept for itself."""
    return _booked(now, {Account.GATEWAY_FEES: cents, out_of: -cents})


def _booked(now: Balances, raw: Mapping[Account, int]) -> tuple[Entry, ...]:
    before = {
        Account.RECEIVABLE: now.receivable,
        Account.CHARGEBACKS: now.retaken,
        Account.DEPOSITS: -now.deposits,
        Account.OVERPAYMENT: -now.overpaid,
        Account.WRITTEN_OFF: now.written_off,
    }
    after = dict(before)
    for account, cents in raw.items():
        after[account] = after.get(account, 0) + cents
    _tidy(after, now.reserved)
    changes = ((account, cents - before.get(account, 0)) for account, cents in after.items())
    return tuple(Entry(account, cents) for account, cents in changes if cents)


def _tidy(held: dict[Account, int], reserved: int) -> None:
    """Move what lies in the wrong place between the accounts of what is owed and what is to be given back."""
    owing = (Account.RECEIVABLE, Account.CHARGEBACKS)
    if held[Account.OVERPAYMENT] > 0:  # more went back than was overpaid
        held[Account.RECEIVABLE] += held[Account.OVERPAYMENT]
        held[Account.OVERPAYMENT] = 0
    surplus = 0
    for account in owing:
        if held[account] < 0:
            surplus -= held[account]
            held[account] = 0
    for account in (*owing, Account.WRITTEN_OFF):
        part = min(surplus, held[account])
        held[account] -= part
        surplus -= part
    held[Account.OVERPAYMENT] -= surplus
    free = max(-held[Account.OVERPAYMENT] - reserved, 0)
    for account in owing:
        part = min(free, held[account])
        held[account] -= part
        held[Account.OVERPAYMENT] += part
        free -= part
    owed = sum(held[account] for account in owing)
    if held[Account.DEPOSITS] and -held[Account.DEPOSITS] >= owed:
        held[Account.OVERPAYMENT] += held[Account.DEPOSITS] + owed
        held[Account.DEPOSITS] = held[Account.RECEIVABLE] = held[Account.CHARGEBACKS] = 0
