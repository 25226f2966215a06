"""Outgoing mail, what became of it, and what a person still has to do about it."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from requests_app.correspondence import rules
from requests_app.docket.models import RecordsRequest


class MailState(models.TextChoices):
    WAITING = "waiting", "waiting"
    SENT = "sent", "handed to the mail server"
    DELAYED = "delayed", "delayed on the way"
    ACCEPTED = "accepted", "taken by the recipient's server"
    DELIVERED = "delivered", "put into the mailbox"
    BOUNCED = "bounced", "came back"
    COMPLAINED = "complained", "marked as unwanted by its recipient"
    FAILED = "failed", "could not be handed over"


class Source(models.TextChoices):
    SMTP = "smtp", "our mail server, at hand-over"
    BOUNCE = "bounce", "a report that came by mail"
    WEBHOOK = "webhook", "the mail provider"


class MailQuerySet(models.QuerySet["OutgoingMail"]):
    def troubled(self) -> "MailQuerySet":
        return self.filter(state__in=rules.TROUBLE)


class OutgoingMail(models.Model):
    """The outbox: written in the transaction that needs it, sent by a job, never twice on purpose.

    Mails carry links, never record text or plates.
    """

    dedupe_key = models.CharField(max_length=160, unique=True)
    request = models.ForeignKey(
        RecordsRequest, null=True, blank=True, on_delete=models.CASCADE, related_name="mails"
    )
    letter = models.ForeignKey(
        "correspondence.Letter", null=True, blank=True, on_delete=models.CASCADE, related_name="mails"
    )
    to = models.EmailField()
    language = models.CharField(max_length=5, default="en")
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=MailState, default=MailState.WAITING)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "-id"], name="mail_by_state")]

    def __str__(self) -> str:
        return f"{self.subject} ({self.state})"


class DeliveryEvent(models.Model):
    """One thing that was heard about a mail. Append-only; the mail's state follows from them."""

    mail = models.ForeignKey(OutgoingMail, on_delete=models.CASCADE, related_name="events")
    state = models.CharField(max_length=10, choices=MailState)
    source = models.CharField(max_length=8, choices=Source)
    at = models.DateTimeField()
    code = models.CharField(max_length=20, blank=True)  # 5.1.1
    detail = models.CharField(max_length=300, blank=True)  # what the other side said
    dedupe_key = models.CharField(max_length=120, unique=True)  # a report read twice is one event
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="delivery_event_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.mail_id}: {self.state}"


class Resolution(models.TextChoices):
    CORRECTED = "corrected", "The requester corrected the address; the mail is sent again"
    PHONED = "phoned", "The requester was told by telephone"
    POSTED = "posted", "The letter was sent by post"
    OTHER = "other", "Settled another way"


class MailTask(models.Model):
    """A mail did not arrive, or is not wanted: somebody has to reach the person another way."""

    mail = models.ForeignKey(OutgoingMail, on_delete=models.CASCADE, related_name="tasks")
    request = models.ForeignKey(
        RecordsRequest, null=True, blank=True, on_delete=models.CASCADE, related_name="mail_tasks"
    )
    opened_at = models.DateTimeField()
    resolution = models.CharField(max_length=10, choices=Resolution, blank=True)
    note = models.CharField(max_length=500, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["opened_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="mail_task_open_once", fields=["mail"], condition=Q(resolved_at=None)
            ),
            models.CheckConstraint(
                name="mail_task_is_open_or_resolved_whole",
                condition=Q(resolution="", resolved_by=None, resolved_at=None)
                | (~Q(resolution="") & ~Q(note="") & Q(resolved_by__isnull=False, resolved_at__isnull=False)),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="mail_task_stays", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="resolved_mail_task_is_fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__resolved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"task for {self.mail}"
