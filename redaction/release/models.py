"""What was decided and what left: frozen rows, fixed by trigger once a release is issued."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.core.models import Job
from redaction.plans.models import Approval, Render
from redaction.release.rules import ItemKind, Outcome, ReleaseStatus
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest, new_key

if TYPE_CHECKING:
    from django.db.models import QuerySet

_USER = settings.AUTH_USER_MODEL

_ISSUED_IS_FIXED = """
IF OLD.status IN ('issued', 'recalled', 'failed') THEN
    IF (to_jsonb(NEW) - ARRAY['status', 'recalled_at', 'recalled_by_id', 'recall_reason'])
        <> (to_jsonb(OLD) - ARRAY['status', 'recalled_at', 'recalled_by_id', 'recall_reason'])
        OR NOT (OLD.status = 'issued' AND NEW.status = 'recalled') THEN
        RAISE EXCEPTION 'release % is % and fixed', OLD.id, OLD.status USING ERRCODE = 'check_violation';
    END IF;
END IF;
RETURN NEW;
"""
_ONLY_WHILE_BUILDING = """
IF NOT EXISTS (SELECT 1 FROM release_releasemanifest WHERE id = NEW.manifest_id AND status = 'building') THEN
    RAISE EXCEPTION 'release % takes no more items', NEW.manifest_id USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""


class ReleaseManifest(models.Model):
    """One determination and what it releases. Every byte that leaves is served through a row of it."""

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    request = models.ForeignKey(RecordsRequest, on_delete=models.PROTECT, related_name="releases")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(
        max_length=8, choices=[(s.value, s.value) for s in ReleaseStatus], default=ReleaseStatus.BUILDING
    )
    recipient = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="releases")
    released_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=8, choices=[(o.value, o.label) for o in Outcome])
    explanation = models.TextField(max_length=5000, blank=True)  # to the requester, printed in the letter
    facts = models.JSONField()  # all words of the letter and the index, as they stood when it was decided
    input_digest = models.CharField(max_length=64)  # of the approved renders and marks
    link_days = models.PositiveSmallIntegerField()
    job = models.OneToOneField(Job, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    address = models.CharField(max_length=120, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0)
    manifest_json = models.TextField(blank=True)
    signature = models.CharField(max_length=128, blank=True)  # hex
    key_fingerprint = models.CharField(max_length=64, blank=True)
    failure = models.TextField(blank=True)
    created_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True, blank=True)
    recalled_at = models.DateTimeField(null=True, blank=True)
    recalled_by = models.ForeignKey(_USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    recall_reason = models.TextField(max_length=2000, blank=True)

    items: "QuerySet[ReleaseItem]"
    grants: "QuerySet[DownloadGrant]"

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "number"], name="release_number_once"),
            models.UniqueConstraint(
                fields=["request"], condition=Q(status="building"), name="one_release_is_built_at_a_time"
            ),
            models.CheckConstraint(
                name="release_status_known", condition=Q(status__in=[s.value for s in ReleaseStatus])
            ),
            models.CheckConstraint(
                name="issued_release_is_whole",
                condition=Q(status__in=["building", "failed"])
                | (
                    Q(issued_at__isnull=False, size__gt=0) & ~Q(address="") & ~Q(sha256="") & ~Q(signature="")
                ),
            ),
            models.CheckConstraint(
                name="recall_says_who_and_why",
                condition=(
                    Q(status="recalled", recalled_at__isnull=False, recalled_by__isnull=False)
                    & ~Q(recall_reason="")
                )
                | (~Q(status="recalled") & Q(recalled_at=None, recalled_by=None, recall_reason="")),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="release_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="issued_release_is_fixed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=_ISSUED_IS_FIXED,
            ),
        ]

    def __str__(self) -> str:
        return f"release {self.number} of {self.request}"

    @property
    def stem(self) -> str:
        """The first part of the generated name of every file that is downloaded singly."""
        return f"{self.request.number}-release-{self.number}"

    @property
    def expires_at(self) -> datetime | None:
        """When the links made on the day of issue end; a new one can be made at any time."""
        return self.issued_at + timedelta(days=self.link_days) if self.issued_at else None


class ReleaseItem(models.Model):
    """One file of a release, or one record withheld whole. The text of the exemptions is kept as cited."""

    manifest = models.ForeignKey(ReleaseManifest, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=8, choices=[(k.value, k.value) for k in ItemKind])
    position = models.PositiveSmallIntegerField()
    record = models.ForeignKey(
        ResponsiveRecord, null=True, blank=True, on_delete=models.PROTECT, related_name="release_items"
    )
    render = models.ForeignKey(Render, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approval = models.ForeignKey(Approval, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=100, blank=True)  # inside the package; empty: nothing is released
    title = models.CharField(max_length=200)
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=120, blank=True)
    exemptions = models.JSONField(default=list, blank=True)  # [{code, citation, label, explanation}]

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["manifest", "path"], condition=~Q(path=""), name="release_path_once"
            ),
            models.CheckConstraint(
                name="released_item_is_a_file",
                condition=Q(kind="withheld", path="", address="", sha256="")
                | (~Q(kind="withheld") & Q(size__gt=0) & ~Q(path="") & ~Q(address="") & ~Q(sha256="")),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="item_is_fixed", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="item_only_while_building",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=_ONLY_WHILE_BUILDING,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.manifest}: {self.path or self.title}"

    @property
    def medium(self) -> str:
        if self.kind == ItemKind.LOG:
            return "table"
        return self.record.medium if self.record else "pdf"

    @property
    def plays(self) -> bool:
        """Whether every browser plays it without a plug-in."""
        return self.path.endswith((".mp4", ".wav", ".mp3", ".m4a"))


class DownloadGrant(models.Model):
    """Leave for one person to fetch one file (or the whole package) until a date. The token is not kept."""

    manifest = models.ForeignKey(ReleaseManifest, on_delete=models.PROTECT, related_name="grants")
    item = models.ForeignKey(
        ReleaseItem, null=True, blank=True, on_delete=models.PROTECT, related_name="grants"
    )
    user = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="download_grants")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="grant_expires_later", condition=Q(expires_at__gt=models.F("created_at"))
            )
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="grant_stays", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="grant_is_fixed",
                fields=["manifest", "item", "user", "token_hash", "created_at", "expires_at"],
            ),
        ]

    def __str__(self) -> str:
        return f"grant {self.pk} of {self.manifest}"


class Download(models.Model):
    """One answer that carried bytes: who, what, when, which part, how much of it was sent."""

    grant = models.ForeignKey(DownloadGrant, on_delete=models.PROTECT, related_name="downloads")
    manifest = models.ForeignKey(ReleaseManifest, on_delete=models.PROTECT, related_name="downloads")
    item = models.ForeignKey(
        ReleaseItem, null=True, blank=True, on_delete=models.PROTECT, related_name="downloads"
    )
    user = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    range = models.CharField(max_length=50, blank=True)  # "0-99" of a part; empty: all of it
    bytes_sent = models.BigIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["manifest", "-at"], name="download_log")]
        triggers: ClassVar = [pgtrigger.Protect(name="download_stays", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"download of {self.manifest} by {self.user}"
