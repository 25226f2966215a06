"""How staff get a file: saved under a neutral name, never run or kept by a browser."""

from typing import IO

from django.http import FileResponse

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
