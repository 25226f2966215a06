import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, transaction

from portal.audit.models import Entry, Outcome
from portal.core import files, jobs
from portal.core.errors import IllegalMove
from portal.core.models import Job, JobState
from redaction import pipeline
from redaction.marks import parse
from redaction.plans import attempts, renders
from redaction.plans import services as plans
from redaction.plans.models import Companion, Plan, Render, Review
from redaction.report import Finding, Report, VerificationFailed
from tests.builders import NOON
from tests.redaction.plans.plan_builders import (
    DROP_PLATES,
    a_plan,
    a_render,
    a_review,
    a_withholding,
    an_approval,
)
from tests.requests_app.custody.record_builders import READS, a_pdf, a_record

pytestmark = pytest.mark.django_db


def asked(plan: Plan) -> Job:
    return plans.request_render(review=plan.review, actor=plan.author, at=NOON)


def stage(job: Job) -> tuple[str, str]:
    job.refresh_from_db()
    return job.state, job.told


def scratch_files() -> list[Path]:
    return list((Path(settings.DATA_DIR) / "scratch").glob("*"))


def test_what_goes_beside_the_copy_is_kept_with_it_and_fixed_once_approved() -> None:
    render = an_approval().render

    kept = {row.name: row for row in render.companions.all()}

    assert set(kept) == {"data-dictionary.csv", "reconciliation.csv", "table.xlsx"}
    for row in kept.values():
        files.require_intact(files.Stored.of(row))
    with pytest.raises(IntegrityError, match="takes nothing beside it"), transaction.atomic():
        Companion.objects.create(render=render, name="more.csv", address="derived/x", sha256="0" * 64, size=1)
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        render.companions.update(size=2)


def test_a_render_is_the_engines_output_and_passes_its_check() -> None:
    render = a_render()

    content = files.path_of(render.address).read_bytes()
    assert b"CANARY" not in content
    assert b"Elm and 3rd" in content
    assert (render.suffix, render.size) == (".csv", len(content))
    assert render.address.startswith("derived/")
    assert render.source_sha256 == render.review.record.sha256
    assert render.marks_digest == render.plan.digest
    assert all(row["requested"] == row["applied"] == row["verified"] for row in render.report["marks"])
    assert pipeline.verify(
        _named(render), files.path_of(render.review.record.address), parse(render.plan.marks)
    ) == []  # fmt: skip


def test_a_render_takes_the_review_to_verified_with_an_entry_for_each_step() -> None:
    render = a_render()

    assert Review.objects.get().status == "verified"
    for action in ("review.render", "review.verify"):
        entry = Entry.objects.get(action=action)
        assert entry.detail["render_sha256"] == render.sha256
        assert entry.request_key == render.review.record.request.key
    assert render.job is not None
    assert render.job.output_digest == render.sha256
    assert scratch_files() == []


def test_a_document_is_rendered_too() -> None:
    record = a_record(content=a_pdf("Officer CANARY name", "Public line"), name="report.pdf")
    marks = {
        "version": 1,
        "marks": [{"id": "t", "kind": "text", "literal": "CANARY", "reason": "MINOR"}],
    }

    render = a_render(plan=a_plan(review=a_review(record), marks=marks))

    assert render.suffix == ".pdf"
    assert b"CANARY" not in files.path_of(render.address).read_bytes()


def test_a_whole_withholding_makes_no_file() -> None:
    review = a_withholding(approve=False)

    render = Render.objects.get(review=review)
    assert (render.withheld, render.address, render.size, render.suffix) == (True, "", 0, "")
    assert render.report["withheld"] is True
    assert review.status == "verified"


def test_a_source_the_engine_refuses_fails_for_good_with_its_sentence() -> None:
    record = a_record(content=READS + b"P,c,t\n" * 9 + b"one,two\n", name="reads.csv")
    plan = a_plan(review=a_review(record))
    job = asked(plan)

    assert not jobs.execute(job.pk)

    state, error = stage(job)
    assert state == JobState.FAILED
    assert error.startswith("Nothing was made. ")
    assert "ow 14 has 2 cells" in error
    assert job.error == "Nothing was made: the engine or the check of its result refused."
    assert not Render.objects.exists()
    assert Review.objects.get().status == "marked"
    entry = Entry.objects.get(action="review.render_refused")
    assert (entry.outcome, entry.detail["why"]) == (Outcome.DENIED, "Refused")


def test_a_failed_check_fails_for_good_and_names_the_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> NoReturn:
        raise VerificationFailed([Finding("a plate is still there", "c1", "row 2")])

    monkeypatch.setattr(pipeline, "redact", fail)  # the real verifier works in a child
    job = asked(a_plan())

    assert not jobs.execute(job.pk)

    state, error = stage(job)
    assert state == JobState.FAILED
    assert "The column “plate”: a plate is still there (row 2)" in error
    assert Entry.objects.get(action="review.render_refused").detail["why"] == VerificationFailed.__name__
    assert not Render.objects.exists()


