"""Rows of suggestions: who had a record looked through for what, what was found, what people said of it."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.core.models import Job, JobState
from redaction.plans import leaving_triggers

_USER = settings.AUTH_USER_MODEL
DECISIONS = ("accepted", "adjusted", "rejected", "removed", "reopened")

_FORGOTTEN = leaving_triggers.leaving(
    leaving_triggers.OF_REVIEW, texts=("dropped_why",), lists=("finds", "waiting")
)
_LOOKED_FOR_STAYS = f"""
IF {_FORGOTTEN} THEN
    RETURN NEW;
END IF;
IF (to_jsonb(NEW) - ARRAY['finds', 'waiting', 'count', 'unfit', 'versions', 'plan_id', 'taken_at',
        'dropped_at', 'dropped_by_id', 'dropped_why'])
    <> (to_jsonb(OLD) - ARRAY['finds', 'waiting', 'count', 'unfit', 'versions', 'plan_id', 'taken_at',
        'dropped_at', 'dropped_by_id', 'dropped_why'])
    OR OLD.dropped_at IS NOT NULL
    OR (OLD.taken_at IS NOT NULL AND (to_jsonb(NEW) <> to_jsonb(OLD))) THEN
    RAISE EXCEPTION 'what was looked for in detection % is fixed', OLD.id USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""


class DetectionQuerySet(models.QuerySet["Detection"]):
    def standing_open(self) -> "DetectionQuerySet":
        """Still at work, or found something that is not among the marks yet. A failed one holds up nobody."""
        return self.filter(taken_at=None, dropped_at=None).exclude(
            job__state__in=[JobState.FAILED, JobState.QUARANTINED]
        )


class Detection(models.Model):
    """One look through a record for one kind of thing.

    ``finds`` keeps by mark id what the marks format has no place for: how sure the detector was, the word,
    the pattern. ``waiting`` are finds there was no room for among the marks yet.
    """

    review = models.ForeignKey("plans.Review", on_delete=models.PROTECT, related_name="detections")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16)
    again = models.BooleanField(default=False)  # also what was rejected or removed before
    source_sha256 = models.CharField(max_length=64)
    job = models.OneToOneField(Job, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    versions = models.JSONField(default=dict, blank=True)
    finds = models.JSONField(default=dict, blank=True)
    waiting = models.JSONField(default=list, blank=True)
    count = models.PositiveIntegerField(default=0)  # suggestions it added or opened again
    unfit = models.PositiveIntegerField(default=0)  # finds that no mark of this file can be made of
    plan = models.ForeignKey(
        "plans.Plan", null=True, blank=True, on_delete=models.PROTECT, related_name="detections"
    )
    taken_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    dropped_why = models.CharField(max_length=500, blank=True)

    objects = DetectionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "number"], name="detection_number_once"),
            models.CheckConstraint(
                name="detection_taken_whole", condition=Q(taken_at=None) | Q(waiting=[], dropped_at=None)
            ),
            models.CheckConstraint(
                name="detection_dropped_by_somebody",
                condition=Q(dropped_at=None, dropped_by=None, dropped_why="")
                | (Q(dropped_at__isnull=False, dropped_by__isnull=False) & ~Q(dropped_why="")),
            ),
        ]
        ordering: ClassVar = ["-number"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="detection_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="detection_keeps_its_question",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=_LOOKED_FOR_STAYS,
            ),
        ]

    def __str__(self) -> str:
        return f"search {self.number} for {self.kind} in {self.review.record}"

    @property
    def state(self) -> str:
        """One of running, failed, waiting (there was no room for all), taken, dropped."""
        if self.dropped_at is not None:
            return "dropped"
        if self.taken_at is not None:
            return "taken"
        if self.job.is_open:
            return "running"
        return "waiting" if self.job.state == JobState.DONE else "failed"


class SuggestionDecision(models.Model):
    """What a person said of a group of suggestions at once: the group in words, how many, and why.

    Several belong to one version where it was saved with several answers. ``undoes`` is the row that was
    taken back as a whole; one that was opened again by itself has none.
    """

    review = models.ForeignKey("plans.Review", on_delete=models.PROTECT, related_name="suggestion_decisions")
    plan = models.ForeignKey("plans.Plan", on_delete=models.PROTECT, related_name="suggestion_decisions")
    decision = models.CharField(max_length=8, choices=[(name, name) for name in DECISIONS])
    group = models.CharField(max_length=300)
    ids_digest = models.CharField(max_length=64)
    count = models.PositiveIntegerField()
    why = models.CharField(max_length=500)
    reason = models.CharField(max_length=32, blank=True)
    exemption = models.CharField(max_length=32, blank=True)
    undoes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by"
    )
    by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="suggestions_decided_known", condition=Q(decision__in=DECISIONS)),
            models.CheckConstraint(name="suggestions_decided_some", condition=Q(count__gte=1)),
            models.CheckConstraint(name="suggestions_decided_why", condition=~Q(why="")),
            models.CheckConstraint(
                name="suggestions_reopened_undo",
                condition=Q(decision="reopened") | Q(undoes=None),
            ),
        ]
        ordering: ClassVar = ["-id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="suggestion_decision_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="suggestion_decision_is_fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=leaving_triggers.fixed(leaving_triggers.OF_REVIEW, texts=("group", "why")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count} {self.decision}: {self.group}"
