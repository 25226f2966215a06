"""The one place that reads the clock; services get ``at=`` from their caller."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """This will give the present instant, timezone-aware (UTC)."""
    return timezone.now()
