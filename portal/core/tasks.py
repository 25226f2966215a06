from celery import shared_task

from portal.core import jobs


@shared_task(name="portal.core.tasks.run")
def run(job_id: int) -> None:
    jobs.execute(job_id)


@shared_task(name="portal.core.tasks.sweep")
def sweep() -> None:
    jobs.sweep()
