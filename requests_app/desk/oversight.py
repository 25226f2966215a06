"""What the site's background work and its audit chain look like now."""

import shutil
from dataclasses import dataclass
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Count, QuerySet

from portal.accounts.models import User
from portal.audit import services as audit
from portal.audit.models import Entry
from portal.core import jobs
from portal.core.errors import IllegalMove
from portal.core.models import Job, JobState, Queue
from requests_app.correspondence.models import OutgoingMail
from requests_app.correspondence.services import MAIL
from requests_app.docket.models import RecordsRequest
from requests_app.docket.recusals import without

BROKER_SECONDS = 2
LOW_DISK_SHARE = 0.1
STUCK = (JobState.FAILED, JobState.QUARANTINED)


@dataclass(frozen=True)
class Disk:
    """Bytes of the file system that holds the records."""

    total: int
    free: int

    @property
    def percent_free(self) -> int:
        return round(100 * self.free / self.total)

    @property
    def is_low(self) -> bool:
        return self.free < LOW_DISK_SHARE * self.total


def jobs_by_state() -> list[dict[str, Any]]:
    """This will count jobs: one row a queue, one number a state."""
    counted = {
        (row["queue"], row["state"]): row["count"]
        for row in Job.objects.values("queue", "state").annotate(count=Count("pk"))
    }
    return [
        {"queue": queue.label, "counts": [counted.get((queue.value, state.value), 0) for state in JobState]}
        for queue in Queue
    ]


def stuck_jobs() -> QuerySet[Job]:
    """This will list what needs a person: jobs that failed for good or too often, newest first."""
    return Job.objects.filter(state__in=STUCK).order_by("-pk")


@dataclass(frozen=True)
class FailedMail:
    """A mail whose job needs a person, and what the mail server said."""

    mail: OutgoingMail
    error: str


def failed_mails(reader: User) -> list[FailedMail]:
    """This will list the mails that were not taken, newest first: those whose job is stuck."""
    said = {job.payload["mail"]: job.error for job in stuck_jobs().filter(kind=MAIL)}
    mails = without(OutgoingMail.objects.filter(pk__in=said), reader).order_by("-pk")
    return [FailedMail(mail, said[mail.pk]) for mail in mails]


def disk() -> Disk:
    usage = shutil.disk_usage(settings.DATA_DIR)
    return Disk(total=usage.total, free=usage.free)


def broker_answers() -> bool:
    """This will tell whether the broker takes a connection within two seconds."""
    try:
        with current_app.connection_for_write(connect_timeout=BROKER_SECONDS) as connection:
            connection.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
    except Exception:  # whatever it is, the answer is no
        return False
    return True


@transaction.atomic
def retry(*, job: Job, actor: User) -> None:
    """This will put a stuck job back to waiting. :raises IllegalMove: for one that is not stuck."""
    if job.state not in STUCK:
        raise IllegalMove("This job is not stuck. Only a failed job can be tried again.")
    jobs.retry(job)
    audit.record(action="job.retried", actor=actor, subject=job, detail={"kind": job.kind})


def entries(
    *, reader: User, number: str = "", action: str = "", outcome: str = "", before: int | None = None
) -> QuerySet[Entry]:
    """This will list audit entries, newest first, older than ``before`` (an entry's number).

    What is about a request the reader is recused from is left out.
    """
    barred = RecordsRequest.objects.barred_to(reader).values("key")
    rows = Entry.objects.select_related("actor").exclude(request_key__in=barred).order_by("-seq")
    if number:
        keys = RecordsRequest.objects.filed().filter(number=number).values("key")
        rows = rows.filter(request_key__in=keys)
    if action:
        rows = rows.filter(action__startswith=action)
    if outcome:
        rows = rows.filter(outcome=outcome)
    return rows.filter(seq__lt=before) if before is not None else rows


def verify_chain(*, actor: User) -> audit.Verdict:
    """This will check the whole audit chain and write down that it was checked, and what came out."""
    verdict = audit.verify()
    audit.record(
        action="audit.verified",
        actor=actor,
        subject=actor,
        detail={"entries": verdict.entries, "holds": verdict.fault is None},
    )
    return verdict
