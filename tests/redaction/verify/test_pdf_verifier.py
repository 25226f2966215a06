from pathlib import Path
from typing import Any

import pikepdf
import pytest

from redaction import pipeline
from redaction.engines import pdf as engine
from redaction.engines.pdf import vector
from redaction.report import MarkOutcome, Report
from redaction.verify import pdf as verifier
from redaction.verify.pdf import poppler
from tests.redaction.document_builders import HEIGHT, a_pdf, place, shown, some_marks
from tests.redaction.spoiling import BOX, SECRET, a_release, draw_more, refuse, spoil, write


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page becomes a picture."""
    monkeypatch.setattr(vector, "rewrite", refuse)


def findings(output: Path, source: Path, *entries: dict[str, Any], engine_name: str = "") -> list[str]:
    marks = some_marks(*entries)
    report = Report(engine_name, "pdf", marks=[MarkOutcome(mark.id, mark.kind) for mark in marks])
    return [str(finding) for finding in verifier.verify(output, source, marks, report)]


def test_good_release_holds(tmp_path: Path) -> None:
    source, output = a_release(tmp_path, BOX)

    assert findings(output, source, BOX) == []
    assert pipeline.verify(output, contained=False) == []
    assert pipeline.verify(output, source, some_marks(BOX), contained=False) == []


@pytest.mark.usefixtures("drawn")
def test_good_release_of_pictures_holds(tmp_path: Path) -> None:
    source, output = a_release(tmp_path, BOX)

    assert findings(output, source, BOX) == []
    assert pipeline.verify(output, contained=False) == []


def test_box_that_was_never_painted_is_named(tmp_path: Path) -> None:
    source, output = a_release(tmp_path)

    assert findings(output, source, BOX) == [
        "mark m1: the box is not black",
        "mark m1: letters can be read under the box",
    ]


@pytest.mark.usefixtures("drawn")
def test_box_drawn_over_an_unpainted_picture_is_named(tmp_path: Path) -> None:
    source, output = a_release(tmp_path, BOX)
    clean = tmp_path / "clean"
    clean.mkdir()
    _, unpainted = a_release(clean)

    def change(made: pikepdf.Pdf) -> None:
        with pikepdf.open(unpainted) as other:
            made.pages[0].obj.Resources.XObject.P = made.copy_foreign(other.pages[0].obj.Resources.XObject.P)

    spoil(output, change)

    assert findings(output, source, BOX) == ["mark m1: the box is not black"]
    assert any("under 1 filled boxes" in str(found) for found in verifier.examine(output))


@pytest.mark.usefixtures("drawn")
def test_words_left_under_a_box_of_a_picture_are_named(tmp_path: Path) -> None:
    source, output = a_release(tmp_path, BOX)

    def change(made: pikepdf.Pdf) -> None:
        page = made.pages[0].obj
        word = b"/F 10 Tf 100 Tz 1 0 0 1 74 699 Tm <00700075> Tj\nET EMC"
        page.Contents = made.make_stream(page.Contents.read_bytes().replace(b"ET EMC", word, 1))

    spoil(output, change)

    assert set(findings(output, source, BOX)) >= {
        "letters can be read in a black area (page 1)",
        "mark m1: letters can be read under the box",
    }


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (write("R", 72, 700), "letters can be read in a black area (page 1)"),
        (write("ghost", 72, 500, mode=3), "holds content in a form that is not known (page 1)"),
        ("0.5 g\n80 705 9 6 re\nf", "something lies under a black area (page 1)"),
        ("q 1 0 0 1 0 0 cm /I0 Do Q % x", "holds content in a form that is not known (page 1)"),
    ],
    ids=["letter", "invisible", "drawing", "comment"],
)
def test_fault_of_a_rewritten_page_is_named(tmp_path: Path, more: str, words: str) -> None:
    source, output = a_release(tmp_path, BOX)
    spoil(output, draw_more(more))

    assert words in findings(output, source, BOX)


def test_text_mark_that_was_not_applied_is_named_twice(tmp_path: Path) -> None:
    source, output = a_release(tmp_path)

    found = findings(output, source, {"kind": "text", "literal": "secret"})

    assert found == [
        "mark m1: its text can still be read on page 1",
        "mark m1: its text can still be seen on page 1",
    ]


@pytest.mark.usefixtures("drawn")
def test_text_mark_not_applied_to_a_picture_is_named_twice(tmp_path: Path) -> None:
    source, output = a_release(tmp_path)

    assert len(findings(output, source, {"kind": "text", "literal": "secret"})) == 2


def test_text_mark_on_another_page_is_no_fault_here(tmp_path: Path) -> None:
    source, output = a_release(tmp_path)

    assert findings(output, source, {"kind": "text", "literal": "secret", "pages": [2]}) == []


def test_page_that_says_more_than_its_notice_is_named(tmp_path: Path) -> None:
    source, output = a_release(tmp_path)

    found = findings(output, source, {"kind": "page", "page": 1})

    assert found == ["mark m1: the page says something else than that it is withheld"]


def test_black_page_with_the_right_words_is_not_a_notice(tmp_path: Path) -> None:
    mark = {"kind": "page", "page": 1, "reason": "VICTIM"}
    source, output = a_release(tmp_path, mark)

    def change(made: pikepdf.Pdf) -> None:
        picture = made.pages[0].obj.Resources.XObject.P
        picture.write(bytes(int(picture.Width) * int(picture.Height)))

    held = findings(output, source, mark)
    spoil(output, change)

    assert held == []
    assert findings(output, source, mark) == ["mark m1: the page shows more than its notice"]


def test_page_that_is_not_there_is_named(tmp_path: Path) -> None:
    source, output = a_release(tmp_path)

    assert findings(output, source, {**BOX, "page": 2}) == ["mark m1: its page is missing"]


def test_release_with_fewer_pages_than_its_source_is_named(tmp_path: Path) -> None:
    _, output = a_release(tmp_path)
    source = a_pdf(tmp_path / "two.pdf", shown("a", 72, 700), shown("b", 72, 700))

    assert findings(output, source) == ["has 1 pages, its source 2"]


def test_source_only_the_engine_can_read_is_a_warning(tmp_path: Path) -> None:
    _, output = a_release(tmp_path, BOX)
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4\nnothing")
    marks = some_marks(BOX, {"kind": "text", "literal": "absent"})
    report = Report(engine="", medium="pdf", marks=[MarkOutcome("m1", "box"), MarkOutcome("m2", "text")])

    assert verifier.verify(output, broken, marks, report) == []
    assert sum("second reader" in warning for warning in report.warnings) == 1


def test_page_without_text_must_be_in_the_report(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", "0 g 100 100 50 50 re f")
    engine.redact(source, some_marks(), tmp_path / "out.pdf")

    found = findings(tmp_path / "out.pdf", source, engine_name="an engine")

    assert found == ["has no readable text, and the report does not say so (page 1)"]


def test_words_only_poppler_reads_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, output = a_release(tmp_path, BOX)
    x0, y0, x1, y1 = BOX["rect"]
    words = poppler.Words([SECRET], [(x0, y0, x1, y1)])
    monkeypatch.setattr(poppler, "pages", lambda _path: iter([words]))

    assert findings(output, source, BOX, {"kind": "text", "literal": "secret"}) == [
        "letters can be read in a black area (page 1)",
        "mark m1: letters can be read under the box",
        "mark m2: its text can still be read on page 1",
    ]


def test_turned_and_scaled_page_is_verified_where_it_is_displayed(tmp_path: Path) -> None:
    source = a_pdf(
        tmp_path / "in.pdf", shown(SECRET, 72, 700) + shown("public", 72, 400), rotate=90, UserUnit=2
    )
    x0, y0, x1, y1 = place(SECRET, 72, 700)
    rect = [2 * edge for edge in (HEIGHT - y1, x0, HEIGHT - y0, x1)]
    mark = {"kind": "box", "page": 1, "rect": rect, "extent": "exact"}

    report = pipeline.redact(source, some_marks(mark), tmp_path / "out.pdf", contained=False)

    assert report.outcome("m1").verified == 1


def test_third_reader_that_fails_is_said_and_holds_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, output = a_release(tmp_path, BOX)
    marks = some_marks(BOX)
    report = Report("", "pdf", marks=[MarkOutcome(mark.id, mark.kind) for mark in marks])
    monkeypatch.setattr(poppler, "is_installed", lambda: True)
    monkeypatch.setattr(poppler, "pages", lambda _path: iter(()))

    found = verifier.verify(output, source, marks, report)

    assert found == []
    assert report.warnings == [
        "Poppler is installed but could not read the result, so two readers checked it"
    ]
