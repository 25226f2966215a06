from typing import ClassVar

from django.db import models
from django.db.models import Q


class JobState(models.TextChoices):
    PENDING = "pending", "waiting"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    QUARANTINED = "quarantined", "set aside after repeated failures"


class Queue(models.TextChoices):
    INTERACTIVE = "interactive", "interactive"
    BUILD = "build", "build"
    MEDIA = "media", "media"
    MAIL = "mail", "mail"


class Job(models.Model):
    """One piece of background work. Postgres decides who does it; Celery only rings."""

    kind = models.CharField(max_length=64)
    dedupe_key = models.CharField(max_length=200, unique=True)
    queue = models.CharField(max_length=16, choices=Queue)
    payload = models.JSONField(default=dict)  # ids only
    state = models.CharField(max_length=16, choices=JobState, default=JobState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    fence = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    run_after = models.DateTimeField()
    input_digest = models.CharField(max_length=64, blank=True)
    output_digest = models.CharField(max_length=64, blank=True)
    error = models.TextField(
        blank=True
    )  # fit for an administrator: a reason and a place, no word of a record
    said = models.TextField(blank=True, default="")  # in full, for who may look into what it is about
    progress = models.PositiveSmallIntegerField(default=0)  # per cent
    progress_note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="job_progress_is_per_cent", condition=Q(progress__lte=100)),
            models.CheckConstraint(
                name="job_finished_iff_done",
                condition=Q(state="done", finished_at__isnull=False) | ~Q(state="done"),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="job_open", fields=["run_after"], condition=Q(state__in=["pending", "running"]))
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk} ({self.state})"

    @property
    def told(self) -> str:
        """Why it stopped, in full: only for a person who may look into what the job is about."""
        return self.said or self.error

    @property
    def is_open(self) -> bool:
        return self.state in {JobState.PENDING, JobState.RUNNING}
