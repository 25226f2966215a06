"""What puts ink on a page: pages drawn by PDFium with and without some of their objects, and compared.

Boxes are points from the top left of the displayed page; a picture has one grey level a pixel.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from redaction.letters import Boxes, Letters, displayed
from redaction.report import Refused

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Places = NDArray[np.int64]

MOST_PIXELS = 40_000_000
BLACK = 40  # JPEG rings a little along the edge of a black box
FLAT = 24  # grey levels between the darkest and lightest pixel of one colour
CONTRAST = 24  # grey levels that an eye still sees; letters at 100 dots an inch are paler than in print

_NESTED = 15
_STACKED = 1 / 3  # of the smaller of two letters' areas
_BLOCK = 128  # letters compared with the others at a time
_NEAR = 3  # letters of one word


@contextmanager
def document(path: object) -> Iterator[pypdfium2.PdfDocument]:
    """This will open a PDF for drawing.

    :raises Refused: when it cannot be drawn.
    """
    try:
        opened = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        raise Refused("the PDF cannot be drawn and so not be examined") from None
    try:
        yield opened
    finally:
        opened.close()


def scale_for(width: float, height: float, dpi: float) -> float:
    """This will give pixels a point, fewer than asked where a page is too large for memory."""
    return float(min(dpi / 72, (MOST_PIXELS / max(1.0, width * height)) ** 0.5))


def draw(page: pypdfium2.PdfPage, scale: float, *, notes: bool = False) -> Grey:
    """This will draw a loaded page at so many pixels a unit of its user space."""
    bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False, draw_annots=notes)
    picture: Grey = bitmap.to_numpy().copy()
    bitmap.close()
    return picture[:, :, 0] if picture.ndim == 3 else picture


def hide_text(page: pypdfium2.PdfPage) -> bool:
    """This will make all text of a loaded page draw nothing; says whether some drew nothing before."""
    ghostly = False
    for found in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=_NESTED):
        mode = pdfium.FPDFTextObj_GetTextRenderMode(found.raw)
        ghostly |= mode in (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
        pdfium.FPDFTextObj_SetTextRenderMode(found.raw, pdfium.FPDF_TEXTRENDERMODE_INVISIBLE)
    return ghostly


def lift_covers(page: pypdfium2.PdfPage, boxes: Boxes, unit: float = 1.0) -> int:
    """This will hide the black rectangles that lie exactly on the boxes; gives how many boxes had one."""
    covered = np.zeros(len(boxes), np.bool_)
    edges = [ctypes.c_float() for _ in range(4)]
    for found in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=1):
        if fill_of(found) or not pdfium.FPDFPageObj_GetBounds(found.raw, *map(ctypes.byref, edges)):
            continue
        here = displayed(np.array([[edge.value for edge in edges]]), page)[0] * unit
        same = (np.abs(boxes - here) <= 0.5).all(axis=1)
        if same.any():
            covered |= same
            pdfium.FPDFPageObj_SetIsActive(found.raw, False)
    return int(covered.sum())


def fill_of(found: pypdfium2.PdfObject) -> int:
    """This will give the grey level of a path's fill; 255 where it has none."""
    parts = [ctypes.c_uint() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetFillColor(found.raw, *map(ctypes.byref, parts)) or not parts[3].value:
        return 255
    return max(part.value for part in parts[:3])


def spans(boxes: Boxes, scale: float, shape: tuple[int, ...], *, inner: bool = False) -> NDArray[np.int64]:
    """This will give rows of (first row, last row, first column, last column), ends exclusive.

    ``inner`` takes only pixels wholly inside, else all that are touched.
    """
    x0, y0, x1, y1 = (boxes * scale).T
    low, high = (np.ceil, np.floor) if inner else (np.floor, np.ceil)
    rows = np.clip(np.stack([low(y0), high(y1)]), 0, shape[0])
    columns = np.clip(np.stack([low(x0), high(x1)]), 0, shape[1])
    return np.concatenate([rows, columns]).T.astype(np.int64)


def any_in(mask: Mask, boxes: Boxes, scale: float) -> Mask:
    """This will say of each box whether a pixel that it touches is set."""
    sums = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), np.int32)
    np.cumsum(mask, axis=0, dtype=np.int32, out=sums[1:, 1:])
    np.cumsum(sums[1:, 1:], axis=1, out=sums[1:, 1:])
    top, bottom, left, right = spans(boxes, scale, mask.shape).T
    bottom, right = np.maximum(bottom, top), np.maximum(right, left)
    found: Mask = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left] > 0
    return found


