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
from tests.requests_app.fees.fee_builders import LATER, a_schedule, an_estimate, requester_of

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
        page.get_by_role("link", name="Receipt").click()
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
        page.locator("form", has=page.get_by_role("button", name="Do not waive it")).get_by_label(
            "Reason"
        ).fill("No ground.")
        page.get_by_role("button", name="Do not waive it").click()
        page.get_by_label("Pages on paper", exact=True).fill("60")
        page.get_by_role("button", name="Save and work it out").click()

        expect(page.get_by_role("button", name="Send the estimate of $52.00")).to_be_visible()
        page.get_by_role("button", name="Send the estimate of $52.00").click()
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
