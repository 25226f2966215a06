from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from redaction import probe
from redaction.engines import image_source
from redaction.marks import parse
from redaction.report import MarksError, Refused
from tests.redaction.film_builders import a_film, a_sound
from tests.redaction.office_builders import a_mail
from tests.requests_app.custody.record_builders import READS, a_pdf

GPX = """<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1"><trk><trkseg>
<trkpt lat="30.1" lon="-97.1"><ele>10</ele></trkpt></trkseg></trk></gpx>"""


def written(tmp_path: Path, content: bytes, name: str = "file") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def check(facts: probe.Facts, **mark: Any) -> None:
    probe.check_bounds(parse({"version": 1, "marks": [{"id": "m1", **mark}]}), facts)


def test_a_document_tells_its_pages(tmp_path: Path) -> None:
    facts = probe.examine(written(tmp_path, a_pdf("x", pages=2)), thorough=True)

    assert (facts.medium, facts.pages) == ("pdf", ((612.0, 792.0), (612.0, 792.0)))


def test_an_image_tells_its_size_as_displayed(tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20)).save(path, exif=exif)

    facts = probe.examine(path, thorough=True)

    assert (facts.width, facts.height, facts.pages) == (20, 40, ((20, 40),))


def test_a_film_tells_its_length_and_picture(tmp_path: Path) -> None:
    facts = probe.examine(a_film(tmp_path / "film.mp4"), thorough=True)

    assert (facts.medium, facts.width, facts.height, facts.has_sound) == ("video", 64, 48, False)
    assert facts.seconds == pytest.approx(2, abs=0.3)


def test_a_sound_file_tells_its_length(tmp_path: Path) -> None:
    facts = probe.examine(a_sound(tmp_path / "call.wav", seconds=2), thorough=True)

    assert (facts.medium, facts.has_sound, facts.width) == ("audio", True, 0)
    assert facts.seconds == pytest.approx(2)


def test_a_table_tells_its_columns_and_first_rows(tmp_path: Path) -> None:
    facts = probe.examine(written(tmp_path, READS))

    assert facts.columns == ("plate", "camera", "read_at")
    assert facts.sample[0] == ("CANARY1", "Elm and 3rd", "2026-02-01 05:12:44")


def test_a_flight_is_told_from_a_table(tmp_path: Path) -> None:
    header = b"time(millisecond),latitude,longitude,height_above_takeoff(feet)\n0,30.1,-97.1,3\n"

    assert probe.examine(written(tmp_path, header)).medium == "flight"
    assert probe.examine(written(tmp_path, GPX.encode())).format == "gpx"


def test_a_film_without_a_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no picture"):
        probe.examine(a_sound(tmp_path / "stop.mp4"), thorough=True)


def test_a_film_whose_pictures_are_broken_is_refused(tmp_path: Path) -> None:
    film = a_film(tmp_path / "film.mp4")
    content = bytearray(film.read_bytes())
    start = content.index(b"mdat") + 4
    end = content.rindex(b"moov") - 4
    content[start:end] = b"\x00" * (end - start)
    film.write_bytes(content)

    with pytest.raises(Refused, match="broken"):
        probe.examine(film, thorough=True)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"%PDF-1.7\nnothing", "broken"), (b"\x89PNG\r\n\x1a\nnothing", "broken"), (b"", "is empty")],
)
def test_broken_files_are_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        probe.examine(written(tmp_path, content))


def test_an_image_beyond_all_measure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "big.png"
    Image.new("1", (100, 100)).save(path)
    monkeypatch.setattr(image_source, "MOST_PIXELS", 9999)

    with pytest.raises(Refused, match="100 by 100"):
        probe.examine(path)


PDF = probe.Facts("pdf", "pdf", pages=((100, 200),))
FILM = probe.Facts("video", "mp4", seconds=10)
TABLE = probe.Facts("table", "csv", columns=("a", "b"))
BARE = probe.Facts("pdf", "pdf")


@pytest.mark.parametrize(
    ("facts", "mark"),
    [
        (PDF, {"kind": "box", "page": 2, "rect": [0, 0, 1, 1]}),
        (PDF, {"kind": "box", "page": 1, "rect": [0, 0, 102, 1]}),
        (PDF, {"kind": "box", "page": 1, "rect": [0, 0, 1, 202]}),
        (PDF, {"kind": "page", "page": 2}),
        (PDF, {"kind": "text", "literal": "x", "pages": [2]}),
        (FILM, {"kind": "cut", "start": 1, "end": 12}),
        (FILM, {"kind": "mute", "start": 1, "end": 12}),
        (TABLE, {"kind": "column", "name": "c", "action": "drop"}),
        (TABLE, {"kind": "own_plate", "column": "c", "plate": "X"}),
        (TABLE, {"kind": "rows", "keep": [{"column": "c", "op": "eq", "value": 1}]}),
        (TABLE, {"kind": "suppress", "by": ["a"], "k": 2, "count": "distinct:c"}),
    ],
)
def test_a_mark_outside_the_file_is_named(facts: probe.Facts, mark: dict[str, Any]) -> None:
    with pytest.raises(MarksError, match="mark m1: ") as error:
        check(facts, **mark)

    assert error.value.mark_id == "m1"


@pytest.mark.parametrize(
    ("facts", "mark"),
    [
        (PDF, {"kind": "box", "page": 1, "rect": [0, 0, 100, 200]}),
        (PDF, {"kind": "text", "literal": "x"}),
        (PDF, {"kind": "text", "literal": "x", "pages": [1]}),
        (PDF, {"kind": "page", "page": 1}),
        (PDF, {"kind": "page", "page": 9, "suggested": True, "decision": "rejected"}),
        (BARE, {"kind": "page", "page": 9}),
        (BARE, {"kind": "text", "literal": "x", "pages": [9]}),
        (FILM, {"kind": "cut", "start": 1, "end": 10}),
        (FILM, {"kind": "mute", "literal": "Ann"}),
        (BARE, {"kind": "cut", "start": 1, "end": 99}),
        (BARE, {"kind": "column", "name": "c", "action": "drop"}),
        (TABLE, {"kind": "suppress", "by": ["a"], "k": 2, "count": "rows"}),
        (TABLE, {"kind": "withhold"}),
    ],
)
def test_a_mark_inside_the_file_passes(facts: probe.Facts, mark: dict[str, Any]) -> None:
    check(facts, **mark)


def test_office_file_names_what_its_pages_do_not_show(tmp_path: Path) -> None:
    facts = probe.examine(a_mail(tmp_path / "m.eml", "x", Bcc="c@x.example"))

    assert facts.medium == "office"
    assert facts.hidden == (("bcc", "blind copies"),)
