"""A desk left alone: a warning with a way to stay, then out."""

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.accounts.rules import Role
from tests.builders import a_user, an_agency
from tests.journeys.conftest import SignIn
from tests.journeys.looks import examine

pytestmark = pytest.mark.django_db(transaction=True)


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
    desk.clock.run_for("28:30")
    expect(desk.get_by_role("dialog", name="Are you still there?")).to_be_visible()
    examine(desk, "idle-warning")

    desk.get_by_role("button", name="Stay signed in").click()

    desk.clock.run_for("10:00")
    expect(desk.get_by_role("dialog")).to_be_hidden()
    expect(desk.get_by_role("heading", name="Sign-in settings")).to_be_visible()


def test_desk_left_alone_is_signed_out(desk: Page, live_server: LiveServer) -> None:
    desk.clock.run_for("30:10")

    expect(desk).to_have_url(live_server.url + reverse("home"))
    assert settings.SESSION_COOKIE_NAME not in {cookie["name"] for cookie in desk.context.cookies()}
