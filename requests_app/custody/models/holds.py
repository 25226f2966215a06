from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from requests_app.custody import triggers
from requests_app.custody.models.records import ResponsiveRecord
from requests_app.docket.models import RecordsRequest, RequestItem

_USER = settings.AUTH_USER_MODEL


class Hold(models.Model):
    """Freezes destruction of what a request asks for, from the moment it is filed.

    What it looks for is written down, so that a record that comes later is covered too. It ends by two
    people's word, once every window to appeal or sue is over.
    """

    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="holds")
    scope = models.CharField(max_length=500)
    citation = models.CharField(max_length=200, blank=True)
    placed_at = models.DateTimeField()
    item = models.ForeignKey(
        RequestItem, null=True, blank=True, on_delete=models.PROTECT, related_name="holds"
    )
    series = models.CharField(max_length=40, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    place = models.CharField(max_length=300, blank=True)
    incident = models.CharField(max_length=60, blank=True)  # letters and digits alone, for comparing
    waits_for = models.CharField(max_length=200, blank=True)  # such as an appeal that is under way
    review_on = models.DateField(null=True, blank=True)  # when somebody looks whether it may end
    review_why = models.CharField(max_length=300, blank=True)
    release_proposed_by = models.ForeignKey(
        _USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    release_proposed_at = models.DateTimeField(null=True, blank=True)
    release_reason = models.CharField(max_length=500, blank=True)
    released_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="hold_released_by_two",
                condition=Q(released_at=None, released_by=None)
                | (
                    Q(
                        released_at__isnull=False,
                        released_by__isnull=False,
                        release_proposed_by__isnull=False,
                        release_proposed_at__isnull=False,
                    )
                    & ~Q(release_reason="")
                    & ~Q(released_by=F("release_proposed_by"))
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["incident"], name="hold_incident", condition=Q(released_at=None)),
            models.Index(fields=["starts_at"], name="hold_window", condition=Q(released_at=None)),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="hold_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="hold_is_fixed", fields=["request", "scope", "placed_at"]),
            pgtrigger.Trigger(
                name="hold_outlives_the_request",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.released_at IS DISTINCT FROM NEW.released_at"),
                func=triggers.HOLD_RELEASED,
            ),
        ]

    def __str__(self) -> str:
        return f"hold for {self.request}"


class HoldRecord(models.Model):
    """One record under a hold. Only counsel's decision of a conflict takes a single record out."""

    hold = models.ForeignKey(Hold, on_delete=models.CASCADE, related_name="covered")
    record = models.ForeignKey(ResponsiveRecord, on_delete=models.PROTECT, related_name="held_by")
    why = models.CharField(max_length=200)
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        "custody.RetentionConflict", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["hold", "record"], name="record_once_a_hold"),
            models.CheckConstraint(
                name="cover_lifted_by_counsel",
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="cover_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="cover_is_fixed", fields=["hold", "record", "why", "at"]),
            pgtrigger.Trigger(
                name="hold_covers",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=triggers.HOLD_COVERS,
            ),
            pgtrigger.Trigger(
                name="cover_lifted_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.lifted_at IS DISTINCT FROM NEW.lifted_at"
                    " OR OLD.lifted_by_id IS DISTINCT FROM NEW.lifted_by_id"
                ),
                func=triggers.COVER_IS_LIFTED_BY_COUNSEL,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record} under {self.hold}"


class PreservationTask(models.Model):
    """Tell the systems that hold the recordings to keep them, before the retention date passes."""

    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="preservation_tasks")
    item = models.ForeignKey(
        RequestItem, null=True, blank=True, on_delete=models.PROTECT, related_name="preservation_tasks"
    )
    what = models.CharField(max_length=300)
    series = models.CharField(max_length=40, blank=True)
    destroy_on = models.DateField(null=True, blank=True)  # earliest scheduled destruction, None: unknown
    rule = models.CharField(max_length=300, blank=True)
    rule_id = models.CharField(max_length=80, blank=True)
    because = models.JSONField(default=list, blank=True)  # the lines of the answer, as they stood
    ask_by = models.DateField(null=True, blank=True)  # last day for a person recorded to ask for longer
    asked_at = models.DateTimeField(null=True, blank=True)
    alerted = models.PositiveSmallIntegerField(default=0)  # the highest level mails went out for
    attested_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    attested_at = models.DateTimeField(null=True, blank=True)
    evidence = models.CharField(max_length=300, blank=True)  # ticket number or hash

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="attested_with_evidence",
                condition=Q(attested_at=None) | (Q(attested_by__isnull=False) & ~Q(evidence="")),
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["destroy_on"], name="task_open", condition=Q(attested_at=None))
        ]

    def __str__(self) -> str:
        return self.what
