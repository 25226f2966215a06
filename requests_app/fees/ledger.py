"""Booking: every transaction sums to zero, nothing is ever changed, corrections are new rows."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from requests_app.fees import rules
from requests_app.fees.models import FeeCase, LedgerEntry, Payment
from requests_app.fees.rules import Entry, balanced
from requests_app.fees.selectors import balances


class Unbalanced(ValueError):
    """A programming fault: the entries of one transaction do not sum to zero."""


@transaction.atomic
def post(
    *, case: FeeCase, entries: Iterable[Entry], memo: str, at: datetime, payment: Payment | None = None
) -> None:
    """This will write one balanced transaction. :raises Unbalanced: when it does not sum to zero."""
    rows = [entry for entry in entries if entry.amount_cents]
    if not balanced(rows):
        raise Unbalanced(f"unbalanced transaction: {memo}")
    number = uuid.uuid4()
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            transaction_id=number,
            case=case,
            account=row.account,
            amount_cents=row.amount_cents,
            memo=memo[:200],
            payment=payment,
            at=at,
        )
        for row in rows
    )


def bill(*, case: FeeCase, cents: int, at: datetime, memo: str) -> None:
    """This will bring what the case is charged to ``cents``, booking the difference alone."""
    post(case=case, entries=rules.bill(cents, balances(case)), at=at, memo=memo)


def take(*, payment: Payment, at: datetime) -> None:
    """This will book money received against what is owed; the rest is an overpayment to give back."""
    post(
        case=payment.case,
        entries=rules.receive(payment.amount_cents, balances(payment.case)),
        at=at,
        payment=payment,
        memo=f"{payment.gateway} {payment.method}".strip(),
    )


def give_back(*, payment: Payment, cents: int, at: datetime, memo: str) -> None:
    """This will book money returned to whoever paid."""
    post(case=payment.case, entries=rules.give_back(cents), at=at, payment=payment, memo=memo)
