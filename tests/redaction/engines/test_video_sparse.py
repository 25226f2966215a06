"""Films of which only the touched groups are encoded anew."""

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from redaction.engines import video
from redaction.marks import Marks
from redaction.report import Report
from redaction.verify import video as verifier
from tests.redaction.media_builders import (
    CAMERA,
    a_report,
    a_video,
    damaged,
    frames_of,
    remuxed,
    some_marks,
)

SIZE = (160, 96)
BOX = [0.25, 0.25, 0.5, 0.5]  # columns 40 to 120, rows 24 to 72
REGION = {"kind": "region", "start": 2.15, "end": 2.6, "rect": BOX}  # within the third group of six
SPARSE, FULL = "copy what is untouched", "full transcode"


def a_camera_film(path: Path, **more: Any) -> Path:
    coding = CAMERA | more.pop("coding", {})
    return a_video(path, **{"seconds": 6, "size": SIZE, "audio": False, "coding": coding} | more)


def redacted(tmp_path: Path, source: Path, *entries: dict[str, Any]) -> tuple[Path, Report]:
    marks, target = some_marks(*entries), tmp_path / "out.mp4"
    report = video.redact(source, marks, target)
    assert verifier.verify(target, source, marks, a_report(marks)) == []
    return target, report


def luma(path: Path) -> list[NDArray[np.uint8]]:
    return [picture for _, picture in frames_of(path)]


def assert_same(left: list[NDArray[np.uint8]], right: list[NDArray[np.uint8]]) -> None:
    assert len(left) == len(right)
    assert all(np.array_equal(one, other) for one, other in zip(left, right, strict=True))


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".ts", ".avi"])
def test_untouched_groups_are_bit_exact_and_the_touched_one_is_covered(tmp_path: Path, suffix: str) -> None:
    source = a_camera_film(tmp_path / f"in{suffix}")

    target, report = redacted(tmp_path, source, REGION)

    before, after = luma(source), luma(target)
    assert_same(after[:20] + after[30:], before[:20] + before[30:])
    black = [picture[26:70, 42:118].max() < 40 for picture in after]
    assert black == [2.05 < round(time, 2) < 2.6 for time, _ in frames_of(target)]
    assert sum(black) == 5
    assert report.details["way"] == SPARSE
    assert report.details["frames_copied"] == 50
    assert (report.details["groups_copied"], report.details["groups_encoded"]) == (5, 1)
    assert report.details["pictures_painted"] == {"m0": 5}


@pytest.mark.parametrize(
    ("coding", "pixels"),
    [
        ({"x264-params": "slices=4"}, "yuv420p"),
        ({"x264-params": "sps-id=1"}, "yuv420p"),
        ({"profile": "baseline", "bf": "0"}, "yuv420p"),
        ({}, "yuvj420p"),
    ],
    ids=["slices", "number 1 is taken", "baseline", "full range"],
)
def test_codings_of_cameras_are_copied(tmp_path: Path, coding: dict[str, str], pixels: str) -> None:
    source = a_camera_film(tmp_path / "in.mp4", coding=coding, pixels=pixels)

    target, report = redacted(tmp_path, source, REGION)

    before, after = luma(source), luma(target)
    assert_same(after[:20] + after[30:], before[:20] + before[30:])
    assert max(int(picture[26:70, 42:118].max()) for picture in after[21:26]) < 40
    assert abs(after[28].astype(int) - before[28]).mean() < 6
    assert report.details["frames_copied"] == 50


