from celery import shared_task

from portal.core.time import now
from requests_app.intake import services


@shared_task(name="requests_app.intake.tasks.delete_stale_drafts")
def delete_stale_drafts() -> int:
    return services.delete_stale_drafts(at=now())
