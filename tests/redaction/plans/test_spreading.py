"""A long film rendered in shares: one job row each, and the last brings the one that joins them."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from portal.core import files, jobs
from portal.core.models import Job, JobState
from redaction import pieces
from redaction.pieces import Piece
from redaction.plans import services as plans
from redaction.plans import spreading
from redaction.plans.models import Plan, Render, Review
from redaction.report import Refused
from tests.builders import NOON
from tests.redaction.media_builders import CAMERA, a_video
from tests.redaction.plans.plan_builders import a_plan, a_review
from tests.requests_app.custody.record_builders import a_record

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Plan:
    """Marks on three places of a film that counts as long."""
    settings.DATA_DIR = tmp_path / "data"  # segments outlive a test's transaction
    monkeypatch.setattr(spreading, "SMALLEST", 0)
    monkeypatch.setattr(spreading, "SHARE_SECONDS", 0.5)
    film = a_video(tmp_path / "cam.mp4", seconds=10, size=(96, 64), coding=CAMERA, audio=False)
    record = a_record(content=film.read_bytes(), name="cam.mp4")
    return a_plan(review=a_review(record), marks=regions(0.2, 4.2, 8.2))


def regions(*starts: float, width: float = 0.5) -> dict[str, Any]:
    rows = [
        {
            "id": f"r{start}",
            "kind": "region",
            "start": start,
            "end": start + 0.5,
            "reason": "MINOR",
            "keyframes": [{"t": start, "rect": [0.2, 0.2, width, 0.5]}],
        }
        for start in starts
    ]
    return {"version": 1, "marks": rows}


def spread(plan: Plan) -> tuple[Job, list[Job]]:
    """The first job done, and the shares it left."""
    first = plans.request_render(review=plan.review, actor=plan.author, at=NOON)
    assert jobs.execute(first.pk)
    return first, list(Job.objects.filter(kind="plans.share").order_by("pk"))


def shown(plan: Plan) -> Job:
    job = Review.objects.get(pk=plan.review_id).job
    assert job is not None
    return job


def test_last_share_brings_the_job_that_joins_and_that_one_the_render(plan: Plan) -> None:
    first, shares = spread(plan)
    assert [len(job.payload["keys"]) for job in shares] == [1, 1, 1]
    assert shown(plan) == shares[0]

    for done, following in ((shares[2], shares[0]), (shares[0], shares[1])):
        assert jobs.execute(done.pk)
        assert not Job.objects.filter(kind="plans.join").exists()
        assert shown(plan) == following
    assert jobs.execute(shares[1].pk)
    join = Job.objects.get(kind="plans.join")
    assert shown(plan) == join
    assert jobs.execute(join.pk)

    render = Render.objects.get()
    assert render.report["details"]["segments_from_cache"] == 3
    assert render.job == join
    assert Review.objects.get().status == "verified"
    assert Job.objects.get(pk=first.pk).state == JobState.DONE


def test_share_killed_after_its_work_renders_nothing_again(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, shares = spread(plan)
    killed = jobs.claim(shares[0].pk)
    assert killed is not None
    spreading.make_share(killed)  # the worker dies before it publishes
    Job.objects.filter(pk=shares[0].pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    made: list[int] = []
    render = pieces.render
    monkeypatch.setattr(pieces, "render", lambda *args, **more: made.append(render(*args, **more)))

    for job in shares:
        assert jobs.execute(job.pk)

    assert made == [0, 1, 1]
    assert Job.objects.filter(kind="plans.join").count() == 1


def test_share_done_twice_brings_one_join(plan: Plan) -> None:
    _, shares = spread(plan)
    for job in shares:
        assert jobs.execute(job.pk)

    assert not jobs.execute(shares[0].pk)
    assert Job.objects.filter(kind="plans.join").count() == 1


def test_share_that_is_refused_is_shown_and_tried_again_on_request(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, shares = spread(plan)

    def refused(*_: Any, **__: Any) -> int:
        raise Refused("the recording cannot be encoded")

    with monkeypatch.context() as patch:
        patch.setattr(pieces, "render", refused)
        assert not jobs.execute(shares[1].pk)
    assert jobs.execute(shares[0].pk)
    assert shown(plan) == shares[1]
    assert "cannot be encoded" in shown(plan).told

    again = plans.request_render(review=plan.review, actor=plan.author, at=NOON)

    assert again.pk == shares[1].pk
    assert Job.objects.get(pk=shares[1].pk).state == JobState.PENDING
    for job in shares[1:]:
        assert jobs.execute(job.pk)
    assert jobs.execute(Job.objects.get(kind="plans.join").pk)
    assert Review.objects.get().status == "verified"


def test_asking_again_while_shares_are_open_shows_one_of_them(plan: Plan) -> None:
    _, shares = spread(plan)
    assert jobs.execute(shares[0].pk)

    again = plans.request_render(review=plan.review, actor=plan.author, at=NOON)

    assert again.pk == shares[1].pk
    assert Job.objects.count() == 4


def test_marks_saved_meanwhile_stop_the_shares(plan: Plan) -> None:
    _, shares = spread(plan)
    a_plan(review=plan.review, marks=regions(0.2))

    assert not jobs.execute(shares[0].pk)

    assert "marks changed" in Job.objects.get(pk=shares[0].pk).error
    assert Review.objects.get().job is None


def test_marks_saved_while_a_share_is_rendered_keep_the_join_away(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, shares = spread(plan)
    render = pieces.render

    def slow(*args: Any, **more: Any) -> int:
        made = render(*args, **more)
        a_plan(review=plan.review, marks=regions(0.2))
        return made

    monkeypatch.setattr(pieces, "render", slow)

    assert not jobs.execute(shares[0].pk)
    assert not Job.objects.filter(kind="plans.join").exists()
    assert Review.objects.get().job is None


def test_changed_mark_spreads_only_what_it_touches(plan: Plan) -> None:
    _, shares = spread(plan)
    for job in shares:
        assert jobs.execute(job.pk)
    changed = regions(0.2, 4.2)
    changed["marks"] += regions(8.2, width=0.4)["marks"]
    newer = a_plan(review=plan.review, marks=changed)

    job = plans.request_render(review=newer.review, actor=newer.author, at=NOON)
    assert jobs.execute(job.pk)

    render = Render.objects.get()
    assert Job.objects.filter(kind="plans.share").count() == 3
    assert (render.report["details"]["segments"], render.report["details"]["segments_from_cache"]) == (3, 2)
    folder = spreading.folder_of(newer.review.record)
    assert files.path_of(f"segments/{folder.parent.name}/{folder.name}") == folder.resolve()
    assert len(list(folder.iterdir())) == 4


def test_shares_are_of_about_equal_length_and_leave_out_what_is_there() -> None:
    found = [Piece(f"k{number}", 4.0, number % 5 == 0) for number in range(100)]

    shares = spreading.divided(found)

    assert [len(share) for share in shares] == [15, 15, 15, 15, 15, 5]
    assert [key for share in shares for key in share] == [f"k{n}" for n in range(100) if n % 5]
    assert spreading.divided([]) == []


def test_day_of_film_does_not_become_a_thousand_jobs() -> None:
    found = [Piece(f"k{number}", 4.0, False) for number in range(20_000)]

    assert len(spreading.divided(found)) <= spreading.MOST_SHARES + 1


def test_segments_rendered_more_than_two_weeks_ago_go(plan: Plan) -> None:
    folder = spreading.folder_of(plan.review.record)
    old, fresh = folder / "old.part", folder / "fresh.part"
    for path, days in ((old, 15), (fresh, 13)):
        path.write_bytes(b"pictures")
        made = (NOON - timedelta(days=days)).timestamp()
        os.utime(path, (made, made))

    (folder / "making-1").mkdir()  # left by a child that was killed
    os.utime(folder / "making-1", (0, 0))

    spreading.prune(at=NOON)

    assert sorted(path.name for path in folder.iterdir()) == ["fresh.part", "making-1"]
