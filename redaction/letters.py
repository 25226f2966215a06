"""Every letter a PDF page draws, by two readers that share no code: pdfminer and PDFium.

No lines or words are guessed here, which makes it quick enough for a gate that looks at every page. Boxes are
points from the top left of the displayed page (after Rotate, inside the CropBox, times UserUnit).
"""

import ctypes
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray
from pdfminer.pdfdevice import PDFTextDevice
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdffont import PDFFont, PDFUnicodeNotDefined
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager, PDFTextState
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import num_value, resolve1

from redaction.report import Refused

Boxes = NDArray[np.float64]

UNKNOWN = "\ufffd"

_NO_MATRIX = (1, 0, 0, 1, 0, 0)
_UNSEEN_MODES = (3, 7)
_MOST_KEPT = 4000  # parsed objects; a document of thousands of pages would fill the memory

logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it tells of every odd font


@dataclass
class Letters:
    """The letters of a page in the order of drawing: texts (blanks too), boxes (n rows of four), unseen."""

    number: int
    width: float
    height: float
    texts: list[str] = field(default_factory=list)
    boxes: Boxes = field(default_factory=lambda: np.empty((0, 4)))
    unseen: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, np.bool_))
    codes: dict[int, set[int]] = field(default_factory=dict)  # object number of a font: its codes in use
    fonts: list[int] = field(default_factory=list)  # object number of each letter's font, 0 where it has none
    covers: Boxes = field(default_factory=lambda: np.empty((0, 4)))  # around each filled path

    @property
    def inked(self) -> NDArray[np.bool_]:
        """Which of them should put ink on the page: all but blanks and controls."""
        return np.fromiter((is_inked(text) for text in self.texts), np.bool_, len(self.texts))


def is_inked(text: str) -> bool:
    """This will say whether a letter is one that an eye should see."""
    return not text.isspace() and any(each.isprintable() for each in text)


def by_pdfminer(path: Path) -> Iterator[Letters | None]:
    """This will read page after page; a page that pdfminer cannot read comes as None.

    :raises Refused: when the document cannot be read at all.
    """
    with path.open("rb") as stream:
        try:
            document = PDFDocument(PDFParser(stream))
            pages = PDFPage.create_pages(document)
        except Exception as error:  # pdfminer raises whatever a damaged file makes it trip over
            raise Refused(f"a second reader cannot read the PDF ({type(error).__name__})") from error
        manager = _Manager()
        number = 0
        while True:
            number += 1
            try:
                page = next(pages, None)
            except Exception as error:  # as above
                raise Refused(f"a second reader cannot read the PDF ({type(error).__name__})") from error
            if page is None:
                return
            yield _page(page, number, manager)
            if len(document._cached_objs) + len(document._parsed_objs) > _MOST_KEPT:
                document._parsed_objs.clear()
                manager = _Manager()
            document._cached_objs.clear()


class _Manager(PDFResourceManager):
    """Remembers which object each font is."""

    def get_font(self, objid: object, spec: Any) -> PDFFont:
        font = super().get_font(objid, spec)
        if objid:
            _numbers(font)["daylight_object"] = objid
        return font


def _numbers(font: PDFFont) -> dict[str, Any]:
    return font.__dict__


class _Device(PDFTextDevice):
    """Collects strings; their letters' places are computed for the whole page at once."""

    def __init__(self, manager: PDFResourceManager) -> None:
        super().__init__(manager)
        self.texts: list[str] = []
        self.runs: list[tuple[float, ...]] = []
        self.unseen: list[bool] = []
        self.codes: dict[int, set[int]] = {}
        self.fonts: list[int] = []
        self.covers: list[tuple[float, ...]] = []
        self._unseen = False

    def render_string(self, textstate: PDFTextState, *rest: Any) -> None:
        self._unseen = textstate.render in _UNSEEN_MODES
        super().render_string(textstate, *rest)

    def paint_path(self, graphicstate: Any, stroke: bool, fill: bool, evenodd: bool, path: Any) -> None:
        points = [each[-2:] for each in path if len(each) > 2]
        if fill and len(points) > 2:
            across, up = zip(*points, strict=True)
            self._cover(min(across), min(up), max(across), max(up))

    def _cover(self, left: float, low: float, right: float, high: float) -> None:
        self.covers.append((*(self.ctm or _NO_MATRIX), left, low, right, high))

    def render_char(
        self,
        matrix: Any,
        font: PDFFont,
        fontsize: float,
        scaling: float,
        rise: float,
        cid: int,
        *_rest: Any,
    ) -> float:
        known = _numbers(font).setdefault("daylight_known", {})
        if cid not in known:
            known[cid] = _text_of(font, cid), font.char_width(cid)
        text, width = known[cid]
        advance = float(width * fontsize * scaling)
        number = _numbers(font).get("daylight_object", 0)
        self.codes.setdefault(number, set()).add(cid)
        self.fonts.append(number)
        if font.is_vertical():
            low, high, left, right = -fontsize * 0.88, fontsize * 0.12, -fontsize / 2, fontsize / 2
        else:
            low = font.get_descent() * fontsize + rise
            high, left, right = low + fontsize, 0.0, advance
        self.texts.append(text)
        self.runs.append((*matrix, left, low, right, high))
        self.unseen.append(self._unseen)
        return advance


