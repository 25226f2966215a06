"""The pages of the books: things to do, the day's cash, what is open, the general ledger, the rules."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, NotAllowed
from portal.core.exports import csv_lines
from portal.core.http import AuthedRequest, say
from portal.core.money import dollars
from portal.core.time import now
from requests_app.fees import phrases, policies, refunds, reports, selectors, todo
from requests_app.fees.bookkeeping import Account, Balances
from requests_app.fees.models import CashCount, MoneyPolicy, MoneyTask
from requests_app.fees.money_forms import CountForm, PeriodForm, PolicyForm, TaskForm
from requests_app.law.models import Agency
from requests_app.law.selectors import agency as the_agency

MANY = 200


@require_GET
def books(request: AuthedRequest) -> HttpResponse:
    agency = _open(request)
    today = selectors.today(agency)
    bills = reports.open_bills(agency, today)
    money = Balances.of(reports.totals(agency))
    context = {
        "tasks": MoneyTask.objects.filter(done_at=None).select_related("case__request", "refund")[:MANY],
        "task_form": TaskForm(auto_id=False),
        "may_act": request.user.may(Permission.TAKE_PAYMENT),
        "may_set": request.user.may(Permission.PUBLISH_SCHEDULES),
        "ages": reports.by_age(bills),
        "bills": bills[:MANY],
        "money": money,
        "today": today,
        "period_form": _period_form(today),
    }
    return render(request, "fees/books.html", context)


@require_POST
def close_task(request: AuthedRequest, pk: int) -> HttpResponse:
    _open(request)
    task = get_object_or_404(MoneyTask.objects.select_related("case__request"), pk=pk)
    form = TaskForm(request.POST)
    if not form.is_valid():
        raise BadInput("Say what you did about it; it is kept. Nothing was changed.")
    todo.close(task=task, how=form.cleaned_data["how"], actor=request.user, at=now())
    say(request, "Done.")
    return redirect("fees:books")


@require_http_methods(["GET", "POST"])
def day(request: AuthedRequest) -> HttpResponse:
    agency = _open(request)
    form = None
    if request.method == "POST":
        policies.require(request.user, Permission.TAKE_PAYMENT)
        form = CountForm(request.POST)
        if form.is_valid():
            try:
                _count(request, agency, form.cleaned_data)
            except BadInput as error:
                form.add_error("note", str(error))
            else:
                say(request, "The count is kept.")
                return redirect(f"{request.path}?day={form.cleaned_data['day'].isoformat()}")
    on = _day(request.POST.get("day") or request.GET.get("day", ""), selectors.today(agency))
    report = reports.cash_day(agency, on)
    context = {
        "report": report,
        "agency": agency,
        "count_form": form or CountForm(initial={"day": on}),
        "counts": CashCount.objects.filter(day=on).select_related("counted_by"),
        "may_act": request.user.may(Permission.TAKE_PAYMENT),
        "before": on - timedelta(days=1),
        "after": on + timedelta(days=1),
    }
    return render(request, "fees/books_day.html", context, status=422 if form and form.errors else 200)


@require_GET
def day_csv(request: AuthedRequest) -> HttpResponseBase:
    agency = _open(request)
    on = _day(request.GET.get("day", ""), selectors.today(agency))
    report = reports.cash_day(agency, on)
    header = ("Day", "Way of paying", "Opening", "Taken", "Given back", "Moved by banks", "Closing")
    cells = [
        (
            on,
            line.words,
            *map(reports.plain, (line.opening, line.taken, line.returned, line.banked, line.closing)),
        )
        for line in report.lines
    ]
    return _download(request, csv_lines(header, cells), f"cash-{on.isoformat()}.csv")


@require_GET
def general_ledger(request: AuthedRequest) -> HttpResponseBase:
    """The period on a page with its sums, or all of it as a file."""
    agency = _open(request)
    form = PeriodForm(request.GET) if "begin" in request.GET else _period_form(selectors.today(agency))
    if form.is_bound and not form.is_valid():
        return render(request, "fees/books_ledger.html", {"period_form": form}, status=422)
    data = form.cleaned_data if form.is_bound else form.initial
    begin, end = data["begin"], data["end"]
    if request.GET.get("as") == "csv":
        rows = reports.general_ledger(agency, begin, end)
        name = f"ledger-{begin.isoformat()}-{end.isoformat()}.csv"
        return _download(request, csv_lines(reports.LEDGER_HEADER, rows), name)
    moved, names = reports.movements(agency, begin, end), reports.codes(agency)
    rows_shown = [
        {
            "code": names[account],
            "words": phrases.ACCOUNTS[account],
            "debit_cents": max(moved.get(account, 0), 0),
            "credit_cents": max(-moved.get(account, 0), 0),
        }
        for account in Account
        if moved.get(account)
    ]
    context = {
        "period_form": form,
        "rows": rows_shown,
        "begin": begin,
        "end": end,
        "sum_cents": sum(moved.values()),
        "debits": sum(row["debit_cents"] for row in rows_shown),
        "credits": sum(row["credit_cents"] for row in rows_shown),
        "services": reports.reconciliation(agency, begin, end),
    }
    return render(request, "fees/books_ledger.html", context)


@require_http_methods(["GET", "POST"])
def rules(request: AuthedRequest) -> HttpResponse:
    """The agency's own rules for its money. A change is a new row; what was billed before keeps its terms."""
    agency = _open(request, Permission.PUBLISH_SCHEDULES)
    form = PolicyForm(request.POST or None, initial=_policy_now(agency))
    if request.method == "POST" and form.is_valid():
        _set_policy(request, agency, form)
        say(request, "The rules are kept. They hold from now on.")
        return redirect("fees:books-rules")
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "fees/books_rules.html", {"form": form}, status=status)


