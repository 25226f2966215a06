from celery import shared_task

from portal.core import jobs
from portal.core.models import Queue
from portal.core.time import now
from requests_app.clock import changes, passes, recount, selectors
from requests_app.clock.models import CalendarChange
from requests_app.law.models import Agency

NIGHTLY = "clock.nightly"


@jobs.handles(changes.COMPARE, queue="build", plain=True)
def compare(run: jobs.Run) -> jobs.Publish:
    change = CalendarChange.objects.select_related("agency").get(pk=run.payload["change"])
    passes.compare(change, at=now(), tell=run.progress)
    return lambda: None


@jobs.handles(changes.RECOUNT, queue="build", plain=True)
def apply(run: jobs.Run) -> jobs.Publish:
    change = CalendarChange.objects.select_related("agency").get(pk=run.payload["change"])
    passes.apply(change, at=now(), tell=run.progress)
    return lambda: None


@jobs.handles(NIGHTLY, queue="build", plain=True)
def count_every_open_request(run: jobs.Run) -> jobs.Publish:
    """The copies beside the requests are brought in line with the ledgers, whatever made them differ."""
    agency = Agency.objects.get(pk=run.payload["agency"])
    total, drifted = max(recount.total(agency), 1), 0
    for done, (_, moved) in enumerate(recount.recount(agency), 1):
        drifted += len(moved)
        run.progress(done * recount.CHUNK / total, f"{drifted} due dates differed")
    return lambda: str(drifted)


@shared_task(name="clock.nightly", ignore_result=True)
def nightly() -> None:
    for agency in Agency.objects.all():
        key = f"{NIGHTLY}:{agency.pk}:{selectors.day_of(agency, now())}"
        jobs.enqueue(kind=NIGHTLY, dedupe_key=key, queue=Queue.BUILD, payload={"agency": agency.pk})
