"""What reading a long film whole found out: made by its own job, used by what comes after."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from portal.core import files, jobs
from portal.core.models import Job, JobState
from portal.core.time import now
from redaction import sandbox
from redaction.plans import film_indexes
from redaction.plans.services import open_review
from redaction.release import destroying
from redaction.workbench import previews
from redaction.workbench.models import Preview
from requests_app.custody.models import ResponsiveRecord
from tests.redaction.plans.plan_builders import a_plan
from tests.redaction.workbench.addresses import url
from tests.redaction.workbench.film_records import a_film_record, made, posted, work
from tests.requests_app.custody.retention_builders import close

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_data")]


def an_index(client: Client, monkeypatch: pytest.MonkeyPatch) -> tuple[ResponsiveRecord, list[Path]]:
    """A film that counts as long, opened and read whole: what is kept of that."""
    monkeypatch.setattr(film_indexes, "SMALLEST", 0)
    record, path = made(client)
    return record, sorted(path.parent.glob("*.index"))


def test_a_long_film_that_is_opened_is_read_whole_before_a_sample_is_asked_for(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, found = an_index(desk, monkeypatch)
    assert [path.name.partition("-")[0] for path in found] == ["prints", "scan"]
    called: list[str] = []
    call = sandbox.call

    def noting(function: str, *given: Any, **more: Any) -> Any:
        called.append(function)
        return call(function, *given, **more)

    monkeypatch.setattr(sandbox, "call", noting)

    posted(desk, record, "film-sample", start=0.4, seconds=1)
    assert work() == 1
    posted(desk, record, "film-proxy")

    assert work() == 0
    assert desk.get(url("film-sample", record), {"start": "0.4", "seconds": "1"}).json()["state"] == "ready"
    assert not [name for name in called if name.endswith((":scan", ":take_prints", ":length"))]


def test_what_is_kept_of_the_tracks_the_marks_choose_is_made_ahead(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film_indexes, "SMALLEST", 0)
    record = a_film_record(extra=("audio",))
    marks = [{"id": "t", "kind": "tracks", "picture": 0, "sound": 1}]
    a_plan(review=open_review(record=record), marks={"version": 1, "marks": marks})

    posted(desk, record, "film-proxy")
    work()

    folder = files.path_of(destroying.previews_of(record.sha256))
    assert len(list(folder.glob("*-p0-s1.index"))) == 2


def test_what_is_kept_of_a_film_stays_while_somebody_may_look_and_uses_it(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, found = an_index(desk, monkeypatch)

    previews.prune(at=now() + timedelta(days=20))
    assert all(path.exists() for path in found)

    os.utime(found[0], (1, 1))
    previews.prune(at=now())
    assert [path.exists() for path in found] == [False, True]

    close(record.request)
    previews.prune(at=now())
    assert not found[1].parent.exists()


def test_what_a_killed_worker_left_of_reading_a_film_goes_after_a_day(desk: Client) -> None:
    _record, path = made(desk)
    old, fresh = path.with_name(".index-old"), path.with_name(".index-fresh")
    for folder in (old, fresh):
        (folder / "scan").mkdir(parents=True)
    os.utime(old, (1, 1))

    previews.prune(at=now())

    assert (old.exists(), fresh.exists(), path.exists()) == (False, True, True)


def test_an_index_that_failed_is_not_begun_anew_by_each_opening(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film_indexes, "SMALLEST", 0)
    record = a_film_record()
    posted(desk, record, "film-proxy")
    job = Preview.objects.get(kind=Preview.Kind.INDEX).job
    assert job is not None
    Job.objects.filter(pk=job.pk).update(state=JobState.QUARANTINED, attempts=jobs.MAX_ATTEMPTS)

    opened = posted(desk, record, "film-proxy")

    job.refresh_from_db()
    assert opened.status_code == 200
    assert (job.state, job.attempts) == (JobState.QUARANTINED, jobs.MAX_ATTEMPTS)
    assert Preview.objects.get(kind=Preview.Kind.INDEX).job_id == job.pk