@transaction.atomic
def _set_policy(request: AuthedRequest, agency: Agency, form: PolicyForm) -> None:
    data = form.cleaned_data
    made = MoneyPolicy.objects.create(
        agency=agency,
        second_person_above_cents=data["second_person_above"],
        days_to_pay=data["days_to_pay"],
        interest_percent=data["interest_percent"],
        account_codes=form.codes(),
        set_by=request.user,
        set_at=now(),
    )
    audit.record(action="fees.policy_set", actor=request.user, subject=made, detail={"version": made.pk})


@transaction.atomic
def _count(request: AuthedRequest, agency: Agency, data: dict[str, Any]) -> None:
    expected = reports.cash_day(agency, data["day"]).expected_cash
    if data["counted"] != expected and not data["note"].strip():
        raise BadInput(f"{dollars(expected)} was expected. Say why the count differs.")
    made = CashCount.objects.create(
        day=data["day"], counted_cents=data["counted"], expected_cents=expected, note=data["note"].strip(),
        counted_by=request.user, counted_at=now(),
    )  # fmt: skip
    audit.record(
        action="fees.cash_counted", actor=request.user, subject=made,
        detail={"counted": made.counted_cents, "expected": expected},
    )  # fmt: skip


def _policy_now(agency: Agency) -> dict[str, Any]:
    decided = selectors.policy(agency)
    limit = decided.second_person_above_cents if decided else refunds.SECOND_PERSON_ABOVE
    return {
        "second_person_above": reports.plain(limit),
        "days_to_pay": decided.days_to_pay if decided else 30,
        "interest_percent": decided.interest_percent if decided else None,
        **{f"code_{account}": code for account, code in reports.codes(agency).items()},
    }


def _open(request: AuthedRequest, needed: Permission | None = None) -> Agency:
    """Every look into the books is audited, also a refused one."""
    agency = the_agency()
    try:
        if needed is not None:
            policies.require(request.user, needed)
        else:
            policies.require_books(request.user)
    except NotAllowed:
        audit.record_denied(
            action="fees.books_viewed", actor=request.user, subject=agency, why=NotAllowed.code
        )
        raise
    audit.record(action="fees.books_viewed", actor=request.user, subject=agency)
    return agency


def _period_form(today: date) -> PeriodForm:
    return PeriodForm(initial={"begin": today.replace(day=1), "end": today})


def _day(typed: str, otherwise: date) -> date:
    try:
        found = date.fromisoformat(typed)
    except ValueError:
        return otherwise
    return found if 2000 <= found.year <= 2200 else otherwise


def _download(request: AuthedRequest, lines: Any, name: str) -> StreamingHttpResponse:
    audit.record(
        action="fees.books_exported", actor=request.user, subject=the_agency(), detail={"file": name}
    )
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
