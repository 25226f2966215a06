"""The first password was made by an administrator who has seen it; nothing opens before it is changed."""

import pytest
from django.test import Client
from knox.models import AuthToken

from portal.accounts import services
from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from tests.builders import a_user

pytestmark = pytest.mark.django_db
FIRST, CHOSEN = "made-by-an-administrator-1", "chosen by myself alone 7"


@pytest.fixture
def newcomer() -> User:
    user = a_user(Role.CLERK, password=FIRST)
    User.objects.filter(pk=user.pk).update(password_is_initial=True)
    user.refresh_from_db()
    return user


def change(client: Client, old: str, new: str) -> int:
    sent = {"oldpassword": old, "password1": new, "password2": new}
    return client.post("/account/password/change/", sent).status_code


def test_account_made_by_an_administrator_has_a_first_password() -> None:
    made = services.create_staff(
        email="new@larkspur.example", name="New", title="", roles=[Role.CLERK], password=FIRST, actor=None
    )

    assert made.password_is_initial


def test_every_page_leads_to_choosing_a_password(client: Client, newcomer: User) -> None:
    client.force_login(newcomer)

    answer = client.get("/desk/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/password/change/")


def test_chosen_password_opens_the_desk_and_is_audited(client: Client, newcomer: User) -> None:
    client.force_login(newcomer)

    code = change(client, FIRST, CHOSEN)

    newcomer.refresh_from_db()
    assert code == 302
    assert not newcomer.password_is_initial
    assert newcomer.check_password(CHOSEN)
    assert client.get("/desk/").status_code == 200
    assert Entry.objects.filter(action="account.password_changed", actor=newcomer).count() == 1


def test_changing_ends_every_api_token(client: Client, newcomer: User) -> None:
    services.issue_token(user=newcomer)
    client.force_login(newcomer)

    change(client, FIRST, CHOSEN)

    assert not AuthToken.objects.filter(user=newcomer).exists()


@pytest.mark.parametrize(("old", "new"), [("wrong", CHOSEN), (FIRST, "short"), (FIRST, "password1234")])
def test_wrong_old_or_weak_new_password_changes_nothing(
    client: Client, newcomer: User, old: str, new: str
) -> None:
    client.force_login(newcomer)

    code = change(client, old, new)

    newcomer.refresh_from_db()
    assert code == 200
    assert newcomer.check_password(FIRST)
    assert newcomer.password_is_initial
