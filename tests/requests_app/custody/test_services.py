import hashlib
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError, transaction
from PIL import Image
from pytest_django import Settings

from portal.accounts.rules import Role
from portal.audit.models import Entry, Outcome
from portal.core import files
from portal.core.errors import BadInput, NotAllowed
from requests_app.custody import services as custody
from requests_app.custody.models import PreservationTask, ResponsiveRecord
from requests_app.docket.rules import Status
from tests.builders import NOON, a_request, a_user
from tests.redaction.film_builders import a_sound
from tests.requests_app.custody.record_builders import READS, a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db


def stored_originals() -> set[Path]:
    folder = Path(django_settings.DATA_DIR) / "originals"
    return {path for path in folder.rglob("*") if path.is_file()}


def scratch_files() -> set[Path]:
    return set((Path(django_settings.DATA_DIR) / "scratch").glob("*"))


def test_add_record_keeps_the_bytes_under_their_own_hash() -> None:
    record = a_record(content=READS, title="  Plate   reads ")

    stored = files.path_of(record.address)
    assert stored.read_bytes() == READS
    assert record.sha256 == hashlib.sha256(READS).hexdigest()
    assert (record.size, record.medium, record.format) == (len(READS), "table", "csv")
    assert (record.title, record.position, record.original_name) == ("Plate reads", 1, "reads.csv")
    assert stored.stat().st_mode & 0o222 == 0


def test_add_record_takes_a_stream_with_a_name() -> None:
    request, actor = a_request(status=Status.SEARCHING), an_analyst()

    def pieces() -> Iterator[bytes]:
        yield READS[:10]
        yield READS[10:]

    record = custody.add_record(
        request=request,
        upload=pieces(),
        name="C:\\share\\Victim Name.csv",
        title="Reads",
        actor=actor,
        at=NOON,
    )

    assert record.original_name == "Victim Name.csv"
    assert record.sha256 == hashlib.sha256(READS).hexdigest()


