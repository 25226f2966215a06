"""Ways in that must stay shut: throttles, sessions that never end, staff at the public door."""

import re
import time
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from allauth.account.internal.flows import login
from allauth.mfa.models import Authenticator
from django.conf import settings as project
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.throttling import AnonRateThrottle

from portal.accounts import services
from portal.accounts.rules import Role
from portal.settings import base
from tests.builders import a_user, an_agency

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TOKEN = "/api/v1/auth/token/"
WORD = "a long enough passphrase"


@pytest.fixture(autouse=True)
def _agency() -> None:
    an_agency()


def test_throttle_is_not_talked_out_of_by_a_forwarded_header() -> None:
    throttle = AnonRateThrottle.__new__(AnonRateThrottle)
    requests = [
        APIRequestFactory().post(TOKEN, headers={"X-Forwarded-For": f"203.0.113.{number}"})
        for number in range(3)
    ]

    assert {throttle.get_ident(request) for request in requests} == {"127.0.0.1"}


def test_guesses_at_one_account_end_wherever_they_come_from(settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    cache.clear()
    client, email = APIClient(), a_user(Role.CLERK, password=WORD).email

    answers = [
        client.post(
            TOKEN,
            {"email": email, "password": WORD, "code": f"x{number:05}"},  # never right by luck
            format="json",
            REMOTE_ADDR=f"203.0.113.{number}",
        ).status_code
        for number in range(7)
    ]

    assert answers == [401] * 5 + [429] * 2


def test_codes_by_mail_are_few_an_hour() -> None:
    assert base.ACCOUNT_RATE_LIMITS["request_login_code"] == "20/m/ip,6/h/key"


@pytest.fixture
def session_at(mailoutbox: list[EmailMessage]) -> Callable[[float], Client]:
    """Gives somebody who signed in by code so many hours ago and has been busy since."""

    def hours_ago(hours: float) -> Client:
        client = Client()
        asked = client.post(reverse("account_request_login_code"), {"email": a_user().email})
        code = re.findall(r"^\d{6}$", str(mailoutbox[-1].body), re.MULTILINE)[0]
        with patch.object(login.time, "time", return_value=time.time() - hours * 3600):
            client.post(asked["Location"], {"code": code})
        return client

    return hours_ago


@pytest.mark.parametrize("path", ["/my/requests/", "/api/v1/requests/"])
def test_session_ends_twelve_hours_after_signing_in_however_busy(
    session_at: Callable[[float], Client], path: str
) -> None:
    client = session_at(12.01)

    answer = client.get(path)

    assert answer.status_code in {302, 401}
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("path", ["/my/requests/", "/api/v1/requests/"])
def test_session_of_eleven_hours_goes_on(session_at: Callable[[float], Client], path: str) -> None:
    client = session_at(11)

    assert client.get(path).status_code == 200


def test_public_process_lets_no_staff_in_by_page_or_api(settings: Any) -> None:
    user = a_user(Role.CLERK)
    client, programs = Client(), APIClient()
    client.force_login(user, backend=BACKEND)
    _row, token = services.issue_token(user=user)
    programs.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert programs.get("/api/v1/queue/").status_code == 200

    settings.ROLE = "public"

    assert programs.get("/api/v1/queue/").status_code == 403
    assert client.get(reverse("tracking:list")).status_code == 302
    assert "_auth_user_id" not in client.session


def test_token_of_staff_without_a_second_factor_opens_nothing() -> None:
    user = a_user(Role.CLERK)
    _row, token = services.issue_token(user=user)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    assert client.get("/api/v1/queue/").status_code == 200

    Authenticator.objects.filter(user=user).delete()

    assert client.get("/api/v1/queue/").status_code == 403


def test_addresses_with_keys_and_tokens_are_told_to_no_other_site(client: Client) -> None:
    assert project.SECURE_REFERRER_POLICY == "same-origin"
    assert client.get(reverse("release:check"))["Referrer-Policy"] == "same-origin"


def test_requester_has_no_password_to_change_or_to_set(client: Client) -> None:
    client.force_login(a_user(), backend=BACKEND)

    changing = client.get("/account/password/change/")
    setting = client.post("/account/password/set/", {"password1": WORD, "password2": WORD})

    assert (changing.status_code, changing["Location"]) == (302, "/account/password/set/")
    assert (setting.status_code, setting["Location"]) == (302, "/")
