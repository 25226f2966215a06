from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.core.models import Job
from redaction.plans.models import Review
from requests_app.law.models import Agency

_USER = settings.AUTH_USER_MODEL


class Presence(models.Model):
    """That somebody has a record open now; written again every few seconds, gone when it is not."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="present")
    user = models.ForeignKey(_USER, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "user"], name="presence_once_a_person")
        ]
        indexes: ClassVar = [models.Index(fields=["seen_at"], name="presence_by_age")]

    def __str__(self) -> str:
        return f"{self.user} at {self.review.record}"


class MarkTemplate(models.Model):
    """Marks that fit every record made on the same form: where things stand, never what stood there."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="mark_templates")
    name = models.CharField(max_length=100)
    medium = models.CharField(max_length=10)
    marks = models.JSONField()
    created_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["agency", "medium", "name"],
                condition=Q(retired_at=None),
                name="mark_template_named_once",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="mark_template_named"),
        ]
        ordering: ClassVar = ["name", "pk"]
        triggers: ClassVar = [pgtrigger.Protect(name="mark_template_stays", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name


class Preview(models.Model):
    """A file made for eyes and ears inside the agency: a part of a proxy, a drawn sound, a sample.

    It belongs to the bytes it was made of, so records of the same file share it. Nothing of it is ever
    released; it goes with the last open record of its source.
    """

    class Kind(models.TextChoices):
        PROXY = "proxy", "part of a proxy"
        SOUND = "sound", "drawn sound"
        SAMPLE = "sample", "sample of the redacted film"
        INDEX = "index", "film read whole once"

    source_sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=Kind)
    variant = models.CharField(max_length=120, blank=True)  # which tracks; for a sample its span and marks
    number = models.PositiveIntegerField(default=0)
    start = models.FloatField(default=0)  # seconds of the source
    end = models.FloatField(null=True, blank=True)  # None: to its end
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    address = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0)
    facts = models.JSONField(default=dict, blank=True)
    times = models.JSONField(default=list, blank=True)  # microseconds at which its pictures begin
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source_sha256", "kind", "variant", "number"], name="preview_once"
            ),
            models.CheckConstraint(
                name="preview_made_is_a_file_or_empty",
                condition=Q(address="", sha256="", size=0)
                | (Q(made_at__isnull=False, size__gt=0) & ~Q(address="") & ~Q(sha256="")),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["asked_at"], name="preview_by_age")]
        ordering: ClassVar = ["number"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number} of {self.source_sha256[:12]}"
