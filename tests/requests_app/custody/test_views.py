from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from portal.accounts.rules import Role
from portal.audit.models import Entry, Outcome
from portal.core import files
from requests_app.custody import services as custody
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from tests.builders import a_request, a_user
from tests.requests_app.custody.record_builders import (
    READS,
    a_file,
    a_record,
    an_analyst,
)

pytestmark = pytest.mark.django_db


def add_url(request: RecordsRequest) -> str:
    return reverse("custody:add", kwargs={"key": request.key})


def original_url(record: ResponsiveRecord) -> str:
    return reverse("custody:original", kwargs={"key": record.key})


def test_staff_upload_a_record_and_see_it_listed(client: Client) -> None:
    request = a_request(status=Status.SEARCHING)
    client.force_login(an_analyst())
    assert client.get(add_url(request)).status_code == 200

    answer = client.post(
        add_url(request), {"title": "Reads", "file": a_file(), "item": request.items.get().pk}, follow=True
    )

    assert answer.redirect_chain == [(reverse("workbench:records", kwargs={"key": request.key}), 302)]
    assert "Reads" in answer.content.decode()
    assert ResponsiveRecord.objects.get().item == request.items.get()


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "x.csv", "is empty"),
        (READS, "x.pdf", "content is of type csv"),
        (b"%PDF-1.4 x", "x.pdf", "broken"),
    ],
)
def test_an_unusable_upload_answers_422_with_the_reason(
    client: Client, content: bytes, name: str, sentence: str
) -> None:
    request = a_request(status=Status.SEARCHING)
    client.force_login(an_analyst())

    answer = client.post(add_url(request), {"title": "My title", "file": a_file(content, name)})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "My title" in page
    assert Entry.objects.filter(outcome=Outcome.DENIED, request_key=request.key).count() == 1


def test_too_large_an_upload_answers_413(client: Client, settings: Settings) -> None:
    settings.UPLOAD_MAX_BYTES = 20
    client.force_login(an_analyst())

    answer = client.post(add_url(a_request(status=Status.SEARCHING)), {"title": "T", "file": a_file()})

    assert answer.status_code == 413
    assert not ResponsiveRecord.objects.exists()


def test_the_same_file_twice_answers_409(client: Client) -> None:
    record = a_record()
    client.force_login(an_analyst())

    answer = client.post(add_url(record.request), {"title": "Again", "file": a_file()})

    assert answer.status_code == 409
    assert "already" in answer.content.decode()


def test_an_upload_without_a_title_asks_for_one(client: Client) -> None:
    client.force_login(an_analyst())

    answer = client.post(add_url(a_request(status=Status.SEARCHING)), {"file": a_file()})

    assert answer.status_code == 422
    assert not ResponsiveRecord.objects.exists()


def test_staff_without_the_permission_get_no_form_and_403(client: Client) -> None:
    request = a_request(status=Status.SEARCHING)
    client.force_login(a_user(Role.FEE_OFFICER))

    assert "does not include adding" in client.get(add_url(request)).content.decode()
    assert client.post(add_url(request), {"title": "T", "file": a_file()}).status_code == 403


def test_the_original_goes_to_staff_as_an_attachment_that_cannot_run(client: Client) -> None:
    record = a_record(name="Victim Name.csv")
    client.force_login(an_analyst())

    answer = client.get(original_url(record))

    assert b"".join(answer.streaming_content) == READS  # type: ignore[attr-defined]  # a FileResponse
    assert answer["Content-Disposition"] == (
        f'attachment; filename="{record.request.number}-record-1-original.csv"'
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "no-store, private"
    entry = Entry.objects.get(action="custody.original_fetched")
    assert (entry.outcome, entry.detail) == (Outcome.OK, {"sha256": record.sha256})


def test_the_original_never_goes_to_the_requester(client: Client) -> None:
    record = a_record()
    assert record.request.requester is not None
    client.force_login(record.request.requester)

    assert client.get(original_url(record)).status_code == 404


def test_the_original_never_goes_to_a_stranger(client: Client) -> None:
    client.force_login(a_user())

    assert client.get(original_url(a_record())).status_code == 404
    assert client.get(reverse("custody:original", kwargs={"key": "no-such-key"})).status_code == 404


def test_the_original_goes_only_to_those_whose_work_needs_it(client: Client) -> None:
    record = a_record()
    client.force_login(a_user(Role.FEE_OFFICER))

    assert client.get(original_url(record)).status_code == 403

    assert Entry.objects.filter(action="custody.original_fetched", outcome=Outcome.DENIED).count() == 1


def test_an_original_that_changed_on_disk_is_not_sent(client: Client) -> None:
    record = a_record(content=READS + b"OWN779,Oak,2026-02-02 01:00:00\n")
    path = files.path_of(record.address)
    path.chmod(0o600)
    path.write_bytes(b"tampered")
    client.force_login(an_analyst())

    answer = client.get(original_url(record))

    assert answer.status_code == 500
    assert b"tampered" not in answer.content


def test_preservation_is_attested_with_evidence(client: Client) -> None:
    request = a_request()
    task = custody.open_preservation_task(request=request, what="Camera 12", destroy_on=date(2026, 12, 1))
    custody.place_hold(request=request, at=task.request.created_at, citation="552.351")
    url = reverse("custody:attest", kwargs={"key": request.key, "task": task.pk})
    client.force_login(a_user(Role.CLERK))
    listed = client.get(reverse("workbench:records", kwargs={"key": request.key})).content.decode()
    assert "Camera 12" in listed
    assert "552.351" in listed

    assert client.post(url, {"evidence": ""}).status_code == 422
    assert client.post(url, {"evidence": "Ticket 7"}).status_code == 302
    assert client.post(url, {"evidence": "Ticket 8"}).status_code == 409

    task.refresh_from_db()
    assert task.evidence == "Ticket 7"


def test_a_task_of_another_request_is_not_found(client: Client) -> None:
    task = custody.open_preservation_task(request=a_request(), what="Camera 12")
    client.force_login(a_user(Role.CLERK))

    answer = client.post(
        reverse("custody:attest", kwargs={"key": a_request().key, "task": task.pk}), {"evidence": "Ticket 7"}
    )

    assert answer.status_code == 404
