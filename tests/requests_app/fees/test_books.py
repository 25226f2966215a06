"""The books: day's cash, open bills by age, the general ledger, reconciliation, rules and things to do."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from portal.accounts.rules import Role
from portal.audit.models import Entry
from requests_app.fees import ledger, notices, refunds, reports, todo
from requests_app.fees.bookkeeping import Account, EntryKind
from requests_app.fees.bookkeeping import Entry as Booking
from requests_app.fees.gateways import Notice
from requests_app.fees.models import CashCount, LedgerEntry, MoneyPolicy, MoneyTask, Payment
from tests.builders import NOON, a_user, an_agency
from tests.requests_app.fees.fee_builders import LATER, a_checkout, an_accepted_estimate, pages, requester_of
from tests.requests_app.fees.money_moves import at_counter, tell

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TODAY = date(2026, 11, 2)


def signed_in(*roles: Role) -> Client:
    client = Client()
    client.force_login(a_user(*roles), backend=BACKEND)
    return client


def text(answer: object) -> str:
    body = b"".join(answer.streaming_content) if getattr(answer, "streaming", False) else answer.content  # type: ignore[attr-defined]
    return " ".join(body.decode().split()) if not getattr(answer, "streaming", False) else body.decode()


def a_day_of_money() -> None:
    """46.00 in cash, 20.00 of another 46.00 by check, 46.00 by card of which 46.00 went back."""
    clerk = a_user(Role.CLERK, name="Cleo Clerk")
    at_counter(an_accepted_estimate().case.request, 4600, "R-1", actor=clerk)
    at_counter(an_accepted_estimate().case.request, 2000, "R-2", method="cheque", actor=clerk)
    paid = a_checkout(an_accepted_estimate())
    tell(paid)
    refunds.ask(payment=paid, amount_cents=4600, reason="Ours.", actor=a_user(Role.FEE_OFFICER), at=LATER)


def test_day_adds_up_by_way_of_paying_and_by_person() -> None:
    a_day_of_money()

    report = reports.cash_day(an_agency(), TODAY)

    shown = {line.words: (line.opening, line.taken, line.returned, line.closing) for line in report.lines}
    assert shown == {
        "counter, cash": (0, 4600, 0, 4600),
        "counter, check": (0, 2000, 0, 2000),
        "demonstration, no money moved": (0, 4600, -4600, 0),
    }
    assert (report.totals.taken, report.totals.closing, report.expected_cash) == (11200, 6600, 4600)
    assert ("Cleo Clerk", 6600, 0) in report.clerks


def test_next_day_opens_with_what_was_there() -> None:
    a_day_of_money()

    report = reports.cash_day(an_agency(), TODAY + timedelta(days=1))

    assert (report.totals.opening, report.totals.taken, report.totals.closing) == (6600, 0, 6600)


def test_open_bills_are_sorted_by_age() -> None:
    estimate = an_accepted_estimate()
    an_accepted_estimate(work=pages(700), at=NOON)
    at_counter(estimate.case.request, 600)

    bills = reports.open_bills(an_agency(), TODAY + timedelta(days=45))

    assert sorted(bill.cents for bill in bills) == [4000, 7000]
    assert reports.by_age(bills)[1] == ("31 to 60 days", 2, 11000)
    assert reports.by_age(reports.open_bills(an_agency(), TODAY))[0][1:] == (2, 11000)


def test_general_ledger_proves_itself() -> None:
    a_day_of_money()

    rows = list(reports.general_ledger(an_agency(), TODAY, TODAY))
    after = list(reports.general_ledger(an_agency(), TODAY + timedelta(days=1), TODAY + timedelta(days=9)))

    assert len(rows) == LedgerEntry.objects.count() + 1
    assert rows[-1][4] == rows[-1][5]
    assert rows[-1][6] == 0
    opening = {str(row[3]): Decimal(str(row[6])) for row in after[:-1]}
    assert opening["Money: counter"] == Decimal("66.00")
    assert sum(opening.values()) == 0


@time_machine.travel(LATER, tick=True)
def test_export_is_safe_to_open_and_uses_the_citys_codes() -> None:
    agency = an_agency()
    MoneyPolicy.objects.create(agency=agency, account_codes={"cash_counter": "110-7"}, set_at=LATER)
    at_counter(an_accepted_estimate().case.request, 4600, "=cmd|' /C calc'!A0")

    answer = signed_in(Role.CLERK).get(
        reverse("fees:books-ledger"), {"begin": "2026-11-01", "end": "2026-11-30", "as": "csv"}
    )

    rows = list(csv.DictReader(io.StringIO(text(answer))))
    money = next(row for row in rows if row["Account"] == "Money: counter")
    assert (money["Account code"], money["Debit"], money["Payment reference"]) == (
        "110-7", "46.00", "'=cmd|' /C calc'!A0",
    )  # fmt: skip
    revenue = next(row for row in rows if row["Account"] == "Fees billed")
    assert (revenue["Credit"], revenue["Balance of the account"]) == ("46.00", "-46.00")
    assert Entry.objects.filter(action="fees.books_exported").count() == 1


def test_reconciliation_names_what_does_not_agree() -> None:
    payment = a_checkout(an_accepted_estimate())
    tell(payment)
    tell(a_checkout(an_accepted_estimate()), amount_cents=1)
    today = Entry.objects.order_by("-seq").values_list("at", flat=True)[0].date()

    found = {
        row["gateway"]: row for row in reports.reconciliation(an_agency(), TODAY, today + timedelta(days=1))
    }

    demo = found["Demonstration"]
    assert (demo["said_cents"], demo["booked_cents"], demo["difference_cents"]) == (4600, 4600, 0)
    assert [event.outcome for event in demo["unfitting"]] == ["wrong_amount"]


@time_machine.travel(LATER, tick=True)
@pytest.mark.parametrize("name", ["books", "books-day", "books-day-csv", "books-ledger"])
def test_books_are_for_tills_and_auditors(name: str) -> None:
    a_day_of_money()

    allowed = {role for role in Role if signed_in(role).get(reverse(f"fees:{name}")).status_code == 200}

    assert allowed == {Role.CLERK, Role.FEE_OFFICER, Role.AUDITOR, Role.ADMIN}
    assert Entry.objects.filter(action="fees.books_viewed", outcome="denied").exists()


@time_machine.travel(LATER, tick=True)
def test_pages_show_the_day_and_what_is_open(django_assert_max_num_queries: object) -> None:
    a_day_of_money()
    client = signed_in(Role.CLERK)

    with django_assert_max_num_queries(30):  # type: ignore[operator]
        page = text(client.get(reverse("fees:books")))
    day = text(client.get(reverse("fees:books-day"), {"day": "2026-11-02"}))
    odd = client.get(reverse("fees:books-day"), {"day": "not a day"})
    moved = text(client.get(reverse("fees:books-ledger")))

    assert "$26.00" in page
    assert "Cleo Clerk" in day
    assert "Cash taken this day: $46.00" in day
    assert odd.status_code == 200
    assert "Debits less credits are zero." in moved
    late = client.get(reverse("fees:books-ledger"), {"begin": "2026-12-01", "end": "2026-11-01"})
    assert (late.status_code, "comes after the last day" in text(late)) == (422, True)


@time_machine.travel(LATER, tick=True)
def test_drawer_is_counted_and_a_difference_explained() -> None:
    a_day_of_money()
    client, url = signed_in(Role.CLERK), reverse("fees:books-day")

    short = client.post(url, {"day": "2026-11-02", "counted": "45.00"})
    wrong = client.post(url, {"day": "2026-11-02", "counted": "x"})
    told = client.post(url, {"day": "2026-11-02", "counted": "45", "note": "A dollar is missing."})
    auditor = signed_in(Role.AUDITOR).post(url, {"day": "2026-11-02", "counted": "46.00"})

    assert (short.status_code, wrong.status_code, told.status_code) == (422, 422, 302)
    assert auditor.status_code == 403
    kept = CashCount.objects.get()
    assert (kept.counted_cents, kept.expected_cents) == (4500, 4600)
    with pytest.raises(IntegrityError), transaction.atomic():
        CashCount.objects.create(
            day=TODAY, counted_cents=1, expected_cents=2, counted_by=kept.counted_by, counted_at=LATER
        )


@time_machine.travel(LATER, tick=True)
def test_things_to_do_are_closed_with_what_was_done() -> None:
    tell(a_checkout(an_accepted_estimate()), amount_cents=1)
    task = MoneyTask.objects.get()
    client = signed_in(Role.CLERK)

    assert "It does not fit" in text(client.get(reverse("fees:books")))
    empty = client.post(reverse("fees:close-task", args=[task.pk]), {"how": ""})
    client.post(reverse("fees:close-task", args=[task.pk]), {"how": "Stripe gave it back."})

    assert empty.status_code == 422
    task.refresh_from_db()
    assert task.done_how == "Stripe gave it back."
    assert "Nothing about money waits" in text(client.get(reverse("fees:books")))
    with pytest.raises(todo.TaskDone):
        todo.close(task=task, how="Again.", actor=a_user(Role.CLERK), at=LATER)


def test_money_to_give_back_is_not_closed_by_words() -> None:
    estimate = an_accepted_estimate()
    online = a_checkout(estimate)
    paid = at_counter(estimate.case.request, 4600)
    tell(online)
    task = MoneyTask.objects.get(kind="refund_due")

    with pytest.raises(Exception, match="when the money is given back"):
        todo.close(task=task, how="Later.", actor=a_user(Role.CLERK), at=LATER)
    refunds.ask(
        payment=paid,
        amount_cents=4600,
        reason="Twice.",
        reference="check 1",
        actor=a_user(Role.CLERK),
        at=LATER,
    )  # fmt: skip

    task.refresh_from_db()
    assert task.done_how == "given back"


@time_machine.travel(LATER, tick=True)
def test_rules_are_set_by_whoever_sets_fees_and_kept_as_versions() -> None:
    client, url = signed_in(Role.FEE_OFFICER), reverse("fees:books-rules")
    an_agency()
    page = client.get(url)
    given = {**page.context["form"].initial, "second_person_above": "50", "interest_percent": "4.5"}

    saved = client.post(url, given)
    bad = client.post(url, {**given, "code_revenue": "=1+1", "second_person_above": "-1"})

    assert (saved.status_code, bad.status_code) == (302, 422)
    policy = MoneyPolicy.objects.get()
    assert (policy.second_person_above_cents, policy.interest_percent) == (5000, Decimal("4.500"))
    assert signed_in(Role.CLERK).get(url).status_code == 403
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        MoneyPolicy.objects.update(days_to_pay=1)


def commit(rows: list[dict[str, Any]]) -> None:
    """Write the lines, and have the database check what it checks at commit."""
    with transaction.atomic():
        for row in rows:
            LedgerEntry.objects.create(account=Account.RECEIVABLE, kind=EntryKind.BILL, at=LATER, **row)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_database_refuses_a_transaction_that_is_not_even() -> None:
    estimate = an_accepted_estimate()
    entry = LedgerEntry.objects.all()[0]

    with pytest.raises(IntegrityError, match="does not sum to zero"):
        commit([{"transaction_id": entry.transaction_id, "case": estimate.case, "amount_cents": 1}])


def test_database_refuses_a_transaction_across_two_cases_and_an_empty_line() -> None:
    first, second = an_accepted_estimate(), an_accepted_estimate()
    one = {"transaction_id": uuid4(), "case": first.case, "amount_cents": 5}

    with pytest.raises(IntegrityError, match="within one case"):
        commit([one, {**one, "case": second.case, "amount_cents": -5}])
    with pytest.raises(IntegrityError, match="ledger_no_empty_line"):
        commit([{**one, "amount_cents": 0}])
    before = LedgerEntry.objects.count()
    ledger.post(
        case=first.case, entries=[Booking(Account.REVENUE, 0)], kind=EntryKind.BILL, memo="none", at=LATER
    )
    assert LedgerEntry.objects.count() == before


def test_books_of_payments_know_what_banks_moved() -> None:
    estimate = an_accepted_estimate()
    payment = a_checkout(estimate)
    tell(payment)
    notices.book(
        gateway_name="demo", at=LATER,
        notice=Notice("evt_d", "dispute", payment.reference, 4600, item="dp_1", step="withdrawn"),
    )  # fmt: skip

    report = reports.cash_day(an_agency(), TODAY)

    assert (report.totals.taken, report.totals.banked, report.totals.closing) == (4600, -4600, 0)
    assert requester_of(estimate) == Payment.objects.get(pk=payment.pk).actor
