from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from pdfminer.pdfinterp import PDFPageInterpreter
from pdfminer.pdfpage import PDFPage
from pikepdf import Array

from redaction import letters
from redaction.report import Refused
from tests.redaction.document_builders import CROP, a_pdf, shown


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_both_readers_find_each_letter_in_the_same_place(tmp_path: Path, turn: int) -> None:
    path = a_pdf(
        tmp_path / "a.pdf",
        shown("Hxg", 72, 700),
        rotate=turn,
        UserUnit=2,
        CropBox=Array([CROP, CROP, 500, 750]),
    )
    (mined,) = letters.by_pdfminer(path)
    document = pypdfium2.PdfDocument(path)
    seen = letters.by_pdfium(document[0], 1, 2.0)
    document.close()

    assert mined is not None
    assert mined.texts == seen.texts == ["H", "x", "g"]
    assert (mined.width, mined.height) == (seen.width, seen.height)
    middles = [(found.boxes[:, :2] + found.boxes[:, 2:]) / 2 for found in (mined, seen)]
    assert np.abs(middles[0] - middles[1]).max() < 8  # one gives the whole line's height, one the ink
    assert not mined.unseen.any()


def test_text_that_draws_nothing_is_told_by_pdfminer(tmp_path: Path) -> None:
    path = a_pdf(tmp_path / "a.pdf", shown("a", 72, 700) + shown("b", 72, 600, mode=3))

    (mined,) = letters.by_pdfminer(path)

    assert mined is not None
    assert mined.unseen.tolist() == [False, True]
    assert [sorted(codes) for codes in mined.codes.values()] == [[97, 98]]


def test_filled_paths_are_told_with_their_places(tmp_path: Path) -> None:
    (mined,) = letters.by_pdfminer(a_pdf(tmp_path / "a.pdf", "10 692 30 20 re f 0 0 m 9 9 l S"))

    assert mined is not None
    assert mined.covers.tolist() == [[10, 80, 40, 100]]


def test_long_document_is_read_without_keeping_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "_MOST_KEPT", 0)
    path = a_pdf(tmp_path / "a.pdf", *(shown(name, 72, 700) for name in "abc"))

    assert [mined.texts for mined in letters.by_pdfminer(path) if mined] == [["a"], ["b"], ["c"]]


def test_page_that_cannot_be_read_is_nothing_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = PDFPageInterpreter.process_page

    def process(self: PDFPageInterpreter, page: PDFPage) -> None:
        if page.rotate == 90:
            raise ValueError("words of the record")
        good(self, page)

    monkeypatch.setattr(PDFPageInterpreter, "process_page", process)
    path = a_pdf(tmp_path / "a.pdf", shown("a", 72, 700), rotate=90)

    assert list(letters.by_pdfminer(path)) == [None]


def test_document_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4\nnothing")

    with pytest.raises(Refused, match="second reader"):
        list(letters.by_pdfminer(broken))


def test_letter_without_a_meaning_is_one_that_should_be_seen() -> None:
    assert letters.is_inked("a")
    assert letters.is_inked(letters.UNKNOWN)
    assert not letters.is_inked(" ")
    assert not letters.is_inked("\x02")


def test_box_of_no_letters_is_an_empty_list(tmp_path: Path) -> None:
    (mined,) = letters.by_pdfminer(a_pdf(tmp_path / "a.pdf", "q Q"))

    assert mined is not None
    assert mined.boxes.shape == (0, 4)
