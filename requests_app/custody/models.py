from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from requests_app.docket.models import RecordsRequest, RequestItem, new_key


class Medium(models.TextChoices):
    PDF = "pdf", "document"
    OFFICE = "office", "office file or mail"
    IMAGE = "image", "image"
    VIDEO = "video", "video"
    AUDIO = "audio", "audio"
    TABLE = "table", "table"
    FLIGHT = "flight", "flight log"


class ResponsiveRecord(models.Model):
    """One file that answers a request. The original is write-once and never leaves."""

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

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "sha256"], name="same_file_once_a_request"),
            models.UniqueConstraint(fields=["request", "position"], name="record_position_once"),
            models.CheckConstraint(name="record_not_empty", condition=Q(size__gt=0)),
        ]
        ordering: ClassVar = ["position"]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="original_is_fixed", fields=["request", "size", "sha256", "address", "medium"]
            ),
            pgtrigger.Protect(name="record_stays", operation=pgtrigger.Delete),
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


class Hold(models.Model):
    """Freezes destruction of what a request asks for, from the moment it is filed."""

    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="holds")
    scope = models.CharField(max_length=500)
    citation = models.CharField(max_length=200, blank=True)
    placed_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"hold for {self.request}"


class PreservationTask(models.Model):
    """Tell the systems that hold the recordings to keep them, before the retention date passes."""

    request = models.ForeignKey(RecordsRequest, on_delete=models.CASCADE, related_name="preservation_tasks")
    what = models.CharField(max_length=300)
    destroy_on = models.DateField(null=True, blank=True)  # earliest scheduled destruction, None: unknown
    rule = models.CharField(max_length=300, blank=True)
    attested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    attested_at = models.DateTimeField(null=True, blank=True)
    evidence = models.CharField(max_length=300, blank=True)  # ticket number or hash

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="attested_with_evidence",
                condition=Q(attested_at=None) | (Q(attested_by__isnull=False) & ~Q(evidence="")),
            )
        ]

    def __str__(self) -> str:
        return self.what
