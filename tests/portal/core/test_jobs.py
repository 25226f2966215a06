import re
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from structlog.testing import capture_logs

from portal.core import jobs
from portal.core.models import Job, JobState

pytestmark = pytest.mark.django_db(transaction=True)
EFFECTS: list[int] = []


@jobs.handles("test.count", queue="interactive")
def count(run: jobs.Run) -> jobs.Publish:
    run.progress(0.5, "half-way")

    def publish() -> str:
        EFFECTS.append(run.job_id)
        return "digest"

    return publish


@jobs.handles("test.crash", queue="interactive", plain=True)
def crash(run: jobs.Run) -> jobs.Publish:
    raise RuntimeError("the disk fell off")


@jobs.handles("test.refuse", queue="interactive")
def refuse(run: jobs.Run) -> jobs.Publish:
    raise jobs.GiveUp("The film has no picture.")


@jobs.handles("test.overtaken", queue="interactive")
def overtaken(run: jobs.Run) -> jobs.Publish:
    Job.objects.filter(pk=run.job_id).update(fence=run.fence + 1)

    def publish() -> None:
        EFFECTS.append(run.job_id)

    return publish


@pytest.fixture(autouse=True)
def _no_effects() -> None:
    EFFECTS.clear()


def a_job(kind: str = "test.count", key: str = "k") -> Job:
    return jobs.enqueue(kind=kind, dedupe_key=key, queue="interactive", payload={"id": 1})


def test_enqueue_twice_with_one_key_gives_one_row() -> None:
    first, second = a_job(), a_job()

    assert first.pk == second.pk
    assert Job.objects.count() == 1


def test_enqueue_in_a_transaction_that_fails_leaves_nothing() -> None:
    def fails() -> None:
        with transaction.atomic():
            a_job()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()

    assert not Job.objects.exists()


def test_execute_publishes_once_and_keeps_the_digest() -> None:
    job = a_job()

    first, second = jobs.execute(job.pk), jobs.execute(job.pk)

    job.refresh_from_db()
    assert (first, second) == (True, False)
    assert [job.pk] == EFFECTS
    assert (job.state, job.progress, job.output_digest) == (JobState.DONE, 100, "digest")


def test_ten_deliveries_at_once_have_one_effect() -> None:
    job = a_job()
    barrier = threading.Barrier(10)

    def deliver() -> None:
        barrier.wait()
        jobs.execute(job.pk)
        connection.close()

    threads = [threading.Thread(target=deliver) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [job.pk] == EFFECTS


def test_crash_is_tried_again_later_and_set_aside_after_five_attempts() -> None:
    job = a_job("test.crash")

    for _ in range(jobs.MAX_ATTEMPTS):
        Job.objects.filter(pk=job.pk).update(run_after=Now())
        jobs.execute(job.pk)

    job.refresh_from_db()
    assert job.state == JobState.QUARANTINED
    assert job.attempts == 5
    assert "the disk fell off" in job.error


def test_first_crash_waits_before_the_next_attempt() -> None:
    job = a_job("test.crash")

    jobs.execute(job.pk)

    job.refresh_from_db()
    assert job.state == JobState.PENDING
    assert job.attempts == 1


def test_refusal_is_final_and_says_why() -> None:
    job = a_job("test.refuse")

    jobs.execute(job.pk)

    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, "The film has no picture.")


@pytest.mark.parametrize(
    ("raised", "error", "said"),
    [
        (ValueError("no number: Zebrafinch"), "ValueError", "ValueError: no number: Zebrafinch"),
        (
            OSError(28, "No space left on device", "Zebrafinch"),
            "OSError: No space left on device",
            "Zebrafinch",
        ),
        (jobs.GiveUp("It was refused.", said="No Zebrafinch"), "It was refused.", "No Zebrafinch"),
    ],
)
def test_what_may_quote_a_record_is_kept_apart_from_the_reason(
    raised: Exception, error: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: jobs.Run) -> jobs.Publish:
        raise raised

    monkeypatch.setitem(jobs._handlers, "test.count", (failing, False))
    job = a_job()

    with capture_logs() as logs:
        jobs.execute(job.pk)

    job.refresh_from_db()
    assert job.error.startswith(error)
    assert said in job.told
    assert "Zebrafinch" not in job.error + str(logs)
    jobs.retry(job)
    Job.objects.update(state=JobState.PENDING, run_after=Now())
    assert jobs.claim(job.pk) is not None
    assert Job.objects.get().told == ""


def test_a_crash_says_at_which_line_of_ours_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(jobs._handlers, "test.count", (lambda run: run.progress("Zebrafinch"), False))
    job = a_job()

    jobs.execute(job.pk)

    job.refresh_from_db()
    assert re.fullmatch(r"ValueError at portal/core/jobs\.py:\d+", job.error)
    assert job.told.startswith("ValueError: ")


def test_unknown_kind_fails_with_its_name() -> None:
    job = a_job("test.unheard_of")

    jobs.execute(job.pk)

    job.refresh_from_db()
    assert "test.unheard_of" in job.error


def test_worker_that_lost_its_fence_publishes_nothing() -> None:
    job = a_job("test.overtaken")

    published = jobs.execute(job.pk)

    assert published is False
    assert EFFECTS == []


def test_progress_of_an_overtaken_run_stops_it() -> None:
    job = a_job()
    run = jobs.claim(job.pk)
    assert run is not None
    Job.objects.filter(pk=job.pk).update(fence=run.fence + 1)

    with pytest.raises(jobs.LeaseLost):
        run.progress(0.5)


def test_sweep_rings_what_waits_and_what_a_dead_worker_left(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, dead, alive = a_job(key="a"), a_job(key="b"), a_job(key="c")
    Job.objects.filter(pk=dead.pk).update(state=JobState.RUNNING, lease_until=Now() - timedelta(seconds=1))
    Job.objects.filter(pk=alive.pk).update(state=JobState.RUNNING, lease_until=Now() + timedelta(seconds=30))
    rung: list[int] = []
    monkeypatch.setattr(jobs, "ring", lambda job_id, queue: rung.append(job_id))

    jobs.sweep()

    assert sorted(rung) == sorted([waiting.pk, dead.pk])


def test_sweep_sets_aside_a_job_whose_workers_always_die() -> None:
    job = a_job()
    Job.objects.filter(pk=job.pk).update(
        state=JobState.RUNNING, attempts=5, lease_until=Now() - timedelta(seconds=1)
    )

    jobs.sweep()

    job.refresh_from_db()
    assert job.state == JobState.QUARANTINED


def test_dead_lease_is_claimed_with_a_higher_fence() -> None:
    job = a_job()
    first = jobs.claim(job.pk)
    assert first is not None
    assert jobs.claim(job.pk) is None
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))

    second = jobs.claim(job.pk)

    assert second is not None
    assert second.fence == first.fence + 1


def test_retry_puts_a_quarantined_job_back() -> None:
    job = a_job()
    Job.objects.filter(pk=job.pk).update(state=JobState.QUARANTINED, attempts=5, error="x")

    jobs.retry(job)

    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == (JobState.PENDING, 0, "")


def test_ring_survives_a_broker_that_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.core import tasks

    def down(*_: object, **__: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(tasks.run, "apply_async", down)

    job = a_job()

    assert job.state == JobState.PENDING
