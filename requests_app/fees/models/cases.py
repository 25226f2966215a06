from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from requests_app.docket.models import RecordsRequest
from requests_app.fees.models.schedules import PublishedSchedule
from requests_app.fees.rules import FeeState


class FeeCase(models.Model):
    """The fee side of one request and the state of its machine."""

    request = models.OneToOneField(RecordsRequest, on_delete=models.CASCADE, related_name="fee_case")
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in FeeState], default=FeeState.WORKSHEET
    )
    work = models.JSONField(default=dict)  # the worksheet being written
    work_version = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True)  # why nothing is charged, why it is waived
    # what the requester said yes to: the limit of a final bill is measured against it
    agreed = models.ForeignKey(
        "fees.Estimate", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    waiver_percent = models.PositiveSmallIntegerField(default=0)  # granted, for every later quote too

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="waiver_percent_is_one", condition=Q(waiver_percent__lte=100))
        ]

    def __str__(self) -> str:
        return f"fees of {self.request}"


class EstimateBasis(models.TextChoices):
    ESTIMATE = "estimate", "estimate"
    ACTUAL = "actual", "final bill"
    LATE = "late", "lowered: the answer is late"
    WAIVER = "waiver", "lowered: part of the fee is waived"


class Estimate(models.Model):
    """What was quoted, as sent. Never changed: a change is the next version."""

    case = models.ForeignKey(FeeCase, on_delete=models.CASCADE, related_name="estimates")
    version = models.PositiveIntegerField()
    basis = models.CharField(max_length=10, choices=EstimateBasis, default=EstimateBasis.ESTIMATE)
    schedule = models.ForeignKey(PublishedSchedule, on_delete=models.PROTECT, related_name="+")
    work = models.JSONField()
    lines = models.JSONField()  # rule, label, quantity, unit, rate, amount_cents, cap, citation, why
    notes = models.JSONField(default=list)
    computed_cents = models.BigIntegerField()
    waived_cents = models.BigIntegerField(default=0)
    billed_cents = models.BigIntegerField()
    deposit_cents = models.BigIntegerField(default=0)
    itemised = models.BooleanField(default=False)
    valid_until = models.DateField(null=True, blank=True)
    sent_at = models.DateTimeField()
    # none: the portal's own, because the answer is late
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "version"], name="estimate_version_once"),
            models.CheckConstraint(
                name="estimate_not_negative",
                condition=Q(billed_cents__gte=0, computed_cents__gte=0, waived_cents__gte=0),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="estimate_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"estimate {self.version} of {self.case.request}"
