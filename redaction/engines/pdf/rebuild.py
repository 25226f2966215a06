"""A new PDF from pictures and words: nothing of the source's own objects can be in it.

Each page is one picture, black rectangles, and invisible words for search and screen readers (glyphs without
outlines in a font made here, as OCR programs do), tied together by a small structure tree.
"""

import io
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables._g_l_y_f import Glyph as Outline
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from redaction.engines.pdf.sheet import Box, Picture, Word, lines

TITLE = "Released record"
LOSSLESS = 1_500_000  # bytes; a page whose picture is larger is stored as JPEG

_ADVANCE = 500  # thousandths of the font size, for every glyph
_GREY_SPREAD = 8


class Rebuild:
    """A document under construction: pages go in one by one, ``save`` writes it."""

    def __init__(self, language: str) -> None:
        self.pdf = pikepdf.new()
        self._font = _invisible_font(self.pdf)
        self._letters: set[str] = set()
        self._tree = self.pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document))
        self._tree.K = Array()
        self._parents: list[Any] = []
        self._language = language

    def add(self, size: tuple[float, float], picture: Picture, words: list[Word], boxes: list[Box]) -> None:
        """This will append a page: its picture, the words that may be read, the areas that are black."""
        width, height = size
        section = self._element(self._tree, "Sect")
        image = _image(self.pdf, picture)
        page = self.pdf.make_indirect(
            Dictionary(
                Type=Name.Page,
                MediaBox=Array([0, 0, round(width, 4), round(height, 4)]),
                Resources=Dictionary(XObject=Dictionary(P=image), Font=Dictionary(F=self._font)),
                StructParents=len(self._parents),
                Tabs=Name.S,
            )
        )
        parents: list[Any] = []
        content = [f"q {width:.4f} 0 0 {height:.4f} 0 0 cm /P Do Q"]
        if words or boxes:
            content = ["/Artifact BMC", *content, "EMC"]
        else:
            figure = self._element(section, "Figure", page, parents, alt="a page without readable text")
            figure.A = _layout((0, 0, width, height), height)
            content = ["/Figure <</MCID 0>> BDC", *content, "EMC"]
        for box in boxes:
            figure = self._element(section, "Figure", page, parents, alt="redacted")
            figure.A = _layout(box, height)
            x0, y0, x1, y1 = box
            area = f"{x0:.3f} {height - y1:.3f} {x1 - x0:.3f} {y1 - y0:.3f}"
            content += [f"/Figure <</MCID {len(parents) - 1}>> BDC 0 g {area} re f EMC"]
        for paragraph in _paragraphs(lines([word for word in words if self._can_write(word)])):
            self._element(section, "P", page, parents)
            content += [f"/P <</MCID {len(parents) - 1}>> BDC BT 3 Tr"]
            content += [self._show(word, height) for line in paragraph for word in line]
            content += ["ET EMC"]
        page.Contents = self.pdf.make_stream("\n".join(content).encode("ascii"))
        self._parents.append(self.pdf.make_indirect(Array(parents)))
        self.pdf.pages.append(pikepdf.Page(page))

    def save(self, target: Path) -> None:
        """This will write the document; the same pages give the same bytes."""
        self._font.ToUnicode = self.pdf.make_stream(_to_unicode(self._letters))
        numbers = [item for number, parent in enumerate(self._parents) for item in (number, parent)]
        root = self.pdf.Root
        root.StructTreeRoot = self.pdf.make_indirect(
            Dictionary(
                Type=Name.StructTreeRoot,
                K=self._tree,
                ParentTree=Dictionary(Nums=Array(numbers)),
                ParentTreeNextKey=len(self._parents),
            )
        )
        self._tree.P = root.StructTreeRoot
        root.MarkInfo = Dictionary(Marked=True)
        root.Lang = String(self._language)
        root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        self.pdf.trailer.Info = self.pdf.make_indirect(Dictionary(Title=String(TITLE)))
        self.pdf.save(
            target,
            min_version="1.7",
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
        )

    def _element(
        self,
        above: Any,
        kind: str,
        page: Any = None,
        parents: list[Any] | None = None,
        alt: str | None = None,
    ) -> Any:
        element = self.pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name("/" + kind), P=above))
        if page is not None and parents is not None:
            element.Pg, element.K = page, len(parents)
            parents.append(element)
        else:
            element.K = Array()
        if alt is not None:
            element.Alt = String(alt)
        above.K.append(element)
        return element

    def _can_write(self, word: Word) -> bool:
        return all(
            letter.isprintable() and ord(letter) < 0x10000 and letter != "\ufffd" for letter in word.text
        )

    def _show(self, word: Word, height: float) -> str:
        """The word at whole points: exact positions would give away what stood beside it."""
        x0, y0, x1, y1 = (round(edge) for edge in word.box)
        across, up = (x1 - x0, y1 - y0) if word.upright else (y1 - y0, x1 - x0)
        size = max(1, up)
        stretch = round(max(1, across) * 100_000 / (_ADVANCE * size * len(word.text)))
        text = word.text + " "
        self._letters.update(text)
        codes = "".join(f"{ord(letter):04X}" for letter in text)
        place = f"1 0 0 1 {x0} {height - y1:.2f}" if word.upright else f"0 -1 1 0 {x0} {height - y0:.2f}"
        return f"/F {size} Tf {max(1, stretch)} Tz {place} Tm <{codes}> Tj"


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


def _layout(box: Box, height: float) -> Dictionary:
    x0, y0, x1, y1 = (round(edge, 3) for edge in box)
    edges = Array([x0, round(height - y1, 3), x1, round(height - y0, 3)])
    return Dictionary(O=Name.Layout, BBox=edges, Placement=Name.Block)


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
    builder.setupGlyf({".notdef": Outline()})
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
