from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models

from requests_app.docket.models import RecordsRequest


class Direction(models.TextChoices):
    FROM_REQUESTER = "in", "from the requester"
    TO_REQUESTER = "out", "to the requester"


class Message(models.Model):
    """One message of the thread both sides see. Internal notes are docket.Note, never here."""

    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="messages")
    direction = models.CharField(max_length=3, choices=Direction)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    body = models.TextField(max_length=20_000)
    is_question = models.BooleanField(default=False)  # the agency waits for an answer
    sent_at = models.DateTimeField()
    idempotency_key = models.CharField(max_length=64, unique=True)  # a form posted twice is one message

    class Meta:
        ordering: ClassVar = ["sent_at", "id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="message_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"message on {self.request}"


class Letter(models.Model):
    """A formal letter, stored as sent: HTML and tagged PDF."""

    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=40)  # acknowledgement, estimate, determination, …
    subject = models.CharField(max_length=200)
    html = models.TextField()
    pdf_address = models.CharField(max_length=120, blank=True)  # under derived/; empty until rendered
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField()
    dedupe_key = models.CharField(max_length=120, unique=True)

    class Meta:
        ordering: ClassVar = ["sent_at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} on {self.request}"


class MailState(models.TextChoices):
    WAITING = "waiting", "waiting"
    SENT = "sent", "handed to the mail server"


class OutgoingMail(models.Model):
    """The outbox: written in the transaction that needs it, sent by a job, never twice on purpose.

    Mails carry links, never record text or plates.
    """

    dedupe_key = models.CharField(max_length=160, unique=True)
    request = models.ForeignKey(
        RecordsRequest, null=True, blank=True, on_delete=models.CASCADE, related_name="mails"
    )
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=MailState, default=MailState.WAITING)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.subject} ({self.state})"
