from typing import ClassVar

from django.conf import settings
from django.db import models

from requests_app.docket.models import RecordsRequest


class FormDefinition(models.Model):
    """One version of a guided form, as data: adding a kind of record needs no deploy."""

    code = models.SlugField(max_length=32)
    version = models.PositiveIntegerField()
    position = models.PositiveSmallIntegerField(default=0)
    data = models.JSONField()
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code", "version"], name="form_version_once"),
            models.UniqueConstraint(
                fields=["code"], name="one_active_form_a_code", condition=models.Q(is_active=True)
            ),
        ]
        ordering: ClassVar = ["position", "code"]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class FilingKey(models.Model):
    """A program's ``Idempotency-Key``: filing again with it gives the first request again."""

    requester = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)  # of the form and answers: one key never means two requests
    request = models.ForeignKey(RecordsRequest, null=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["requester", "key"], name="filing_key_once_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.key} → {self.request}"
