"""A recording's transcript: attaching one is a change of what its marks mean, so it makes their next version.

Marks may name words to mute, and captions go out made of the transcript. What was rendered, verified or
approved with another transcript, or with none, no longer stands.
"""

from dataclasses import dataclass
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from portal.accounts.models import User
from redaction import marks as marks_format
from redaction.looks import Spoken
from redaction.plans import policies, services
from redaction.plans.models import Plan, Review
from redaction.plans.rows import lock, newest_plan, require_open
from redaction.plans.rules import REVIEW
from requests_app.custody import transcripts
from requests_app.custody.models import Transcript
from requests_app.custody.transcripts import Arrived


@dataclass(frozen=True)
class Attached:
    """``plan`` is the version of the marks that the transcript opened, None when there were no marks yet."""

    transcript: Transcript
    spoken: Spoken
    plan: Plan | None


def attach(*, review: Review, upload: "UploadedFile[bytes]", actor: User, at: datetime) -> Attached:
    """This will make an upload the record's transcript; its marks get a next version, an approval is void.

    :raises NotAllowed: when the actor's roles do not include redaction.
    :raises UnusableTranscript: with line or word, when it cannot be read.
    :raises IllegalMove: when the record is released or set aside, or its request closed.
    """
    policies.require(actor, review, "save_marks")
    with transcripts.refusals_noted(review.record, actor):
        arrived = transcripts.receive(record=review.record, upload=upload)
        return _attach(review, arrived, actor, at)


@transaction.atomic
def _attach(review: Review, arrived: Arrived, actor: User, at: datetime) -> Attached:
    locked = lock(review)
    require_open(locked)
    REVIEW.check("save_marks", locked.status, None)
    made = transcripts.keep(record=locked.record, arrived=arrived, actor=actor, at=at)
    newest = newest_plan(locked)
    if newest is None:
        return Attached(made, arrived.spoken, None)
    parsed = marks_format.parse(newest.marks)
    plan = services.keep(locked, parsed, author=actor, at=at, expected_version=newest.version)
    review.status, review.job = plan.review.status, None
    return Attached(made, arrived.spoken, plan)
