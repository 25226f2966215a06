import zlib
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from redaction import letters
from redaction.report import Refused
from redaction.verify import pdf as verifier
from redaction.verify.pdf import structure
from tests.redaction.document_builders import a_font, a_pdf, shown

UNSEEN = "1 words can be read by a program but not seen (page 1)"


def examined(path: Path) -> list[str]:
    return [str(found) for found in verifier.examine(path)]


def hidden_in(tmp_path: Path, content: str, **keys: Any) -> list[str]:
    return examined(a_pdf(tmp_path / "x.pdf", content, **keys))


@pytest.mark.parametrize(
    "content",
    [
        shown("SECRET", 72, 700) + "0 g 70 690 120 24 re f",
        f"1 g {shown('SECRET', 72, 700)}0 g",
        shown("SECRET", 72, 700, mode=3),
        shown("SECRET", 72, 900),
        "0 g 70 690 120 24 re f " + shown("SECRET", 72, 700, mode=3),
        f"q 0 0 9 9 re W n {shown('SECRET', 72, 700)} Q",
    ],
    ids=["black box", "white", "invisible", "beside the page", "invisible on black", "clipped"],
)
def test_words_that_can_be_read_but_not_seen_are_found_in_any_pdf(tmp_path: Path, content: str) -> None:
    assert UNSEEN in hidden_in(tmp_path, content + "\n" + shown("public", 72, 500))


def test_words_under_hatching_or_half_under_a_box_are_found(tmp_path: Path) -> None:
    hatched = "".join(f"{x} 690 3.6 24 re f\n" for x in range(70, 190, 4))
    half = shown("SECRET", 300, 700) + "322 690 80 24 re f\n"

    found = hidden_in(tmp_path, "0 g " + shown("SECRET", 72, 700) + hatched + half)

    assert "2 words can be read by a program but not seen (page 1)" in found


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_words_under_a_box_are_found_on_turned_pages(tmp_path: Path, turn: int) -> None:
    path = a_pdf(tmp_path / "x.pdf", shown("SECRET", 72, 700) + "0 g 70 690 120 24 re f", rotate=turn)

    assert UNSEEN in examined(path)


def test_words_too_small_to_be_read_are_found(tmp_path: Path) -> None:
    assert "holds words too small to be read (page 1)" in hidden_in(
        tmp_path, shown("SECRET", 72, 700, size=0.8)
    )


def with_note(path: Path, note: Any, look: bytes = b"0 g 0 0 120 24 re f", font: Any = None) -> None:
    with pikepdf.open(path, allow_overwriting_input=True) as made:
        cover = made.make_stream(look)
        cover.Type, cover.Subtype, cover.BBox = Name.XObject, Name.Form, Array([0, 0, 120, 24])
        cover.Resources = Dictionary(Font=Dictionary(F=a_font(made)))
        note.AP = Dictionary(N=cover)
        made.pages[0].obj.Annots = Array([made.make_indirect(note)])
        made.save(path)


def a_note(kind: Name) -> Any:
    return Dictionary(Type=Name.Annot, Subtype=kind, Rect=Array([70, 690, 190, 714]), F=4)


def test_words_under_an_annotation_are_found(tmp_path: Path) -> None:
    path = a_pdf(tmp_path / "x.pdf", shown("SECRET", 72, 700))
    with_note(path, a_note(Name.Square))

    assert UNSEEN in examined(path)
    assert "holds notes or links" in examined(path)


def test_words_of_a_note_over_words_of_the_page_are_found(tmp_path: Path) -> None:
    path = a_pdf(tmp_path / "x.pdf", shown("TROPPER", 72, 700))
    with_note(path, a_note(Name.FreeText), shown("TROOPER", 2, 10).encode())

    assert "words lie over other words (page 1)" in examined(path)


