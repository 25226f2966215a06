"""The job core: claim with compare-and-set, lease, fence, sweep, quarantine.

A service calls :func:`enqueue` in the transaction that needs the work. A handler does the long part
outside any transaction and gives back ``publish``, which runs in one transaction guarded by the fence:
a worker that lost its lease changes nothing.
"""

import random
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from portal.core.errors import DomainError
from portal.core.models import Job, JobState

LEASE = timedelta(seconds=30)
HEARTBEAT_SECONDS = 10.0
MAX_ATTEMPTS = 5
_SWEEP_LOCK = 7_310_001

log = structlog.get_logger(__name__)
Publish = Callable[[], str | None]
"""Writes the effect; may return the output's digest."""
Handler = Callable[["Run"], Publish]
_handlers: dict[str, tuple[Handler, bool]] = {}


class LeaseLost(Exception):
    """Another worker owns the job now; this one must stop and write nothing."""


class GiveUp(DomainError):
    """The work can never succeed (bad source, failed verification): no retry, the reason is shown.

    ``said`` is the reason in full where it may quote a record: kept apart, for who may look into it.
    """

    code = "job_failed"

    def __init__(self, reason: str, *, said: str = "") -> None:
        self.said = said
        super().__init__(reason)


@dataclass
class Run:
    """What a handler gets: the row's ids and the means to say how far it is."""

    job_id: int
    fence: int
    payload: Mapping[str, Any]
    attempts: int
    lost: threading.Event = field(default_factory=threading.Event)

    def progress(self, share: float, note: str = "") -> None:
        """This will publish progress (0–1) and stop a run whose lease is gone.

        :raises LeaseLost: when another worker has claimed the job.
        """
        self.check()
        owned = Job.objects.filter(pk=self.job_id, fence=self.fence, state=JobState.RUNNING)
        if not owned.update(progress=min(99, max(0, int(share * 100))), progress_note=note[:200]):
            self.lost.set()
            self.check()

    def check(self) -> None:
        if self.lost.is_set():
            raise LeaseLost(f"job {self.job_id} belongs to another worker")


def handles(kind: str, *, queue: str, plain: bool = False) -> Callable[[Handler], Handler]:
    """This will register the function below it as the handler of one kind of job.

    ``plain``: nothing in its errors can quote a record, so an administrator may read them as they are.
    """

    def register(handler: Handler) -> Handler:
        _handlers[kind] = (handler, plain)
        return handler

    return register


def enqueue(
    *,
    kind: str,
    dedupe_key: str,
    queue: str,
    payload: Mapping[str, Any],
    input_digest: str = "",
    delay: timedelta = timedelta(0),
) -> Job:
    """This will write the job row in the caller's transaction and ring Celery once it commits.

    Asking twice with one ``dedupe_key`` gives the same row. A failed or quarantined row is left as it is:
    a person retries it by :func:`retry`.
    """
    job, created = Job.objects.get_or_create(
        dedupe_key=dedupe_key,
        defaults={
            "kind": kind,
            "queue": queue,
            "payload": dict(payload),
            "input_digest": input_digest,
            "run_after": Now() + delay,
        },
    )
    if created and not delay:
        transaction.on_commit(lambda: ring(job.pk, queue))
    return job


def ring(job_id: int, queue: str) -> None:
    """This will tell a worker that a row waits. A lost ring is harmless: the sweep rings again."""
    from portal.core.tasks import run

    try:
        run.apply_async((job_id,), queue=queue, retry=False)
    except Exception as error:  # the broker may be down; the row stays and the sweep finds it
        log.warning("ring_failed", job_id=job_id, error=type(error).__name__)


def claim(job_id: int) -> Run | None:
    """This will take the job if it is free (waiting, or running with a dead lease), else give None."""
    free = Q(state=JobState.PENDING) | Q(state=JobState.RUNNING, lease_until__lt=Now())
    with transaction.atomic():
        claimed = Job.objects.filter(free, pk=job_id, run_after__lte=Now(), attempts__lt=MAX_ATTEMPTS).update(
            state=JobState.RUNNING,
            fence=F("fence") + 1,
            attempts=F("attempts") + 1,
            lease_until=Now() + LEASE,
            error="",
            said="",
        )
        if not claimed:
            return None
        job = Job.objects.get(pk=job_id)
    return Run(job_id=job.pk, fence=job.fence, payload=job.payload, attempts=job.attempts)


