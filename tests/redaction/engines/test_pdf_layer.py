"""The invisible words over a page that became a picture, as other readers read them."""

import subprocess
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest

from redaction.engines.pdf import rebuild, sheet
from redaction.engines.pdf.sheet import Glyph, Sheet, Word
from redaction.verify.pdf import hidden

BLANK = np.full((400, 400), 255, np.uint8)


def page_of(path: Path, *words: Word) -> Path:
    pdf = pikepdf.new()
    invisible = rebuild.Invisible(pdf)
    made, _ = rebuild.page(pdf, invisible, (200, 200), BLANK, list(words), [])
    invisible.finish()
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(made)))
    pdf.save(path)
    return path


def words_by_pdfium(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    found: list[str] = document[0].get_textpage().get_text_range().split()
    document.close()
    return found


def test_words_that_run_down_the_page_are_read_by_pdfium(tmp_path: Path) -> None:
    words = Word("sideways", (50, 20, 62, 90), 0, 8, upright=False), Word("across", (80, 20, 130, 32), 9, 15)

    made = page_of(tmp_path / "made.pdf", *words)

    assert sorted(words_by_pdfium(made)) == ["across", "sideways"]


def test_empty_letters_leave_no_ink(tmp_path: Path) -> None:
    made = page_of(tmp_path / "made.pdf", Word("sideways", (50, 20, 62, 90), 0, 8, upright=False))

    document = pypdfium2.PdfDocument(made)
    drawn = document[0].render(scale=3).to_numpy().copy()
    document.close()

    assert int(drawn.min()) == 255


@pytest.mark.parametrize("text", ["שלום", "سلام", "12345", "word"])
def test_a_word_is_read_in_its_own_direction(tmp_path: Path, text: str) -> None:
    made = page_of(tmp_path / "made.pdf", Word(text, (50, 20, 90, 32), 0, len(text)))

    read = subprocess.run(["pdftotext", str(made), "-"], capture_output=True, text=True, check=True).stdout

    letters = "".join(each for each in read if each.isalnum())
    assert letters == text


def test_stops_alone_are_not_taken_for_hidden_words(tmp_path: Path) -> None:
    stops = [
        Word(".", (20.0 + 10 * place, 50, 20.8 + 10 * place, 50.8), place, place + 1) for place in range(9)
    ]

    made = page_of(tmp_path / "made.pdf", *stops)

    assert not [fault for fault in hidden.faults(made) if "too small" in fault.message]


def test_words_too_small_to_be_read_do_not_pass() -> None:
    glyphs = [
        Glyph(letter, (10 + place / 2, 10, 10.5 + place / 2, 10.8)) for place, letter in enumerate("tiny")
    ]
    words = [Word("tiny", (10, 10, 12, 10.8), 0, 4), Word("\u2014", (40, 10, 41, 10.5), 4, 5)]
    glyphs.append(Glyph("\u2014", (40, 10, 41, 10.5)))
    made = Sheet(1, 200, 200, 2, glyphs, words)

    assert [word.text for word in sheet.visible(made, BLANK * 0, BLANK)] == ["\u2014"]
