"""Sign-in pages in a real browser: how they look, what they say when something is wrong, and the keyboard."""

import re
from collections.abc import Callable

import pytest
from django.core.mail import EmailMessage
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.accounts.rules import Role
from tests.builders import a_user, an_agency
from tests.journeys.axe import violations
from tests.journeys.conftest import SignIn
from tests.journeys.looks import Console, assert_fits, examine

NewContext = Callable[[], BrowserContext]
INLINE_SCRIPT = "document.body.append(Object.assign(document.createElement('script'), {textContent: '1'}))"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("name", ["account_login", "account_request_login_code"])
def test_sign_in_page_is_accessible_at_both_widths(page: Page, live_server: LiveServer, name: str) -> None:
    an_agency()

    page.goto(live_server.url + reverse(name))

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    examine(page, name.replace("_", "-"))


def test_wrong_password_moves_focus_to_the_summary_and_its_link_to_the_field(
    page: Page, live_server: LiveServer
) -> None:
    an_agency()
    page.goto(live_server.url + reverse("account_login"))

    page.get_by_role("button", name="Continue").click()

    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^Error: "))
    summary.get_by_role("link").first.click()
    expect(page.locator("#id_login")).to_be_focused()
    expect(page.locator("#id_login")).to_have_accessible_description(re.compile("required"))
    examine(page, "account-login-errors")


def test_staff_give_a_password_then_a_code_and_are_told_when_the_code_is_wrong(
    page: Page, live_server: LiveServer
) -> None:
    an_agency()
    user = a_user(Role.CLERK, password="a long enough passphrase")
    page.goto(live_server.url + reverse("account_login"))

    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill("a long enough passphrase")
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", name="Enter your authenticator code")).to_be_visible()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_focused()
    examine(page, "mfa-authenticate-errors")


def test_staff_door_never_sends_a_code_by_e_mail(
    page: Page, live_server: LiveServer, mailoutbox: list[EmailMessage]
) -> None:
    an_agency()
    user = a_user(Role.CLERK, password="a long enough passphrase")
    page.goto(live_server.url + reverse("account_login"))

    page.get_by_label("Email").fill(user.email)
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("alert")).to_contain_text("Password: This field is required.")
    assert not mailoutbox


def test_unknown_address_reaches_the_code_page_too(page: Page, live_server: LiveServer) -> None:
    an_agency()
    page.goto(live_server.url + reverse("account_request_login_code"))

    page.locator("#id_email").fill("nobody@people.example")
    page.get_by_role("button", name="Send me a code").click()

    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()
    expect(page.locator("input[autocomplete=one-time-code]")).to_be_editable()
    examine(page, "account-confirm-code")


def test_staff_without_second_factor_is_led_to_set_one_up(
    page: Page, live_server: LiveServer, sign_in: SignIn
) -> None:
    an_agency()
    sign_in(a_user(Role.CLERK, mfa=False))

    page.goto(live_server.url + reverse("mfa_activate_totp"))

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    examine(page, "mfa-set-up")


def test_skip_link_is_first_and_leads_to_the_main_part(page: Page, live_server: LiveServer) -> None:
    an_agency()
    page.goto(live_server.url + reverse("account_login"))

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#main")).to_be_focused()


def test_gate_finds_a_picture_without_words(page: Page, live_server: LiveServer) -> None:
    an_agency()
    page.goto(live_server.url + reverse("account_login"))
    page.evaluate("document.querySelector('main').append(new Image(10, 10))")

    found = violations(page)

    assert "image-alt" in [violation["id"] for violation in found]


def test_gate_finds_a_page_wider_than_its_window(page: Page, live_server: LiveServer) -> None:
    an_agency()
    page.goto(live_server.url + reverse("account_login"))
    page.evaluate("document.querySelector('main').style.width = '3000px'")

    with pytest.raises(AssertionError, match="wider than the window"):
        assert_fits(page, patience=100)


def test_gate_finds_a_script_the_policy_blocks(live_server: LiveServer, new_context: NewContext) -> None:
    an_agency()
    fresh = new_context().new_page()
    console = Console(fresh)
    fresh.goto(live_server.url + reverse("account_login"))

    with fresh.expect_console_message(lambda message: message.type == "error"):
        fresh.evaluate(INLINE_SCRIPT)

    with pytest.raises(AssertionError, match="Content Security Policy"):
        console.assert_quiet()
