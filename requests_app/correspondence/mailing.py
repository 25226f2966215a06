"""The outbox, what is heard about a mail after it left, and the task that a mail which failed leaves."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import select_template
from django.utils import translation

from portal.accounts import policies
from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core import jobs
from portal.core.errors import BadInput, IllegalMove
from portal.core.models import Job, JobState, Queue
from requests_app.correspondence import characters, rules
from requests_app.correspondence.facts import tracking_url
from requests_app.correspondence.fields import LANGUAGES
from requests_app.correspondence.models import (
    DeliveryEvent,
    Letter,
    MailState,
    MailTask,
    OutgoingMail,
    Resolution,
    Source,
)
from requests_app.docket.models import RecordsRequest

_REFUSAL = "Your role does not include writing to requesters."

MAIL = "correspondence.mail"


def queue_mail(
    *,
    to: str,
    template: str,
    context: Mapping[str, Any],
    dedupe_key: str,
    request: RecordsRequest | None = None,
    letter: Letter | None = None,
    language: str = "",
) -> OutgoingMail:
    """This will write one mail into the outbox in the caller's transaction; a job hands it over once.

    Its language is its reader's, where we have the mail in it (``<template>.es.txt`` beside the English).
    """
    chosen = language or User.objects.filter(email__iexact=to).values_list("language", flat=True).first()
    chosen = chosen if chosen in LANGUAGES else "en"
    with translation.override(chosen):
        subject = " ".join(_words(template, chosen, "subject.txt", context).split())[:200]
        text, html = _words(template, chosen, "txt", context), _words(template, chosen, "html", context)
    mail, created = OutgoingMail.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "to": to, "subject": subject, "request": request, "letter": letter, "language": chosen,
            "text": text, "html": html,
        },
    )  # fmt: skip
    if created:
        jobs.enqueue(kind=MAIL, dedupe_key=f"mail:{mail.pk}", queue=Queue.MAIL, payload={"mail": mail.pk})
    return mail


def links(request: RecordsRequest) -> dict[str, Any]:
    """This will give what every mail about a request may say: its number and where to look."""
    return {
        "request": request,
        "agency": request.agency,
        "tracking_url": tracking_url(request),
        "desk_url": f"{settings.STAFF_BASE_URL}/desk/requests/{request.key}/",
    }


def mark_sent(mail: OutgoingMail, *, at: datetime) -> None:
    """This will note that the mail server took the mail. It does not mean that it arrived."""
    OutgoingMail.objects.filter(pk=mail.pk).update(sent_at=at)
    hear(mail=mail, state=MailState.SENT, source=Source.SMTP, at=at, key=f"sent:{at.isoformat()}")


def token_of(mail_id: int) -> str:
    """This will give the part of a mail's Message-ID that nobody can guess: a made-up report matches none."""
    key = f"daylight.mail:{settings.SECRET_KEY}".encode()
    return hmac.new(key, str(mail_id).encode(), hashlib.sha256).hexdigest()[:20]


