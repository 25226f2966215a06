"""What other rooms call: messages, letters and mail. Mail carries links, never record text."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core.errors import BadInput
from requests_app.correspondence import letters
from requests_app.correspondence.letters import check, draft, law_sentences, send_again
from requests_app.correspondence.mailing import MAIL, links, mark_sent, queue_mail
from requests_app.correspondence.models import Direction, Letter, Message
from requests_app.correspondence.required import LetterIncomplete
from requests_app.docket.models import RecordsRequest

__all__ = [
    "MAIL", "EmptyMessage", "LetterIncomplete", "check", "draft", "law_sentences", "links", "mark_sent",
    "post_message", "queue_mail", "send_again", "send_letter",
]  # fmt: skip


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
    by_letter: bool = False,
) -> Message:
    """This will add one message to the thread and tell the other side by a mail with a link.

    Posting twice with one ``idempotency_key`` gives the first message again. ``by_letter``: a letter with the
    same words goes out beside it, and its mail is enough.

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
    if direction == Direction.TO_REQUESTER and not by_letter:
        assert request.requester is not None  # noqa: S101  a filed request has one
        queue_mail(
            to=request.requester.email,
            template="message",
            context=links(request),
            request=request,
            dedupe_key=f"message:{message.pk}",
        )
    elif direction == Direction.FROM_REQUESTER and request.assignee is not None:
        queue_mail(
            to=request.assignee.email,
            template="staff_message",
            context=links(request),
            request=request,
            dedupe_key=f"message:{message.pk}",
        )
    return message


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
    """This will write, check, store and send a letter; see :func:`letters.send`.

    :raises LetterIncomplete: naming each thing the law wants said that the letter does not say.
    """
    return letters.send(
        request=request, kind=kind, subject=subject, context=context, signer=signer, at=at,
        dedupe_key=dedupe_key,
    )  # fmt: skip
