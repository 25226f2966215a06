"""Looking at one page of an output in the places that are to be black."""

from dataclasses import dataclass, field

import numpy as np
import pikepdf
import pypdfium2

from redaction import ink, letters
from redaction.ink import Grey
from redaction.letters import Boxes, Letters
from redaction.verify.pdf import own
from redaction.verify.pdf.own import Page

DPI = 144

Box = tuple[float, float, float, float]


@dataclass
class Output:
    """An output opened for looking; one page at a time is drawn."""

    drawing: pypdfium2.PdfDocument
    objects: pikepdf.Pdf
    units: list[float]
    _drawn: tuple[int, Grey] = field(default=(0, np.empty((0, 0), np.uint8)))
    _stored: tuple[int, Grey] = field(default=(0, np.empty((0, 0), np.uint8)))

    def looks(self, page: Page, mined: Letters) -> list[tuple[Grey, float]]:
        """The page as a reader shows it, and a picture as it is stored; each with its pixels a point."""
        looks = [self._shown(page, mined)]
        if page.is_picture:
            if self._stored[0] != page.number:
                self._stored = page.number, np.asarray(own.picture(self.objects, page.number).convert("L"))
            looks.append((self._stored[1], self._stored[1].shape[1] / mined.width))
        return looks

    def _shown(self, page: Page, mined: Letters) -> tuple[Grey, float]:
        unit = self.units[page.number - 1]
        scale = ink.scale_for(mined.width, mined.height, DPI)
        if self._drawn[0] != page.number:
            loaded = self.drawing[page.number - 1]
            self._drawn = page.number, ink.draw(loaded, scale * unit)
            loaded.close()
        return self._drawn[1], self._drawn[1].shape[1] / mined.width

    def under(self, page: Page) -> bool:
        """This will say whether something shows when the black areas of a rewritten page are lifted off."""
        if page.is_picture or not page.areas:
            return False
        unit = self.units[page.number - 1]
        loaded = self.drawing[page.number - 1]
        rows = np.array([(x, y, x + wide, y + high) for x, y, wide, high in page.areas])
        areas = letters.displayed(rows, loaded) * unit
        width, height = loaded.get_size()
        scale = ink.scale_for(width * unit, height * unit, DPI)
        lifted = ink.lift_covers(loaded, areas, unit)
        ink.hide_text(loaded)  # a letter beside an area may reach into it; letters are looked for by readers
        bare = ink.draw(loaded, scale * unit)
        loaded.close()
        spans = ink.spans(areas, scale, bare.shape, inner=True)
        flat = (
            ink.is_flat(bare[top + 1 : bottom - 1, left + 1 : right - 1])
            for top, bottom, left, right in spans
        )
        return lifted < len(areas) or not all(flat)

    def areas(self, page: Page) -> Boxes:
        """The page's black rectangles as displayed."""
        loaded = self.drawing[page.number - 1]
        rows = np.array([(x, y, x + wide, y + high) for x, y, wide, high in page.areas]).reshape(-1, 4)
        found = letters.displayed(rows, loaded) * self.units[page.number - 1]
        loaded.close()
        return found


def is_black(picture: Grey, scale: float, rect: Box) -> bool:
    """This will say whether every pixel wholly inside a box is black."""
    x0, y0, x1, y1 = (edge * scale for edge in rect)
    area = picture[int(np.ceil(y0)) : int(y1), int(np.ceil(x0)) : int(x1)]
    return area.size == 0 or int(area.max()) <= ink.BLACK


def is_dark(picture: Grey, scale: float, point: tuple[float, float]) -> bool:
    """This will say whether a place is black; beside the page there is nothing."""
    row, column = int(point[1] * scale), int(point[0] * scale)
    if not (0 <= row < picture.shape[0] and 0 <= column < picture.shape[1]) or min(point) < 0:
        return True
    return int(picture[row, column]) <= ink.BLACK


def within(boxes: Boxes, areas: Boxes) -> bool:
    """This will say whether the middle of a box lies in an area."""
    across, down = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    for x0, y0, x1, y1 in areas:
        if bool(((x0 < across) & (across < x1) & (y0 < down) & (down < y1)).any()):
            return True
    return False
