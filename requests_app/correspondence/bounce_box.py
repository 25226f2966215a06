"""Reports about our mails, as they come: files, a maildir, and the provider's webhook."""

import hashlib
import hmac
import json
import mailbox
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from portal.core.errors import BadInput, DomainError
from requests_app.correspondence import bounces, mailing
from requests_app.correspondence.bounces import NotUnderstood, Report
from requests_app.correspondence.models import MailState, OutgoingMail, Source

TOLERANCE = 300  # seconds between a provider's clock and ours; a replay after that is refused
MOST = 500  # events in one call
HEARD = {MailState.ACCEPTED, MailState.DELIVERED, MailState.DELAYED, MailState.BOUNCED, MailState.COMPLAINED}


class BadSignature(DomainError):
    """Whoever called does not hold the secret, or repeats an old call."""

    code = "bad_signature"
    status = 403


@dataclass
class Tally:
    """How many reports were heard, how many heard before, and why the others were left."""

    heard: int = 0
    again: int = 0
    left: list[str] = field(default_factory=list)


def read_messages(messages: Iterable[tuple[str, bytes]], *, at: datetime) -> Tally:
    """This will enter what each raw message reports; one that is no report is named and left."""
    tally = Tally()
    for name, raw in messages:
        try:
            report = bounces.read(raw)
            mail = _mail_of(report)
        except NotUnderstood as why:
            tally.left.append(f"{name}: {why}")
            continue
        key = f"report:{report.report_id or hashlib.sha256(raw).hexdigest()}:{report.state}"
        is_new = mailing.hear(
            mail=mail, state=report.state, source=Source.BOUNCE, at=at, key=key, code=report.code,
            detail=report.detail,
        )  # fmt: skip
        tally.heard += is_new
        tally.again += not is_new
    return tally


def read_path(path: Path, *, at: datetime) -> Tally:
    """This will read one message, an mbox file, or a maildir whose new mails it marks as read."""
    if path.is_dir():
        return _read_maildir(path, at)
    raw = path.read_bytes()
    if not raw.startswith(b"From "):
        return read_messages([(path.name, raw)], at=at)
    box = mailbox.mbox(path, create=False)
    try:
        return read_messages(((f"{path.name}#{key}", box.get_bytes(key)) for key in box.keys()), at=at)  # noqa: SIM118  an mbox iterates over messages
    finally:
        box.close()


def read_folder(*, at: datetime) -> Tally:
    """This will read the maildir that MAIL_BOUNCE_FOLDER names; nothing where none is set."""
    if not settings.MAIL_BOUNCE_FOLDER:
        return Tally()
    return read_path(Path(settings.MAIL_BOUNCE_FOLDER), at=at)


def _read_maildir(path: Path, at: datetime) -> Tally:
    tally = Tally()
    for found in sorted(path.glob("new/*")):
        if found.name.startswith(".") or not found.is_file():
            continue
        with suppress(FileNotFoundError):  # another worker moved it a moment ago
            with found.open("rb") as stream:
                raw = stream.read(bounces.LONGEST + 1)
            each = read_messages([(found.name, raw)], at=at)
            tally.heard, tally.again = tally.heard + each.heard, tally.again + each.again
            tally.left += each.left
            # entered first, moved after: a crash between reads it again, once
            read = path / "cur"
            read.mkdir(exist_ok=True)
            found.rename(read / f"{found.name.partition(':')[0]}:2,S")
    return tally


def _mail_of(report: Report) -> OutgoingMail:
    if not hmac.compare_digest(report.token, mailing.token_of(report.mail_id)):
        raise NotUnderstood("it names a mail of ours without its token")
    mail = OutgoingMail.objects.filter(pk=report.mail_id).first()
    if mail is None:
        raise NotUnderstood("it is about a mail that we no longer have")
    return mail


def verify(*, body: bytes, timestamp: str, signature: str, at: datetime) -> None:
    """This will check that a call comes from whoever holds the secret, and now.

    Signed is ``timestamp.body`` with HMAC-SHA-256; ``signature`` is ``v1=`` and its hex digits.

    :raises BadSignature: else.
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        raise BadSignature("The call has no time of signing.")
    if abs(at.timestamp() - int(timestamp)) > TOLERANCE:
        raise BadSignature("The call was signed too long ago.")
    signed = hmac.new(settings.MAIL_WEBHOOK_SECRET.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    if not hmac.compare_digest(f"v1={signed.hexdigest()}".encode(), signature.encode(errors="replace")):
        raise BadSignature("The signature does not fit.")


@transaction.atomic
def receive(*, body: bytes, at: datetime) -> Tally:
    """This will enter a provider's events, all of them or none; an event sent twice is entered once.

    ``{"events": [{"id", "message_id", "type", "at"?, "code"?, "detail"?}]}``; types: accepted, delivered,
    delayed, bounced, complained. An event about a mail we do not know is counted and left.

    :raises BadInput: naming the event and the field.
    """
    try:
        events = json.loads(body)["events"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadInput("Send JSON like {“events”: [{“id”, “message_id”, “type”}]}.") from None
    if not isinstance(events, list) or len(events) > MOST:
        raise BadInput(f"“events” is a list of at most {MOST} events.")
    tally = Tally()
    for number, event in enumerate(events, start=1):
        _receive(number, event, at, tally)
    return tally


def _receive(number: int, event: Any, at: datetime, tally: Tally) -> None:
    def text(name: str, most: int, *, needed: bool = False) -> str:
        value = event.get(name, "") if isinstance(event, dict) else None
        if not isinstance(value, str) or len(value) > most or (needed and not value):
            raise BadInput(f"Event {number}: “{name}” is text of at most {most} characters.")
        return value.replace("\0", "").encode(errors="replace").decode()  # half a character is none

    key, kind, named = (
        text("id", 100, needed=True),
        text("type", 20, needed=True),
        text("message_id", 400, needed=True),
    )
    if kind not in {state.value for state in HEARD}:
        raise BadInput(f"Event {number}: “type” is one of {', '.join(sorted(HEARD))}.")
    code, detail = text("code", 40), text("detail", 2000)
    found = bounces.by_message_id(named)
    mail = None
    if found is not None and hmac.compare_digest(found[1], mailing.token_of(found[0])):
        mail = OutgoingMail.objects.filter(pk=found[0]).first()
    if mail is None:
        tally.left.append(f"event {number}: no mail of ours has this message_id")
        return
    is_new = mailing.hear(
        mail=mail, state=kind, source=Source.WEBHOOK, at=_moment(number, text("at", 40), at),
        key=f"webhook:{key}", code=code, detail=detail,
    )  # fmt: skip
    tally.heard += is_new
    tally.again += not is_new


def _moment(number: int, text: str, at: datetime) -> datetime:
    if not text:
        return at
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if not 2000 <= moment.astimezone(UTC).year < 2200:
            raise ValueError(text)
        return moment
    except (ValueError, OverflowError):
        raise BadInput(f"Event {number}: “at” is a time like 2026-11-20T12:00:00Z.") from None
