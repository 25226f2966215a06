"""A long film is hashed and read whole once for all shares of its copy, and hashed again for what counts."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from portal.core import files, jobs
from portal.core.files import Corrupt
from portal.core.models import Job, JobState
from redaction import indexes, sandbox
from redaction.indexes import Hashed
from redaction.marks import Marks, parse
from redaction.plans import film_indexes, spreading
from redaction.plans import services as plans
from redaction.plans.models import Plan, Render
from redaction.release import destroying
from redaction.report import MarksError
from requests_app.custody.models import ResponsiveRecord
from tests.builders import NOON
from tests.redaction.media_builders import CAMERA, a_video
from tests.redaction.plans.plan_builders import a_plan, a_review
from tests.requests_app.custody.record_builders import a_record

pytestmark = pytest.mark.django_db

NONE = parse({"version": 1, "marks": []})
FRAMES = [
    {"id": f"f{start}", "kind": "frame", "start": start, "end": start + 0.3, "reason": "MINOR"}
    for start in (0.2, 4.2)
]


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> ResponsiveRecord:
    """A film that counts as long."""
    settings.DATA_DIR = tmp_path / "data"
    monkeypatch.setattr(film_indexes, "SMALLEST", 0)
    film = a_video(tmp_path / "cam.mp4", seconds=6, size=(96, 64), coding=CAMERA, audio=False)
    return a_record(content=film.read_bytes(), name="cam.mp4")


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each function was called in a child."""
    called: Counter[str] = Counter()
    call = sandbox.call

    def counting(function: str, *given: Any, **more: Any) -> Any:
        called[function.rpartition(":")[2]] += 1
        return call(function, *given, **more)

    monkeypatch.setattr(sandbox, "call", counting)
    return called


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whatever is hashed whole."""
    found: list[str] = []
    holds = files._holds

    def noting(path: Path, sha256: str) -> bool:
        found.append(sha256)
        return holds(path, sha256)

    monkeypatch.setattr(files, "_holds", noting)
    monkeypatch.setattr(indexes, "hashed", lambda path: pytest.fail(f"{path.name} was hashed again"))
    return found


def shared(record: ResponsiveRecord, monkeypatch: pytest.MonkeyPatch) -> tuple[Plan, list[Job]]:
    """A copy asked for, and the shares its first job left."""
    monkeypatch.setattr(spreading, "SMALLEST", 0)
    monkeypatch.setattr(spreading, "SHARE_SECONDS", 0.5)
    plan = a_plan(review=a_review(record), marks={"version": 1, "marks": FRAMES})
    first = plans.request_render(review=plan.review, actor=plan.author, at=NOON)
    assert jobs.execute(first.pk)
    return plan, list(Job.objects.filter(kind="plans.share").order_by("pk"))


def kept(record: ResponsiveRecord, marks: Marks = NONE) -> indexes.Index | None:
    original, known = film_indexes.hashed(record)
    return film_indexes.kept(record, original, known, marks)


def test_no_share_hashes_or_reads_the_whole_film_again(
    record: ResponsiveRecord,
    children: Counter[str],
    hashes: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, shares = shared(record, monkeypatch)
    assert len(shares) == 2
    assert (children["scan"], children["take_prints"], hashes.count(record.sha256)) == (1, 1, 1)

    for job in shares:
        assert jobs.execute(job.pk)
    assert hashes.count(record.sha256) == 1
    assert jobs.execute(Job.objects.get(kind="plans.join").pk)

    assert hashes.count(record.sha256) == 2  # what is released rests on the bytes as they are now
    assert (children["scan"], children["take_prints"], children["render_segments"]) == (1, 1, 2)
    assert Render.objects.get().report["details"]["segments_from_cache"] == 2


def test_share_hashes_a_film_to_which_something_was_done(
    record: ResponsiveRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, shares = shared(record, monkeypatch)
    path = files.path_of(record.address)
    spoilt = bytearray(path.read_bytes())
    spoilt[-1] ^= 1
    path.chmod(0o640)
    path.write_bytes(spoilt)

    assert not jobs.execute(shares[0].pk)

    assert Job.objects.get(pk=shares[0].pk).state != JobState.DONE
    assert not list(spreading.folder_of(record).glob("*.part"))


def test_bytes_that_changed_before_the_join_are_never_shown(
    record: ResponsiveRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, shares = shared(record, monkeypatch)
    for job in shares:
        assert jobs.execute(job.pk)
    path = files.path_of(record.address)
    path.chmod(0o640)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)

    assert not jobs.execute(Job.objects.get(kind="plans.join").pk)

    assert not Render.objects.exists()


def test_a_film_that_cannot_be_read_whole_is_refused_in_words(
    record: ResponsiveRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise MarksError("there is no picture track 3", mark_id="f0.2")

    monkeypatch.setattr(indexes, "kept", refuse)
    plan = a_plan(review=a_review(record), marks={"version": 1, "marks": FRAMES})
    job = plans.request_render(review=plan.review, actor=plan.author, at=NOON)

    assert not jobs.execute(job.pk)

    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert job.said == (
        "Nothing was made. The whole picture from 0:00.20 to 0:00.50: there is no picture track 3."
    )


def test_what_is_kept_lies_where_destruction_looks(record: ResponsiveRecord) -> None:
    index = kept(record)

    assert index is not None
    assert index.scan.parent == index.prints.parent == files.path_of(destroying.previews_of(record.sha256))
    assert oct(index.scan.parent.stat().st_mode)[-3:] == "700"


def test_nothing_is_kept_of_what_is_short_or_goes_out_not_at_all(
    record: ResponsiveRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    withheld = parse({"version": 1, "marks": [{"id": "w", "kind": "withhold"}]})

    assert kept(record, withheld) is None
    monkeypatch.setattr(film_indexes, "SMALLEST", record.size + 1)
    assert kept(record) is None
    assert not film_indexes.is_worth_it(a_record())


def test_a_hash_holds_for_the_state_it_was_taken_in(record: ResponsiveRecord, hashes: list[str]) -> None:
    path, known = film_indexes.hashed(record)
    assert known == Hashed(record.sha256, indexes.state_of(path))

    files.note_intact(files.Stored.of(record))

    assert film_indexes.hashed_before(record) == (path, known)
    assert len(hashes) == 1
    path.touch()
    assert film_indexes.hashed_before(record)[1] != known
    assert len(hashes) == 2


def test_a_missing_film_has_no_hash(record: ResponsiveRecord) -> None:
    files.path_of(record.address).unlink()

    for take in (film_indexes.hashed, film_indexes.hashed_before):
        with pytest.raises(Corrupt, match="missing"):
            take(record)