def message_id(mail_id: int) -> str:
    """This will give the mail's Message-ID, the same at every attempt."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    return f"<mail-{mail_id}.{token_of(mail_id)}@{domain}>"


def return_path(mail_id: int) -> str:
    """This will give the address to which a report about the mail comes back."""
    if not settings.MAIL_BOUNCE_ADDRESS:
        return str(settings.DEFAULT_FROM_EMAIL)
    name, _, domain = settings.MAIL_BOUNCE_ADDRESS.rpartition("@")
    return f"{name}+{mail_id}.{token_of(mail_id)}@{domain}"


@transaction.atomic
def hear(
    *,
    mail: OutgoingMail,
    state: str,
    source: str,
    at: datetime,
    key: str,
    code: str = "",
    detail: str = "",
) -> bool:
    """This will enter what was heard about a mail; False when the same was heard before (by ``key``).

    What came back, is unwanted or could not be handed over leaves a task for staff.
    """
    row = OutgoingMail.objects.select_for_update().get(pk=mail.pk)
    digest = hashlib.sha256(key.encode()).hexdigest()
    _, is_new = DeliveryEvent.objects.get_or_create(
        dedupe_key=f"{row.pk}:{digest}"[:120],
        defaults={
            "mail": row, "state": state, "source": source, "at": at, "code": characters.cleaned(code)[:20],
            "detail": " ".join(characters.cleaned(detail).split())[:300],
        },
    )  # fmt: skip
    if not is_new:
        return False
    later = rules.next_state(row.state, state)
    if later != row.state:
        OutgoingMail.objects.filter(pk=row.pk).update(state=later)
    mail.state = later
    if rules.needs_person(state):
        _, opened = MailTask.objects.get_or_create(
            mail=row, resolved_at=None, defaults={"request_id": row.request_id, "opened_at": at}
        )
        if opened:
            audit.record(
                action=f"mail.{state}", actor=None, subject=row,
                request_key=row.request.key if row.request else "", detail={"code": code[:20]},
            )  # fmt: skip
    return True


@transaction.atomic
def resolve(*, task: MailTask, resolution: str, note: str, actor: User, at: datetime) -> OutgoingMail | None:
    """This will settle a task; with a corrected address the mail goes out again, and its copy is given.

    :raises BadInput: without a way or a note.
    :raises IllegalMove: when it was settled before, or the requester's address is still the same.
    """
    policies.require(actor, Permission.WORK_REQUESTS, _REFUSAL)
    if resolution not in Resolution.values:
        raise BadInput("Say how it was settled.")
    note = " ".join(note.split())
    if not note or len(note) > 500:
        raise BadInput("Write in at most 500 characters what was done, such as whom you phoned and when.")
    if name := characters.unseen(note):
        raise BadInput(f"The note holds an unseen character ({name}). Type it anew.")
    rows = MailTask.objects.select_for_update(of=("self",)).select_related("mail__request__requester")
    row = rows.get(pk=task.pk)
    if row.resolved_at is not None:
        raise IllegalMove("This was settled already.")
    copy = _to_new_address(row.mail) if resolution == Resolution.CORRECTED else None
    row.resolution, row.note, row.resolved_by, row.resolved_at = resolution, note, actor, at
    row.save(update_fields=["resolution", "note", "resolved_by", "resolved_at"])
    audit.record(
        action="mail.task_settled", actor=actor, subject=row.mail,
        request_key=row.request.key if row.request else "", detail={"how": resolution},
    )  # fmt: skip
    return copy


@transaction.atomic
def try_again(*, mail: OutgoingMail, actor: User) -> None:
    """This will hand a mail over once more that our server did not take. :raises IllegalMove: for another."""
    policies.require(actor, Permission.WORK_REQUESTS, _REFUSAL)
    stuck = Job.objects.filter(state__in=[JobState.FAILED, JobState.QUARANTINED])
    job = stuck.filter(dedupe_key=f"mail:{mail.pk}").first()
    if job is None:
        raise IllegalMove("Only a mail that could not be handed over is tried again.")
    jobs.retry(job)
    audit.record(
        action="mail.retried", actor=actor, subject=mail,
        request_key=mail.request.key if mail.request else "",
    )  # fmt: skip


def _to_new_address(mail: OutgoingMail) -> OutgoingMail:
    person = mail.request.requester if mail.request else None
    if person is None or person.email == mail.to:
        raise IllegalMove(
            "The requester's account still has the address that failed. Ask the requester to sign in with the"
            " right one or to write to you; staff do not change the address that opens an account."
        )
    copy = OutgoingMail.objects.create(
        dedupe_key=f"again:{mail.pk}", request=mail.request, letter=mail.letter, to=person.email,
        language=mail.language, subject=mail.subject, text=mail.text, html=mail.html,
    )  # fmt: skip
    jobs.enqueue(kind=MAIL, dedupe_key=f"mail:{copy.pk}", queue=Queue.MAIL, payload={"mail": copy.pk})
    return copy


def _words(template: str, language: str, ending: str, context: Mapping[str, Any]) -> str:
    names = [f"emails/{template}.{language}.{ending}", f"emails/{template}.{ending}"]
    return str(select_template(names).render({**context, "language": language}))
