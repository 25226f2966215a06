"""The administrators' and auditors' pages: who opens them, what they change, what they never do."""

from datetime import date, timedelta
from typing import Any

import pgtrigger
import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.rules import PERMISSIONS, Permission, Role
from portal.audit.models import Entry, Outcome
from requests_app.desk import selectors
from requests_app.law.models import ClosureDay, Exemption, LawPack, PackAdoption
from tests.builders import a_user, an_agency
from tests.requests_app.desk.desk_builders import query_count, signed_in

pytestmark = pytest.mark.django_db
PAGES = {
    "law": Permission.ADMINISTER,
    "exemptions": Permission.ADMINISTER,
    "people": Permission.ADMINISTER,
    "audit": Permission.READ_AUDIT,
    "health": Permission.ADMINISTER,
}
POSTS: list[tuple[str, list[int]]] = [
    ("law-use", []),
    ("law-agency", []),
    ("closure-add", []),
    ("closure-remove", [1]),
    ("exemption-end", [1]),
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


def test_law_page_says_what_is_in_use_why_and_how_sure_it_is(client: Client) -> None:
    html = body(client.get(page("law")))

    assert "Texas Public Information Act" in html
    assert "Draft: not adopted by counsel" in html
    assert "To be confirmed" in html
    assert "Thanksgiving Day" in html
    assert "552.301" in html


def test_another_version_is_used_with_a_reason(client: Client, ida: User) -> None:
    old = LawPack.objects.get(code="TX")
    new = LawPack.objects.create(
        code="TX", version="2099.1", name=old.name, effective_from=old.effective_from, sha256="0" * 64,
        data={**old.data, "version": "2099.1"},
    )  # fmt: skip

    response = client.post(page("law-use"), {"pack": new.pk, "reason": "Counsel adopted it."}, follow=True)

    assert "is in use for requests received from now on" in body(response)
    adoption = PackAdoption.objects.latest("pk")
    assert (adoption.pack, adoption.decided_by, adoption.reason) == (new, ida, "Counsel adopted it.")
    assert "version 2099.1" in body(response)


def test_version_without_a_reason_is_not_used(client: Client) -> None:
    before = PackAdoption.objects.count()

    response = client.post(page("law-use"), {"pack": LawPack.objects.get().pk, "reason": ""})

    assert response.status_code == 422
    assert PackAdoption.objects.count() == before
    assert "Reason: This field is required." in body(response)


def test_law_page_opens_before_a_version_is_chosen(client: Client) -> None:
    with pgtrigger.ignore("law.PackAdoption:decision_fixed"):
        PackAdoption.objects.all().delete()

    assert "No version is in use yet" in body(client.get(page("law")))


def test_closure_is_added_seen_in_the_calendar_and_taken_back(client: Client) -> None:
    day = date(selectors.today().year, 12, 22)
    while day.weekday() > 4:
        day -= timedelta(days=1)

    html = body(client.post(page("closure-add"), {"day": day, "reason": "Building works"}, follow=True))
    again = client.post(page("closure-add"), {"day": day, "reason": "Again"})
    closure = ClosureDay.objects.get()
    gone = body(client.post(page("closure-remove", closure.pk), follow=True))

    assert html.count("Building works") == 2
    assert again.status_code == 422
    assert "is a closure already" in body(again)
    assert "Building works" not in gone
    assert Entry.objects.filter(action__startswith="law.closure_").count() == 2


def test_agency_is_changed_by_its_form(client: Client) -> None:
    facts = {
        "cutoff": "17:00", "cutoff_citation": "Order 7", "contact_name": "Rosa Quill", "contact_title": "PIO",
        "contact_email": "pio@larkspur.example", "contact_phone": "555-0101", "address": "2 Main Street",
    }  # fmt: skip

    changed = body(client.post(page("law-agency"), facts, follow=True))
    same = body(client.post(page("law-agency"), facts, follow=True))
    wrong = client.post(page("law-agency"), {**facts, "contact_email": "none"})

    assert "Arrivals after 5:00 PM count from the next business day." in changed
    assert "Nothing was different." in same
    assert wrong.status_code == 422


def test_exemption_is_added_followed_and_ended(client: Client) -> None:
    facts = {
        "code": "new-ground", "citation": "552.999", "label": "A new ground", "explanation": "Plain words.",
        "valid_from": selectors.today().isoformat(), "verified": "V",
    }  # fmt: skip

    added = body(client.post(page("exemptions"), facts, follow=True))
    again = client.post(page("exemptions"), facts)
    row = Exemption.objects.get(code="new-ground")
    ended = client.post(page("exemption-end", row.pk), {"last_day": selectors.today()}, follow=True)

    assert "A new ground" in added
    assert again.status_code == 422
    assert "begin the new text after it" in body(again)
    row.refresh_from_db()
    assert row.valid_to == selectors.today()
    assert "runs out after" in body(ended)


def test_exemption_does_not_end_on_a_day_that_is_none(client: Client) -> None:
    row = Exemption.objects.filter(law="TX").first()
    assert row is not None

    response = client.post(page("exemption-end", row.pk), {"last_day": "whenever"})

    assert response.status_code == 422


def test_exemptions_show_what_is_over_and_what_has_not_begun(client: Client) -> None:
    today = selectors.today()
    texts = {"citation": "1", "label": "L", "explanation": "E", "law": "TX"}
    Exemption.objects.create(code="old", valid_from=date(2020, 1, 1), valid_to=date(2021, 1, 1), **texts)
    Exemption.objects.create(code="new", valid_from=today + timedelta(days=1), **texts)

    html = body(client.get(page("exemptions")))

    assert "Ended" in html
    assert "Not yet" in html


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
