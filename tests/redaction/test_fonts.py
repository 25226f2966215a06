import io
from typing import Any

import pikepdf
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.misc import eexec
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name

from redaction import fonts
from tests.redaction.spoiling import a_font_program

A, B = 65, 66

HEAD = (
    b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
    b"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
    b"/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
    b"1 begincodespacerange <00> <FF> endcodespacerange\n"
)
TAIL = b"\nendcmap CMapName currentdict /CMap defineresource pop end end"


@pytest.fixture
def pdf() -> pikepdf.Pdf:
    return pikepdf.new()


def a_simple(pdf: pikepdf.Pdf, key: str, program: bytes, **keys: Any) -> Any:
    descriptor = Dictionary({key: pdf.make_stream(program)})
    return Dictionary(Subtype=Name.TrueType, FontDescriptor=descriptor, **keys)


def a_wide(pdf: pikepdf.Pdf, key: str, program: bytes, **keys: Any) -> Any:
    below = a_simple(pdf, key, program, **keys)
    below.Subtype = Name.CIDFontType2
    return Dictionary(Subtype=Name.Type0, Encoding=Name("/Identity-H"), DescendantFonts=Array([below]))


def a_compact_program(letters: str) -> bytes:
    builder = FontBuilder(1000, isTTF=False)
    names = [".notdef", *letters]
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(letter): letter for letter in letters})
    drawn = {}
    for name in names:
        pen = T2CharStringPen(600, None)
        if name != ".notdef":
            pen.moveTo((50, 0))
            for point in ((50, 600), (300, 600), (300, 0)):
                pen.lineTo(point)
            pen.closePath()
        drawn[name] = pen.getCharString()
    builder.setupCFF("Blocks", {}, drawn, {})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (600, 50)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupOS2()
    builder.setupPost()
    buffer = io.BytesIO()
    builder.save(buffer)
    return buffer.getvalue()


def bare(program: bytes) -> bytes:
    with TTFont(io.BytesIO(program)) as opened:
        table: Any = opened.reader["CFF "]
    return bytes(table)


def a_type1_program(letters: str, *, digits: bool = False) -> bytes:
    rows = b"".join(
        b"/%b 40 RD " % letter.encode() + bytes(40) + b" ND\n" for letter in (".notdef", *letters)
    )
    body, _ = eexec.encrypt(b"0000/lenIV 4 def /CharStrings 3 dict dup begin\n" + rows + b"end", 55665)
    coded: bytes = body.hex().encode() if digits else body
    return b"%!PS-AdobeFont-1.0\ndup 65 /A put\ndup 66 /B put\ncurrentfile eexec\n" + coded


