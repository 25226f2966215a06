"""Appeal pages, the public log and the accessibility page in a real browser."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.core.time import now
from requests_app.appeals.models import Appeal
from requests_app.docket.rules import Disposition
from tests.builders import a_request, an_agency
from tests.journeys.conftest import SignIn
from tests.journeys.looks import examine
from tests.requests_app.appeals.appeal_builders import (
    a_denied_request_by_the_clock,
    a_partly_released_request,
    an_appeal,
    an_officer,
)  # fmt: skip
from tests.requests_app.transparency.log_builders import a_closed_request, a_form

pytestmark = pytest.mark.django_db(transaction=True)


def test_requester_appeals_and_an_officer_decides(
    page: Page, live_server: LiveServer, sign_in: SignIn
) -> None:
    case = a_partly_released_request()
    assert case.requester is not None
    sign_in(case.requester)
    page.goto(live_server.url + reverse("appeals:file", args=[case.key]))
    examine(page, "appeal-form")

    page.get_by_role("button", name="File the appeal").click()

    expect(page.get_by_role("alert").first).to_contain_text("One sentence is enough")
    examine(page, "appeal-form-errors")
    page.get_by_label("Why is the decision wrong?").fill("The second camera shows a public street.")
    page.get_by_role("button", name="File the appeal").click()
    expect(page.get_by_role("heading", name="Appeal A")).to_be_visible()
    examine(page, "appeal-filed")

    appeal = Appeal.objects.get()
    sign_in(an_officer())
    page.goto(live_server.url + reverse("appeals:queue"))
    examine(page, "appeals-queue")
    page.get_by_role("link", name=appeal.number).click()
    examine(page, "appeal-detail")
    page.get_by_text("The requester is right", exact=True).click()
    page.get_by_label("Reasons").fill("A public street is no secret.")
    page.get_by_role("button", name="Decide the appeal").click()

    expect(page.get_by_role("heading", name="You are right")).to_be_visible()
    examine(page, "appeal-decided")


def test_page_of_an_appeal_with_a_legal_day_is_readable(
    page: Page, live_server: LiveServer, sign_in: SignIn
) -> None:
    an_agency(law_code="US")
    appeal = an_appeal(a_denied_request_by_the_clock())
    sign_in(appeal.appellant)

    page.goto(live_server.url + reverse("appeals:file", args=[appeal.request.key]))

    expect(page.get_by_text("The law wants our answer by")).to_be_visible()
    examine(page, "appeal-with-day")


def test_public_log_is_readable_full_and_empty(page: Page, live_server: LiveServer) -> None:
    an_agency()
    page.goto(live_server.url + reverse("transparency:log"))
    examine(page, "log-empty")
    a_form()
    for number, outcome in enumerate([*Disposition, *Disposition]):
        a_closed_request(outcome, received_at=now() - timedelta(days=25 * number + 3), days=2)
    a_request(received_at=now(), due_on=now().date() - timedelta(days=4))
    a_request(received_at=now(), due_on=now().date() + timedelta(days=4))

    cache.clear()  # the numbers are kept for a minute
    page.goto(live_server.url + reverse("transparency:log"))
    expect(page.get_by_role("img", name="Requests received and closed a month")).to_be_visible()

    examine(page, "log")


def test_accessibility_page_is_itself_accessible(page: Page, live_server: LiveServer) -> None:
    an_agency()

    page.goto(live_server.url + reverse("transparency:accessibility"))

    expect(page.get_by_role("heading", level=1)).to_have_text("Accessibility")
    examine(page, "accessibility")
