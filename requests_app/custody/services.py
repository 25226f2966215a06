"""The only code that takes files in, places holds and closes preservation tasks."""

import hashlib
import os
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core import files
from portal.core.errors import BadInput, DomainError, IllegalMove, NotAllowed, StaleWrite
from redaction import looks, probe, sniff
from redaction.report import RedactionError
from requests_app.custody import policies
from requests_app.custody.models import Hold, PreservationTask, ResponsiveRecord
from requests_app.docket.models import RecordsRequest, RequestItem
from requests_app.docket.rules import Status

CLOSED_FOR_RECORDS = frozenset({Status.DRAFT, Status.READY, Status.CLOSED})


class Unusable(BadInput):
    """The file is empty, broken, of no known type, or not what its name says."""

    code = "unusable_file"


class AlreadyAdded(DomainError):
    """The very same bytes are a record of this request already."""

    code = "already_added"


class TakesNoRecords(IllegalMove):
    """The request is a draft, ready for release, or closed."""

    code = "takes_no_records"


class AlreadyAttested(StaleWrite):
    """Somebody confirmed the preservation first."""

    code = "already_attested"


def add_record(
    *,
    request: RecordsRequest,
    upload: "UploadedFile[bytes] | Iterable[bytes]",
    title: str,
    actor: User,
    at: datetime,
    item: RequestItem | None = None,
    name: str = "",
    source_agency: str = "",
) -> ResponsiveRecord:
    """This will take one file in as a record: hashed as it arrives, typed by its content, then write-once.

    ``upload`` is an uploaded file, or pieces of bytes with the file's ``name``. Nothing is kept of a refusal.

    :raises Unusable: when the file is empty, broken, disguised or of a type that is not released here.
    :raises TooLarge: above UPLOAD_MAX_BYTES.
    :raises AlreadyAdded: when the request has the same file already.
    """
    try:
        return _add(request, upload, title, actor, at, item, name, source_agency)
    except DomainError as refusal:
        audit.record_denied(
            action="custody.record_added",
            actor=actor,
            subject=request,
            request_key=request.key,
            why=refusal.code,
        )
        raise


def _add(
    request: RecordsRequest,
    upload: "UploadedFile[bytes] | Iterable[bytes]",
    title: str,
    actor: User,
    at: datetime,
    item: RequestItem | None,
    name: str,
    source_agency: str,
) -> ResponsiveRecord:
    if not policies.may_add(actor, request):
        raise NotAllowed("Your role does not include adding records.")
    _require_open(request)
    title = " ".join(title.split())
    if not 0 < len(title) <= 200:
        raise BadInput("Give the record a title of 1 to 200 characters, in neutral words.")
    if item is not None and item.request_id != request.pk:
        raise BadInput("That item belongs to another request.")
    if isinstance(upload, UploadedFile):
        name = name or upload.name or ""
        files.require_space(_within_limit(upload.size or 0))
        upload = upload.chunks()
    name = Path(name.replace("\\", "/")).name[-255:]
    with files.scratch() as folder:
        arrived = folder / "The file"  # the sniffer's sentences begin with this name
        sha256, size = _receive(upload, arrived)
        facts = _examine(arrived, name)
        _require_new(request, sha256)
        kept = files.store_file(arrived, area="originals")
    if kept.sha256 != sha256:
        raise files.Corrupt("The file changed between arrival and disk. Please upload it again.")
    return _write(
        request,
        actor,
        ResponsiveRecord(
            request=request,
            item=item,
            title=title,
            original_name=name,
            medium=facts.medium,
            format=facts.format,
            size=size,
            extent=extent(facts),
            sha256=sha256,
            address=kept.address,
            source_agency=source_agency.strip()[:200],
            uploaded_by=actor,
            uploaded_at=at,
        ),
    )


@transaction.atomic
def _write(request: RecordsRequest, actor: User, record: ResponsiveRecord) -> ResponsiveRecord:
    locked = RecordsRequest.objects.select_for_update().get(pk=request.pk)
    _require_open(locked)
    _require_new(request, record.sha256)
    last = ResponsiveRecord.objects.filter(request=request).aggregate(last=Max("position"))["last"] or 0
    record.position = last + 1
    record.save(force_insert=True)
    audit.record(
        action="custody.record_added",
        actor=actor,
        subject=record,
        request_key=request.key,
        detail={"sha256": record.sha256, "size": record.size, "format": record.format},
    )
    return record


