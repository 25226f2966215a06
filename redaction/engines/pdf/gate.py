"""The gate: which rewritten pages still hold, show or give away something, and must become pictures.

A rewritten page passes only if two readers find no letter in its black areas, nothing lies below them, every
letter left puts ink on the page, the rest looks as it did, and its objects and fonts hold nothing unseen.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pikepdf
import pypdfium2

from redaction import ink, leftovers, letters
from redaction.inspection import Inspection
from redaction.letters import Boxes, Letters
from redaction.report import Refused

Box = tuple[float, float, float, float]

DPI = 100
SLACK = 1.0  # points round an area that may change with it
CHANGED = 48  # grey levels; less is a picture stored anew
MOST_CHANGED = 12  # pixels; half a letter at this resolution

_TINY = 1.5  # points; letters that are lower cannot be read


def failing(settled: Path, candidate: Path, pages: Mapping[int, list[Box]]) -> dict[int, list[str]]:
    """This will give, for each page that must be drawn as a picture instead, the reasons in plain words.

    ``settled`` and ``candidate`` have the same pages in the same order; ``pages`` maps the number of each
    rewritten page (first is 1) to its black areas, in points from the top left of the displayed page.
    """
    reasons: dict[int, list[str]] = {number: [] for number in pages}
    try:
        for number, words in _judge(settled, candidate, pages):
            reasons[number].append(words)
    except Refused as error:
        reasons = {number: [str(error)] for number in pages}
    except (pikepdf.PdfError, pypdfium2.PdfiumError):
        reasons = {number: ["the rewritten document cannot be read again"] for number in pages}
    return {number: list(dict.fromkeys(words)) for number, words in reasons.items() if words}


def _judge(settled: Path, candidate: Path, pages: Mapping[int, list[Box]]) -> Iterator[tuple[int, str]]:
    with ExitStack() as stack:
        before = stack.enter_context(ink.document(settled))
        after = stack.enter_context(ink.document(candidate))
        objects = stack.enter_context(pikepdf.open(candidate, suppress_warnings=True))
        units = _units(settled), [_unit(page) for page in objects.pages]
        if not len(before) == len(after) == len(units[0]) == len(units[1]):
            raise Refused("the rewritten document has another number of pages")
        inspection, usage, reached = Inspection(), leftovers.Usage(), dict[int, set[int]]()
        for number, mined in enumerate(letters.by_pdfminer(candidate), start=1):
            if number not in pages:
                continue
            if mined is None:
                yield number, "a second reader cannot read it"
                continue
            usage.add(mined)
            foreign = inspection.page(objects.pages[number - 1])
            if foreign is not None:
                yield number, f"it holds {foreign}"
            reached[number] = {number for number, _ in inspection.fonts}
            areas = np.array(pages[number], np.float64).reshape(-1, 4)
            pair = before[number - 1], after[number - 1]
            for words in _page(*pair, mined, areas, (units[0][number - 1], units[1][number - 1])):
                yield number, words
            for page in pair:
                page.close()
        yield from leftovers.faults(objects, settled, usage, reached).items()


def _unit(page: pikepdf.Page) -> float:
    return float(page.obj.get("/UserUnit", 1))


def _units(path: Path) -> list[float]:
    with pikepdf.open(path, suppress_warnings=True) as pdf:
        return [_unit(page) for page in pdf.pages]


def _page(
    before: pypdfium2.PdfPage,
    after: pypdfium2.PdfPage,
    mined: Letters,
    areas: Boxes,
    units: tuple[float, float],
) -> Iterator[str]:
    """What is wrong with one page, by its letters and its pictures."""
    seen = letters.by_pdfium(after, mined.number, units[1])
    if any(_holds(found, areas) for found in (mined, seen)):
        yield "letters can still be read in a black area"
    if bool(mined.unseen.any()):
        yield "it holds text that draws nothing"
    width, height = before.get_size()
    scale = ink.scale_for(width * units[0], height * units[0], DPI)
    first, shown = ink.draw(before, scale * units[0]), ink.draw(after, scale * units[1])
    if first.shape != shown.shape:
        yield "its size changed"
        return
    if ink.lift_covers(after, areas, units[1]) < len(areas):
        yield "a black area has no black rectangle"
    if ink.hide_text(after):
        yield "it holds text that draws nothing"
    bare = ink.draw(after, scale * units[1])
    yield from _looks(first, shown, bare, areas, scale)
    trace = np.abs(shown.astype(np.int16) - bare.astype(np.int16)) > ink.CONTRAST
    if any(_ghosts(found, trace, scale) for found in (mined, seen)):
        yield "it holds words that cannot be seen"
    if ink.stacked(seen):
        yield "words lie over each other"


def _holds(found: Letters, areas: Boxes) -> bool:
    """Whether the middle of a letter lies in an area."""
    boxes = found.boxes[found.inked]
    for x0, y0, x1, y1 in areas:
        across, up = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
        middle = (x0 < across) & (across < x1) & (y0 < up) & (up < y1)
        if bool(middle.any()):
            return True
    return False


def _looks(first: ink.Grey, shown: ink.Grey, bare: ink.Grey, areas: Boxes, scale: float) -> Iterator[str]:
    """What the page shows that it did not, and what lies below its black areas."""
    grown = areas + np.array([-SLACK, -SLACK, SLACK, SLACK])
    changed = ink.moved(first, shown, CHANGED) & ~ink.cover(shown.shape, grown, scale)
    if int(changed.sum()) > MOST_CHANGED:
        yield "it looks different outside its black areas"
    black = flat = True
    for top, bottom, left, right in ink.spans(areas, scale, shown.shape, inner=True):
        black &= not (shown[top:bottom, left:right] > ink.BLACK).any()
        flat &= ink.is_flat(bare[top + 1 : bottom - 1, left + 1 : right - 1])
    if not black:
        yield "a black area is not black"
    if not flat:
        yield "something is left below a black area"


def _ghosts(found: Letters, trace: ink.Mask, scale: float) -> bool:
    """Whether letters leave no trace when all text is taken off the page, or are too small to be read."""
    inked = found.inked
    if not inked.any():
        return False
    boxes = found.boxes[inked]
    texts = (text for text, kept in zip(found.texts, inked, strict=True) if kept)
    plain = np.fromiter((text.isalnum() for text in texts), np.bool_)
    lost = ~ink.any_in(trace, boxes, scale)
    tiny = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) < _TINY
    return bool((lost & plain).any()) or int(lost.sum()) > 2 or int((tiny & plain).sum()) > 2
