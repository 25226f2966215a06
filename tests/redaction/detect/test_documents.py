"""Personal data in PDFs, pictures and office files."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from redaction import detect, patterns, pipeline
from redaction.detect import documents, pages
from redaction.engines.pdf import ocr
from redaction.engines.pdf.sheet import Sheet, Word
from redaction.marks import parse
from redaction.report import Refused
from tests.redaction.detect.test_stills import a_page_with_a_picture
from tests.redaction.document_builders import a_pdf, place, shown
from tests.redaction.office_builders import a_mail


def _marks(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = detect.suggest(path, "pii", contained=False)["marks"]
    return found


def _written(*lines: str) -> str:
    return "".join(shown(line, 72, 700 - 20 * number) for number, line in enumerate(lines))


def a_painted(text: str) -> Image.Image:
    picture = Image.new("RGB", (1200, 300), "white")
    ImageDraw.Draw(picture).text((40, 100), text, fill="black", font=ImageFont.load_default(44))
    return picture


def test_values_become_text_marks_for_every_page(tmp_path: Path) -> None:
    first = _written("Victim: Maria Delgado", "SSN 123-45-6789")
    source = a_pdf(tmp_path / "in.pdf", first, _written("Later Maria Delgado left the building again"))

    marks = _marks(source)

    assert [(mark["kind"], mark["literal"], mark["reason"]) for mark in marks] == [
        ("text", "Maria Delgado", "VICTIM"),
        ("text", "123-45-6789", "PII_DOC"),
    ]
    assert "seen on page 1" in marks[0]["note"]
    assert all(mark["pages"] == "all" and mark["suggested"] for mark in marks)


def test_accepted_suggestions_redact_every_occurrence(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", _written("Victim: Maria Delgado", "and Maria Delgado once more"))
    content = detect.suggest(source, "pii", contained=False)
    for mark in content["marks"]:
        mark["decision"] = "accepted"

    report = pipeline.redact(source, parse(content), tmp_path / "out.pdf")

    assert [row.verified for row in report.marks] == [2]


def test_a_line_with_telling_words_is_one_box(tmp_path: Path) -> None:
    line = "The juvenile was taken to hospital by ambulance"
    source = a_pdf(tmp_path / "in.pdf", _written("A page with a good number of words on it", line))

    [mark] = _marks(source)

    assert (mark["kind"], mark["page"]) == ("box", 1)
    wanted = place(line, 72, 680)
    assert mark["rect"][0] <= wanted[0] + 1
    assert mark["rect"][2] >= wanted[2] - 2
    assert mark["rect"][1] > place("", 72, 700)[1] + 5
    assert "health" in mark["note"]
    assert "child" in mark["note"]


def test_many_pages_are_named_only_in_part(tmp_path: Path) -> None:
    page = _written("Victim: Maria Delgado was here on this day")

    [mark] = _marks(a_pdf(tmp_path / "in.pdf", *[page] * 10))

    assert mark["note"].endswith("seen on page 1, 2, 3, 4, 5, 6, 7, 8 …")


def test_a_value_that_a_text_mark_would_miss_becomes_a_box(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "find_literal", lambda text, literal: [])

    [mark] = _marks(a_pdf(tmp_path / "in.pdf", _written("Victim: Maria Delgado was here on this day")))

    assert (mark["kind"], mark["reason"]) == ("box", "VICTIM")


def test_scans_are_read_and_their_finds_are_boxes(tmp_path: Path) -> None:
    source = a_page_with_a_picture(
        tmp_path / "in.pdf", a_painted("Victim: Maria Delgado, SSN 123-45-6789"), (50, 100, 500, 125)
    )

    marks = _marks(source)

    assert {mark["reason"] for mark in marks} >= {"PII_DOC"}
    assert all(mark["kind"] == "box" and 100 < mark["rect"][1] < mark["rect"][3] < 225 for mark in marks)


def test_a_scan_that_cannot_be_read_is_proposed_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "words", lambda *_, **__: None)
    source = a_page_with_a_picture(tmp_path / "in.pdf", a_painted("anything"), (50, 100, 500, 125))

    [mark] = _marks(source)

    assert mark["rect"] == [0, 0, 612, 792]
    assert "look at it yourself" in mark["note"]


def test_an_empty_page_is_passed_over(tmp_path: Path) -> None:
    assert _marks(a_pdf(tmp_path / "in.pdf", "")) == []


def test_a_picture_is_read_where_it_can_be(tmp_path: Path) -> None:
    a_painted("SSN 123-45-6789").save(tmp_path / "in.png")

    [mark] = _marks(tmp_path / "in.png")

    assert (mark["kind"], mark["page"], mark["extent"]) == ("box", 1, "exact")


def test_without_tesseract_a_picture_is_refused_with_the_packages_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "words", lambda *_, **__: None)
    a_painted("anything").save(tmp_path / "in.png")

    with pytest.raises(Refused, match="tesseract-ocr"):
        _marks(tmp_path / "in.png")


def test_progress_of_a_picture_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "words", lambda *_, **__: [])
    a_painted("anything").save(tmp_path / "in.png")
    told: list[float] = []

    assert documents.in_image(tmp_path / "in.png", progress=lambda share, _: told.append(share)) == []
    assert told == [1.0]


def test_words_of_a_picture_are_joined_by_lines() -> None:
    words = [
        Word("Maria", (10, 10, 60, 20), 0, 0),
        Word("Delgado", (70, 10, 140, 20), 0, 0),
        Word("SSN", (10, 30, 40, 40), 0, 0),
    ]

    read = pages._recognised(Sheet(1, 200, 100, 1.0), words)

    assert read.text == "Maria Delgado\nSSN"
    assert [word.first for word in read.words] == [0, 6, 14]


def test_a_mail_is_looked_through_as_the_pages_it_becomes(tmp_path: Path) -> None:
    source = a_mail(tmp_path / "in.eml", "The victim Maria Delgado has SSN 123-45-6789.")

    marks = _marks(source)

    assert {"Maria Delgado", "123-45-6789"} <= {mark.get("literal") for mark in marks}
