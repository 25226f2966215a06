from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from requests_app.law.models import Agency


class ScheduleStatus(models.TextChoices):
    DRAFT = "draft", "draft"
    PUBLISHED = "published", "published"


class PublishedSchedule(models.Model):
    """One version of the agency's fee schedule. A published one is never edited: a change is a new row."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="fee_schedules")
    name = models.CharField(max_length=150)
    version = models.PositiveIntegerField()
    law_code = models.CharField(max_length=8)
    rows = models.JSONField(
        null=True, blank=True
    )  # as requests_app.law.schedule reads; None: the law's rates
    policy = models.JSONField(default=dict, blank=True)
    resolution = models.CharField(max_length=200, blank=True)  # the council's resolution, if any
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=ScheduleStatus, default=ScheduleStatus.DRAFT)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-effective_from", "-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agency", "version"], name="schedule_version_once"),
            models.CheckConstraint(
                name="fee_schedule_dates_in_order",
                condition=Q(effective_to=None) | Q(effective_to__gte=F("effective_from")),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="published_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__status="published"),
            ),
            # its end date may still be set when a later version takes over
            pgtrigger.Protect(
                name="published_fixed",
                operation=pgtrigger.UpdateOf(  # type: ignore[no-untyped-call]  # ships no types
                    "rows",
                    "policy",
                    "law_code",
                    "effective_from",
                    "version",
                    "agency_id",
                    "name",
                    "resolution",
                    "status",
                    "published_by_id",
                    "published_at",
                ),
                condition=pgtrigger.Q(old__status="published"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"
