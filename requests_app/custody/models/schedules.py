from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from requests_app.custody import triggers
from requests_app.custody.models.holds import Hold, PreservationTask
from requests_app.custody.models.records import ResponsiveRecord
from requests_app.law.material import SEVERITIES
from requests_app.law.models import Agency

_USER = settings.AUTH_USER_MODEL


class RetentionSchedule(models.Model):
    """The agency's own period for a series and severity, between what the law asks and what it allows."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="retention_schedules")
    series = models.CharField(max_length=40)
    severity = models.CharField(max_length=40, blank=True, choices=list(SEVERITIES.items()))  # empty: any
    title = models.CharField(max_length=120)
    trigger = models.CharField(
        max_length=12,
        choices=[("capture", "recording"), ("case_close", "the case is closed"), ("complaint", "complaint")],
        default="capture",
    )
    keep_at_least = models.CharField(max_length=30, blank=True)
    destroy_by = models.CharField(max_length=30, blank=True)
    citation = models.CharField(max_length=200)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    made_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["series", "severity", "-starts_on", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="schedule_says_something", condition=~Q(keep_at_least="") | ~Q(destroy_by="")
            ),
            models.CheckConstraint(
                name="schedule_dates_in_order", condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on"))
            ),
            models.UniqueConstraint(
                fields=["agency", "series", "severity", "trigger"],
                condition=Q(ends_on=None),
                name="one_schedule_without_end",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="schedule_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="schedule_is_fixed",
                fields=[
                    "agency",
                    "series",
                    "severity",
                    "trigger",
                    "keep_at_least",
                    "destroy_by",
                    "starts_on",
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"schedule {self.pk}: {self.title}"


class RetentionConflict(models.Model):
    """A duty to destroy against a duty to keep, for counsel. Until it is decided nothing is destroyed."""

    class Decision(models.TextChoices):
        KEEP = "keep", "keep it until a day"
        DESTROY = "destroy", "destroy it"

    record = models.ForeignKey(
        ResponsiveRecord, null=True, blank=True, on_delete=models.PROTECT, related_name="conflicts"
    )
    task = models.ForeignKey(
        PreservationTask, null=True, blank=True, on_delete=models.PROTECT, related_name="conflicts"
    )
    hold = models.ForeignKey(Hold, null=True, blank=True, on_delete=models.PROTECT, related_name="conflicts")
    destroy_on = models.DateField()
    rule_id = models.CharField(max_length=80)
    citation = models.CharField(max_length=300)
    request_hold = models.CharField(max_length=20)
    words = models.TextField()
    opened_at = models.DateTimeField()
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    keep_until = models.DateField(null=True, blank=True)
    reason = models.TextField(max_length=4000, blank=True)
    decided_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["destroy_on", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="conflict_is_about_one_thing",
                condition=Q(record__isnull=False, task=None) | Q(record=None, task__isnull=False),
            ),
            models.CheckConstraint(
                name="conflict_decided_with_reason",
                condition=Q(decided_at=None, decided_by=None, decision="", reason="", keep_until=None)
                | (
                    Q(decided_at__isnull=False, decided_by__isnull=False)
                    & ~Q(reason="")
                    & (Q(decision="keep", keep_until__isnull=False) | Q(decision="destroy", keep_until=None))
                ),
            ),
            models.UniqueConstraint(
                fields=["record"], condition=Q(decided_at=None), name="one_open_conflict_a_record"
            ),
            models.UniqueConstraint(
                fields=["task"], condition=Q(decided_at=None), name="one_open_conflict_a_task"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="conflict_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="conflict_is_fixed",
                fields=["record", "task", "destroy_on", "rule_id", "request_hold", "words", "opened_at"],
            ),
            pgtrigger.Trigger(
                name="conflict_decided_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=triggers.CONFLICT_IS_DECIDED_ONCE,
            ),
        ]

    def __str__(self) -> str:
        return f"conflict about {self.record or self.task}"
