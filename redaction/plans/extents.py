"""How much there is of a record where only a whole reading tells: learned by whoever reads it, then known.

The pages of an office file are those its conversion makes; a table's rows and a flight's points are counted
by the engine's own reader. Nothing is read here, so it may be asked under a lock.
"""

from datetime import datetime

from redaction.plans.seen_models import Extent
from requests_app.custody.models import ResponsiveRecord


def learn(record: ResponsiveRecord, medium: str, total: float, *, at: datetime) -> None:
    """This will keep how many pages, rows or seconds a record has, taken as ``medium``.

    The newest count holds: a newer reader, or other decisions on what is hidden, may make other pages.
    """
    if known(record, medium) == total:
        return
    Extent.objects.update_or_create(record=record, medium=medium, defaults={"total": total, "at": at})


def known(record: ResponsiveRecord, medium: str) -> float | None:
    """This will give what was counted; None where nobody has read the record as a whole yet."""
    return Extent.objects.filter(record=record, medium=medium).values_list("total", flat=True).first()
