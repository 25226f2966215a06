import uuid
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from requests_app.docket.models import RecordsRequest, new_key
from requests_app.fees.rules import Account, FeeState
from requests_app.law.models import Agency


class ScheduleStatus(models.TextChoices):
    DRAFT = "draft", "draft"
    PUBLISHED = "published", "published"


class PublishedSchedule(models.Model):
    """One version of the agency's fee schedule. A published one is never edited: a change is a new row."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="fee_schedules")
    name = models.CharField(max_length=150)
    version = models.PositiveIntegerField()
    law_code = models.CharField(max_length=8)
    rows = models.JSONField(
        null=True, blank=True
    )  # as requests_app.law.schedule reads; None: the law's rates
    policy = models.JSONField(default=dict, blank=True)
    resolution = models.CharField(max_length=200, blank=True)  # the council's resolution, if any
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=ScheduleStatus, default=ScheduleStatus.DRAFT)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-effective_from", "-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agency", "version"], name="schedule_version_once"),
            models.CheckConstraint(
                name="schedule_dates_in_order",
                condition=Q(effective_to=None) | Q(effective_to__gte=F("effective_from")),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="published_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__status="published"),
            ),
            # its end date may still be set when a later version takes over
            pgtrigger.Protect(
                name="published_fixed",
                operation=pgtrigger.UpdateOf(  # type: ignore[no-untyped-call]  # ships no types
                    "rows",
                    "policy",
                    "law_code",
                    "effective_from",
                    "version",
                    "agency_id",
                    "name",
                    "resolution",
                    "status",
                    "published_by_id",
                    "published_at",
                ),
                condition=pgtrigger.Q(old__status="published"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


class FeeCase(models.Model):
    """The fee side of one request and the state of its machine."""

    request = models.OneToOneField(RecordsRequest, on_delete=models.CASCADE, related_name="fee_case")
    state = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in FeeState], default=FeeState.WORKSHEET
    )
    work = models.JSONField(default=dict)  # the worksheet being written
    work_version = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=500, blank=True)  # why nothing is charged, why it is waived

    def __str__(self) -> str:
        return f"fees of {self.request}"


class Estimate(models.Model):
    """What was quoted, as sent. Never changed: a change is the next version."""

    case = models.ForeignKey(FeeCase, on_delete=models.CASCADE, related_name="estimates")
    version = models.PositiveIntegerField()
    schedule = models.ForeignKey(PublishedSchedule, on_delete=models.PROTECT, related_name="+")
    work = models.JSONField()
    lines = models.JSONField()  # rule, label, quantity, unit, rate, amount_cents, cap, citation, why
    notes = models.JSONField(default=list)
    computed_cents = models.BigIntegerField()
    billed_cents = models.BigIntegerField()
    deposit_cents = models.BigIntegerField(default=0)
    itemised = models.BooleanField(default=False)
    valid_until = models.DateField(null=True, blank=True)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "version"], name="estimate_version_once"),
            models.CheckConstraint(
                name="estimate_not_negative", condition=Q(billed_cents__gte=0, computed_cents__gte=0)
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="estimate_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"estimate {self.version} of {self.case.request}"


class PaymentState(models.TextChoices):
    STARTED = "started", "started"
    PAID = "paid", "paid"
    REFUSED = "refused", "refused"
    REFUNDED = "refunded", "refunded"


class Payment(models.Model):
    """One attempt to pay. ``reference`` is the gateway's id, or the receipt number at the counter."""

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    case = models.ForeignKey(FeeCase, on_delete=models.PROTECT, related_name="payments")
    estimate = models.ForeignKey(Estimate, on_delete=models.PROTECT, related_name="+")
    gateway = models.CharField(max_length=16)
    method = models.CharField(max_length=20, blank=True)  # counter: cheque, cash, money order
    reference = models.CharField(max_length=200)
    amount_cents = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3, default="usd")
    state = models.CharField(max_length=10, choices=PaymentState, default=PaymentState.STARTED)
    started_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gateway", "reference"], name="payment_reference_once"),
            models.CheckConstraint(name="payment_positive", condition=Q(amount_cents__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.amount_cents}"


class PaymentEvent(models.Model):
    """One thing a gateway told us, kept once: a replay finds it here and changes nothing."""

    gateway = models.CharField(max_length=16)
    event_id = models.CharField(max_length=200)
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="events")
    outcome = models.CharField(max_length=40)
    reference = models.CharField(max_length=200, blank=True)
    amount_cents = models.BigIntegerField(default=0)  # what the gateway said, not what we asked for
    currency = models.CharField(max_length=3, blank=True)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gateway", "event_id"], name="payment_event_once")
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.event_id}: {self.outcome}"


class LedgerEntry(models.Model):
    """One line of the double-entry ledger, integer cents, append-only. Debit positive, credit negative."""

    transaction_id = models.UUIDField(default=uuid.uuid4)
    case = models.ForeignKey(FeeCase, on_delete=models.PROTECT, related_name="ledger")
    account = models.CharField(max_length=16, choices=[(a.value, a.value) for a in Account])
    amount_cents = models.BigIntegerField()
    memo = models.CharField(max_length=200)
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "ledger entries"
        ordering: ClassVar = ["at", "id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="ledger_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount_cents}"
