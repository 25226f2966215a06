"""Rewrites pages as text and drawings where that can be done surely; says why where it cannot."""

from typing import Any

import pikepdf
from pikepdf import Name

from redaction.engines.pdf import lettering
from redaction.engines.pdf.cleansing import is_number
from redaction.engines.pdf.content import Content
from redaction.engines.pdf.document import Document
from redaction.engines.pdf.geometry import Box, Frame, common, extent
from redaction.engines.pdf.layers import Unsure

SCANNED = "a scanned page, whose words are in its picture"

_A_SCAN = 0.5  # of the page; a picture this large with hardly any text beside it
_FEW_LETTERS = 60
_DEEPEST_TREE = 50
_ROUGH = 0.02  # points by which two readers' page sizes may differ


def frame_of(page: pikepdf.Page) -> Frame:
    """This will give how a page is shown.

    :raises Unsure: when its boxes leave a doubt.
    """
    media = _box(_inherited(page.obj, "/MediaBox"))
    crop = _inherited(page.obj, "/CropBox")
    box = media if crop is None else common(_box(crop), media)
    turn = _inherited(page.obj, "/Rotate")
    turn = 0 if turn is None else turn
    if not is_number(turn) or turn % 90 or extent(box) <= 0:
        raise Unsure("a page whose size is in doubt")
    unit = page.obj.get("/UserUnit", 1)
    sane = is_number(unit) and 0.01 <= unit <= 75_000
    return Frame(box, int(turn) % 360, float(unit) if sane else 1.0)


def rewrite(
    document: Document, page: pikepdf.Page, number: int, size: tuple[float, float], areas: list[Box]
) -> Content:
    """This will put a page into the document with its own letters and drawings, without what is in the areas.

    ``size`` is the page's as the other reader displays it, ``areas`` are as displayed, both in points.

    :raises Unsure: when the page must become a picture.
    """
    try:
        content = _content(document, page, size, areas)
        document.write(number, content, content.areas)
    except Unsure:
        raise
    except RecursionError:
        raise Unsure("a page nested too deeply") from None
    except (
        pikepdf.PdfError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
        ArithmeticError,
    ) as error:
        raise Unsure(f"a page that is damaged ({type(error).__name__})") from error
    return content


def _content(document: Document, page: pikepdf.Page, size: tuple[float, float], areas: list[Box]) -> Content:
    frame = frame_of(page)
    if any(
        abs(one - other) > _ROUGH * max(1, frame.unit) for one, other in zip(frame.size, size, strict=True)
    ):
        raise Unsure("a page whose size is in doubt")
    boxes = [common(frame.own(area), frame.box) for area in areas]
    content = Content(document.shared, frame, [box for box in boxes if extent(box) > 0])
    resources = _inherited(page.obj, "/Resources")
    content.run(page, resources if resources is not None else pikepdf.Dictionary())
    if lettering.hides_in_picture(content):
        raise Unsure(SCANNED)
    pictured = sum(extent(box) for box in content.pictures)
    if pictured > _A_SCAN * extent(frame.box) and content.kept_letters < _FEW_LETTERS:
        raise Unsure(SCANNED)
    return content


def _inherited(node: Any, key: str) -> Any:
    for _ in range(_DEEPEST_TREE):
        if key in node:
            return node[key]
        if Name.Parent not in node:
            return None
        node = node[Name.Parent]
    return None


def _box(found: Any) -> Box:
    if not isinstance(found, pikepdf.Array) or len(found) != 4 or not all(is_number(each) for each in found):
        raise Unsure("a page whose size is in doubt")
    x0, y0, x1, y1 = (float(each) for each in found)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
