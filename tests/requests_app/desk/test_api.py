"""The desk for programs: the same rows, steps and refusals as the pages, and no field more."""

import json
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from requests_app.correspondence.models import Message
from requests_app.docket import services as docket
from requests_app.docket.rules import Status
from tests.builders import a_request, a_user
from tests.requests_app.desk.desk_builders import a_clerk, query_count, signed_in

pytestmark = pytest.mark.django_db


def post(client: Client, path: str, sent: dict[str, Any], **headers: str) -> Any:
    return client.post(f"/api/v1/{path}", json.dumps(sent), content_type="application/json", headers=headers)


def test_queue_lists_named_fields_only() -> None:
    clerk = a_clerk(name="Rosa Quill", title="Clerk")
    row = a_request(assignee=clerk, requester=a_user(name="Ana Reyes"), answers={"plate": "CANARY7"})

    answer = signed_in(clerk).get("/api/v1/queue/").json()

    assert (answer["count"], answer["page"], answer["pages"]) == (1, 1, 1)
    found = answer["results"][0]
    assert set(found) == {
        "key", "number", "title", "form_code", "status", "disposition", "received_at", "due_on",
        "closed_at", "lateness", "requester", "assignee",
    }  # fmt: skip
    assert found["number"] == row.number
    assert found["assignee"] == {"id": clerk.pk, "name": "Rosa Quill", "title": "Clerk"}
    assert found["lateness"] == "stopped"


def test_queue_takes_the_filters_of_the_page() -> None:
    found = a_request(title="Elm Street", status=Status.SEARCHING)
    a_request(title="Mill Road")

    answer = signed_in(a_clerk()).get("/api/v1/queue/?q=elm&status=searching&tab=unclaimed").json()

    assert [row["key"] for row in answer["results"]] == [found.key]


def test_queue_is_for_staff() -> None:
    assert signed_in(a_user()).get("/api/v1/queue/").status_code == 403
    assert Client().get("/api/v1/queue/").status_code == 401


def test_queue_costs_the_same_for_few_and_many() -> None:
    clerk = a_clerk()
    a_request(assignee=clerk)
    one = query_count(clerk, "/api/v1/queue/")
    for _ in range(9):
        a_request(assignee=a_clerk())

    assert query_count(clerk, "/api/v1/queue/") == one


def test_step_answers_with_the_row_as_it_is_now() -> None:
    row, clerk = a_request(), a_clerk()

    response = post(signed_in(clerk), f"requests/{row.key}/transitions/", {"action": "acknowledge"})

    assert response.status_code == 200
    assert response.json()["said"] == "The request is accepted for work."
    assert response.json()["request"]["status"] == "accepted"
    assert response.json()["request"]["assignee"]["id"] == clerk.pk


def test_question_repeated_with_one_key_is_asked_once() -> None:
    row, client = a_request(), signed_in(a_clerk())
    sent = {"action": "tell", "body": "We are searching."}

    for _ in range(2):
        post(client, f"requests/{row.key}/transitions/", sent, **{"Idempotency-Key": "one"})

    assert Message.objects.count() == 1


@pytest.mark.parametrize("sent", [{}, {"action": "extend", "unit": "weeks"}, {"action": "x" * 41}])
def test_step_with_wrong_fields_is_refused_with_their_names(sent: dict[str, str]) -> None:
    response = post(signed_in(a_clerk()), f"requests/{a_request().key}/transitions/", sent)

    assert response.status_code == 400
    assert response.json()["code"] == "invalid"


def test_bad_input_has_its_own_status_and_code() -> None:
    response = post(signed_in(a_clerk()), f"requests/{a_request().key}/transitions/", {"action": "note"})

    assert (response.status_code, response.json()["code"]) == (422, "bad_input")


def test_notes_are_written_and_read_by_staff() -> None:
    row, clerk = a_request(), a_clerk(name="Rosa Quill")
    client = signed_in(clerk)

    made = post(client, f"requests/{row.key}/notes/", {"body": "Ask the sergeant."})
    read = client.get(f"/api/v1/requests/{row.key}/notes/").json()

    assert made.status_code == 201
    assert [(note["author"], note["body"]) for note in read] == [("Rosa Quill", "Ask the sergeant.")]
    assert Entry.objects.filter(action="request.viewed", actor=clerk).exists()


def test_notes_are_never_for_the_requester() -> None:
    ana = a_user()
    row = a_request(requester=ana)
    docket.add_note(request=row, author=a_clerk(), body="CANARY")
    client = signed_in(ana)

    read = client.get(f"/api/v1/requests/{row.key}/notes/")
    wrote = post(client, f"requests/{row.key}/notes/", {"body": "Mine"})

    assert (read.status_code, wrote.status_code) == (403, 403)
    assert "CANARY" not in read.content.decode()
    assert row.notes.count() == 1


def test_auditor_reads_notes_and_writes_none() -> None:
    row, client = a_request(), signed_in(a_user(Role.AUDITOR))

    assert client.get(f"/api/v1/requests/{row.key}/notes/").status_code == 200
    assert post(client, f"requests/{row.key}/notes/", {"body": "x"}).status_code == 403


def assign(user: User, key: str, assignee: int | None, expected: int | None) -> Any:
    return post(signed_in(user), f"requests/{key}/assignment/", {"assignee": assignee, "expected": expected})


def test_request_is_handed_on_and_back() -> None:
    row, clerk, other = a_request(), a_clerk(), a_clerk()

    handed = assign(clerk, row.key, other.pk, None)
    back = assign(clerk, row.key, None, other.pk)

    assert handed.json()["assignee"]["id"] == other.pk
    assert back.json()["assignee"] is None


def test_assignment_over_an_old_row_is_stale() -> None:
    row, clerk = a_request(assignee=a_clerk()), a_clerk()

    response = assign(clerk, row.key, clerk.pk, None)

    assert (response.status_code, response.json()["code"]) == (409, "stale")


def test_assignment_to_somebody_who_does_not_work_requests_is_refused() -> None:
    row, auditor = a_request(), a_user(Role.AUDITOR)

    response = assign(a_clerk(), row.key, auditor.pk, None)

    assert response.status_code == 422
    row.refresh_from_db()
    assert row.assignee is None


@pytest.mark.parametrize("role", [None, Role.AUDITOR, Role.ANALYST])
def test_assignment_needs_the_permission(role: Role | None) -> None:
    user = a_user(role) if role else a_user()
    row, clerk = a_request(requester=user), a_clerk()

    response = assign(user, row.key, clerk.pk, None)

    assert response.status_code == 403
    row.refresh_from_db()
    assert row.assignee is None
