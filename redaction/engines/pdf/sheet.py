"""One page as it is displayed: its size, its letters and where they stand, and its picture.

Coordinates are points from the top left of the displayed page: after Rotate, inside the CropBox.
"""

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from redaction.engines.pdf.geometry import Box, Frame
from redaction.report import Refused

Picture = NDArray[np.uint8]

DPI = 200
MOST_PIXELS = 40_000_000
INK = 40  # a difference of grey levels that an eye sees

_NESTED = 15
_TINY = 1.5  # points; letters that are lower cannot be read
_HYPHENS = "-\x02\xad\u2010\u2011\ufffe\ufffd"


@dataclass(frozen=True)
class Glyph:
    """A letter of the page's text; ``box`` is None for a blank or a break that PDFium put in."""

    letter: str
    box: Box | None


@dataclass(frozen=True)
class Word:
    """Letters between blanks. ``first`` and ``last`` (exclusive) are positions in the page's text."""

    text: str
    box: Box
    first: int
    last: int
    upright: bool = True


@dataclass
class Sheet:
    """A page, opened."""

    number: int
    width: float
    height: float
    scale: float
    glyphs: list[Glyph] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)

    @cached_property
    def text(self) -> str:
        return "".join(glyph.letter for glyph in self.glyphs)

    @cached_property
    def margin(self) -> float:
        """The right margin of a page with words: a hidden one may be its last, so the left is mirrored."""
        rightmost = max(word.box[2] for word in self.words)
        return max(rightmost, self.width - min(word.box[0] for word in self.words))


def read(page: pypdfium2.PdfPage, number: int, unit: float = 1.0) -> Sheet:
    """This will measure a page and read its letters; ``unit`` is its UserUnit.

    :raises Refused: when it has no size that can be drawn.
    """
    width, height = (side * unit for side in page.get_size())
    if not (1 <= width < 1e6 and 1 <= height < 1e6):
        raise Refused(f"page {number} has no size that can be drawn")
    scale = scale_for((width, height))
    if min(width, height) * scale < 1:
        raise Refused(f"page {number} has no size that can be drawn")
    sheet = Sheet(number, width, height, scale)
    sheet.glyphs = list(_glyphs(page, unit))
    sheet.words = list(_words(sheet.glyphs))
    return sheet


def scale_for(size: tuple[float, float]) -> float:
    """This will give the pixels a point in which a page of a size, in points, is drawn."""
    return min(DPI / 72, math.sqrt(MOST_PIXELS / (size[0] * size[1])))


def draw(page: pypdfium2.PdfPage, sheet: Sheet, unit: float = 1.0, *, grey: bool = False) -> Picture:
    """This will give the page's picture, rows first, RGB or grey levels."""
    bitmap = page.render(
        scale=sheet.scale * unit, grayscale=grey, rev_byteorder=True, may_draw_forms=False, draw_annots=False
    )
    picture: Picture = bitmap.to_numpy().copy()
    bitmap.close()
    return picture[:, :, 0] if grey and picture.ndim == 3 else picture


def hide_text(page: pypdfium2.PdfPage) -> None:
    """This will make every text of a loaded page draw nothing, also inside form XObjects."""
    for found in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=_NESTED):
        pdfium.FPDFTextObj_SetTextRenderMode(found.raw, pdfium.FPDF_TEXTRENDERMODE_INVISIBLE)


def visible(sheet: Sheet, full: Picture, bare: Picture) -> list[Word]:
    """This will give the words whose every letter puts ink on the page.

    ``full`` and ``bare`` are grey pictures with and without text. White, hidden, covered, clipped and
    off-page text leaves no difference. Where words lie over each other an eye reads at most one, and this
    cannot tell which, so none of them counts.
    """
    ink = np.abs(full.astype(np.int16) - bare.astype(np.int16)) > INK
    inked = [word for word in sheet.words if all(_has_ink(ink, sheet, box) for box in _boxes(sheet, word))]
    stacked = _overlapping(sheet.words)
    return [word for word in inked if word not in stacked and not _is_tiny(word)]


