"""Reading the letters of a PDF with pdfminer: the second pair of eyes, beside the engine's PDFium.

Coordinates are points from the top left of the displayed page, as everywhere in this library.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pdfminer.converter import PDFLayoutAnalyzer
from pdfminer.layout import LAParams, LTAnno, LTChar, LTContainer, LTPage, LTTextLine
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser

from redaction.report import Refused

_KEPT = 100  # pages

Box = tuple[float, float, float, float]

logging.getLogger("pdfminer").setLevel(logging.ERROR)  # it tells of every odd font


@dataclass
class Leaf:
    """A page's text in reading order; ``boxes`` has one entry a letter, None for a blank or a break."""

    number: int
    width: float
    height: float
    text: str = ""
    boxes: list[Box | None] = field(default_factory=list)


def leaves(path: Path) -> Iterator[Leaf]:
    """This will read a PDF page by page.

    :raises Refused: when pdfminer cannot.
    """
    try:
        with path.open("rb") as stream:
            document = PDFDocument(PDFParser(stream))
            manager = PDFResourceManager()
            for number, page in enumerate(PDFPage.create_pages(document), start=1):
                yield _leaf(page, number, manager)
                # fonts are shared by pages; all of a document of thousands would fill the memory
                document._cached_objs.clear()
                if number % _KEPT == 0:
                    document._parsed_objs.clear()
                    manager = PDFResourceManager()
    except Refused:
        raise
    except Exception as error:  # pdfminer raises whatever a damaged file makes it trip over
        raise Refused(f"a second reader cannot read the PDF ({type(error).__name__})") from error


class _Collector(PDFLayoutAnalyzer):
    page: LTPage | None = None

    def receive_layout(self, ltpage: LTPage) -> None:
        self.page = ltpage


def _leaf(page: PDFPage, number: int, manager: PDFResourceManager) -> Leaf:
    left, bottom, right, top = page.mediabox
    x0, y0, x1, y1 = page.cropbox
    page.mediabox = (max(left, x0), max(bottom, y0), min(right, x1), min(top, y1))
    collector = _Collector(manager, laparams=LAParams(all_texts=True, detect_vertical=True, boxes_flow=None))
    PDFPageInterpreter(manager, collector).process_page(page)
    layout = collector.page
    if layout is None:
        raise Refused(f"a second reader cannot read page {number}")
    leaf = Leaf(number, layout.width, layout.height)
    letters: list[str] = []
    for item in _items(layout):
        if isinstance(item, LTChar | LTAnno):
            for letter in item.get_text():
                letters.append(letter)
                leaf.boxes.append(_flip(item.bbox, layout.height) if isinstance(item, LTChar) else None)
        elif isinstance(item, LTTextLine) and letters and letters[-1] != "\n":
            letters.append("\n")
            leaf.boxes.append(None)
    leaf.text = "".join(letters)
    return leaf


def _items(container: LTContainer[Any]) -> Iterator[object]:
    """Depth first; a text line comes before its letters, so that it can end the one before."""
    for item in container:
        yield item
        if isinstance(item, LTContainer):
            yield from _items(item)


def _flip(bbox: Box, height: float) -> Box:
    x0, y0, x1, y1 = bbox
    return x0, height - y1, x1, height - y0
