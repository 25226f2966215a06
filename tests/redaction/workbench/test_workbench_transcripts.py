import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.accounts.rules import Role
from portal.audit.models import Entry, Outcome
from redaction.plans.models import Plan
from redaction.plans.rows import latest_version
from requests_app.custody.models import ResponsiveRecord, Transcript
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition
from tests.builders import NOON, a_user
from tests.redaction.plans.plan_builders import a_review
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import (
    SPOKEN,
    a_record,
    a_recording,
    a_transcript,
    an_analyst,
)

pytestmark = pytest.mark.django_db

WORDS = {"version": 0, "literal": "Maria Canary", "style": "silence", "reason": "MINOR"}


def a_call() -> ResponsiveRecord:
    return a_record(content=a_recording(), name="call.wav")


def a_file(content: bytes = SPOKEN) -> dict[str, SimpleUploadedFile]:
    return {"transcript": SimpleUploadedFile("call.srt", content)}


def test_words_are_marked_once_a_transcript_is_attached(desk: Client) -> None:
    record = a_call()
    refused = desk.post(url("add-mark", record, kind="mute"), WORDS)
    assert refused.status_code == 422
    assert "mark mute-1: muting words needs a transcript" in refused.content.decode()

    attached = desk.post(url("attach-transcript", record), a_file(), follow=True).content.decode()
    saved = desk.post(url("add-mark", record, kind="mute"), WORDS, follow=True).content.decode()

    assert "Transcript attached: 3 captions, without the times of single words." in attached
    assert "Fetch the transcript" in attached
    assert "every “Maria Canary” spoken" in saved
    assert Plan.objects.get().marks["marks"][0]["literal"] == "Maria Canary"


def test_a_newer_transcript_says_which_version_it_opened(desk: Client) -> None:
    record = a_call()
    desk.post(url("attach-transcript", record), a_file())
    desk.post(url("add-mark", record, kind="mute"), WORDS)
    late = b"1\n00:00:01,000 --> 00:01:40,000\nhello\n"

    page = desk.post(url("attach-transcript", record), a_file(late), follow=True).content.decode()

    assert "It goes on until second 100, but the recording is 2 seconds long" in page
    assert "This is version 2 of the marks." in page
    assert latest_version(a_review(record)) == 2


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [(b"", 422, "is empty"), (b"nonsense", 422, "holds no words"), (SPOKEN, 409, "already")],
)
def test_a_refused_transcript_is_told_on_the_page(
    desk: Client, content: bytes, status: int, words: str
) -> None:
    record = a_call()
    desk.post(url("attach-transcript", record), a_file())

    answer = desk.post(url("attach-transcript", record), a_file(content))

    assert answer.status_code == status
    assert words in answer.content.decode()
    assert Transcript.objects.count() == 1
    assert desk.post(url("attach-transcript", record)).status_code == 422


def test_only_recordings_have_a_place_for_a_transcript(desk: Client) -> None:
    record = a_record()

    assert "Attach the transcript" not in desk.get(url("marks", record)).content.decode()
    assert desk.post(url("attach-transcript", record), a_file()).status_code == 404


def test_nobody_else_attaches_one(client: Client) -> None:
    record = a_call()

    for person, status in ((a_user(), 404), (a_user(Role.FEE_OFFICER), 403)):
        client.force_login(person)
        assert client.post(url("attach-transcript", record), a_file()).status_code == status

    assert not Transcript.objects.exists()


def test_the_transcript_goes_to_who_may_look_into_the_record_and_is_audited(client: Client) -> None:
    record = a_call()
    address = url("transcript", record)
    client.force_login(an_analyst())
    assert client.get(address).status_code == 404

    kept = a_transcript(record)

    answer = client.get(address)
    assert b"".join(answer.streaming_content) == SPOKEN  # type: ignore[attr-defined]  # a FileResponse
    assert "record-1-transcript.srt" in answer["Content-Disposition"]
    assert Entry.objects.get(action="custody.transcript_fetched").detail == {"sha256": kept.sha256}
    for person, status in (
        (record.request.requester, 404),
        (a_user(), 404),
        (a_user(Role.FEE_OFFICER), 403),
    ):
        assert person is not None
        client.force_login(person)
        assert client.get(address).status_code == status
    assert Entry.objects.filter(action="custody.preview_viewed", outcome=Outcome.DENIED).count() == 1


def test_a_closed_request_shuts_its_transcripts_until_it_is_opened_again(desk: Client) -> None:
    record = a_call()
    a_transcript(record)
    RecordsRequest.objects.update(status="closed", closed_at=NOON, disposition=Disposition.WITHDRAWN)

    shut = desk.get(url("transcript", record))
    page = desk.get(url("marks", record)).content.decode()
    RecordsRequest.objects.update(status="accepted", closed_at=None, disposition="")

    assert (shut.status_code, SPOKEN in shut.content) == (409, False)
    assert b"This request is closed" in shut.content
    assert "Fetch the transcript" not in page
    opened = desk.get(url("transcript", record))
    assert b"".join(opened.streaming_content) == SPOKEN  # type: ignore[attr-defined]  # a FileResponse
    assert Entry.objects.filter(action="custody.transcript_fetched").count() == 1
