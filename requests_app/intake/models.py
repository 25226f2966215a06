from typing import ClassVar

from django.db import models


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
