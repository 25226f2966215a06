from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from requests_app.custody import triggers
from requests_app.custody.models.records import ResponsiveRecord
from requests_app.docket.models import new_key
from requests_app.law.material import SEVERITIES
from requests_app.law.models import Agency

_USER = settings.AUTH_USER_MODEL


class Case(models.Model):
    """A matter of the agency that records belong to. While it is open nothing of it is destroyed."""

    class State(models.TextChoices):
        OPEN = "open", "open"
        CLOSED = "closed", "closed"

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="cases")
    number = models.CharField(max_length=60)
    title = models.CharField(max_length=200)  # neutral words: staff alone see it, yet it names nobody
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    severity = models.CharField(max_length=40, blank=True, choices=list(SEVERITIES.items()))
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    closed_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-opened_on", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agency", "number"], name="case_number_once"),
            models.CheckConstraint(
                name="closed_case_has_its_day",
                condition=Q(state="open", closed_on=None, closed_by=None)
                | Q(
                    state="closed",
                    closed_on__isnull=False,
                    closed_by__isnull=False,
                    closed_on__gte=F("opened_on"),
                ),
            ),
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="case_stays", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"case {self.number}"


class CaseDetermination(models.Model):
    """Why one record of an open case is withheld for now: ground, harm in words, day to look again.

    The text of the ground is kept as it stood.
    """

    record = models.ForeignKey(ResponsiveRecord, on_delete=models.PROTECT, related_name="determinations")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="determinations")
    exemption_code = models.CharField(max_length=32)
    citation = models.CharField(max_length=200)
    explanation = models.TextField()
    harm = models.TextField(max_length=4000)
    look_again_on = models.DateField()
    made_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    reminded_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["look_again_on", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(name="determination_says_the_harm", condition=~Q(harm="")),
            models.CheckConstraint(
                name="determination_ends_with_why",
                condition=Q(ended_at=None, ended_why="") | (Q(ended_at__isnull=False) & ~Q(ended_why="")),
            ),
            models.UniqueConstraint(
                fields=["record", "exemption_code"],
                condition=Q(ended_at=None),
                name="one_determination_a_ground",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="determination_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="determination_ends_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=triggers.DETERMINATION_ENDS_ONCE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.exemption_code} for {self.record}"
