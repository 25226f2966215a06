"""The requester's statement: every line about her money, in order, each saying what it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from portal.core.money import dollars
from requests_app.fees import phrases
from requests_app.fees.bookkeeping import CASH, Account, EntryKind
from requests_app.fees.models import Estimate, EstimateBasis, FeeCase, LedgerEntry

OWING = frozenset({Account.RECEIVABLE, Account.CHARGEBACKS, Account.DEPOSITS, Account.OVERPAYMENT})
"""What these sum to is what she still has to pay; below zero, what she gets back."""


@dataclass(frozen=True)
class Line:
    """One line. ``change_cents`` moves the balance; ``balance_cents`` below zero comes back to her."""

    at: datetime
    what: str
    why: str
    change_cents: int | None
    balance_cents: int


def lines(case: FeeCase) -> list[Line]:
    """This will list a case's estimates and bookings in the order they happened, with the balance."""
    booked: dict[object, list[LedgerEntry]] = {}
    for entry in case.ledger.select_related("payment"):
        booked.setdefault(entry.transaction_id, []).append(entry)
    told: list[tuple[datetime, int, object]] = [
        (estimate.sent_at, 0, estimate) for estimate in case.estimates.all()
    ]
    told += [(rows[0].at, rows[0].pk, rows) for rows in booked.values()]
    made, balance = [], 0
    for at, _order, item in sorted(told, key=lambda each: (each[0], each[1])):
        if isinstance(item, Estimate):
            made.append(_of_estimate(item, balance))
        elif isinstance(item, list):
            change = _change(item)
            balance += change
            made.append(Line(at, _what(item), item[0].rule, change, balance))
    return made


def closing(made: Iterable[Line]) -> str:
    """This will say in a sentence how things stand after the last line."""
    balance = [0, *(line.balance_cents for line in made)][-1]
    if balance > 0:
        return _("You still have to pay %(amount)s.") % {"amount": dollars(balance)}
    if balance < 0:
        return _("%(amount)s comes back to you.") % {"amount": dollars(-balance)}
    return _("Nothing is owed on either side.")


def _change(rows: Iterable[LedgerEntry]) -> int:
    return sum(row.amount_cents for row in rows if row.account in OWING)


def _of_estimate(estimate: Estimate, balance: int) -> Line:
    words = {
        EstimateBasis.ESTIMATE: _("Estimate %(version)s of %(amount)s was sent. You owe it once you accept."),
        EstimateBasis.ACTUAL: _("The work was done; it comes to %(amount)s (version %(version)s)."),
        EstimateBasis.LATE: _("Our answer is late, so the fee is %(amount)s (version %(version)s)."),
        EstimateBasis.WAIVER: _("A part is waived; %(amount)s is left (version %(version)s)."),
    }
    said = words[EstimateBasis(estimate.basis)] % {
        "version": estimate.version,
        "amount": dollars(estimate.billed_cents),
    }
    return Line(estimate.sent_at, said, "; ".join(estimate.notes), None, balance)


def _what(rows: list[LedgerEntry]) -> str:
    first = rows[0]
    moved = abs(sum(row.amount_cents for row in rows if row.account in CASH.values()))
    payment = first.payment
    if payment is None:
        return f"{phrases.KINDS[first.kind]}: {first.memo}"
    way = phrases.way(payment.gateway, payment.method)
    said = f"{phrases.KINDS[first.kind]}: {dollars(moved)} ({way}, {payment.reference})"
    if first.kind == EntryKind.PAYMENT and (kept := _kept_as_deposit(rows)):
        said += _(", of which %(amount)s is held as a deposit") % {"amount": dollars(kept)}
    return said


def _kept_as_deposit(rows: Iterable[LedgerEntry]) -> int:
    return max(-sum(row.amount_cents for row in rows if row.account == Account.DEPOSITS), 0)
