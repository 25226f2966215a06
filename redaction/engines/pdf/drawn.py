"""A page as a painted picture, with the words that may be read in it.

Words come from the page's own text where an eye sees them; where they cannot be trusted, as in a scan, they
are read from the painted picture, if a program for that is installed.
"""

from dataclasses import dataclass

import numpy as np
import pypdfium2

from redaction.engines.pdf import ocr, sheet
from redaction.engines.pdf.geometry import Box
from redaction.engines.pdf.sheet import Picture, Sheet, Word

_BLANK = 0.0005  # share of dark pixels on a page that holds nothing to read
_DARK = 160
_DOUBTFUL = 0.3  # of the words have ink in their place that is not theirs


@dataclass
class Painted:
    """What a drawn page consists of; ``read`` says that a program read its words from the picture."""

    picture: Picture
    words: list[Word]
    read: bool = False


def paint(
    page: pypdfium2.PdfPage, this: Sheet, boxes: list[Box], unit: float, language: str, *, scanned: bool
) -> Painted:
    """This will draw a page, blacken its areas and find the words still legible in it."""
    picture = sheet.draw(page, this, unit)
    full = sheet.draw(page, this, unit, grey=True)
    sheet.hide_text(page)
    words = sheet.visible(this, full, sheet.draw(page, this, unit, grey=True))
    doubtful = scanned or _doubts(this, words, full)
    for box in boxes:
        picture[sheet.pixels(box, this.scale, picture.shape)] = 0
    kept = [word for word in words if not any(_meets(word.box, box) for box in boxes)]
    if doubtful:
        found = ocr.words(picture, this.scale, language, black=boxes)
        if found is not None:
            return Painted(picture, found, read=True)
    return Painted(picture, kept)


def _doubts(this: Sheet, words: list[Word], full: Picture) -> bool:
    """Whether there is more to read on a page than its own text tells."""
    if not words:
        return float((full < _DARK).mean()) > _BLANK
    seen = set(words)
    masked = [word for word in this.words if word not in seen and _has_ink(full, this, word.box)]
    return len(masked) > _DOUBTFUL * len(this.words)


def _has_ink(full: Picture, this: Sheet, box: Box) -> bool:
    area = full[sheet.pixels(box, this.scale, full.shape)]
    return area.size > 0 and int(np.ptp(area)) > sheet.INK


def _meets(word: Box, box: Box) -> bool:
    return word[0] < box[2] and box[0] < word[2] and word[1] < box[3] and box[1] < word[3]
