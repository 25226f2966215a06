"""Beat's work of this room. Each may run twice at once or not at all for a day: nothing depends on it."""

from celery import shared_task

from portal.core.time import now
from requests_app.custody import cases, conflicts, holds, preservation
from requests_app.law.models import Agency


@shared_task(name="requests_app.custody.tasks.press")
def press() -> None:
    """Preservation tasks, counsel's queue and days to look again: who is late hears of it."""
    preservation.press(at=now())
    conflicts.press_counsel(at=now())
    cases.remind(at=now())


@shared_task(name="requests_app.custody.tasks.look_over")
def look_over() -> None:
    """Once a night: what rules contradict each other on, and which holds can be looked at."""
    for agency in Agency.objects.order_by("pk"):
        conflicts.open_conflicts(agency=agency, at=now())
    holds.set_review_days(at=now())
    holds.hold_again(at=now())
