from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from requests_app.law import triggers


class LawPack(models.Model):
    """One version of one law's pack: loaded from its file, or published here by the agency's administrator.

    Never edited: a change is a new version. ``published_by`` is empty for what came with the portal.
    """

    code = models.CharField(max_length=8)
    version = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)
    data = models.JSONField()
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(auto_now_add=True)
    base = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="followers"
    )  # the version it began as a copy of
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code", "version"], name="pack_version_once"),
            models.CheckConstraint(
                name="pack_published_whole",
                condition=Q(published_by=None, published_at=None)
                | Q(published_by__isnull=False, published_at__isnull=False),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="pack_fixed", operation=pgtrigger.Update | pgtrigger.Delete)
        ]
        ordering: ClassVar = ["code", "-effective_from", "-id"]

    def __str__(self) -> str:
        return f"{self.code} {self.version}"


class PackDraft(models.Model):
    """A version being written: valid as a whole after every save, in use nowhere until it is published.

    ``revision`` counts its saves, so that nobody publishes or overwrites what they have not seen.
    """

    code = models.CharField(max_length=8, unique=True)  # one draft of a law at a time
    base = models.ForeignKey(LawPack, null=True, blank=True, on_delete=models.PROTECT, related_name="drafts")
    data = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return f"draft of {self.code}"


class RuleAuthor(models.Model):
    """Who had a hand in a rule's words, known by their digest: nobody adopts a rule of their own."""

    code = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code", "path", "digest", "author"], name="rule_author_once")
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="author_fixed", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.path}: {self.author}"


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
        triggers: ClassVar = [
            # a determination names a row; what it said there can always be read again
            pgtrigger.Protect(
                name="exemption_words_fixed",
                operation=pgtrigger.UpdateOf(  # type: ignore[no-untyped-call]  # ships no types
                    "law",
                    "code",
                    "citation",
                    "label",
                    "explanation",
                    "letter_text",
                    "applies_to",
                    "valid_from",
                ),
            ),
            pgtrigger.Protect(name="exemption_stays", operation=pgtrigger.Delete),
        ]
        ordering: ClassVar = ["law", "code"]

    def __str__(self) -> str:
        return f"{self.code} {self.citation}"


class PackAdoption(models.Model):
    """The recorded decision to use a version for real requests, and which of its rules were drafts then.

    ``drafts``: [[path, digest of the rule], …] of every rule counsel had not adopted, used by this decision.
    """

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="adoptions")
    pack = models.ForeignKey(LawPack, on_delete=models.PROTECT, related_name="adoptions")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    drafts = models.JSONField(default=list, blank=True)

    class Meta:
        triggers: ClassVar = [
            pgtrigger.Protect(name="decision_fixed", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.agency.short_name}: {self.pack}"


class RuleAdoption(models.Model):
    """Counsel's word on one rule: compared with the source and adopted, or taken back. Rows are only added.

    It holds for the same words in every later version and falls away when they change: ``digest`` is theirs.
    """

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="rule_adoptions")
    pack = models.ForeignKey(LawPack, on_delete=models.PROTECT, related_name="+")  # where it was read
    path = models.CharField(max_length=300)
    digest = models.CharField(max_length=64)
    is_adopted = models.BooleanField(default=True)  # False: the adoption is taken back
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    source = models.CharField(max_length=300, blank=True)  # what the rule was compared with
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="rule_adoption_names_its_source", condition=Q(is_adopted=False) | ~Q(source="")
            )
        ]
        indexes: ClassVar = [models.Index(fields=["agency", "path"], name="rule_adoption_path")]
        triggers: ClassVar = [
            pgtrigger.Protect(name="adoption_fixed", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="adopted_by_another",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.is_adopted"),
                func=triggers.ADOPTED_BY_ANOTHER,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.path}: {'adopted' if self.is_adopted else 'taken back'}"
