from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from requests_app.correspondence.models import Letter
from requests_app.docket.models import new_key
from requests_app.fees.models.cases import Estimate, FeeCase
from requests_app.fees.models.money import Payment, Refund


class PaperNumbering(models.Model):
    """The last number given to one kind of paper in a year; a row lock hands them out without gaps."""

    kind = models.CharField(max_length=12)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "year"], name="paper_numbering_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"


class InvoiceKind(models.TextChoices):
    INVOICE = "invoice", "invoice"
    CREDIT_NOTE = "credit_note", "credit note"


class Invoice(models.Model):
    """A bill, or the credit note that takes a bill or a part of it back. Never changed, never deleted.

    The invoices of a case less its credit notes are the fee in its ledger.
    """

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    case = models.ForeignKey(FeeCase, on_delete=models.PROTECT, related_name="invoices")
    estimate = models.ForeignKey(Estimate, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=InvoiceKind)
    number = models.CharField(max_length=20, unique=True)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    amount_cents = models.PositiveBigIntegerField()
    fee_cents = models.BigIntegerField()  # the whole fee after this paper
    lines = models.JSONField(default=list)  # of the estimate billed, as sent
    reason = models.CharField(max_length=500)
    rule = models.CharField(max_length=300, blank=True)  # the law behind a lower bill
    issued_on = models.DateField()
    due_on = models.DateField(null=True)
    interest_percent = models.DecimalField(max_digits=6, decimal_places=3, null=True)  # a year, if unpaid
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    letter = models.ForeignKey(Letter, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["issued_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "year", "sequence"], name="invoice_number_once"),
            models.CheckConstraint(name="invoice_positive", condition=Q(amount_cents__gt=0)),
            models.CheckConstraint(
                name="invoice_has_due_day", condition=Q(kind="credit_note") | Q(due_on__isnull=False)
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="invoice_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return self.number


class Receipt(models.Model):
    """What was received or given back, told to whoever paid. Never changed, never deleted."""

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    case = models.ForeignKey(FeeCase, on_delete=models.PROTECT, related_name="receipts")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="receipts")
    refund = models.OneToOneField(Refund, null=True, on_delete=models.PROTECT, related_name="receipt")
    number = models.CharField(max_length=20, unique=True)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    amount_cents = models.PositiveBigIntegerField()
    used = models.JSONField(default=list)  # what the money went to: words and cents
    balance_cents = models.BigIntegerField()  # still owed after it
    overpaid_cents = models.BigIntegerField(default=0)  # still to be given back after it
    issued_at = models.DateTimeField()
    letter = models.ForeignKey(Letter, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["issued_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["year", "sequence"], name="receipt_number_once"),
            models.UniqueConstraint(
                fields=["payment"], name="receipt_of_payment_once", condition=Q(refund=None)
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="receipt_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return self.number
