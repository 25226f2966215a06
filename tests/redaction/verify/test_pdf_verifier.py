from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from redaction import pipeline
from redaction.engines import pdf as engine
from redaction.report import MarkOutcome, Refused, Report
from redaction.verify import pdf as verifier
from tests.redaction.document_builders import HEIGHT, a_font, a_pdf, place, shown, some_marks

BOX: dict[str, Any] = {"kind": "box", "page": 1, "rect": place("SECRET", 72, 700), "extent": "exact"}


def a_release(tmp_path: Path, *entries: dict[str, Any]) -> tuple[Path, Path]:
    source = a_pdf(tmp_path / "in.pdf", shown("SECRET", 72, 700) + shown("public words", 72, 600))
    engine.redact(source, some_marks(*entries), tmp_path / "out.pdf")
    return source, tmp_path / "out.pdf"


def findings(output: Path, source: Path, *entries: dict[str, Any]) -> list[str]:
    marks = some_marks(*entries)
    report = Report(engine="", medium="pdf", marks=[MarkOutcome(mark.id, mark.kind) for mark in marks])
    return [str(finding) for finding in verifier.verify(output, source, marks, report)]


def test_good_release_holds(tmp_path: Path) -> None:
    source, output = a_release(tmp_path, BOX)

    assert findings(output, source, BOX) == []
    assert pipeline.verify(output) == []
    assert pipeline.verify(output, source, some_marks(BOX)) == []


def test_box_that_was_never_painted_is_named(tmp_path: Path) -> None:
    source, output = a_release(tmp_path)

    assert findings(output, source, BOX) == ["mark m1: the box is not black"]


def test_box_drawn_over_an_unpainted_picture_is_named(tmp_path: Path) -> None:
    source, output = a_release(tmp_path)
    with pikepdf.open(output, allow_overwriting_input=True) as made:
        content = made.pages[0].obj.Contents.read_bytes()
        x0, y0, x1, y1 = BOX["rect"]
        black = f"\n/Figure <</MCID 9>> BDC 0 g {x0} {HEIGHT - y1} {x1 - x0} {y1 - y0} re f EMC"
        made.pages[0].obj.Contents = made.make_stream(content + black.encode())
        made.save(output)

    assert findings(output, source, BOX) == ["mark m1: the box is not black"]
    assert any("under 1 filled boxes" in str(found) for found in verifier.examine(output))


def test_words_left_under_a_box_are_named(tmp_path: Path) -> None:
    source, output = a_release(tmp_path, BOX)
    with pikepdf.open(output, allow_overwriting_input=True) as made:
        content = made.pages[0].obj.Contents.read_bytes()
        word = "\n/F 10 Tf 100 Tz 1 0 0 1 74 699 Tm <00700075> Tj\nET EMC"
        start = "\n/P <</MCID 9>> BDC BT 3 Tr"
        made.pages[0].obj.Contents = made.make_stream(content + (start + word).encode())
        made.save(output)

    assert findings(output, source, BOX) == ["mark m1: letters can be read under the box"]


def test_text_mark_that_was_not_applied_is_named_twice(tmp_path: Path) -> None:
    source, output = a_release(tmp_path)

    found = findings(output, source, {"kind": "text", "literal": "secret"})

    assert found == [
        "mark m1: its text can still be read on page 1",
        "mark m1: its text can still be seen on page 1",
    ]


def test_text_mark_on_another_page_is_no_fault_here(tmp_path: Path) -> None:
    source, output = a_release(tmp_path)

    assert findings(output, source, {"kind": "text", "literal": "secret", "pages": [2]}) == []


def test_page_that_shows_or_says_more_than_its_notice_is_named(tmp_path: Path) -> None:
    source, output = a_release(tmp_path)

    found = findings(output, source, {"kind": "page", "page": 1})

    assert found == ["mark m1: the page says something else than that it is withheld"]


def test_black_page_with_the_right_words_is_not_a_notice(tmp_path: Path) -> None:
    mark = {"kind": "page", "page": 1, "reason": "VICTIM"}
    source, output = a_release(tmp_path, mark)
    with pikepdf.open(output, allow_overwriting_input=True) as made:
        picture = made.pages[0].obj.Resources.XObject.P
        picture.write(bytes(int(picture.Width) * int(picture.Height)))
        made.save(output)

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
    marks = some_marks(BOX)
    report = Report(engine="", medium="pdf", marks=[MarkOutcome("m1", "box")])

    assert verifier.verify(output, broken, marks, report) == []
    assert any("second reader" in warning for warning in report.warnings)


def with_script(made: pikepdf.Pdf) -> None:
    made.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=made.make_stream(b"alert()"))


def with_attachment(made: pikepdf.Pdf) -> None:
    made.attachments["a.txt"] = b"x"


def with_author(made: pikepdf.Pdf) -> None:
    made.trailer.Info.Author = String("A. Clerk")


def with_second_picture(made: pikepdf.Pdf) -> None:
    page = made.pages[0].obj
    page.Resources.XObject.Q = page.Resources.XObject.P


