"""A page made of its picture and its words: nothing of the source's own objects can be in it.

It is one picture, black rectangles, and invisible words for search and screen readers (glyphs without
outlines in a font made here, as OCR programs do).
"""

import io
import zlib
from collections.abc import Iterable
from typing import Any
from unicodedata import bidirectional

import numpy as np
import pikepdf
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._g_l_y_f import Glyph as Outline
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from redaction.engines.pdf.geometry import Box
from redaction.engines.pdf.sheet import Picture, Word, lines
from redaction.engines.pdf.tree import REDACTED, Part

LOSSLESS = 1_500_000  # bytes; a page whose picture is larger is stored as JPEG
NO_TEXT = "a page without readable text"

_ADVANCE = 500  # thousandths of the font size, for every glyph
_GREY_SPREAD = 8


class Invisible:
    """The font of invisible words of one document, and the letters written in it."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._letters: set[str] = set()
        self._font: Any = None

    @property
    def font(self) -> Any:
        if self._font is None:
            self._font = _invisible_font(self._pdf)
        return self._font

    def finish(self) -> None:
        """This will list the letters that are used, for those who read them."""
        if self._font is not None:
            self._font.ToUnicode = self._pdf.make_stream(_to_unicode(self._letters))

    def show(self, word: Word, height: float) -> str:
        """The word at whole points: exact positions would give away what stood beside it."""
        x0, y0, x1, y1 = (round(edge) for edge in word.box)
        across, up = (x1 - x0, y1 - y0) if word.upright else (y1 - y0, x1 - x0)
        size = max(2, up)  # a lower letter would count as hidden
        stretch = round(max(1, across) * 100_000 / (_ADVANCE * size * len(word.text)))
        text = (word.text[::-1] if _runs_left(word.text) else word.text) + " "
        self._letters.update(text)
        codes = "".join(f"{ord(letter):04X}" for letter in text)
        place = f"1 0 0 1 {x0} {height - y1:.2f}" if word.upright else f"0 -1 1 0 {x0} {height - y0:.2f}"
        return f"/F {size} Tf {max(1, stretch)} Tz {place} Tm <{codes}> Tj"


def page(
    pdf: pikepdf.Pdf,
    invisible: Invisible,
    size: tuple[float, float],
    picture: Picture,
    words: list[Word],
    boxes: list[Box],
) -> tuple[Any, list[Part]]:
    """This will make a page of its picture, the words that may be read and the areas that are black."""
    width, height = size
    resources = Dictionary(XObject=Dictionary(P=_image(pdf, picture)))
    words = [word for word in words if _can_write(word)]
    if words:
        resources.Font = Dictionary(F=invisible.font)
    content = [f"q {width:.4f} 0 0 {height:.4f} 0 0 cm /P Do Q"]
    parts: list[Part] = []
    if words or boxes:
        content = ["/Artifact BMC", *content, "EMC"]
    else:
        parts.append(Part("Figure", [0], NO_TEXT, (0, 0, width, height)))
        content = ["/Figure <</MCID 0>> BDC", *content, "EMC"]
    for x0, y0, x1, y1 in boxes:
        box = x0, height - y1, x1, height - y0
        content.append(black(len(parts), box).decode())
        parts.append(Part("Figure", [len(parts)], REDACTED, box))
    for paragraph in _paragraphs(lines(words)):
        content += [f"/P <</MCID {len(parts)}>> BDC BT 3 Tr"]
        content += [invisible.show(word, height) for line in paragraph for word in line]
        content += ["ET EMC"]
        parts.append(Part("P", [len(parts)]))
    made = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, round(width, 4), round(height, 4)]),
        Resources=resources,
        Contents=deflated(pdf, "\n".join(content).encode("ascii")),
    )
    return made, parts


def black(mark: int, box: Box) -> bytes:
    """This will write a black area, in the page's own space, as a figure of the structure."""
    x0, y0, x1, y1 = box
    area = f"{x0:.3f} {y0:.3f} {x1 - x0:.3f} {y1 - y0:.3f}"
    return f"/Figure <</MCID {mark}>> BDC 0 g {area} re f EMC".encode("ascii")


def deflated(pdf: pikepdf.Pdf, data: bytes) -> Any:
    """This will make a stream whose bytes already wait deflated."""
    stream = pikepdf.Stream(pdf, zlib.compress(data, 6))
    stream.Filter = Name.FlateDecode
    return stream


def _can_write(word: Word) -> bool:
    return all(letter.isprintable() and ord(letter) < 0x10000 and letter != "\ufffd" for letter in word.text)


