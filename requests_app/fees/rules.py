"""The fee machine of one request, and the ledger's arithmetic. Pure."""

from collections.abc import Iterable
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

FEE = Machine(
    name="fee",
    field="state",
    guards={"paid": _paid, "estimated": _estimated},
    steps=(
        Step("send_estimate", _OPEN | {FeeState.ESTIMATE_SENT, FeeState.ACCEPTED}, FeeState.ESTIMATE_SENT,
             Permission.CHARGE, ("estimated",)),
        Step("charge_nothing", _OPEN | {FeeState.ESTIMATE_SENT}, FeeState.NO_FEE, Permission.CHARGE),
        Step("accept", _ANSWERABLE, FeeState.ACCEPTED),
        Step("narrow", _ANSWERABLE, FeeState.NARROWED),
        Step("ask_waiver", _ANSWERABLE, FeeState.WAIVER_ASKED),
        Step("grant_waiver", frozenset({FeeState.WAIVER_ASKED}), FeeState.WAIVED, Permission.WAIVE_FEES),
        Step("refuse_waiver", frozenset({FeeState.WAIVER_ASKED}), FeeState.ESTIMATE_SENT, Permission.WAIVE_FEES),
        Step("settle", frozenset({FeeState.ACCEPTED, FeeState.ESTIMATE_SENT}), FeeState.SETTLED, None, ("paid",)),
        Step("refund", frozenset({FeeState.SETTLED}), FeeState.REFUNDED, Permission.TAKE_PAYMENT),
    ),
)  # fmt: skip

CLEAR = frozenset({FeeState.SETTLED, FeeState.WAIVED, FeeState.NO_FEE, FeeState.REFUNDED})
"""States in which money does not stand in the way of a release."""


@dataclass(frozen=True)
class Entry:
    account: Account
    amount_cents: int  # debit positive, credit negative


def balanced(entries: Iterable[Entry]) -> bool:
    """This will tell whether a ledger transaction sums to zero."""
    return sum(entry.amount_cents for entry in entries) == 0


def bill(cents: int) -> tuple[Entry, ...]:
    return Entry(Account.RECEIVABLE, cents), Entry(Account.REVENUE, -cents)


def receive(cents: int, *, owed: int) -> tuple[Entry, ...]:
    """This will book money that came in: up to what is owed, the rest as overpayment to give back."""
    applied = min(cents, max(owed, 0))
    rows = [Entry(Account.CASH, cents)]
    if applied:
        rows.append(Entry(Account.RECEIVABLE, -applied))
    if cents - applied:
        rows.append(Entry(Account.OVERPAYMENT, -(cents - applied)))
    return tuple(rows)
