"""PDF: pages are written anew without what is marked; where that is not sure, they become pictures.

Vector first: letters, drawings and pixels under black areas are taken out of a page's own content, and only
what is on a whitelist passes. The gate looks at the result with other readers; a page that fails it is drawn.
"""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2

from redaction import fonts
from redaction.engines.pdf import areas, crosscheck, drawn, gate, geometry, notice, part, sheet, vector
from redaction.engines.pdf import source as origin
from redaction.engines.pdf.document import Document
from redaction.engines.pdf.geometry import Box
from redaction.engines.pdf.layers import Unsure
from redaction.engines.pdf.sheet import Picture, Sheet
from redaction.marks import Marks
from redaction.report import MarkOutcome, Refused, Report

MEDIUM = "pdf"
SUFFIXES = (".pdf",)
NOT_UA = "tables and lists are read as paragraphs"

_DRAFTED = 0.7  # of the work, as progress tells it

Progress = Callable[[float, str], None]


@dataclass
class Settled:
    """A source whose pages hold all that shows, and what a person should know about it."""

    document: pypdfium2.PdfDocument
    path: Path
    units: list[float]
    language: str
    warnings: list[str]
    pdf: pikepdf.Pdf

    def sizes(self) -> list[tuple[float, float]]:
        """Width and height of each page as displayed, in points."""
        pairs = (self.document.get_page_size(index) for index in range(len(self.document)))
        return [(w * unit, h * unit) for (w, h), unit in zip(pairs, self.units, strict=True)]


@dataclass
class Draft:
    """A document whose pages are all there, before the gate has looked at it."""

    pages: Settled
    marks: Marks
    document: Document
    counts: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    entries: dict[int, dict[str, Any]] = field(default_factory=dict)
    areas: dict[int, list[Box]] = field(default_factory=dict)

    def rewritten(self) -> dict[int, list[Box]]:
        """This will give the black areas of the pages that are text, by page."""
        return {n: self.areas[n] for n, entry in self.entries.items() if entry["way"] == "vector"}


def redact(source: Path, marks: Marks, target: Path, *, progress: Progress | None = None) -> Report:
    """This will write a new PDF of the source's pages without anything that is marked.

    :raises MarksError: when a mark names a page that is not there or leaves its page.
    :raises Refused: when the source cannot be read safely.
    """
    with settled(source, target.parent) as pages:
        made = draft(pages, marks, progress)
        candidate = pages.path.with_name("candidate.pdf")
        made.document.save(candidate)
        if made.rewritten() and (failing := gate.failing(pages.path, candidate, made.rewritten())):
            _draw_again(made, failing)
            made.document.save(candidate)
        candidate.replace(target)
    if progress is not None:
        progress(1.0, "all pages checked")
    return _report(made)


def draft(pages: Settled, marks: Marks, progress: Progress | None = None) -> Draft:
    """This will make every page of the new document, as text where that is sure; the gate comes after it.

    :raises MarksError: when a mark names a page that is not there or leaves its page.
    """
    sizes = pages.sizes()
    areas.check(marks, sizes)
    document = Document(pages.pdf, pages.language, pages.path.parent)
    made = Draft(pages, marks, document, warnings=list(pages.warnings))
    for index, size in enumerate(sizes):
        _one_page(made, index, size)
        if progress is not None:
            progress(_DRAFTED * (index + 1) / len(sizes), f"page {index + 1} of {len(sizes)}")
    crosscheck.refuse_unseen(pages.path, marks, made.counts)
    _settle_fonts(made)
    return made


@contextmanager
def settled(source: Path, scratch: Path) -> Iterator[Settled]:
    """This will open a PDF as this engine sees it; the reviewer's preview must come from here too.

    :raises Refused: when the source cannot be read safely.
    """
    with (
        tempfile.TemporaryDirectory(dir=scratch, prefix=".settled-") as folder,
        origin.open_pdf(source) as pdf,
    ):
        path = Path(folder) / "settled.pdf"
        warnings = origin.what_goes(pdf, source)
        units = [part.unit(page.obj) for page in pdf.pages]
        language = _language(pdf)
        origin.settle(pdf, path)
        try:
            document = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError:
            raise Refused("the PDF is broken and its pages cannot be drawn") from None
        try:
            if len(document) != len(units):
                raise Refused("the PDF is broken: two readers count different pages")
            yield Settled(document, path, units, language, warnings, pdf)
        finally:
            document.close()


def preview(source: Path, number: int, scratch: Path) -> Picture:
    """This will draw one page exactly as ``redact`` sees it: the picture on which boxes may be measured.

    :raises Refused: when the source or the page cannot be drawn.
    """
    with settled(source, scratch) as pages:
        if not 1 <= number <= len(pages.document):
            raise Refused(f"there is no page {number}")
        page, unit = _load(pages, number - 1), pages.units[number - 1]
        picture = sheet.draw(page, sheet.read(page, number, unit), unit)
        page.close()
        return picture


