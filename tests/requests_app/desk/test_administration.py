"""The administrators' and auditors' pages: who opens them, what they change, what they never do."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.rules import PERMISSIONS, Permission, Role
from portal.audit.models import Entry, Outcome
from tests.builders import a_user, an_agency
from tests.requests_app.desk.desk_builders import query_count, signed_in

pytestmark = pytest.mark.django_db
PAGES = {
    "people": Permission.ADMINISTER,
    "audit": Permission.READ_AUDIT,
    "health": Permission.ADMINISTER,
}
POSTS: list[tuple[str, list[int]]] = [
    ("people", []),
    ("role-grant", [1]),
    ("role-revoke", [1]),
    ("person-deactivate", [1]),
    ("job-retry", [1]),
]


def page(name: str, *args: int) -> str:
    return reverse(f"desk:{name}", args=args)


@pytest.fixture
def ida() -> User:
    an_agency()
    return a_user(Role.ADMIN, name="Ida Holm", title="Systems")


@pytest.fixture
def client(ida: User) -> Client:
    return signed_in(ida)


def body(response: Any) -> str:
    text: str = response.content.decode()
    return text


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", list(PAGES))
def test_page_opens_only_for_the_roles_that_carry_it(name: str, role: Role) -> None:
    an_agency()
    user = a_user(role)

    response = signed_in(user).get(page(name))

    allowed = PAGES[name] in PERMISSIONS[role]
    assert response.status_code == (200 if allowed else 403)
    assert Entry.objects.filter(actor=user, outcome=Outcome.DENIED).count() == (0 if allowed else 1)


@pytest.mark.parametrize(("name", "args"), POSTS)
@pytest.mark.parametrize("role", [Role.CLERK, Role.AUDITOR])
def test_change_is_refused_to_everybody_else(name: str, args: list[int], role: Role) -> None:
    an_agency()
    client = signed_in(a_user(role))
    before = Entry.objects.filter(outcome=Outcome.OK).count()

    response = client.post(page(name, *args), {"name": "Eve", "role": "admin", "day": "2026-12-24"})

    assert response.status_code == 403
    assert Entry.objects.filter(outcome=Outcome.OK).count() == before


def test_person_is_added_with_a_password_that_is_shown_once_and_works(client: Client) -> None:
    facts = {
        "name": "Lena Marsh",
        "email": "Lena@Larkspur.example",
        "title": "Approver",
        "roles": ["approver"],
    }

    response = client.post(page("people"), facts)

    password = response.context["password"]
    person = User.objects.get(email="lena@larkspur.example")
    assert password in body(response)
    assert person.check_password(password)
    assert person.roles == {Role.APPROVER}
    assert password not in body(client.get(page("people")))
    assert not any(password in str(entry.detail) for entry in Entry.objects.all())


def test_address_that_is_taken_is_refused(client: Client, ida: User) -> None:
    response = client.post(
        page("people"), {"name": "Eve", "email": ida.email, "title": "Clerk", "roles": ["clerk"]}
    )

    assert response.status_code == 422
    assert "already has an account" in body(response)
    assert "password" not in response.context


def test_person_without_a_role_is_not_added(client: Client) -> None:
    response = client.post(page("people"), {"name": "Eve", "email": "eve@people.example", "title": "Clerk"})

    assert response.status_code == 422
    assert not User.objects.filter(email="eve@people.example").exists()


def test_roles_are_granted_and_taken_away(client: Client) -> None:
    rosa = a_user(Role.CLERK, name="Rosa Quill")

    client.post(page("role-grant", rosa.pk), {"role": "fee_officer"})
    client.post(page("role-revoke", rosa.pk), {"role": "clerk"})

    assert User.objects.get(pk=rosa.pk).roles == {Role.FEE_OFFICER}
    assert Entry.objects.filter(action__in=["account.role_granted", "account.role_revoked"]).count() == 2


def test_role_that_does_not_exist_is_refused(client: Client) -> None:
    rosa = a_user(Role.CLERK)

    assert client.post(page("role-grant", rosa.pk), {"role": "king"}).status_code == 422


def test_administrator_cannot_lock_herself_out(client: Client, ida: User) -> None:
    role = client.post(page("role-revoke", ida.pk), {"role": "admin"})
    access = client.post(page("person-deactivate", ida.pk))

    assert role.status_code == 422
    assert access.status_code == 403
    assert User.objects.get(pk=ida.pk).may(Permission.ADMINISTER)


def test_ended_access_ends_the_next_page(client: Client) -> None:
    rosa = a_user(Role.CLERK, name="Rosa Quill")
    hers = signed_in(rosa)
    assert hers.get("/desk/").status_code == 200

    html = body(client.post(page("person-deactivate", rosa.pk), follow=True))

    assert "Ended" in html
    assert hers.get("/desk/").status_code == 302


def test_requesters_are_not_on_the_people_page(client: Client) -> None:
    ana = a_user(name="Ana Reyes")

    assert "Ana Reyes" not in body(client.get(page("people")))
    assert client.post(page("role-grant", ana.pk), {"role": "admin"}).status_code == 404


def test_people_page_costs_the_same_for_few_and_many(ida: User) -> None:
    few = query_count(ida, page("people"))
    for _ in range(12):
        a_user(Role.CLERK)

    assert query_count(ida, page("people")) == few
