"""Booking: every transaction sums to zero, nothing is ever changed, corrections are new rows."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from portal.accounts.models import User
from requests_app.fees.bookkeeping import Entry, EntryKind, balanced
from requests_app.fees.models import FeeCase, LedgerEntry, Payment


class Unbalanced(ValueError):
    """A programming fault: the entries of one transaction do not sum to zero."""


@transaction.atomic
def post(
    *,
    case: FeeCase,
    entries: Iterable[Entry],
    kind: EntryKind,
    memo: str,
    at: datetime,
    actor: User | None = None,
    payment: Payment | None = None,
    rule: str = "",
) -> None:
    """This will write one balanced transaction; the database checks it again at commit.

    The caller holds the case's lock. Nothing to book books nothing.

    :raises Unbalanced: when it does not sum to zero.
    """
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
            kind=kind,
            memo=memo[:200],
            rule=rule[:300],
            payment=payment,
            actor=actor,
            at=at,
        )
        for row in rows
    )
