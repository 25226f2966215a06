from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from requests_app.clock.rules import ChangeKind, ChangeState
from requests_app.docket.models import RecordsRequest
from requests_app.law.models import Agency, ClosureDay, LawPack


class ClockEvent(models.Model):
    """One thing that moved a statutory clock. Append-only: a correction is a further event."""

    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="clock_events")
    type = models.CharField(max_length=40)  # requests_app.law.event.TYPES, or clock.rules.PORTAL_TYPES
    at = models.DateTimeField()
    by = models.PositiveSmallIntegerField(null=True, blank=True)  # extensions: how many
    unit = models.CharField(max_length=16, blank=True)  # business_day or calendar_day
    reason = models.CharField(max_length=300, blank=True)
    citation = models.CharField(max_length=200, blank=True)
    strikes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="struck_by"
    )  # the entry this one takes back
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="struck_entry_is_named",
                condition=Q(type="struck", strikes__isnull=False) | (~Q(type="struck") & Q(strikes=None)),
            )
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="ledger", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.type} {self.at:%Y-%m-%d}"


class ClockFact(models.Model):
    """What a clock of the law asks about a request beyond its dates. Append-only: the newest row holds."""

    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="clock_facts")
    name = models.CharField(max_length=60)
    value = models.JSONField()  # true, false, or a whole number
    reason = models.CharField(max_length=300)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="fact_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"


class PendingLapse(models.Model):
    """The day an open request ends unless its requester acts: a copy for the queue, as ``due_on`` is."""

    request = models.OneToOneField(RecordsRequest, on_delete=models.CASCADE, related_name="pending_lapse")
    clock = models.CharField(max_length=60)
    on = models.DateField(db_index=True)

    def __str__(self) -> str:
        return f"{self.clock} {self.on}"


class CalendarChange(models.Model):
    """A proposed change of what counts as a day, and what it moved.

    Nothing counts differently before a person approves it. The diff and, after approval, the recount run as
    jobs that write down how far they came.
    """

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="calendar_changes")
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in ChangeKind])
    day = models.DateField(null=True, blank=True)  # closing and opening
    closure = models.ForeignKey(
        ClosureDay, null=True, blank=True, on_delete=models.PROTECT, related_name="changes"
    )  # opening: the one taken back; closing: the one made by the approval
    from_pack = models.ForeignKey(LawPack, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    to_pack = models.ForeignKey(LawPack, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=150)
    state = models.CharField(
        max_length=10,
        choices=[(state.value, state.value) for state in ChangeState],
        default=ChangeState.PROPOSED,
    )
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_alone = models.CharField(max_length=300, blank=True)  # why nobody but the proposer approved it
    total = models.PositiveIntegerField(default=0)  # open requests when the pass began
    seen = models.PositiveIntegerField(default=0)
    cursor = models.BigIntegerField(default=0)  # the pass has done every request up to this id
    compared_at = models.DateTimeField(null=True, blank=True)  # the diff is whole
    recounted_at = models.DateTimeField(null=True, blank=True)  # every open request carries the new date

    class Meta:
        ordering: ClassVar = ["-proposed_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="calendar_change_is_whole",
                condition=Q(kind="close", day__isnull=False, to_pack=None)
                | Q(kind="open", day__isnull=False, closure__isnull=False, to_pack=None)
                | Q(kind="pack", day=None, from_pack__isnull=False, to_pack__isnull=False),
            ),
            models.CheckConstraint(
                name="calendar_change_decided_by_somebody",
                condition=Q(state="proposed", decided_by=None, decided_at=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="calendar_change_approved_by_another",
                condition=~Q(state="approved") | ~Q(decided_by=F("proposed_by")) | ~Q(decided_alone=""),
            ),
            models.CheckConstraint(
                name="calendar_change_recounted_after_approval",
                condition=Q(recounted_at=None) | Q(state="approved"),
            ),
            models.CheckConstraint(
                name="calendar_change_to_another_pack",
                condition=Q(to_pack=None) | ~Q(to_pack=F("from_pack")),
            ),
            models.UniqueConstraint(
                name="calendar_change_proposed_once",
                fields=["agency", "kind", "day"],
                condition=Q(state="proposed", day__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day or self.to_pack}"

    @property
    def is_open(self) -> bool:
        return self.state == ChangeState.PROPOSED


class ClockShift(models.Model):
    """One clock of one open request that a change moves: the diff a person approves."""

    change = models.ForeignKey(CalendarChange, on_delete=models.CASCADE, related_name="shifts")
    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="clock_shifts")
    clock = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    is_main = models.BooleanField()
    before = models.DateField(null=True)
    after = models.DateField(null=True)
    becomes_late = models.BooleanField()  # it was not overdue before and would be

    class Meta:
        ordering: ClassVar = ["-becomes_late", "after", "request_id"]
        constraints: ClassVar = [
            models.UniqueConstraint(name="clock_shift_once", fields=["change", "request", "clock"])
        ]

    def __str__(self) -> str:
        return f"{self.clock}: {self.before} to {self.after}"

    @property
    def earlier(self) -> bool:
        return self.before is not None and self.after is not None and self.after < self.before
