"""Messages, letters and their templates. Mail and its fate: requests_app.correspondence.mail_models."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from requests_app.correspondence.kinds import KINDS, Recipient
from requests_app.correspondence.mail_models import (
    DeliveryEvent,
    MailState,
    MailTask,
    OutgoingMail,
    Resolution,
    Source,
)
from requests_app.docket.models import RecordsRequest

__all__ = [
    "DeliveryEvent", "Direction", "Letter", "LetterTemplate", "MailState", "MailTask", "Message", "Origin",
    "OutgoingMail", "Resolution", "Source", "TemplateState",
]  # fmt: skip


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


class TemplateState(models.TextChoices):
    DRAFT = "draft", "draft"
    PUBLISHED = "published", "published"


class Origin(models.TextChoices):
    SHIPPED = "shipped", "came with the portal"
    AGENCY = "agency", "written here"


class LetterTemplate(models.Model):
    """One version of one letter's words. Never edited: a change is a new version."""

    kind = models.CharField(max_length=40, choices=[(kind.code, kind.label) for kind in KINDS.values()])
    law = models.CharField(max_length=8, default="ANY")
    language = models.CharField(max_length=5, default="en")
    version = models.PositiveIntegerField()
    subject = models.CharField(max_length=150)
    body = models.TextField(max_length=20_000)
    digest = models.CharField(max_length=64)  # SHA-256 of subject and body
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.AGENCY)
    state = models.CharField(max_length=10, choices=TemplateState, default=TemplateState.DRAFT)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True)  # what changed
    created_at = models.DateTimeField()
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["kind", "law", "language", "-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "law", "language", "version"], name="template_version_once"
            ),
            models.CheckConstraint(
                name="template_published_has_its_day",
                condition=Q(state=TemplateState.DRAFT, published_at=None, published_by=None)
                | Q(state=TemplateState.PUBLISHED, published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="template_has_an_author", condition=Q(origin=Origin.SHIPPED) | Q(author__isnull=False)
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="template_stays", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="published_template_is_fixed",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state=TemplateState.PUBLISHED),
            ),
            pgtrigger.ReadOnly(
                name="template_words_are_fixed",
                fields=[
                    "kind", "law", "language", "version", "subject", "body", "digest", "origin", "author",
                    "note", "created_at",
                ],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{KINDS[self.kind].label}, {self.law}, {self.language}, version {self.version}"


class LetterQuerySet(models.QuerySet["Letter"]):
    def shown_to_requester(self) -> "LetterQuerySet":
        """Letters to somebody whom a record names are nobody else's."""
        return self.exclude(recipient=Recipient.THIRD_PARTY)


class Letter(models.Model):
    """A formal letter, stored for ever as sent: HTML and tagged PDF. Never made anew."""

    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=40)  # acknowledgement, fee_estimate, denial, …
    recipient = models.CharField(
        max_length=20,
        default=Recipient.REQUESTER.value,
        choices=[(one.value, one.label) for one in Recipient],
    )
    subject = models.CharField(max_length=200)
    language = models.CharField(max_length=5, default="en")
    html = models.TextField()  # the whole printed page
    body = models.TextField(blank=True)  # its main part, for a page of the portal
    html_sha256 = models.CharField(max_length=64, blank=True)
    template = models.ForeignKey(LetterTemplate, null=True, on_delete=models.PROTECT, related_name="letters")
    context_digest = models.CharField(max_length=64, blank=True)  # SHA-256 of what its fields held
    pdf_address = models.CharField(max_length=120, blank=True)  # under derived/; empty until rendered
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField()
    dedupe_key = models.CharField(max_length=120, unique=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["sent_at", "id"]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="letter_is_fixed",
                fields=[
                    "request", "kind", "recipient", "subject", "language", "html", "body", "html_sha256",
                    "template", "context_digest", "signer", "sent_at", "dedupe_key",
                ],
            ),
            pgtrigger.Protect(
                name="printed_letter_is_fixed",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__pdf_address="")
                & (
                    pgtrigger.Q(old__pdf_address__df=pgtrigger.F("new__pdf_address"))
                    | pgtrigger.Q(old__pdf_sha256__df=pgtrigger.F("new__pdf_sha256"))
                ),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} on {self.request}"

    @property
    def label(self) -> str:
        known = KINDS.get(self.kind)
        return known.label if known else self.kind.replace("_", " ").capitalize()
