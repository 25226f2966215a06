"""The pages of a PDF as the engine sees them: their pictures without the written text, and their text."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from redaction.engines import pdf
from redaction.engines.pdf import ocr, sheet
from redaction.engines.pdf.geometry import Box
from redaction.report import Refused

Progress = Callable[[float, str], None]

_NESTED = 15
_FEW = 20  # letters: a page with fewer is a scan, or has next to nothing on it
_PLAIN = 24  # grey levels: a page whose pixels differ by less shows nothing


@dataclass(frozen=True)
class Written:
    """A page's letters; ``painted`` when they are a picture's, which a ``text`` mark does not look into."""

    sheet: sheet.Sheet
    painted: bool = False
    unread: bool = False


@dataclass(frozen=True)
class Seen:
    """A page's picture; ``points`` are points of the displayed page for one pixel across and down."""

    number: int
    width: float
    height: float
    pixels: NDArray[np.uint8]
    points: tuple[float, float]


def pictures(
    source: Path, *, longest: int, photographs: bool, progress: Progress | None = None
) -> Iterator[Seen]:
    """This will draw, without text, each page that shows something; ``photographs``: that holds an image.

    :raises Refused: when the PDF cannot be read.
    """
    for page, number, unit in _loaded(source, progress):
        if photographs and not any(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=_NESTED)):
            continue
        sheet.hide_text(page)
        width, height = (side * unit for side in page.get_size())
        scale = longest / max(page.get_size())
        if min(page.get_size()) * scale < 1:
            continue
        bitmap = page.render(scale=scale, rev_byteorder=True, may_draw_forms=False, draw_annots=False)
        pixels = bitmap.to_numpy()[:, :, :3].copy()
        bitmap.close()
        if int(pixels.max()) - int(pixels.min()) < _PLAIN:
            continue
        points = width / pixels.shape[1], height / pixels.shape[0]
        yield Seen(number, width, height, pixels, points)


def sheets(source: Path, progress: Progress | None = None) -> Iterator[Written]:
    """This will read the letters of each page and where they stand; of a scan, those Tesseract can read.

    :raises Refused: when the PDF cannot be read.
    """
    for page, number, unit in _loaded(source, progress):
        this = sheet.read(page, number, unit)
        if sum(letter.isalnum() for letter in this.text) >= _FEW:
            yield Written(this)
            continue
        picture = sheet.draw(page, this, unit, grey=True)
        if int(picture.max()) - int(picture.min()) < _PLAIN:
            continue
        words = ocr.words(picture, this.scale)
        yield Written(this, True, unread=True) if words is None else Written(_recognised(this, words), True)


def in_picture(picture: NDArray[np.uint8]) -> Written | None:
    """This will read the words of a picture in grey levels, in its pixels; None without Tesseract."""
    height, width = picture.shape
    words = ocr.words(picture, 1.0)
    this = sheet.Sheet(1, width, height, 1.0)
    return None if words is None else Written(_recognised(this, words), True)


def _recognised(this: sheet.Sheet, words: list[sheet.Word]) -> sheet.Sheet:
    """The page with the words of its picture; each letter stands where its word does."""
    read = sheet.Sheet(this.number, this.width, this.height, this.scale)
    last: Box | None = None
    for word in words:
        if last is not None:
            same_line = min(last[3], word.box[3]) > max(last[1], word.box[1])
            read.glyphs.append(sheet.Glyph(" " if same_line else "\n", None))
        first = len(read.glyphs)
        read.glyphs += [sheet.Glyph(letter, word.box) for letter in word.text]
        read.words.append(sheet.Word(word.text, word.box, first, len(read.glyphs)))
        last = word.box
    return read


def _loaded(source: Path, progress: Progress | None) -> Iterator[tuple[pypdfium2.PdfPage, int, float]]:
    with (
        tempfile.TemporaryDirectory(prefix="daylight-detect-") as scratch,
        pdf.settled(source, Path(scratch)) as settled,
    ):
        total = len(settled.document)
        for index, unit in enumerate(settled.units):
            try:
                page = settled.document[index]
            except pypdfium2.PdfiumError:
                raise Refused(f"page {index + 1} is broken and cannot be read") from None
            try:
                yield page, index + 1, unit
            finally:
                page.close()
            if progress is not None:
                progress((index + 1) / total, f"page {index + 1} of {total}")
