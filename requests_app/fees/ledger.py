"""Booking: every transaction sums to zero, nothing is ever changed, corrections are new rows."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from requests_app.fees.models import Estimate, FeeCase, LedgerEntry, Payment
from requests_app.fees.rules import Account, Entry, balanced, receive
from requests_app.fees.rules import bill as bill_entries
from requests_app.fees.selectors import balance


@transaction.atomic
def post(
    *, case: FeeCase, entries: Iterable[Entry], memo: str, at: datetime, payment: Payment | None = None
) -> None:
    """This will write one balanced transaction. :raises ValueError: when it does not sum to zero."""
    rows = [entry for entry in entries if entry.amount_cents]
    if not balanced(rows):
        raise ValueError(f"unbalanced transaction: {memo}")
    number = uuid.uuid4()
    LedgerEntry.objects.bulk_create(
        LedgerEntry(transaction_id=number, case=case, account=row.account, amount_cents=row.amount_cents, memo=memo,
                    payment=payment, at=at)
        for row in rows
    )  # fmt: skip


def bill(*, case: FeeCase, estimate: Estimate, earlier: Estimate | None, at: datetime) -> None:
    """This will book what the newest estimate bills, beyond what the one before had billed."""
    before = earlier.billed_cents if earlier is not None and balance(case, Account.REVENUE) else 0
    post(
        case=case,
        entries=bill_entries(estimate.billed_cents - before),
        at=at,
        memo=f"estimate {estimate.version}",
    )


def take(*, payment: Payment, at: datetime) -> None:
    """This will book money received against what is owed; the rest is an overpayment to give back."""
    owed = balance(payment.case, Account.RECEIVABLE)
    post(
        case=payment.case,
        entries=receive(payment.amount_cents, owed=owed),
        at=at,
        payment=payment,
        memo=f"{payment.gateway} {payment.method}".strip(),
    )


def write_off(*, case: FeeCase, at: datetime, memo: str) -> None:
    """This will take back what is still owed."""
    owed = balance(case, Account.RECEIVABLE)
    post(
        case=case, entries=(Entry(Account.RECEIVABLE, -owed), Entry(Account.REVENUE, owed)), at=at, memo=memo
    )
