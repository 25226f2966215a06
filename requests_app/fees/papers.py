"""Looking at invoices and receipts, for the payer and for staff: the page, and the PDF as sent."""

from collections.abc import Callable
from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from portal.audit import services as audit
from portal.core import files
from portal.core.errors import DomainError
from portal.core.files import Stored
from portal.core.http import AuthedRequest
from requests_app.docket import selectors as docket
from requests_app.docket.models import RecordsRequest
from requests_app.fees import desk, selectors, wording
from requests_app.fees.models import Invoice, InvoiceKind, Receipt
from requests_app.law.selectors import pack_for

Loader = Callable[[AuthedRequest, str], RecordsRequest]


class PaperNotReady(DomainError):
    """The PDF is made in the background, seconds after the booking."""

    code = "paper_not_ready"


@require_GET
def invoice(request: AuthedRequest, paper_key: str) -> HttpResponse:
    return _invoice(request, paper_key, _mine)


@require_GET
def staff_invoice(request: AuthedRequest, paper_key: str) -> HttpResponse:
    return _invoice(request, paper_key, desk.load)


@require_GET
def pdf(request: AuthedRequest, paper: str, paper_key: str) -> HttpResponseBase:
    return _pdf(request, paper, paper_key, _mine)


@require_GET
def staff_pdf(request: AuthedRequest, paper: str, paper_key: str) -> HttpResponseBase:
    return _pdf(request, paper, paper_key, desk.load)


def _mine(request: AuthedRequest, key: str) -> RecordsRequest:
    row = docket.get_visible(request.user, key)
    audit.record(action="fees.viewed", actor=request.user, subject=row, request_key=row.key)
    return row


def _invoice(request: AuthedRequest, paper_key: str, load: Loader) -> HttpResponse:
    paper = get_object_or_404(Invoice.objects.select_related("case__request", "estimate"), key=paper_key)
    row = load(request, paper.case.request.key)
    money = selectors.balances(paper.case)
    context: dict[str, Any] = {
        "paper": paper,
        "is_bill": paper.kind == InvoiceKind.INVOICE,
        "records_request": row,
        "lines": wording.lines(paper.lines),
        "due_cents": max(money.owed, 0),
        "interest_rule": pack_for(row).fees.interest,
        "base": "desk/base.html" if load is desk.load else "base.html",
        "back": "fees:worksheet" if load is desk.load else "fees:page",
        "pdf_route": "fees:staff-paper" if load is desk.load else "fees:paper",
    }
    return render(request, "fees/invoice.html", context)


def _pdf(request: AuthedRequest, paper: str, paper_key: str, load: Loader) -> HttpResponseBase:
    models: dict[str, type[Invoice] | type[Receipt]] = {"invoice": Invoice, "receipt": Receipt}
    if paper not in models:
        raise Http404("There is no such paper.")
    rows = models[paper]._default_manager.select_related("case__request", "letter")
    found: Any = get_object_or_404(rows, key=paper_key)
    row = load(request, found.case.request.key)
    letter = found.letter
    if letter is None or not letter.pdf_address:
        raise PaperNotReady("This paper is still being printed. Try again in a minute.")
    path = files.require_intact(Stored(address=letter.pdf_address, sha256=letter.pdf_sha256, size=0))
    audit.record(
        action="letter.viewed", actor=request.user, subject=letter, request_key=row.key,
        detail={"sha256": letter.pdf_sha256},
    )  # fmt: skip
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=f"{found.number}.pdf", content_type="application/pdf"
    )
