from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from requests_app.fees.models.cases import FeeCase
from requests_app.fees.models.money import Payment, PaymentEvent, Refund
from requests_app.law.models import Agency


class MoneyPolicy(models.Model):
    """What the agency decides about its money. A change is a new row; the newest counts."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="money_policies")
    second_person_above_cents = models.PositiveBigIntegerField(default=10_000)
    days_to_pay = models.PositiveSmallIntegerField(
        default=30, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    interest_percent = models.DecimalField(  # a year; none: no interest is asked for
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    account_codes = models.JSONField(default=dict, blank=True)  # account → the city's own code
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    set_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "money policies"
        ordering: ClassVar = ["-id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="money_policy_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"money policy of {self.set_at:%Y-%m-%d}"


class TaskKind(models.TextChoices):
    REFUND_DUE = "refund_due", "Give money back"
    REFUND_APPROVAL = "refund_approval", "Approve a refund"
    REFUND_FAILED = "refund_failed", "A refund failed"
    CHARGEBACK = "chargeback", "A bank took money back"
    UNFITTING = "unfitting", "A payment service reports what does not fit"


class MoneyTask(models.Model):
    """Something about money a person has to do. Closed by what was done, or by a person with a reason."""

    kind = models.CharField(max_length=16, choices=TaskKind)
    case = models.ForeignKey(FeeCase, null=True, on_delete=models.PROTECT, related_name="money_tasks")
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="+")
    refund = models.ForeignKey(Refund, null=True, on_delete=models.PROTECT, related_name="+")
    event = models.ForeignKey(PaymentEvent, null=True, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=60)  # what it is about; one open task each
    words = models.CharField(max_length=400)
    amount_cents = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    done_how = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["opened_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "subject"], name="money_task_open_once", condition=Q(done_at=None)
            )
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="money_task_stays", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind}: {self.words}"


class CashCount(models.Model):
    """The drawer counted at the end of a day, against what the ledger says. A recount is a further row."""

    day = models.DateField()
    counted_cents = models.PositiveBigIntegerField()
    expected_cents = models.BigIntegerField()  # cash taken less cash given back at the counter that day
    note = models.CharField(max_length=300, blank=True)
    counted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    counted_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["day", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="cash_difference_is_explained",
                condition=Q(counted_cents=models.F("expected_cents")) | ~Q(note=""),
            )
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="cash_count_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"cash of {self.day}"
