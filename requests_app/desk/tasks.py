from celery import shared_task

from portal.core import jobs
from portal.core.models import Queue
from portal.core.time import now
from requests_app.clock.recount import CHUNK, total
from requests_app.clock.selectors import day_of
from requests_app.desk import reminders
from requests_app.law.models import Agency

REMIND = "desk.remind"


@jobs.handles(REMIND, queue="build", plain=True)
def remind(run: jobs.Run) -> jobs.Publish:
    """Killed halfway it begins anew: what is in the outbox already is not written twice."""
    agency, at = Agency.objects.get(pk=run.payload["agency"]), now()
    count, sent = max(total(agency), 1), 0
    for done, (_last, waiting) in enumerate(reminders.due(agency, on=day_of(agency, at)), 1):
        sent += reminders.send(waiting, agency=agency, at=at)
        run.progress(done * CHUNK / count, f"{sent} reminders written")
    return lambda: str(sent)


@shared_task(name="desk.remind", ignore_result=True)
def remind_daily() -> None:
    for agency in Agency.objects.all():
        key = f"{REMIND}:{agency.pk}:{day_of(agency, now())}"
        jobs.enqueue(kind=REMIND, dedupe_key=key, queue=Queue.BUILD, payload={"agency": agency.pk})
