"""Bytes of a film or sound over HTTP: whole or a range, to staff who may look, kept by no cache."""

from collections.abc import Iterator
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from portal.core import files
from redaction.release.ranges import Span, Unsatisfiable, span_of
from redaction.workbench.insight import private

CHUNK = 256 * 1024


def respond(request: HttpRequest, kept: files.Stored, content_type: str) -> HttpResponseBase:
    """This will answer with the bytes of a film or sound: 200, 206 or 416 (RFC 9110).

    :raises Corrupt: when they are not those that were made.
    """
    path = files.require_once_intact(kept)
    try:
        span = span_of(request.headers.get("Range", ""), kept.size)
    except Unsatisfiable:
        refused = private(HttpResponse(status=416))
        refused["Content-Range"] = f"bytes */{kept.size}"
        return refused
    whole = span or Span(0, kept.size - 1)
    response = private(
        StreamingHttpResponse(_read(path, whole), status=206 if span else 200, content_type=content_type)
    )
    response["Accept-Ranges"] = "bytes"
    response["Content-Length"] = str(whole.length)
    response["Content-Disposition"] = "inline"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    if span:
        response["Content-Range"] = f"bytes {span}/{kept.size}"
    return response


def _read(path: Path, span: Span) -> Iterator[bytes]:
    with path.open("rb") as stream:
        stream.seek(span.first)
        left = span.length
        while left and (chunk := stream.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
