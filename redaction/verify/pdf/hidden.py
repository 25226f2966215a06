"""Finding what lies under something else on a page, in a PDF by any program.

A word that another reader extracts, but that leaves no trace when all text is taken off the drawn page, is
hidden: under a black box, white on white, in a layer that is off, beside the crop. A filled area is lifted
off to see whether anything but flat colour is under it. Notes and form values are first put into the pages.
"""

import ctypes
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium

from redaction import ink, letters
from redaction.ink import Grey
from redaction.letters import Boxes, Letters
from redaction.report import Finding, Refused
from redaction.verify.pdf import structure

DPI = 130
SMALLEST = 4.0  # points; a thinner rectangle is a rule or a border
DARK = 64  # grey level below which an area is meant to hide
TINY = 1.2  # points; letters that are lower cannot be read

_NESTED = 15
_FEW = 2  # letters without a trace; one may be a bullet or an odd glyph


def faults(path: Path) -> list[Finding]:
    """This will name the pages on which words or pictures lie hidden.

    :raises Refused: when the pages cannot be read or drawn.
    """
    with tempfile.TemporaryDirectory(prefix="daylight-examined-") as folder:
        flat = Path(folder) / "flat.pdf"
        with structure.read(path) as pdf:
            units = [_unit(page) for page in pdf.pages]
            opened = flat if _flatten(pdf, flat) else path
        with ink.document(opened) as document:
            findings: list[Finding] = []
            if len(document) != len(units):
                raise Refused("the PDF is broken: two readers count different pages")
            for number, mined in enumerate(letters.by_pdfminer(opened), start=1):
                place = f"page {number}"
                if mined is None:
                    findings.append(Finding("cannot be read by a second reader", place=place))
                    continue
                try:
                    words = list(_page(document, mined, units[number - 1]))
                except (pypdfium2.PdfiumError, MemoryError):
                    words = ["cannot be drawn"]
                findings += [Finding(each, place=place) for each in words]
    return findings


def _unit(page: pikepdf.Page) -> float:
    try:
        unit = float(page.obj.get("/UserUnit", 1))
    except (TypeError, ValueError):
        return 1.0
    return unit if 0.01 <= unit <= 75_000 else 1.0


def _flatten(pdf: pikepdf.Pdf, target: Path) -> bool:
    """A copy in which notes and form values are page content; without any, the file itself is looked at."""
    try:
        if not any("/Annots" in page.obj for page in pdf.pages):
            return False
        pdf.generate_appearance_streams()
        pdf.flatten_annotations("screen")
        pdf.save(target)
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError, KeyError):
        return False
    return True


def _page(document: pypdfium2.PdfDocument, mined: Letters, unit: float) -> Iterator[str]:
    number = mined.number - 1
    page = document[number]
    scale = ink.scale_for(mined.width, mined.height, DPI)
    seen = letters.by_pdfium(page, mined.number, unit)
    shown = ink.draw(page, scale * unit)
    ink.hide_text(page)
    bare = ink.draw(page, scale * unit)
    page.close()
    trace = np.abs(shown.astype(np.int16) - bare.astype(np.int16)) > ink.FLAT
    plain = np.fromiter((text.isalnum() for text in mined.texts), np.bool_, len(mined.texts))
    lost = plain & ~ink.any_in(trace, mined.boxes, scale)
    count = (
        sum(1 for word in words(mined) if _is_hidden(mined, word, lost, shown, scale)) if lost.any() else 0
    )
    if count:
        yield f"{count} words can be read by a program but not seen"
    if ink.stacked(seen):
        yield "words lie over other words"
    small = mined.boxes[mined.inked]
    if int(((small[:, 2:] - small[:, :2]).max(axis=1) < TINY).sum()) > 2 * _FEW:
        yield "holds words too small to be read"
    under = _under(document, number, mined.covers, shown, scale, unit)
    if under:
        yield f"something lies under {under} filled boxes"


