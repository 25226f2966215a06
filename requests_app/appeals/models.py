from typing import TYPE_CHECKING, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from redaction.release.models import ReleaseItem
from requests_app.appeals import triggers
from requests_app.appeals.rules import OPEN, AppealStatus, Decision
from requests_app.docket.models import RecordsRequest, barring, new_key

if TYPE_CHECKING:
    from portal.accounts.models import User

_USER = settings.AUTH_USER_MODEL


class AppealQuerySet(models.QuerySet["Appeal"]):
    def visible_to(self, user: "User") -> "AppealQuerySet":
        """Staff who may see requests see every appeal, a requester her own; whoever is recused, neither."""
        from portal.accounts.rules import Permission

        if not user.is_authenticated or not user.is_active:
            return self.none()
        if not user.may(Permission.SEE_REQUESTS):
            return self.filter(appellant=user)
        asked, twins = barring(user)
        return self.exclude(request__in=asked).exclude(request__in=twins)

    def under_way(self) -> "AppealQuerySet":
        return self.filter(status__in=OPEN)


class Appeal(models.Model):
    """One requester's word against one decision, and the answer of somebody who did not make it."""

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    number = models.CharField(max_length=20, unique=True)
    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="appeals")
    appellant = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="appeals")
    grounds = models.TextField(max_length=20_000)
    items = models.ManyToManyField(ReleaseItem, related_name="appeals", blank=True)  # none: all of it
    status = models.CharField(
        max_length=16, choices=[(s.value, s.label) for s in AppealStatus], default=AppealStatus.FILED
    )
    decision = models.CharField(
        max_length=12, choices=[(d.value, d.label) for d in Decision], blank=True, default=""
    )
    reasons = models.TextField(max_length=20_000, blank=True)
    decider = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)  # a copy for sorting; truth is the clock's ledger
    window_ended_on = models.DateField(null=True, blank=True)  # set when it came after the law's last day
    idempotency_key = models.CharField(max_length=64, unique=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-filed_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(status__in=sorted(OPEN)), name="one_open_appeal_a_request"
            ),
            models.CheckConstraint(
                name="appeal_status_known", condition=Q(status__in=[s.value for s in AppealStatus])
            ),
            models.CheckConstraint(name="appeal_says_why", condition=~Q(grounds="")),
            models.CheckConstraint(
                name="decided_appeal_is_whole",
                condition=(
                    Q(status="decided", decider__isnull=False, decided_at__isnull=False)
                    & Q(decision__in=[d.value for d in Decision])
                    & ~Q(reasons="")
                )
                | (~Q(status="decided") & Q(decider=None, decided_at=None, decision="", reasons="")),
            ),
            models.CheckConstraint(
                name="nobody_decides_an_appeal_of_theirs",
                condition=Q(decider=None) | ~Q(decider=models.F("appellant")),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["status", "due_on", "filed_at"], name="appeal_queue")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="appeal_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="finished_appeal_is_fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status__in=["decided", "withdrawn"]),
                func=triggers.FINISHED_IS_FIXED,
            ),
            pgtrigger.Trigger(
                name="decider_is_somebody_else",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__decider__isnull=False),
                func=triggers.DECIDER_IS_SOMEBODY_ELSE,
            ),
            pgtrigger.ReadOnly(
                name="what_was_filed_is_fixed",
                fields=["key", "number", "request", "appellant", "grounds", "filed_at", "idempotency_key"],
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def state(self) -> AppealStatus:
        return AppealStatus(self.status)

    @property
    def outcome(self) -> str:
        """The decision in the words the requester reads; empty before it."""
        return Decision(self.decision).label if self.decision else ""


class AppealNumbering(models.Model):
    """The last appeal number given in a year; a row lock hands them out without gaps."""

    year = models.PositiveSmallIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"
