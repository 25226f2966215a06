"""Filing and following by API: the same rules as the pages, and nothing internal in any answer."""

from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from requests_app.correspondence.models import Direction, Message
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.intake import services as intake
from tests.builders import a_request, a_user, an_agency

pytestmark = pytest.mark.django_db
REQUESTS = "/api/v1/requests/"
PLATE = "CANARY7"
LPR = {"lpr_kind": "hits", "first_day": "2026-10-01", "last_day": "2026-10-02", "requester_category": "other"}


@pytest.fixture(autouse=True)
def _forms() -> None:
    an_agency()
    intake.load_forms()


def signed_in(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def file(client: APIClient, key: str | None = "k1", form: str = "lpr", **answers: str) -> Any:
    headers = {"Idempotency-Key": key} if key is not None else {}
    return client.post(
        REQUESTS, {"form": form, "answers": {**LPR, **answers}}, format="json", headers=headers
    )


def post(client: APIClient, row: RecordsRequest, body: str = "Hello", key: str = "k") -> Any:
    return client.post(
        f"{REQUESTS}{row.key}/messages/", {"body": body}, format="json", headers={"Idempotency-Key": key}
    )


def test_forms_are_told_with_every_question() -> None:
    found = signed_in(a_user()).get("/api/v1/forms/").json()

    assert [form["code"] for form in found] == ["video", "lpr", "drone", "other"]
    questions = [question for step in found[1]["steps"] for question in step["questions"]]
    assert {"name", "type", "question", "hint", "is_required", "max_length", "choices"} == set(questions[0])
    assert "lpr_kind" in {question["name"] for question in questions}


def test_filing_twice_with_one_key_files_once() -> None:
    client = signed_in(a_user())

    first, second = file(client, plate=PLATE), file(client, plate=PLATE)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    row = RecordsRequest.objects.get()
    assert first.json()["number"] == row.number
    assert first.json()["due_on"] == str(row.due_on)
    assert row.answers["plate"] == PLATE


def test_key_with_other_content_is_a_conflict() -> None:
    client = signed_in(a_user())
    file(client)

    response = file(client, details="And more")

    assert response.status_code == 409
    assert response.json()["code"] == "key_reused"


@pytest.mark.parametrize("key", [None, "", "x" * 101])
def test_filing_without_a_usable_key_is_refused(key: str | None) -> None:
    response = file(signed_in(a_user()), key=key)

    assert response.status_code == 400
    assert response.json()["code"] == "idempotency_key_missing"
    assert not RecordsRequest.objects.exists()


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"lpr_kind": "gossip"}, "lpr_kind"),
        ({"last_day": "2026-09-01"}, "last_day"),
        ({"first_day": ""}, "first_day"),
        ({"status": "closed"}, "status"),
    ],
)
def test_wrong_answers_are_named_and_nothing_is_filed(answers: dict[str, str], field: str) -> None:
    response = file(signed_in(a_user()), **answers)

    assert response.status_code == 400
    assert field in response.json()["fields"]
    assert not RecordsRequest.objects.exists()


def test_form_that_is_not_in_use_is_named() -> None:
    response = file(signed_in(a_user()), form="nonsense")

    assert response.status_code == 400
    assert "form" in response.json()["fields"]


def test_address_of_a_filing_is_always_ones_own() -> None:
    user = a_user()

    response = file(signed_in(user), email="somebody@else.example")

    assert response.status_code == 201
    assert RecordsRequest.objects.get().answers["email"] == user.email


def test_staff_do_not_file() -> None:
    response = file(signed_in(a_user(Role.CLERK)))

    assert response.status_code == 403
    assert not RecordsRequest.objects.exists()


@pytest.mark.parametrize(
    "address", [REQUESTS, "/api/v1/forms/", f"{REQUESTS}abc/", f"{REQUESTS}abc/messages/"]
)
def test_strangers_are_asked_to_sign_in(address: str) -> None:
    assert APIClient().get(address).status_code == 401


def test_requester_lists_her_own_and_staff_all() -> None:
    mine, other = a_request(), a_request()
    assert mine.requester is not None

    own = signed_in(mine.requester).get(REQUESTS).json()["results"]
    every = signed_in(a_user(Role.CLERK)).get(REQUESTS).json()["results"]

    assert [row["key"] for row in own] == [mine.key]
    assert {row["key"] for row in every} == {mine.key, other.key}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 3),
        ("?status=searching", 1),
        ("?form=drone", 1),
        ("?assignee=me", 1),
        ("?assignee=none", 2),
        ("?due_before=2026-01-01", 0),
        ("?due_before=2030-01-01", 1),
    ],
)
def test_staff_filter_the_list(query: str, found: int) -> None:
    clerk = a_user(Role.CLERK)
    a_request(status=Status.SEARCHING, due_on="2026-12-01")
    a_request(form_code="drone")
    a_request(assignee=clerk)

    results = signed_in(clerk).get(REQUESTS + query).json()["results"]

    assert len(results) == found


