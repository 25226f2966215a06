from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models


class Outcome(models.TextChoices):
    OK = "ok", "done"
    DENIED = "denied", "refused"


class Entry(models.Model):
    """One thing that happened. Append-only by trigger; each row carries the hash of the one before."""

    seq = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=64)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.OK)
    subject_type = models.CharField(max_length=64)
    subject_id = models.CharField(max_length=64)
    request_key = models.CharField(max_length=32, blank=True, db_index=True)
    detail = models.JSONField(default=dict)
    source = models.CharField(max_length=64, blank=True)  # address of the peer, or "worker"
    prev_hash = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        verbose_name_plural = "entries"
        ordering: ClassVar = ["seq"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action} {self.subject_type} {self.subject_id}"


class HighWater(models.Model):
    """How far the chain has come, so that a cut tail shows. One row."""

    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        triggers: ClassVar = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.seq}"
