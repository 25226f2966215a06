"""The law's part of the API: what anybody signed in reads, and what only those who keep the law read."""

import pytest
from rest_framework.test import APIClient

from portal.accounts.models import User
from portal.accounts.rules import Role
from requests_app.law import adopting, rule
from tests.builders import NOON, a_pack, a_user, an_agency

pytestmark = pytest.mark.django_db


def as_person(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_law_in_use_is_read_with_the_standing_of_each_rule() -> None:
    adopting.adopt(
        agency=an_agency(), pack=a_pack(), paths=["clocks/ag_request"], at=NOON, source="the code",
        actor=a_user(Role.COUNSEL, name="Ivo Brandt"),
    )  # fmt: skip

    found = as_person(a_user()).get("/api/v1/law/").json()
    by_staff = as_person(a_user(Role.AUDITOR)).get("/api/v1/law/").json()

    rows = {row["path"]: row for row in found["rules"]}
    named = {row["path"]: row["adopted_by"] for row in by_staff["rules"]}
    assert (named["clocks/ag_request"], named["clocks/ag_brief"]) == ("Ivo Brandt", "")
    assert (found["version"]["code"], found["version"]["version"]) == ("TX", a_pack().version)
    assert (rows["clocks/ag_request"]["adopted_by"], rows["clocks/ag_brief"]["adopted_by"]) == ("counsel", "")
    assert rows["clocks/ag_request"]["says"] == "10 business days"
    assert rows["clocks/ag_brief"]["adopted_on"] is None
    assert rows["clocks/ag_brief"]["rule"] == rule.find(a_pack().data, "clocks/ag_brief").data


@pytest.mark.parametrize("role", list(Role))
def test_versions_are_for_those_who_keep_the_law(role: Role) -> None:
    an_agency()
    other, client = a_pack("CA"), as_person(a_user(role))

    listed, one = client.get("/api/v1/law/versions/"), client.get(f"/api/v1/law/versions/{other.pk}/")

    if role in {Role.ADMIN, Role.COUNSEL, Role.AUDITOR}:
        assert [row["code"] for row in listed.json()] == ["CA", "TX"]
        assert one.json()["version"]["name"] == other.name
        assert client.get("/api/v1/law/versions/987654/").status_code == 404
    else:
        assert (listed.status_code, one.status_code) == (403, 403)


def test_law_is_not_changed_through_the_api() -> None:
    an_agency()
    client = as_person(a_user(Role.ADMIN))

    for address in ("/api/v1/law/", "/api/v1/law/versions/", f"/api/v1/law/versions/{a_pack().pk}/"):
        assert {client.post(address).status_code, client.delete(address).status_code} == {405}