def test_a_changed_original_is_not_used() -> None:
    plan = a_plan(review=a_review(a_record(content=READS + b"OWN778,Oak,2026-02-02 01:00:00\n")))
    path = files.path_of(plan.review.record.address)
    path.chmod(0o600)
    path.write_bytes(b"plate,camera,read_at\nX,Y,Z\n")
    job = asked(plan)

    assert not jobs.execute(job.pk)

    state, error = stage(job)
    assert state == JobState.PENDING  # tried again, then set aside: the disk may be put right
    assert "changed on disk" in error
    assert not Render.objects.exists()


def test_marks_saved_before_the_worker_began_stop_it() -> None:
    plan = a_plan()
    job = asked(plan)
    a_plan(review=plan.review)

    assert not jobs.execute(job.pk)

    assert "The marks changed" in stage(job)[1]
    assert not Render.objects.exists()


def test_marks_saved_while_the_engine_works_keep_the_old_result_out(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = a_plan()
    job = asked(plan)
    real = pipeline.redact

    def slow(*args: Any, **kwargs: Any) -> Report:
        report = real(*args, **kwargs)
        a_plan(review=plan.review)
        return report

    monkeypatch.setattr(pipeline, "redact", slow)

    assert not jobs.execute(job.pk)

    assert stage(job)[0] == JobState.FAILED
    assert not Render.objects.exists()
    assert Review.objects.get().status == "marked"


def test_a_record_set_aside_while_the_engine_works_stays_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = a_plan()
    job = asked(plan)
    real = pipeline.redact

    def slow(*args: Any, **kwargs: Any) -> Report:
        report = real(*args, **kwargs)
        plans.mark_not_responsive(review=plan.review, actor=plan.author, at=NOON)
        return report

    monkeypatch.setattr(pipeline, "redact", slow)

    assert not jobs.execute(job.pk)

    assert "decided otherwise" in stage(job)[1]
    assert Review.objects.get().status == "not_responsive"


def test_a_report_about_other_bytes_is_not_published(monkeypatch: pytest.MonkeyPatch) -> None:
    job = asked(a_plan())
    real = pipeline.redact

    def other(*args: Any, **kwargs: Any) -> Report:
        report = real(*args, **kwargs)
        report.source_sha256 = "0" * 64
        return report

    monkeypatch.setattr(pipeline, "redact", other)

    assert not jobs.execute(job.pk)

    assert "not of this original" in stage(job)[1]
    assert not Render.objects.exists()


def test_a_result_changed_after_its_check_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    job = asked(a_plan())
    real = pipeline.redact

    def careless(source: Path, marks: Any, target: Path, **kwargs: Any) -> Report:
        report = real(source, marks, target, **kwargs)
        target.write_bytes(target.read_bytes() + b"CANARY1\n")
        return report

    monkeypatch.setattr(pipeline, "redact", careless)

    assert not jobs.execute(job.pk)

    assert "changed between its check and the disk" in stage(job)[1]
    assert not Render.objects.exists()


def test_a_worker_that_lost_its_lease_publishes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    job = asked(a_plan())
    real = pipeline.redact

    def overtaken(*args: Any, **kwargs: Any) -> Report:
        report = real(*args, **kwargs)
        Job.objects.filter(pk=job.pk).update(fence=99)
        return report

    monkeypatch.setattr(pipeline, "redact", overtaken)

    assert not jobs.execute(job.pk)

    assert not Render.objects.exists()
    assert Review.objects.get().status == "marked"


def test_progress_is_told_but_not_for_every_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    job = asked(a_plan())
    run = jobs.claim(job.pk)
    assert run is not None
    told = []
    monkeypatch.setattr(jobs.Run, "progress", lambda self, share, note="": told.append((share, note)))
    clock = iter([100.0, 100.0, 100.1, 100.2, 100.4, 100.6, 100.6, 100.7])  # asked again once it is told
    monkeypatch.setattr(attempts, "time", SimpleNamespace(monotonic=lambda: next(clock)))

    tell = attempts.telling(run)
    for step in range(6):
        tell(step / 50, f"picture {step}")

    assert told == [(0.0, "picture 0"), (0.08, "picture 4")]


def test_progress_stops_a_run_whose_lease_is_gone() -> None:
    lost = threading.Event()
    lost.set()
    run = jobs.Run(job_id=0, fence=0, payload={}, attempts=1, lost=lost)

    with pytest.raises(jobs.LeaseLost):
        attempts.telling(run)(0.5, "page 1")


@pytest.mark.parametrize(
    ("mark", "suffix"),
    [
        ({"kind": "column", "name": "plate", "action": "release"}, ".csv"),
        ({"kind": "withhold", "exemption": "TX-108"}, ".none"),
    ],
)
def test_the_kind_of_output_follows_the_marks(mark: dict[str, Any], suffix: str) -> None:
    marks = parse({"version": 1, "marks": [{"id": "m", **mark}]})

    assert renders.suffix_of(a_record(), marks) == suffix


def test_asking_again_after_success_is_refused() -> None:
    plan = a_plan(marks=DROP_PLATES)
    a_render(plan=plan)

    with pytest.raises(IllegalMove, match="verified"):
        asked(plan)


def _named(render: Render) -> Path:
    return files.path_of(render.address)
