from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pytest
from numpy.typing import NDArray
from pdfminer.high_level import extract_text
from pikepdf import Dictionary, Name

from redaction import pipeline
from redaction.engines.pdf import crosscheck
from redaction.marks import Marks
from redaction.report import Refused, Report
from tests.redaction.document_builders import (
    CROP,
    HEIGHT,
    HIDDEN,
    WIDTH,
    a_pdf,
    a_torture_pdf,
    every_byte,
    forms_of,
    place,
    shown,
    some_marks,
)


def redacted(tmp_path: Path, source: Path, marks: Marks) -> tuple[Path, Report]:
    target = tmp_path / "out.pdf"
    return target, pipeline.redact(source, marks, target, contained=False)


def words_of(path: Path) -> list[str]:
    return extract_text(path).split()


def picture_of(path: Path, number: int = 1, scale: float = 2) -> NDArray[np.uint8]:
    document = pypdfium2.PdfDocument(path)
    picture: NDArray[np.uint8] = document[number - 1].render(scale=scale).to_numpy().copy()
    document.close()
    return picture


def cropped(text: str, x: float, y: float) -> list[float]:
    x0, y0, x1, y1 = place(text, x, y)
    return [x0 - CROP, y0 - CROP, x1 - CROP, y1 - CROP]


BOXED = {"BOXEDNAME": 650, "FORMNAME": 600, "FIELDNAME": 550, "FREENAME": 500}


@pytest.fixture(scope="module")
def tortured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Report]:
    folder = tmp_path_factory.mktemp("torture")
    marks = some_marks(
        *({"kind": "box", "page": 1, "rect": cropped(word, 72, y)} for word, y in BOXED.items())
    )
    return redacted(folder, a_torture_pdf(folder / "in.pdf"), marks)


def test_torture_file_really_holds_its_secrets_before(tmp_path: Path) -> None:
    source = a_torture_pdf(tmp_path / "in.pdf")

    content = every_byte(source)

    missing = [
        name for name, secret in HIDDEN.items() if not any(form in content for form in forms_of(secret))
    ]
    assert missing == []


@pytest.mark.parametrize("secret", [*HIDDEN.values(), *BOXED])
def test_withheld_word_is_in_no_byte_of_the_release(tortured: tuple[Path, Report], secret: str) -> None:
    target, _ = tortured

    content = every_byte(target)

    assert not [form for form in forms_of(secret) if form in content]
    assert secret not in extract_text(target)


def test_what_was_seen_and_not_marked_can_still_be_read(tortured: tuple[Path, Report]) -> None:
    target, report = tortured

    assert words_of(target) == ["Visible", "words", "remain", "drawn", "listed"]
    assert [(row.requested, row.applied, row.verified) for row in report.marks] == [(1, 1, 1)] * 4


def test_what_was_thrown_away_is_named_for_people(tortured: tuple[Path, Report]) -> None:
    _, report = tortured

    removed = {warning.removeprefix("removed: ") for warning in report.warnings}
    assert {"scripts", "attachments", "form fields", "notes and links", "layers", "bookmarks"} <= removed
    assert "earlier revisions kept inside the file" in removed
    assert report.details["pages_rasterised"][0]["why"]


def test_release_has_a_structure_tree_a_language_and_a_neutral_title(tortured: tuple[Path, Report]) -> None:
    target, _ = tortured

    with pikepdf.open(target) as made:
        kinds = {str(part.S) for part in made.objects if isinstance(part, Dictionary) and Name.S in part}
        assert {"/Document", "/Sect", "/P", "/Figure"} <= kinds
        assert str(made.Root.Lang) == "en-US"
        assert dict(made.docinfo) == {"/Title": "Released record"}
        assert bool(made.Root.MarkInfo.Marked)


def test_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("Some words here", 72, 700))
    marks = some_marks({"kind": "text", "literal": "words"})

    first = pipeline.redact(source, marks, tmp_path / "a.pdf", contained=False)
    second = pipeline.redact(source, marks, tmp_path / "b.pdf", contained=False)

    assert first.target_sha256 == second.target_sha256


def test_box_grows_to_the_end_of_its_line_unless_it_is_exact(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("alpha bravo charlie", 72, 700) + shown("delta echo", 72, 680))
    rect = place("bravo", 72 + 6 * 7.2, 700)

    line, _ = redacted(tmp_path, source, some_marks({"kind": "box", "page": 1, "rect": rect}))
    after_line = words_of(line)
    exact, report = redacted(
        tmp_path, source, some_marks({"kind": "box", "page": 1, "rect": rect, "extent": "exact"})
    )

    assert after_line == ["alpha", "delta", "echo"]
    assert words_of(exact) == ["alpha", "charlie", "delta", "echo"]
    assert any("how wide" in warning for warning in report.warnings)