def a_composite_program() -> bytes:
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "A", "part"])
    builder.setupCharacterMap({A: "A"})
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((0, 9))
    pen.lineTo((9, 9))
    pen.closePath()
    part = pen.glyph()
    pen = TTGlyphPen({"part": part})
    pen.addComponent("part", (1, 0, 0, 1, 0, 0))
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "A": pen.glyph(), "part": part})
    builder.setupHorizontalMetrics(dict.fromkeys((".notdef", "A", "part"), (600, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupOS2()
    builder.setupPost()
    buffer = io.BytesIO()
    builder.save(buffer)
    return buffer.getvalue()


def test_truetype_font_with_outlines_to_spare_is_found(pdf: pikepdf.Pdf) -> None:
    font = a_simple(pdf, "/FontFile2", a_font_program("AB"), Encoding=Name.WinAnsiEncoding)

    assert fonts.spare(font, {A})
    assert not fonts.spare(font, {A, B})


def test_part_of_a_shown_letter_is_not_to_spare(pdf: pikepdf.Pdf) -> None:
    assert not fonts.spare(a_simple(pdf, "/FontFile2", a_composite_program()), {A})


def test_wide_font_is_asked_by_glyph_numbers(pdf: pikepdf.Pdf) -> None:
    straight = a_wide(pdf, "/FontFile2", a_font_program("AB"), CIDToGIDMap=Name.Identity)
    mapped = a_wide(pdf, "/FontFile2", a_font_program("AB"), CIDToGIDMap=pdf.make_stream(b"\0\2\0\1\0\0"))

    assert [fonts.spare(straight, codes) for codes in ({1}, {1, 2}, {1, 99})] == [True, False, True]
    assert [fonts.spare(mapped, codes) for codes in ({0}, {0, 1})] == [True, False]


@pytest.mark.parametrize("packed", [True, False])
def test_compact_font_with_outlines_to_spare_is_found(pdf: pikepdf.Pdf, packed: bool) -> None:
    program = a_compact_program("AB")
    font = a_simple(pdf, "/FontFile3", program if packed else bare(program))

    assert fonts.spare(font, {A})
    assert not fonts.spare(font, {A, B})


def test_wide_compact_font_is_asked_by_its_order(pdf: pikepdf.Pdf) -> None:
    font = a_wide(pdf, "/FontFile3", bare(a_compact_program("AB")))

    assert [fonts.spare(font, codes) for codes in ({1}, {1, 2})] == [True, False]


@pytest.mark.parametrize("digits", [True, False])
def test_type1_font_with_outlines_to_spare_is_found(pdf: pikepdf.Pdf, digits: bool) -> None:
    font = a_simple(pdf, "/FontFile", a_type1_program("AB", digits=digits))

    assert fonts.spare(font, {A})
    assert not fonts.spare(font, {A, B})


def test_program_that_cannot_be_read_counts_as_one_that_draws_more(pdf: pikepdf.Pdf) -> None:
    assert fonts.spare(a_simple(pdf, "/FontFile2", b"words"), {A})
    assert fonts.spare(a_simple(pdf, "/FontFile", b"words"), {A})
    assert not fonts.spare(Dictionary(Subtype=Name.Type1), {A})


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"FirstChar": 65, "Widths": Array([600, 0])}, False),
        ({"FirstChar": 65, "Widths": Array([600, 600])}, True),
        ({"W": Array([65, Array([600])])}, False),
        ({"W": Array([65, Array([600, 600])])}, True),
        ({"W": Array([65, 66, 600])}, True),
        ({"W2": Array([65, Array([600, 1, 2])])}, False),
        ({"Encoding": Dictionary(Differences=Array([65, Name.A]))}, False),
        ({"Encoding": Dictionary(Differences=Array([65, Name.A, Name.B]))}, True),
    ],
)
def test_lists_of_a_font_name_shown_letters_only(keys: dict[str, Any], told: bool) -> None:
    assert (fonts.tells(Dictionary(**keys), {A}) is not None) is told


def test_drawn_letters_that_are_not_shown_are_told(pdf: pikepdf.Pdf) -> None:
    drawn = Dictionary({"/A": pdf.make_stream(b""), "/B": pdf.make_stream(b"")})
    font = Dictionary(CharProcs=drawn, Encoding=Dictionary(Differences=Array([65, Name.A])))

    assert fonts.tells(font, {A}) == "a font draws letters that are not shown"


@pytest.mark.parametrize(
    ("row", "encoding", "lie"),
    [
        (b"<41> <0041>", Name.WinAnsiEncoding, False),
        (b"<41> <0061>", Name.WinAnsiEncoding, False),
        (b"<41> <005A>", Name.WinAnsiEncoding, True),
        (b"<41> <005A>", Name.MacRomanEncoding, True),
        (b"<41> <005A>", Name("/Identity-H"), False),
        (b"<41> <00660066>", Dictionary(Differences=Array([65, Name.ff])), False),
        (b"<41> <0058>", Dictionary(Differences=Array([65, Name.ff])), True),
        (b"<41> <005300450043005200450054>", Name("/Identity-H"), True),
    ],
)
def test_font_that_tells_other_letters_than_it_shows_lies(
    pdf: pikepdf.Pdf, row: bytes, encoding: Any, lie: bool
) -> None:
    listed = HEAD + b"1 beginbfchar\n" + row + b"\nendbfchar" + TAIL
    font = Dictionary(ToUnicode=pdf.make_stream(listed), Encoding=encoding)

    assert fonts.lies(font) is lie
