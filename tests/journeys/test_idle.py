"""A desk left alone: a warning with a way to stay, then out."""

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.accounts.rules import Role
from redaction.plans.models import Plan
from tests.builders import a_user, an_agency
from tests.journeys.conftest import SignIn
from tests.journeys.hands import press
from tests.journeys.looks import examine
from tests.redaction.plans.plan_builders import a_plan, a_review
from tests.requests_app.custody.record_builders import a_pdf, a_record

pytestmark = pytest.mark.django_db(transaction=True)
A_FILM = """() => {
    const film = document.createElement("video");
    Object.defineProperty(film, "paused", { get: () => Boolean(film.stands) });
    document.body.append(film);
    setInterval(() => film.dispatchEvent(new Event("timeupdate")), 10_000);
}"""


@pytest.fixture
def desk(page: Page, live_server: LiveServer, sign_in: SignIn) -> Page:
    an_agency()
    page.clock.install()
    sign_in(a_user(Role.CLERK))
    page.goto(live_server.url + reverse("mfa_index"))
    return page


def test_nobody_is_disturbed_while_working(desk: Page) -> None:
    desk.clock.run_for("20:00")
    desk.keyboard.press("Tab")

    desk.clock.run_for("20:00")

    expect(desk.get_by_role("dialog")).to_be_hidden()


def test_warning_lets_the_person_stay(desk: Page) -> None:
    desk.clock.run_for("28:05")  # the two minutes that are left go by while the page is looked at
    expect(desk.get_by_role("dialog", name="Are you still there?")).to_be_visible()
    examine(desk, "idle-warning")

    desk.get_by_role("button", name="Stay signed in").click()

    desk.clock.run_for("10:00")
    expect(desk.get_by_role("dialog")).to_be_hidden()
    expect(desk.get_by_role("heading", name="Sign-in settings")).to_be_visible()


def test_watching_a_film_is_work_for_an_hour(desk: Page) -> None:
    desk.evaluate(A_FILM)

    desk.clock.run_for("59:00")
    expect(desk.get_by_role("dialog")).to_be_hidden()

    desk.clock.run_for("29:15")  # it counted for a minute more; what looking takes is added
    expect(desk.get_by_role("dialog", name="Are you still there?")).to_be_visible()


def test_a_film_that_stands_still_keeps_nobody_signed_in(desk: Page) -> None:
    desk.evaluate(A_FILM)
    desk.evaluate("() => document.querySelector('video').stands = true")

    desk.clock.run_for("28:30")

    expect(desk.get_by_role("dialog", name="Are you still there?")).to_be_visible()


def test_marks_not_saved_when_the_desk_is_signed_out_come_back(
    page: Page, live_server: LiveServer, sign_in: SignIn
) -> None:
    an_agency()
    analyst = a_user(Role.ANALYST)
    record = a_record(content=a_pdf("Words"), name="report.pdf", title="Report")
    box = {"id": "box-1", "kind": "box", "page": 1, "rect": [72, 90, 200, 110], "reason": "MINOR"}
    a_plan(review=a_review(record), marks={"version": 1, "marks": [box]})
    address = live_server.url + reverse("workbench:work", args=[record.key])
    page = sign_in(analyst).context.new_page()  # of its own: the browser may complain of what is out of reach
    page.clock.install()
    page.route("**/work/plan/", lambda route: route.abort())  # the server is out of reach for the marks alone
    page.goto(address)
    expect(page.locator("html[data-workbench=ready]")).to_be_attached(timeout=60_000)
    page.locator("#mark-row-box-1").click()
    field = page.get_by_label("Note for colleagues")
    field.fill("seen before lunch")
    press(field, "Tab")
    expect(page.locator("[data-part=saved]")).to_contain_text("Your marks are kept here", timeout=60_000)

    page.clock.fast_forward("30:10")
    page.clock.run_for("00:10")
    expect(page).to_have_url(live_server.url + reverse("home"), timeout=60_000)
    page.unroute("**/work/plan/")
    sign_in(analyst)
    page.goto(address)
    question = page.get_by_role("dialog", name="Unsaved changes were kept in this browser")
    expect(question).to_contain_text("Box: page 1", timeout=60_000)
    question.get_by_role("button", name="Take them up").click()

    expect(page.locator("[data-part=saved]")).to_contain_text("saved", timeout=60_000)
    page.wait_for_function(
        "() => !Object.keys(localStorage).some((key) => key.startsWith('daylight-unsaved:'))", timeout=60_000
    )
    assert Plan.objects.latest("version").marks["marks"][0]["note"] == "seen before lunch"


def test_desk_left_alone_is_signed_out(desk: Page, live_server: LiveServer) -> None:
    desk.clock.run_for("30:10")

    expect(desk).to_have_url(live_server.url + reverse("home"))
    assert settings.SESSION_COOKIE_NAME not in {cookie["name"] for cookie in desk.context.cookies()}
