from pathlib import Path

import av
import numpy as np
import pytest

from redaction.engines import video
from redaction.marks import Marks
from redaction.report import MarksError, Refused, Report
from tests.redaction.media_builders import (
    a_video,
    damaged,
    frames_of,
    loudness,
    remuxed,
    samples_of,
    some_marks,
)

BOX = [0.25, 0.25, 0.25, 0.5]  # of 320 by 180: columns 80 to 160, rows 45 to 135
NO_MARKS = Marks()


def redacted(tmp_path: Path, source: Path, marks: Marks) -> tuple[Path, Report]:
    target = tmp_path / "out.mp4"
    return target, video.redact(source, marks, target)


def test_region_is_black_on_each_picture_inside_and_untouched_before_and_after(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4", audio=False)
    marks = some_marks({"kind": "region", "start": 0.5, "end": 1.2, "rect": BOX})

    target, report = redacted(tmp_path, source, marks)

    originals = frames_of(source)
    for (time, luma), (_, original) in zip(frames_of(target), originals, strict=True):
        box = luma[45:135, 80:160].astype(int)
        if 0.5 <= round(time, 3) < 1.2:
            assert abs(box - 16).max() < 16, time
        else:
            assert abs(box - original[45:135, 80:160].astype(int)).mean() < 6, time
        outside = abs(luma[:, 170:].astype(int) - original[:, 170:].astype(int)).mean()
        assert outside < 6, time
    assert report.details["pictures_painted"] == {"m0": 7}
    assert report.outcome("m0").applied == 1


def test_region_moves_in_a_line_between_keyframes(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4", audio=False)
    keyframes = [{"t": 0.5, "rect": [0, 0, 0.25, 1]}, {"t": 1.5, "rect": [0.75, 0, 0.25, 1]}]
    marks = some_marks({"kind": "region", "start": 0, "end": 2, "keyframes": keyframes})

    target, _ = redacted(tmp_path, source, marks)

    for time, luma in frames_of(target):
        left = round(320 * 0.75 * min(max(time - 0.5, 0), 1))
        assert luma[8:172, left + 4 : left + 76].max() < 32, time
        assert luma[8:172, (left + 90) % 240].mean() > 35, time


def test_picture_still_on_screen_when_a_mark_begins_is_covered(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4", audio=False, times=[0, 0.1, 1.5, 1.6])
    marks = some_marks({"kind": "region", "start": 0.8, "end": 0.9, "rect": BOX})

    target, _ = redacted(tmp_path, source, marks)

    black = [luma[60:120, 90:150].max() < 32 for _, luma in frames_of(target)]
    assert black == [False, True, False, False]


def test_changing_frame_rate_keeps_the_times_of_the_source(tmp_path: Path) -> None:
    times = [0, 0.04, 0.5, 0.51, 1.9]
    source = a_video(tmp_path / "in.mp4", audio=False, times=times)

    target, _ = redacted(tmp_path, source, NO_MARKS)

    assert [time for time, _ in frames_of(target)] == pytest.approx(times, abs=0.001)


@pytest.mark.parametrize("style", ["mosaic", "blur"])
def test_mosaic_and_blur_leave_no_detail_finer_than_a_fifth(tmp_path: Path, style: str) -> None:
    source = a_video(tmp_path / "in.mp4", audio=False)
    marks = some_marks({"kind": "region", "start": 0, "end": 2, "rect": BOX, "style": style})

    target, _ = redacted(tmp_path, source, marks)

    for (_, luma), (_, original) in zip(frames_of(target), frames_of(source), strict=True):
        after, before = (picture[50:130, 84:156].astype(int) for picture in (luma, original))
        assert abs(np.diff(before, axis=1)).mean() > 8
        assert abs(np.diff(after, axis=1)).mean() < 2
        assert abs(after.mean() - before.mean()) < 4


def test_black_is_painted_last_whatever_the_order_of_the_marks(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4", audio=False)
    marks = some_marks(
        {"kind": "region", "start": 0, "end": 2, "rect": BOX},
        {"kind": "region", "start": 0, "end": 2, "rect": [0.2, 0.2, 0.6, 0.6], "style": "mosaic"},
        {"kind": "frame", "start": 0, "end": 1, "style": "mosaic"},
    )

    target, _ = redacted(tmp_path, source, marks)

    assert all(luma[50:130, 84:156].max() < 32 for _, luma in frames_of(target))


def test_frame_mark_covers_the_whole_picture(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4", audio=False)
    marks = some_marks({"kind": "frame", "start": 1, "end": 2})

    target, _ = redacted(tmp_path, source, marks)

    assert [bool(luma.max() < 32) for _, luma in frames_of(target)] == [False] * 10 + [True] * 10


def test_odd_sizes_are_filled_up_to_even_ones_and_covered_to_the_edge(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mkv", size=(161, 91), audio=False, codec="libx264", pixels="yuv444p")
    marks = some_marks({"kind": "region", "start": 0, "end": 2, "rect": [0.5, 0.5, 0.5, 0.5]})

    target, _ = redacted(tmp_path, source, marks)

    for _, luma in frames_of(target):
        assert luma.shape == (92, 162)
        assert luma[46:, 82:].max() < 32


@pytest.mark.parametrize(
    ("rotation", "shape", "corner"),
    [(90, (320, 180), (slice(-60, None), slice(0, 40))), (180, (180, 320), (slice(-60, None), slice(0, 40)))],
)
def test_rotated_film_is_turned_upright_and_marked_as_displayed(
    tmp_path: Path, rotation: int, shape: tuple[int, int], corner: tuple[slice, slice]
) -> None:
    source = a_video(tmp_path / "in.mp4", audio=False, rotation=rotation)
    marks = some_marks({"kind": "region", "start": 0, "end": 2, "rect": [0, 0.6, 0.3, 0.4]})

    target, _ = redacted(tmp_path, source, marks)

    (_, luma), (_, original) = frames_of(target)[5], frames_of(source)[5]
    assert luma.shape == shape
    assert luma[corner].max() < 32
    turned = np.rot90(original, rotation // 90).astype(int)
    assert abs(luma[:80, 100:].astype(int) - turned[:80, 100:]).mean() < 6
    with av.open(str(target)) as container:
        assert next(container.decode(video=0)).rotation == 0


def test_film_turned_by_an_odd_angle_is_refused(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4", audio=False, rotation=30)

    with pytest.raises(Refused, match="quarter turn"):
        redacted(tmp_path, source, NO_MARKS)


def test_mute_is_silent_and_its_neighbours_are_heard(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4", seconds=3)
    marks = some_marks({"kind": "mute", "start": 1, "end": 2})

    target, _ = redacted(tmp_path, source, marks)

    assert loudness(target, 1, 2) < -80
    assert loudness(target, 0.1, 0.9) == pytest.approx(-9, abs=1)
    assert loudness(target, 2.1, 2.9) == pytest.approx(-9, abs=1)


def test_cut_leaves_exactly_the_other_pictures_and_samples(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4", seconds=3)
    marks = some_marks({"kind": "cut", "start": 0.5, "end": 1.2}, {"kind": "cut", "start": 2.8, "end": 3})

    target, report = redacted(tmp_path, source, marks)

    kept = [number for number in range(30) if not 5 <= number < 12 and number < 28]
    pictures = frames_of(target)
    assert [time for time, _ in pictures] == pytest.approx([n / 10 for n in range(21)], abs=0.001)
    assert [round(float(luma.mean())) for _, luma in pictures] == pytest.approx(
        [round(float(frames_of(source)[n][1].mean())) for n in kept], abs=1
    )
    rate, samples = samples_of(target)
    assert samples.shape[1] / rate == pytest.approx(2.1, abs=0.05)
    assert report.details["time_map"] == [
        {"old_start": 0.0, "old_end": 0.5, "new_start": 0.0},
        {"old_start": 1.2, "old_end": 2.8, "new_start": 0.5},
    ]
    assert report.details["seconds_cut"] == pytest.approx(0.9)


def test_planted_metadata_and_other_tracks_do_not_pass(tmp_path: Path) -> None:
    planted = {"title": "PLANTED-TITLE", "make": "PLANTED-MAKE", "location": "+38.9072-077.0369/"}
    source = a_video(tmp_path / "in.mp4", metadata=planted, extra=("audio", "video", "subtitle", "chapter"))
    assert b"PLANTED-TITLE" in source.read_bytes()
    assert b"SECRET HOME" in source.read_bytes()

    target, report = redacted(tmp_path, source, NO_MARKS)

    raw = target.read_bytes()
    for trace in (b"PLANTED", b"+38.9072", b"SECRET", b"HOME", b"Lavf", b"Lavc", b"x264"):
        assert trace not in raw
    with av.open(str(target)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]
        assert not container.chapters()
    assert len(report.details["streams_dropped"]) >= 3
    assert any("left out" in warning for warning in report.warnings)


def test_h264_messages_of_the_encoder_do_not_pass(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4", audio=False)
    marks = some_marks({"kind": "region", "start": 0, "end": 2, "rect": BOX})

    target, report = redacted(tmp_path, source, marks)

    with av.open(str(target)) as container:
        for packet in container.demux(video=0):
            data, at = bytes(packet), 0
            while at + 4 < len(data):
                assert data[at + 4] & 0x1F != 6
                at += 4 + int.from_bytes(data[at : at + 4], "big")
    assert report.versions["x264"] != "unknown"


@pytest.mark.parametrize(
    "mark",
    [
        {"kind": "region", "start": 1, "end": 2.2, "rect": BOX},
        {"kind": "frame", "start": 5, "end": 6},
        {"kind": "mute", "start": 1, "end": 2.2},
        {"kind": "cut", "start": 1, "end": 2.2},
        {"kind": "cut", "start": 0, "end": 2},
        {"kind": "mute", "literal": "Maria"},
    ],
)
def test_mark_that_does_not_fit_the_film_is_named_before_any_work(
    tmp_path: Path, mark: dict[str, object]
) -> None:
    source = a_video(tmp_path / "in.mp4")

    with pytest.raises(MarksError) as caught:
        redacted(tmp_path, source, some_marks(mark))

    assert caught.value.mark_id == "m0"
    assert not (tmp_path / "out.mp4").exists()


def test_mark_may_end_a_hair_after_the_film(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4", audio=False)

    _, report = redacted(tmp_path, source, some_marks({"kind": "frame", "start": 1, "end": 2.04}))

    assert report.details["pictures_painted"] == {"m0": 10}


def test_muting_a_film_without_sound_is_a_fault_of_the_marks(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4", audio=False)

    with pytest.raises(MarksError, match="no sound"):
        redacted(tmp_path, source, some_marks({"kind": "mute", "start": 0, "end": 1}))


def test_table_mark_on_a_film_is_a_fault_of_the_marks(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4", audio=False)

    with pytest.raises(MarksError, match="does not fit"):
        redacted(tmp_path, source, some_marks({"kind": "own_plate", "column": "p", "plate": "X1"}))


def test_rejected_suggestion_is_not_painted(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4", audio=False)
    mark = {"kind": "frame", "start": 0, "end": 2, "suggested": True, "decision": "rejected"}

    target, report = redacted(tmp_path, source, some_marks(mark))

    assert min(luma.mean() for _, luma in frames_of(target)) > 40
    assert report.marks == []


@pytest.mark.parametrize(
    "content",
    [
        b"ffconcat version 1.0\nfile '{}'\n",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile:{}\n#EXT-X-ENDLIST\n",
        b"",
        b"\x00" * 4000,
        b"\x00\x00\x00\x18ftypisom" + b"\x07" * 3000,
    ],
    ids=["ffconcat", "m3u8", "empty", "zeros", "broken"],
)
def test_disguised_or_broken_file_is_refused(tmp_path: Path, content: bytes) -> None:
    other = a_video(tmp_path / "other.mp4", audio=False)
    source = tmp_path / "in.mp4"
    source.write_bytes(content.replace(b"{}", str(other).encode()))

    with pytest.raises(Refused):
        redacted(tmp_path, source, NO_MARKS)

    assert not (tmp_path / "out.mp4").exists()


def test_sound_without_a_picture_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "in.m4a"
    with av.open(str(a_video(tmp_path / "film.mp4"))) as film, av.open(str(source), "w") as out:
        track = out.add_stream_from_template(film.streams.audio[0])
        for packet in film.demux(film.streams.audio[0]):
            if packet.size:
                packet.stream = track
                out.mux(packet)

    with pytest.raises(Refused, match="no picture"):
        redacted(tmp_path, source, NO_MARKS)


def test_missing_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        redacted(tmp_path, tmp_path / "none.mp4", NO_MARKS)


@pytest.mark.parametrize("suffix", [".mkv", ".avi", ".ts", ".mov"])
def test_other_containers_give_the_same_pictures_at_the_same_times(tmp_path: Path, suffix: str) -> None:
    codec = "mpeg4" if suffix == ".avi" else "libx264"
    source = a_video(tmp_path / f"in{suffix}", codec=codec, audio=suffix != ".avi")
    # some containers begin with the sound's run-in, 21 ms before the first picture
    marks = some_marks({"kind": "region", "start": 0.55, "end": 1.15, "rect": BOX})

    target, _ = redacted(tmp_path, source, marks)

    pictures = frames_of(target)
    black = [luma[60:120, 90:150].max() < 32 for _, luma in pictures]
    assert black == [False] * 5 + [True] * 7 + [False] * 8
    assert [time for time, _ in pictures] == pytest.approx([n / 10 for n in range(20)], abs=0.06)


def test_hostile_names_are_only_names(tmp_path: Path) -> None:
    source = a_video(tmp_path / "plain.mp4", audio=False)
    hostile = source.rename(tmp_path / "-i concat:%d;$(x)\n.mp4")

    report = video.redact(hostile, NO_MARKS, tmp_path / "-o:%03d.mp4")

    assert report.details["frames"] == 20
    assert len(frames_of(tmp_path / "-o:%03d.mp4")) == 20


def test_failure_half_way_leaves_no_target(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4")

    def stop(fraction: float, _: str) -> None:
        if fraction > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        video.redact(source, NO_MARKS, tmp_path / "out.mp4", progress=stop)

    assert not (tmp_path / "out.mp4").exists()


def test_progress_rises_to_nearly_one(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.mp4")
    seen: list[float] = []

    video.redact(source, NO_MARKS, tmp_path / "out.mp4", progress=lambda fraction, _: seen.append(fraction))

    assert seen == sorted(seen)
    assert seen[-1] > 0.9


def test_damaged_pictures_are_left_out_and_reported(tmp_path: Path) -> None:
    whole = a_video(tmp_path / "whole.mp4", audio=False)
    source = remuxed(whole, tmp_path / "in.mp4", damaged(range(12, 14)))

    target, report = redacted(tmp_path, source, NO_MARKS)

    assert 12 <= len(frames_of(target)) == report.details["frames"] < 20
    assert any("damaged" in warning for warning in report.warnings)


def test_full_range_pictures_are_released_in_limited_range(tmp_path: Path) -> None:
    source = a_video(tmp_path / "in.avi", audio=False, codec="mjpeg", pixels="yuvj420p")
    marks = some_marks({"kind": "region", "start": 0, "end": 2, "rect": BOX})

    target, _ = redacted(tmp_path, source, marks)

    with av.open(str(target)) as container:
        frame = next(container.decode(video=0))
        assert frame.format.name == "yuv420p"
    assert all(abs(luma[60:120, 90:150].astype(int) - 16).max() < 12 for _, luma in frames_of(target))
