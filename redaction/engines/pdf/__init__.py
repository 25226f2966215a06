"""PDF: every page is drawn as displayed, painted, and put into a new document as a picture with its words.

First version: raster and rebuild for every page; nothing of the source passes but pixels and the words that
can be seen in them.
"""

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2

from redaction.engines.pdf import areas, crosscheck, notice, rebuild, sheet
from redaction.engines.pdf import source as origin
from redaction.engines.pdf.sheet import Box, Picture, Sheet, Word
from redaction.marks import Marks
from redaction.report import MarkOutcome, Refused, Report

MEDIUM = "pdf"
SUFFIXES = (".pdf",)
WHY_RASTER = "this version rebuilds every page from its picture"

Progress = Callable[[float, str], None]


@dataclass
class Settled:
    """A source whose pages hold all that shows, and what a person should know about it."""

    document: pypdfium2.PdfDocument
    path: Path
    units: list[float]
    language: str
    warnings: list[str]

    def sizes(self) -> list[tuple[float, float]]:
        """Width and height of each page as displayed, in points."""
        pairs = (self.document.get_page_size(index) for index in range(len(self.document)))
        return [(w * unit, h * unit) for (w, h), unit in zip(pairs, self.units, strict=True)]


@dataclass
class _Tally:
    counts: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    pages: list[dict[str, Any]] = field(default_factory=list)


def redact(source: Path, marks: Marks, target: Path, *, progress: Progress | None = None) -> Report:
    """This will write a new PDF of the source's pages with everything marked painted black.

    :raises MarksError: when a mark names a page that is not there or leaves its page.
    :raises Refused: when the source cannot be read safely.
    """
    with settled(source, target.parent) as origin_pages:
        areas.check(marks, origin_pages.sizes())
        built = rebuild.Rebuild(origin_pages.language)
        tally = _Tally(warnings=list(origin_pages.warnings))
        total = len(origin_pages.document)
        for index in range(total):
            _one_page(origin_pages, index, marks, built, tally)
            if progress is not None:
                progress((index + 1) / total, f"page {index + 1} of {total}")
        crosscheck.refuse_unseen(origin_pages.path, marks, tally.counts)
        built.save(target)
    return _report(marks, tally)


@contextmanager
def settled(source: Path, scratch: Path) -> Iterator[Settled]:
    """This will open a PDF as this engine sees it; the reviewer's preview must come from here too.

    :raises Refused: when the source cannot be read safely.
    """
    with tempfile.TemporaryDirectory(dir=scratch, prefix=".settled-") as folder:
        path = Path(folder) / "settled.pdf"
        with origin.open_pdf(source) as pdf:
            warnings = origin.what_goes(pdf, source)
            units = [_unit(page) for page in pdf.pages]
            language = _language(pdf)
            origin.settle(pdf, path)
        try:
            document = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError:
            raise Refused("the PDF is broken and its pages cannot be drawn") from None
        try:
            if len(document) != len(units):
                raise Refused("the PDF is broken: two readers count different pages")
            yield Settled(document, path, units, language, warnings)
        finally:
            document.close()


def preview(source: Path, number: int, scratch: Path) -> Picture:
    """This will draw one page exactly as ``redact`` will: the picture on which boxes may be measured.

    :raises Refused: when the source or the page cannot be drawn.
    """
    with settled(source, scratch) as pages:
        if not 1 <= number <= len(pages.document):
            raise Refused(f"there is no page {number}")
        page, unit = _load(pages, number - 1), pages.units[number - 1]
        picture = sheet.draw(page, sheet.read(page, number, unit), unit)
        page.close()
        return picture


def _one_page(pages: Settled, index: int, marks: Marks, built: rebuild.Rebuild, tally: _Tally) -> None:
    unit = pages.units[index]
    page = _load(pages, index)
    this = sheet.read(page, index + 1, unit)
    found, counts, warnings = areas.on_page(marks, this)
    for name, count in counts.items():
        tally.counts[name] = tally.counts.get(name, 0) + count
    tally.warnings += warnings
    size = (this.width, this.height)
    entry: dict[str, Any] = {"page": this.number, "why": WHY_RASTER, "dpi": round(this.scale * 72)}
    if found.withheld_by is not None:
        picture, words = notice.draw(found.withheld_by, *size, this.scale)
        built.add(size, picture, words, [])
        entry["why"] = "withheld whole"
    else:
        picture, words = _painted(page, this, found.boxes, unit)
        built.add(size, picture, words, _inside(found.boxes, this))
        entry |= {"words_kept": len(words), "words_left_out": len(this.words) - len(words)}
        if not words:
            tally.warnings.append(f"page {this.number} has no readable text; a text mark finds nothing in it")
    tally.pages.append(entry)
    page.close()


def _painted(
    page: pypdfium2.PdfPage, this: Sheet, boxes: list[Box], unit: float
) -> tuple[Picture, list[Word]]:
    """The page's picture with its areas black, and the words still legible in it."""
    picture = sheet.draw(page, this, unit)
    full = sheet.draw(page, this, unit, grey=True)
    sheet.hide_text(page)
    words = sheet.visible(this, full, sheet.draw(page, this, unit, grey=True))
    for box in boxes:
        picture[sheet.pixels(box, this.scale, picture.shape)] = 0
    return picture, [word for word in words if not any(_meets(word.box, box) for box in boxes)]


def _meets(word: Box, box: Box) -> bool:
    return word[0] < box[2] and box[0] < word[2] and word[1] < box[3] and box[1] < word[3]


def _inside(boxes: list[Box], this: Sheet) -> list[Box]:
    """Boxes cut to the page; what was found beside it (text outside the crop) needs no paint."""
    cut = ((max(0, x0), max(0, y0), min(this.width, x1), min(this.height, y1)) for x0, y0, x1, y1 in boxes)
    return [box for box in cut if box[0] < box[2] and box[1] < box[3]]


def _load(pages: Settled, index: int) -> pypdfium2.PdfPage:
    try:
        return pages.document[index]
    except pypdfium2.PdfiumError:
        raise Refused(f"page {index + 1} is broken and cannot be drawn") from None


def _unit(page: pikepdf.Page) -> float:
    try:
        unit = float(page.obj.get("/UserUnit", 1))
    except (TypeError, ValueError):
        return 1.0
    return unit if 0.01 <= unit <= 75_000 else 1.0


def _language(pdf: pikepdf.Pdf) -> str:
    """The source's language when it is a plain tag; anything longer could carry a message."""
    given = str(pdf.Root.get("/Lang", ""))
    return given if re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", given) else "en-US"


def _report(marks: Marks, tally: _Tally) -> Report:
    rows = []
    for mark in marks:
        count = tally.counts.get(mark.id, 0)
        rows.append(MarkOutcome(mark.id, mark.kind, count, count))
        if mark.kind == "text" and not count:
            tally.warnings.append(f"mark {mark.id}: its text was found nowhere")
    return Report(
        engine="redaction.engines.pdf 1",
        medium=MEDIUM,
        versions={name: version(name) for name in ("pypdfium2", "pikepdf", "pillow")},
        marks=rows,
        details={"pages": len(tally.pages), "pages_rasterised": tally.pages},
        warnings=tally.warnings,
    )