def _text_of(font: PDFFont, cid: int) -> str:
    try:
        return font.to_unichr(cid) or UNKNOWN
    except PDFUnicodeNotDefined:
        return UNKNOWN


def _page(page: PDFPage, number: int, manager: _Manager) -> Letters | None:
    try:
        left, bottom, right, top = page.mediabox
        x0, y0, x1, y1 = page.cropbox
        page.mediabox = (max(left, x0), max(bottom, y0), min(right, x1), min(top, y1))
        unit = float(num_value(resolve1(page.attrs.get("UserUnit", 1)))) or 1.0
        device = _Device(manager)
        PDFPageInterpreter(manager, device).process_page(page)
    except Exception:  # pdfminer raises whatever a damaged page makes it trip over
        return None
    width, height = page.mediabox[2] - page.mediabox[0], page.mediabox[3] - page.mediabox[1]
    if page.rotate % 180:
        width, height = height, width
    boxes = _boxes(device.runs, height) * unit
    unseen = np.array(device.unseen, np.bool_)
    return Letters(
        number,
        width * unit,
        height * unit,
        device.texts,
        boxes,
        unseen,
        device.codes,
        device.fonts,
        _boxes(device.covers, height) * unit,
    )


def _boxes(runs: list[tuple[float, ...]], height: float) -> Boxes:
    if not runs:
        return np.empty((0, 4))
    a, b, c, d, e, f, left, low, right, high = np.array(runs, np.float64).T
    across = np.stack([a * x + c * y for x in (left, right) for y in (low, high)]) + e
    up = np.stack([b * x + d * y for x in (left, right) for y in (low, high)]) + f
    return np.stack([across.min(0), height - up.max(0), across.max(0), height - up.min(0)], axis=1)


def by_pdfium(page: pypdfium2.PdfPage, number: int, unit: float = 1.0) -> Letters:
    """This will read a loaded page with PDFium; blanks it guesses itself are left out.

    A letter without any extent has a box of no size.
    """
    width, height = (side * unit for side in page.get_size())
    letters = Letters(number, width, height)
    text = page.get_textpage()
    edges = [ctypes.c_double() for _ in range(4)]
    pointers = [ctypes.byref(edge) for edge in edges]
    rows: list[tuple[float, float, float, float]] = []
    for index in range(max(0, pdfium.FPDFText_CountChars(text))):
        code = pdfium.FPDFText_GetUnicode(text, index)
        if code in _BLANKS or pdfium.FPDFText_IsGenerated(text, index) == 1:
            continue
        known = 0 < code < 0x110000 and not 0xD800 <= code < 0xE000
        letters.texts.append(chr(code) if known else UNKNOWN)
        if pdfium.FPDFText_GetCharBox(text, index, *pointers):
            rows.append((edges[0].value, edges[2].value, edges[1].value, edges[3].value))
        else:
            rows.append((0, 0, 0, 0))
    text.close()
    if rows:
        letters.boxes = displayed(np.array(rows), page) * unit
    letters.unseen = np.zeros(len(rows), np.bool_)
    return letters


_BLANKS = frozenset((0x09, 0x0A, 0x0D, 0x20, 0xA0))


def displayed(boxes: Boxes, page: pypdfium2.PdfPage) -> Boxes:
    """This will turn boxes of user space (left, bottom, right, top) into the page's, without UserUnit."""
    left, bottom, right, top = page.get_bbox()
    x0, y0, x1, y1 = boxes.T
    turned = {
        0: (x0 - left, top - y1, x1 - left, top - y0),
        90: (y0 - bottom, x0 - left, y1 - bottom, x1 - left),
        180: (right - x1, y0 - bottom, right - x0, y1 - bottom),
        270: (top - y1, right - x1, top - y0, right - x0),
    }
    return np.stack(turned[page.get_rotation()], axis=1)
