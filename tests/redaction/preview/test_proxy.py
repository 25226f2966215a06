"""Parts of a proxy: a picture for every picture of the source, at exactly its time."""

from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from redaction.preview import mixing, proxy, stills, walking
from redaction.preview.walking import times
from redaction.report import Refused
from tests.redaction.media_builders import (
    CAMERA,
    a_sound,
    a_video,
    begun_later,
    damaged,
    frames_of,
    loudness,
    remuxed,
)

UNEVEN = [0.0, 0.1, 0.15, 0.5, 1.2, 1.2333, 2.0, 2.7]


def a_film(path: Path, **fields: Any) -> Path:
    return a_video(path, **{"size": (128, 72), **fields})


def part(source: Path, start: float = 0, end: float | None = None, sounds: tuple[int, ...] = (0,)) -> Any:
    target = source.parent / f"{source.stem}-part.mp4"
    made = proxy.part(str(source), str(target), start, end, 0, sounds)
    return target, made


def edited(folder: Path) -> Path:
    whole = a_film(folder / "whole.mp4", seconds=2, coding=CAMERA, audio=False)
    return remuxed(whole, folder / "edited.mp4", begun_later)


SOURCES: dict[str, Any] = {
    "camera": lambda folder: a_film(folder / "in.mp4", coding=CAMERA),
    "changing rate": lambda folder: a_film(folder / "in.mp4", times=UNEVEN),
    "matroska, begun late": lambda folder: a_film(folder / "in.mkv", times=[time + 0.2 for time in UNEVEN]),
    "edit list": edited,
    "transport stream": lambda folder: a_film(folder / "in.ts", coding=CAMERA, format_name="mpegts"),
    "avi": lambda folder: a_film(folder / "in.avi", codec="mpeg4"),
    "turned": lambda folder: a_film(folder / "in.mp4", rotation=90),
    "ntsc": lambda folder: a_film(folder / "in.mp4", times=[n * 1001 / 30000 for n in range(50)], fps=30),
}


@pytest.mark.parametrize("name", SOURCES)
def test_pictures_and_their_times_are_those_of_the_source(tmp_path: Path, name: str) -> None:
    source = SOURCES[name](tmp_path)
    origin = stills.shape(str(source), 0)["origin"]

    made, said = part(source)

    shown = [time - origin for time, _ in frames_of(source)]
    assert [time for time, _ in frames_of(made)] == pytest.approx(
        [time - said["start"] for time in shown], abs=1e-5
    )
    assert said["times"] == pytest.approx(shown, abs=1e-5)
    assert times(source, 0, 1000) == pytest.approx(shown, abs=1e-5)
    assert said["end"] >= said["times"][-1]


def test_parts_share_no_picture_and_miss_none(tmp_path: Path) -> None:
    source = a_film(tmp_path / "in.mp4", seconds=4, coding=CAMERA)
    _, whole = part(source)

    pieces = [part(source, start, end)[1] for start, end in [(0, 1.05), (1.05, 2.5), (2.5, None)]]

    assert [*chain.from_iterable(piece["times"] for piece in pieces)] == whole["times"]
    assert [piece["start"] for piece in pieces] == [0, pytest.approx(1.1), pytest.approx(2.5)]
    assert [piece["end"] for piece in pieces[:2]] == [piece["start"] for piece in pieces[1:]]
    assert pieces[-1]["end"] == pytest.approx(4, abs=0.05)


def test_a_part_shows_what_the_source_shows_then(tmp_path: Path) -> None:
    source = a_film(tmp_path / "in.mp4", seconds=4, coding=CAMERA)
    brightness = [luma.mean() for _, luma in frames_of(source)]

    made, said = part(source, 2.5)

    got = [luma.mean() for _, luma in frames_of(made)]
    assert said["start"] == pytest.approx(2.5)
    assert got == pytest.approx(brightness[25:], abs=2.5)


