"""How staff get a file: saved under a neutral name, never run or kept by a browser."""

from typing import IO

from django.http import FileResponse

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core import files
from redaction import sniff
from requests_app.custody.models import ResponsiveRecord


def attachment(stream: IO[bytes], name: str) -> FileResponse:
    """This will send a file that the browser saves and never runs or keeps."""
    response = FileResponse(
        stream, as_attachment=True, filename=name, content_type="application/octet-stream"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "no-store, private"
    return response


def neutral_name(record: ResponsiveRecord, what: str, suffix: str = "") -> str:
    """This will name a download by request and position; the original's own name may name a person."""
    ending = suffix or sniff.SUFFIXES[record.format][0]
    return f"{record.request.number}-record-{record.position}-{what}{ending}"


def unredacted(
    user: User, record: ResponsiveRecord, stored: files.Stored, what: str, suffix: str = ""
) -> FileResponse:
    """This will send an unredacted file to somebody who may have it, and write that down.

    :raises Corrupt: when it is not what was stored; nothing of it is sent.
    """
    path = files.require_intact(stored)
    audit.record(
        action=f"custody.{what}_fetched",
        actor=user,
        subject=record,
        request_key=record.request.key,
        detail={"sha256": stored.sha256},
    )
    return attachment(path.open("rb"), neutral_name(record, what, suffix))
