"""Whoever is recused from a request neither sees its records on a list to destroy nor decides about them."""

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry, Outcome
from requests_app.custody import purging
from requests_app.custody.models import Purge
from requests_app.custody.purging import NotDue
from requests_app.docket import recusals
from requests_app.docket.models import RecordsRequest
from requests_app.docket.recusals import Recused
from tests.builders import NOON, a_user, an_agency
from tests.requests_app.custody.retention_builders import (
    a_done_purge,
    a_keeper,
    a_proposed_purge,
    a_second_person,
    an_old_record,
)

pytestmark = pytest.mark.django_db


def recuse(person: User, request: RecordsRequest) -> User:
    recusals.recuse(
        person=person, request=request, ground="appears", why="Officer of the stop", by=a_user(Role.COUNSEL),
        at=NOON,
    )  # fmt: skip
    return person


def test_a_recused_keeper_puts_nothing_of_it_on_a_list() -> None:
    hers, other = an_old_record(), an_old_record()
    keeper = recuse(a_keeper(), hers.request)

    with pytest.raises(NotDue) as refused:
        purging.propose(agency=an_agency(), records=[hers.key, other.key], actor=keeper, at=NOON)

    assert hers.title not in str(refused.value)
    assert not Purge.objects.exists()


def test_a_recused_second_person_neither_confirms_nor_gives_up() -> None:
    hers = an_old_record()
    purge = a_proposed_purge(hers, an_old_record())
    second = recuse(a_second_person(), hers.request)

    with pytest.raises(Recused):
        purging.confirm(purge=purge, actor=second, at=NOON, digest=purge.digest)
    with pytest.raises(Recused):
        purging.refuse(purge=purge, actor=second, at=NOON, why="Keep it")

    purge.refresh_from_db()
    assert purge.status == "proposed"
    refusals = Entry.objects.filter(actor=second, outcome=Outcome.DENIED, request_key=hers.request.key)
    assert sorted(refusals.values_list("action", flat=True)) == ["purge.confirm", "purge.refuse"]


def test_a_list_shows_a_recused_person_the_other_records_alone() -> None:
    hers, other = an_old_record(), an_old_record()
    purge = a_proposed_purge(hers, other)
    second = recuse(a_second_person(), hers.request)
    client, api = Client(), APIClient()
    client.force_login(second)
    api.force_authenticate(second)

    page = client.get(reverse("custody:purge", args=[purge.key])).content.decode()
    program = api.get(reverse("api:purge", args=[purge.key])).json()

    assert str(other.request) in page
    assert str(hers.request) not in page
    assert "You are recused from a record on this list" in page
    assert "Destroy these records" not in page
    assert "Give it up" not in page
    assert [row["record"] for row in program["items"]] == [other.key]


def test_a_recused_person_fetches_no_certificate() -> None:
    hers = an_old_record()
    purge = a_done_purge(hers)
    keeper = recuse(a_keeper(), hers.request)
    client = Client()
    client.force_login(keeper)

    answer = client.get(reverse("custody:certificate", args=[purge.key, "csv"]))

    assert answer.status_code == 403
    assert "Certificate (PDF)" not in client.get(reverse("custody:purge", args=[purge.key])).content.decode()


def test_others_decide_as_before() -> None:
    hers = an_old_record()
    purge = a_proposed_purge(hers)
    recuse(a_second_person(), hers.request)

    purging.confirm(purge=purge, actor=a_second_person(), at=NOON, digest=purge.digest)

    assert purge.status == "confirmed"
