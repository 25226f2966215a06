"""The agency's own closed days: which stand, and which stood when a request was closed."""

from datetime import date, datetime

from django.db.models import Q

from requests_app.law.models import Agency, ClosureDay


def standing(agency: Agency, as_of: datetime | None = None) -> dict[date, str]:
    """This will map the closed days to their reasons: now, or as they stood at a moment."""
    rows = ClosureDay.objects.filter(agency=agency)
    if as_of is None:
        rows = rows.filter(ended_at=None)
    else:
        rows = rows.filter(
            Q(effective_at=None) | Q(effective_at__lte=as_of), Q(ended_at=None) | Q(ended_at__gt=as_of)
        )
    return dict(rows.order_by("pk").values_list("day", "reason"))
