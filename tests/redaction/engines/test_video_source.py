import errno
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import av
import av.codec.codec
import av.error
import numpy as np
import pytest
from av.stream import Disposition

from redaction.engines import audio, video
from redaction.engines.media import painting, pictures, sound, source, timeline
from redaction.marks import Mark, Marks
from redaction.report import Refused
from tests.redaction.media_builders import a_sound, a_video, begun_later, frames_of, remuxed, some_marks


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x18ftypisom", "mov"),
        (b"\x1a\x45\xdf\xa3", "matroska"),
        (b"RIFF\0\0\0\0AVI ", "avi"),
        (b"RF64\0\0\0\0WAVE", "wav"),
        (b"RIFF\0\0\0\0WEBP", None),
        (b"OggS", "ogg"),
        (b"fLaC", "flac"),
        ((b"\x47" + bytes(187)) * 4, "mpegts"),
        ((bytes(4) + b"\x47" + bytes(187)) * 4, "mpegts"),
        (b"ID3\x04", "mp3"),
        (b"\xff\xfb\x90", "mp3"),
        (b"\xff\xf1\x50", "aac"),
        (b"ffconcat version 1.0", None),
        (b"#EXTM3U", None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"\xff", None),
        (b"", None),
    ],
)
def test_container_is_told_by_its_bytes(head: bytes, name: str | None) -> None:
    assert source.container_format(head) == name


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        ("MOST_STREAMS", 1, "tracks"),
        ("LARGEST_SIDE", 300, "larger than"),
        ("LARGEST_AREA", 1000, "larger than"),
        ("LONGEST", 1.5, "24 hours"),
        ("MOST_PACKETS", 30, "packets"),
        ("HIGHEST_RATE", 8000, "impossible"),
        ("MOST_CHANNELS", 0, "impossible"),
    ],
)
def test_absurd_recording_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: float, words: str
) -> None:
    film = a_video(tmp_path / "in.mp4")
    monkeypatch.setattr(source, limit, value)

    with pytest.raises(Refused, match=words):
        video.redact(film, Marks(), tmp_path / "out.mp4")


def test_sound_with_hours_of_gaps_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(packet: Any) -> Any:
        if packet.pts * packet.time_base > 1:
            packet.pts = packet.dts = packet.pts + 10 * 48_000
        return packet

    gappy = remuxed(a_sound(tmp_path / "whole.m4a"), tmp_path / "in.mka", late, "matroska")
    monkeypatch.setattr(sound, "LONGEST_GAPS", 5)

    with pytest.raises(Refused, match="gaps"):
        audio.redact(gappy, Marks(), tmp_path / "out.wav")


def test_cover_picture_is_not_the_film(tmp_path: Path) -> None:
    film = tmp_path / "in.mp4"
    with av.open(str(a_video(tmp_path / "plain.mp4", audio=False))) as plain, av.open(str(film), "w") as out:
        cover = out.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = Disposition.attached_pic
        track = out.add_stream_from_template(plain.streams.video[0])
        picture = av.VideoFrame(64, 48, "yuvj420p")
        picture.pts = 0
        out.mux(cover.encode(picture))
        out.mux(cover.encode(None))
        for packet in plain.demux(video=0):
            if packet.size:
                packet.stream = track
                out.mux(packet)

    report = video.redact(film, Marks(), tmp_path / "out.mp4")

    assert report.details["size"] == [320, 180]
    assert len(frames_of(tmp_path / "out.mp4")) == 20
    assert any("mjpeg" in name for name in report.details["streams_dropped"])


def test_picture_hidden_by_the_source_s_edit_list_does_not_come_back(tmp_path: Path) -> None:
    film = remuxed(a_video(tmp_path / "whole.mp4", audio=False), tmp_path / "in.mp4", begun_later)

    report = video.redact(film, Marks(), tmp_path / "out.mp4")

    assert len(frames_of(tmp_path / "out.mp4")) == 10
    assert any("hides behind an edit list" in warning for warning in report.warnings)


def test_film_that_changes_its_size_is_brought_to_the_first(tmp_path: Path) -> None:
    first = a_video(tmp_path / "a.ts", audio=False, seconds=1)
    later = [1 + number / 10 for number in range(10)]
    second = a_video(tmp_path / "b.ts", audio=False, size=(160, 90), times=later)
    joined = tmp_path / "in.ts"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    marks = some_marks({"kind": "region", "start": 0, "end": 1.8, "rect": [0.5, 0, 0.5, 1]})

    report = video.redact(joined, marks, tmp_path / "out.mp4")

    shown = frames_of(tmp_path / "out.mp4")
    assert {luma.shape for _, luma in shown} == {(180, 320)}
    assert report.details["frames"] == len(shown) > 10
    assert all(luma[10:170, 170:310].max() < 40 for time, luma in shown if time < 1.8)


