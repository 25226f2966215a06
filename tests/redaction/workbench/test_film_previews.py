"""Previews of a film: asked for, made by jobs, one after another, and gone when nobody may look any more."""

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
from redaction.preview import calls
from redaction.release import destroying
from redaction.report import Refused
from redaction.sandbox import calling
from redaction.workbench import film_previews, previews, tasks
from redaction.workbench.models import Preview
from requests_app.docket.rules import Status
from tests.builders import a_request
from tests.redaction.workbench.addresses import url
from tests.redaction.workbench.film_records import a_film_record, made, posted, work
from tests.requests_app.custody.record_builders import a_record, a_recording
from tests.requests_app.custody.retention_builders import close

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_data")]


def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film_previews, "BEGINNING", (1.0, 2.0))
    monkeypatch.setattr(film_previews, "SHORTEST", 0.5)


def test_the_proxy_is_made_part_by_part_from_the_second_asked_for(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_parts(monkeypatch)
    record = a_film_record(seconds=3)

    before = desk.get(url("film-proxy", record)).json()
    asked = posted(desk, record, "film-proxy", at=1.5).json()
    first = Job.objects.filter(kind="workbench.preview").earliest("pk")
    assert jobs.execute(first.pk)
    half = desk.get(url("film-proxy", record)).json()
    work()
    ready = desk.get(url("film-proxy", record)).json()

    assert (before["state"], before["parts"]) == ("none", [])
    assert asked["state"] == "waiting"
    assert (half["state"], [part["number"] for part in half["parts"]]) == ("running", [1])
    assert 0 < half["progress"] < 1
    assert (ready["state"], ready["progress"]) == ("ready", 1)
    assert [part["frames"] for part in ready["parts"]] == [10, 10, 10]
    assert [part["start"] for part in ready["parts"]] == [0, 1, 2]
    assert ready["parts"][0]["end"] == 1


def test_asking_again_makes_nothing_anew(desk: Client) -> None:
    record = a_film_record()
    posted(desk, record, "film-proxy")
    work()

    again = posted(desk, record, "film-proxy").json()

    assert again["state"] == "ready"
    assert work() == 0
    assert Job.objects.filter(kind="workbench.preview").count() == 2  # the proxy and the sound


def test_the_same_film_in_another_request_is_made_once(desk: Client) -> None:
    record = a_film_record()
    other = a_record(
        request=a_request(status=Status.SEARCHING),
        content=files.path_of(record.address).read_bytes(),
        name="b.mp4",
    )
    posted(desk, record, "film-proxy")
    work()

    assert desk.get(url("film-proxy", other)).json()["state"] == "ready"


def test_a_lost_file_is_made_again(desk: Client) -> None:
    record = a_film_record()
    posted(desk, record, "film-proxy")
    work()
    row = Preview.objects.get(kind="proxy")
    files.path_of(row.address).unlink()

    gone = desk.get(url("film-part", record, variant="p0-all", number=0))
    state = desk.get(url("film-proxy", record)).json()["state"]
    work()

    assert gone.status_code == 404
    assert state == "waiting"
    assert desk.get(url("film-proxy", record)).json()["state"] == "ready"


def test_a_film_that_cannot_be_played_says_why_and_is_tried_again_when_asked(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise Refused("the recording cannot be played")

    record = a_film_record()
    with monkeypatch.context() as broken:
        broken.setattr(calls, "part", refuse)
        posted(desk, record, "film-proxy")
        work()
    failed = desk.get(url("film-proxy", record)).json()

    again = posted(desk, record, "film-proxy").json()
    work()

    assert (failed["state"], failed["error"]) == ("failed", "The recording cannot be played.")
    assert again["state"] == "waiting"
    assert desk.get(url("film-proxy", record)).json()["state"] == "ready"


def test_one_microphone_can_be_chosen_and_one_that_is_not_there_is_refused(desk: Client) -> None:
    record = a_film_record(extra=("audio",))

    chosen = posted(desk, record, "film-proxy", sound=1)
    work()
    missing = posted(desk, record, "film-proxy", sound=2)

    assert chosen.status_code == 200
    assert desk.get(url("film-proxy", record), {"sound": "1"}).json()["state"] == "ready"
    assert desk.get(url("film-proxy", record)).json()["state"] == "none"
    assert (missing.status_code, "no sound track 2" in missing.json()["message"]) == (422, True)


def test_a_recording_without_pictures_is_made_too(desk: Client) -> None:
    record = a_record(content=a_recording(), name="call.wav", title="Call")

    posted(desk, record, "film-proxy")
    work()

    (part,) = desk.get(url("film-proxy", record)).json()["parts"]
    assert (part["frames"], part["end"]) == (0, pytest.approx(2, abs=0.05))
    answer = desk.get(part["url"])
    assert answer["Content-Type"] == "audio/mp4"


@pytest.mark.parametrize(
    ("seconds", "stamped", "has_picture", "starts"),
    [
        (20, True, True, [0]),
        (44, True, True, [0]),
        (46, True, True, [0, 30]),
        (1000, True, True, [0, 30, 120, 300, 600, 900]),
        (1000, False, True, [0]),
        (1000, True, False, [0]),
        (4000, True, False, [0, 1800, 3600]),
    ],
)
def test_a_recording_is_cut_into_parts(
    seconds: float, stamped: bool, has_picture: bool, starts: list[float]
) -> None:
    found = film_previews.spans({"duration": seconds, "stamped": stamped}, has_picture=has_picture)

    assert [start for start, _ in found] == starts
    assert [end for _, end in found] == [*starts[1:], None]


def test_what_two_workers_left_undone_is_asked_for_by_looking(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_parts(monkeypatch)
    record = a_film_record(seconds=3)
    posted(desk, record, "film-proxy")
    work()
    rows = Preview.objects.filter(number=2)
    jobs_of_it = list(rows.values_list("job", flat=True))
    rows.update(job=None, made_at=None, address="", sha256="", size=0)
    Job.objects.filter(pk__in=jobs_of_it).delete()

    state = desk.get(url("film-proxy", record)).json()["state"]

    assert state == "running"
    assert work() == 1


def test_nothing_is_made_once_the_request_is_closed(desk: Client) -> None:
    record = a_film_record()
    posted(desk, record, "film-proxy")
    close(record.request)

    work()

    job = Job.objects.filter(kind="workbench.preview").earliest("pk")
    assert (job.state, job.error) == (
        JobState.FAILED,
        "No open record has this film any more. Nothing was made.",
    )
    assert not Preview.objects.exclude(address="").exists()


def test_what_ends_after_the_record_is_gone_is_not_kept(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = a_film_record()
    posted(desk, record, "film-proxy")
    job = Job.objects.filter(kind="workbench.preview").earliest("pk")
    settle = previews._settle

    def and_then_the_row_goes(preview: Preview, made: Path) -> files.Stored:
        kept = settle(preview, made)
        Preview.objects.all().delete()
        return kept

    monkeypatch.setattr(previews, "_settle", and_then_the_row_goes)

    assert not jobs.execute(job.pk)
    folder = files.path_of(destroying.previews_of(record.sha256))
    assert list(folder.iterdir()) == []


def test_pruning_leaves_what_somebody_may_look_at(desk: Client) -> None:
    _record, path = made(desk)

    tasks.prune_previews()

    assert path.exists()


def test_previews_go_when_the_request_closes(desk: Client) -> None:
    record, path = made(desk)
    close(record.request)

    tasks.prune_previews()

    assert not path.parent.exists()
    assert not Preview.objects.exists()


def test_previews_go_when_nobody_asks_for_a_month(desk: Client) -> None:
    record, path = made(desk)

    previews.prune(at=now() + timedelta(days=31))

    assert not path.exists()
    assert posted(desk, record, "film-proxy").json()["state"] == "waiting"


def test_looking_puts_the_month_off(desk: Client) -> None:
    record, path = made(desk)
    Preview.objects.update(asked_at=now() - timedelta(days=29))
    desk.get(url("film-proxy", record))

    previews.prune(at=now() + timedelta(days=2))

    assert path.exists()


def test_a_file_no_row_names_goes_after_a_day(desk: Client) -> None:
    _record, path = made(desk)
    old, fresh = path.with_name("proxy-0-old.mp4"), path.with_name("proxy-0-fresh.mp4")
    for stray in (old, fresh):
        stray.write_bytes(b"x")
    os.utime(old, (1, 1))

    previews.prune(at=now())

    assert (old.exists(), fresh.exists(), path.exists()) == (False, True, True)


def test_previews_are_listed_among_what_is_destroyed_with_a_record(desk: Client) -> None:
    record, path = made(desk)

    folders = [file.address for file in destroying.beside(record) if file.kind == "previews for staff"]

    assert folders == [destroying.previews_of(record.sha256)]
    assert path.parent == files.path_of(folders[0])
    assert not destroying.in_use(folders[0], record)
    Job.objects.filter(kind="workbench.preview").update(state=JobState.RUNNING)
    assert destroying.obstacle(record) == "a preview of it is being made"


def test_only_what_somebody_waits_for_goes_first(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    giving_way: dict[str, bool] = {}
    call = sandbox.call

    def noting(function: str, *given: Any, **more: Any) -> Any:
        giving_way[function.rpartition(":")[2]] = calling._gives_way.get()
        return call(function, *given, **more)

    monkeypatch.setattr(sandbox, "call", noting)
    record = a_film_record()

    posted(desk, record, "film-proxy")
    posted(desk, record, "film-sample", start=0, seconds=1)
    work()

    assert giving_way["shape"] is giving_way["render"] is giving_way["check"] is False
    assert giving_way["part"] is giving_way["listen"] is True