def test_box_grows_only_to_the_next_column_and_always_as_far(tmp_path: Path) -> None:
    def right_edge(name: str) -> int:
        content = shown(name, 72, 700) + shown("second", 400, 700) + shown("more of column one", 72, 660)
        source = a_pdf(tmp_path / f"{name}.pdf", content)
        marks = some_marks({"kind": "box", "page": 1, "rect": place(name, 72, 700)})
        target, _ = redacted(tmp_path, source, marks)
        assert set(words_of(target)) == {"second", "more", "of", "column", "one"}
        black = picture_of(target)[(80 * 2) : (100 * 2), : 390 * 2, 0] < 40
        rows = black[black.any(axis=1)]
        assert (rows == rows[0]).all()  # one rectangle: a step would show where the drawn box ended
        return int(np.flatnonzero(rows[0]).max())

    assert right_edge("Al") == right_edge("Bartholomew")


def test_box_over_two_lines_grows_each_to_its_own_column(tmp_path: Path) -> None:
    content = shown("alpha bravo", 72, 700) + shown("aside", 400, 700) + shown("delta echo foxtrot", 72, 686)
    source = a_pdf(tmp_path / "in.pdf", content + shown("golf", 72, 660))

    marks = some_marks({"kind": "box", "page": 1, "rect": [70, HEIGHT - 710, 110, HEIGHT - 684]})
    target, _ = redacted(tmp_path, source, marks)

    assert sorted(words_of(target)) == ["aside", "golf"]


def test_box_over_text_that_runs_downwards_is_not_grown_and_says_so(tmp_path: Path) -> None:
    down = "BT /F 12 Tf 0 -1 1 0 72 700 Tm (SECRET) Tj ET\n"
    source = a_pdf(tmp_path / "in.pdf", down + shown("public", 120, 690))

    marks = some_marks({"kind": "box", "page": 1, "rect": [65, 90, 90, 140]})
    target, report = redacted(tmp_path, source, marks)

    assert words_of(target) == ["public"]
    assert any("does not run from left to right" in warning for warning in report.warnings)


def test_text_mark_reaches_words_that_run_downwards_or_stand_beside_the_page(tmp_path: Path) -> None:
    down = "BT /F 12 Tf 0 -1 1 0 72 700 Tm (SECRET) Tj ET\n"
    source = a_pdf(tmp_path / "in.pdf", down + shown("SECRET", 72, 900) + shown("public", 120, 600))

    target, report = redacted(tmp_path, source, some_marks({"kind": "text", "literal": "secret"}))

    assert words_of(target) == ["public"]
    assert report.outcome("m1").verified == 2


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_box_lands_on_a_turned_page_as_it_is_displayed(tmp_path: Path, turn: int) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("SECRET", 72, 700) + shown("public", 72, 400), rotate=turn)
    x0, y0, x1, y1 = place("SECRET", 72, 700)
    rect = {
        0: [x0, y0, x1, y1],
        90: [HEIGHT - y1, x0, HEIGHT - y0, x1],
        180: [WIDTH - x1, HEIGHT - y1, WIDTH - x0, HEIGHT - y0],
        270: [y0, WIDTH - x1, y1, WIDTH - x0],
    }[turn]

    target, _ = redacted(
        tmp_path, source, some_marks({"kind": "box", "page": 1, "rect": rect, "extent": "exact"})
    )

    # pdfminer parts letters that run down the page, and reads those that run up from the top
    assert sorted("".join(words_of(target))) == sorted("public")
    size = pypdfium2.PdfDocument(target)[0].get_size()
    assert size == ((HEIGHT, WIDTH) if turn % 180 else (WIDTH, HEIGHT))


def test_user_unit_scales_the_page_and_its_boxes(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("SECRET", 72, 700) + shown("public", 72, 400), UserUnit=2)
    rect = [2 * edge for edge in place("SECRET", 72, 700)]

    target, _ = redacted(tmp_path, source, some_marks({"kind": "box", "page": 1, "rect": rect}))

    assert words_of(target) == ["public"]
    with pikepdf.open(target) as made:
        page = made.pages[0].obj
        assert [float(edge) * float(page.get("/UserUnit", 1)) for edge in page.MediaBox][2:] == [
            2 * WIDTH,
            2 * HEIGHT,
        ]