def test_add_record_numbers_records_in_order_and_audits_each() -> None:
    request = a_request(status=Status.SEARCHING)

    first = a_record(request=request)
    second = a_record(request=request, content=a_pdf("A report"), name="report.pdf", item=request.items.get())

    assert (first.position, second.position) == (1, 2)
    entries = Entry.objects.filter(action="custody.record_added", request_key=request.key)
    assert [entry.outcome for entry in entries] == [Outcome.OK, Outcome.OK]
    assert entries[1].detail == {"sha256": second.sha256, "size": second.size, "format": "pdf"}


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "empty.csv", "is empty"),
        (READS, "film.mp4", "content is of type csv"),
        (READS, "reads", "ends in “nothing”"),
        (b"MZ\x90\x00" + b"\x00" * 200, "report.pdf", "a program"),
        (b"PK\x03\x04" + b"\x00" * 200, "book.xlsx", "a ZIP archive or an Office document"),
        (b"%PDF-1.7\nnot really", "report.pdf", "broken"),
        (b"\xff\xd8\xff\xe0broken", "face.jpg", "broken"),
        (b"plate\n\xff\xfe\x00\x00\x01", "reads.csv", "unknown type"),
    ],
)
def test_add_record_refuses_what_it_cannot_use_and_keeps_nothing(
    content: bytes, name: str, sentence: str, settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path / "data"  # nothing of another test is in it
    request = a_request(status=Status.SEARCHING)

    with pytest.raises(custody.Unusable, match=sentence) as refusal:
        a_record(request=request, content=content, name=name)

    assert refusal.value.status == 422
    assert str(refusal.value).startswith(("The ", "This "))
    assert not ResponsiveRecord.objects.exists()
    assert stored_originals() == set()
    assert scratch_files() == set()
    denied = Entry.objects.get(action="custody.record_added", outcome=Outcome.DENIED)
    assert denied.detail == {"why": "unusable_file"}
    assert denied.request_key == request.key


def test_add_record_refuses_a_film_without_a_picture(tmp_path: Path) -> None:
    film = a_sound(tmp_path / "sound-only.mp4")

    with pytest.raises(custody.Unusable, match="no picture"):
        a_record(content=film.read_bytes(), name="stop.mp4")


def test_add_record_takes_pictures_as_they_are_displayed() -> None:
    target = BytesIO()
    Image.new("RGB", (40, 20)).save(target, "PNG")

    record = a_record(content=target.getvalue(), name="scene.png")

    assert (record.medium, record.format) == ("image", "png")


def test_add_record_stops_a_stream_at_the_limit(settings: Settings) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    request, actor = a_request(status=Status.SEARCHING), an_analyst()
    before = stored_originals()
    given = []

    def endless() -> Iterator[bytes]:
        while True:
            given.append(1)
            yield b"a,b\n" * 100

    with pytest.raises(files.TooLarge) as refusal:
        custody.add_record(request=request, upload=endless(), name="x.csv", title="X", actor=actor, at=NOON)

    assert refusal.value.status == 413
    assert len(given) == 3
    assert stored_originals() == before


def test_add_record_refuses_an_upload_that_says_it_is_too_large(settings: Settings) -> None:
    settings.UPLOAD_MAX_BYTES = 10

    with pytest.raises(files.TooLarge):
        a_record()


def test_add_record_refuses_the_same_file_twice_in_a_request() -> None:
    request = a_request(status=Status.SEARCHING)
    a_record(request=request)

    with pytest.raises(custody.AlreadyAdded, match="number 1"):
        a_record(request=request, name="again.csv")

    assert a_record(content=READS).position == 1  # another request may have it


@pytest.mark.parametrize("status", [Status.READY, Status.DRAFT])
def test_add_record_refuses_a_request_that_is_not_open_for_records(status: Status) -> None:
    with pytest.raises(custody.TakesNoRecords) as refusal:
        a_record(request=a_request(status=status))

    assert refusal.value.status == 409


def test_add_record_refuses_a_person_without_the_permission() -> None:
    with pytest.raises(NotAllowed):
        a_record(uploader=a_user(Role.FEE_OFFICER))

    assert Entry.objects.get(outcome=Outcome.DENIED).detail == {"why": "not_allowed"}


@pytest.mark.parametrize("title", ["", "   ", "x" * 201])
def test_add_record_wants_a_title(title: str) -> None:
    with pytest.raises(BadInput, match="title"):
        a_record(title=title)


def test_add_record_refuses_an_item_of_another_request() -> None:
    stranger = a_request(status=Status.SEARCHING).items.get()

    with pytest.raises(BadInput, match="another request"):
        a_record(item=stranger)


def test_the_database_keeps_an_original_as_it_came() -> None:
    record = a_record()

    with pytest.raises(DatabaseError), transaction.atomic():
        ResponsiveRecord.objects.filter(pk=record.pk).update(sha256="0" * 64)
    with pytest.raises(DatabaseError), transaction.atomic():
        record.delete()

    assert ResponsiveRecord.objects.get().sha256 == record.sha256


def test_place_hold_holds_once() -> None:
    request = a_request()

    first = custody.place_hold(request=request, at=NOON, citation="Gov't Code 552.351")
    again = custody.place_hold(request=request, at=NOON)

    assert first == again
    assert str(request.number) in first.scope
    assert Entry.objects.filter(action="custody.hold_placed").count() == 1


def test_attest_preserved_needs_evidence_and_happens_once() -> None:
    request, clerk = a_request(), a_user(Role.CLERK)
    task = custody.open_preservation_task(request=request, what="Camera 12", destroy_on=date(2026, 12, 1))

    with pytest.raises(BadInput, match="ticket"):
        custody.attest_preserved(task=task, actor=clerk, at=NOON, evidence="  ")
    custody.attest_preserved(task=task, actor=clerk, at=NOON, evidence="Ticket 4711")
    with pytest.raises(custody.AlreadyAttested):
        custody.attest_preserved(task=task, actor=clerk, at=NOON, evidence="Ticket 4712")

    assert PreservationTask.objects.get().evidence == "Ticket 4711"
    assert Entry.objects.filter(action="custody.preserved").count() == 1


def test_open_preservation_task_asks_once_for_a_thing() -> None:
    request = a_request()

    first = custody.open_preservation_task(request=request, what="Camera 12")
    again = custody.open_preservation_task(request=request, what="Camera 12")

    assert first == again
    assert request.preservation_tasks.count() == 1


def test_attest_preserved_refuses_people_who_do_not_work_requests() -> None:
    task = custody.open_preservation_task(request=a_request(), what="Camera 12")

    with pytest.raises(NotAllowed):
        custody.attest_preserved(task=task, actor=a_user(Role.AUDITOR), at=NOON, evidence="Ticket 1")

    assert Entry.objects.filter(action="custody.preserved", outcome=Outcome.DENIED).count() == 1
