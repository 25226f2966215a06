"""Deadlines in a browser: the public calculator, the calendar, and a closed day from proposal to approval."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.accounts.rules import Role
from portal.core.time import now
from requests_app.clock import services, tasks
from tests.abuse.canary_case import work
from tests.builders import a_request, a_user, an_agency
from tests.journeys.conftest import SignIn
from tests.journeys.looks import examine

pytestmark = pytest.mark.django_db(transaction=True)
assert tasks.NIGHTLY  # a worker has the handlers from Celery


def test_anybody_counts_a_deadline_without_signing_in(page: Page, live_server: LiveServer) -> None:
    an_agency()
    page.goto(f"{live_server.url}/deadlines/")
    examine(page, "deadlines-ask")

    page.get_by_label("Date the request was received").fill("2026-11-02")
    page.get_by_label("What happened").first.select_option("clarification_sent")
    page.get_by_role("button", name="Count the days").click()
    examine(page, "deadlines-fault")
    expect(page.get_by_role("alert")).to_contain_text("Write the date on which this happened")

    page.get_by_label("What happened").first.select_option("")
    page.get_by_role("button", name="Count the days").click()
    expect(page.get_by_role("main")).to_contain_text("Tuesday, November 17, 2026")
    examine(page, "deadlines-answer")


def test_anybody_reads_which_days_count(page: Page, live_server: LiveServer) -> None:
    an_agency()

    page.goto(f"{live_server.url}/deadlines/calendar/")

    expect(page.get_by_role("heading", level=1)).to_have_text("Days that count")
    examine(page, "deadlines-calendar")


def test_closed_day_is_proposed_seen_and_approved(sign_in: SignIn, live_server: LiveServer) -> None:
    row = a_request(received_at=now())
    services.refresh_due(row)
    before = row.due_on
    assert before is not None
    page = sign_in(a_user(Role.ADMIN, Role.CLERK))
    page.goto(f"{live_server.url}/desk/calendar/")
    examine(page, "desk-calendar")

    page.get_by_text("Propose a closed day").click()
    page.get_by_label("Day", exact=True).fill(before.isoformat())
    page.get_by_label("Why", exact=False).first.fill("Burst pipe")
    page.get_by_role("button", name="Propose").click()
    work()
    page.reload()
    expect(page.get_by_role("table")).to_contain_text(row.number or "")
    examine(page, "desk-calendar-change")
    page.get_by_role("textbox", name="Why you approve", exact=False).fill("Nobody else is here to decide it")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("main")).to_contain_text("Nobody else is here to decide it")
    work()
    page.reload()

    expect(page.get_by_role("main")).to_contain_text("1 open request has been counted anew")
    row.refresh_from_db()
    assert row.due_on is not None
    assert row.due_on > before
    page.goto(f"{live_server.url}/desk/requests/{row.key}/")
    page.get_by_text("What can be done to this date now").click()
    page.get_by_text("Facts the dates depend on").click()
    examine(page, "desk-request-clocks")