def test_a_turned_film_stands_upright_and_is_small(tmp_path: Path) -> None:
    source = a_film(tmp_path / "in.mp4", seconds=0.5, size=(1280, 720), rotation=90)

    made, _ = part(source)

    with av.open(str(made)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (480, 854)
        assert stream.codec_context.profile in ("Constrained Baseline", "Baseline", "Main")
    shape = stills.shape(str(source), 0)
    assert (shape["width"], shape["height"]) == (720, 1280)


def test_a_browser_can_step_for_key_frames_are_near(tmp_path: Path) -> None:
    source = a_film(tmp_path / "in.mp4", seconds=4)

    made, _ = part(source)

    with av.open(str(made)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    keys = [number for number, packet in enumerate(packets) if packet.is_keyframe]
    assert max(np.diff([*keys, len(packets)])) <= proxy.BETWEEN_KEYS
    assert all(packet.pts == packet.dts for packet in packets)


def test_all_microphones_are_heard_or_one_of_them(tmp_path: Path) -> None:
    source = a_film(tmp_path / "in.mp4", extra=("audio",))

    both, first, none = (loud(source, sounds) for sounds in ((0, 1), (0,), ()))

    assert (both, first, none) == ({440, 880}, {440}, set())


def loud(source: Path, sounds: tuple[int, ...]) -> set[int]:
    """Which of the two tones a part has."""
    made, _ = part(source, sounds=sounds)
    with av.open(str(made)) as container:
        if not container.streams.audio:
            return set()
        samples = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)[0]
    strength = np.abs(np.fft.rfft(samples[: mixing.RATE]))
    return {hertz for hertz in (440, 880) if strength[hertz - 3 : hertz + 4].max() > strength.max() / 10}


def test_sound_alone_makes_parts_too(tmp_path: Path) -> None:
    source = a_sound(tmp_path / "in.wav", seconds=3)
    target = tmp_path / "out.mp4"

    made = proxy.part(str(source), str(target), 1, 2.5, None, [0])

    assert (made["start"], made["end"], made["times"]) == (1, 2.5, [])
    with av.open(str(target)) as container:
        assert not container.streams.video
        assert container.duration == pytest.approx(1_500_000, abs=30_000)
    assert loudness(target, 0.2, 1.2) > -12


def test_past_the_end_there_is_no_file(tmp_path: Path) -> None:
    film, sound = a_film(tmp_path / "in.mp4"), a_sound(tmp_path / "in.wav")
    target = tmp_path / "out.mp4"

    made = [
        proxy.part(str(film), str(target), 60, None, 0, [0]),
        proxy.part(str(sound), str(target), 60, 70, None, [0]),
    ]

    assert [said["times"] for said in made] == [[], []]
    assert not target.exists()


def test_sound_beside_a_gap_stays_in_its_place(tmp_path: Path) -> None:
    silence, tone = np.zeros((1, 24_000), np.float32), np.full((1, 24_000), 0.5, np.float32)
    source = a_sound(tmp_path / "in.wav", samples=np.concatenate([silence, tone, silence, tone], axis=1))

    blocks = np.concatenate(list(mixing.mixed(source, 0.25, [0])), axis=1)

    assert blocks.shape == (2, round(1.75 * mixing.RATE))
    assert [
        float(np.abs(blocks[:, round(at * mixing.RATE)]).max()) for at in (0.1, 0.5, 1.0, 1.5)
    ] == pytest.approx([0, 0.5, 0, 0.5], abs=0.02)


def test_sound_that_begins_late_begins_late(tmp_path: Path) -> None:
    source = a_film(tmp_path / "in.mkv", audio=True)
    shifted = tmp_path / "late.mkv"
    with av.open(str(source)) as old, av.open(str(shifted), "w") as new:
        track = new.add_stream_from_template(old.streams.audio[0])
        film = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux():
            if packet.size:
                if packet.stream.type == "audio":
                    packet.pts, packet.dts = (packet.pts or 0) + 500, (packet.dts or 0) + 500
                packet.stream = track if packet.stream.type == "audio" else film
                new.mux(packet)

    blocks = np.concatenate(list(mixing.mixed(shifted, 0, [0])), axis=1)

    assert np.abs(blocks[:, : round(0.45 * mixing.RATE)]).max() == 0
    assert np.abs(blocks[:, round(0.6 * mixing.RATE) : mixing.RATE]).max() > 0.4


def test_more_than_two_channels_go_left_and_right() -> None:
    sides = mixing._sides(np.array([[1.0], [0.0], [1.0], [0.0]], np.float32))

    assert sides.tolist() == [[1.0], [0.0]]


def test_a_track_that_is_not_there_is_silent(tmp_path: Path) -> None:
    assert list(mixing.mixed(a_sound(tmp_path / "in.wav"), 0, [4])) == []


def test_a_damaged_film_keeps_the_times_of_what_is_left(tmp_path: Path) -> None:
    whole = a_film(tmp_path / "in.mkv", seconds=3, coding={"g": "1", "bf": "0"}, audio=False)
    source = remuxed(whole, tmp_path / "broken.mkv", damaged(range(5, 8)))

    made, said = part(source, sounds=())

    assert [time for time, _ in frames_of(made)] == pytest.approx(said["times"], abs=1e-5)
    assert len(said["times"]) == 27


def test_a_sound_has_no_pictures(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no picture"):
        part(a_sound(tmp_path / "in.wav"))


@pytest.mark.parametrize(
    ("stored", "aspect", "size"),
    [
        ((1920, 1080), 1, (854, 480)),
        ((320, 180), 1, (320, 180)),
        ((720, 480), 8 / 9, (640, 480)),
        ((640, 480), 40, (640, 480)),
        ((321, 181), 1, (320, 180)),
    ],
)
def test_a_proxy_is_small_even_and_square(
    stored: tuple[int, int], aspect: float, size: tuple[int, int]
) -> None:
    assert proxy.shape_of(*stored, Fraction(aspect).limit_denominator(100)) == size


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[float] = []
    source = a_film(tmp_path / "in.mp4", seconds=4)

    proxy.part(
        str(source), str(tmp_path / "out.mp4"), 0, None, 0, [0], lambda share, _note: told.append(share)
    )

    assert told == [pytest.approx(0.75, abs=0.02)]


def test_a_span_names_the_picture_on_the_screen_at_its_beginning(tmp_path: Path) -> None:
    source = a_film(tmp_path / "in.mp4", times=UNEVEN)

    assert times(source, 0.7, 1.3) == pytest.approx([0.5, 1.2, 1.233], abs=1e-3)
    assert times(source, 0.5, 0.6) == pytest.approx([0.5])
    assert walking.stamps(str(source), 50, 60, 0) == pytest.approx([2.7])


def test_where_packets_have_no_stamps_the_decoder_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = a_film(tmp_path / "in.mp4", times=UNEVEN, audio=False)
    monkeypatch.setattr(walking, "_stamps", lambda *_: None)

    assert times(source, 0.7, 1.3) == pytest.approx([0.5, 1.2, 1.233], abs=1e-3)


def test_without_a_key_frame_before_a_moment_the_film_is_read_from_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = a_film(tmp_path / "in.mp4", seconds=3, coding=CAMERA, audio=False)
    seek = walking._seek
    monkeypatch.setattr(walking, "_seek", lambda film, at, origin: seek(film, 2.5 if at else at, origin))

    assert next(walking.moments(source, 0.5)).start == 0
    assert times(source, 0.5, 0.65) == pytest.approx([0.5, 0.6])