def cover(shape: tuple[int, ...], boxes: Boxes, scale: float) -> Mask:
    """This will give a mask of all pixels that boxes touch."""
    mask = np.zeros(shape, np.bool_)
    for top, bottom, left, right in spans(boxes, scale, shape):
        mask[top:bottom, left:right] = True
    return mask


def moved(first: Grey, second: Grey, levels: int) -> Mask:
    """This will give the pixels of either picture that have no like, within two pixels, in the other.

    PDFium nudges small letters within a run, so that one beside a cut may stand aside by as much; a letter
    that came or went is found.
    """
    apart = np.abs(first.astype(np.int16) - second.astype(np.int16)) > levels
    if apart.any():
        apart &= _unlike(first, second, levels) | _unlike(second, first, levels)
    return apart


def _unlike(one: Grey, other: Grey, levels: int) -> Mask:
    low, high = (_around(other, pick).astype(np.int16) for pick in (np.minimum, np.maximum))
    mask: Mask = (one < low - levels) | (one > high + levels)
    return mask


def _around(picture: Grey, pick: np.ufunc) -> Grey:
    """Each pixel's lowest or highest neighbour within two pixels, itself among them."""
    found = picture
    for _ in range(2):
        wide = np.pad(found, 1, mode="edge")
        rows = pick(pick(wide[:-2], wide[1:-1]), wide[2:])
        found = pick(pick(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    return found


def is_flat(area: Grey) -> bool:
    """This will say whether an area has one colour; an empty one has."""
    return area.size == 0 or int(area.max()) - int(area.min()) <= FLAT


def stacked(found: Letters) -> bool:
    """This will say whether letters lie over others, so that an eye reads at most one of them.

    The same letter drawn twice is bold; a ligature's letters share one box.
    """
    kept = [place for place, text in enumerate(found.texts) if text.isalnum()]
    boxes, codes = found.boxes[kept], np.array([ord(found.texts[place][0]) for place in kept])
    order = np.argsort(boxes[:, 1], kind="stable")
    boxes, codes, places = boxes[order], codes[order], np.array(kept, np.int64)[order]
    for start in range(0, len(boxes), _BLOCK):
        these = slice(start, start + _BLOCK)
        # those that begin below this block's lowest letter cannot touch it
        end = int(np.searchsorted(boxes[:, 1], boxes[these, 3].max(), side="right"))
        if end > start and _meet(boxes, codes, places, these, slice(start, end)):
            return True
    return False


def _meet(boxes: Boxes, codes: Places, places: Places, these: slice, those: slice) -> bool:
    one, other = boxes[these, None], boxes[None, those]
    width = np.minimum(one[..., 2], other[..., 2]) - np.maximum(one[..., 0], other[..., 0])
    height = np.minimum(one[..., 3], other[..., 3]) - np.maximum(one[..., 1], other[..., 1])
    sizes = (boxes[:, 2:] - boxes[:, :2]).clip(1e-6)
    areas, extents = sizes.prod(axis=1), sizes.max(axis=1)
    over = (width > 0) & (height > 0)
    over &= width * height > _STACKED * np.minimum(areas[these, None], areas[None, those])
    over &= codes[these, None] != codes[None, those]
    # letters of one word overlap where it is written aslant, and have one box where they are one ligature
    beside = np.abs(places[these, None] - places[None, those]) <= _NEAR
    steps = np.abs(one[..., :2] + one[..., 2:] - other[..., :2] - other[..., 2:]).max(axis=-1) / 2
    apart = steps > 0.35 * np.minimum(extents[these, None], extents[None, those])
    same = (np.abs(one - other) < 0.01).all(axis=-1)
    return bool((over & ~(beside & (apart | same))).any())
