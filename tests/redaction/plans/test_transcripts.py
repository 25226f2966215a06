from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from portal.audit.models import Entry, Outcome
from portal.core import files, jobs
from portal.core.errors import IllegalMove, NotAllowed, StaleWrite
from portal.core.models import Job
from redaction import pipeline
from redaction.plans import approvals, transcripts
from redaction.plans import services as plans
from redaction.plans.checks import BadMarks
from redaction.plans.models import Approval, Render, Review
from redaction.plans.rows import latest_version
from redaction.report import Report
from requests_app.custody.models import ResponsiveRecord, Transcript
from requests_app.custody.transcripts import SameTranscript, UnusableTranscript
from tests.builders import NOON, a_user
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, an_approval, an_approver
from tests.requests_app.custody.record_builders import SPOKEN, a_record, a_recording, a_transcript, an_analyst

pytestmark = pytest.mark.django_db

WORDS: dict[str, Any] = {
    "version": 1,
    "marks": [{"id": "w", "kind": "mute", "literal": "Maria Canary", "reason": "MINOR"}],
}
LATER = SPOKEN.replace(b"copy that", b"copy all of that")


def a_call() -> ResponsiveRecord:
    return a_record(content=a_recording(), name="call.wav")


def attached(review: Review, content: bytes = SPOKEN, **more: Any) -> transcripts.Attached:
    upload = SimpleUploadedFile("call.srt", content)
    return transcripts.attach(review=review, upload=upload, actor=more.get("actor") or an_analyst(), at=NOON)


def a_bypassing_row(record: ResponsiveRecord) -> Transcript:
    """A transcript that came by another way than the one that opens a new version of the marks."""
    return a_transcript(record, LATER)


def test_words_are_muted_where_they_are_said_and_captions_go_beside_the_copy() -> None:
    review = a_review(a_call())
    kept = attached(review)
    assert kept.plan is None

    render = a_render(plan=a_plan(review=review, marks=WORDS))

    samples = np.frombuffer(files.path_of(render.address).read_bytes()[-32_000:], dtype="<i2")
    loud = np.abs(samples.astype(np.int32)).reshape(-1, 400).max(axis=1) > 300  # blocks of 50 ms
    assert not loud[19:29].any()  # the second caption with its guards, 0.95 to 1.45 s
    assert loud[:18].all()
    assert loud[30:].all()
    captions = files.path_of(render.companions.get(name="captions.vtt").address).read_text()
    assert "hello there" in captions
    assert "copy that" in captions
    assert "[withheld]" in captions
    assert "Canary" not in captions
    assert render.transcript_sha256 == kept.transcript.sha256
    [row] = render.report["marks"]
    assert row["requested"] == row["applied"] == row["verified"] == 1


@pytest.mark.parametrize("decision", [None, "accepted"])
def test_words_cannot_be_marked_without_a_transcript(decision: str | None) -> None:
    marks = {"version": 1, "marks": [{**WORDS["marks"][0], "decision": decision}]}

    with pytest.raises(BadMarks, match="mark w: muting words needs a transcript; attach") as caught:
        a_plan(review=a_review(a_call()), marks=marks)

    assert caught.value.mark_id == "w"


def test_a_rejected_suggestion_of_words_needs_no_transcript() -> None:
    marks = {"version": 1, "marks": [{**WORDS["marks"][0], "suggested": True, "decision": "rejected"}]}

    assert a_plan(review=a_review(a_call()), marks=marks).version == 1


def test_a_newer_transcript_voids_the_approval_and_opens_a_version_of_the_same_marks() -> None:
    review = a_review(a_call())
    attached(review)
    approval = an_approval(render=a_render(plan=a_plan(review=review, marks=WORDS)))

    newer = attached(review, LATER)

    approval.refresh_from_db()
    review.refresh_from_db()
    assert approval.voided_at is not None
    assert (review.status, review.job) == ("marked", None)
    assert newer.plan is not None
    assert (newer.plan.version, newer.plan.marks) == (2, WORDS)
    assert Transcript.objects.filter(record=review.record).count() == 2
    Review.objects.filter(pk=review.pk).update(status="verified")
    with pytest.raises(approvals.NothingToApprove):
        plans.approve(review=review, approver=an_approver(), at=NOON, render_sha256=approval.render_sha256)


def test_no_way_round_lets_a_result_of_another_transcript_be_approved_or_released() -> None:
    review = a_review(a_call())
    attached(review)
    render = a_render(plan=a_plan(review=review, marks=WORDS))
    approval = an_approval(render=render)
    a_bypassing_row(review.record)

    with pytest.raises(StaleWrite, match="transcript of this record has changed"):
        plans.release(review=review, actor=None, manifest="m")
    Approval.objects.filter(pk=approval.pk).update(voided_at=NOON)
    Review.objects.filter(pk=review.pk).update(status="verified")
    with pytest.raises(StaleWrite, match="transcript of this record has changed"):
        an_approval(render=render)
    with pytest.raises(IntegrityError, match="not for its newest marks"), transaction.atomic():
        Approval.objects.create(
            review=review,
            render=a_copy_of(render),
            approver=an_approver(),
            prepared_by=render.plan.author,
            source_sha256=render.source_sha256,
            marks_digest=render.marks_digest,
            render_sha256=render.sha256,
            at=NOON,
        )


def a_copy_of(render: Render) -> Render:
    """A result has one approval at most, so a second try needs a second row."""
    fields = {
        row.name: getattr(render, row.name) for row in Render._meta.fields if row.name not in ("id", "job")
    }
    return Render.objects.create(**fields)


def test_a_transcript_attached_while_the_engine_works_keeps_the_old_result_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = a_plan(review=a_review(a_call()), marks={"version": 1, "marks": []})
    job = plans.request_render(review=plan.review, actor=plan.author, at=NOON)

    def made_meanwhile(*_args: Any, **_more: Any) -> Report:
        a_bypassing_row(plan.review.record)
        source = plan.review.record.sha256
        return Report("e", "audio", source_sha256=source, marks_digest=plan.digest, withheld=True)

    monkeypatch.setattr(pipeline, "redact", made_meanwhile)

    assert not jobs.execute(job.pk)

    assert "transcript changed" in Job.objects.get(pk=job.pk).error
    assert not Render.objects.exists()


def test_only_who_marks_may_attach_and_the_attempt_is_noted() -> None:
    review = a_review(a_call())

    with pytest.raises(NotAllowed):
        attached(review, actor=a_user())

    assert not Transcript.objects.exists()
    assert Entry.objects.filter(action="review.save_marks", outcome=Outcome.DENIED).count() == 1


def test_a_record_set_aside_takes_no_transcript() -> None:
    review = a_review(a_call())
    plans.mark_duplicate(review=review, actor=an_analyst(), at=NOON)

    with pytest.raises(IllegalMove, match="duplicate"):
        attached(review)

    assert not Transcript.objects.exists()
    assert Entry.objects.get(action="custody.transcript_added").outcome == Outcome.DENIED


def test_what_is_refused_changes_nothing() -> None:
    plan = a_plan(review=a_review(a_call()), marks={"version": 1, "marks": []})
    attached(plan.review)

    with pytest.raises(SameTranscript):
        attached(plan.review)
    with pytest.raises(UnusableTranscript):
        attached(plan.review, b"nothing")

    assert Transcript.objects.count() == 1
    assert latest_version(plan.review) == 2
