"""The fee machine of one request, and the ledger's arithmetic. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.accounts.rules import Permission
from portal.core.machine import Machine, Step


class FeeState(StrEnum):
    WORKSHEET = "worksheet"
    ESTIMATE_SENT = "estimate_sent"
    WAIVER_ASKED = "waiver_asked"
    NARROWED = "narrowed"
    ACCEPTED = "accepted"
    SETTLED = "settled"
    WAIVED = "waived"
    NO_FEE = "no_fee"
    REFUNDED = "refunded"


class Account(StrEnum):
    """Ledger accounts. What the requester owes, what the agency earned, where the money lies."""

    RECEIVABLE = "receivable"
    REVENUE = "revenue"
    CASH = "cash"
    OVERPAYMENT = "overpayment"


@dataclass(frozen=True)
class FeeFacts:
    billed_cents: int = 0
    paid_cents: int = 0
    has_estimate: bool = False


def _paid(facts: FeeFacts) -> str | None:
    return None if facts.paid_cents >= facts.billed_cents else "The fee is not paid in full yet."


def _estimated(facts: FeeFacts) -> str | None:
    return None if facts.has_estimate else "Fill in the worksheet first: there is no estimate to send."


_OPEN = frozenset({FeeState.WORKSHEET, FeeState.NARROWED})
_ANSWERABLE = frozenset({FeeState.ESTIMATE_SENT})
# a sent, accepted or even paid estimate may be corrected: the requester is asked again, or money goes back
_CORRECTABLE = _OPEN | {FeeState.ESTIMATE_SENT, FeeState.ACCEPTED, FeeState.SETTLED}

FEE = Machine(
    name="fee",
    field="state",
    guards={"paid": _paid, "estimated": _estimated},
    steps=(
        Step("send_estimate", _CORRECTABLE, FeeState.ESTIMATE_SENT, Permission.CHARGE, ("estimated",)),
        Step("charge_nothing", _CORRECTABLE, FeeState.NO_FEE, Permission.CHARGE),
        Step("accept", _ANSWERABLE, FeeState.ACCEPTED),
        Step("narrow", _ANSWERABLE, FeeState.NARROWED),
        Step("ask_waiver", _ANSWERABLE, FeeState.WAIVER_ASKED),
        Step("grant_waiver", frozenset({FeeState.WAIVER_ASKED}), FeeState.WAIVED, Permission.WAIVE_FEES),
        Step(
            "refuse_waiver", frozenset({FeeState.WAIVER_ASKED}), FeeState.ESTIMATE_SENT, Permission.WAIVE_FEES
        ),
        Step(
            "settle",
            frozenset({FeeState.ACCEPTED, FeeState.ESTIMATE_SENT}),
            FeeState.SETTLED,
            None,
            ("paid",),
        ),
        Step("refund", frozenset({FeeState.SETTLED}), FeeState.REFUNDED, Permission.TAKE_PAYMENT),
    ),
)

PAYABLE = frozenset({FeeState.ACCEPTED, FeeState.ESTIMATE_SENT})
"""States in which a payment may be begun. Money that comes in later is booked in every state."""

CLEAR = frozenset({FeeState.SETTLED, FeeState.WAIVED, FeeState.NO_FEE, FeeState.REFUNDED})
"""States in which money does not stand in the way of a release."""


@dataclass(frozen=True)
class Entry:
    account: Account
    amount_cents: int  # debit positive, credit negative


def balanced(entries: Iterable[Entry]) -> bool:
    """This will tell whether a ledger transaction sums to zero."""
    return sum(entry.amount_cents for entry in entries) == 0


@dataclass(frozen=True)
class Balances:
    """One case's money in integer cents, each as the positive number a person would say."""

    owed: int = 0
    charged: int = 0
    held: int = 0
    overpaid: int = 0

    @classmethod
    def of(cls, totals: Mapping[str, int]) -> "Balances":
        """This will read the four accounts' sums, debit positive."""
        return cls(
            owed=totals.get(Account.RECEIVABLE, 0),
            charged=-totals.get(Account.REVENUE, 0),
            held=totals.get(Account.CASH, 0),
            overpaid=-totals.get(Account.OVERPAYMENT, 0),
        )


def bill(cents: int, now: Balances) -> tuple[Entry, ...]:
    """This will bring what is charged to ``cents``: only the difference is booked.

    A higher bill is first met by money paid too much before; a lower one turns what was paid beyond it into
    an overpayment. Nothing is owed and overpaid at once.
    """
    grown = cents - now.charged
    net = now.owed - now.overpaid + grown
    owed, overpaid = max(net, 0), max(-net, 0)
    return _kept(
        Entry(Account.RECEIVABLE, owed - now.owed),
        Entry(Account.OVERPAYMENT, now.overpaid - overpaid),
        Entry(Account.REVENUE, -grown),
    )


def receive(cents: int, now: Balances) -> tuple[Entry, ...]:
    """This will book money that came in: up to what is owed, the rest as overpayment to give back."""
    applied = min(cents, max(now.owed, 0))
    return _kept(
        Entry(Account.CASH, cents),
        Entry(Account.RECEIVABLE, -applied),
        Entry(Account.OVERPAYMENT, applied - cents),
    )


def give_back(cents: int) -> tuple[Entry, ...]:
    """This will book money that went out of what was overpaid."""
    return _kept(Entry(Account.OVERPAYMENT, cents), Entry(Account.CASH, -cents))


def _kept(*entries: Entry) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if entry.amount_cents)