def execute(job_id: int) -> bool:
    """This will do the job once if it is free. Gives whether this call published its effect."""
    run = claim(job_id)
    if run is None:
        return False
    kind = Job.objects.values_list("kind", flat=True).get(pk=job_id)
    try:
        handler, plain = _handlers[kind]
    except KeyError:
        _fail(run, f"no handler for jobs of kind {kind}", final=True)
        return False
    beat = threading.Thread(target=_heartbeat, args=(run, done := threading.Event()), daemon=True)
    beat.start()
    try:
        publish = handler(run)
        _publish(run, publish)
    except LeaseLost:
        log.warning("lease_lost", job_id=job_id, fence=run.fence)
        return False
    except GiveUp as refusal:
        _fail(run, str(refusal), said=refusal.said, final=True)
        return False
    except Exception as error:
        # where, not what: the error's own words may quote a record
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error(
            "job_failed", job_id=job_id, kind=kind, attempt=run.attempts, error=_named(error), where=where
        )
        said = "".join(traceback.format_exception_only(error)).strip()
        _fail(run, said if plain else _named(error), said="" if plain else said, final=False)
        return False
    finally:
        done.set()
        beat.join()
    return True


def _publish(run: Run, publish: Publish) -> None:
    with transaction.atomic():
        # no key: whoever holds a row that names this job, and would name it anew, does not wait for us
        rows = Job.objects.select_for_update(no_key=True)
        mine = rows.filter(pk=run.job_id, fence=run.fence, state=JobState.RUNNING)
        if not mine.exists():
            raise LeaseLost(f"job {run.job_id} belongs to another worker")
        digest = publish()
        Job.objects.filter(pk=run.job_id).update(
            state=JobState.DONE,
            progress=100,
            output_digest=digest or "",
            finished_at=Now(),
            lease_until=None,
        )


def _named(error: Exception) -> str:
    """Its type, the operating system's words for it, and the innermost place of our own source."""
    rooms = [Path(settings.BASE_DIR) / name for name in ("portal", "requests_app", "redaction")]
    places = [
        f" at {path.relative_to(room.parent)}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        for room in rooms
        if (path := Path(frame.filename)).is_relative_to(room)
    ]
    reason = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    return f"{type(error).__name__}{reason}{places[-1] if places else ''}"


def _fail(run: Run, error: str, *, final: bool, said: str = "") -> None:
    exhausted = run.attempts >= MAX_ATTEMPTS
    state = JobState.FAILED if final else JobState.QUARANTINED if exhausted else JobState.PENDING
    # exponential back-off with full jitter, 2 s to 10 min
    wait = timedelta(seconds=random.uniform(0, min(600, 2 ** (run.attempts + 1))))  # noqa: S311  not a secret
    Job.objects.filter(pk=run.job_id, fence=run.fence, state=JobState.RUNNING).update(
        state=state, error=error[:2000], said=said[:4000], lease_until=None, run_after=Now() + wait
    )


def _heartbeat(run: Run, done: threading.Event) -> None:
    try:
        while not done.wait(HEARTBEAT_SECONDS):
            renewed = Job.objects.filter(pk=run.job_id, fence=run.fence, state=JobState.RUNNING).update(
                lease_until=Now() + LEASE
            )
            if not renewed:
                run.lost.set()
                return
    finally:
        connection.close()


def sweep() -> int:
    """This will ring what was lost and set aside what failed too often. Gives how many were rung.

    Runs from beat and may run anywhere: an advisory lock lets one sweep at a time work.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_SWEEP_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        dead = Q(state=JobState.RUNNING, lease_until__lt=Now())
        Job.objects.filter(dead, attempts__gte=MAX_ATTEMPTS).update(
            state=JobState.QUARANTINED,
            lease_until=None,
            error="its worker died at every attempt",
        )
        waiting = Q(state=JobState.PENDING, run_after__lte=Now())
        rows = list(
            Job.objects.filter(waiting | dead).order_by("run_after").values_list("pk", "queue")[:1000]
        )
    for job_id, queue in rows:
        ring(job_id, queue)
    return len(rows)


@transaction.atomic
def retry(job: Job) -> None:
    """This will put a failed or quarantined job back to waiting, with its attempts counted anew."""
    stuck = Job.objects.filter(pk=job.pk, state__in=[JobState.FAILED, JobState.QUARANTINED])
    if stuck.update(state=JobState.PENDING, attempts=0, run_after=Now(), error="", said="", progress=0):
        transaction.on_commit(lambda: ring(job.pk, job.queue))
