from typing import TYPE_CHECKING, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.core.models import Job
from requests_app.custody import triggers
from requests_app.custody.models.records import ResponsiveRecord
from requests_app.custody.rules import ItemState, PurgeStatus
from requests_app.docket.models import new_key
from requests_app.law.models import Agency

if TYPE_CHECKING:
    from django.db.models import QuerySet

_USER = settings.AUTH_USER_MODEL


class Purge(models.Model):
    """One list of records to destroy: proposed by one person, confirmed by another, done by a job."""

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="purges")
    number = models.PositiveIntegerField()
    status = models.CharField(
        max_length=10, choices=[(s.value, s.label) for s in PurgeStatus], default=PurgeStatus.PROPOSED
    )
    proposed_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True)
    digest = models.CharField(max_length=64)  # of the list the second person sees
    confirmed_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=500, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    job = models.OneToOneField(Job, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    items: "QuerySet[PurgeItem]"

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agency", "number"], name="purge_number_once"),
            models.CheckConstraint(
                name="purge_status_known", condition=Q(status__in=[s.value for s in PurgeStatus])
            ),
            models.CheckConstraint(
                name="purge_confirmed_by_another",
                condition=Q(confirmed_by=None, confirmed_at=None, status__in=["proposed", "refused"])
                | (
                    Q(
                        confirmed_by__isnull=False,
                        confirmed_at__isnull=False,
                        status__in=["confirmed", "done"],
                    )
                    & ~Q(confirmed_by=F("proposed_by"))
                ),
            ),
            models.CheckConstraint(
                name="purge_finished_iff_done",
                condition=Q(status="done", finished_at__isnull=False)
                | (~Q(status="done") & Q(finished_at=None)),
            ),
            models.CheckConstraint(
                name="purge_refused_with_why",
                condition=(Q(status="refused", ended_by__isnull=False) & ~Q(ended_why=""))
                | (~Q(status="refused") & Q(ended_by=None, ended_why="")),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="purge_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="purge_is_fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=triggers.PURGE_IS_FIXED,
            ),
        ]

    def __str__(self) -> str:
        return f"purge {self.number}"


class PurgeItem(models.Model):
    """One record of a purge, and how far its destruction has come.

    ``destroying`` is the point of no return: the record counts as destroyed and ``files`` are being removed.
    """

    purge = models.ForeignKey(Purge, on_delete=models.PROTECT, related_name="items")
    record = models.ForeignKey(ResponsiveRecord, on_delete=models.PROTECT, related_name="purge_items")
    state = models.CharField(
        max_length=10, choices=[(s.value, s.label) for s in ItemState], default=ItemState.LISTED
    )
    series = models.CharField(max_length=40)
    severity = models.CharField(max_length=40, blank=True)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    due_on = models.DateField()
    rule_id = models.CharField(max_length=80)
    rule = models.CharField(max_length=300)
    because = models.JSONField(default=list)
    skipped_why = models.CharField(max_length=300, blank=True)
    files = models.JSONField(default=list, blank=True)  # [{address, kind, sha256, size, left}]
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["series", "severity", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["purge", "record"], name="record_once_a_purge"),
            models.UniqueConstraint(
                fields=["record"],
                condition=Q(state__in=["destroying", "destroyed"]),
                name="record_destroyed_once",
            ),
            models.CheckConstraint(
                name="item_destroyed_with_time",
                condition=Q(state="destroyed", destroyed_at__isnull=False)
                | (~Q(state="destroyed") & Q(destroyed_at=None)),
            ),
            models.CheckConstraint(
                name="item_skipped_with_why",
                condition=(Q(state="skipped") & ~Q(skipped_why=""))
                | (~Q(state="skipped") & Q(skipped_why="")),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="purge_item_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="purge_item_is_fixed",
                fields=[
                    "purge",
                    "record",
                    "series",
                    "severity",
                    "size",
                    "sha256",
                    "due_on",
                    "rule_id",
                    "rule",
                ],
            ),
            pgtrigger.Trigger(
                name="item_only_while_proposed",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=triggers.ITEM_ONLY_WHILE_PROPOSED,
            ),
            pgtrigger.Trigger(
                name="item_moves_on",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=triggers.ITEM_MOVES_ON,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record} in {self.purge}"


class Certificate(models.Model):
    """The proof of a destruction, as PDF and as CSV. Never changed."""

    purge = models.OneToOneField(Purge, on_delete=models.PROTECT, related_name="certificate")
    pdf_address = models.CharField(max_length=120)
    pdf_sha256 = models.CharField(max_length=64)
    pdf_size = models.BigIntegerField()
    csv_address = models.CharField(max_length=120)
    csv_sha256 = models.CharField(max_length=64)
    csv_size = models.BigIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(name="certificate_is_fixed", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"certificate of {self.purge}"
