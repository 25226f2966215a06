from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pdfminer.high_level import extract_text
from pikepdf import Array, Dictionary, Name

from redaction import fonts
from redaction.engines import pdf as engine
from redaction.engines.pdf import gate, ocr
from redaction.engines.pdf.gate import Box
from tests.redaction.document_builders import HEIGHT, a_pdf, place, shown, some_marks
from tests.redaction.spoiling import (
    AREA,
    BOX,
    a_font_program,
    a_release,
    an_embedded_pdf,
    draw_more,
    spoil,
    write,
)


def reasons(source: Path, output: Path, *areas: Any) -> list[str]:
    return gate.failing(source, output, {1: list(areas)}).get(1, [])


def test_page_that_was_rewritten_well_passes(tmp_path: Path) -> None:
    source, output = a_release(tmp_path, BOX)

    assert reasons(source, output, AREA) == []


def lose_the_public_words(made: pikepdf.Pdf) -> None:
    page = made.pages[0].obj
    content = page.Contents.read_bytes()
    start = content.index(b"BT")
    page.Contents = made.make_stream(content[:start] + content[content.rindex(b"ET") + 2 :])


def lose_the_black_area(made: pikepdf.Pdf) -> None:
    page = made.pages[0].obj
    page.Contents = made.make_stream(page.Contents.read_bytes().replace(b" re f EMC", b" re n EMC"))


def give_an_unknown_entry(made: pikepdf.Pdf) -> None:
    made.pages[0].obj.PieceInfo = Dictionary(A=1)


def keep_one_entry_to_unicode(made: pikepdf.Pdf) -> None:
    head = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
    head += "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
    head += "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
    head += "1 begincodespacerange <00> <FF> endcodespacerange\n"
    body = "1 beginbfchar\n<53> <0053>\nendbfchar\n"
    tail = "endcmap CMapName currentdict /CMap defineresource pop end end"
    made.pages[0].obj.Resources.Font.T0.ToUnicode = made.make_stream((head + body + tail).encode())


def keep_one_width(made: pikepdf.Pdf) -> None:
    font = made.pages[0].obj.Resources.Font.T0
    font.FirstChar, font.LastChar, font.Widths = 83, 83, Array([600])


