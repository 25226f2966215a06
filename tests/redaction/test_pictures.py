import io
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from redaction.marks import parse
from redaction.pictures import WIDEST, picture
from redaction.report import Refused
from tests.redaction.film_builders import a_film
from tests.redaction.office_builders import a_mail
from tests.requests_app.custody.record_builders import READS, a_pdf

RED = (200, 30, 20)


def drawn(path: Path, number: int, *marks: dict[str, Any]) -> Image.Image:
    listed = [{"id": f"m{n}", **mark} for n, mark in enumerate(marks)]
    return Image.open(io.BytesIO(picture(path, number, parse({"version": 1, "marks": listed}))))


def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "report.pdf"
    path.write_bytes(a_pdf("Some words", pages=2))
    return path


def test_a_page_of_a_mail_is_drawn_as_the_engine_makes_it(tmp_path: Path) -> None:
    source = a_mail(tmp_path / "m.eml", "Some words")

    image = drawn(source, 1, {"kind": "box", "page": 1, "rect": [100, 200, 300, 400]})

    scale = WIDEST / 792
    assert image.getpixel((int(100 * scale) + 1, int(300 * scale))) == RED


def test_a_page_is_drawn_with_its_boxes_as_outlines(tmp_path: Path) -> None:
    image = drawn(
        pdf(tmp_path),
        2,
        {"kind": "box", "page": 2, "rect": [100, 200, 300, 400]},
        {"kind": "box", "page": 1, "rect": [10, 10, 50, 50]},
    )

    scale = WIDEST / 792
    assert max(image.size) == WIDEST
    assert image.getpixel((int(100 * scale) + 1, int(300 * scale))) == RED
    assert image.getpixel((int(200 * scale), int(300 * scale))) == (255, 255, 255)
    assert image.getpixel((int(10 * scale) + 1, int(30 * scale))) == (255, 255, 255)


def test_a_page_withheld_whole_is_framed(tmp_path: Path) -> None:
    image = drawn(pdf(tmp_path), 1, {"kind": "page", "page": 1})

    assert image.getpixel((0, 300)) == RED


def test_an_image_is_drawn_as_displayed(tmp_path: Path) -> None:
    path = tmp_path / "wide.png"
    Image.new("RGB", (2200, 1100), "white").save(path)

    image = drawn(path, 1, {"kind": "box", "page": 1, "rect": [200, 200, 400, 400]})

    assert image.size == (WIDEST, WIDEST // 2)
    assert image.getpixel((101, 150)) == RED


def test_a_moment_of_a_film_is_drawn_with_the_regions_of_that_moment(tmp_path: Path) -> None:
    film = a_film(tmp_path / "film.mp4")
    region = {
        "kind": "region", "start": 1, "end": 2, "keyframes": [{"t": 1, "rect": [0.25, 0.25, 0.5, 0.5]}],
    }  # fmt: skip

    during, before = drawn(film, 1, region), drawn(film, 0, region)

    assert during.size == (64, 48)
    assert during.getpixel((17, 24)) == RED
    assert before.getpixel((17, 24)) != RED


def test_a_film_covered_whole_is_framed(tmp_path: Path) -> None:
    image = drawn(a_film(tmp_path / "film.mp4"), 0, {"kind": "frame", "start": 0, "end": 1})

    assert image.getpixel((0, 24)) == RED


def test_a_second_past_the_end_shows_the_last_picture(tmp_path: Path) -> None:
    assert drawn(a_film(tmp_path / "film.mp4"), 60).size == (64, 48)


@pytest.mark.parametrize(("number", "sentence"), [(0, "no page 0"), (3, "no page 3")])
def test_a_page_that_is_not_there_is_refused(tmp_path: Path, number: int, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        picture(pdf(tmp_path), number)


def test_what_has_no_picture_is_refused(tmp_path: Path) -> None:
    table, still, broken = tmp_path / "reads.csv", tmp_path / "one.png", tmp_path / "broken.png"
    table.write_bytes(READS)
    Image.new("RGB", (4, 4)).save(still)
    broken.write_bytes(still.read_bytes()[:40])

    for path, number, sentence in (
        (table, 1, "has no picture"), (still, 2, "only page 1"), (broken, 1, "cannot be drawn"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=sentence):
            picture(path, number)


def test_a_broken_document_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"%PDF-1.7\nnothing")

    with pytest.raises(Refused, match="cannot be drawn"):
        picture(path, 1)
