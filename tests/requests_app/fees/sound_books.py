"""What must hold of the books and papers of every case, whatever was done before."""

from typing import Any

from django.db.models import Count, Q, Sum

from requests_app.fees import selectors
from requests_app.fees.bookkeeping import CASH, EntryKind
from requests_app.fees.models import (
    Dispute,
    FeeCase,
    Invoice,
    LedgerEntry,
    PaperNumbering,
    Payment,
    PaymentState,
    Receipt,
    Refund,
    RefundState,
)
from requests_app.fees.rules import CLEAR

PAID = (PaymentState.PAID, PaymentState.REFUNDED)


def require_sound_books() -> None:
    """What must hold after any sequence of operations, in the middle of a life as well as at its end."""
    uneven = LedgerEntry.objects.order_by().values("transaction_id").annotate(
        total=Sum("amount_cents"), cases=Count("case", distinct=True)
    )  # fmt: skip
    assert not uneven.exclude(total=0, cases=1).exists()
    assert LedgerEntry.objects.aggregate(total=Sum("amount_cents"))["total"] in {0, None}
    for case in FeeCase.objects.select_related("request__agency"):
        _require_sound_case(case)
    credits = LedgerEntry.objects.filter(kind=EntryKind.PAYMENT, account__in=CASH.values()).order_by()
    assert (
        credits.values("payment").distinct().count()
        == credits.count()
        == Payment.objects.filter(state__in=PAID).count()
    )
    assert Receipt.objects.filter(refund=None).count() == credits.count()
    _require_no_gap()


def _require_sound_case(case: FeeCase) -> None:
    money = selectors.balances(case)
    at_rest = (money.receivable, money.retaken, money.deposits, money.overpaid, money.written_off)
    assert min(*at_rest, money.owed, money.waived, money.interest, money.revenue) >= 0, (case.state, money)
    assert not (money.owed and money.returnable), (case.state, money)
    if case.state in CLEAR:
        assert money.owed == money.receivable == money.retaken == money.deposits == 0, (case.state, money)
    came = case.payments.filter(state__in=PAID).aggregate(total=Sum("amount_cents"))["total"] or 0
    went = Refund.objects.filter(payment__case=case, state=RefundState.DONE)
    taken = Dispute.objects.filter(payment__case=case)
    gone = (went.aggregate(total=Sum("amount_cents"))["total"] or 0) + (
        taken.aggregate(total=Sum("booked_cents"))["total"] or 0
    )
    assert money.held == came - gone, (case.state, money)
    papers = Invoice.objects.filter(case=case).aggregate(
        billed=Sum("amount_cents", filter=Q(kind="invoice")),
        credited=Sum("amount_cents", filter=Q(kind="credit_note")),
    )
    assert money.fee == (papers["billed"] or 0) - (papers["credited"] or 0), (case.state, money)


def _require_no_gap() -> None:
    for numbering in PaperNumbering.objects.all():
        papers: Any = Invoice.objects.filter(kind=numbering.kind)
        if numbering.kind == "receipt":
            papers = Receipt.objects
        found = papers.filter(year=numbering.year).values_list("sequence", flat=True)
        assert sorted(found) == list(range(1, numbering.last + 1)), numbering
