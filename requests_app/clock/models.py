from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models

from requests_app.docket.models import RecordsRequest


class ClockEvent(models.Model):
    """One thing that moved a statutory clock. Append-only: a correction is a further event."""

    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="clock_events")
    type = models.CharField(max_length=40)  # the vocabulary of requests_app.law.clock
    at = models.DateTimeField()
    by = models.PositiveSmallIntegerField(null=True, blank=True)  # extensions: how many
    unit = models.CharField(max_length=16, blank=True)  # business_day or calendar_day
    reason = models.CharField(max_length=300, blank=True)
    citation = models.CharField(max_length=200, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        triggers: ClassVar = [pgtrigger.Protect(name="ledger", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.type} {self.at:%Y-%m-%d}"