def keep_one_name(made: pikepdf.Pdf) -> None:
    made.pages[0].obj.Resources.Font.T0.Encoding = Dictionary(
        Type=Name.Encoding, BaseEncoding=Name.WinAnsiEncoding, Differences=Array([83, Name.S])
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (draw_more(write("R", 72, 700)), "letters can still be read in a black area"),
        (
            draw_more(write("ghost", 72, 500, mode=0).replace("BT", "1 g\nBT")),
            "it holds words that cannot be seen",
        ),
        (draw_more(write("ghost", 72, 1500)), "it holds words that cannot be seen"),
        (draw_more(write("ghost", 72, 500, size=0.2)), "it holds words that cannot be seen"),
        (draw_more(write("ghost", 72, 500, mode=3)), "it holds text that draws nothing"),
        (draw_more(write("shadow words", 72, 600)), "words lie over each other"),
        (draw_more("0.5 g\n80 705 9 6 re\nf"), "something is left below a black area"),
        (draw_more("0 g\n300 300 20 20 re\nf"), "it looks different outside its black areas"),
        (lose_the_public_words, "it looks different outside its black areas"),
        (lose_the_black_area, "a black area has no black rectangle"),
        (give_an_unknown_entry, "it holds an entry that is not known: /PieceInfo"),
        (keep_one_entry_to_unicode, "a font lists letters that are not shown"),
        (keep_one_width, "a font gives the widths of letters that are not shown"),
        (keep_one_name, "a font names letters that are not shown"),
        (draw_more("% note"), "it holds content in a form that is not known"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_fault_of_a_rewritten_page_is_a_reason_to_draw_it(tmp_path: Path, change: Any, reason: str) -> None:
    source, output = a_release(tmp_path, BOX)
    spoil(output, change)

    assert reason in reasons(source, output, AREA)


def test_picture_with_one_spot_left_below_a_black_area_is_a_reason(tmp_path: Path) -> None:
    source, output = a_release(tmp_path, BOX)

    def change(made: pikepdf.Pdf) -> None:
        pixels = bytearray(b"\xff" * 400)
        pixels[210] = 0
        image = made.make_stream(bytes(pixels))
        image.Type, image.Subtype, image.Width, image.Height = Name.XObject, Name.Image, 20, 20
        image.ColorSpace, image.BitsPerComponent = Name.DeviceGray, 8
        made.pages[0].obj.Resources.XObject = Dictionary(I0=image)
        draw_more("q\n40 0 0 13 73 697 cm\n/I0 Do\nQ")(made)

    spoil(output, change)

    assert "something is left below a black area" in reasons(source, output, AREA)


def test_outline_of_a_letter_that_was_taken_away_is_a_reason(tmp_path: Path) -> None:
    source = an_embedded_pdf(tmp_path / "in.pdf", ("SECRET", 72, 700), ("PUBLIC", 72, 600))
    engine.redact(source, some_marks(BOX), tmp_path / "out.pdf")
    held = reasons(source, tmp_path / "out.pdf", AREA)

    def change(made: pikepdf.Pdf) -> None:
        for font in made.pages[0].obj.Resources.Font.values():
            font.FontDescriptor.FontFile2 = made.make_stream(a_font_program("BCEILPRSTU"))

    spoil(tmp_path / "out.pdf", change)

    assert held == []
    assert reasons(source, tmp_path / "out.pdf", AREA) == ["a font draws letters that were taken away"]


def test_spare_outlines_of_a_font_from_which_nothing_was_taken_are_none(tmp_path: Path) -> None:
    source = an_embedded_pdf(tmp_path / "in.pdf", ("SECRET", 72, 700), ("PUBLIC", 72, 600))
    engine.redact(source, some_marks(), tmp_path / "out.pdf")

    def change(made: pikepdf.Pdf) -> None:
        for font in made.pages[0].obj.Resources.Font.values():
            font.FontDescriptor.FontFile2 = made.make_stream(a_font_program("BCEILPRSTUXYZ"))

    spoil(tmp_path / "out.pdf", change)

    assert "a font draws letters that were taken away" not in reasons(source, tmp_path / "out.pdf")


def test_document_that_cannot_be_compared_fails_every_page(tmp_path: Path) -> None:
    source, output = a_release(tmp_path, BOX)
    longer = a_pdf(tmp_path / "two.pdf", shown("a", 72, 700), shown("b", 72, 700))
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing")

    assert reasons(longer, output, AREA) == ["the rewritten document has another number of pages"]
    assert reasons(source, broken, AREA) == ["the PDF cannot be drawn and so not be examined"]


def test_page_of_another_size_is_a_reason(tmp_path: Path) -> None:
    _, output = a_release(tmp_path)
    wide = a_pdf(tmp_path / "wide.pdf", shown("SECRET", 72, 700), MediaBox=Array([0, 0, 700, HEIGHT]))

    assert "its size changed" in reasons(wide, output)


def test_pages_that_were_not_asked_for_are_not_judged(tmp_path: Path) -> None:
    source, output = a_release(tmp_path, BOX)
    nothing: dict[int, list[Box]] = {}

    assert gate.failing(source, output, nothing) == {}


def test_ghost_words_of_a_source_send_their_page_to_a_picture(tmp_path: Path) -> None:
    source = a_pdf(
        tmp_path / "in.pdf",
        f"1 g {shown('GHOST', 72, 500)} 0 g {shown('seen', 72, 700)}",
        shown("plain", 72, 700),
    )

    report = engine.redact(source, some_marks(), tmp_path / "out.pdf")

    assert [entry["way"] for entry in report.details["page_ways"]] == ["raster", "vector"]
    assert "it holds words that cannot be seen" in report.details["pages_rasterised"][0]["why"]


def test_words_right_of_a_black_area_may_be_snapped(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("alpha bravo charlie delta", 72.3, 700))
    rect = place("bravo", 72.3 + 6 * 7.2, 700)

    report = engine.redact(
        source, some_marks({"kind": "box", "page": 1, "rect": rect, "extent": "exact"}), tmp_path / "out.pdf"
    )

    assert report.details["pages_rasterised"] == []


@pytest.mark.parametrize("installed", [True, False])
def test_words_of_a_font_that_lies_do_not_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: bool
) -> None:
    source = a_pdf(tmp_path / "in.pdf", shown("ABCDE", 72, 700, size=30))
    with pikepdf.open(source, allow_overwriting_input=True) as made:
        rows = b"".join(b"<%02X> <%04X>\n" % pair for pair in zip(b"ABCDE", b"CRIME", strict=True))
        listed = b"1 begincodespacerange <00> <FF> endcodespacerange 5 beginbfchar\n" + rows + b"endbfchar"
        made.pages[0].obj.Resources.Font.F.ToUnicode = made.make_stream(listed)
        made.save(source)
    if not installed:
        monkeypatch.setattr(ocr, "words", lambda *_, **__: None)

    report = engine.redact(source, some_marks(), tmp_path / "out.pdf")

    assert report.details["pages_rasterised"][0]["why"] == [fonts.LIE]
    assert extract_text(tmp_path / "out.pdf").split() == (["ABCDE"] if installed else [])
