"""The staff's fee page of one request: worksheet, estimate, final bill, waiver, counter, refunds."""

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, NotAllowed
from portal.core.http import AuthedRequest, say
from portal.core.money import dollars
from portal.core.time import now
from requests_app.docket import selectors as docket
from requests_app.docket.models import RecordsRequest
from requests_app.fees import (
    billing,
    casework,
    payments,
    policies,
    refunds,
    selectors,
    services,
    waivers,
    wording,
    worksheet_page,
)
from requests_app.fees.money_forms import CounterForm, DecisionForm, RefundForm, WaiverForm


@require_http_methods(["GET", "POST"])
def worksheet(request: AuthedRequest, key: str) -> HttpResponse:
    row = load(request, key)
    if request.method != "POST":
        return _show(request, row)
    form = worksheet_page.worksheet_form(row, request.POST)
    if form.is_valid():
        try:
            services.save_worksheet(
                request=row,
                work=form.work(),
                actor=request.user,
                expected_version=form.cleaned_data["version"],
                at=now(),
            )
        except BadInput as error:
            form.add_error(None, str(error))
        else:
            say(request, "The worksheet is saved. Look at the lines, then send the estimate.")
            return redirect("fees:worksheet", key=row.key)
    return _show(request, row, form=form)


@require_POST
def send(request: AuthedRequest, key: str) -> HttpResponse:
    row = load(request, key)
    estimate = services.send_estimate(
        request=row, actor=request.user, at=now(), expected_version=_seen(request)
    )
    said = "The estimate is sent." if estimate.billed_cents else "Nothing is charged under the schedule."
    say(request, said)
    return redirect("fees:worksheet", key=row.key)


@require_POST
def final(request: AuthedRequest, key: str) -> HttpResponse:
    row = load(request, key)
    bill = billing.bill_work(request=row, actor=request.user, at=now(), expected_version=_seen(request))
    say(request, f"The final bill is {dollars(bill.billed_cents)}. The requester is told.")
    return redirect("fees:worksheet", key=row.key)


@require_POST
def charge_nothing(request: AuthedRequest, key: str) -> HttpResponse:
    row = load(request, key)
    form = DecisionForm(request.POST, prefix="nothing")
    if not form.is_valid():
        return _show(request, row, nothing_form=form)
    services.charge_nothing(request=row, actor=request.user, reason=form.cleaned_data["reason"], at=now())
    say(request, "It is recorded that nothing is charged.")
    return redirect("fees:worksheet", key=row.key)


@require_POST
def waiver(request: AuthedRequest, key: str) -> HttpResponse:
    row = load(request, key)
    form = WaiverForm(request.POST)
    if not form.is_valid():
        return _show(request, row, waiver_form=form)
    waivers.decide(request=row, actor=request.user, at=now(), **form.cleaned_data)
    say(request, "The waiver is decided and the requester told.")
    return redirect("fees:worksheet", key=row.key)


@require_POST
def counter(request: AuthedRequest, key: str) -> HttpResponse:
    row = load(request, key)
    form = CounterForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            payments.take_at_counter(
                request=row,
                amount_cents=data["amount"],
                method=data["method"],
                receipt_number=data["receipt_number"],
                actor=request.user,
                at=now(),
            )
        except BadInput as error:
            form.add_error("amount", str(error))
        except payments.ReceiptUsed as error:
            form.add_error("receipt_number", str(error))
        else:
            say(request, "The payment is booked.")
            return redirect("fees:worksheet", key=row.key)
    return _show(request, row, counter_form=form)


@require_POST
def refund(request: AuthedRequest, key: str) -> HttpResponse:
    row = load(request, key)
    case = casework.case_of(row)
    form = RefundForm(request.POST, choices=worksheet_page.refundable(case), prefix="refund")
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = refunds.ask(
                payment=get_object_or_404(case.payments, key=data["payment"]),
                amount_cents=data["amount"],
                reference=data["reference"],
                reason=data["reason"],
                actor=request.user,
                at=now(),
            )
        except BadInput as error:
            form.add_error("amount", str(error))
        else:
            say(request, wording.REFUNDS[made.state])
            return redirect("fees:worksheet", key=row.key)
    return _show(request, row, refund_form=form)


@require_POST
def decide_refund(request: AuthedRequest, key: str, refund_key: str) -> HttpResponse:
    row = load(request, key)
    found = get_object_or_404(selectors.refunds_of(casework.case_of(row)), key=refund_key)
    made = refunds.decide(
        refund=found,
        approve=request.POST.get("decision") == "approve",
        reason=request.POST.get("reason", ""),
        actor=request.user,
        at=now(),
    )
    say(request, wording.REFUNDS[made.state])
    return redirect("fees:worksheet", key=row.key)


@require_POST
def write_off(request: AuthedRequest, key: str) -> HttpResponse:
    row = load(request, key)
    form = DecisionForm(request.POST, prefix="writeoff")
    if not form.is_valid():
        return _show(request, row, write_off_form=form)
    gone = billing.write_off(request=row, actor=request.user, reason=form.cleaned_data["reason"], at=now())
    say(request, f"{dollars(gone)} is written off.")
    return redirect("fees:worksheet", key=row.key)


def load(request: AuthedRequest, key: str) -> RecordsRequest:
    """This will load a request for staff and note the look. :raises NotAllowed: for everybody else."""
    row = docket.get_visible(request.user, key)
    try:
        policies.require(request.user, Permission.SEE_REQUESTS)
    except NotAllowed as error:
        audit.record_denied(
            action="fees.viewed", actor=request.user, subject=row, request_key=row.key, why=error.code
        )
        raise
    audit.record(action="fees.viewed", actor=request.user, subject=row, request_key=row.key)
    return row


def _seen(request: AuthedRequest) -> int | None:
    """The worksheet's version on the page that was sent."""
    seen = request.POST.get("version", "")
    return int(seen) if seen.isdecimal() and len(seen) < 10 else None


def _show(request: AuthedRequest, row: RecordsRequest, **forms: Form) -> HttpResponse:
    status = 422 if any(form.errors for form in forms.values()) else 200
    context = {**worksheet_page.gather(row, request.user), **forms}
    return render(request, "fees/worksheet.html", context, status=status)
