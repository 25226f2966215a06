import struct
from pathlib import Path

import numpy as np
import pytest

from redaction.verify.media import boxes
from redaction.verify.media.boxes import BrokenError, Track
from tests.redaction.media_builders import a_video


def a_track(edits: tuple[tuple[int, int], ...], samples: int = 10) -> Track:
    """Ten samples of 100 ticks at 1,000 ticks a second."""
    numbers = np.arange(samples, dtype=np.int64)
    lengths = np.full(samples, 100, dtype=np.int64)
    return Track(b"vide", b"", (b"avc1",), 1000, numbers * 100, lengths, lengths, numbers * 100, edits)


@pytest.mark.parametrize(
    ("edits", "hidden"),
    [
        ((), 0),
        (((1000, 0),), 0),
        (((0, 0),), 0),
        (((500, -1), (1000, 0)), 0),
        (((700, 300),), 3),
        (((500, 0),), 4),
        (((200, 0), (200, 800)), 5),
        (((0, 250),), 2),
    ],
)
def test_samples_outside_every_edit_are_counted(edits: tuple[tuple[int, int], ...], hidden: int) -> None:
    assert a_track(edits).hidden(1000) == hidden


def test_tables_of_a_film_are_read_as_written(tmp_path: Path) -> None:
    movie = boxes.read(a_video(tmp_path / "in.mp4"))

    film, sound = movie.tracks
    assert (film.handler, sound.handler) == (b"vide", b"soun")
    assert (film.codecs, sound.codecs) == ((b"avc1",), (b"mp4a",))
    assert len(film.sizes) == 20
    assert film.durations.sum() / film.timescale == pytest.approx(2)
    assert sound.durations.sum() / sound.timescale == pytest.approx(2, abs=0.05)
    mdat = next(box for box in movie.boxes if box.kind == b"mdat")
    assert film.sizes.sum() + sound.sizes.sum() == mdat.end - mdat.payload


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no index"),
        (struct.pack(">I4s", 8, b"free"), "no index"),
        (struct.pack(">I4s", 8, b"moov"), "no movie header"),
        (struct.pack(">I4s", 100, b"moov"), "does not fit"),
        (struct.pack(">I4s", 4, b"moov"), "does not fit"),
        (struct.pack(">I4s", 16, b"moov") + struct.pack(">I4s", 99, b"mvhd"), "does not fit"),
        (struct.pack(">I4s", 20, b"moov") + struct.pack(">I4s", 12, b"mvhd") + bytes(4), "cut short"),
        (struct.pack(">I4s", 36, b"moov") + struct.pack(">I4s", 28, b"mvhd") + bytes(20), "cut short"),
        (struct.pack(">I4sQ", 1, b"free", 16) + b"abc", "after the last box"),
        (struct.pack(">I4s", 0, b"\x01\x02\x03\x04"), "no index"),
    ],
)
def test_broken_structure_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "in.mp4"
    path.write_bytes(content)

    with pytest.raises(BrokenError, match=words):
        boxes.read(path)


@pytest.mark.parametrize("kind", [b"stts", b"stsz", b"stsc", b"stco", b"stsd", b"elst"])
def test_table_that_claims_too_much_is_named(tmp_path: Path, kind: bytes) -> None:
    path = a_video(tmp_path / "in.mp4", options={"movflags": "faststart"})
    raw = bytearray(path.read_bytes())
    place = raw.index(kind) + (12 if kind == b"stsz" else 8)
    raw[place : place + 4] = b"\x7f\xff\xff\xff"
    path.write_bytes(raw)

    with pytest.raises(BrokenError, match="cut short"):
        boxes.read(path)


def test_sizes_of_an_absurd_table_are_not_unrolled(tmp_path: Path) -> None:
    path = a_video(tmp_path / "in.mp4")
    raw = bytearray(path.read_bytes())
    place = raw.index(b"stts") + 12
    raw[place : place + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(raw)

    with pytest.raises(BrokenError):
        boxes.read(path)


def test_box_too_large_to_hold_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boxes, "LARGEST_BOX_READ", 10)

    with pytest.raises(BrokenError, match="too large"):
        boxes.read(a_video(tmp_path / "in.mp4"))