def _one_page(made: Draft, index: int, size: tuple[float, float]) -> None:
    number = index + 1
    if not (1 <= size[0] < 1e6 and 1 <= size[1] < 1e6):
        raise Refused(f"page {number} has no size that can be drawn")
    this = Sheet(number, *size, sheet.scale_for(size))
    if areas.need_letters(made.marks, number):
        page = _load(made.pages, index)
        this = sheet.read(page, number, made.pages.units[index])
        page.close()
    found, counts, warnings = areas.on_page(made.marks, this)
    for name, count in counts.items():
        made.counts[name] = made.counts.get(name, 0) + count
    made.warnings += warnings
    made.areas[number] = _inside(found.boxes, size)
    if found.withheld_by is not None:
        picture, words = notice.draw(found.withheld_by, *size, this.scale)
        made.document.draw(number, size, picture, words, [])
        made.entries[number] = _entry(number, "withheld", ["withheld whole"], dpi=round(this.scale * 72))
        return
    try:
        content = vector.rewrite(made.document, made.pages.pdf.pages[index], number, size, made.areas[number])
    except Unsure as doubt:
        _draw(made, number, [str(doubt)])
        return
    letters = {"letters_kept": content.kept_letters, "letters_left_out": content.gone_letters}
    made.entries[number] = _entry(number, "vector", [], **letters)


def _draw(made: Draft, number: int, why: list[str]) -> None:
    """Puts a page in as its picture; what the picture costs is only paid for pages that need it."""
    page, unit = _load(made.pages, number - 1), made.pages.units[number - 1]
    this = sheet.read(page, number, unit)
    boxes = made.areas[number]
    lies = fonts.LIE in why
    scanned = lies or vector.SCANNED in why
    done = drawn.paint(page, this, boxes, unit, made.pages.language, scanned=scanned)
    if lies and not done.read:  # only a program that reads the picture knows what it says
        done.words.clear()
    page.close()
    made.document.draw(number, (this.width, this.height), done.picture, done.words, boxes)
    made.entries[number] = _entry(
        number,
        "raster",
        why,
        dpi=round(this.scale * 72),
        words_kept=len(done.words),
        words_left_out=max(0, len(this.words) - len(done.words)),
        words_from="the picture, by Tesseract" if done.read else "the page's own text",
    )


def _draw_again(made: Draft, failing: dict[int, list[str]]) -> None:
    for number, why in sorted(failing.items()):
        _draw(made, number, why)
    _settle_fonts(made)


def _settle_fonts(made: Draft) -> None:
    """A page drawn because its font cannot be cut takes letters from other fonts, so this goes round."""
    while failing := made.document.settle_fonts():
        for number, why in sorted(failing.items()):
            _draw(made, number, why)


def _entry(number: int, way: str, why: list[str], **more: Any) -> dict[str, Any]:
    return {"page": number, "way": way, "why": why, **more}


def _inside(boxes: Iterable[Box], size: tuple[float, float]) -> list[Box]:
    """Boxes cut to the page, none inside another; text found beside the crop needs no paint."""
    cut = ((max(0, x0), max(0, y0), min(size[0], x1), min(size[1], y1)) for x0, y0, x1, y1 in boxes)
    shown = [box for box in cut if box[0] < box[2] and box[1] < box[3]]
    largest_first = sorted(dict.fromkeys(shown), key=lambda box: -geometry.extent(box))
    kept: list[Box] = []
    for box in largest_first:
        if not any(geometry.within(box, other) for other in kept):
            kept.append(box)
    return sorted(kept, key=lambda box: (box[1], box[0]))


def _load(pages: Settled, index: int) -> pypdfium2.PdfPage:
    try:
        return pages.document[index]
    except pypdfium2.PdfiumError:
        raise Refused(f"page {index + 1} is broken and cannot be drawn") from None


def _language(pdf: pikepdf.Pdf) -> str:
    """The source's language when it is a plain tag; anything longer could carry a message."""
    given = str(pdf.Root.get("/Lang", ""))
    return given if re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", given) else "en-US"


def _report(made: Draft) -> Report:
    rows = []
    for mark in made.marks:
        count = made.counts.get(mark.id, 0)
        rows.append(MarkOutcome(mark.id, mark.kind, count, count))
        if mark.kind == "text" and not count:
            made.warnings.append(f"mark {mark.id}: its text was found nowhere")
    entries = [made.entries[number] for number in sorted(made.entries)]
    for entry in entries:
        if not entry.get("letters_kept", entry.get("words_kept", 1)):
            made.warnings.append(
                f"page {entry['page']} has no readable text; a text mark finds nothing in it"
            )
    return Report(
        engine="redaction.engines.pdf 2",
        medium=MEDIUM,
        versions={name: version(name) for name in ("pypdfium2", "pikepdf", "fonttools", "pillow")},
        marks=rows,
        details={
            "pages": len(entries),
            "page_ways": entries,
            "pages_rasterised": [entry for entry in entries if entry["way"] != "vector"],
            "pdf_ua": {"reached": False, "why": [NOT_UA, *made.document.unreadable()]},
        },
        warnings=made.warnings,
    )
