"""A real browser on the real site, under the real Content-Security-Policy."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, Request
from pytest_django.live_server_helper import LiveServer

from portal.accounts.models import User
from tests.journeys.looks import DESKTOP, Console

SignIn = Callable[[User], Page]
_BROWSERS = ("chromium", "google-chrome", "chromium-browser")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's own Chromium (or ``CHROMIUM=path``); Playwright's, where neither is there."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _BROWSERS)), None)
    chosen = {"executable_path": found} if found else {}
    return {**browser_type_launch_args, **chosen, "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "viewport": {"width": DESKTOP, "height": 900},
        "locale": "en-US",
        "timezone_id": "America/Chicago",
    }


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page whose console must stay quiet to the end of the test."""
    console = Console(page)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if request.resource_type == "fetch" else None)
    answered: set[Request] = set()
    page.on("requestfinished", lambda request: answered.add(request))
    page.on("requestfailed", lambda request: answered.add(request))
    yield page
    # what the page still asks must not meet the emptying of the tables
    for _turn in range(20):
        if page.is_closed() or set(asked) <= answered:
            break
        page.wait_for_timeout(50)
    console.assert_quiet()


@pytest.fixture
def sign_in(page: Page, live_server: LiveServer) -> SignIn:
    """Gives a function that signs a person in; for tests whose subject is not signing in."""

    def as_user(user: User) -> Page:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": live_server.url}]
        )
        return page

    return as_user
