"""What the staff's fee page of one request shows, gathered: its template computes nothing."""

from datetime import datetime
from typing import Any

from django.http import QueryDict

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.core.errors import BadInput, DomainError
from portal.core.money import dollars
from portal.core.time import now
from requests_app.docket.models import RecordsRequest
from requests_app.fees import (
    billing,
    casework,
    history,
    lateness,
    phrases,
    policies,
    presentation,
    quoting,
    selectors,
    wording,
)
from requests_app.fees.forms import WorksheetForm
from requests_app.fees.models import FeeCase, RefundState
from requests_app.fees.money_forms import CounterForm, DecisionForm, RefundForm, WaiverForm
from requests_app.fees.rules import FEE, PAYABLE, FeeState, is_news
from requests_app.fees.selectors import FeeSummary
from requests_app.law.fees import Quote
from requests_app.law.selectors import pack_for


def worksheet_form(row: RecordsRequest, typed: QueryDict | None = None) -> WorksheetForm:
    """This will make the worksheet's form with the fields this law counts by."""
    case = casework.case_of(row)
    first = {**WorksheetForm.initial_from(case.work), "version": case.work_version}
    if not case.work and row.record_type:
        first["record_type"] = row.record_type
    return WorksheetForm(
        typed,
        initial=first,
        law=pack_for(row).fees,
        record_type=row.record_type,
        grades=_grades(row),
        parts=[
            (each.request.key, f"{each.request.number}, {each.request.title}") for each in history.parts(row)
        ],
    )


def _grades(row: RecordsRequest) -> list[str]:
    """The grades the schedule in force has rates for; none where no schedule is in force."""
    try:
        _published, schedule = selectors.in_force(row)
    except BadInput:
        return []
    return sorted({grade for each in (schedule.rows or {}).values() for grade in each.rates})


def gather(row: RecordsRequest, user: User) -> dict[str, Any]:
    """This will gather the page with what this member of staff may do on it."""
    at = now()
    case = casework.case_of(row)
    found = selectors.summary(row)
    quote, refusal = None, ""
    try:
        quote = quoting.quote(row, at=at)
    except DomainError as error:
        refusal = str(error)
    actions = set(FEE.actions(found.state)) if row.is_open else set()
    returnable = refundable(case)
    may_charge, may_forgive = user.may(Permission.CHARGE), user.may(Permission.WAIVE_FEES)
    may_take = user.may(Permission.TAKE_PAYMENT)
    return {
        "records_request": row,
        "fee": found,
        "state": wording.STATES[found.state],
        "facts": _facts(found, case),
        "warnings": [task.words for task in selectors.open_tasks(case)],
        "form": worksheet_form(row),
        "quote": quote,
        "quote_lines": wording.lines(map(quoting.plain, quote.lines), for_staff=True) if quote else [],
        "refusal": refusal,
        "late_sentence": lateness.of(row, on=selectors.day_of(row, at)).sentence,
        "moves": actions,
        "may_edit": "send_estimate" in actions and may_charge,
        "may_send": "send_estimate" in actions and may_charge and _is_news(quote, found, row, at),
        "may_bill_work": "bill_work" in actions and may_charge and quote is not None and bool(case.agreed_id),
        "may_charge_nothing": "charge_nothing" in actions and may_charge,
        "may_waive": may_forgive,
        "owed_cents": selectors.balances(case).owed,
        "may_write_off": found.state in FEE.step("write_off").sources
        and selectors.balances(case).owed > 0
        and may_forgive,
        "may_take": found.state in PAYABLE
        and found.due_cents > 0
        and may_take
        and not selectors.ended_unserved(row),
        "may_refund": bool(returnable) and may_take,
        "refunds": _refunds(case, user),
        "estimates": [
            {"estimate": each, "lines": wording.lines(each.lines, for_staff=True)}
            for each in case.estimates.select_related("sent_by")
        ],
        "papers": list(case.invoices.all()),
        "receipts": list(case.receipts.select_related("refund")),
        "pdf_route": "fees:staff-paper",
        "invoice_route": "fees:staff-invoice",
        "payments": presentation.with_words(
            list(case.payments.select_related("case").order_by("-started_at"))
        ),
        "ledger": [
            {
                "at": entry.at,
                "memo": entry.memo,
                "rule": entry.rule,
                "amount_cents": entry.amount_cents,
                "account_words": phrases.ACCOUNTS[entry.account],
                "kind_words": phrases.KINDS[entry.kind],
            }
            for entry in case.ledger.all()
        ],
        "waiver_text": selectors.waiver_text(row) if found.state == FeeState.WAIVER_ASKED else "",
        "counter_form": CounterForm(),
        "waiver_form": WaiverForm(),
        "nothing_form": DecisionForm(prefix="nothing"),
        "write_off_form": DecisionForm(prefix="writeoff"),
        "refund_form": RefundForm(choices=returnable, prefix="refund"),
    }


def refundable(case: FeeCase) -> list[tuple[str, str]]:
    """This will list the payments money may go back from, each with how much of it is here."""
    return [
        (row.key, f"{dollars(cents)}, {presentation.way_of(row)}, {row.reference}")
        for row, cents in selectors.returnable(case)
    ]


def _refunds(case: FeeCase, user: User) -> list[dict[str, Any]]:
    return [
        {
            "refund": each,
            "may_decide": each.state == RefundState.ASKED and policies.may_decide_refund(user, each),
        }
        for each in selectors.refunds_of(case)
    ]


def _is_news(quote: Quote | None, found: FeeSummary, row: RecordsRequest, at: datetime) -> bool:
    """The same estimate is not sent twice by accident; an outdated one may be."""
    sent = found.estimate
    if quote is None or sent is None:
        return quote is not None
    return is_news(
        found.state,
        is_outdated=sent.valid_until is not None and selectors.day_of(row, at) > sent.valid_until,
        is_changed=[quoting.plain(line) for line in quote.lines] != sent.lines,
    )


def _facts(found: FeeSummary, case: FeeCase) -> list[dict[str, Any]]:
    sent = found.state == FeeState.ESTIMATE_SENT
    rows = [
        {"label": "If accepted" if sent else "Charged", "value": dollars(found.billed_cents)},
        {"label": "Received", "value": dollars(found.paid_cents)},
        {"label": "Due", "value": dollars(found.due_cents)},
    ]
    money = selectors.balances(case)
    for label, cents in (
        ("Held as deposit", money.deposits),
        ("Taken back by a bank", money.retaken),
        ("To be given back", money.overpaid),
        ("On its way back", money.reserved),
        ("Interest", money.interest),
        ("Written off", money.written_off),
    ):
        if cents:
            rows.append({"label": label, "value": dollars(cents)})
    if found.deposit_due_cents:
        rows.append({"label": "Deposit due", "value": dollars(found.deposit_due_cents)})
    if found.estimate and found.estimate.valid_until and sent:
        rows.append(
            {"label": "Estimate valid until", "value": presentation.spelt(found.estimate.valid_until)}
        )
    coming = billing.interest_to_come(case, at=now())
    if coming:
        rows.append({"label": "Interest", "value": coming})
    return rows
