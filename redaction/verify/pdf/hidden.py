"""Finding what lies under something else on a page, in a PDF by any program.

A word that another reader extracts, but whose place on the drawn page is one flat colour, is hidden: under a
black box, white on white, in a layer that is off, beside the crop. A filled rectangle is lifted off to see
whether anything but flat colour is under it.
"""

from pathlib import Path

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from redaction import reading
from redaction.reading import Box, Leaf
from redaction.report import Finding, Refused

SCALE = 2.0  # pixels a point
FLAT = 24  # grey levels between the darkest and lightest pixel of one colour
SMALLEST = 4.0  # points; a thinner rectangle is a rule or a border

_MOST_PIXELS = 40_000_000

Grey = NDArray[np.int16]


def faults(path: Path) -> list[Finding]:
    """This will name the pages on which words or pictures lie hidden."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        raise Refused("the PDF cannot be drawn and so not be examined") from None
    findings: list[Finding] = []
    try:
        for leaf in reading.leaves(path):
            findings += _page_faults(document, leaf)
    finally:
        document.close()
    return findings


def _page_faults(document: pypdfium2.PdfDocument, leaf: Leaf) -> list[Finding]:
    page = document[leaf.number - 1]
    scale = min(SCALE, (_MOST_PIXELS / max(1.0, leaf.width * leaf.height)) ** 0.5)
    shown, plain = _draw(page, scale, notes=True), _draw(page, scale, notes=False)
    _hide(page, pdfium.FPDF_PAGEOBJ_TEXT)
    ink = np.abs(plain - _draw(page, scale, notes=False))
    page.close()
    page = document[leaf.number - 1]
    _hide(page, pdfium.FPDF_PAGEOBJ_PATH)
    lifted = _draw(page, scale, notes=False)
    page.close()
    findings, place = [], f"page {leaf.number}"
    words = _words(leaf)
    count = sum(1 for box, unseen in words if _is_hidden(box, unseen, shown, plain, ink, scale))
    if count:
        findings.append(Finding(f"{count} words can be read by a program but not seen", place=place))
    covers = [box for box in leaf.fills + leaf.notes if min(box[2] - box[0], box[3] - box[1]) >= SMALLEST]
    flat = [box for box in covers if _is_flat(_cut(shown, box, scale))]
    under = sum(1 for box in flat if not _is_flat(_cut(lifted, box, scale), empty=True))
    if under:
        findings.append(Finding(f"something lies under {under} filled boxes", place=place))
    return findings


def _draw(page: pypdfium2.PdfPage, scale: float, *, notes: bool) -> Grey:
    bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False, draw_annots=notes)
    picture: Grey = bitmap.to_numpy().astype(np.int16)
    bitmap.close()
    return picture[:, :, 0] if picture.ndim == 3 else picture


def _hide(page: pypdfium2.PdfPage, kind: int) -> None:
    """Makes every text, or every drawn path, of the loaded page draw nothing."""
    for found in page.get_objects(filter=[kind], max_depth=15):
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            pdfium.FPDFTextObj_SetTextRenderMode(found.raw, pdfium.FPDF_TEXTRENDERMODE_INVISIBLE)
        else:
            pdfium.FPDFPath_SetDrawMode(found.raw, pdfium.FPDF_FILLMODE_NONE, 0)


def _words(leaf: Leaf) -> list[tuple[Box, bool]]:
    """Boxes of words of two letters or more (one may be a bullet), and whether they draw nothing anyway."""
    words: list[tuple[Box, bool]] = []
    letters: list[tuple[Box, bool]] = []
    places = zip(leaf.text + " ", [*leaf.boxes, None], [*leaf.unseen, False], strict=True)
    for letter, box, unseen in places:
        if box is not None and not letter.isspace():
            letters.append((box, unseen))
            continue
        if len(letters) > 1:
            boxes = [each for each, _ in letters]
            x0, y0 = min(each[0] for each in boxes), min(each[1] for each in boxes)
            x1, y1 = max(each[2] for each in boxes), max(each[3] for each in boxes)
            words.append(((x0, y0, x1, y1), any(each for _, each in letters)))
        letters = []
    return words


def _is_hidden(box: Box, unseen: bool, shown: Grey, plain: Grey, ink: Grey, scale: float) -> bool:
    height, width = shown.shape
    x0, y0, x1, y1 = box
    if x1 <= 0 or y1 <= 0 or x0 * scale >= width or y0 * scale >= height:
        return True
    middle = _cut(shown, box, scale, trim=0.15 * (y1 - y0))
    if unseen:
        # laid over a picture of itself, as after character recognition, or over nothing, or over black
        around = _cut(shown, box, scale, trim=-1.5)
        return _is_flat(middle) and (_is_flat(around) or int(middle.max()) <= FLAT)
    covered = _is_flat(middle) and not _is_flat(_cut(plain, box, scale, trim=0.15 * (y1 - y0)))
    trace = _cut(ink, box, scale)
    return covered or (trace.size > 0 and int(trace.max()) <= FLAT)


def _cut(picture: Grey, box: Box, scale: float, trim: float = 0.0) -> Grey:
    """The pixels wholly inside a box made ``trim`` points lower at top and bottom (negative: larger)."""
    x0, y0, x1, y1 = box
    x0, x1 = (x0 + trim, x1 - trim) if trim < 0 else (x0, x1)
    rows = slice(max(0, int(np.ceil((y0 + trim) * scale))), max(0, int((y1 - trim) * scale)))
    columns = slice(max(0, int(np.ceil(x0 * scale))), max(0, int(x1 * scale)))
    return picture[rows, columns]


def _is_flat(area: Grey, *, empty: bool = False) -> bool:
    if area.shape[0] > 4 and area.shape[1] > 4:
        area = area[1:-1, 1:-1]  # the edge shows what is beside the box
    return int(area.max()) - int(area.min()) <= FLAT if area.size else empty
