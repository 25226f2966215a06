"""Reading a mail that tells what became of another: RFC 3464 reports and RFC 5965 complaints. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message
from email.utils import getaddresses

LONGEST = 2_000_000  # bytes of one report; a server returns headers or one of our short mails
_ACTIONS = {
    "failed": "bounced", "delayed": "delayed", "delivered": "delivered", "relayed": "accepted",
    "expanded": "accepted",
}  # fmt: skip
# the worst that is told about any recipient counts: each of our mails has one
_WORST = ("bounced", "delayed", "accepted", "delivered")
_ID = re.compile(r"<mail-(\d{1,18})\.([0-9a-f]{20})@[^<>\s]{1,255}>")
_PATH = re.compile(r"\+(\d{1,18})\.([0-9a-f]{20})@")


class NotUnderstood(ValueError):
    """The mail is no report that we can read; ``str()`` says why."""


@dataclass(frozen=True)
class Report:
    """What is told about one of our mails; ``mail_id`` and ``token`` from its Message-ID or return path."""

    mail_id: int
    token: str
    state: str
    code: str = ""
    detail: str = ""
    report_id: str = ""


def read(raw: bytes) -> Report:
    """This will read one raw message. :raises NotUnderstood: for all but a report about a mail of ours."""
    if len(raw) > LONGEST:
        raise NotUnderstood(f"it has {len(raw):,} bytes; no report is that long")
    try:
        return _read(raw)
    except NotUnderstood:
        raise
    except (MessageError, RecursionError, ArithmeticError, AssertionError, AttributeError, LookupError,
            TypeError, ValueError):  # fmt: skip
        # anybody can write to our address: no mail may keep the others from being read
        raise NotUnderstood("its parts or headers cannot be read") from None


def _read(raw: bytes) -> Report:
    message = message_from_bytes(raw, policy=policy.compat32)
    kind = message.get_content_type()
    report_type = str(message.get_param("report-type") or "").lower()
    if kind == "multipart/report" and report_type == "feedback-report":
        state, code, detail = _complaint(message)
    elif kind == "multipart/report" and report_type == "delivery-status":
        state, code, detail = _status(message)
    elif str(message.get("Auto-Submitted", "no")).lower().startswith("auto-replied"):
        raise NotUnderstood("it is an automatic answer of a person (RFC 3834), not a report")
    else:
        raise NotUnderstood("it is not a delivery report (RFC 3464) and not a complaint (RFC 5965)")
    found = _ours(message)
    if found is None:
        raise NotUnderstood("it does not name a mail of ours")
    return Report(
        int(found[1]), found[2], state, code, detail, str(message.get("Message-ID", "")).strip()[:200]
    )


def by_message_id(text: str) -> tuple[int, str] | None:
    """This will read (mail, token) out of one of our Message-IDs, with or without its angle brackets."""
    found = _ID.fullmatch(text if text.startswith("<") else f"<{text}>")
    return (int(found[1]), found[2]) if found else None


def _status(message: Message) -> tuple[str, str, str]:
    told = []
    for group in _groups(message, "message/delivery-status"):
        state = _ACTIONS.get(str(group.get("Action", "")).strip().lower())
        if state:
            why = str(group.get("Diagnostic-Code", "")).partition(";")[2] or str(group.get("Status", ""))
            told.append((state, str(group.get("Status", "")).strip()[:20], " ".join(why.split())[:300]))
    if not told:
        raise NotUnderstood("the delivery report says nothing of any recipient")
    return min(told, key=lambda one: _WORST.index(one[0]))


def _complaint(message: Message) -> tuple[str, str, str]:
    for group in _groups(message, "message/feedback-report"):
        kind = str(group.get("Feedback-Type", "")).strip().lower()
        if kind:
            if kind == "not-spam":
                raise NotUnderstood("its reader says that the mail is wanted")
            return "complained", kind[:20], str(group.get("User-Agent", ""))[:300]
    raise NotUnderstood("the complaint has no type")


def _groups(message: Message, content_type: str) -> Iterator[Message]:
    """The blocks of headers of a report's second part; some servers send it as text."""
    for part in message.walk():
        if part.get_content_type() != content_type:
            continue
        held = part.get_payload()
        if isinstance(held, list):
            for one in held:
                if isinstance(one, Message):
                    yield one
                    yield from _of_text(one.get_payload())
        else:
            yield from _of_text(part.get_payload(decode=True))


def _of_text(held: object) -> Iterator[Message]:
    text = held if isinstance(held, bytes) else str(held or "").encode()
    for block in re.split(rb"\r?\n\s*\r?\n", text):
        if block.strip():
            yield message_from_bytes(block + b"\n\n", policy=policy.compat32)


def _ours(message: Message) -> "re.Match[str] | None":
    """By the address it came back to, else by the Message-ID in the headers of the mail it returns."""
    for header in ("Delivered-To", "X-Original-To", "To", "Original-Recipient"):
        for _, address in getaddresses([str(value) for value in message.get_all(header, [])]):
            if found := _PATH.search(address):
                return found
    for part in message.walk():
        if part is message:
            continue
        named = [str(value) for value in part.get_all("Message-ID", [])]
        if part.get_content_type() in {"text/rfc822-headers", "message/global-headers"}:
            body = part.get_payload(decode=True)
            named.append(body[:100_000].decode(errors="replace") if isinstance(body, bytes) else "")
        for text in named:
            if found := _ID.search(text):
                return found
    return None
