"""Transcripts of recordings: read once in a child on arrival, then write-once beside the original."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core import files
from portal.core.errors import BadInput, DomainError
from redaction import limits, looks
from redaction.looks import Spoken
from redaction.report import RedactionError
from requests_app.custody.models import Medium, ResponsiveRecord, Transcript

LARGEST = limits.TRANSCRIPT_BYTES
_HEARD = (Medium.AUDIO, Medium.VIDEO)


class UnusableTranscript(BadInput):
    """The file is empty, is no transcript, or has something in it that cannot be understood."""

    code = "unusable_transcript"


class SameTranscript(DomainError):
    """The very same bytes are the record's transcript already."""

    code = "already_added"


@dataclass(frozen=True)
class Arrived:
    """A transcript at rest that no row names yet, and what it holds."""

    kept: files.Stored
    spoken: Spoken


def standing(record: ResponsiveRecord) -> Transcript | None:
    """This will give the newest transcript of a record, if it has one."""
    return Transcript.objects.filter(record=record).order_by("-pk").first()


def may_have(record: ResponsiveRecord) -> bool:
    """This will tell whether a transcript is of use: something is heard in it."""
    return record.medium in _HEARD


@contextmanager
def refusals_noted(record: ResponsiveRecord, actor: User) -> Iterator[None]:
    """This will write an audit entry of whatever refuses a transcript. Outside the transaction it refuses."""
    try:
        yield
    except DomainError as refusal:
        audit.record_denied(
            action="custody.transcript_added",
            actor=actor,
            subject=record,
            request_key=record.request.key,
            why=refusal.code,
        )
        raise


def receive(*, record: ResponsiveRecord, upload: "UploadedFile[bytes]") -> Arrived:
    """This will read an upload from beginning to end and put it beside the originals; no row is written.

    :raises UnusableTranscript: with line or word; nothing of it is kept.
    :raises TooLarge: above ``LARGEST``.
    """
    if not may_have(record):
        raise UnusableTranscript("Only a recording with sound can have a transcript.")
    size = upload.size or 0
    if not size:
        raise UnusableTranscript("The transcript is empty. Nothing was stored.")
    if size > LARGEST:
        raise files.TooLarge(f"The transcript is larger than {LARGEST:,} bytes. Nothing was stored.")
    files.require_space(size)
    with files.scratch() as folder:
        arrived = folder / "transcript"
        files.receive(upload.chunks(), arrived)
        spoken = _read(arrived)
        return Arrived(files.store_file(arrived, area="originals"), spoken)


def keep(*, record: ResponsiveRecord, arrived: Arrived, actor: User, at: datetime) -> Transcript:
    """This will make a transcript at rest the record's standing one. The caller holds the record's lock.

    :raises SameTranscript: when it stands already.
    """
    before = standing(record)
    if before is not None and before.sha256 == arrived.kept.sha256:
        raise SameTranscript("This very file is the transcript of this record already.")
    made = Transcript.objects.create(
        record=record,
        address=arrived.kept.address,
        sha256=arrived.kept.sha256,
        size=arrived.kept.size,
        format=arrived.spoken.format,
        uploaded_by=actor,
        uploaded_at=at,
    )
    audit.record(
        action="custody.transcript_added",
        actor=actor,
        subject=record,
        request_key=record.request.key,
        detail={"sha256": made.sha256, "size": made.size, "format": made.format, "replaces": bool(before)},
    )
    return made


def _read(path: Path) -> Spoken:
    try:
        return looks.transcript(path)
    except RedactionError as error:
        raise UnusableTranscript(f"{error.sentence} Nothing was stored.") from error
