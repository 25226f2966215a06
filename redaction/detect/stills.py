"""What is seen in one picture: an image, or a page of a PDF."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from redaction.detect import models
from redaction.detect.boxes import Found, distinct
from redaction.detect.suggestions import Entry, mark, said
from redaction.detect.ways import WAYS, Way, outward

Progress = Callable[[float, str], None]

PAGE = 1600  # pixels of a page's longer side: letters of 8 points are 16 pixels high on a letter page
_SAME = 0.4  # overlap from which two finds, at two sizes of the picture, are one


def look(network: Any, way: Way, picture: Any, sizes: tuple[int, ...]) -> list[Found]:
    """This will give what is found in a picture (rows, columns, RGB) looked at in some sizes, in its pixels.

    A network misses what is much larger or smaller than what it was taught with, hence more than one.
    """
    height, width = picture.shape[:2]
    sizes = tuple(
        sorted({min(size, round(max(height, width) * way.enlarge)) for size in sizes}, reverse=True)
    )
    found = [box for size in sizes for box in network.find(picture, size, way.enlarge)]
    return [box for box in distinct(found, _SAME) if way.fits(box, width, height)]


def in_image(
    source: Path, kind: str, *, folder: Path | None = None, progress: Progress | None = None
) -> list[Entry]:
    """This will suggest boxes (pixels of the picture as displayed) round faces, plates or text.

    :raises Refused: when the picture cannot be read, or there is no detector.
    """
    from redaction.engines.image import upright

    way, model = WAYS[kind], models.find(kind, folder)
    network = models.load(model)
    picture = np.asarray(upright(source)[0].convert("RGB"))
    height, width = picture.shape[:2]
    entries = []
    for box in look(network, way, picture, way.stills):
        rect = outward(box.grown(*way.pad).clipped(width, height), width, height)
        note = said(model.name, box.score)
        entries.append(mark(_prefix(kind), note, reason=way.reason, kind="box", page=1, rect=rect))
    if progress is not None:
        progress(1.0, "looked at")
    return entries


def in_pages(
    source: Path, kind: str, *, folder: Path | None = None, progress: Progress | None = None
) -> list[Entry]:
    """This will suggest boxes (points of the page as displayed) round what is found in a PDF's pictures.

    Written text is hidden first: what is left are photographs, scans and drawings.

    :raises Refused: when the PDF cannot be read, or there is no detector.
    """
    from redaction.detect.pages import pictures

    way, model = WAYS[kind], models.find(kind, folder)
    network = models.load(model)
    entries = []
    for seen in pictures(source, longest=PAGE, photographs=kind == "faces", progress=progress):
        for box in look(network, way, seen.pixels, (PAGE,)):
            inside = box.grown(*way.pad).scaled(*seen.points).clipped(seen.width, seen.height)
            rect = [round(edge, 2) for edge in (inside.x0, inside.y0, inside.x1, inside.y1)]
            if rect[0] < rect[2] and rect[1] < rect[3]:
                note = said(model.name, box.score)
                fields = {"kind": "box", "page": seen.number, "rect": rect, "extent": "exact"}
                entries.append(mark(_prefix(kind), note, reason=way.reason, **fields))
    return entries


def _prefix(kind: str) -> str:
    return kind.removesuffix("s")
