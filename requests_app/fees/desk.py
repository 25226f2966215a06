"""The staff's fee page of one request: worksheet, estimate, waiver, counter."""

from datetime import datetime
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, DomainError, NotAllowed
from portal.core.http import AuthedRequest, say
from portal.core.money import dollars
from portal.core.time import now
from requests_app.correspondence.models import Direction
from requests_app.docket import selectors as docket
from requests_app.docket.models import RecordsRequest
from requests_app.fees import lateness, payments, presentation, quoting, selectors, services, wording
from requests_app.fees.forms import CounterForm, DecisionForm, RefundForm, WorksheetForm
from requests_app.fees.models import FeeCase
from requests_app.fees.rules import FEE, PAYABLE, Account, FeeState
from requests_app.law.fees import Quote
from requests_app.law.selectors import pack_for


@require_http_methods(["GET", "POST"])
def worksheet(request: AuthedRequest, key: str) -> HttpResponse:
    row = load(request, key)
    if request.method != "POST":
        return _show(request, row)
    form = _worksheet_form(row, request)
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
    seen = request.POST.get("version", "")
    estimate = services.send_estimate(
        request=row, actor=request.user, at=now(), expected_version=int(seen) if seen.isdecimal() else None
    )
    said = "The estimate is sent." if estimate.billed_cents else "Nothing is charged under the schedule."
    say(request, said)
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
    form = DecisionForm(request.POST)
    if request.POST.get("decision") not in {"grant", "refuse"}:
        raise BadInput("Choose whether the fee is waived. Nothing was decided.")
    if not form.is_valid():
        return _show(request, row, decision_form=form)
    granted = request.POST["decision"] == "grant"
    services.decide_waiver(
        request=row, actor=request.user, at=now(), granted=granted, reason=form.cleaned_data["reason"]
    )
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
    case = services.case_of(row)
    form = RefundForm(request.POST, choices=_refundable(case), prefix="refund")
    if form.is_valid():
        data = form.cleaned_data
        try:
            payments.refund(
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
            say(request, "The refund is booked.")
            return redirect("fees:worksheet", key=row.key)
    return _show(request, row, refund_form=form)


def load(request: AuthedRequest, key: str) -> RecordsRequest:
    """This will load a request for staff and note the look. :raises NotAllowed: for everybody else."""
    row = docket.get_visible(request.user, key)
    if not request.user.may(Permission.SEE_REQUESTS):
        audit.record_denied(
            action="fees.viewed", actor=request.user, subject=row, request_key=row.key, why=NotAllowed.code
        )
        raise NotAllowed("Your role does not include this page.")
    audit.record(action="fees.viewed", actor=request.user, subject=row, request_key=row.key)
    return row


def _worksheet_form(row: RecordsRequest, request: AuthedRequest | None = None) -> WorksheetForm:
    case = services.case_of(row)
    law = pack_for(row).fees
    first = {**WorksheetForm.initial_from(case.work), "version": case.work_version}
    if not case.work and row.record_type:
        first["record_type"] = row.record_type
    return WorksheetForm(
        request.POST if request else None, initial=first, law=law, record_type=row.record_type
    )


def _show(request: AuthedRequest, row: RecordsRequest, **forms: Form) -> HttpResponse:
    status = 422 if any(form.errors for form in forms.values()) else 200
    return render(request, "fees/worksheet.html", {**_page(row, request.user), **forms}, status=status)


def _page(row: RecordsRequest, user: User) -> dict[str, Any]:
    at = now()
    case = services.case_of(row)
    found = selectors.summary(row)
    quote, refusal = None, ""
    try:
        quote = quoting.quote(row, at=at)
    except DomainError as error:
        refusal = str(error)
    actions = set(FEE.actions(found.state)) if row.is_open else set()
    returnable = _refundable(case)
    return {
        "records_request": row,
        "fee": found,
        "state": wording.STATES[found.state],
        "facts": _facts(found),
        "warnings": _warnings(case, found),
        "form": _worksheet_form(row),
        "quote": quote,
        "quote_lines": wording.lines(map(quoting.plain, quote.lines), for_staff=True) if quote else [],
        "refusal": refusal,
        "late_sentence": lateness.of(row, on=selectors.day_of(row, at)).sentence,
        "moves": actions,
        "may_edit": "send_estimate" in actions and user.may(Permission.CHARGE),
        "may_send": (
            "send_estimate" in actions and user.may(Permission.CHARGE) and _is_news(quote, found, row, at)
        ),
        "may_charge_nothing": "charge_nothing" in actions and user.may(Permission.CHARGE),
        "may_waive": user.may(Permission.WAIVE_FEES),
        "may_take": (
            row.is_open
            and found.state in PAYABLE
            and found.due_cents > 0
            and user.may(Permission.TAKE_PAYMENT)
        ),
        "may_refund": bool(returnable) and user.may(Permission.TAKE_PAYMENT),
        "estimates": [
            {"estimate": each, "lines": wording.lines(each.lines, for_staff=True)}
            for each in case.estimates.select_related("sent_by")
        ],
        "payments": presentation.with_words(
            list(case.payments.select_related("case").order_by("-started_at"))
        ),
        "ledger": [
            {
                "at": entry.at,
                "memo": entry.memo,
                "amount_cents": entry.amount_cents,
                "account_words": wording.ACCOUNTS[Account(entry.account)],
            }
            for entry in case.ledger.all()
        ],
        "waiver_text": _waiver_text(row) if found.state == FeeState.WAIVER_ASKED else "",
        "counter_form": CounterForm(),
        "decision_form": DecisionForm(),
        "nothing_form": DecisionForm(prefix="nothing"),
        "refund_form": RefundForm(choices=returnable, prefix="refund"),
    }


def _is_news(quote: Quote | None, found: selectors.FeeSummary, row: RecordsRequest, at: datetime) -> bool:
    """The same estimate is not sent twice by accident; an outdated one may be."""
    sent = found.estimate
    if quote is None or sent is None or found.state in {FeeState.WORKSHEET, FeeState.NARROWED}:
        return quote is not None
    outdated = sent.valid_until is not None and selectors.day_of(row, at) > sent.valid_until
    lines = [quoting.plain(line) for line in quote.lines]
    return (outdated and found.state == FeeState.ESTIMATE_SENT) or lines != sent.lines


def _facts(found: selectors.FeeSummary) -> list[dict[str, Any]]:
    rows = [
        {"label": "Charged", "value": dollars(found.billed_cents)},
        {"label": "Received", "value": dollars(found.paid_cents)},
        {"label": "Due", "value": dollars(found.due_cents)},
    ]
    if found.deposit_due_cents:
        rows.append({"label": "Deposit due", "value": dollars(found.deposit_due_cents)})
    if found.estimate and found.estimate.valid_until and found.state == FeeState.ESTIMATE_SENT:
        rows.append(
            {"label": "Estimate valid until", "value": presentation.spelt(found.estimate.valid_until)}
        )
    return rows


def _warnings(case: FeeCase, found: selectors.FeeSummary) -> list[str]:
    said = [
        f"{event.gateway.capitalize()} reports {dollars(event.amount_cents)} {event.currency.upper()} for a"
        f" payment of {dollars(event.payment.amount_cents if event.payment else 0)}. It does not fit, so it"
        f" did not settle the fee. Look it up there: {event.reference}."
        for event in selectors.suspicious_events(case)
    ]
    if found.overpaid_cents:
        said.append(f"{dollars(found.overpaid_cents)} was paid too much and has to be given back.")
    return said


def _refundable(case: FeeCase) -> list[tuple[str, str]]:
    money = selectors.balances(case)
    if not (money.overpaid or (case.state == FeeState.SETTLED and money.held)):
        return []
    rows = presentation.paid_rows(case)
    left = [(row, row.amount_cents - selectors.returned_cents(row)) for row in rows]
    return [
        (row.key, f"{dollars(cents)}, {presentation.way_of(row)}, {row.reference}")
        for row, cents in left
        if cents
    ]


def _waiver_text(row: RecordsRequest) -> str:
    message = row.messages.filter(
        direction=Direction.FROM_REQUESTER, body__startswith="I ask for a fee waiver"
    ).last()
    return message.body if message else ""