def words(mined: Letters) -> Iterator[list[int]]:
    """This will part letters, as they come, into words: at a blank, or where the next stands elsewhere."""
    word: list[int] = []
    for place, text in enumerate(mined.texts):
        blank = not letters.is_inked(text)
        if word and (blank or _apart(mined.boxes[word[-1]], mined.boxes[place])):
            yield word
            word = []
        if not blank:
            word.append(place)
    if word:
        yield word


def _apart(last: Boxes, this: Boxes) -> bool:
    reach = 0.6 * max(last[3] - last[1], this[3] - this[1], 1e-6)
    gaps = (this[0] - last[2], last[0] - this[2], this[1] - last[3], last[1] - this[3])
    return bool(max(gaps) > reach)


def _is_hidden(mined: Letters, word: list[int], lost: ink.Mask, shown: Grey, scale: float) -> bool:
    traceless = [place for place in word if lost[place]]
    if len(traceless) < _FEW:
        return False
    if not mined.unseen[word].any():
        return True
    # text that draws nothing may lie on a picture of itself, as after character recognition
    return any(not _shows(shown, mined.boxes[place], scale) for place in traceless)


def _shows(shown: Grey, box: Boxes, scale: float) -> bool:
    """Whether the place of a letter holds a picture of anything; the page's black boxes do not count."""
    height = box[3] - box[1]
    top, bottom, left, right = ink.spans(box[None], scale, shown.shape)[0]
    if bottom <= top or right <= left:
        return False
    around = shown[max(0, top - 2) : bottom + 2, max(0, left - 2) : right + 2]
    cut = int(0.15 * height * scale)
    middle = shown[top + cut : max(top + cut + 1, bottom - cut), left:right]
    return not ink.is_flat(around) and int(middle.max()) > ink.FLAT


def _under(
    document: pypdfium2.PdfDocument, number: int, covers: Boxes, shown: Grey, scale: float, unit: float
) -> int:
    """How many flat areas have something under them that is no letter."""
    covers = np.unique(covers[((covers[:, 2:] - covers[:, :2]) >= SMALLEST).all(axis=1)], axis=0)
    spans = ink.spans(covers, scale, shown.shape, inner=True)
    flat = [place for place, span in enumerate(spans) if _is_plain(_inner(shown, span))]
    if not flat:
        return 0
    dark = [place for place in flat if int(_inner(shown, spans[place]).max()) < DARK]
    nothing = _lifted(document, number, scale, unit, None)
    opened = _lifted(document, number, scale, unit, covers[dark]) if dark else nothing
    return sum(
        1
        for place in flat
        if not ink.is_flat(_inner(nothing, spans[place]))
        or (place in dark and not ink.is_flat(_inner(opened, spans[place])))
    )


def _inner(picture: Grey, span: Boxes) -> Grey:
    """Within an area; its edge shows what is beside it."""
    top, bottom, left, right = (int(each) for each in span)
    return picture[top + 1 : bottom - 1, left + 1 : right - 1]


def _is_plain(area: Grey) -> bool:
    return area.size > 0 and ink.is_flat(area)


def _lifted(
    document: pypdfium2.PdfDocument, number: int, scale: float, unit: float, covers: Boxes | None
) -> Grey:
    """The page without text, and without its drawn paths: all of them, or those that are the given covers."""
    page = document[number]
    ink.hide_text(page)
    for found in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=_NESTED):
        if covers is None or (_is_filled(found) and (found.level > 0 or _lies_on(found, page, covers, unit))):
            pdfium.FPDFPath_SetDrawMode(found.raw, pdfium.FPDF_FILLMODE_NONE, 0)
    picture = ink.draw(page, scale * unit)
    page.close()
    return picture


def _is_filled(found: pypdfium2.PdfObject) -> bool:
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(found.raw, ctypes.byref(mode), ctypes.byref(stroke))
    return mode.value != pdfium.FPDF_FILLMODE_NONE and ink.fill_of(found) < DARK


def _lies_on(found: pypdfium2.PdfObject, page: pypdfium2.PdfPage, covers: Boxes, unit: float) -> bool:
    """A path inside a form has other coordinates; such a one is not asked."""
    here = letters.displayed(np.array([found.get_bounds()]), page)[0] * unit
    return bool((np.abs(covers - here) <= 1).all(axis=1).any())
