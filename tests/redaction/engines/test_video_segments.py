"""Segments of a film: rendered anywhere, kept by what they hold, joined by one."""

import errno
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import av.error
import numpy as np
import pytest

from redaction.engines import video
from redaction.engines.video import landing, parts, rendering, work
from redaction.report import MarksError, Refused
from redaction.verify import video as verifier
from tests.redaction.media_builders import CAMERA, a_report, a_video, frames_of, remuxed, some_marks

SIZE = (96, 64)
BOX = [0.25, 0.25, 0.5, 0.5]
EARLY = {"kind": "region", "start": 0.5, "end": 0.9, "rect": BOX}
LATE = {"kind": "region", "start": 9.5, "end": 9.9, "rect": BOX}


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return a_video(tmp_path / "in.mp4", seconds=12, size=SIZE, coding=CAMERA)


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of the segments that were rendered and not found."""
    keys: list[str] = []
    render = rendering.render

    def noted(plan: Any, segment: Any, folder: Path, **more: Any) -> Path:
        keys.append(segment.key)
        return render(plan, segment, folder, **more)

    monkeypatch.setattr(rendering, "render", noted)
    return keys


def test_parts_made_one_by_one_join_to_the_same_film(tmp_path: Path, film: Path) -> None:
    marks = some_marks(
        EARLY, LATE, {"kind": "mute", "start": 1, "end": 2}, {"kind": "cut", "start": 4, "end": 6}
    )
    folder, target = tmp_path / "parts", tmp_path / "joined.mp4"

    pieces = video.segments(film, marks)
    made = [video.render_segment(film, marks, piece, folder) for piece in reversed(pieces)][::-1]
    report = video.join(film, marks, made, target)

    whole = video.redact(film, marks, tmp_path / "whole.mp4")
    assert [(piece.start, piece.pictures) for piece in pieces] == [(0.0, 10), (9.0, 10)]
    assert verifier.verify(target, film, marks, a_report(marks)) == []
    assert report.details | {"segments_from_cache": 0} == whole.details
    for (_, one), (_, other) in zip(frames_of(target), frames_of(tmp_path / "whole.mp4"), strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize(
    ("flags", "said"),
    [("fpu avx2 avx512f avx512bw", ":asm=AVX2"), ("fpu avx2", ""), ("Features : fp asimd", ""), (None, "")],
)
def test_encoder_keeps_to_instructions_that_give_the_same_film_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: str | None, said: str
) -> None:
    if flags is not None:
        (tmp_path / "cpuinfo").write_text(f"flags\t\t: {flags}\n")
    monkeypatch.setattr(rendering, "_PROCESSOR", tmp_path / "cpuinfo")

    assert rendering._instructions.__wrapped__() == said


def test_picture_for_which_memory_is_lacking_is_not_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, film: Path
) -> None:
    class Packet:
        size = 1

        def decode(self) -> NoReturn:
            raise av.error.MemoryError(errno.ENOMEM, "no memory")

    marks = some_marks(EARLY)
    (piece,) = video.segments(film, marks)
    monkeypatch.setattr(rendering, "demuxed", lambda *_: iter([Packet()]))

    with pytest.raises(Refused, match="too little memory for the recording's pictures"):
        video.render_segment(film, marks, piece, tmp_path / "parts")


def test_retry_renders_nothing_that_is_there(tmp_path: Path, film: Path, rendered: list[str]) -> None:
    marks, folder = some_marks(EARLY, LATE), tmp_path / "parts"
    pieces = video.segments(film, marks)

    first = [video.render_segment(film, marks, piece, folder) for piece in pieces]
    again = [video.render_segment(film, marks, piece, folder) for piece in pieces]

    assert first == again
    assert len(rendered) == 2


def test_changed_mark_renders_only_its_own_segments_again(
    tmp_path: Path, film: Path, rendered: list[str]
) -> None:
    cache = tmp_path / "cache"
    video.redact(film, some_marks(EARLY, LATE), tmp_path / "a.mp4", cache=cache)
    before = list(rendered)
    moved = {**LATE, "rect": [0, 0, 0.5, 0.5]}
    renamed = {**EARLY, "id": "other", "reason": "privacy", "note": "a face"}

    report = video.redact(film, some_marks(renamed, moved), tmp_path / "b.mp4", cache=cache)

    assert len(before) == 2
    assert len(rendered) == 3
    assert (report.details["segments"], report.details["segments_from_cache"]) == (2, 1)
    assert report.details["pictures_painted"] == {"other": 4, "m1": 4}
    verdict = verifier.verify(tmp_path / "b.mp4", film, some_marks(renamed, moved), report)
    assert verdict == []


def test_same_film_under_another_name_finds_its_segments(
    tmp_path: Path, film: Path, rendered: list[str]
) -> None:
    cache, marks = tmp_path / "cache", some_marks(EARLY)
    video.redact(film, marks, tmp_path / "a.mp4", cache=cache)
    other = tmp_path / "other.mp4"
    other.write_bytes(film.read_bytes())

    report = video.redact(other, marks, tmp_path / "b.mp4", cache=cache)

    assert len(rendered) == 1
    assert report.details["segments_from_cache"] == 1


def _truncate(entry: Path, _: Path) -> None:
    os.truncate(entry, entry.stat().st_size - 1)


def _change(entry: Path, _: Path) -> None:
    raw = bytearray(entry.read_bytes())
    raw[-5] ^= 1
    entry.write_bytes(raw)


def _exchange(entry: Path, other: Path) -> None:
    entry.write_bytes(other.read_bytes())


def _empty(entry: Path, _: Path) -> None:
    entry.write_bytes(b"")


def _lengthen(entry: Path, _: Path) -> None:
    entry.write_bytes(parts._MAGIC + bytes(32) + b"\xff" * 8)


@pytest.mark.parametrize("spoil", [_truncate, _change, _exchange, _empty, _lengthen])
def test_spoilt_or_foreign_entry_is_rendered_again_and_never_used(
    tmp_path: Path, film: Path, rendered: list[str], spoil: Any
) -> None:
    cache, marks = tmp_path / "cache", some_marks(EARLY, LATE)
    video.redact(film, marks, tmp_path / "a.mp4", cache=cache)
    first, second = (cache / f"{piece.key}.part" for piece in video.segments(film, marks))
    spoil(first, second)

    report = video.redact(film, marks, tmp_path / "b.mp4", cache=cache)

    assert len(rendered) == 3
    assert report.details["segments_from_cache"] == 1
    assert verifier.verify(tmp_path / "b.mp4", film, marks, report) == []
    assert parts.read(first, first.stem).pts


def test_cache_is_private_and_holds_nothing_but_whole_entries(tmp_path: Path, film: Path) -> None:
    cache = tmp_path / "cache"
    stopped: list[float] = []

    def stop(share: float, _: str) -> None:
        stopped.append(share)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        video.redact(film, some_marks(EARLY, LATE), tmp_path / "a.mp4", cache=cache, progress=stop)
    video.redact(film, some_marks(EARLY, LATE), tmp_path / "a.mp4", cache=cache)

    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    assert sorted(path.suffix for path in cache.iterdir()) == [".part", ".part"]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in cache.iterdir())
    assert not list(tmp_path.glob(".segments-*"))


def test_parts_that_do_not_fit_are_refused(tmp_path: Path, film: Path) -> None:
    marks, folder, target = some_marks(EARLY, LATE), tmp_path / "parts", tmp_path / "out.mp4"
    pieces = video.segments(film, marks)
    made = [video.render_segment(film, marks, piece, folder) for piece in pieces]

    for wrong, words in (
        (made[:1], "2 segments, 1 parts"),
        (made[::-1], "another segment"),
        ([film] * 2, "part"),
    ):
        with pytest.raises(Refused, match=words):
            video.join(film, marks, wrong, target)
    assert not target.exists()


def test_segment_of_other_marks_is_not_rendered(tmp_path: Path, film: Path) -> None:
    piece = video.segments(film, some_marks(EARLY))[0]

    for strange in (replace(piece, key="0" * 64), replace(piece, last=piece.last + 10)):
        with pytest.raises(Refused, match="not of this film"):
            video.render_segment(film, some_marks(EARLY), strange, tmp_path / "parts")


def test_full_transcode_falls_into_segments_too(tmp_path: Path, film: Path, rendered: list[str]) -> None:
    marks = some_marks({"kind": "region", "start": 0, "end": 12, "rect": BOX})

    report = video.redact(film, marks, tmp_path / "out.mp4")

    assert report.details["way"] == "full transcode"
    assert len(rendered) == report.details["segments"] == 3
    assert verifier.verify(tmp_path / "out.mp4", film, marks, report) == []
    assert [time for time, _ in frames_of(tmp_path / "out.mp4")] == pytest.approx(
        [n / 10 for n in range(120)]
    )


@pytest.mark.parametrize("suffix", [".ts", ".mkv"])
def test_segments_are_found_in_containers_without_an_index(tmp_path: Path, suffix: str) -> None:
    source = a_video(tmp_path / f"in{suffix}", seconds=12, size=SIZE, coding=CAMERA, audio=False)
    marks = some_marks(LATE)

    report = video.redact(source, marks, tmp_path / "out.mp4")

    assert report.details["frames_copied"] == 110
    assert verifier.verify(tmp_path / "out.mp4", source, marks, report) == []


def test_container_that_cannot_seek_is_read_from_its_beginning(
    tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing, "MOST_LOOKED_AT", 0)
    marks = some_marks(LATE)

    report = video.redact(film, marks, tmp_path / "out.mp4")

    assert verifier.verify(tmp_path / "out.mp4", film, marks, report) == []


def test_work_stops_when_its_caller_does(tmp_path: Path, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_LOOK_EVERY", 0.0)
    shares: list[float] = []

    def stop(share: float, _: str) -> None:
        shares.append(share)
        raise KeyboardInterrupt

    marks = some_marks({"kind": "region", "start": 0, "end": 12, "rect": BOX})
    with pytest.raises(KeyboardInterrupt):
        video.redact(film, marks, tmp_path / "out.mp4", progress=stop)

    assert len(shares) == 1
    assert not (tmp_path / "out.mp4").exists()


def test_mark_past_the_end_is_named_before_any_segment(tmp_path: Path, film: Path) -> None:
    with pytest.raises(MarksError, match="12"):
        video.segments(film, some_marks({**LATE, "start": 20, "end": 21}))


def test_film_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        video.segments(tmp_path / "none.mp4", some_marks(EARLY))


def test_several_segments_are_rendered_in_one_call(tmp_path: Path, film: Path, rendered: list[str]) -> None:
    marks, folder = some_marks(EARLY, LATE), tmp_path / "parts"
    keys = [piece.key for piece in video.segments(film, marks)]

    assert video.render_segments(film, marks, keys[:1], folder) == 1
    assert video.render_segments(film, marks, keys, folder) == 1
    assert sorted(rendered) == sorted(keys)
    with pytest.raises(Refused, match="not of this film"):
        video.render_segments(film, marks, [*keys, "0" * 64], folder)


def test_film_with_doubled_stamps_is_transcoded_in_one_piece(tmp_path: Path) -> None:
    def doubled(packet: Any) -> Any:
        if packet.pts == 1100:
            packet.pts = packet.dts = 1000
        return packet

    plain = a_video(tmp_path / "plain.mkv", size=SIZE, audio=False, codec="mpeg4")
    source = remuxed(plain, tmp_path / "in.mkv", doubled)
    marks = some_marks({**EARLY, "end": 1.6}, {"kind": "cut", "start": 0.2, "end": 0.4})

    report = video.redact(source, marks, tmp_path / "out.mp4")

    times = [time for time, _ in frames_of(tmp_path / "out.mp4")]
    assert report.details["way"] == "full transcode"
    assert report.details["segments"] == 1
    assert len(times) == 18
    assert np.diff(times).min() > 0
    assert any("out of order" in warning for warning in report.warnings)
    assert verifier.verify(tmp_path / "out.mp4", source, marks, a_report(marks)) == []
