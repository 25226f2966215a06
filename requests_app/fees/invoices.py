"""Bills and credit notes: immutable, numbered without gaps, one for each change of what is charged."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core.money import dollars
from requests_app.fees import bookkeeping, ledger, letters, selectors
from requests_app.fees.bookkeeping import EntryKind
from requests_app.fees.models import Estimate, FeeCase, Invoice, InvoiceKind, PaperNumbering
from requests_app.law.selectors import pack_for

DAYS_TO_PAY = 30
PREFIX: Mapping[str, str] = {InvoiceKind.INVOICE: "I", InvoiceKind.CREDIT_NOTE: "C", "receipt": "R"}


@transaction.atomic
def bring_to(
    *,
    case: FeeCase,
    cents: int,
    at: datetime,
    actor: User | None,
    reason: str,
    estimate: Estimate | None = None,
    waived: int = 0,
    rule: str = "",
    kind: EntryKind = EntryKind.BILL,
) -> Invoice | None:
    """This will bring what the case is charged to ``cents``: the difference is booked and put on paper.

    More is an invoice, less a credit note; the same is neither. The caller holds the case's lock.
    ``rule`` names the law behind a lower bill.
    """
    money = selectors.balances(case)
    change = cents - money.fee
    ledger.post(
        case=case,
        entries=bookkeeping.bill(cents, money, waived=waived),
        kind=kind,
        memo=reason,
        rule=rule,
        at=at,
        actor=actor,
    )
    if not change:
        return None
    return _issue(case, change, cents, estimate, at, actor, reason, rule)


def number_of(kind: str, *, case: FeeCase, at: datetime) -> dict[str, Any]:
    """This will give the next number of a kind of paper in the agency's year, such as ``I26-00042``.

    The audit chain's lock comes first everywhere, so that two papers at once never wait for each other in a
    circle. A transaction that fails gives its number back.
    """
    audit.hold_chain()
    year = selectors.day_of(case.request, at).year
    PaperNumbering.objects.get_or_create(kind=kind, year=year)
    row = PaperNumbering.objects.filter(kind=kind, year=year)
    row.update(last=F("last") + 1)  # locks the row until commit: no gaps
    last = row.values_list("last", flat=True).get()
    return {"year": year, "sequence": last, "number": f"{PREFIX[kind]}{year % 100:02d}-{last:05d}"}


def _issue(
    case: FeeCase,
    change: int,
    cents: int,
    estimate: Estimate | None,
    at: datetime,
    actor: User | None,
    reason: str,
    rule: str,
) -> Invoice:
    is_bill = change > 0
    kind = InvoiceKind.INVOICE if is_bill else InvoiceKind.CREDIT_NOTE
    audit.record(
        action="fees.invoiced" if is_bill else "fees.credited",
        actor=actor,
        subject=case,
        request_key=case.request.key,
        detail={"cents": abs(change)},
    )
    on = selectors.day_of(case.request, at)
    decided = selectors.policy(case.request.agency)
    asks_interest = is_bill and pack_for(case.request).fees.interest is not None and decided is not None
    numbered = number_of(kind, case=case, at=at)
    paper = Invoice(
        case=case,
        estimate=estimate,
        kind=kind,
        **numbered,
        amount_cents=abs(change),
        fee_cents=cents,
        lines=estimate.lines if estimate is not None else [],
        reason=reason[:500],
        rule=rule[:300],
        issued_on=on,
        due_on=on + timedelta(days=decided.days_to_pay if decided else DAYS_TO_PAY) if is_bill else None,
        interest_percent=decided.interest_percent if asks_interest and decided else None,
        issued_at=at,
        issued_by=actor,
    )
    paper.letter = letters.invoice(paper, selectors.balances(case), signer=actor)
    paper.save(force_insert=True)
    return paper


def words(paper: Invoice) -> str:
    """This will name a paper in a sentence: ``Invoice I26-00001 of $46.00``."""
    name = "Invoice" if paper.kind == InvoiceKind.INVOICE else "Credit note"
    return f"{name} {paper.number} of {dollars(paper.amount_cents)}"
