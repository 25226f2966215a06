"""Whoever is signed in and refused leaves one entry, also where the service's own was rolled back."""

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit import services as audit
from portal.audit.models import Entry, Outcome
from portal.core.http import client_ip
from tests.builders import a_request, a_user

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def refusals() -> list[Entry]:
    return list(Entry.objects.filter(outcome=Outcome.DENIED).order_by("seq"))


def test_no_inside_a_transaction_is_written_after_it() -> None:
    auditor, row = a_user(Role.AUDITOR), a_request()

    answer = signed_in(auditor).post(
        reverse("fees:charge-nothing", args=[row.key]), {"nothing-reason": "It was a short search."}
    )

    (entry,) = refusals()
    assert answer.status_code == 403
    assert (entry.action, entry.actor, entry.detail) == (
        "fees.charge-nothing",
        auditor,
        {"why": "forbidden", "key": row.key},
    )
    assert entry.source == client_ip(answer.wsgi_request)


def test_no_that_was_written_already_is_written_once() -> None:
    auditor, row = a_user(Role.AUDITOR), a_request()

    answer = signed_in(auditor).post(reverse("desk:act", args=[row.key, "acknowledge"]))

    assert answer.status_code == 403
    assert [entry.action for entry in refusals()] == ["desk.acknowledge"]


def test_no_to_a_program_is_written_under_its_account() -> None:
    auditor, row = a_user(Role.AUDITOR), a_request()
    client = APIClient()
    client.force_login(auditor)

    answer = client.post(
        f"/api/v1/requests/{row.key}/assignment/", {"assignee": None, "expected": 1}, format="json"
    )

    assert answer.status_code == 403
    assert [(entry.action, entry.actor) for entry in refusals()] == [("api.assignment", auditor)]


def test_key_to_a_download_is_kept_out_of_the_chain() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(a_user())

    answer = client.post(reverse("release:file", args=["a-secret-token"]))

    (entry,) = refusals()
    assert answer.status_code == 403
    assert "a-secret-token" not in f"{entry.action} {entry.detail}"


def test_stranger_who_is_refused_leaves_nothing() -> None:
    answer = Client(enforce_csrf_checks=True).post("/account/login/", {"login": "x", "password": "y"})

    assert answer.status_code == 403
    assert refusals() == []


def test_page_that_is_shown_leaves_no_refusal() -> None:
    answer = signed_in(a_user()).get(reverse("tracking:list"))

    assert answer.status_code == 200
    assert refusals() == []


def test_rolled_back_refusal_does_not_stand() -> None:
    user = a_user()

    with audit.noting_refusals() as noted:
        kept = audit.record_denied(action="test.refused", actor=user, subject=user, why="no")

    assert noted == [kept.pk]
    assert audit.stands(noted)
    assert not audit.stands([kept.pk + 1])
    assert not audit.stands([])