def _receive(chunks: Iterable[bytes], target: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as sink:
        for chunk in chunks:
            size = _within_limit(size + len(chunk))
            digest.update(chunk)
            sink.write(chunk)
        sink.flush()
        os.fsync(sink.fileno())
    return digest.hexdigest(), size


def _within_limit(size: int) -> int:
    if size > settings.UPLOAD_MAX_BYTES:
        raise files.TooLarge(
            f"The file is larger than {settings.UPLOAD_MAX_BYTES:,} bytes, the most this portal takes."
        )
    return size


def _examine(path: Path, name: str) -> probe.Facts:
    try:
        facts = looks.examine(path, thorough=True)
    except RedactionError as error:
        text = str(error)
        raise Unusable(f"{text[:1].upper()}{text[1:].rstrip('.')}. Nothing was stored.") from error
    suffix = Path(name).suffix.lower()
    if suffix not in sniff.SUFFIXES.get(facts.format, ()):
        raise Unusable(
            f"The name ends in “{suffix or 'nothing'}”, but the content is of type {facts.format}. "
            "Nothing was stored. If the content is right, give the file its true ending and try again."
        )
    return facts


def extent(facts: probe.Facts) -> str:
    """This will word how long a file is, where its reader can tell: pages or playing time."""
    if facts.seconds:
        return f"{timedelta(seconds=round(facts.seconds))} long"
    if facts.pages:
        return f"{len(facts.pages)} {'page' if len(facts.pages) == 1 else 'pages'}"
    return ""


def _require_open(request: RecordsRequest) -> None:
    if request.status in CLOSED_FOR_RECORDS:
        words = {"ready": "The review of this request is finished; open it again first."}.get(
            request.status, "This request is not open, so it takes no records."
        )
        raise TakesNoRecords(words)


def _require_new(request: RecordsRequest, sha256: str) -> None:
    twin = ResponsiveRecord.objects.filter(request=request, sha256=sha256).first()
    if twin is not None:
        raise AlreadyAdded(
            f"This file is a record of this request already: number {twin.position}, {twin.title}."
        )


@transaction.atomic
def place_hold(
    *, request: RecordsRequest, at: datetime, scope: str = "", citation: str = "", actor: User | None = None
) -> Hold:
    """This will freeze destruction of what a request asks for. Asked again, it gives the hold there is."""
    RecordsRequest.objects.select_for_update().get(pk=request.pk)
    standing = request.holds.filter(released_at=None).first()
    if standing is not None:
        return standing
    words = scope or f"Everything that may answer request {request.number or request.pk}"
    hold = Hold.objects.create(request=request, scope=words[:500], citation=citation[:200], placed_at=at)
    audit.record(action="custody.hold_placed", actor=actor, subject=hold, request_key=request.key)
    return hold


@transaction.atomic
def open_preservation_task(
    *,
    request: RecordsRequest,
    what: str,
    destroy_on: date | None = None,
    rule: str = "",
    actor: User | None = None,
) -> PreservationTask:
    """This will ask staff to have something kept by the system that recorded it. Once for each thing."""
    task, created = PreservationTask.objects.get_or_create(
        request=request, what=what[:300], defaults={"destroy_on": destroy_on, "rule": rule[:300]}
    )
    if created:
        audit.record(action="custody.preservation_asked", actor=actor, subject=task, request_key=request.key)
    return task


def attest_preserved(*, task: PreservationTask, actor: User, at: datetime, evidence: str) -> None:
    """This will close a preservation task with the proof: a ticket number or a hash.

    :raises BadInput: without evidence.
    :raises AlreadyAttested: when somebody confirmed it first.
    """
    if not policies.may_attest(actor, task.request):
        audit.record_denied(
            action="custody.preserved",
            actor=actor,
            subject=task,
            request_key=task.request.key,
            why=NotAllowed.code,
        )
        raise NotAllowed("Your role does not include confirming preservation.")
    evidence = evidence.strip()
    if not 0 < len(evidence) <= 300:
        raise BadInput(
            "Give the ticket number or hash that shows the recording is kept (at most 300 characters)."
        )
    with transaction.atomic():
        open_task = PreservationTask.objects.filter(pk=task.pk, attested_at=None)
        if not open_task.update(attested_by=actor, attested_at=at, evidence=evidence):
            raise AlreadyAttested("Somebody else has confirmed this already.")
        audit.record(action="custody.preserved", actor=actor, subject=task, request_key=task.request.key)
    task.attested_by, task.attested_at, task.evidence = actor, at, evidence
