"""What the fee pages show, gathered: templates compute nothing."""

from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.accounts.models import User
from portal.core.money import dollars
from requests_app.clock import selectors as clock
from requests_app.docket.models import RecordsRequest
from requests_app.fees import billing, gateways, payments, phrases, questions, selectors, statements, wording
from requests_app.fees.models import FeeCase, Payment
from requests_app.fees.rules import FEE, PAYABLE, FeeState
from requests_app.fees.selectors import FeeSummary
from requests_app.law import moves

Row = dict[str, Any]


def fee_page(request: RecordsRequest, user: User, *, at: datetime) -> dict[str, Any]:
    """This will gather the requester's fee page."""
    found = selectors.summary(request)
    estimate = found.estimate
    is_requester = request.requester_id == user.pk
    expired = _expired(request, found, at)
    actions = set(FEE.actions(found.state)) if found.case and request.is_open else set()
    return {
        "records_request": request,
        "received_on": selectors.local_day(request) if request.received_at else None,
        "fee": found,
        "estimate": estimate,
        "lines": wording.lines(estimate.lines) if estimate else [],
        "lead": _lead(found, expired=expired),
        "state": _state(found),
        "facts": _facts(found),
        "moves": actions,
        "expired": expired,
        "gateways": gateways.online(),
        "received": paid_rows(found.case) if found.case else [],
        "is_requester": is_requester,
        "may_pay": is_requester
        and not selectors.ended_unserved(request)
        and (request.is_open or found.state == FeeState.ACCEPTED)
        and found.state in PAYABLE
        and found.due_cents > 0
        and not expired,
        "least": payments.LEAST_ONLINE,
        "interest": billing.interest_to_come(found.case, at=at) if found.case else "",
        "clock_effect": _clock_effect(request) if found.state in PAYABLE else "",
        "answer_by": _answer_by(request, found, at),
    }


def receipt(request: RecordsRequest, payment: Payment) -> dict[str, Any]:
    """This will gather the page of one receipt."""
    assert payment.paid_at is not None  # noqa: S101  the view asks for payments that came in
    rows = [
        {"label": _("For"), "value": f"{request.number}, {request.title}"},
        {"label": _("Received on"), "value": spelt(selectors.day_of(request, payment.paid_at))},
        {"label": _("Paid by"), "value": way_of(payment)},
        {"label": _("Reference"), "value": payment.reference},
        {"label": _("Received from"), "value": str(request.requester or "")},
    ]
    if returned := selectors.returned_cents(payment):
        rows.append({"label": _("Given back since"), "value": dollars(returned)})
    return {
        "records_request": request,
        "payment": payment,
        "rows": rows,
        "lines": wording.lines(payment.estimate.lines),
    }


def statement(request: RecordsRequest) -> Row:
    """This will gather the requester's statement: every line about her money, with its papers."""
    case = FeeCase.objects.filter(request=request).first()
    made = statements.lines(case) if case else []
    return {
        "records_request": request,
        "lines": made,
        "closing": statements.closing(made),
        "papers": list(case.invoices.all()) if case else [],
        "receipts": list(case.receipts.all()) if case else [],
        "pdf_route": "fees:paper",
        "invoice_route": "fees:invoice",
    }


def paid_rows(case: FeeCase) -> list[Payment]:
    """This will list the payments that came in, each with how it was paid and what went back."""
    return with_words(list(selectors.received(case)))


def with_words(rows: list[Payment]) -> list[Payment]:
    for row in rows:
        row.way = way_of(row)  # type: ignore[attr-defined]  # for the template alone
        row.returned_cents = selectors.returned_cents(row)  # type: ignore[attr-defined]  # for the template alone
    return rows


def way_of(payment: Payment) -> str:
    """This will name how a payment was made."""
    return phrases.way(payment.gateway, payment.method)


def spelt(day: date) -> str:
    return date_format(day, "F j, Y")


def _state(found: FeeSummary) -> tuple[Any, str]:
    if found.state == FeeState.ESTIMATE_SENT:
        return _("Waiting for your answer"), "waiting"
    return wording.STATES.get(found.state, ("", "neutral"))


def _lead(found: FeeSummary, *, expired: bool) -> str:
    if expired:
        return _("This estimate is no longer valid. Send us a message, and you get a new one.")
    said = {
        "": _("There is no estimate yet. If there is a fee, you get an estimate first, and you decide."),
        FeeState.WORKSHEET: _(
            "There is no estimate yet. If there is a fee, you get an estimate first, and you decide."
        ),
        FeeState.ESTIMATE_SENT: _(
            "This is what answering your request would cost. You owe nothing until you decide."
        ),
        FeeState.WAIVER_ASKED: _(
            "You asked not to be charged. Somebody who may waive fees decides it and writes to you."
        ),
        FeeState.NARROWED: _(
            "You asked for less. A new estimate is on its way; you owe nothing until you decide on it."
        ),
        FeeState.ACCEPTED: _("You accepted the estimate. What was found is released once the fee is paid."),
        FeeState.SETTLED: _("Everything is paid. There is nothing more to do here."),
        FeeState.WAIVED: _("The fee is waived. You pay nothing."),
        FeeState.NO_FEE: _("You pay nothing for this request."),
        FeeState.REFUNDED: _("The fee was given back."),
        FeeState.WRITTEN_OFF: _("You owe nothing any more for this request."),
    }
    return said[found.state]


def _facts(found: FeeSummary) -> list[Row]:
    rows: list[Row] = []
    estimate = found.estimate
    if estimate is not None and found.state in PAYABLE:
        rows.append({"label": _("Estimate"), "value": dollars(estimate.billed_cents)})
        if estimate.deposit_cents:
            rows.append(
                {
                    "label": _("Deposit"),
                    "value": dollars(estimate.deposit_cents),
                    "note": _("Counts towards the total."),
                }
            )
        if estimate.valid_until and found.state == FeeState.ESTIMATE_SENT:
            rows.append({"label": _("Valid until"), "value": spelt(estimate.valid_until)})
    rows.append({"label": _("Paid so far"), "value": dollars(found.paid_cents)})
    return rows


def _expired(request: RecordsRequest, found: FeeSummary, at: datetime) -> bool:
    last = found.estimate.valid_until if found.estimate else None
    return found.state == FeeState.ESTIMATE_SENT and last is not None and selectors.day_of(request, at) > last


def _clock_effect(request: RecordsRequest) -> str:
    return moves.effect(clock.pack_of(request), clock.main_clock_name(request), "estimate_sent")


def _answer_by(request: RecordsRequest, found: FeeSummary, at: datetime) -> str:
    """The law's own limit for answering an estimate, where it has one."""
    if found.state != FeeState.ESTIMATE_SENT:
        return ""
    for each in clock.derivations(request, on=selectors.day_of(request, at)):
        if each.clock == questions.LAPSE and each.due and each.state == "running":
            words = {"title": each.title, "day": spelt(each.due), "law": each.citation or ""}
            return _("%(title)s: by %(day)s (%(law)s).") % words
    return ""
