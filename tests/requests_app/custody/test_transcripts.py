from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction

from portal.audit.models import Entry, Outcome
from portal.core import files
from redaction import looks, sandbox
from redaction.report import Refused
from requests_app.custody import transcripts
from requests_app.custody.models import Transcript
from tests.requests_app.custody.record_builders import SPOKEN, a_record, a_recording, a_transcript

pytestmark = pytest.mark.django_db


def test_a_transcript_is_read_in_a_child_and_kept_beside_the_originals() -> None:
    record = a_record(content=a_recording(), name="call.wav")

    kept = a_transcript(record)

    assert transcripts.standing(record) == kept
    assert (kept.format, kept.size) == ("srt", len(SPOKEN))
    assert kept.address.startswith("originals/")
    assert files.require_intact(files.Stored.of(kept)).read_bytes() == SPOKEN
    entry = Entry.objects.get(action="custody.transcript_added")
    assert entry.detail["sha256"] == kept.sha256
    assert entry.detail["replaces"] is False


def test_a_newer_transcript_stands_and_the_older_row_stays() -> None:
    record = a_record(content=a_recording(), name="call.wav")
    first = a_transcript(record)

    second = a_transcript(record, b"WEBVTT\n\n00:00.000 --> 00:01.000\nquiet\n")

    assert transcripts.standing(record) == second
    assert second.format == "vtt"
    assert set(Transcript.objects.filter(record=record)) == {first, second}
    assert Entry.objects.filter(action="custody.transcript_added").latest("seq").detail["replaces"] is True


@pytest.mark.parametrize("change", ["update", "delete"])
def test_a_row_never_changes_whoever_asks(change: str) -> None:
    kept = a_transcript(a_record(content=a_recording(), name="call.wav"))
    rows = Transcript.objects.filter(pk=kept.pk)

    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        rows.update(sha256="0" * 64) if change == "update" else rows.delete()

    assert rows.get().sha256 == kept.sha256


def test_the_same_transcript_is_not_taken_twice() -> None:
    record = a_record(content=a_recording(), name="call.wav")
    a_transcript(record)

    with pytest.raises(transcripts.SameTranscript, match="already"):
        a_transcript(record)

    assert Transcript.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"no times here\n", "holds no words"),
        (b"1\n00:00:05,000 --> 00:00:01,000\nx\n", "Line 2 of the transcript ends before it begins"),
        (b'{"words": 7}', "without a list of words"),
        (SPOKEN + b"x" * 1000, "larger than"),
    ],
    ids=["empty", "no times", "backwards", "no words", "too large"],
)
def test_what_cannot_be_read_is_refused_with_a_sentence_and_kept_nowhere(
    content: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcripts, "LARGEST", 1000)
    record = a_record(content=a_recording(), name="call.wav")
    upload = SimpleUploadedFile("call.srt", content)

    with (
        pytest.raises((transcripts.UnusableTranscript, files.TooLarge), match=words) as caught,
        transcripts.refusals_noted(record, record.uploaded_by),
    ):
        transcripts.receive(record=record, upload=upload)

    assert "Nothing was stored." in str(caught.value)
    assert transcripts.standing(record) is None
    assert Entry.objects.get(action="custody.transcript_added").outcome == Outcome.DENIED


def test_a_table_has_no_transcript() -> None:
    with pytest.raises(transcripts.UnusableTranscript, match="recording with sound"):
        transcripts.receive(record=a_record(), upload=SimpleUploadedFile("a.srt", SPOKEN))


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {"format": "exe"},
        {"format": "srt"},
        {"format": "srt", "captions": "x", "words_timed": 1, "last": 2},
    ],
)
def test_a_child_that_answers_nonsense_is_a_refusal(said: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    record = a_record(content=a_recording(), name="call.wav")
    monkeypatch.setattr(sandbox, "call", lambda *_args, **_more: said)

    with pytest.raises(Refused, match="no answer"):
        looks.transcript(files.path_of(record.address))
