"""The only code that writes messages, letters and mail. Mail carries links, never record text."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core import jobs
from portal.core.errors import BadInput
from portal.core.models import Queue
from requests_app.clock import selectors as clocks
from requests_app.correspondence.models import Direction, Letter, MailState, Message, OutgoingMail
from requests_app.docket.models import RecordsRequest

MAIL = "correspondence.mail"


class EmptyMessage(BadInput):
    code = "empty_message"


@transaction.atomic
def post_message(
    *,
    request: RecordsRequest,
    author: User,
    body: str,
    direction: Direction,
    at: datetime,
    idempotency_key: str,
    is_question: bool = False,
) -> Message:
    """This will add one message to the thread and tell the other side by a mail with a link.

    Posting twice with one ``idempotency_key`` gives the first message again.

    :raises EmptyMessage: when there is nothing in it.
    """
    if not body.strip():
        raise EmptyMessage("Write your message first. Nothing was sent.")
    message, created = Message.objects.get_or_create(
        # hashed: two long keys never become one, and nobody meets another person's key
        idempotency_key=hashlib.sha256(f"{request.pk}:{author.pk}:{idempotency_key}".encode()).hexdigest(),
        defaults={
            "request": request,
            "author": author,
            "body": body.strip(),
            "direction": direction,
            "sent_at": at,
            "is_question": is_question,
        },
    )
    if not created:
        return message
    side = "from" if direction == Direction.FROM_REQUESTER else "to"
    audit.record(action=f"message.{side}_requester", actor=author, subject=message, request_key=request.key)
    if direction == Direction.TO_REQUESTER:
        assert request.requester is not None  # noqa: S101  a filed request has one
        queue_mail(
            to=request.requester.email,
            template="message",
            context=links(request),
            request=request,
            dedupe_key=f"message:{message.pk}",
        )
    elif request.assignee is not None:
        queue_mail(
            to=request.assignee.email,
            template="staff_message",
            context=links(request),
            request=request,
            dedupe_key=f"message:{message.pk}",
        )
    return message


@transaction.atomic
def send_letter(
    *,
    request: RecordsRequest,
    kind: str,
    subject: str,
    context: Mapping[str, Any],
    signer: User | None,
    at: datetime,
    dedupe_key: str,
) -> Letter:
    """This will store a letter as sent, have its tagged PDF made, and mail the requester a link to it.

    Sending twice with one ``dedupe_key`` gives the first letter again.
    """
    whole = {
        "deadlines": clocks.lapses(request, at=at), **context, **links(request), "subject": subject,
        "signer": signer, "sent_at": at,
    }  # fmt: skip
    letter, created = Letter.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "request": request,
            "kind": kind,
            "subject": subject,
            "signer": signer,
            "sent_at": at,
            "html": render_to_string(f"letters/{kind}.html", whole),
        },
    )
    if not created:
        return letter
    jobs.enqueue(
        kind="correspondence.letter",
        dedupe_key=f"letter:{letter.pk}",
        queue=Queue.BUILD,
        payload={"letter": letter.pk},
    )
    audit.record(
        action="letter.sent", actor=signer, subject=letter, request_key=request.key, detail={"kind": kind}
    )
    assert request.requester is not None  # noqa: S101  a filed request has one
    queue_mail(
        to=request.requester.email,
        template="letter",
        context={**links(request), "subject": subject},
        request=request,
        dedupe_key=f"letter:{letter.pk}",
    )
    return letter


def queue_mail(
    *,
    to: str,
    template: str,
    context: Mapping[str, Any],
    dedupe_key: str,
    request: RecordsRequest | None = None,
) -> OutgoingMail:
    """This will write one mail into the outbox in the caller's transaction; a job hands it over once."""
    base = f"emails/{template}"
    subject = " ".join(render_to_string(f"{base}.subject.txt", dict(context)).split())[:200]
    mail, created = OutgoingMail.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "to": to,
            "subject": subject,
            "request": request,
            "text": render_to_string(f"{base}.txt", dict(context)),
            "html": render_to_string(f"{base}.html", dict(context)),
        },
    )
    if created:
        jobs.enqueue(
            kind=MAIL,
            dedupe_key=f"mail:{mail.pk}",
            queue=Queue.MAIL,
            payload={"mail": mail.pk},
        )
    return mail


def mark_sent(mail: OutgoingMail, *, at: datetime) -> None:
    """This will note that the mail server took the mail. It does not mean that it arrived."""
    OutgoingMail.objects.filter(pk=mail.pk).update(state=MailState.SENT, sent_at=at)


def links(request: RecordsRequest) -> dict[str, Any]:
    """This will give what every mail about a request may say: its number and where to look."""
    return {
        "request": request,
        "agency": request.agency,
        # spelt out: a staff-only process has no requester's addresses, yet its mails link to them
        "tracking_url": f"{settings.PUBLIC_BASE_URL}/my/requests/{request.key}/",
        "desk_url": f"{settings.STAFF_BASE_URL}/desk/requests/{request.key}/",
    }
