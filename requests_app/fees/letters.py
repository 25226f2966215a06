"""The letters about money: what an invoice, a receipt and a decision say on paper."""

from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.core.money import dollars
from requests_app.correspondence import services as correspondence
from requests_app.correspondence.models import Letter
from requests_app.fees import phrases
from requests_app.fees.bookkeeping import Balances
from requests_app.fees.models import FeeCase, Invoice, InvoiceKind, Receipt


def invoice(paper: Invoice, money: Balances, *, signer: User | None) -> Letter:
    """This will send an invoice or a credit note and give the letter as stored."""
    is_bill = paper.kind == InvoiceKind.INVOICE
    request = paper.case.request
    name = "Invoice" if is_bill else "Credit note"
    said = [f"{name} {paper.number}: {dollars(paper.amount_cents)}. {paper.reason}"]
    if paper.rule:
        said.append(f"The rule behind it: {paper.rule}.")
    said += [phrases.line_in_words(line) for line in paper.lines]
    said.append(
        f"The fee is {dollars(paper.fee_cents)} in all. Still to be paid: {dollars(max(money.owed, 0))}."
    )
    if paper.due_on is not None:
        said.append(f"Please pay by {date_format(paper.due_on, 'F j, Y')}.")
    if paper.interest_percent:
        said.append(phrases.interest_notice(paper.interest_percent))
    if money.overpaid:
        said.append(f"You have paid {dollars(money.overpaid)} too much. You get it back without asking.")
    return _send(
        paper.case,
        subject=f"{name} {paper.number} for your request {request.number}",
        paragraphs=said,
        signer=signer,
        at=paper.issued_at,
        key=f"invoice:{paper.number}",
    )


def receipt(paper: Receipt, case: FeeCase) -> Letter:
    """This will send a receipt and give the letter as stored."""
    request, payment = case.request, paper.payment
    way = phrases.way(payment.gateway, payment.method)
    if paper.refund is None:
        said = [
            f"Receipt {paper.number}: we received {dollars(paper.amount_cents)} ({way}, {payment.reference})."
        ]
        said += [f"{row['words']}: {dollars(row['cents'])}." for row in paper.used]
    else:
        said = [
            f"Receipt {paper.number}: we gave back {dollars(paper.amount_cents)} of your payment of"
            f" {dollars(payment.amount_cents)} ({way}). Reference: {paper.refund.reference}.",
            f"Why: {paper.refund.reason}",
        ]
    said.append(f"Still to be paid: {dollars(paper.balance_cents)}.")
    if paper.overpaid_cents:
        said.append(f"Still to be given back to you: {dollars(paper.overpaid_cents)}.")
    return _send(
        case,
        subject=f"Receipt {paper.number} for your request {request.number}",
        paragraphs=said,
        signer=None,
        at=paper.issued_at,
        key=f"receipt:{paper.number}",
    )


def waiver_decision(
    case: FeeCase, *, percent: int, standard: str, reasons: str, decider: User, at: datetime
) -> Letter:
    """This will tell the requester how her wish not to pay was decided, why, and how to appeal."""
    request = case.request
    outcome = {0: _("The fee is not waived."), 100: _("The fee is waived in full.")}.get(
        percent, _("%(percent)s percent of the fee is waived.") % {"percent": percent}
    )
    said = [outcome]
    if standard.strip():
        said.append(f"The test we applied: {standard.strip()}")
    said.append(f"Why: {reasons}")
    if percent < 100:
        said += [f"How to appeal: {route}" for route in phrases.appeal_routes(request)]
    return _send(
        case,
        subject=f"Your wish for a fee waiver, request {request.number}",
        paragraphs=said,
        signer=decider,
        at=at,
        key=f"waiver-decision:{case.pk}:{at.isoformat()}",
    )


def notice(
    case: FeeCase, *, subject: str, paragraphs: list[str], signer: User | None, at: datetime, key: str
) -> Letter:
    """This will tell the requester about money by letter."""
    return _send(case, subject=subject, paragraphs=paragraphs, signer=signer, at=at, key=key)


def _send(
    case: FeeCase, *, subject: str, paragraphs: list[str], signer: User | None, at: datetime, key: str
) -> Letter:
    context: dict[str, Any] = {"paragraphs": paragraphs}
    return correspondence.send_letter(
        request=case.request, kind="notice", subject=subject, context=context, signer=signer, at=at,
        dedupe_key=key,
    )  # fmt: skip
