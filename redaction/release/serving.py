"""Bytes over HTTP: ranges, fixed types, a check before anything leaves, and the count of what left."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from io import FileIO
from pathlib import Path

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from portal.accounts.models import User
from portal.core import files
from redaction.release import grants
from redaction.release.destroying import require_there
from redaction.release.grants import Piece
from redaction.release.models import DownloadGrant
from redaction.release.ranges import Span, Unsatisfiable, span_of

HASHED_FIRST = 64 * 1024 * 1024  # larger files are hashed on their way out instead
CHUNK = 256 * 1024

log = structlog.get_logger(__name__)


def respond(*, request: HttpRequest, grant: DownloadGrant, user: User, at: datetime) -> HttpResponseBase:
    """This will answer GET or HEAD for the bytes of a grant: 200, 206 or 416 (RFC 9110).

    :raises Destroyed: when it was destroyed on schedule.
    :raises Corrupt: when the stored bytes are not those that were issued; nothing is sent, and audited.
    """
    require_there(grant)
    piece = grants.piece_of(grant)
    try:
        path = _intact(piece)
    except files.Corrupt:
        log.error("released_file_corrupt", manifest=grant.manifest_id, item=grant.item_id)
        grants.note_corrupt(grant=grant, user=user)
        raise
    try:
        span = _span(request, piece)
    except Unsatisfiable:
        refused = HttpResponse(status=416)
        refused["Content-Range"] = f"bytes */{piece.size}"
        return _dressed(refused, piece, length=0)
    if request.method == "HEAD":
        head = HttpResponse(status=206 if span else 200)
        return _dressed(head, piece, length=span.length if span else piece.size, span=span)
    whole = span or Span(0, piece.size - 1)
    download = grants.begin_download(
        grant=grant, user=user, at=at, part=str(span) if span else "", planned=whole.length
    )

    def chunks() -> Iterator[bytes]:
        sent = 0
        try:
            for chunk in _read(path, whole, piece):
                yield chunk
                sent += len(chunk)
        finally:
            grants.end_download(download=download, sent=sent)

    response = StreamingHttpResponse(chunks(), status=206 if span else 200)
    return _dressed(response, piece, length=whole.length, span=span)


def _span(request: HttpRequest, piece: Piece) -> Span | None:
    header, condition = request.headers.get("Range", ""), request.headers.get("If-Range", "")
    if not header or (condition and condition != _etag(piece)):
        return None
    return span_of(header, piece.size)


def _etag(piece: Piece) -> str:
    return f'"{piece.sha256}"'


def _dressed(
    response: HttpResponse | StreamingHttpResponse,
    piece: Piece,
    *,
    length: int,
    span: Span | None = None,
) -> HttpResponse | StreamingHttpResponse:
    response["Content-Type"] = piece.content_type
    response["Content-Disposition"] = content_disposition_header(True, piece.name) or "attachment"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = _etag(piece)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Content-Length"] = str(length)
    if span:
        response["Content-Range"] = f"bytes {span}/{piece.size}"
    return response


def _intact(piece: Piece) -> Path:
    """Small files are hashed once for each state of the file on disk; large ones are hashed as they leave."""
    path = files.path_of(piece.address)
    try:
        status = path.stat()
    except FileNotFoundError:
        raise files.Corrupt("This file is missing. The records unit has been told.") from None
    if status.st_size != piece.size:
        raise files.Corrupt(
            "This file has changed on disk, so it is not sent. The records unit has been told."
        )
    if piece.size > HASHED_FIRST:
        return path
    return files.require_once_intact(files.Stored.of(piece), by_others=False)


def _read(path: Path, span: Span, piece: Piece) -> Iterator[bytes]:
    """A large file sent whole is hashed on the way; its last bytes leave only if the hash is right."""
    hashed = hashlib.sha256() if span.length == piece.size > HASHED_FIRST else None
    with path.open("rb", buffering=0) as stream:
        stream.seek(span.first)
        left = span.length
        while left:
            chunk = _some(stream, min(CHUNK, left))
            left -= len(chunk)
            if hashed is not None:
                hashed.update(chunk)
                if not left and hashed.hexdigest() != piece.sha256:
                    log.error("released_file_corrupt", address=piece.address)
                    raise files.Corrupt("This file has changed on disk. Sending it was broken off.")
            yield chunk


def _some(stream: FileIO, size: int) -> bytes:
    chunk = stream.read(size)
    if not chunk:
        raise files.Corrupt("This file is shorter than it should be. Sending it was broken off.")
    return chunk
