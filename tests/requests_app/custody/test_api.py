import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from portal.accounts.models import User
from portal.audit.models import Entry, Outcome
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from tests.builders import a_request, a_user
from tests.requests_app.custody.record_builders import READS, a_file, a_record, an_analyst

pytestmark = pytest.mark.django_db


def url(request: RecordsRequest) -> str:
    return reverse("api:records", kwargs={"key": request.key})


def signed_in(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_the_list_holds_what_staff_programs_need_and_no_name_or_place_of_the_file() -> None:
    record = a_record(name="Victim Name.csv")

    answer = signed_in(an_analyst()).get(url(record.request))

    (row,) = answer.json()["records"]
    assert set(row) == {
        "key", "position", "title", "medium", "format", "size", "sha256", "source_agency", "uploaded_at",
    }  # fmt: skip
    assert b"Victim" not in answer.content
    assert b"originals/" not in answer.content


def test_an_upload_makes_a_record() -> None:
    request = a_request(status=Status.SEARCHING)

    answer = signed_in(an_analyst()).post(
        url(request),
        {"title": "Reads", "file": a_file(), "item": 1, "source_agency": "Mall"},
        format="multipart",
    )

    record = ResponsiveRecord.objects.get()
    assert answer.status_code == 201
    assert answer.json()["sha256"] == record.sha256
    assert (record.item, record.source_agency) == (request.items.get(), "Mall")


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"title": "T", "name": "x.pdf"}, 422, "unusable_file"),
        ({"title": "T", "content": b""}, 422, "unusable_file"),
        ({"title": "T", "item": 9}, 422, "bad_input"),
        ({}, 400, "invalid"),
    ],
)
def test_a_bad_upload_is_refused_with_a_code(sent: dict[str, object], status: int, code: str) -> None:
    file = a_file(sent.pop("content", READS), str(sent.pop("name", "x.csv")))  # type: ignore[arg-type]  # bytes

    answer = signed_in(an_analyst()).post(
        url(a_request(status=Status.SEARCHING)), {**sent, "file": file}, format="multipart"
    )

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not ResponsiveRecord.objects.exists()


def test_the_requester_sees_no_records_under_review() -> None:
    record = a_record()
    assert record.request.requester is not None

    answer = signed_in(record.request.requester).get(url(record.request))

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert Entry.objects.filter(action="custody.records_viewed", outcome=Outcome.DENIED).count() == 1


def test_strangers_see_that_nothing_is_there() -> None:
    record = a_record()

    assert signed_in(a_user()).get(url(record.request)).status_code == 404
    assert APIClient().get(url(record.request)).status_code == 401