def test_missing_encoder_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film, target = a_video(tmp_path / "in.mp4"), tmp_path / "out.mp4"

    def missing(*_: object) -> None:
        raise av.codec.codec.UnknownCodecError("libx264")

    monkeypatch.setattr(av.CodecContext, "create", missing)

    with pytest.raises(Refused, match="libx264"):
        video.redact(film, some_marks({"kind": "frame", "start": 0, "end": 1}), target)

    assert not target.exists()


def test_reader_thread_hands_on_its_error_and_stops_with_its_consumer() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise Refused("half way")

    items = pictures.read_ahead(broken)
    endless = pictures.read_ahead(lambda: iter(int, 1), depth=2)

    assert next(items) == 1
    with pytest.raises(Refused, match="half way"):
        next(items)
    assert next(endless) == 0
    endless.close()  # type: ignore[attr-defined]  # read_ahead is a generator


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        (pictures.Turn(), [[1, 2], [3, 4], [5, 6]]),
        (pictures.Turn(True), [[1, 3, 5], [2, 4, 6]]),
        (pictures.Turn(True, columns_reversed=True), [[5, 3, 1], [6, 4, 2]]),
        (pictures.Turn(False, True, True), [[6, 5], [4, 3], [2, 1]]),
    ],
)
def test_turn_exchanges_then_mirrors(turn: pictures.Turn, expected: list[list[int]]) -> None:
    plane = np.array([[1, 2], [3, 4], [5, 6]], dtype=np.uint8)

    assert turn.apply(plane).tolist() == expected


def a_region(rect: list[float], style: str = "mosaic") -> Mark:
    return some_marks({"kind": "region", "start": 0, "end": 1, "rect": rect, "style": style}).marks[0]


def test_box_is_grown_to_even_pixels_and_stays_in_the_picture() -> None:
    mark = a_region([0.0333, 0.5, 0.9667, 0.0001])

    assert painting.box_at(mark, 0, 101, 51) == painting.Box(2, 24, 102, 26)


def test_smallest_box_at_the_far_corner_is_still_two_pixels() -> None:
    mark = a_region([0.9999, 0.9999, 0.0001, 0.0001])

    assert painting.box_at(mark, 0, 100, 50) == painting.Box(98, 48, 100, 50)


@pytest.mark.parametrize(
    ("rect", "size", "box"),
    [
        ([0.9999, 0.9999, 0.0001, 0.0001], (100, 50), (84, 34, 100, 50)),
        ([0, 0, 0.0001, 0.0001], (100, 50), (0, 0, 16, 16)),
        ([0.5, 0, 0.02, 1], (100, 50), (44, 0, 60, 50)),
        ([0.5, 0.5, 0.1, 0.1], (12, 10), (0, 0, 12, 10)),
    ],
)
def test_black_spot_is_large_enough_to_outlive_the_encoder(
    rect: list[float], size: tuple[int, int], box: tuple[int, int, int, int]
) -> None:
    found = painting.box_at(a_region(rect, "solid"), 0, *size)

    assert found == painting.Box(*box)


@pytest.mark.parametrize(("size", "block"), [((10, 10), 8), ((80, 20), 16), ((82, 20), 18), ((20, 640), 128)])
def test_mosaic_block_is_a_fifth_of_the_longer_side_or_more(size: tuple[int, int], block: int) -> None:
    assert painting.block_of(painting.Box(0, 0, *size)) == block
    assert block >= max(size) / 5


def test_cut_takes_a_picture_whose_time_was_rounded_up() -> None:
    film = timeline.plan(
        some_marks({"kind": "cut", "start": 0.334, "end": 0.667}),
        duration=1,
        kinds=("cut",),
        has_sound=False,
    )

    assert film.is_cut(1 / 3)
    assert film.is_cut(2 / 3)
    assert not film.is_cut(0.3)
    assert not film.is_cut(0.667)
    assert film.shift(0.9) == pytest.approx(0.333)


def test_decoder_that_finds_no_thread_is_refused_and_no_damaged_picture() -> None:
    class Context:
        def open(self, *, strict: bool) -> NoReturn:
            raise av.error.BlockingIOError(errno.EAGAIN, "no thread is free")

    stream: Any = SimpleNamespace(codec_context=Context())

    with pytest.raises(Refused, match="picture cannot be started: no thread is free"):
        source.start_decoder(stream, 1)