def pixels(box: Box, scale: float, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """This will give the rows and columns of a picture that a box touches, rounded outwards."""
    x0, y0, x1, y1 = (edge * scale for edge in box)
    # both ends are held inside: a negative end would count from the other side
    rows = (min(shape[0], max(0, int(edge))) for edge in (np.floor(y0), np.ceil(y1)))
    columns = (min(shape[1], max(0, int(edge))) for edge in (np.floor(x0), np.ceil(x1)))
    return slice(*rows), slice(*columns)


def _glyphs(page: pypdfium2.PdfPage, unit: float) -> Iterator[Glyph]:
    frame = Frame(page.get_bbox(), page.get_rotation(), unit)
    text = page.get_textpage()
    handle = text.raw
    edges = [ctypes.c_double() for _ in range(4)]
    left, right, bottom, top = edges
    places = [ctypes.byref(edge) for edge in edges]
    letter_at, box_at = pdfium.FPDFText_GetUnicode, pdfium.FPDFText_GetCharBox
    for index in range(max(0, pdfium.FPDFText_CountChars(handle))):
        code = letter_at(handle, index)
        letter = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
        generated = False
        if letter in _HYPHENS:  # of what PDFium puts in by itself, the rest is blanks and breaks
            generated = pdfium.FPDFText_IsGenerated(handle, index) == 1
            if pdfium.FPDFText_IsHyphen(handle, index) == 1:
                letter = "\x02"
        if letter.isspace() or (generated and letter != "\x02"):
            yield Glyph(letter, None)
            continue
        box = None
        if box_at(handle, index, *places):
            found = left.value, bottom.value, right.value, top.value
            if found[2] > found[0] or found[3] > found[1]:
                box = frame.displayed(found)
        yield Glyph(letter, box)
    text.close()


def _words(glyphs: list[Glyph]) -> Iterator[Word]:
    first = 0
    for index in range(len(glyphs) + 1):
        glyph = glyphs[index] if index < len(glyphs) else None
        ends = glyph is None or glyph.box is None
        if not ends and index > first:
            ends = _apart(glyphs[first:index], glyph)
            if ends:
                yield from _word(glyphs, first, index)
                first = index
                continue
        if ends:
            yield from _word(glyphs, first, index)
            first = index + 1


def _apart(before: list[Glyph], glyph: Glyph | None) -> bool:
    """PDFium puts no blank between texts that are far apart on the page but next in the file."""
    last, this = before[-1].box, glyph.box if glyph else None
    if last is None or this is None:
        return True
    reach = 2.5 * max(last[2] - last[0], last[3] - last[1], this[2] - this[0], this[3] - this[1])
    return max(this[0] - last[2], last[0] - this[2], this[1] - last[3], last[1] - this[3]) > reach


def _word(glyphs: list[Glyph], first: int, last: int) -> Iterator[Word]:
    boxes = [glyph.box for glyph in glyphs[first:last] if glyph.box is not None]
    text = "".join("-" if glyph.letter == "\x02" else glyph.letter for glyph in glyphs[first:last])
    if not boxes or not text:
        return
    across = abs(boxes[-1][0] + boxes[-1][2] - boxes[0][0] - boxes[0][2])
    down = abs(boxes[-1][1] + boxes[-1][3] - boxes[0][1] - boxes[0][3])
    yield Word(text, union(boxes), first, last, upright=across >= down)


def union(boxes: list[Box]) -> Box:
    """This will give the smallest box around others, of which there is at least one."""
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _is_tiny(word: Word) -> bool:
    """Whether letters are too low and narrow for an eye; a lone stop or dash tells nothing."""
    x0, y0, x1, y1 = word.box
    across, up = (x1 - x0, y1 - y0) if word.upright else (y1 - y0, x1 - x0)
    return max(up, across / len(word.text)) < _TINY and any(map(str.isalnum, word.text))


def _boxes(sheet: Sheet, word: Word) -> list[Box]:
    return [glyph.box for glyph in sheet.glyphs[word.first : word.last] if glyph.box is not None]


def _has_ink(ink: NDArray[np.bool_], sheet: Sheet, box: Box) -> bool:
    rows, columns = pixels(box, sheet.scale, ink.shape)
    return bool(ink[rows, columns].any())


def _overlapping(words: list[Word]) -> set[Word]:
    """Words that share more than a third of the smaller one's area, unless they are one word drawn twice."""
    stacked: set[Word] = set()
    active: list[Word] = []
    for word in sorted(words, key=lambda each: each.box[1]):
        active = [other for other in active if other.box[3] > word.box[1]]
        for other in active:
            if _shared(word.box, other.box) > 1 / 3:
                stacked |= {word} if word.text == other.text else {word, other}
        active.append(word)
    return stacked


def _shared(first: Box, second: Box) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second))
    return width * height / max(smaller, 1e-6)


def lines(words: list[Word]) -> list[list[Word]]:
    """This will part words, in the order of the text, into lines: the next one steps back or aside."""
    result: list[list[Word]] = [[words[0]]] if words else []
    for before, word in pairwise(words):
        height = min(before.box[3] - before.box[1], word.box[3] - word.box[1])
        level = min(before.box[3], word.box[3]) - max(before.box[1], word.box[1])
        same = word.upright == before.upright and level > 0.3 * height and word.box[0] >= before.box[0]
        if same and word.upright:
            result[-1].append(word)
        else:
            result.append([word])
    return result
