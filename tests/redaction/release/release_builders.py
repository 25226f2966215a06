"""Requests on their way out, made by the services people use."""

from datetime import datetime
from importlib import import_module
from itertools import count
from typing import Any
from unittest.mock import patch

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.core import jobs
from portal.core.models import Job
from redaction.release import services as release
from redaction.release.models import ReleaseManifest
from requests_app.custody import services as custody
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.fees import services as fees
from tests.builders import NOON, a_request, a_user
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, a_withholding, an_approval
from tests.requests_app.custody.record_builders import READS, a_pdf, an_analyst

_unique = count(1)
import_module("redaction.release.tasks")  # a worker has it from Celery: the handler of release.build

NAMED = "Rosalind-CANARYNAME-interview.csv"
PDF_MARKS: dict[str, Any] = {
    "version": 1,
    "marks": [
        {
            "id": "CANARYMARKID",
            "kind": "text",
            "literal": "CANARYTEXT",
            "reason": "VICTIM",
            "note": "CANARYNOTE",
        }
    ],
}


def a_reviewed_request(
    *,
    withheld: bool = False,
    pdf: bool = False,
    fee: bool = True,
    requester: User | None = None,
    **fields: Any,
) -> RecordsRequest:
    """A request in review: one table approved; with ``pdf`` a document too, with ``withheld`` one kept."""
    request = a_request(status=Status.SEARCHING, requester=requester, **fields)
    add(request, some_reads(), NAMED, "Plate reads at Elm and 3rd")
    if pdf:
        add(request, a_pdf("Statement", "CANARYTEXT was here"), "CANARYFILE.pdf", "Statement of a witness")
    if withheld:
        add(request, some_reads(), "second.csv", "Reads of another camera")
    RecordsRequest.objects.filter(pk=request.pk).update(status=Status.IN_REVIEW)
    request.refresh_from_db()
    records = list(ResponsiveRecord.objects.filter(request=request))
    an_approval(render=a_render(plan=a_plan(review=a_review(records[0]))))
    if pdf:
        an_approval(render=a_render(plan=a_plan(review=a_review(records[1]), marks=PDF_MARKS)))
    if withheld:
        a_withholding(record=records[-1])
    if fee:
        no_fee(request)
    return request


def some_reads() -> bytes:
    """Reads no other test has: a test that harms the stored file harms its own."""
    return READS + f"X,Fir and {next(_unique)}th,2026-02-01 09:00:00\n".encode()


def a_denied_request() -> RecordsRequest:
    request = a_request(status=Status.SEARCHING)
    add(request, some_reads(), NAMED, "Plate reads at Elm and 3rd")
    RecordsRequest.objects.filter(pk=request.pk).update(status=Status.IN_REVIEW)
    a_withholding(record=ResponsiveRecord.objects.get(request=request))
    no_fee(request)
    request.refresh_from_db()
    return request


def add(request: RecordsRequest, content: bytes, name: str, title: str) -> ResponsiveRecord:
    upload = SimpleUploadedFile(name, content)
    return custody.add_record(request=request, upload=upload, title=title, actor=an_analyst(), at=NOON)


def no_fee(request: RecordsRequest) -> None:
    fees.charge_nothing(request=request, actor=a_user(Role.FEE_OFFICER), reason="Under the threshold.")


def a_clerk(**fields: Any) -> User:
    return a_user(Role.CLERK, **fields)


def a_building_release(
    *, request: RecordsRequest | None = None, actor: User | None = None, note: str = ""
) -> ReleaseManifest:
    """A release that was decided and whose job waits."""
    return release.create(
        request=request or a_reviewed_request(), actor=actor or a_clerk(), at=NOON, outcome_note=note
    )


def build(manifest: ReleaseManifest) -> bool:
    """Run the job as a worker would; gives whether it published."""
    assert manifest.job is not None
    # the heartbeat's own connection cannot see a row of the test's open transaction, and would give up
    with patch.object(jobs, "HEARTBEAT_SECONDS", 3600):
        done = jobs.execute(manifest.job.pk)
    manifest.refresh_from_db()
    return done


def jobs_of(manifest: ReleaseManifest) -> QuerySet[Job]:
    assert manifest.job_id is not None
    return Job.objects.filter(pk=manifest.job_id)


def a_release(*, request: RecordsRequest | None = None, actor: User | None = None) -> ReleaseManifest:
    """An issued release with its package in the file store."""
    manifest = a_building_release(request=request, actor=actor)
    assert build(manifest), manifest.job and type(manifest.job).objects.get(pk=manifest.job.pk).error
    assert manifest.status == "issued", manifest.failure
    return manifest


def a_link(
    manifest: ReleaseManifest, *, path: str = "", user: User | None = None, at: datetime = NOON
) -> str:
    """The token of a fresh grant; ``path`` of one file, empty: the whole package."""
    item = manifest.items.get(path=path) if path else None
    return release.grant(manifest=manifest, item=item, user=user or manifest.recipient, at=at)[1]
