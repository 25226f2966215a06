"""Receipts: one for each payment that came in, one for each refund that went out."""

from datetime import datetime
from typing import Any

from django.db import transaction

from requests_app.fees import invoices, letters, phrases, selectors
from requests_app.fees.bookkeeping import Account, Balances
from requests_app.fees.models import FeeCase, Payment, Receipt, Refund


@transaction.atomic
def issue(
    *, case: FeeCase, payment: Payment, at: datetime, before: Balances, refund: Refund | None = None
) -> Receipt:
    """This will write the receipt of a payment, or of a refund of it, and send the payer a link.

    ``before`` are the balances without it. The caller holds the case's lock and has audited the booking.
    """
    after = selectors.balances(case)
    receipt = Receipt(
        case=case,
        payment=payment,
        refund=refund,
        **invoices.number_of("receipt", case=case, at=at),
        amount_cents=refund.amount_cents if refund is not None else payment.amount_cents,
        used=_used(before, after) if refund is None else [],
        balance_cents=max(after.owed, 0),
        overpaid_cents=after.overpaid,
        issued_at=at,
    )
    receipt.letter = letters.receipt(receipt, case)
    receipt.save(force_insert=True)
    return receipt


def _used(before: Balances, after: Balances) -> list[dict[str, Any]]:
    """What the money went to, account by account."""
    went = (
        (Account.RECEIVABLE, before.receivable - after.receivable),
        (Account.CHARGEBACKS, before.retaken - after.retaken),
        (Account.DEPOSITS, after.deposits - before.deposits),
        (Account.OVERPAYMENT, after.overpaid - before.overpaid),
    )
    return [{"words": str(phrases.PAID_FOR[account]), "cents": cents} for account, cents in went if cents > 0]
