from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

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
