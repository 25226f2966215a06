"""The two doors: a code by e-mail for requesters; password and authenticator for staff."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import time_machine
from allauth.core.context import request_context
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.mail import EmailMessage
from django.test import Client, RequestFactory
from django.urls import reverse
from rest_framework.test import APIClient

from portal.accounts import services
from portal.accounts.adapters import AccountAdapter
from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from tests.builders import a_user, an_agency

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
WORD = "a long enough passphrase"
TOKEN = "/api/v1/auth/token/"


@pytest.fixture(autouse=True)
def _agency() -> None:
    an_agency()


@pytest.fixture(autouse=True)
def _no_code_ends_on_its_way() -> Iterator[None]:
    """An authenticator's code is refused in the thirty seconds after its own."""
    with time_machine.travel(datetime.now(UTC), tick=False):
        yield


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def code_now(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def another_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def staff_with_secret(*roles: Role) -> tuple[User, str]:
    user, secret = a_user(*(roles or (Role.CLERK,)), mfa=False, password=WORD), generate_totp_secret()
    TOTP.activate(user, secret)
    return user, secret


def ask_for_code(client: Client, email: str) -> str:
    response = client.post(reverse("account_request_login_code"), {"email": email})
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def test_requester_signs_in_with_the_mailed_code(client: Client, mailoutbox: list[EmailMessage]) -> None:
    user = a_user()
    confirm = ask_for_code(client, user.email)
    code = re.findall(r"^\d{6}$", str(mailoutbox[0].body), re.MULTILINE)[0]

    response = client.post(confirm, {"code": code})

    assert response["Location"] == reverse("tracking:list")
    assert client.get(reverse("tracking:list")).status_code == 200
    assert Entry.objects.get(action="account.signed_in").actor == user


def test_account_mails_are_in_the_language_of_the_account_else_of_the_browser(
    client: Client, mailoutbox: list[EmailMessage]
) -> None:
    ask_for_code(client, a_user(language="es").email)
    client.logout()
    spanish = {"Accept-Language": "es-MX,es;q=0.9"}
    client.post(reverse("account_request_login_code"), {"email": "nobody@people.example"}, headers=spanish)
    client.logout()
    client.post(reverse("account_request_login_code"), {"email": a_user().email}, headers=spanish)

    code, unknown, english = mailoutbox
    assert "Su código es" in str(code.body)
    assert code.subject.startswith("Su código para el portal de documentos")
    assert "No se le puede enviar un código" in str(unknown.body)
    assert "Your code is" in str(english.body)


def test_account_mail_nobody_wrote_in_spanish_goes_out_in_english(rf: RequestFactory) -> None:
    user = a_user(language="es")
    context = {"user": user, "current_site": SimpleNamespace(name="Portal")}

    with request_context(rf.get("/")):
        mail = AccountAdapter().render_mail("account/email/password_changed", user.email, context)

    assert "your password has been changed" in str(mail.body).lower()


def test_code_is_not_in_the_subject(client: Client, mailoutbox: list[EmailMessage]) -> None:
    ask_for_code(client, a_user().email)

    assert not re.search(r"\d{6}", str(mailoutbox[0].subject))


def test_wrong_code_signs_nobody_in(client: Client, mailoutbox: list[EmailMessage]) -> None:
    confirm = ask_for_code(client, a_user().email)
    right = re.findall(r"^\d{6}$", str(mailoutbox[0].body), re.MULTILINE)[0]

    for _ in range(6):
        client.post(confirm, {"code": another_than(right)})
    client.post(confirm, {"code": right})

    assert "_auth_user_id" not in client.session


def test_code_works_once(client: Client, mailoutbox: list[EmailMessage]) -> None:
    confirm = ask_for_code(client, a_user().email)
    code = re.findall(r"^\d{6}$", str(mailoutbox[0].body), re.MULTILINE)[0]
    client.post(confirm, {"code": code})
    client.post(reverse("account_logout"))

    client.post(confirm, {"code": code})

    assert "_auth_user_id" not in client.session
    assert Entry.objects.filter(action="account.signed_out").exists()


@pytest.mark.parametrize("who", ["nobody", "staff"])
def test_unknown_and_staff_addresses_look_like_a_requesters_and_get_no_code(
    client: Client, mailoutbox: list[EmailMessage], who: str
) -> None:
    email = a_user(Role.ADMIN).email if who == "staff" else "nobody@people.example"

    confirm = ask_for_code(client, email)
    page = client.get(confirm)

    known = ask_for_code(Client(), a_user().email)
    assert confirm == known
    assert page.status_code == 200
    assert not re.search(r"^\d{6}$", str(mailoutbox[0].body), re.MULTILINE)
    assert "No code can be sent" in str(mailoutbox[0].body)
    assert not User.objects.filter(email="nobody@people.example").exists()


def test_staff_sign_in_by_password_and_authenticator(client: Client) -> None:
    user, secret = staff_with_secret()

    first = client.post(reverse("account_login"), {"login": user.email, "password": WORD})
    half = client.get("/desk/")
    second = client.post(reverse("mfa_authenticate"), {"code": code_now(secret)})

    assert first["Location"] == reverse("mfa_authenticate")
    assert half.status_code == 302
    assert "/account/login/" in half["Location"]
    assert second.status_code == 302
    assert client.get("/desk/").status_code == 200


def test_wrong_password_is_refused_and_audited(client: Client) -> None:
    user, _ = staff_with_secret()

    response = client.post(reverse("account_login"), {"login": user.email, "password": "wrong"})

    assert response.status_code == 200
    denied = Entry.objects.get(action="account.sign_in")
    assert (denied.outcome, denied.subject_id) == ("denied", str(user.pk))


def test_wrong_authenticator_code_signs_nobody_in(client: Client) -> None:
    user, secret = staff_with_secret()
    client.post(reverse("account_login"), {"login": user.email, "password": WORD})

    client.post(reverse("mfa_authenticate"), {"code": another_than(code_now(secret))})

    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("address", ["/desk/", "/my/requests/", "/admin/"])
def test_staff_without_a_second_factor_see_only_the_way_to_one(address: str) -> None:
    client = signed_in(a_user(Role.CLERK, mfa=False))

    assert client.get(address)["Location"] == reverse("mfa_activate_totp")


def test_staff_without_a_second_factor_reach_nothing_through_the_api() -> None:
    response = signed_in(a_user(Role.CLERK, mfa=False)).get("/api/v1/requests/")

    assert response.status_code == 403
    assert response.json()["code"] == "second_factor_missing"


@pytest.mark.parametrize("address", ["/desk/", "/desk/anything/", "/admin/"])
def test_requester_finds_no_staff_address(address: str) -> None:
    assert signed_in(a_user()).get(address).status_code == 404


@pytest.mark.parametrize(
    ("address", "door"),
    [
        ("/my/requests/", "account_request_login_code"),
        ("/desk/", "account_login"),
        ("/admin/", "account_login"),
    ],
)
def test_stranger_is_led_to_the_right_door_and_back_again(client: Client, address: str, door: str) -> None:
    response = client.get(address)

    assert response["Location"].startswith(reverse(door))
    assert address.replace("/", "%2F") in response["Location"]


def test_nobody_signs_up_by_form(client: Client) -> None:
    response = client.get(reverse("account_signup"))

    assert response["Location"] == reverse("intake:start")


def test_staff_and_requesters_land_on_their_own_page(client: Client) -> None:
    user, secret = staff_with_secret()
    client.post(reverse("account_login"), {"login": user.email, "password": WORD})

    assert client.post(reverse("mfa_authenticate"), {"code": code_now(secret)})["Location"] == "/desk/"
    assert client.post(reverse("account_logout"))["Location"] == reverse("home")


def test_token_for_staff_needs_both_factors_and_opens_the_api() -> None:
    user, secret = staff_with_secret()

    answer = APIClient().post(
        TOKEN, {"email": user.email, "password": WORD, "code": code_now(secret)}, format="json"
    )

    assert answer.status_code == 201
    client = APIClient(headers={"Authorization": f"Token {answer.json()['token']}"})
    assert client.get("/api/v1/requests/").status_code == 200
    assert Entry.objects.filter(action="account.token_issued").count() == 1


@pytest.mark.parametrize("wrong", ["email", "password", "code"])
def test_each_wrong_part_gets_the_same_answer(wrong: str) -> None:
    user, secret = staff_with_secret()
    sent = {"email": user.email, "password": WORD, "code": code_now(secret)}

    answer = APIClient().post(
        TOKEN, {**sent, wrong: "nobody@x.example" if wrong == "email" else "0"}, format="json"
    )

    assert answer.status_code == 401
    assert answer.json() == {
        "code": "bad_credentials",
        "detail": "The e-mail address, password or code is wrong.",
    }


def test_token_is_not_given_for_a_password_alone() -> None:
    user = a_user(Role.CLERK, mfa=False, password=WORD)

    answer = APIClient().post(TOKEN, {"email": user.email, "password": WORD, "code": "123456"}, format="json")

    assert answer.status_code == 401


def test_signed_in_requester_gets_a_token_for_herself() -> None:
    client = APIClient()
    user = a_user()
    client.force_login(user, backend=BACKEND)

    answer = client.post(TOKEN, {}, format="json")

    assert answer.status_code == 201
    fresh = APIClient(headers={"Authorization": f"Token {answer.json()['token']}"})
    assert fresh.get("/api/v1/requests/").json()["results"] == []


def test_person_whose_access_has_ended_is_out_at_once() -> None:
    clerk, secret = staff_with_secret()
    client = signed_in(clerk)
    token = APIClient().post(
        TOKEN, {"email": clerk.email, "password": WORD, "code": code_now(secret)}, format="json"
    )

    services.deactivate(user=clerk, actor=a_user(Role.ADMIN))

    assert client.get("/desk/").status_code == 302
    api = APIClient(headers={"Authorization": f"Token {token.json()['token']}"})
    assert api.get("/api/v1/requests/").status_code == 401
    assert Authenticator.objects.filter(user=clerk).exists()
