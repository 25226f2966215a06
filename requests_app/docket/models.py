import secrets
from typing import TYPE_CHECKING, Any, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from requests_app.docket import triggers
from requests_app.docket.rules import OPEN, STATUS_CHOICES, Disposition, Status
from requests_app.law.models import Agency

if TYPE_CHECKING:
    from portal.accounts.models import User


def new_key() -> str:
    """128 random bits for a public address; a request's number alone shows nothing."""
    return secrets.token_urlsafe(16)


class RequestQuerySet(models.QuerySet["RecordsRequest"]):
    def visible_to(self, user: "User") -> "RequestQuerySet":
        """Staff who may see requests see every filed one; a requester her own filed ones. Unknown: none.

        Nobody finds a request she is recused from, its requester the only exception.
        """
        from portal.accounts.rules import Permission

        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.may(Permission.SEE_REQUESTS):
            return self.filed().open_to(user)
        return self.filed().filter(requester=user)  # a draft is reached through intake alone

    def open_to(self, user: "User") -> "RequestQuerySet":
        """All but those the person is recused from."""
        asked, twins = barring(user)
        return self.exclude(pk__in=asked).exclude(pk__in=twins)

    def barred_to(self, user: "User") -> "RequestQuerySet":
        asked, twins = barring(user)
        return self.filter(Q(pk__in=asked) | Q(pk__in=twins))

    def filed(self) -> "RequestQuerySet":
        return self.exclude(status=Status.DRAFT)

    def unfinished(self) -> "RequestQuerySet":
        return self.filter(status__in=OPEN)


def barring(user: "User") -> tuple[models.QuerySet[Any, Any], models.QuerySet[Any, Any]]:
    """This will give the keys of requests a person is recused from, and of those that hold such a file.

    Two, for each is a quick subquery in a list's own query; most people are recused from nothing.
    """
    bars = Recusal.objects.filter(person=user.pk, ended_at=None)
    files = bars.exclude(record_sha256="").values("record_sha256")
    return bars.values("request"), RecordsRequest.objects.filter(records__sha256__in=files).values("pk")


class RecordsRequest(models.Model):
    """One request for records, from its first saved answer to its close."""

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    number = models.CharField(max_length=20, unique=True, null=True, blank=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="requests")
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="requests"
    )
    status = models.CharField(max_length=16, choices=STATUS_CHOICES, default=Status.DRAFT)
    disposition = models.CharField(
        max_length=16, choices=[(d.value, d.value) for d in Disposition], blank=True, default=""
    )
    form_code = models.SlugField(max_length=32)  # which guided form: video, lpr, drone, other, …
    form_version = models.PositiveIntegerField(default=1)
    answers = models.JSONField(default=dict)  # as the form's fields define
    draft_step = models.CharField(max_length=40, blank=True)
    record_type = models.CharField(max_length=40, blank=True)  # the law's class, such as body_worn_camera
    title = models.CharField(max_length=200, blank=True)
    requester_category = models.CharField(max_length=32, blank=True)
    relationship = models.CharField(max_length=32, blank=True)
    fee_limit_cents = models.PositiveIntegerField(null=True, blank=True)  # agreed to before filing
    law_code = models.CharField(max_length=8, blank=True)
    law_version = models.CharField(max_length=20, blank=True)  # the pack in use on receipt
    received_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    channel = models.CharField(max_length=16, default="web")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="assigned"
    )
    due_on = models.DateField(null=True, blank=True)  # a copy for sorting queues; truth is the clock's ledger
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="filed_request_is_whole",
                condition=Q(status=Status.DRAFT)
                | Q(number__isnull=False, requester__isnull=False, received_at__isnull=False),
            ),
            models.CheckConstraint(
                name="closed_request_has_disposition",
                condition=(Q(status=Status.CLOSED) & ~Q(disposition="") & Q(closed_at__isnull=False))
                | (~Q(status=Status.CLOSED) & Q(disposition="", closed_at__isnull=True)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "due_on", "id"], name="request_queue"),
            models.Index(fields=["assignee", "status", "due_on"], name="request_mine"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="keep_filed",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__number__isnull=False),
            ),
            pgtrigger.Trigger(
                name="owner_is_not_recused",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.assignee_id IS DISTINCT FROM NEW.assignee_id"),
                func=triggers.OWNER_IS_NOT_RECUSED,
            ),
        ]

    def __str__(self) -> str:
        return self.number or "draft"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


class RequestItem(models.Model):
    """One thing asked for: a clip, a plate-reader window, a flight."""

    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    description = models.TextField(max_length=2000)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    place = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "position"], name="item_position_once")
        ]
        ordering: ClassVar = ["position"]

    def __str__(self) -> str:
        return f"{self.request}/{self.position}"


class Note(models.Model):
    """An internal note. Never rendered on a requester's page, mail or package."""

    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    body = models.TextField(max_length=10_000)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="note_stays", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"note on {self.request}"


class Recusal(models.Model):
    """A person who must not see a request: she is in its records, or otherwise not free to judge it.

    With ``record_sha256`` it is about one file, and then about every request that holds the same file.
    """

    class Ground(models.TextChoices):
        APPEARS = "appears", "appears in a record or took part in what it shows"
        RELATIVE = "relative", "is related or close to somebody in it or to the requester"
        PARTY = "party", "has a claim, complaint or case about it"
        OTHER = "other", "is otherwise not free to judge it"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="recusals")
    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="recusals")
    record_sha256 = models.CharField(max_length=64, blank=True, default="")
    ground = models.CharField(max_length=16, choices=Ground)
    why = models.TextField(max_length=500)  # staff's words, never shown to the person herself
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_why = models.TextField(max_length=500, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "request", "record_sha256"],
                condition=Q(ended_at=None),
                name="one_standing_recusal",
            ),
            models.CheckConstraint(
                name="recusal_ends_with_a_name_and_a_reason",
                condition=Q(ended_at=None, ended_by=None, ended_why="")
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_why="")),
            ),
            models.CheckConstraint(
                name="nobody_ends_her_own_recusal", condition=Q(ended_by=None) | ~Q(ended_by=F("person"))
            ),
            models.CheckConstraint(name="recusal_says_why", condition=~Q(why="")),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person"], condition=Q(ended_at=None), name="recusal_standing")
        ]
        ordering: ClassVar = ["id"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="recusal_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="recusal_only_ended_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=triggers.RECUSAL_ONLY_ENDED_ONCE,
            ),
        ]

    def __str__(self) -> str:
        return f"recusal from {self.request}"


class Numbering(models.Model):
    """The last number given in a year; a row lock hands them out without gaps."""

    year = models.PositiveSmallIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"