def test_number_finds_the_one_request() -> None:
    row = a_request()
    a_request()

    results = signed_in(a_user(Role.CLERK)).get(f"{REQUESTS}?number={row.number}").json()["results"]

    assert [found["key"] for found in results] == [row.key]


@pytest.mark.parametrize("query", ["?status=draft", "?due_before=soon", "?assignee=7"])
def test_unknown_filter_is_named(query: str) -> None:
    response = signed_in(a_user(Role.CLERK)).get(REQUESTS + query)

    assert response.status_code == 400
    assert response.json()["code"] == "invalid"


def test_detail_says_stage_due_date_with_reasons_and_fee() -> None:
    row = a_request()
    assert row.requester is not None

    found = signed_in(row.requester).get(f"{REQUESTS}{row.key}/").json()

    assert found["stage"]["slug"] == "filed"
    assert found["due"][0]["due"] == "2026-11-17"
    assert any("Veterans Day" in line["text"] for line in found["due"][0]["lines"])
    assert found["fee"] == {"state": "", "billed_cents": 0, "paid_cents": 0, "due_cents": 0}
    assert found["items"] == ["Body-worn video of the stop"]
    assert Entry.objects.filter(action="request.viewed", request_key=row.key, outcome="ok").exists()


def test_detail_has_exactly_its_named_fields() -> None:
    clerk = a_user(Role.CLERK, name="Clara Clerk")
    row = a_request(assignee=clerk)
    docket.add_note(request=row, author=clerk, body="A nuisance")
    assert row.requester is not None

    response = signed_in(row.requester).get(f"{REQUESTS}{row.key}/")

    assert set(response.json()) == {
        "key", "number", "title", "status", "disposition", "form_code", "received_at", "due_on", "closed_at",
        "stage", "due", "fee", "items", "answers",
    }  # fmt: skip
    assert "nuisance" not in response.content.decode()
    assert "Clara" not in response.content.decode()


def test_plate_is_shown_to_its_owner_and_hidden_from_staff() -> None:
    row = a_request(form_code="lpr", answers={"plate": PLATE})
    assert row.requester is not None

    own = signed_in(row.requester).get(f"{REQUESTS}{row.key}/").content.decode()
    staffs = signed_in(a_user(Role.CLERK)).get(f"{REQUESTS}{row.key}/").content.decode()

    assert PLATE in own
    assert PLATE not in staffs


@pytest.mark.parametrize("what", ["", "messages/"])
def test_anothers_request_is_not_found(what: str) -> None:
    row = a_request()

    response = signed_in(a_user()).get(f"{REQUESTS}{row.key}/{what}")

    assert response.status_code == 404
    assert Entry.objects.filter(request_key=row.key, outcome="denied").count() == 1


def test_message_sent_again_with_its_key_is_the_first_one() -> None:
    row = a_request()
    assert row.requester is not None
    client = signed_in(row.requester)

    first, second = post(client, row), post(client, row)

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert set(first.json()) == {"id", "direction", "body", "is_question", "sent_at"}
    assert Message.objects.count() == 1
    assert len(client.get(f"{REQUESTS}{row.key}/messages/").json()) == 1


def test_message_of_staff_goes_to_the_requester() -> None:
    row = a_request()

    response = post(signed_in(a_user(Role.ANALYST)), row)

    assert response.status_code == 201
    assert Message.objects.get().direction == Direction.TO_REQUESTER


def test_auditor_reads_and_does_not_write() -> None:
    row, client = a_request(), signed_in(a_user(Role.AUDITOR))

    assert client.get(f"{REQUESTS}{row.key}/messages/").status_code == 200
    assert post(client, row).status_code == 403
    assert not Message.objects.exists()


def test_empty_message_is_refused() -> None:
    row = a_request()
    assert row.requester is not None

    response = post(signed_in(row.requester), row, body="  ")

    assert response.status_code == 400
    assert "body" in response.json()["fields"]


def test_withdrawing_twice_is_a_conflict() -> None:
    row = a_request()
    assert row.requester is not None
    client = signed_in(row.requester)

    first = client.post(f"{REQUESTS}{row.key}/withdraw/")
    second = client.post(f"{REQUESTS}{row.key}/withdraw/")

    assert first.json()["disposition"] == "withdrawn"
    assert second.status_code == 409
    assert second.json()["code"] == "illegal_move"


def test_staff_do_not_withdraw_for_the_requester() -> None:
    row = a_request()

    response = signed_in(a_user(Role.CLERK)).post(f"{REQUESTS}{row.key}/withdraw/")

    assert response.status_code == 403
    row.refresh_from_db()
    assert row.status == Status.SUBMITTED


def test_schema_describes_filing_with_its_key() -> None:
    schema = (
        signed_in(a_user()).get(reverse("schema"), headers={"Accept": "application/json"}).content.decode()
    )

    assert "request_file" in schema
    assert "Idempotency-Key" in schema
