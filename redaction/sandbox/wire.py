"""What passes between a caller and a child: JSON lines, checked; nothing a child sent is ever executed.

Errors pass by the name of their class out of a short list; an unforeseen error passes as its type and the
place in our own source only, for its text may quote the record.
"""

import errno
import json
import socket
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from redaction.limits import LONGEST_LINE
from redaction.report import (
    Finding,
    MarksError,
    RedactionError,
    Refused,
    UsageError,
    VerificationFailed,
)
from redaction.sniff import UnknownType

_KINDS: Mapping[str, type[RedactionError]] = {
    "MarksError": MarksError,
    "VerificationFailed": VerificationFailed,
    "UnknownType": UnknownType,
    "UsageError": UsageError,
    "Refused": Refused,
    "RedactionError": RedactionError,
}
_MOST_FINDINGS = 10_000
_PACKAGE = Path(__file__).parents[1]


class Garbled(Exception):
    """What came out of a child is not what a child of ours says."""


def send(stream: socket.socket, message: Mapping[str, Any]) -> None:
    stream.sendall(line(message))


def line(message: Mapping[str, Any]) -> bytes:
    """This will put a message into the bytes that go over the socket."""
    return json.dumps(message, ensure_ascii=False).encode() + b"\n"


def error_as_data(error: BaseException) -> dict[str, Any]:
    """This will put an error into JSON values, without a word of an unforeseen one."""
    if isinstance(error, RedactionError):
        kind = next(cls.__name__ for cls in type(error).__mro__ if cls.__name__ in _KINDS)
        data: dict[str, Any] = {"kind": kind, "message": str(error)[:LONGEST_LINE]}
        if isinstance(error, MarksError):
            data["mark_id"] = error.mark_id
        if isinstance(error, VerificationFailed):
            data["findings"] = findings_as_data(error.findings[:_MOST_FINDINGS])
        return data
    if isinstance(error, MemoryError):
        return {"kind": "memory"}
    if isinstance(error, OSError) and error.errno in (errno.EFBIG, errno.EDQUOT):
        return {"kind": "disk"}
    return {"kind": "unforeseen", "type": type(error).__name__[:80], "place": _place(error)}


def error_from_data(data: Mapping[str, Any]) -> RedactionError | None:
    """This will give the error a child raised on purpose; None when it is none of those."""
    cls = _KINDS.get(str(data.get("kind")))
    if cls is None:
        return None
    message = str(data.get("message", ""))[:LONGEST_LINE]
    if cls is VerificationFailed:
        return VerificationFailed(findings_from_data(data.get("findings")))
    if cls is MarksError:
        mark_id = data.get("mark_id")
        known = mark_id if isinstance(mark_id, str) else None
        return MarksError(message.removeprefix(f"mark {known}: "), mark_id=known)
    return cls(message)


def findings_as_data(findings: tuple[Finding, ...] | list[Finding]) -> list[list[str | None]]:
    return [[found.message, found.mark_id, found.place] for found in findings]


def findings_from_data(data: object) -> list[Finding]:
    """This will give findings back.

    :raises Garbled: when they are none.
    """
    if not isinstance(data, list) or len(data) > _MOST_FINDINGS:
        raise Garbled("no list of findings")
    found = []
    for row in data:
        match row:
            case [str(message), str() | None as mark_id, str(place)]:
                found.append(Finding(message[:LONGEST_LINE], mark_id, place[:LONGEST_LINE]))
            case _:
                raise Garbled("a finding without words")
    return found


def _place(error: BaseException) -> str:
    """The innermost line of our own source that was at work."""
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(_PACKAGE)
    ]
    if not ours:
        return ""
    return f"{Path(ours[-1].filename).relative_to(_PACKAGE)}:{ours[-1].lineno}"
