from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from redaction.engines.pdf import vector
from redaction.report import MarkOutcome, Report
from redaction.verify import pdf as verifier
from tests.redaction.document_builders import some_marks
from tests.redaction.spoiling import BOX, a_release, draw_more, refuse, spoil


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page becomes a picture."""
    monkeypatch.setattr(vector, "rewrite", refuse)


def findings(output: Path, source: Path, *entries: dict[str, Any], engine_name: str = "") -> list[str]:
    marks = some_marks(*entries)
    report = Report(engine_name, "pdf", marks=[MarkOutcome(mark.id, mark.kind) for mark in marks])
    return [str(finding) for finding in verifier.verify(output, source, marks, report)]


def with_script(made: pikepdf.Pdf) -> None:
    made.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=made.make_stream(b"alert()"))


def with_attachment(made: pikepdf.Pdf) -> None:
    made.attachments["a.txt"] = b"x"


def with_author(made: pikepdf.Pdf) -> None:
    made.trailer.Info.Author = String("A. Clerk")


def with_own_information(made: pikepdf.Pdf) -> None:
    made.trailer.Info["/SECRET"] = String("x")


def with_loose_string(made: pikepdf.Pdf) -> None:
    made.pages[0].obj.Comment = String("SECRET")


def with_loose_stream(made: pikepdf.Pdf) -> None:
    made.Root.Extra = made.make_stream(b"SECRET")


def without_tree(made: pikepdf.Pdf) -> None:
    del made.Root.StructTreeRoot


def without_language(made: pikepdf.Pdf) -> None:
    made.Root.Lang = String("")


def without_tag(made: pikepdf.Pdf) -> None:
    made.Root.MarkInfo.Marked = False


def with_more_marks(made: pikepdf.Pdf) -> None:
    page = made.pages[0].obj
    page.Contents = made.make_stream(page.Contents.read_bytes() + b"\n/P <</MCID 77>> BDC\nEMC")


def with_unmarked_drawing(made: pikepdf.Pdf) -> None:
    page = made.pages[0].obj
    page.Contents = made.make_stream(page.Contents.read_bytes() + b"\n0 0 5 5 re\nf")


def with_nested_marks(made: pikepdf.Pdf) -> None:
    draw_more("/Artifact BMC\nEMC")(made)


def elements(made: pikepdf.Pdf) -> Any:
    return made.Root.StructTreeRoot.K.K[0].K


def with_other_words_for_a_figure(made: pikepdf.Pdf) -> None:
    next(each for each in elements(made) if Name.Figure == each.S).Alt = String("SECRET")


def with_words_for_a_paragraph(made: pikepdf.Pdf) -> None:
    next(each for each in elements(made) if Name.Figure != each.S).Alt = String("redacted")


def with_an_unknown_element(made: pikepdf.Pdf) -> None:
    elements(made)[0].S = Name("/Secret")


def with_a_lost_parent(made: pikepdf.Pdf) -> None:
    made.Root.StructTreeRoot.ParentTree.Nums[1] = Array([])


def with_a_lost_section(made: pikepdf.Pdf) -> None:
    made.Root.StructTreeRoot.K.K = Array([])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (with_script, "holds a script"),
        (with_attachment, "holds an attachment"),
        (with_author, "says of itself: Author"),
        (with_own_information, "says of itself: an entry of its own"),
        (with_loose_string, "holds a text that is on no page"),
        (with_loose_stream, "holds an entry in the document's head that is not known"),
        (without_tree, "has no structure tree"),
        (without_language, "does not name its language"),
        (without_tag, "does not say that it is tagged"),
        (with_more_marks, "has content on page 1 that its structure tree leaves out"),
        (with_unmarked_drawing, "draws something that is not marked"),
        (with_nested_marks, "has marked content inside other marked content"),
        (with_other_words_for_a_figure, "has a figure without known words"),
        (with_words_for_a_paragraph, "has a replacement for text"),
        (with_an_unknown_element, "has an element in its structure tree that is not known"),
        (with_a_lost_parent, "has a structure tree that cannot be followed"),
        (with_a_lost_section, "has a structure tree that leaves out pages"),
    ],
)
def test_anything_beside_own_pages_is_named(tmp_path: Path, change: Any, words: str) -> None:
    source, output = a_release(tmp_path, BOX)
    spoil(output, change)

    assert any(words in found for found in findings(output, source, BOX))


def with_second_picture(made: pikepdf.Pdf) -> None:
    page = made.pages[0].obj
    page.Resources.XObject.Q = page.Resources.XObject.P


def with_plain_text(made: pikepdf.Pdf) -> None:
    page = made.pages[0].obj
    page.Contents = made.make_stream(page.Contents.read_bytes() + b"\nBT (SECRET) Tj ET")


def with_key(made: pikepdf.Pdf) -> None:
    made.pages[0].obj.Resources.XObject.P.Name = Name.SECRET


def with_outlines(made: pikepdf.Pdf) -> None:
    font = made.pages[0].obj.Resources.Font.F.DescendantFonts[0]
    font.CIDToGIDMap = made.make_stream(b"\0\1" * 50)


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (with_second_picture, "does not consist of one picture"),
        (with_plain_text, "draws more than one picture"),
        (with_key, "holds an entry that is not known: /Name"),
        (with_outlines, "has a font that draws something"),
    ],
)
def test_anything_beside_a_picture_is_named(tmp_path: Path, change: Any, words: str) -> None:
    source, output = a_release(tmp_path, BOX)
    spoil(output, change)

    assert any(words in found for found in findings(output, source, BOX))


def test_bytes_between_objects_are_named(tmp_path: Path) -> None:
    source, output = a_release(tmp_path, BOX)
    content = output.read_bytes()
    place_ = content.index(b"endobj\n") + 7
    output.write_bytes(content[:place_] + b"% SECRET\n" + content[place_:])

    assert "bytes between its objects" in findings(output, source, BOX)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [(b"x", b"", "bytes before its beginning"), (b"", b"SECRETSECRET", "bytes after its end")],
)
def test_loose_bytes_around_a_pdf_are_named(tmp_path: Path, before: bytes, after: bytes, words: str) -> None:
    _, output = a_release(tmp_path)
    output.write_bytes(before + output.read_bytes() + after)

    assert words in [str(found) for found in verifier.examine(output)]
