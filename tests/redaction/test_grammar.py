import io
import struct

import pytest
from PIL import Image

from redaction import grammar

PAGE = b"""q
1 0 0 1 0 0 cm
/Artifact BMC
0.5 g
10 20 30 40 re
f
EMC
BT
/P <</MCID 0>> BDC
/T0 12 Tf
1 0 0 1 72 700 Tm
<0041> Tj
[<42> -20.5 <43>] TJ
EMC
ET
[3 4] 0 d
/C0 cs
0.1 0.2 /N3 scn
/Figure <</MCID 1>> BDC
/I0 Do
EMC
Q
/Figure <</MCID 2>> BDC 0 g 1.000 2.000 3.000 4.000 re f EMC"""


def test_rewritten_page_is_known() -> None:
    assert grammar.is_page(PAGE)
    assert grammar.is_page(b"")
    assert grammar.has_text(PAGE)
    assert not grammar.has_text(b"q\nQ")
    assert grammar.marked(PAGE) == [0, 1, 2]


@pytest.mark.parametrize(
    "more",
    [
        b"% words",
        b"(words) Tj",
        b"3 Tr",
        b"7 Tr",
        b"/Words gs",
        b"BX words EX",
        b"/Span <</ActualText <4142>>> BDC",
        b"/Tag MP",
        b"1 2 3 4 5 6 7 cm",
        b"<41> <42> Tj",
        b"BI /W 1 /H 1 ID x EI",
        b"<41> '",
        b"/Im0 Do",
        b"1e5 w",
        b"<4142>",
    ],
)
def test_anything_else_in_a_page_is_not_known(more: bytes) -> None:
    assert not grammar.is_page(PAGE + b"\n" + more)
    assert not grammar.is_page(more + b"\n" + PAGE)


def test_drawn_letter_begins_with_its_width() -> None:
    assert grammar.is_glyph(b"600 0 0 0 500 500 d1\n0 0 500 500 re\nf")
    assert not grammar.is_glyph(b"0 0 500 500 re\nf")


def test_list_of_letters_is_read_only_in_one_form() -> None:
    head = b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
    head += b"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
    head += b"/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
    head += b"1 begincodespacerange <00> <FF> endcodespacerange\n"
    good = head + b"2 beginbfchar\n<41> <0041>\n<42> <00660069>\nendbfchar\n"
    good += b"endcmap CMapName currentdict /CMap defineresource pop end end"

    assert grammar.is_to_unicode(good)
    assert grammar.unicodes(good) == {0x41: "A", 0x42: "fi"}
    assert not grammar.is_to_unicode(good.replace(b"2 beginbfchar", b"% words\n2 beginbfchar"))


def a_jpeg(**options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (8, 8), 90).save(buffer, "JPEG", **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "plain"),
    [
        (a_jpeg(), True),
        (a_jpeg(progressive=True), True),
        (a_jpeg(comment=b"words"), False),
        (a_jpeg() + b"words", False),
        (a_jpeg()[:-2], False),
        (b"GIF89a", False),
        (b"\xff\xd8\x00\x00\x00\x00", False),
    ],
)
def test_jpeg_must_hold_its_picture_only(data: bytes, plain: bool) -> None:
    assert grammar.is_plain_jpeg(data) is plain


def a_profile(text: bytes, gap: bytes = b"") -> bytes:
    described = b"desc\0\0\0\0" + text
    start = 132 + 12 + len(gap)
    head = bytearray(128)
    head[36:40] = b"acsp"
    return bytes(head) + struct.pack(">I4sII", 1, b"desc", start, len(described)) + gap + described


@pytest.mark.parametrize(
    ("data", "silent"),
    [
        (a_profile(bytes(8)), True),
        (a_profile(b"words"), False),
        (a_profile(bytes(8), b"word"), False),
        (b"short", False),
        (a_profile(bytes(8))[:128] + struct.pack(">I", 500), False),
    ],
)
def test_colour_profile_must_say_nothing(data: bytes, silent: bool) -> None:
    assert grammar.is_silent_profile(data) is silent