def with_plain_text(made: pikepdf.Pdf) -> None:
    page = made.pages[0].obj
    page.Contents = made.make_stream(page.Contents.read_bytes() + b"\nBT (SECRET) Tj ET")


def with_loose_string(made: pikepdf.Pdf) -> None:
    made.pages[0].obj.Comment = String("SECRET")


def with_loose_stream(made: pikepdf.Pdf) -> None:
    made.pages[0].obj.Extra = made.make_stream(b"SECRET")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (with_script, "holds a script"),
        (with_attachment, "holds an attachment"),
        (with_author, "says of itself: Author"),
        (with_second_picture, "does not consist of one picture"),
        (with_plain_text, "draws more than one picture"),
        (with_loose_string, "holds a text that is on no page"),
        (with_loose_stream, "holds a stream that belongs to no page"),
    ],
)
def test_anything_beside_rebuilt_pages_is_named(tmp_path: Path, spoil: Any, words: str) -> None:
    source, output = a_release(tmp_path, BOX)
    with pikepdf.open(output, allow_overwriting_input=True) as made:
        spoil(made)
        made.save(output)

    assert any(words in found for found in findings(output, source, BOX))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [(b"x", b"", "bytes before its beginning"), (b"", b"SECRETSECRET", "bytes after its end")],
)
def test_loose_bytes_around_a_pdf_are_named(tmp_path: Path, before: bytes, after: bytes, words: str) -> None:
    _, output = a_release(tmp_path)
    output.write_bytes(before + output.read_bytes() + after)

    assert words in [str(found) for found in verifier.examine(output)]


def test_older_revision_and_stray_objects_are_named(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "a.pdf", shown("a", 72, 700))
    content = source.read_bytes()
    start = int(content.rsplit(b"startxref", 1)[1].split()[0])
    with pikepdf.open(source) as pdf:
        size, root = int(pdf.trailer.Size), pdf.Root.objgen[0]
    added = f"{size} 0 obj\n<</A (SECRET)>>\nendobj\n"
    table = f"xref\n{size} 1\n{len(content):010} 00000 n \n"
    table += f"trailer\n<</Size {size + 1} /Root {root} 0 R /Prev {start}>>"
    end = f"{added}{table}\nstartxref\n{len(content) + len(added)}\n%%EOF\n"
    source.write_bytes(content + end.encode())

    found = [str(each) for each in verifier.examine(source)]

    assert "1 earlier revisions" in found
    assert "holds 1 objects that belong to no page" in found


def hidden_in(tmp_path: Path, content: str, **keys: Any) -> list[str]:
    return [str(found) for found in verifier.examine(a_pdf(tmp_path / "x.pdf", content, **keys))]


@pytest.mark.parametrize(
    "content",
    [
        shown("SECRET", 72, 700) + "0 g 70 690 120 24 re f",
        f"1 g {shown('SECRET', 72, 700)}0 g",
        shown("SECRET", 72, 700, mode=3),
        shown("SECRET", 72, 900),
        "0 g 70 690 120 24 re f " + shown("SECRET", 72, 700, mode=3),
    ],
    ids=["black box", "white", "invisible", "beside the page", "invisible on black"],
)
def test_words_that_can_be_read_but_not_seen_are_found_in_any_pdf(tmp_path: Path, content: str) -> None:
    found = hidden_in(tmp_path, content + "\n" + shown("public", 72, 500))

    assert "1 words can be read by a program but not seen (page 1)" in found


def test_words_under_an_annotation_are_found(tmp_path: Path) -> None:
    path = a_pdf(tmp_path / "x.pdf", shown("SECRET", 72, 700))
    with pikepdf.open(path, allow_overwriting_input=True) as made:
        cover = made.make_stream(b"0 g 0 0 120 24 re f")
        cover.Type, cover.Subtype, cover.BBox = Name.XObject, Name.Form, Array([0, 0, 120, 24])
        note = Dictionary(
            Type=Name.Annot, Subtype=Name.Square, Rect=Array([70, 690, 190, 714]), F=4, AP=Dictionary(N=cover)
        )
        made.pages[0].obj.Annots = Array([made.make_indirect(note)])
        made.save(path)

    found = [str(each) for each in verifier.examine(path)]

    assert "1 words can be read by a program but not seen (page 1)" in found
    assert "something lies under 1 filled boxes (page 1)" in found


def test_plain_page_with_tables_and_shaded_cells_is_no_finding(tmp_path: Path) -> None:
    content = (
        "0.9 g 60 690 300 24 re f 0 g 60 640 300 1 re f " + shown("cell", 72, 700) + shown("....", 72, 600)
    )

    assert hidden_in(tmp_path, content) == []


def test_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    broken, locked = tmp_path / "broken.pdf", tmp_path / "locked.pdf"
    broken.write_bytes(b"%PDF-1.4\nnothing")
    with pikepdf.new() as made:
        a_font(made)
        made.add_blank_page()
        made.save(locked, encryption=pikepdf.Encryption(owner="o", user="u"))

    with pytest.raises(Refused, match="broken"):
        verifier.examine(broken)
    with pytest.raises(Refused, match="encrypted"):
        verifier.examine(locked)
