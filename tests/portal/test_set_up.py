"""From an empty database to a portal an administrator can sign in to."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit.models import Entry
from requests_app.law.models import Agency, PackAdoption
from tests.builders import a_pack

pytestmark = pytest.mark.django_db
ANSWERS = {
    "name": "City of Larkspur Police Department",
    "short_name": "Larkspur PD",
    "law": "TX",
    "time_zone": "America/Chicago",
    "contact_name": "Rosa Quill",
    "contact_title": "Records analyst",
    "contact_email": "records@larkspur.example",
    "contact_phone": "512-555-0100",
    "address": "1 Main Street, Larkspur",
    "admin_email": "clerk@larkspur.example",
    "admin_name": "Tomas Okoye",
    "admin_title": "City clerk",
    "reason": "Draft, until counsel adopts it",
}


def set_up(**changed: str) -> str:
    said = StringIO()
    call_command("set_up", **{**ANSWERS, **changed}, stdout=said)
    return said.getvalue()


def test_agency_law_and_administrator_are_there_afterwards() -> None:
    a_pack()

    said = set_up()

    adoption = PackAdoption.objects.get(agency=Agency.objects.get(name=ANSWERS["name"]))
    admin = User.objects.get(email=ANSWERS["admin_email"])
    assert (adoption.pack.code, adoption.reason) == ("TX", ANSWERS["reason"])
    assert admin.may(Permission.ADMINISTER)
    assert admin.password_is_initial
    assert Entry.objects.filter(action="law.agency_set_up").count() == 1
    assert Client().get(reverse("home")).status_code == 200
    password = re.search(r"once: (\S+)", said)
    assert password is not None
    assert admin.check_password(password[1])


def test_what_the_law_pack_lacks_is_said_at_once() -> None:
    a_pack("FL")

    said = set_up(law="FL")

    assert "The pack of Florida has no deadlines, so no due date is computed until" in said


def test_whole_law_pack_is_not_commented_on() -> None:
    a_pack()

    assert " has no " not in set_up()


def test_second_agency_is_refused() -> None:
    a_pack()
    set_up()

    with pytest.raises(CommandError, match="answers for City of Larkspur Police Department already"):
        set_up(admin_email="other@larkspur.example")

    assert Agency.objects.count() == 1
    assert not User.objects.filter(email="other@larkspur.example").exists()


@pytest.mark.parametrize(
    ("fact", "value", "said"),
    [
        ("law", "XX", "no law XX. Loaded are: TX"),
        ("time_zone", "Texas", "Texas is no time zone"),
        ("contact_email", "nobody", "contact_email: Enter a valid email"),
        ("name", "", "name: This field cannot be blank"),
        ("reason", " ", "Say why this version is used"),
    ],
)
def test_answer_that_does_not_fit_sets_nothing_up(fact: str, value: str, said: str) -> None:
    a_pack()

    with pytest.raises(CommandError, match=said):
        set_up(**{fact: value})

    assert not Agency.objects.exists()
    assert not User.objects.filter(email=ANSWERS["admin_email"]).exists()


def test_address_that_is_taken_leaves_no_agency_behind() -> None:
    a_pack()
    User.objects.create_user(ANSWERS["admin_email"])

    with pytest.raises(CommandError, match="already has an account"):
        set_up()

    assert not Agency.objects.exists()
