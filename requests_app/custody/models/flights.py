"""What a drone's flight was for, as a person recorded it."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from requests_app.custody.models.records import ResponsiveRecord


class FlightClass(models.TextChoices):
    """The three of Castanares v. Superior Court (Cal. Ct. App. 2023)."""

    INVESTIGATORY_FILE = "investigatory_file", "Part of an investigatory file"
    SUSPECTED_VIOLATION = "suspected_violation", "Looked into a suspected violation"
    FACTUAL_INQUIRY = "factual_inquiry", "Factual inquiry"


class FlightDetermination(models.Model):
    """What one flight, by its log or its film, was for: who says so, when and why. Rows are only added.

    The newest of a record stands. ``law`` is the version of the law that asked.
    """

    record = models.ForeignKey(
        ResponsiveRecord, on_delete=models.PROTECT, related_name="flight_determinations"
    )
    flight_class = models.CharField(max_length=20, choices=FlightClass)
    reason = models.TextField(max_length=2000)
    law = models.CharField(max_length=40)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="flight_class_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="flight_class_known", condition=Q(flight_class__in=[one.value for one in FlightClass])
            ),
        ]
        ordering: ClassVar = ["-pk"]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="flight_determination_fixed", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.record}: {self.get_flight_class_display()}"
