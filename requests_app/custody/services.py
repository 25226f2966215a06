"""The only code that takes files in. Holds, tasks, cases and purges have a module each beside it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core import files
from portal.core.errors import BadInput, DomainError, IllegalMove, NotAllowed
from redaction import looks, probe, sniff
from redaction.report import RedactionError
from requests_app.custody import known, policies, tracing
from requests_app.custody.holds import cover, place_hold
from requests_app.custody.models import ResponsiveRecord
from requests_app.custody.preservation import (
    AlreadyAttested,
    attest_preserved,
    open_preservation_task,
    preserve,
)
from requests_app.docket import recusals
from requests_app.docket.models import RecordsRequest, RequestItem
from requests_app.docket.rules import Status

__all__ = [
    "AlreadyAdded",
    "AlreadyAttested",
    "TakesNoRecords",
    "Unusable",
    "add_record",
    "attest_preserved",
    "open_preservation_task",
    "place_hold",
    "preserve",
]
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
        sha256, size = files.receive(upload, arrived, limit=settings.UPLOAD_MAX_BYTES)
        facts = _examine(arrived, name)
        _require_new(request, sha256)
        kept = files.store_file(arrived, area="originals")
    if kept.sha256 != sha256:
        raise files.Corrupt("The file changed between arrival and disk. Please upload it again.")
    known.learn(kept, facts)
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
            **tracing.of_answer(request, item),
        ),
    )


@transaction.atomic
def _write(request: RecordsRequest, actor: User, record: ResponsiveRecord) -> ResponsiveRecord:
    locked = RecordsRequest.objects.select_for_update().get(pk=request.pk)
    _require_open(locked)
    _require_new(request, record.sha256)
    last = ResponsiveRecord.objects.filter(request=request).aggregate(last=Max("position"))["last"] or 0
    record.position = last + 1
    if _take_from_the_recused(locked, record.sha256, actor):
        request.assignee = None
    record.save(force_insert=True)
    audit.record(
        action="custody.record_added",
        actor=actor,
        subject=record,
        request_key=request.key,
        detail={"sha256": record.sha256, "size": record.size, "format": record.format},
    )
    # from here on under the audit chain's lock, which a purge takes before it removes bytes and a hold
    # before it looks for records: whichever comes second sees the first
    if not files.path_of(record.address).exists():
        raise files.Corrupt("The same bytes were destroyed a moment ago. Please upload the file again.")
    cover(record=record, at=record.uploaded_at)
    return record


def _take_from_the_recused(locked: RecordsRequest, sha256: str, actor: User) -> bool:
    """Whoever is recused from a file does not go on owning a request that gets it."""
    owner = locked.assignee
    if owner is None or recusals.free([owner], locked, coming=sha256):
        return False
    RecordsRequest.objects.filter(pk=locked.pk).update(assignee=None)
    audit.record(
        action="request.assigned", actor=actor, subject=locked, request_key=locked.key,
        detail={"to": None, "recused": owner.pk},
    )  # fmt: skip
    return True


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
        raise Unusable(f"{error.sentence} Nothing was stored.") from error
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
