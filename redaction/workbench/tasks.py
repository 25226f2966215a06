"""Background work of this room, by kind."""

from celery import shared_task

from portal.core import jobs
from portal.core.time import now
from redaction.release.destroying import PREVIEW_JOB
from redaction.workbench import film_samples, office_pages, previews, table_counting


@jobs.handles(table_counting.KIND, queue="interactive")
def look_into_table(run: jobs.Run) -> jobs.Publish:
    return table_counting.work(run)


@jobs.handles(PREVIEW_JOB, queue="media")
def make_preview(run: jobs.Run) -> jobs.Publish:
    return previews.make(run, film_samples.MAKERS)


@shared_task(name="workbench.prune_previews")
def prune_previews() -> None:
    previews.prune(at=now())
    office_pages.forget(at=now())
