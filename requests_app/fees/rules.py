"""The fee machine of one request. Pure; the arithmetic of the ledger is in ``bookkeeping``."""

from dataclasses import dataclass
from enum import StrEnum

from portal.accounts.rules import Permission
from portal.core.machine import Machine, Step
from requests_app.docket.rules import Disposition
from requests_app.fees.bookkeeping import Account, Balances, Entry, balanced

__all__ = ["Account", "Balances", "Entry", "FeeFacts", "FeeState", "balanced"]


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
    WRITTEN_OFF = "written_off"


@dataclass(frozen=True)
class FeeFacts:
    """What the guards ask about. ``due_cents`` is what must still come in."""

    due_cents: int = 0
    has_estimate: bool = False


def _paid(facts: FeeFacts) -> str | None:
    return None if facts.due_cents <= 0 else "The fee is not paid in full yet."


def _estimated(facts: FeeFacts) -> str | None:
    return None if facts.has_estimate else "Fill in the worksheet first: there is no estimate to send."


def _owing(facts: FeeFacts) -> str | None:
    return None if facts.due_cents > 0 else "Nothing is owed."


_OPEN = frozenset({FeeState.WORKSHEET, FeeState.NARROWED})
_ANSWERABLE = frozenset({FeeState.ESTIMATE_SENT})
_ASKED = frozenset({FeeState.WAIVER_ASKED})
_AGREED = frozenset({FeeState.ACCEPTED, FeeState.SETTLED})
# a sent, accepted or even paid estimate may be corrected: the requester is asked again, or money goes back
_CORRECTABLE = _OPEN | _ANSWERABLE | _AGREED

PAYABLE = frozenset({FeeState.ACCEPTED, FeeState.ESTIMATE_SENT})
"""States in which a payment may be begun. Money that comes in later is booked in every state."""

CLEAR = frozenset(
    {FeeState.SETTLED, FeeState.WAIVED, FeeState.NO_FEE, FeeState.REFUNDED, FeeState.WRITTEN_OFF}
)
"""States in which money does not stand in the way of a release."""

ENDED_UNSERVED = frozenset({Disposition.WITHDRAWN, Disposition.LAPSED, Disposition.DUPLICATE})
"""Ends after which nobody owes an open bill: the work was not wanted, or not done."""

FEE = Machine(
    name="fee",
    field="state",
    guards={"paid": _paid, "estimated": _estimated, "owing": _owing},
    steps=(
        Step("send_estimate", _CORRECTABLE, FeeState.ESTIMATE_SENT, Permission.CHARGE, ("estimated",)),
        Step("charge_nothing", _CORRECTABLE, FeeState.NO_FEE, Permission.CHARGE),
        Step("accept", _ANSWERABLE, FeeState.ACCEPTED),
        Step("narrow", _ANSWERABLE, FeeState.NARROWED),
        Step("ask_waiver", _ANSWERABLE, FeeState.WAIVER_ASKED),
        Step("grant_waiver", _ASKED, FeeState.WAIVED, Permission.WAIVE_FEES),
        Step("waive_part", _ASKED, FeeState.ESTIMATE_SENT, Permission.WAIVE_FEES),
        Step("refuse_waiver", _ASKED, FeeState.ESTIMATE_SENT, Permission.WAIVE_FEES),
        Step("bill_work", _AGREED, FeeState.ACCEPTED, Permission.CHARGE),
        Step("settle", PAYABLE | {FeeState.WRITTEN_OFF}, FeeState.SETTLED, None, ("paid",)),
        # also an older bill beside an estimate nobody answered
        Step(
            "write_off", PAYABLE | _ASKED | {FeeState.NARROWED}, FeeState.WRITTEN_OFF, Permission.WAIVE_FEES
        ),
        # a bank took the money back, or a refund beyond what was overpaid went out
        Step("reopen", CLEAR, FeeState.ACCEPTED, None, ("owing",)),
        Step("refund", frozenset({FeeState.SETTLED}), FeeState.REFUNDED, Permission.TAKE_PAYMENT),
        # the agency answered late, or the law forbids the fee since: nothing is left of the bill
        Step("bar", PAYABLE | _ASKED | {FeeState.SETTLED, FeeState.NARROWED}, FeeState.NO_FEE),
    ),
)


def is_news(state: str, *, is_outdated: bool, is_changed: bool) -> bool:
    """This will tell whether an estimate may be sent after another: not the same one twice by accident."""
    if state in {FeeState.WORKSHEET, FeeState.NARROWED}:
        return True
    return is_changed or (is_outdated and state == FeeState.ESTIMATE_SENT)
