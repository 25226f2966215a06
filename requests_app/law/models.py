from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class LawPack(models.Model):
    """One version of one law's pack, as loaded from its file. Never edited: a change is a new version."""

    code = models.CharField(max_length=8)
    version = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)
    data = models.JSONField()
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(auto_now_add=True)
    adopted_by = models.CharField(max_length=200, blank=True)  # counsel's name; empty: a draft
    adopted_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code", "version"], name="pack_version_once"),
        ]
        ordering: ClassVar = ["code", "-effective_from", "-id"]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class Agency(models.Model):
    """The agency this portal answers for."""

    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=50)
    law = models.CharField(max_length=8)  # code of the pack in use
    time_zone = models.CharField(max_length=50, default="America/Chicago")
    cutoff = models.TimeField(null=True, blank=True)  # later arrivals count from the next business day
    cutoff_citation = models.CharField(max_length=200, blank=True)
    body = models.CharField(max_length=20, default="municipality")
    contact_name = models.CharField(max_length=150)
    contact_title = models.CharField(max_length=150)
    contact_email = models.EmailField()
    contact_phone = models.CharField(max_length=40)
    address = models.TextField(max_length=500)

    class Meta:
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return self.name


class ClosureDay(models.Model):
    """A day the agency is closed beyond its law's holidays.

    A closure taken back keeps its row: a request closed in between was counted with it.
    """

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="closures")
    day = models.DateField()
    reason = models.CharField(max_length=150)
    effective_at = models.DateTimeField(null=True, blank=True)  # empty: since the agency was set up
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["agency", "day"], condition=Q(ended_at=None), name="closure_once_a_day"
            ),
            models.CheckConstraint(
                name="closure_ends_after_it_begins",
                condition=Q(ended_at=None) | Q(effective_at=None) | Q(ended_at__gte=F("effective_at")),
            ),
        ]
        ordering: ClassVar = ["day"]

    def __str__(self) -> str:
        return f"{self.day}: {self.reason}"


class Exemption(models.Model):
    """A ground for withholding, effective-dated. Determinations keep the text they cited."""

    law = models.CharField(max_length=8)
    code = models.CharField(max_length=32)
    citation = models.CharField(max_length=200)
    label = models.CharField(max_length=200)
    explanation = models.TextField()  # for the requester, in plain words
    letter_text = models.TextField(blank=True)
    applies_to = models.JSONField(default=list, blank=True)
    valid_from = models.DateField(default=timezone.localdate)
    valid_to = models.DateField(null=True, blank=True)
    verified = models.CharField(max_length=1, default="M")  # V verified, P partly, M to confirm

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["law", "code", "valid_from"], name="exemption_once_a_start"),
            models.CheckConstraint(
                name="exemption_dates_in_order", condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from"))
            ),
        ]
        ordering: ClassVar = ["law", "code"]

    def __str__(self) -> str:
        return f"{self.code} {self.citation}"


class PackAdoption(models.Model):
    """The recorded decision to use a pack, draft or adopted, for real requests."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="adoptions")
    pack = models.ForeignKey(LawPack, on_delete=models.PROTECT, related_name="adoptions")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField()
    reason = models.CharField(max_length=300)

    def __str__(self) -> str:
        return f"{self.agency.short_name}: {self.pack}"
