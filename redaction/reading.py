"""Reading the letters of a PDF with pdfminer: the second pair of eyes, beside the engine's PDFium.

Coordinates are points from the top left of the displayed page, as everywhere in this library.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pdfminer.converter import PDFLayoutAnalyzer
from pdfminer.layout import LAParams, LTAnno, LTChar, LTContainer, LTPage, LTRect, LTTextLine
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager, PDFTextState
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import dict_value, num_value, resolve1

from redaction.report import Refused

_UNSEEN = (3, 7)

Box = tuple[float, float, float, float]

logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it tells of every odd font


@dataclass
class Leaf:
    """A page's text in reading order; ``boxes`` has one entry a letter, None for a blank or a break.

    ``unseen`` says of each letter whether its text render mode draws nothing; ``fills`` are filled
    rectangles and ``notes`` the places of annotations.
    """

    number: int
    width: float
    height: float
    text: str = ""
    boxes: list[Box | None] = field(default_factory=list)
    unseen: list[bool] = field(default_factory=list)
    fills: list[Box] = field(default_factory=list)
    notes: list[Box] = field(default_factory=list)


def leaves(path: Path) -> Iterator[Leaf]:
    """This will read a PDF page by page.

    :raises Refused: when pdfminer cannot.
    """
    try:
        with path.open("rb") as stream:
            document = PDFDocument(PDFParser(stream))
            for number, page in enumerate(PDFPage.create_pages(document), start=1):
                yield _leaf(page, number)
    except Refused:
        raise
    except Exception as error:  # pdfminer raises whatever a damaged file makes it trip over
        raise Refused(f"a second reader cannot read the PDF ({type(error).__name__})") from error


class _Collector(PDFLayoutAnalyzer):
    page: LTPage | None = None
    mode = 0

    def render_string(self, textstate: PDFTextState, *rest: Any) -> None:
        self.mode = textstate.render
        super().render_string(textstate, *rest)

    def render_char(self, *rest: Any) -> float:
        advance = super().render_char(*rest)
        setattr(self.cur_item._objs[-1], "daylight_unseen", self.mode in _UNSEEN)  # noqa: B010  # not its own field
        return advance

    def receive_layout(self, ltpage: LTPage) -> None:
        self.page = ltpage


def _leaf(page: PDFPage, number: int) -> Leaf:
    left, bottom, right, top = page.mediabox
    x0, y0, x1, y1 = page.cropbox
    page.mediabox = (max(left, x0), max(bottom, y0), min(right, x1), min(top, y1))
    manager = PDFResourceManager(caching=False)
    collector = _Collector(manager, laparams=LAParams(all_texts=True, detect_vertical=True, boxes_flow=None))
    PDFPageInterpreter(manager, collector).process_page(page)
    layout = collector.page
    if layout is None:
        raise Refused(f"a second reader cannot read page {number}")
    leaf = Leaf(number, layout.width, layout.height)
    letters: list[str] = []
    for item in _items(layout):
        if isinstance(item, LTRect) and item.fill:
            leaf.fills.append(_flip(item.bbox, layout.height))
        elif isinstance(item, LTChar | LTAnno):
            for letter in item.get_text():
                letters.append(letter)
                leaf.boxes.append(_flip(item.bbox, layout.height) if isinstance(item, LTChar) else None)
                leaf.unseen.append(getattr(item, "daylight_unseen", False))
        elif isinstance(item, LTTextLine) and letters and letters[-1] != "\n":
            letters.append("\n")
            leaf.boxes.append(None)
            leaf.unseen.append(False)
    leaf.text = "".join(letters)
    leaf.notes = list(_notes(page, layout.height))
    return leaf


def _items(container: LTContainer[Any]) -> Iterator[object]:
    """Depth first; a text line comes before its letters, so that it can end the one before."""
    for item in container:
        yield item
        if isinstance(item, LTContainer):
            yield from _items(item)


def _notes(page: PDFPage, height: float) -> Iterator[Box]:
    """Where annotations lie, on a page that is not turned (a turned one is drawn and compared anyway)."""
    left, bottom, _, _ = page.mediabox
    for reference in resolve1(page.annots) or ():
        rect = resolve1(dict_value(reference).get("Rect"))
        if page.rotate == 0 and isinstance(rect, list) and len(rect) == 4:
            x0, y0, x1, y1 = (num_value(edge) for edge in rect)
            box = min(x0, x1) - left, min(y0, y1) - bottom, max(x0, x1) - left, max(y0, y1) - bottom
            yield _flip(box, height)


def _flip(bbox: Box, height: float) -> Box:
    x0, y0, x1, y1 = bbox
    return x0, height - y1, x1, height - y0
