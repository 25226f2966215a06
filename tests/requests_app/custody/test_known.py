"""What was learned of a file when it came in is known when it is opened, and only while it lies as it did."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from redis.exceptions import RedisError

from portal.core import files
from redaction import indexes, looks, machinery, probe
from redaction.plans import checks
from redaction.preview import calls
from redaction.report import Refused
from requests_app.custody import known
from tests.requests_app.custody.record_builders import a_pdf, a_record, a_recording

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path / "data"


def refuse(*_what: Any, **_how: Any) -> None:
    raise Refused("a second look was taken")


def test_pages_of_a_document_are_known_when_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    record = a_record(content=a_pdf("Officer CANARY", pages=3), name="report.pdf", title="Report")
    looked = looks.examine(files.path_of(record.address))
    monkeypatch.setattr(looks, "examine", refuse)

    assert checks.facts_of(record) == looked
    assert len(looked.pages) == 3


def test_the_shape_of_a_recording_is_known_when_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    record = a_record(content=a_recording(), name="call.wav", title="Call")
    path = files.path_of(record.address)
    looked = calls.shape(path, 0)
    monkeypatch.setattr(calls, "shape", refuse)

    assert known.shape(path, 0) == looked
    with pytest.raises(Refused):
        known.shape(path, 1)  # another picture track has a shape of its own


@pytest.mark.parametrize("change", ["touched", "put back", "lost", "gone", "other engines", "other readers"])
def test_what_lies_otherwise_on_disk_is_not_known(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(files.path_of("originals/aa/bb/some.pdf"))
    path.parent.mkdir(parents=True)
    path.write_bytes(b"%PDF-1.7")
    known.keep_facts(path, probe.Facts("pdf", "pdf", pages=((612.0, 792.0),)))
    assert known.facts(path) is not None

    if change == "touched":
        os.utime(path, ns=(1, 1))
    elif change == "put back":  # other bytes of the same length, and the old time set on them
        then = path.stat()
        while path.stat().st_ctime_ns == then.st_ctime_ns:  # told no finer than the kernel ticks
            path.write_bytes(b"%PDF-1.6")
            os.utime(path, ns=(then.st_atime_ns, then.st_mtime_ns))
    elif change == "lost":
        cache.delete(f"known:facts:{path.name}")
    elif change == "gone":
        path.unlink()
    else:
        part = "stamp" if change == "other engines" else "readers"
        monkeypatch.setattr(machinery, part, lambda: "of another version")

    assert known.facts(path) is None


def test_facts_of_a_version_that_knew_others_are_not_known() -> None:
    path = Path(files.path_of("originals/aa/bb/some.pdf"))
    path.parent.mkdir(parents=True)
    path.write_bytes(b"%PDF-1.7")
    known.keep_facts(path, probe.Facts("pdf", "pdf"))
    name = f"known:facts:{path.name}"
    state, facts = cache.get(name)

    cache.set(name, (state, {**facts, "colours": 3}))

    assert known.facts(path) is None


@pytest.mark.parametrize(
    "part", ["glances.py", "looks.py", "preview/calls.py", "preview/stills.py", "probe.py"]
)
def test_who_looks_is_known_by_the_text_of_its_code(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known_by, whole = machinery.readers(), machinery._texts  # asked first: kept for the whole process
    changed = machinery._HERE / part

    monkeypatch.setattr(machinery, "_texts", lambda at: [path for path in whole(at) if path != changed])

    assert machinery.readers.__wrapped__() != known_by


def test_no_word_of_a_file_is_kept() -> None:
    path = Path(files.path_of("originals/aa/bb/some.csv"))
    path.parent.mkdir(parents=True)
    path.write_bytes(b"Name\nCANARY\n")

    known.keep_facts(path, probe.Facts("table", "csv", columns=("Name",), sample=(("CANARY",),)))

    assert known.facts(path) is None


def test_a_file_is_taken_in_though_nothing_can_be_kept(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_what: Any, **_how: Any) -> None:
        raise RedisError("no connection")

    monkeypatch.setattr(cache, "set", fail)

    record = a_record(content=a_pdf("Officer CANARY"), name="report.pdf", title="Report")

    assert record.pk
    assert "could not be kept: no connection" in caplog.text


def test_a_recording_no_preview_can_read_is_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "shape", refuse)

    record = a_record(content=a_recording(), name="call.wav", title="Call")

    assert known.facts(files.path_of(record.address)) is not None


def test_what_was_hashed_when_it_came_in_is_not_hashed_before_the_first_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = a_record(content=a_pdf("Officer CANARY"), name="report.pdf", title="Report")
    monkeypatch.setattr(files, "_hashed_here", {})  # as in another process
    monkeypatch.setattr(files, "_holds", lambda _path, _sha256: False)

    assert files.require_once_intact(files.Stored.of(record)).exists()
    with pytest.raises(files.Corrupt):
        files.require_intact(files.Stored.of(record))  # as before each release


def test_a_recordings_length_is_measured_once_for_each_choice_of_tracks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record = a_record(content=a_recording(), name="call.wav", title="Call")
    path = files.path_of(record.address)
    measured: list[tuple[int, int]] = []

    def measure(_: Path, picture: int, sound: int) -> float:
        measured.append((picture, sound))
        return 1.5 + sound

    monkeypatch.setattr(calls, "length", measure)

    assert [known.length(path, 0, sound) for sound in (0, 1, 0, 1)] == [1.5, 2.5, 1.5, 2.5]
    assert measured == [(0, 0), (0, 1)]


def test_the_library_and_the_portal_tell_states_alike(tmp_path: Path) -> None:
    path = tmp_path / "some.bin"
    path.write_bytes(b"bytes")

    assert files.state_of(path) == indexes.state_of(path)