@pytest.mark.parametrize(
    "cover", ["0 g 70 600 140 80 re f", "0.9 g 70 600 140 80 re f"], ids=["black", "grey"]
)
def test_picture_under_a_filled_box_is_found(tmp_path: Path, cover: str) -> None:
    path = a_pdf(tmp_path / "x.pdf", f"q 100 0 0 60 80 610 cm /I Do Q {cover}")
    with pikepdf.open(path, allow_overwriting_input=True) as made:
        image = made.make_stream(bytes(range(250)))
        image.Type, image.Subtype, image.Width, image.Height = Name.XObject, Name.Image, 25, 10
        image.ColorSpace, image.BitsPerComponent = Name.DeviceGray, 8
        made.pages[0].obj.Resources.XObject = Dictionary(I=image)
        made.save(path)

    assert "something lies under 1 filled boxes (page 1)" in examined(path)


def test_drawing_under_a_black_box_is_found(tmp_path: Path) -> None:
    signature = "1 0 0 RG 3 w 80 610 m 120 660 l 160 620 l 190 670 l S"

    found = hidden_in(tmp_path, f"{signature} 0 g 70 600 140 80 re f")

    assert "something lies under 1 filled boxes (page 1)" in found


def test_plain_page_with_tables_and_shaded_cells_is_no_finding(tmp_path: Path) -> None:
    content = (
        "0.9 g 60 690 300 24 re f 0 g 60 640 300 1 re f " + shown("cell", 72, 700) + shown("....", 72, 600)
    )

    assert hidden_in(tmp_path, content) == []


def test_text_recognised_in_a_scan_is_no_finding(tmp_path: Path) -> None:
    path = a_pdf(tmp_path / "x.pdf", "q 120 0 0 24 70 690 cm /I Do Q " + shown("scanned", 72, 700, mode=3))
    with pikepdf.open(path, allow_overwriting_input=True) as made:
        image = made.make_stream(zlib.compress(bytes((x * 37) % 256 for x in range(60 * 12))))
        image.Type, image.Subtype, image.Width, image.Height = Name.XObject, Name.Image, 60, 12
        image.ColorSpace, image.BitsPerComponent, image.Filter = Name.DeviceGray, 8, Name.FlateDecode
        made.pages[0].obj.Resources.XObject = Dictionary(I=image)
        made.save(path)

    assert examined(path) == []


def test_page_that_a_reader_cannot_follow_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "by_pdfminer", lambda _path: iter([None]))

    assert hidden_in(tmp_path, shown("a", 72, 700)) == ["cannot be read by a second reader (page 1)"]


def test_replacement_texts_in_content_and_descriptions_are_named(tmp_path: Path) -> None:
    path = a_pdf(tmp_path / "x.pdf", f"/Span <</ActualText (SECRET)>> BDC {shown('shown', 72, 700)} EMC")
    with pikepdf.open(path, allow_overwriting_input=True) as made:
        made.Root.StructTreeRoot = Dictionary(
            Type=Name.StructTreeRoot, K=Dictionary(Type=Name.StructElem, S=Name.Figure, Alt=String("SECRET"))
        )
        made.save(path)

    assert {"holds replacement text", "describes figures in words that are not shown"} <= set(examined(path))


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

    found = examined(source)

    assert "1 earlier revisions" in found
    assert "holds 1 objects that belong to no page" in found


def test_linearized_file_has_no_earlier_revision(tmp_path: Path) -> None:
    path = a_pdf(tmp_path / "a.pdf", shown("a", 72, 700))
    with pikepdf.open(path, allow_overwriting_input=True) as made:
        made.save(path, linearize=True)

    assert examined(path) == []


def test_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    broken, locked, empty = (tmp_path / name for name in ("broken.pdf", "locked.pdf", "empty.pdf"))
    broken.write_bytes(b"%PDF-1.4\nnothing")
    empty.touch()
    with pikepdf.new() as made:
        a_font(made)
        made.add_blank_page()
        made.save(locked, encryption=pikepdf.Encryption(owner="o", user="u"))

    with pytest.raises(Refused, match="broken"):
        verifier.examine(broken)
    with pytest.raises(Refused, match="encrypted"):
        verifier.examine(locked)
    with pytest.raises(Refused, match="empty"):
        structure.faults(empty)
