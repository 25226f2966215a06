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
from tests.journeys.patience import MILLISECONDS
from tests.journeys.whole_way import Person
from tests.processes import BESIDE

SignIn = Callable[[User], Page]
People = Callable[[User, Callable[[Page], Hands]], Person]
Browsers = Callable[[User], BrowserContext]
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_BUSY = """
    SELECT count(*), count(*) FILTER (WHERE state <> 'idle') FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    AND application_name <> %s
"""
_LONGEST, _IDLE = 60, 10  # seconds
_BROWSERS = ("chromium", "google-chrome", "chromium-browser")

expect.set_options(timeout=MILLISECONDS)


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

    The site closes its connection after each answer. A worker is stopped before the tables are emptied.
    """
    if request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    quiet, began = 0, time.monotonic()
    worked = began  # a session that only stands there harms nobody, yet may be one between two questions
    while quiet < 4 and time.monotonic() < min(began + _LONGEST, worked + _IDLE):
        with connection.cursor() as cursor:
            cursor.execute(_BUSY, [BESIDE])
            there, busy = cursor.fetchone()
        quiet = 0 if there else quiet + 1
        worked = time.monotonic() if busy else worked
        time.sleep(0.05)


@pytest.fixture(scope="session")
def live_server(django_db_setup: None, live_server: LiveServer) -> LiveServer:
    """pytest-django's, which would else be ended after its database is dropped: a page may still ask it."""
    return live_server


@pytest.fixture
def new_context(calm: None, new_context: Callable[..., BrowserContext]) -> Callable[..., BrowserContext]:
    """Playwright's, whose contexts are closed before the site is waited for."""

    def patient(**wishes: Any) -> BrowserContext:
        context = new_context(**wishes)
        context.set_default_timeout(MILLISECONDS)
        return context

    return patient


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
