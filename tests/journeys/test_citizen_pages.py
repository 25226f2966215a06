"""Every page of a requester in a real browser: looks, accessibility, both widths, a quiet console."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.core.time import now
from requests_app.clock import services as clock
from requests_app.correspondence import services as correspondence
from requests_app.correspondence.models import Direction, Letter
from requests_app.custody import services as custody
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition
from requests_app.intake import services as intake
from requests_app.intake.models import FormDefinition
from tests.builders import a_user, an_agency
from tests.journeys.conftest import SignIn
from tests.journeys.looks import assert_fits, examine

pytestmark = pytest.mark.django_db(transaction=True)
LONG = "https://example.org/" + "averylongword" * 12


@pytest.fixture(autouse=True)
def _forms(transactional_db: None) -> None:
    an_agency()
    intake.load_forms()


def answers(**fields: str) -> dict[str, str]:
    return {
        "what_happened": "Traffic stop outside the library",
        "incident_date": "2026-10-30",
        "start_time": "21:30",
        "end_time": "22:10",
        "place": "Elm Street at 4th Avenue",
        "record_type": "body_worn_camera",
        "requester_category": "other",
        **fields,
    }


def a_filed(requester: User, **fields: str) -> RecordsRequest:
    form = FormDefinition.objects.get(code="video", is_active=True)
    sent = answers(name="Ann Lee", email=requester.email, **fields)
    at = now() - timedelta(days=3)
    return intake.file_at_once(
        form=form, answers=sent, requester=requester, key=fields.get("place", "k"), at=at
    )[0]


def a_busy_one(requester: User) -> RecordsRequest:
    """A request with a thread, a question, a printed letter and a confirmed preservation."""
    row, clerk = a_filed(requester), a_user(Role.CLERK, name="Clara Clerk")
    task = row.preservation_tasks.get()
    custody.attest_preserved(task=task, actor=clerk, at=now(), evidence="CAD-1182")
    docket.move(request=row, action="acknowledge", actor=clerk, at=now())
    words: dict[str, Any] = {"request": row, "at": now()}
    correspondence.post_message(
        author=requester, body=f"Here is the report of the paper: {LONG}", direction=Direction.FROM_REQUESTER,
        idempotency_key="a", **words,
    )  # fmt: skip
    docket.move(request=row, action="ask_requester", actor=clerk, at=now())
    correspondence.post_message(
        author=clerk, body="Which of the two stops that night do you mean?\n\nThe one at 9 or the one at 10?",
        direction=Direction.TO_REQUESTER, idempotency_key="b", is_question=True, **words,
    )  # fmt: skip
    clock.record(request=row, type="clarification_sent", actor=clerk, at=now())
    Letter.objects.filter(request=row).update(pdf_address="derived/aa", pdf_sha256="aa")
    return row


def test_home(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url)

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_text("Why this date?").click()
    examine(page, "citizen-home")


def test_guided_form_from_choice_to_check(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url + reverse("intake:start"))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_be_focused()
    examine(page, "citizen-start-error")
    page.get_by_text("Video footage").click()
    examine(page, "citizen-start")
    page.get_by_role("button", name="Continue").click()

    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("alert")).to_be_focused()
    examine(page, "citizen-step-errors")
    given = answers()
    page.locator("#id_what_happened").fill(given["what_happened"])
    for name in ("incident_date", "start_time", "end_time"):
        page.locator(f"#id_{name}").fill(given[name])
    examine(page, "citizen-step")
    page.get_by_role("button", name="Save and continue").click()
    page.locator("#id_place").fill(LONG[:200])
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_text("Worn by an officer").click()
    examine(page, "citizen-step-radios")
    page.get_by_role("button", name="Save and continue").click()
    page.get_by_text("For myself").click()
    page.get_by_role("button", name="Save and continue").click()
    page.locator("#id_name").fill("Ann Lee")
    page.locator("#id_email").fill("ann@people.example")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()

    page.goto(live_server.url + reverse("intake:check"))

    expect(page.get_by_role("button", name="Send me the code")).to_be_visible()
    expect(page.get_by_role("link", name="Change", exact=False).first).to_be_visible()
    examine(page, "citizen-check")


def test_confirmation(page: Page, live_server: LiveServer, sign_in: SignIn) -> None:
    user = a_user()
    row = a_filed(user)
    sign_in(user)

    page.goto(live_server.url + reverse("intake:confirmation", args=[row.key]))

    expect(page.get_by_text(str(row.number)).first).to_be_visible()
    examine(page, "citizen-confirmation")


def test_list_with_drafts_and_without_anything(page: Page, live_server: LiveServer, sign_in: SignIn) -> None:
    user = a_user()
    sign_in(user)
    page.goto(live_server.url + reverse("tracking:list"))
    examine(page, "citizen-list-empty")
    a_filed(user)
    long = a_filed(user, what_happened="Crash at " + "Llanfairpwllgwyngyll" * 6, place="Oak")
    docket.move(request=long, action="withdraw", actor=user, at=now(), disposition=Disposition.WITHDRAWN)
    intake.start_draft(form=FormDefinition.objects.get(code="lpr", is_active=True), requester=user)

    page.reload()

    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    examine(page, "citizen-list")


def test_request_that_waits_for_its_requester(page: Page, live_server: LiveServer, sign_in: SignIn) -> None:
    user = a_user()
    row = a_busy_one(user)
    sign_in(user)

    page.goto(live_server.url + reverse("tracking:request", args=[row.key]))
    page.get_by_text("Why", exact=False).first.click()

    expect(page.get_by_role("heading", name="Waiting for you")).to_be_visible()
    expect(page.get_by_text("Clara Clerk")).to_have_count(0)
    examine(page, "citizen-request")
    page.locator("#id_body").fill("The one at 10.")
    page.get_by_role("button", name="Send the message").click()
    expect(page.get_by_role("status")).to_contain_text("Your message is sent.")
    assert_fits(page)


def test_withdrawing(page: Page, live_server: LiveServer, sign_in: SignIn) -> None:
    user = a_user()
    row = a_filed(user)
    sign_in(user)
    page.goto(live_server.url + reverse("tracking:request", args=[row.key]))

    page.get_by_role("link", name="Withdraw this request").click()
    examine(page, "citizen-withdraw")
    page.get_by_role("button", name="Withdraw the request").click()

    expect(page.get_by_text("You have withdrawn this request.")).to_be_visible()
    examine(page, "citizen-request-withdrawn")
