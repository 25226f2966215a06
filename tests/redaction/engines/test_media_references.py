"""Recordings that are only a part are refused; FFmpeg is never asked to fetch the rest."""

import struct
from pathlib import Path

import pytest

from redaction import looks
from redaction.engines.media.references import refuse_other_files
from redaction.engines.media.source import opened
from redaction.report import Refused
from tests.redaction.media_builders import a_video

PLAYLISTS = {
    "concat": "ffconcat version 1.0\nfile '{other}'\n",
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile://{other}\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\nc=IN IP4 127.0.0.1\n",
    "dash": '<?xml version="1.0"?><MPD><Period><BaseURL>{other}</BaseURL></Period></MPD>',
    "image sequence": "/tmp/%03d.png\n",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
def test_text_that_names_other_files_is_no_film_whatever_its_name(tmp_path: Path, kind: str) -> None:
    other = a_video(tmp_path / "other.mp4", seconds=0.5, size=(64, 48))
    path = tmp_path / "film.mp4"
    path.write_text(PLAYLISTS[kind].format(other=other))

    with pytest.raises(Refused):
        looks.examine(path, thorough=True)
    with pytest.raises(Refused, match="not a recording"), opened(path):
        pass


def harmed_reference(path: Path, flags: int, where: bytes) -> Path:
    """The film with another ``dref`` in the first one's place; ``free`` behind it takes up the change."""
    content = path.read_bytes()
    place = content.index(b"dref") - 4
    size = int.from_bytes(content[place : place + 4], "big")
    entry = struct.pack(">I4sI", 12 + len(where), b"url ", flags) + where
    dref = struct.pack(">I4sII", 16 + len(entry), b"dref", 0, 1) + entry
    changed = bytearray(content[:place] + dref + content[place + size :])
    grown = len(dref) - size
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        at = changed.index(name) - 4
        changed[at : at + 4] = (int.from_bytes(changed[at : at + 4], "big") + grown).to_bytes(4, "big")
    path.write_bytes(changed)
    return path


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_film_whose_pictures_lie_in_another_file_is_refused(tmp_path: Path, suffix: str) -> None:
    film = a_video(tmp_path / f"film{suffix}", seconds=0.5, size=(64, 48))

    harmed_reference(film, 0, b"file:///etc/passwd\0")

    with pytest.raises(Refused, match="from another file"), opened(film):
        pass


@pytest.mark.parametrize(("flags", "where"), [(1, b""), (0, b""), (0, b"\0"), (1, b"file.mov\0")])
def test_film_that_is_whole_is_not_refused_for_how_it_says_so(
    tmp_path: Path, flags: int, where: bytes
) -> None:
    film = harmed_reference(a_video(tmp_path / "film.mp4", seconds=0.5, size=(64, 48)), flags, where)

    with opened(film) as container:
        assert len(container.streams.video) == 1


def element(number: int, body: bytes, *, unknown: bool = False) -> bytes:
    size = b"\x01" + b"\xff" * 7 if unknown else b"\x08" + len(body).to_bytes(4, "big")
    return number.to_bytes((number.bit_length() + 7) // 8, "big") + size + body


HEAD = element(0x1A45DFA3, b"")
CLUSTER = element(0x1F43B675, bytes(20))
LINKED = {
    "segment before": element(0x1549A966, element(0x3CB923, bytes(16))),
    "segment behind": element(0x1549A966, element(0x2AD7B1, b"\1") + element(0x3EB923, bytes(16))),
    "chapter elsewhere": element(
        0x1043A770, element(0x45B9, element(0xB6, element(0x73C4, b"\1") + element(0x6E67, bytes(16))))
    ),
}


@pytest.mark.parametrize("unknown", [False, True])
@pytest.mark.parametrize("how", LINKED)
def test_linked_matroska_is_refused(tmp_path: Path, how: str, unknown: bool) -> None:
    path = tmp_path / "film.mkv"
    path.write_bytes(HEAD + element(0x18538067, CLUSTER + LINKED[how], unknown=unknown))

    with pytest.raises(Refused, match="linked files"):
        refuse_other_files(path, "matroska")


@pytest.mark.parametrize(
    "content",
    [
        HEAD + element(0x18538067, element(0x1549A966, element(0x2AD7B1, b"\1")) + CLUSTER),
        HEAD + element(0x18538067, b"\x00\x01"),
        HEAD + element(0x18538067, b"\x01\x80"),
        HEAD + b"\x18\x53\x80",
        HEAD + element(0x18538067, element(0x1043A770, b"\xb6\x82\xb6\x80" * 3)),
        HEAD + b"\x18\x53\x80\x67\xff\x10\x43\xa7\x70\xff" + b"\xb6\xff" * 5000,
        struct.pack(">I4s", 1, b"moov") + (24).to_bytes(8, "big") + struct.pack(">I4s", 4, b"trak"),
        b"",
    ],
)
def test_matroska_without_links_or_broken_is_left_to_the_parser(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "film.mkv"
    path.write_bytes(content)

    refuse_other_files(path, "matroska")
    refuse_other_files(path, "mov")
