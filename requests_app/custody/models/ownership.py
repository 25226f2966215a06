"""That a member of staff saw the paper which makes a plate the requester's own."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from requests_app.docket.models import RecordsRequest


class PlateProof(models.Model):
    """A member of staff saw the paper that shows a car to be the requester's own. Never made by a program.

    The plate stands here as a keyed digest alone: the row says that a plate was proved, not which.
    """

    class Document(models.TextChoices):
        REGISTRATION = "registration", "Current registration and photo ID, in the same name"
        TITLE = "title", "Title and photo ID, in the same name"
        COMPANY = "company", "Company's letter and the registration in its name"
        AUTHORITY = "authority", "Owner's written authority, with the owner's registration"

    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="plate_proofs")
    plate_digest = models.CharField(max_length=64)
    document = models.CharField(max_length=16, choices=Document)
    note = models.CharField(max_length=200, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["request", "plate_digest"],
                condition=Q(withdrawn_at__isnull=True),
                name="plate_proved_once",
            ),
            models.CheckConstraint(
                name="plate_proof_withdrawn_by_somebody",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
            ),
            models.CheckConstraint(
                name="plate_proof_document_known",
                condition=Q(document__in=["registration", "title", "company", "authority"]),
            ),
        ]
        ordering: ClassVar = ["-confirmed_at", "-pk"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="plate_proof_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="plate_proof_is_fixed",
                fields=["request", "plate_digest", "document", "note", "confirmed_by", "confirmed_at"],
            ),
        ]

    def __str__(self) -> str:
        return f"plate proof of {self.request}"
