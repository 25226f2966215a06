import uuid
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from requests_app.docket.models import new_key
from requests_app.fees.bookkeeping import Account, EntryKind
from requests_app.fees.models.cases import Estimate, FeeCase


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
    intent = models.CharField(max_length=200, blank=True)  # what the gateway's refunds and disputes name
    amount_cents = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3, default="usd")
    state = models.CharField(max_length=10, choices=PaymentState, default=PaymentState.STARTED)
    started_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gateway", "reference"], name="payment_reference_once"),
            models.UniqueConstraint(
                fields=["gateway", "intent"], name="payment_intent_once", condition=~Q(intent="")
            ),
            models.CheckConstraint(name="payment_positive", condition=Q(amount_cents__gt=0)),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="payment_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="payment_is_fixed",
                fields=["case", "estimate", "gateway", "amount_cents", "currency"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.amount_cents}"


class PaymentEvent(models.Model):
    """One thing a gateway told us, kept once: a replay finds it here and changes nothing.

    What does not fit anything of ours is kept too, whole, and looked at again when its payment turns up.
    """

    gateway = models.CharField(max_length=16)
    event_id = models.CharField(max_length=200)
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=24, blank=True)
    outcome = models.CharField(max_length=40)
    reference = models.CharField(max_length=200, blank=True)
    amount_cents = models.BigIntegerField(default=0)  # what the gateway said, not what we asked for
    currency = models.CharField(max_length=3, blank=True)
    said = models.JSONField(default=dict)  # the notice as read, without a payer's name or address
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gateway", "event_id"], name="payment_event_once")
        ]
        indexes: ClassVar = [models.Index(fields=["gateway", "outcome"], name="payment_event_outcome")]

    def __str__(self) -> str:
        return f"{self.gateway} {self.event_id}: {self.outcome}"


class RefundState(models.TextChoices):
    ASKED = "asked", "waits for a second person"
    SENDING = "sending", "on its way"
    DONE = "done", "given back"
    FAILED = "failed", "failed"
    REFUSED = "refused", "not approved"


class Refund(models.Model):
    """Money on its way back. Its amount is reserved from what was overpaid until it is done or has failed."""

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount_cents = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=500)
    reference = models.CharField(max_length=200, blank=True)  # cheque number, or the gateway's own id
    state = models.CharField(max_length=8, choices=RefundState)
    asked_by = models.ForeignKey(  # none: made at the payment service, and told to us
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["asked_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(name="refund_positive", condition=Q(amount_cents__gt=0)),
            models.CheckConstraint(
                name="refund_by_two_people",
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("asked_by")),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="refund_stays", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="refund_fixed",
                operation=pgtrigger.UpdateOf(  # type: ignore[no-untyped-call]  # ships no types
                    "key", "payment_id", "amount_cents", "reason", "asked_by_id", "asked_at"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"refund of {self.amount_cents}, {self.state}"


class DisputeState(models.TextChoices):
    OPEN = "open", "open"
    WON = "won", "won"
    LOST = "lost", "lost"


class Dispute(models.Model):
    """A payment contested at the payer's bank. What it moved follows from the two facts, in any order."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    gateway = models.CharField(max_length=16)
    reference = models.CharField(max_length=200)
    amount_cents = models.PositiveBigIntegerField()
    state = models.CharField(max_length=4, choices=DisputeState, default=DisputeState.OPEN)
    withdrawn = models.BooleanField(default=False)  # the gateway took the money
    reinstated = models.BooleanField(default=False)  # and gave it back
    booked_cents = models.PositiveBigIntegerField(default=0)  # what the ledger has taken back for it now
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gateway", "reference"], name="dispute_once"),
            models.CheckConstraint(name="dispute_positive", condition=Q(amount_cents__gt=0)),
        ]

    def __str__(self) -> str:
        return f"dispute {self.reference}, {self.state}"


_ZERO_SUM = """
    IF (SELECT sum(amount_cents) <> 0 OR count(DISTINCT case_id) <> 1
          FROM {meta.db_table} WHERE transaction_id = NEW.transaction_id) THEN
        RAISE EXCEPTION 'ledger transaction % does not sum to zero within one case', NEW.transaction_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
"""


class LedgerEntry(models.Model):
    """One line of the double-entry ledger, integer cents, append-only. Debit positive, credit negative.

    The database itself refuses, at commit, a transaction whose lines do not sum to zero.
    """

    transaction_id = models.UUIDField(default=uuid.uuid4, db_index=True)
    case = models.ForeignKey(FeeCase, on_delete=models.PROTECT, related_name="ledger")
    account = models.CharField(max_length=16, choices=[(a.value, a.value) for a in Account])
    amount_cents = models.BigIntegerField()
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in EntryKind])
    memo = models.CharField(max_length=200)
    rule = models.CharField(max_length=300, blank=True)  # the law or policy behind it, in words
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="+")
    actor = models.ForeignKey(  # none: the portal's own, or a gateway's message
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "ledger entries"
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(name="ledger_no_empty_line", condition=~Q(amount_cents=0)),
            models.CheckConstraint(
                name="ledger_known_account", condition=Q(account__in=[a.value for a in Account])
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["at", "id"], name="ledger_in_order")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="ledger_stays", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="ledger_sums_to_zero",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=pgtrigger.Func(_ZERO_SUM),  # type: ignore[no-untyped-call]  # ships no types
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount_cents}"
