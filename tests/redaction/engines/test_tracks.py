"""Recordings with several pictures and sounds: the first of each passes, or the chosen one, and no other."""

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from redaction import matroska, pictures, pipeline, probe, sniff
from redaction.__main__ import main
from redaction.engines import audio, video
from redaction.marks import Marks
from redaction.report import MarksError
from redaction.verify import audio as sound_verifier
from redaction.verify import video as verifier
from tests.redaction.media_builders import CAMERA, a_report, frames_of, noise, samples_of, some_marks

SIZE = (96, 64)
RATE = 16_000


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pictures (rising from 40, from 150) and three sounds (noises that are nothing like each other)."""
    path = tmp_path_factory.mktemp("tracks") / "two.mkv"
    with av.open(str(path), "w") as out:
        films: list[Any] = [out.add_stream("libx264", rate=10) for _ in range(2)]
        for stream in films:
            stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
            stream.options = CAMERA
        sounds: list[Any] = [out.add_stream("aac", rate=RATE, layout="mono") for _ in range(3)]
        for number in range(40):
            for stream, base in zip(films, (40, 150), strict=True):
                luma = (noise(*SIZE) // 8 + base + number).clip(16, 235).astype(np.uint8)
                gray = av.VideoFrame.from_ndarray(luma, format="gray").reformat(format="yuv420p")
                gray.pts = number
                out.mux(stream.encode(gray))
            for seed, stream in enumerate(sounds):
                heard = np.random.default_rng(100 * seed + number).normal(0, 0.1, (1, RATE // 10))
                frame = av.AudioFrame.from_ndarray(heard.astype(np.float32), format="fltp", layout="mono")
                frame.sample_rate, frame.pts = RATE, number * RATE // 10
                out.mux(stream.encode(frame))
        for stream in (*films, *sounds):
            out.mux(stream.encode(None))
    return path


def chosen(picture: int, sound: int, *more: dict[str, Any]) -> Marks:
    return some_marks({"kind": "tracks", "picture": picture, "sound": sound}, *more)


@pytest.mark.parametrize("way", ["copied", "made anew"])
@pytest.mark.parametrize(("picture", "sound"), [(0, 0), (1, 2)])
def test_the_chosen_tracks_pass_and_no_other(
    film: Path, tmp_path: Path, picture: int, sound: int, way: str
) -> None:
    touch = [{"kind": "mute", "start": 1, "end": 1.5}, {"kind": "frame", "start": 1, "end": 1.5}]
    marks = chosen(picture, sound, *(touch if way == "made anew" else []))
    target = tmp_path / "out.mp4"

    report = video.redact(film, marks, target)

    assert verifier.verify(target, film, marks, report) == []
    assert all(row.requested == row.applied == row.verified == 1 for row in report.marks)
    assert report.details["tracks"] == {"picture": picture, "sound": sound}
    assert "left out: " in report.warnings[-1]
    first = float(frames_of(target)[0][1].mean())
    assert abs(first - (40, 150)[picture]) < 25
    wrong = chosen(1 - picture, 1, *(touch if way == "made anew" else []))
    faults = {str(finding) for finding in verifier.verify(target, film, wrong, a_report(wrong))}
    assert any("m0: the sound is of another track" in fault for fault in faults)
    assert any("m0: the pictures are of another track" in fault for fault in faults)


def test_without_a_choice_the_first_of_each_may_pass_and_another_is_found(film: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.mp4"
    video.redact(film, chosen(1, 1), target)

    faults = verifier.verify(target, film, Marks(), a_report(Marks()))

    rest = "of another track than the one that may pass"
    assert {f"the sound is {rest}", f"the pictures are {rest}"} <= set(map(str, faults))


def test_sound_alone_is_of_the_chosen_track(film: Path, tmp_path: Path) -> None:
    marks = chosen(0, 1, {"kind": "cut", "start": 1, "end": 2})
    target = tmp_path / "out.flac"

    report = audio.redact(film, marks, target)

    assert sound_verifier.verify(target, film, marks, report) == []
    assert len(samples_of(target)[1].T) == pytest.approx(3 * RATE, abs=RATE // 4)
    wrong = chosen(0, 2, {"kind": "cut", "start": 1, "end": 2})
    faults = sound_verifier.verify(target, film, wrong, a_report(wrong, "audio"))
    assert "mark m0: the sound is of another track than the one that may pass" in map(str, faults)


@pytest.mark.parametrize(
    ("picture", "sound", "words"),
    [(2, 0, "no picture track 2; the file has 2"), (0, 3, "no sound track 3; the file has 3")],
)
def test_a_track_that_is_not_there_is_named_with_its_mark(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], picture: int, sound: int, words: str
) -> None:
    marks, target = chosen(picture, sound), tmp_path / "out.mp4"
    for made in (video.redact, audio.redact):
        with pytest.raises(MarksError, match=f"mark m0: .*{words}"):
            made(film, marks, target.with_suffix(".wav") if made is audio.redact else target)
    with pytest.raises(MarksError, match=f"mark m0: .*{words}"):
        probe.check_bounds(marks, probe.examine(film))
    written = tmp_path / "marks.json"
    written.write_text(json.dumps(dict(marks.raw)))

    code = main(["redact", str(film), "--marks", str(written), "--out", str(target)])

    assert code == 2
    assert words in capsys.readouterr().err
    assert not target.exists()


def test_the_preview_shows_the_chosen_picture(film: Path) -> None:
    first, second = (pictures.picture(film, 0, chosen(number, 0)) for number in (0, 1))

    assert first != second


def test_segments_of_another_picture_are_not_taken_from_the_cache(film: Path, tmp_path: Path) -> None:
    mark = {"kind": "frame", "start": 1, "end": 1.5}
    keys = [{piece.key for piece in video.segments(film, chosen(number, 0, mark))} for number in (0, 1)]

    assert keys[0]
    assert not keys[0] & keys[1]


def test_the_whole_way_goes_through_children_that_each_read_the_choice(film: Path, tmp_path: Path) -> None:
    report = pipeline.redact(film, chosen(1, 1), tmp_path / "out.mp4")

    assert [(row.requested, row.applied, row.verified) for row in report.marks] == [(1, 1, 1)]


def test_a_recording_of_sound_alone_in_matroska_is_sound(film: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "voice.mka", tmp_path / "out.wav"
    with av.open(str(film)) as read, av.open(str(source), "w", format="matroska") as out:
        copied = out.add_stream_from_template(read.streams.audio[0])
        for packet in read.demux(read.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = copied
                out.mux(packet)

    assert sniff.media_type(source) == sniff.MediaType("audio", "matroska")
    assert sniff.media_type(film) == sniff.MediaType("video", "matroska")
    pipeline.redact(source, some_marks({"kind": "mute", "start": 1, "end": 2}), target)

    assert len(samples_of(target)[1].T) == pytest.approx(4 * RATE, abs=RATE // 4)


def test_tracks_that_lie_beyond_the_first_bytes_are_not_guessed_at(film: Path) -> None:
    head = film.read_bytes()[:65536]
    tracks = head.index(b"\x16\x54\xae\x6b")

    assert matroska.has_picture(head) is True
    assert matroska.has_picture(head[: tracks + 20]) is None
    assert matroska.has_picture(head[:tracks]) is None
    assert matroska.has_picture(b"") is None
