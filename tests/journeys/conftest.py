"""A real browser on the real site, under the real Content-Security-Policy."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from portal.accounts.models import User
from tests.journeys.hands import Hands
from tests.journeys.looks import DESKTOP, Console
from tests.journeys.whole_way import Person

SignIn = Callable[[User], Page]
People = Callable[[User, Callable[[Page], Hands]], Person]
Browsers = Callable[[User], BrowserContext]
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_BUSY = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_BROWSERS = ("chromium", "google-chrome", "chromium-browser")

expect.set_options(timeout=30_000)  # a slow machine is no fault; what comes sooner is not waited for


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
def calm(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a closing page still asked is answered before the tables are emptied: both would deadlock.

    The site closes its connection after each answer; a worker keeps its own: then a second is all.
    """
    if request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    quiet = 0
    for _turn in range(20 if "worker" in request.fixturenames else 200):
        with connection.cursor() as cursor:
            cursor.execute(_BUSY)
            quiet = 0 if cursor.fetchone()[0] else quiet + 1
        if quiet == 4:
            return
        time.sleep(0.05)


@pytest.fixture
def new_context(calm: None, new_context: Callable[..., BrowserContext]) -> Callable[..., BrowserContext]:
    """Playwright's, whose contexts are closed before the site is waited for."""
    return new_context


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page whose console must stay quiet to the end of the test."""
    console = Console(page)
    yield page
    console.assert_quiet()


@pytest.fixture
def sign_in(page: Page, live_server: LiveServer) -> SignIn:
    """Gives a function that signs a person in; for tests whose subject is not signing in."""

    def as_user(user: User) -> Page:
        _sign_in(page.context, user, live_server.url)
        return page

    return as_user


@pytest.fixture
def browsers(new_context: Callable[..., BrowserContext], live_server: LiveServer) -> Browsers:
    """Gives a browser of her own to each person; what it complains about when offline is expected."""

    def of(user: User) -> BrowserContext:
        context = new_context()
        _sign_in(context, user, live_server.url)
        return context

    return of


@pytest.fixture
def people(new_context: Callable[..., BrowserContext], live_server: LiveServer) -> Iterator[People]:
    """Gives a function that signs a person in before a browser of her own; its console must stay quiet."""
    there: list[Person] = []

    def person(user: User, hands: Callable[[Page], Hands]) -> Person:
        context = new_context()
        _sign_in(context, user, live_server.url)
        there.append(Person(hands(context.new_page()), live_server.url))
        return there[-1]

    yield person
    for each in there:
        each.console.assert_quiet()


def _sign_in(context: BrowserContext, user: User, address: str) -> None:
    client = Client()
    client.force_login(user, backend=_BACKEND)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])
