"""The fee pages in a real browser: the requester decides and pays, staff quote and publish."""

import pytest
import time_machine
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.accounts.rules import Role
from requests_app.fees import services
from tests.builders import a_user
from tests.journeys.conftest import SignIn
from tests.journeys.looks import examine
from tests.requests_app.fees.fee_builders import (
    LATER,
    a_checkout,
    a_schedule,
    an_accepted_estimate,
    an_estimate,
    requester_of,
)
from tests.requests_app.fees.money_moves import at_counter, tell

pytestmark = pytest.mark.django_db(transaction=True)


def test_requester_accepts_and_pays(page: Page, live_server: LiveServer, sign_in: SignIn) -> None:
    with time_machine.travel(LATER, tick=True):
        estimate = an_estimate()
        sign_in(requester_of(estimate))
        page.goto(live_server.url + reverse("fees:page", args=[estimate.case.request.key]))
        examine(page, "fees-decide")

        page.get_by_role("button", name="Accept $46.00").click()
        page.get_by_role("button", name="Pay $46.00: Demonstration").click()
        examine(page, "fees-demo-checkout")
        page.get_by_role("button", name="Pretend to pay $46.00").click()
        expect(page.get_by_text("Everything is paid.")).to_be_visible()
        examine(page, "fees-paid")
        page.get_by_role("link", name="Statement").click()
        examine(page, "fees-statement")
        page.get_by_role("link", name="Look I26-00001").click()
        examine(page, "fees-invoice")
        page.go_back()
        expect(page.get_by_role("link", name="Look I26-00001")).to_be_visible()
        page.go_back()
        page.get_by_role("link", name="Receipt $46.00").click()
        examine(page, "fees-receipt")
        page.goto(live_server.url + reverse("fees:public-schedule"))
        examine(page, "fees-public")


def test_staff_work_the_fee_out(page: Page, live_server: LiveServer, sign_in: SignIn) -> None:
    with time_machine.travel(LATER, tick=True):
        estimate = an_estimate()
        services.ask_waiver(estimate=estimate, actor=requester_of(estimate), at=LATER, text="It is news.")
        sign_in(a_user(Role.FEE_OFFICER))
        page.goto(live_server.url + reverse("fees:worksheet", args=[estimate.case.request.key]))
        examine(page, "fees-worksheet-waiver")
        page.get_by_label("Share of the fee that is waived, in percent").fill("0")
        page.get_by_label("Test that was applied").fill("Whether it serves the public.")
        page.get_by_label("Reasons").fill("No ground.")
        page.get_by_role("button", name="Decide and send the letter").click()
        expect(page.get_by_role("button", name="Decide and send the letter")).to_have_count(0)
        page.get_by_label("Pages on paper", exact=True).fill("60")
        page.get_by_role("button", name="Save and work it out").click()

        expect(page.get_by_role("button", name="Send the estimate of $52.00")).to_be_visible()
        page.get_by_role("button", name="Send the estimate of $52.00").click()
        expect(page.get_by_role("button", name="Send the estimate")).to_have_count(0)
        examine(page, "fees-worksheet")


def test_schedules_are_tried_out(page: Page, live_server: LiveServer, sign_in: SignIn) -> None:
    with time_machine.travel(LATER, tick=True):
        a_schedule()
        draft = a_schedule(published=False)
        sign_in(a_user(Role.ADMIN))
        page.goto(live_server.url + reverse("fees:schedules"))
        examine(page, "fees-schedules")
        page.goto(live_server.url + reverse("fees:schedule-new"))
        examine(page, "fees-schedule-form")
        page.goto(live_server.url + reverse("fees:schedule", args=[draft.pk]))
        page.get_by_role("button", name="Work it out").click()

        tried = page.get_by_role("region", name="What this work would cost")
        expect(tried.get_by_text("$30.00")).to_be_visible()
        examine(page, "fees-schedule")


def test_books_are_kept(page: Page, live_server: LiveServer, sign_in: SignIn) -> None:
    with time_machine.travel(LATER, tick=True):
        paid, owing, twice = an_accepted_estimate(), an_accepted_estimate(), an_accepted_estimate()
        officer = a_user(Role.FEE_OFFICER)
        at_counter(paid.case.request, 4600, actor=officer)
        at_counter(owing.case.request, 1000, "R-2", actor=officer)
        online = a_checkout(twice)
        at_counter(twice.case.request, 4600, "R-3", actor=officer)
        tell(online)
        tell(a_checkout(owing), amount_cents=1)
        sign_in(officer)

        page.goto(live_server.url + reverse("fees:books"))
        examine(page, "fees-books")
        page.get_by_label("What you did about it").fill("It was a test of the service.")
        page.get_by_role("button", name="Done").click()
        expect(page.get_by_text("It does not fit")).to_have_count(0)
        page.get_by_role("link", name="The day's cash").click()
        page.get_by_label("Cash counted, in dollars").fill("102.00")
        examine(page, "fees-books-day")
        page.get_by_role("button", name="Keep this count").click()
        expect(page.get_by_text("$102.00 ($102.00 expected)")).to_be_visible()
        page.goto(live_server.url + reverse("fees:books-ledger"))
        expect(page.get_by_text("Debits less credits are zero.")).to_be_visible()
        examine(page, "fees-books-ledger")
        page.goto(live_server.url + reverse("fees:books-rules"))
        examine(page, "fees-books-rules")
        page.goto(live_server.url + reverse("fees:worksheet", args=[twice.case.request.key]))
        examine(page, "fees-worksheet-overpaid")