def test_text_mark_finds_every_occurrence_across_breaks_hyphens_and_case(tmp_path: Path) -> None:
    first = (
        shown("Jane Roe met JANE", 72, 700) + shown("ROE and Jane-", 72, 686) + shown("Roe there", 72, 672)
    )
    source = a_pdf(tmp_path / "in.pdf", first, shown("jane roe again, Janet Roebuck not", 72, 700))

    target, report = redacted(tmp_path, source, some_marks({"kind": "text", "literal": "jane roe"}))

    assert report.outcome("m1").verified == report.outcome("m1").requested >= 3
    left = " ".join(words_of(target)).lower()
    assert "jane" not in left.replace("janet", "")
    assert "janet" in left


def test_text_mark_on_some_pages_leaves_the_others(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("Roe one", 72, 700), shown("Roe two", 72, 700))

    target, report = redacted(tmp_path, source, some_marks({"kind": "text", "literal": "Roe", "pages": [2]}))

    assert sorted(words_of(target)) == ["Roe", "one", "two"]
    assert report.outcome("m1").verified == 1


def test_pattern_paints_what_looks_like_a_number_and_only_that(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("SSN 123-45-6789 case 26-00123", 72, 700))

    target, _ = redacted(tmp_path, source, some_marks({"kind": "text", "pattern": "ssn"}))

    assert words_of(target) == ["SSN", "case", "26-00123"]


def test_text_found_nowhere_is_a_warning(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("nothing here", 72, 700))

    _, report = redacted(tmp_path, source, some_marks({"kind": "text", "literal": "absent"}))

    assert "mark m1: its text was found nowhere" in report.warnings


def test_text_only_the_second_reader_sees_is_refused(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("Jane Roe", 72, 700))

    with pytest.raises(Refused, match="mark m1: two readers disagree"):
        crosscheck.refuse_unseen(source, some_marks({"kind": "text", "literal": "Roe"}), {})


def test_withheld_page_says_so_and_why_but_not_the_note(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("kept", 72, 700), shown("SECRET", 72, 700))
    mark = {"kind": "page", "page": 2, "reason": "VICTIM", "exemption": "Ex. 7(C)", "note": "INTERNAL"}

    target, _ = redacted(tmp_path, source, some_marks(mark))

    left = " ".join(words_of(target))
    assert left == "kept Page 2 is withheld. Reason: VICTIM Exemption: Ex. 7(C)"
    assert 0 < float((picture_of(target, 2) < 128).mean()) < 0.05


def test_words_that_lie_over_each_other_are_not_trusted(tmp_path: Path) -> None:
    content = shown("PUBLIC", 72, 700) + shown("SECRET", 72, 700) + shown("clear", 72, 600)
    source = a_pdf(tmp_path / "in.pdf", content)

    target, _ = redacted(tmp_path, source, Marks())

    left = words_of(target)
    assert "clear" in left
    assert not {"PUBLIC", "SECRET"}.intersection(left)


def test_text_under_a_picture_does_not_pass(tmp_path: Path) -> None:
    path = tmp_path / "in.pdf"
    made = pikepdf.open(
        a_pdf(tmp_path / "plain.pdf", shown("SECRET", 72, 700) + "q 200 0 0 60 60 680 cm /I Do Q")
    )
    noise = np.random.default_rng(7).integers(0, 255, (60, 200), dtype=np.uint8)
    image = made.make_stream(noise.tobytes())
    image.Type, image.Subtype, image.Width, image.Height = Name.XObject, Name.Image, 200, 60
    image.ColorSpace, image.BitsPerComponent = Name.DeviceGray, 8
    made.pages[0].obj.Resources.XObject = Dictionary(I=image)
    made.save(path)

    target, report = redacted(tmp_path, path, Marks())

    assert words_of(target) == []
    assert any("no readable text" in warning for warning in report.warnings)


def test_large_coloured_page_is_stored_as_jpeg_and_still_verified(tmp_path: Path) -> None:
    path = tmp_path / "in.pdf"
    made = pikepdf.open(a_pdf(tmp_path / "plain.pdf", "q 612 0 0 792 0 0 cm /I Do Q"))
    noise = np.random.default_rng(7).integers(0, 255, (792, 612, 3), dtype=np.uint8)
    image = made.make_stream(noise.tobytes())
    image.Type, image.Subtype, image.Width, image.Height = Name.XObject, Name.Image, 612, 792
    image.ColorSpace, image.BitsPerComponent = Name.DeviceRGB, 8
    made.pages[0].obj.Resources.XObject = Dictionary(I=image)
    made.save(path)

    target, report = redacted(
        tmp_path, path, some_marks({"kind": "box", "page": 1, "rect": [100, 100, 300, 300]})
    )

    assert report.outcome("m1").verified == 1
    with pikepdf.open(target) as out:
        assert out.pages[0].obj.Resources.XObject.P.Filter == Name.DCTDecode
    assert int(picture_of(target)[202:598, 202:598].max()) <= 40
