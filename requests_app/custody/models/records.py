from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from requests_app.custody import triggers
from requests_app.docket.models import RecordsRequest, RequestItem, new_key
from requests_app.law.material import SEVERITIES


class Medium(models.TextChoices):
    PDF = "pdf", "document"
    OFFICE = "office", "office file or mail"
    IMAGE = "image", "image"
    VIDEO = "video", "video"
    AUDIO = "audio", "audio"
    TABLE = "table", "table"
    FLIGHT = "flight", "flight log"


class ResponsiveRecord(models.Model):
    """One file that answers a request. The original is write-once and never leaves.

    Destroyed, the row stays: what it was, its hash, by which purge and when it went.
    """

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="records")
    item = models.ForeignKey(
        RequestItem, null=True, blank=True, on_delete=models.PROTECT, related_name="records"
    )
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)  # staff's neutral words, fit for the public index
    original_name = models.CharField(max_length=255)  # may name a person: staff only, never released
    medium = models.CharField(max_length=8, choices=Medium)
    format = models.CharField(max_length=16)  # pdf, jpeg, mp4, csv, gpx, dji_srt, …
    size = models.BigIntegerField()
    extent = models.CharField(max_length=60, blank=True)  # as withholding logs give it: 3 pages, 1:02:03
    sha256 = models.CharField(max_length=64)
    address = models.CharField(max_length=120)
    source_agency = models.CharField(max_length=200, blank=True)  # partner cameras: the owner
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    # what retention goes by; each may be put right while the record exists
    series = models.CharField(max_length=40, blank=True)  # the law's class, such as body_worn_camera
    severity = models.CharField(max_length=40, blank=True, choices=list(SEVERITIES.items()))
    conditions = models.JSONField(default=list, blank=True)  # of law.material.CONDITIONS
    recorded_at = models.DateTimeField(null=True, blank=True)
    recorded_until = models.DateTimeField(null=True, blank=True)
    place = models.CharField(max_length=300, blank=True)
    incident = models.CharField(max_length=60, blank=True)  # case, call or flight number, as written
    case = models.ForeignKey(
        "custody.Case", null=True, blank=True, on_delete=models.PROTECT, related_name="records"
    )
    complaint_on = models.DateField(null=True, blank=True)
    kept_asked_on = models.DateField(null=True, blank=True)  # a person recorded asked for longer keeping
    # once set, this row is all that is left of the record
    destroyed_at = models.DateTimeField(null=True, blank=True)
    purge = models.ForeignKey(
        "custody.Purge", null=True, blank=True, on_delete=models.PROTECT, related_name="destroyed"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="destroyed_by_a_purge",
                condition=Q(destroyed_at=None, purge=None)
                | Q(destroyed_at__isnull=False, purge__isnull=False),
            ),
            models.CheckConstraint(
                name="recording_ends_after_it_began",
                condition=Q(recorded_until=None) | Q(recorded_until__gte=F("recorded_at")),
            ),
            models.UniqueConstraint(fields=["request", "sha256"], name="same_file_once_a_request"),
            models.UniqueConstraint(fields=["request", "position"], name="record_position_once"),
            models.CheckConstraint(name="record_not_empty", condition=Q(size__gt=0)),
        ]
        indexes: ClassVar = [
            models.Index(fields=["recorded_at"], name="record_recorded", condition=Q(destroyed_at=None)),
            models.Index(fields=["address"], name="record_address"),
        ]
        ordering: ClassVar = ["position"]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="original_is_fixed", fields=["request", "size", "sha256", "address", "medium"]
            ),
            pgtrigger.Protect(name="record_stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="destroyed_by_two",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.destroyed_at IS DISTINCT FROM NEW.destroyed_at"
                    " OR OLD.purge_id IS DISTINCT FROM NEW.purge_id"
                ),
                func=triggers.RECORD_DESTROYED,
            ),
            pgtrigger.Trigger(
                name="owner_is_free_of_the_file",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=triggers.OWNER_IS_FREE_OF_THE_FILE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request}/{self.position} {self.title}"


class Transcript(models.Model):
    """What is said in a recording, and when. The newest of a record stands; it never leaves the agency."""

    record = models.ForeignKey(ResponsiveRecord, on_delete=models.PROTECT, related_name="transcripts")
    address = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    format = models.CharField(max_length=4)  # srt, vtt or json
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="transcript_not_empty", condition=Q(size__gt=0) & ~Q(sha256=""))
        ]
        ordering: ClassVar = ["-pk"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="transcript_is_fixed", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"transcript of {self.record}"