def _runs_left(text: str) -> bool:
    """Hebrew and Arabic stand in a page as seen, from the left; readers turn such words round again."""
    ways = {bidirectional(letter) for letter in text}
    return bool(ways & {"R", "AL"}) and not ways & {"L", "EN", "AN"}


def _paragraphs(rows: list[list[Word]]) -> Iterable[list[list[Word]]]:
    """Lines one under the other, with less than a line's height between them."""
    paragraph: list[list[Word]] = []
    for row in rows:
        if paragraph:
            above, below = paragraph[-1][0].box, row[0].box
            gap = below[1] - max(word.box[3] for word in paragraph[-1])
            if not -0.5 * (above[3] - above[1]) < gap < 0.9 * (above[3] - above[1]):
                yield paragraph
                paragraph = []
        paragraph.append(row)
    if paragraph:
        yield paragraph


def _image(pdf: pikepdf.Pdf, picture: Picture) -> pikepdf.Stream:
    if picture.ndim == 3 and int(np.ptp(picture, axis=2).max()) <= _GREY_SPREAD:
        picture = np.ascontiguousarray(picture[:, :, 1])
    height, width = picture.shape[:2]
    grey = picture.ndim == 2
    data = _png_data(picture)
    extra: dict[str, Any] = {
        "Filter": Name.FlateDecode,
        "DecodeParms": Dictionary(Predictor=15, Colors=1 if grey else 3, BitsPerComponent=8, Columns=width),
    }
    if len(data) > LOSSLESS:
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "JPEG", quality=88, subsampling=0)
        data, extra = buffer.getvalue(), {"Filter": Name.DCTDecode}
    stream = pikepdf.Stream(pdf, data)
    for key, value in extra.items():
        stream[Name("/" + key)] = value
    stream.Type, stream.Subtype = Name.XObject, Name.Image
    stream.Width, stream.Height, stream.BitsPerComponent = width, height, 8
    stream.ColorSpace = Name.DeviceGray if grey else Name.DeviceRGB
    return stream


def _png_data(picture: Picture) -> bytes:
    """Rows with PNG's Up filter, deflated: a PDF reads the same predictors."""
    rows = picture.reshape(picture.shape[0], -1)
    filtered = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    filtered[:, 0] = 2
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    return zlib.compress(filtered.tobytes(), 6)


def _invisible_font(pdf: pikepdf.Pdf) -> Any:
    """A TrueType font of one empty glyph, embedded, so that no reader has to find another."""
    program = pdf.make_stream(_font_program())
    descriptor = pdf.make_indirect(
        Dictionary(
            Type=Name.FontDescriptor,
            FontName=Name.DaylightInvisible,
            Flags=4,
            FontBBox=Array([0, 0, _ADVANCE, 1000]),
            ItalicAngle=0,
            Ascent=1000,
            Descent=0,
            CapHeight=1000,
            StemV=80,
            FontFile2=program,
        )
    )
    descendant = pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.CIDFontType2,
            BaseFont=Name.DaylightInvisible,
            CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
            FontDescriptor=descriptor,
            DW=_ADVANCE,
            CIDToGIDMap=pdf.make_stream(bytes(2 * 0x10000)),
        )
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name.DaylightInvisible,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([descendant]),
        )
    )


def _font_program() -> bytes:
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef"])
    builder.setupCharacterMap({})
    builder.setupGlyf({".notdef": _upright_line()})
    builder.setupHorizontalMetrics({".notdef": (_ADVANCE, 0)})
    builder.setupHorizontalHeader(ascent=1000, descent=0)
    builder.setupNameTable({"familyName": "Daylight Invisible", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.updateHead(created=0, modified=0)
    builder.font.recalcTimestamp = False
    buffer = io.BytesIO()
    builder.save(buffer)
    return buffer.getvalue()


def _upright_line() -> Outline:
    """A glyph without any area, so without ink, but with a height: PDFium leaves out words of no extent."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((0, 1000))
    pen.closePath()
    return pen.glyph()


def _to_unicode(letters: set[str]) -> bytes:
    """Codes are UTF-16 already; listing only those in use keeps each row within a CMap's rules."""
    codes = sorted(f"{ord(letter):04X}" for letter in letters)
    blocks = []
    for start in range(0, len(codes), 100):
        part = codes[start : start + 100]
        blocks.append(
            f"{len(part)} beginbfchar\n" + "".join(f"<{code}> <{code}>\n" for code in part) + "endbfchar"
        )
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
            "1 begincodespacerange <0000> <FFFF> endcodespacerange",
            *blocks,
            "endcmap CMapName currentdict /CMap defineresource pop end end",
        ]
    ).encode("ascii")
