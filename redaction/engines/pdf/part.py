"""A few pages of a PDF as a PDF of their own, for a person who looks at them.

Settling a file of thousands of pages takes seconds; a page by itself is settled in a moment and draws the
same. Nothing of the other pages is needed for it but what the page itself names.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Name

from redaction.engines.pdf import source as origin
from redaction.report import Refused

_HANDED_DOWN = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")  # ISO 32000-1, table 30
_ROOT = (
    "/Type",
    "/Pages",
    "/OCProperties",
    "/AcroForm",
    "/Lang",
)  # what can change how a page shows
_DEEPEST = 60
# ways from a page to other pages, which would all come along
_TIES = ("/B", "/StructParents", "/Metadata", "/PieceInfo", "/AA", "/Thumb")
_NOTE_TIES = ("/Dest", "/A", "/PA", "/AA", "/StructParent", "/IRT")


def keep(source: Path, numbers: Sequence[int], target: Path) -> None:
    """This will write the pages of some numbers (from 1), in that order, to ``target``.

    :raises Refused: when the PDF cannot be read, or has no such page.
    """
    with origin.open_pdf(source) as pdf:
        try:
            _keep(pdf, numbers)
            pdf.save(target)
        except (pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError, AttributeError) as error:
            raise Refused("the PDF is broken there and cannot be read") from error


def sizes(source: Path) -> list[tuple[float, float]]:
    """This will give width and height of each page as displayed, in points (UserUnit applied).

    :raises Refused: when the PDF cannot be read.
    """
    import pypdfium2

    with origin.open_pdf(source) as pdf:
        units = [unit(page.obj) for page in pdf.pages]
    try:
        with pypdfium2.PdfDocument(source) as document:
            if len(document) != len(units):
                raise Refused("the PDF is broken: two readers count different pages")
            pairs = [document.get_page_size(index) for index in range(len(document))]
    except pypdfium2.PdfiumError:
        raise Refused("the PDF is broken and its pages cannot be drawn") from None
    return [(width * times, height * times) for (width, height), times in zip(pairs, units, strict=True)]


def _keep(pdf: pikepdf.Pdf, numbers: Sequence[int]) -> None:
    total = len(pdf.pages)
    for number in numbers:
        if not 1 <= number <= total:
            raise Refused(f"there is no page {number}, the last is {total}")
    kept = [pdf.pages[number - 1].obj for number in dict.fromkeys(numbers)]
    for page in kept:
        for key in _HANDED_DOWN:
            if key not in page and (value := _inherited(page, key)) is not None:
                page[key] = value
        for key in _TIES:
            if key in page:
                del page[key]
        _untie_notes(page)
    node = pdf.make_indirect(pikepdf.Dictionary(Type=Name.Pages, Kids=pikepdf.Array(kept), Count=len(kept)))
    for page in kept:
        page[Name.Parent] = node
    pdf.Root[Name.Pages] = node
    for key in list(pdf.Root.keys()):
        if key not in _ROOT:
            del pdf.Root[key]


def _inherited(page: Any, key: str) -> Any:
    above = page.get("/Parent")
    for _ in range(_DEEPEST):
        if not isinstance(above, pikepdf.Dictionary):
            return None
        if key in above:
            return above[key]
        above = above.get("/Parent")
    return None


def _untie_notes(page: Any) -> None:
    notes = page.get(Name.Annots)
    for note in notes if isinstance(notes, pikepdf.Array) else ():
        if isinstance(note, pikepdf.Dictionary):
            for key in _NOTE_TIES:
                if key in note:
                    del note[key]


def unit(page: Any) -> float:
    """This will give a page's UserUnit: how many points one unit of its own space is."""
    try:
        given = float(page.get("/UserUnit", 1))
    except (TypeError, ValueError):
        return 1.0
    return given if 0.01 <= given <= 75_000 else 1.0
