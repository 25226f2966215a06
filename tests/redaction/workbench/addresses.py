from typing import Any

from django.urls import reverse

from requests_app.custody.models import ResponsiveRecord


def url(page: str, record: ResponsiveRecord, **more: Any) -> str:
    return reverse(f"workbench:{page}", kwargs={"key": record.key, **more})
