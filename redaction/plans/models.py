from typing import TYPE_CHECKING, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.core.models import Job
from redaction.plans import leaving_triggers, open_triggers, triggers
from redaction.plans.comparison_models import Comparison, Traces
from redaction.plans.detection_models import Detection, SuggestionDecision
from redaction.plans.finding_models import CopyWords, Finding, FindingDecision, Likeness
from redaction.plans.rules import STANDS_ON_APPROVAL, ReviewStatus
from redaction.plans.second_models import Invitation, Pin
from redaction.plans.second_triggers import nobody_recused
from redaction.plans.seen_models import CoverageRule, PlanCoverage, Seen, Watch
from requests_app.custody.models import ResponsiveRecord

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from redaction.plans.detection_models import DetectionQuerySet

__all__ = [
    "Approval",
    "Companion",
    "Comparison",
    "CopyWords",
    "CoverageRule",
    "Detection",
    "Finding",
    "FindingDecision",
    "Invitation",
    "Likeness",
    "Pin",
    "Plan",
    "PlanCoverage",
    "Render",
    "Review",
    "Seen",
    "SendBack",
    "SuggestionDecision",
    "Traces",
    "Watch",
]

_USER = settings.AUTH_USER_MODEL


class Review(models.Model):
    """How far one responsive record has come on its way to a decision."""

    record = models.OneToOneField(ResponsiveRecord, on_delete=models.PROTECT, related_name="review")
    status = models.CharField(
        max_length=16, choices=[(s.value, s.label) for s in ReviewStatus], default=ReviewStatus.COLLECTED
    )
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    plans: "QuerySet[Plan]"
    detections: "DetectionQuerySet"
    invitations: "QuerySet[Invitation]"

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="review_status_known", condition=Q(status__in=[s.value for s in ReviewStatus])
            )
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="review_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="review_is_of_one_record", fields=["record"]),
            pgtrigger.Trigger(
                name="decision_needs_approval",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__status__in=sorted(STANDS_ON_APPROVAL)),
                func=triggers.DECISION_NEEDS_APPROVAL,
            ),
        ]

    def __str__(self) -> str:
        return f"review of {self.record}"

    @property
    def state(self) -> ReviewStatus:
        return ReviewStatus(self.status)


class Plan(models.Model):
    """One version of the marks of a record. Never edited: a change is the next version."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="plans")
    version = models.PositiveIntegerField()
    marks = models.JSONField()
    digest = models.CharField(max_length=64)
    author = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "version"], name="plan_version_once"),
            models.CheckConstraint(name="plan_versions_from_one", condition=Q(version__gte=1)),
        ]
        ordering: ClassVar = ["version"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="plan_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="plan_is_fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=leaving_triggers.fixed(leaving_triggers.OF_REVIEW, lists=("marks",)),
            ),
            pgtrigger.Trigger(
                name="change_voids_approval",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=triggers.CHANGE_VOIDS_APPROVAL,
            ),
            pgtrigger.Trigger(
                name="author_is_not_recused",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=nobody_recused("author_id", "marks"),
            ),
        ]

    def __str__(self) -> str:
        return f"marks {self.version} of {self.review.record}"


class Render(models.Model):
    """What the engine made of one plan and the verifier let pass. ``withheld``: nothing was to be made."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="renders")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="renders")
    job = models.OneToOneField(Job, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    source_sha256 = models.CharField(max_length=64)
    marks_digest = models.CharField(max_length=64)
    transcript_sha256 = models.CharField(max_length=64, blank=True, default="")  # of the one that stood
    engine = models.CharField(max_length=64, blank=True, default="")  # machinery.stamp; empty: made nothing
    withheld = models.BooleanField(default=False)
    address = models.CharField(max_length=120, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0)
    suffix = models.CharField(max_length=10, blank=True)
    report = models.JSONField()
    created_at = models.DateTimeField()

    companions: "QuerySet[Companion]"

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="render_is_a_file_or_withheld",
                condition=Q(withheld=True, address="", sha256="", size=0, suffix="")
                | (Q(withheld=False, size__gt=0) & ~Q(address="") & ~Q(sha256="") & ~Q(suffix="")),
            )
        ]
        ordering: ClassVar = ["id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="render_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="render_is_fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=leaving_triggers.fixed(leaving_triggers.OF_REVIEW, lists=("report",)),
            ),
        ]

    def __str__(self) -> str:
        return f"redacted copy of {self.review.record}"


class Companion(models.Model):
    """A file that goes out beside a redacted copy: captions, a data dictionary, a drawn map.

    Made and checked with the copy, so an approval of the copy is one of these too.
    """

    render = models.ForeignKey(Render, on_delete=models.PROTECT, related_name="companions")
    name = models.CharField(max_length=60)  # the engine's own; never a word of the record
    address = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["render", "name"], name="companion_name_once"),
            models.CheckConstraint(name="companion_not_empty", condition=Q(size__gt=0)),
        ]
        ordering: ClassVar = ["name"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="companion_is_fixed", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="companion_before_approval",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=triggers.COMPANION_BEFORE_APPROVAL,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.render}"


class Approval(models.Model):
    """A second person's word for exactly these bytes: source, marks and result by their hashes.

    ``voided_at`` is set, by a trigger, the moment anything it was given for changes.
    """

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="approvals")
    render = models.OneToOneField(Render, on_delete=models.PROTECT, related_name="approval")
    approver = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    prepared_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    source_sha256 = models.CharField(max_length=64)
    marks_digest = models.CharField(max_length=64)
    render_sha256 = models.CharField(max_length=64, blank=True)
    engine = models.CharField(max_length=64, blank=True, default="")  # what made the result, as it says
    exemptions = models.JSONField(default=list, blank=True)  # the words of the law as they stood on that day
    at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="approver_is_a_second_person", condition=~Q(approver=F("prepared_by"))
            ),
            models.UniqueConstraint(
                fields=["review"], condition=Q(voided_at=None), name="one_standing_approval_a_review"
            ),
        ]
        ordering: ClassVar = ["id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="approval_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="approval_only_voided_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=triggers.APPROVAL_ONLY_VOIDED_ONCE,
            ),
            pgtrigger.Trigger(
                name="approval_binds",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=triggers.APPROVAL_BINDS,
            ),
            pgtrigger.Trigger(
                name="approval_leaves_nothing_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=open_triggers.APPROVAL_LEAVES_NOTHING_OPEN,
            ),
            pgtrigger.Trigger(
                name="approver_is_not_recused",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=nobody_recused("approver_id", "an approval"),
            ),
        ]

    def __str__(self) -> str:
        return f"approval of {self.render}"


class SendBack(models.Model):
    """A second person's no, and what is to be changed."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="send_backs")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="send_backs")
    by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    comment = models.TextField(max_length=2000)
    at = models.DateTimeField()

    pins: "QuerySet[Pin]"

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(name="send_back_says_why", condition=~Q(comment=""))]
        ordering: ClassVar = ["-id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="send_back_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="send_back_is_fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=leaving_triggers.fixed(leaving_triggers.OF_REVIEW, texts=("comment",)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review.record} sent back"