@pytest.mark.parametrize(("rotation", "style"), [(90, "solid"), (180, "blur"), (270, "mosaic")])
def test_rotated_film_keeps_its_turn_and_is_covered_as_displayed(
    tmp_path: Path, rotation: int, style: str
) -> None:
    source = a_camera_film(tmp_path / "in.mp4", rotation=rotation)
    corner = {**REGION, "rect": [0, 0.5, 0.5, 0.5], "style": style}

    target, report = redacted(tmp_path, source, corner)

    with av.open(str(target)) as container:
        assert next(container.decode(video=0)).rotation % 360 == rotation % 360
    assert report.details["way"] == SPARSE
    shown = np.rot90(luma(target)[23], rotation // 90)
    height, width = shown.shape
    detail = abs(np.diff(shown[height // 2 + 4 : -4, 4 : width // 2 - 4].astype(int), axis=1)).mean()
    assert detail < 3 < abs(np.diff(shown[: height // 2 - 4].astype(int), axis=1)).mean()


def test_cut_leaves_only_what_is_seen_and_copies_the_rest(tmp_path: Path) -> None:
    source = a_camera_film(tmp_path / "in.mp4", audio=True)

    target, report = redacted(tmp_path, source, {"kind": "cut", "start": 1.25, "end": 3.33}, REGION)

    before, after = luma(source), luma(target)
    assert_same(after[:10], before[:10])
    assert_same(after[-20:], before[40:])
    with av.open(str(target), options={"ignore_editlist": "1"}) as container:
        assert sum(1 for _ in container.decode(video=0)) == 13 + 26 == len(after)
    times = [time for time, _ in frames_of(target)]
    assert times[12:14] == pytest.approx([1.2, 3.4 - 2.08], abs=1e-3)
    assert (report.details["groups_encoded"], report.details["groups_removed"]) == (2, 1)
    assert report.outcome("m1").applied == 1
    assert not report.warnings


def test_cut_along_groups_needs_no_encoder(tmp_path: Path) -> None:
    source = a_camera_film(tmp_path / "in.mp4")

    target, report = redacted(tmp_path, source, {"kind": "cut", "start": 1, "end": 3})

    before = luma(source)
    assert_same(luma(target), before[:10] + before[30:])
    assert report.details["segments"] == 0


def test_stamps_of_copied_and_new_pictures_are_the_sources(tmp_path: Path) -> None:
    times = [number / 10 if number < 25 else 2.5 + (number - 25) * 0.037 for number in range(70)]
    source = a_camera_film(tmp_path / "in.mp4", times=times)

    target, _ = redacted(tmp_path, source, REGION)

    assert [time for time, _ in frames_of(target)] == pytest.approx(times, abs=5e-4)
    with av.open(str(target)) as old, av.open(str(source)) as new:
        decoded = [
            [float((p.dts or 0) * p.time_base) for p in c.demux(video=0) if p.size] for c in (old, new)
        ]
    assert np.diff(decoded[0]).min() > 0
    assert decoded[0] == pytest.approx(decoded[1], abs=5e-4)


def test_mosaic_and_moving_boxes_hold_in_a_film_that_begins_late(tmp_path: Path) -> None:
    source = a_camera_film(tmp_path / "in.ts", times=[7.5 + number / 10 for number in range(60)])
    keyframes = [{"t": 2, "rect": [0.1, 0.1, 0.3, 0.4]}, {"t": 3, "rect": [0.5, 0.45, 0.35, 0.5]}]
    moving = {"kind": "region", "start": 2.2, "end": 2.8, "keyframes": keyframes, "style": "mosaic"}

    _, report = redacted(tmp_path, source, moving, {**moving, "style": "solid", "end": 2.5})

    assert report.details["pictures_painted"] == {"m0": 6, "m1": 3}


def test_messages_between_the_pictures_are_taken_out_of_copies(tmp_path: Path) -> None:
    def spoken(packet: Any) -> Any:
        message = bytes([6, 5, 22]) + bytes(16) + b"SECRET" + b"\x80"
        filler = b"\x0c" + b"HIDDEN-BYTES" + b"\x80"
        nals = b"".join(len(nal).to_bytes(4, "big") + nal for nal in (message, filler))
        changed = av.Packet(nals + bytes(packet))
        changed.pts, changed.dts, changed.time_base = packet.pts, packet.dts, packet.time_base
        changed.duration = packet.duration
        return changed

    plain = a_camera_film(tmp_path / "plain.mp4")
    source = remuxed(plain, tmp_path / "in.mp4", spoken)
    assert b"SECRET" in source.read_bytes()

    target, report = redacted(tmp_path, source, REGION)

    raw = target.read_bytes()
    assert report.details["groups_copied"] == 5
    assert not any(trace in raw for trace in (b"SECRET", b"HIDDEN", b"x264", b"Lavf", b"Lavc"))
    assert_same(luma(target)[:20], luma(plain)[:20])


def test_pictures_hidden_by_an_edit_list_never_come_out(tmp_path: Path) -> None:
    def begun(packet: Any) -> Any:
        shift = round(1.25 / packet.time_base)
        packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
        return packet

    whole = a_camera_film(tmp_path / "whole.mp4")
    source = remuxed(whole, tmp_path / "in.mp4", begun)

    target, report = redacted(tmp_path, source, {**REGION, "start": 3, "end": 3.05})

    with av.open(str(target), options={"ignore_editlist": "1"}) as container:
        assert sum(1 for _ in container.decode(video=0)) == len(frames_of(source)) == report.details["frames"]
    assert report.details["groups_encoded"] == 2
    assert any("edit list" in warning for warning in report.warnings)


def test_damaged_group_is_made_anew_and_the_others_are_copied(tmp_path: Path) -> None:
    whole = a_camera_film(tmp_path / "whole.mp4")
    source = remuxed(whole, tmp_path / "in.mp4", damaged(range(42, 44)))

    target, report = redacted(tmp_path, source, REGION)

    assert_same(luma(target)[:20], luma(whole)[:20])
    assert (report.details["groups_copied"], report.details["groups_encoded"]) == (4, 2)
    assert any("damaged" in warning for warning in report.warnings)


FALLBACKS: dict[str, tuple[dict[str, Any], str]] = {
    "one IDR": ({"coding": {"g": "250", "keyint_min": "250"}}, "1 groups, the longest of 6 s"),
    "open groups": ({"coding": {"x264-params": "open-gop=1"}}, "the longest of"),
    "interlaced": ({"coding": {"x264-params": "interlaced=1:tff=1"}}, "interlaced"),
    "4:2:2": ({"pixels": "yuv422p"}, "not 8-bit 4:2:0"),
    "4:4:4 with scaling lists": ({"pixels": "yuv444p", "coding": {"x264-params": "cqm=jvt"}}, "4:2:0"),
    "MPEG-4": ({"codec": "mpeg4"}, "coded in mpeg4"),
}


@pytest.mark.parametrize("name", FALLBACKS)
def test_film_that_cannot_be_cut_is_transcoded_and_the_report_says_why(tmp_path: Path, name: str) -> None:
    options, why = FALLBACKS[name]
    source = a_camera_film(tmp_path / "in.mp4", **options)

    target, report = redacted(tmp_path, source, REGION)

    assert report.details["way"] == FULL
    assert why in report.details["why"]
    assert [time for time, _ in frames_of(target)] == pytest.approx([n / 10 for n in range(60)], abs=0.001)


def test_film_of_which_most_is_touched_is_transcoded(tmp_path: Path) -> None:
    source = a_camera_film(tmp_path / "in.mp4")

    _, report = redacted(tmp_path, source, {**REGION, "start": 0.5, "end": 4.5})

    assert report.details["way"] == FULL
    assert "83%" in report.details["why"]
    assert report.details["segments"] == 2


def test_scaling_lists_in_the_parameter_set_are_read_past(tmp_path: Path) -> None:
    source = a_camera_film(tmp_path / "in.mp4", coding={"x264-params": "cqm=jvt"})

    _, report = redacted(tmp_path, source, REGION)

    assert report.details["way"] == SPARSE


def test_wide_pixels_stay_wide(tmp_path: Path) -> None:
    source = a_camera_film(tmp_path / "in.mp4", coding={"aspect": "16:9"})

    for entry in (REGION, {**REGION, "start": 0, "end": 6}):
        target, _ = redacted(tmp_path, source, entry)

        with av.open(str(target)) as new, av.open(str(source)) as old:
            assert new.streams.video[0].sample_aspect_ratio == old.streams.video[0].sample_aspect_ratio


def test_film_without_marks_is_copied_whole_with_its_sound(tmp_path: Path) -> None:
    source = a_camera_film(tmp_path / "in.mp4", audio=True, metadata={"title": "PLANTED"})

    report = video.redact(source, Marks(), tmp_path / "out.mp4")

    assert verifier.verify(tmp_path / "out.mp4", source, Marks(), a_report(Marks())) == []
    assert_same(luma(tmp_path / "out.mp4"), luma(source))
    assert report.details["sound"] == "copied"
    sounds = []
    for path in (source, tmp_path / "out.mp4"):
        with av.open(str(path)) as container:
            packets = [bytes(p) for p in container.demux(audio=0) if p.size and (p.pts or 0) >= 0]
            sounds.append(packets)
    assert sounds[0] == sounds[1]
