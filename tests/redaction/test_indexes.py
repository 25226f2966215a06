"""What is kept of a film: made once, of these bytes alone, and nothing that comes of it differs."""

import os
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from redaction import indexes, machinery, pieces, pipeline, sandbox
from redaction.engines.media import source
from redaction.engines.video import film as films
from redaction.engines.video import index as scans
from redaction.engines.video import joining, landing
from redaction.engines.video import work as engine
from redaction.indexes import Hashed, Index
from redaction.marks import Marks
from redaction.report import MarksError, Refused
from redaction.verify import video as verifier
from redaction.verify.media import joints, listing
from tests.redaction.media_builders import (
    CAMERA,
    a_report,
    a_video,
    frames_of,
    samples_of,
    some_marks,
)

SIZE, LENGTH = (96, 64), 16
NONE = some_marks()
BOX = {"kind": "region", "start": 11.2, "end": 12.1, "rect": [0.25, 0.25, 0.5, 0.5]}
MUTE = {"kind": "mute", "start": 11.5, "end": 12.0}


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_video(tmp_path_factory.mktemp("film") / "in.mp4", seconds=LENGTH, size=SIZE, coding=CAMERA)


@pytest.fixture
def short_leaps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A film of seconds is treated as one of hours."""
    monkeypatch.setattr(landing, "LEAP", 3.0)
    monkeypatch.setattr(joints, "LEAP", 3.0)


def kept(film: Path, folder: Path, marks: Marks = NONE) -> Index:
    folder.mkdir(exist_ok=True)
    return indexes.kept(film, indexes.hashed(film), marks, folder, contained=False)


def sample(*more: dict[str, Any], start: float = 10.9, end: float = 12.6, length: float = LENGTH) -> Marks:
    """A few seconds late in the film."""
    rests = [{"kind": "cut", "start": 0, "end": start}, {"kind": "cut", "start": end, "end": length}]
    return some_marks(*more, *rests)


def made(film: Path, marks: Marks, target: Path, index: Index | None = None) -> Path:
    pipeline.redact(film, marks, target, index=index, contained=False)
    return target


def require_same(one: Path, other: Path, *, slip: int = 0) -> None:
    """The same pictures at the same times, the same sound: AAC draws its noise by what was before."""
    for (then, picture), (at, expected) in zip(frames_of(one), frames_of(other), strict=True):
        assert then == at
        assert np.array_equal(picture, expected)
    (rate, heard), (wanted, sound) = samples_of(one), samples_of(other)
    assert (rate, heard.shape) == (wanted, sound.shape)
    shifted = [heard[:, slip + by : heard.shape[1] - slip + by] for by in range(-slip, slip + 1)]
    inner = sound[:, slip : sound.shape[1] - slip]
    off = min(np.sqrt(((each - inner) ** 2).mean()) for each in shifted)
    assert off < (0.02 if slip else 0.005) < np.sqrt((sound**2).mean())


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_a_sample_by_what_is_kept_is_what_the_engine_makes_of_the_whole(
    suffix: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    film = a_video(tmp_path / f"in{suffix}", seconds=LENGTH, size=SIZE, coding=CAMERA)
    index = kept(film, tmp_path / "kept")
    marks = sample(BOX, MUTE, length=index.seconds)
    whole = made(film, marks, tmp_path / "whole.mp4")

    request.getfixturevalue("short_leaps")
    leapt = made(film, marks, tmp_path / "leapt.mp4", index)

    require_same(leapt, whole, slip=48 if suffix == ".mkv" else 0)  # its stamps are whole milliseconds


@pytest.mark.parametrize("looked_at", [0, 500])
def test_leaps_between_what_is_kept_change_nothing_even_where_none_can_be_made(
    looked_at: int,
    film: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    marks = some_marks(
        {"kind": "cut", "start": 1.05, "end": 7.0},
        {"kind": "cut", "start": 8.5, "end": 14.03},
        {"kind": "mute", "start": 7.6, "end": 8.0},
        {"kind": "region", "start": 14.5, "end": 15.0, "rect": [0.1, 0.1, 0.5, 0.5]},
    )
    whole = made(film, marks, tmp_path / "whole.mp4")

    request.getfixturevalue("short_leaps")
    monkeypatch.setattr(landing, "MOST_LOOKED_AT", looked_at)
    leapt = made(film, marks, tmp_path / "leapt.mp4", kept(film, tmp_path / "kept"))

    require_same(leapt, whole)


@pytest.mark.parametrize("spoilt", ["cut short", "in another order"])
def test_packets_that_come_otherwise_after_a_leap_are_read_from_the_beginning(
    spoilt: str, film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_leaps: None
) -> None:
    marks = some_marks({"kind": "cut", "start": 2.0, "end": 9.0}, {"kind": "mute", "start": 12, "end": 12.5})
    index = kept(film, tmp_path / "kept")
    whole = made(film, marks, tmp_path / "whole.mp4", index)
    leaps: list[bool] = []
    demuxed = source.demuxed

    def otherwise(container: Any, streams: Any) -> Iterator[Any]:
        leaps.append(not leaps)
        packets = demuxed(container, streams)
        if leaps[-1]:  # behind the first place only
            head = list(islice(packets, 3))
            yield from head if spoilt == "cut short" else reversed(head)
        if not leaps[-1] or spoilt != "cut short":
            yield from packets

    monkeypatch.setattr(joining, "demuxed", otherwise)
    again = made(film, marks, tmp_path / "again.mp4", index)

    assert len(leaps) == 2  # the leap, then everything
    assert again.read_bytes() == whole.read_bytes()


def test_late_seconds_are_found_without_reading_what_is_before(
    film: Path, tmp_path: Path, short_leaps: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = kept(film, tmp_path / "kept")
    read: list[int] = []
    demuxed = source.demuxed

    def counting(container: Any, streams: Any) -> Any:
        for packet in demuxed(container, streams):
            read.append(packet.size)
            yield packet

    for module in ("joining", "landing", "rendering", "sound_packets"):
        monkeypatch.setattr(f"redaction.engines.video.{module}.demuxed", counting)

    engine.redact(film, sample(BOX, MUTE), tmp_path / "out.mp4", scan=index.scan)

    assert 0 < sum(read) < film.stat().st_size / 2


def test_a_film_is_read_whole_once(film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = kept(film, tmp_path / "kept")

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("the film was read again")

    monkeypatch.setattr(scans, "film_of", never)
    monkeypatch.setattr(engine, "film_of", never)
    monkeypatch.setattr(engine, "sha256_of", never)
    monkeypatch.setattr(listing, "times_of", never)
    known = indexes.hashed(film)
    monkeypatch.setattr(indexes, "sha256_of", never)
    index = indexes.kept(film, known, NONE, tmp_path / "kept", contained=False)
    cache = tmp_path / "cache"
    cache.mkdir()
    found = pieces.survey(film, sample(BOX), cache, index=index, contained=False)
    pieces.render(film, sample(BOX), [each.key for each in found], cache, index=index, contained=False)
    report = pipeline.redact(
        film,
        sample(BOX),
        tmp_path / "out.mp4",
        aids={"cache": cache / known.sha256},
        known=known,
        index=index,
        contained=False,
    )

    assert index == first
    assert report.source_sha256 == known.sha256


def test_keys_of_segments_are_the_same_with_and_without_what_is_kept(film: Path, tmp_path: Path) -> None:
    marks = sample(BOX)

    by_index = pieces.survey(film, marks, tmp_path, index=kept(film, tmp_path / "kept"), contained=False)

    assert by_index == pieces.survey(film, marks, tmp_path, contained=False)


def test_what_is_kept_is_made_and_used_behind_walls(film: Path, tmp_path: Path) -> None:
    folder, told = tmp_path / "kept", []
    folder.mkdir()
    known = indexes.hashed(film)

    index = indexes.kept(film, known, NONE, folder, progress=lambda share, note: told.append((share, note)))
    report = pipeline.redact(film, sample(BOX), tmp_path / "out.mp4", known=known, index=index)

    assert [row.verified for row in report.marks] == [1, 1, 1]
    assert told == [(0.0, "reading the whole film once"), (0.5, "reading the whole film once")]
    assert sorted(path.suffix for path in folder.iterdir()) == [".index", ".index", ".lock"]


def test_neither_child_gets_what_the_other_found_out(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = kept(film, tmp_path / "kept")
    given: dict[str, set[str]] = {}
    call = sandbox.call

    def noting(function: str, arguments: Any, **more: Any) -> Any:
        given[function.rpartition(":")[2]] = {
            path.name.partition("-")[0] for path in (*more["reads"], *more.get("writes", ()))
        }
        return call(function, arguments, **more)

    monkeypatch.setattr(sandbox, "call", noting)

    pipeline.redact(film, sample(BOX), tmp_path / "out.mp4", index=index)

    assert given["render"] & {"scan", "prints"} == {"scan"}
    assert given["check"] & {"scan", "prints"} == {"prints"}


def test_what_was_spoilt_or_lost_is_made_anew(film: Path, tmp_path: Path) -> None:
    first = kept(film, tmp_path / "kept")
    whole = first.scan.read_bytes()
    first.scan.write_bytes(whole[:-1])
    first.prints.unlink()

    again = kept(film, tmp_path / "kept")

    assert again == first
    assert again.scan.read_bytes() == whole
    assert again.prints.is_file()


def test_what_another_machinery_found_out_goes_once_it_is_unused(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = kept(film, tmp_path / "kept")
    os.utime(old.scan, (1, 1))
    monkeypatch.setattr(machinery, "stamp", lambda: "daylight-newer")

    new = kept(film, tmp_path / "kept")

    assert not old.scan.exists()
    assert old.prints.exists()  # used today
    assert "daylight-newer" in new.scan.name


def test_what_is_used_is_younger_than_what_is_not(film: Path, tmp_path: Path) -> None:
    first = kept(film, tmp_path / "kept")
    os.utime(first.scan, (1, 1))

    kept(film, tmp_path / "kept")

    assert first.scan.stat().st_mtime > 1


def test_other_tracks_are_kept_apart(tmp_path: Path) -> None:
    film = a_video(tmp_path / "in.mp4", seconds=3, size=SIZE, extra=("audio",))
    second = some_marks({"kind": "tracks", "picture": 0, "sound": 1})
    one, other = kept(film, tmp_path / "kept"), kept(film, tmp_path / "kept", second)

    with pytest.raises(Refused, match="of this film is of other tracks"):
        engine.segments(film, second, scan=one.scan)
    with pytest.raises(Refused, match="of the source is of other tracks"):
        verifier.verify(film, film, NONE, a_report(NONE), prints=other.prints)
    with pytest.raises(MarksError, match="mark m0: there is no sound track 2"):
        kept(film, tmp_path / "kept", some_marks({"kind": "tracks", "picture": 0, "sound": 2}))

    assert one.scan != other.scan
    assert engine.segments(film, second, scan=other.scan) == engine.segments(film, second)


def test_a_film_that_changed_since_it_was_hashed_is_not_scanned(tmp_path: Path) -> None:
    film = a_video(tmp_path / "in.mp4", seconds=1, size=SIZE)
    known = indexes.hashed(film)
    os.utime(film, (1, 1))

    with pytest.raises(Refused, match="changed since it was hashed"):
        indexes.kept(film, known, NONE, tmp_path, contained=False)


def test_a_film_that_changes_while_it_is_scanned_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film, folder = a_video(tmp_path / "in.mp4", seconds=1, size=SIZE), tmp_path / "kept"
    folder.mkdir()
    take = listing.times_of

    def touching(*given: Any) -> Any:
        os.utime(film, (1, 1))  # now might be the same tick of the kernel's clock in which it was written
        return take(*given)

    monkeypatch.setattr(listing, "times_of", touching)

    with pytest.raises(Refused, match="changed while it was being read"):
        kept(film, folder)

    assert [path.name for path in folder.iterdir()] == ["index.lock"]


def test_of_several_who_miss_it_at_once_one_reads_the_film(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, known = tmp_path / "kept", indexes.hashed(film)
    folder.mkdir()
    reading, waiting = threading.Event(), threading.Event()
    read: list[Path] = []
    film_of, found = films.film_of, list[Index]()

    def slowly(path: Path, *more: Any) -> Any:
        read.append(path)
        reading.set()
        assert waiting.wait(60)
        return film_of(path, *more)

    def note(_: float, said: str) -> None:
        if "waiting" in said:
            waiting.set()

    def second() -> None:
        assert reading.wait(60)
        found.append(indexes.kept(film, known, NONE, folder, progress=note, contained=False))

    monkeypatch.setattr(scans, "film_of", slowly)
    beside = threading.Thread(target=second)
    beside.start()
    first = kept(film, folder)
    beside.join(60)

    assert found == [first]
    assert read == [film]


def test_a_scan_that_its_child_did_not_keep_is_refused(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans, "write", lambda *_: 24.0)

    with pytest.raises(Refused, match="not kept whole"):
        kept(film, tmp_path / "kept")


def test_a_hash_that_was_just_taken_is_not_taken_again(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = indexes.hashed(film)
    taken: list[Path] = []

    def taking(path: Path) -> Hashed:
        taken.append(path)
        return known

    monkeypatch.setattr(indexes, "hashed", taking)

    pipeline.redact(film, sample(), tmp_path / "out.mp4", known=known, contained=False)
    assert not taken

    stale = Hashed("0" * 64, (0, 0, 0, 0))
    report = pipeline.redact(film, sample(), tmp_path / "again.mp4", known=stale, contained=False)

    assert taken == [film]
    assert report.source_sha256 == known.sha256


def test_a_missing_file_is_in_no_state(tmp_path: Path) -> None:
    assert not Hashed("", (1, 2, 3, 4)).is_still(tmp_path / "none")


def test_the_verifier_says_the_same_by_what_it_kept(film: Path, tmp_path: Path) -> None:
    marks, other = sample(BOX, MUTE), sample()
    made(film, other, tmp_path / "out.mp4")
    prints = kept(film, tmp_path / "kept").prints
    one, two = a_report(marks), a_report(marks)

    read = verifier.verify(tmp_path / "out.mp4", film, marks, one)
    found = verifier.verify(tmp_path / "out.mp4", film, marks, two, prints=prints)

    assert found == read
    assert {finding.mark_id for finding in found} == {"m0", "m1"}
    assert one.marks == two.marks
