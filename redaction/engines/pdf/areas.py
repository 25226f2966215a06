"""From marks to the areas of each page that turn black.

A box grown to the end of its line gives no width away by which a name could be guessed; so do runs of
letters painted at the height of their whole line.
"""

import unicodedata
from dataclasses import dataclass, field

from redaction import patterns
from redaction.engines.pdf.geometry import Box
from redaction.engines.pdf.sheet import Sheet, Word, lines, union
from redaction.marks import Mark, Marks
from redaction.report import MarksError, Refused

PAD = 1.0  # points; drawing programs and this one may place a letter a hair apart

_EDGE = 0.01  # points a box may pass the page's edge by rounding
_COLUMN_GAP = 2.0  # heights of a line; a wider gap begins another column or cell


@dataclass
class Areas:
    """The areas of one page, and whether the page is withheld whole (by which mark)."""

    boxes: list[Box] = field(default_factory=list)
    withheld_by: Mark | None = None


def check(marks: Marks, sizes: list[tuple[float, float]]) -> None:
    """This will check every mark against the pages there are, before work starts.

    :raises MarksError: naming the mark and the page that is not there, or the box that leaves its page.
    """
    for mark in marks.of("box", "page", "text"):
        named = mark["pages"] if mark.kind == "text" else (mark["page"],)
        for number in () if named == "all" else named:
            if number > len(sizes):
                raise MarksError(f"there is no page {number}, the last is {len(sizes)}", mark_id=mark.id)
        if mark.kind == "box":
            width, height = sizes[mark["page"] - 1]
            if mark["rect"][2] > width + _EDGE or mark["rect"][3] > height + _EDGE:
                raise MarksError(
                    f"the box leaves page {mark['page']}, which is {width:.2f} by {height:.2f} points",
                    mark_id=mark.id,
                )


def need_letters(marks: Marks, number: int) -> bool:
    """This will say whether the areas of a page depend on where its letters stand."""
    return any(
        (mark.kind == "box" and mark["page"] == number and mark["extent"] == "line")
        or (mark.kind == "text" and (mark["pages"] == "all" or number in mark["pages"]))
        for mark in marks
    )


def on_page(marks: Marks, sheet: Sheet) -> tuple[Areas, dict[str, int], list[str]]:
    """This will give a page's areas, how many each mark asked for, and warnings for people."""
    areas, counts, warnings = Areas(), dict[str, int](), list[str]()
    for mark in marks:
        if mark.kind == "page" and mark["page"] == sheet.number:
            areas.withheld_by = mark
            counts[mark.id] = 1
        elif mark.kind == "box" and mark["page"] == sheet.number:
            counts[mark.id] = 1
            areas.boxes.append(mark["rect"])
            if mark["extent"] == "line":
                grown, warning = grow(mark["rect"], sheet)
                areas.boxes += grown
                warnings += [f"mark {mark.id}: {warning}"] if warning else []
            else:
                warnings.append(f"mark {mark.id}: an exact box gives away how wide the hidden words are")
        elif mark.kind == "text" and (mark["pages"] == "all" or sheet.number in mark["pages"]):
            spans = patterns.find(sheet.text, literal=mark["literal"], pattern=mark["pattern"])
            counts[mark.id] = len(spans)
            for span in spans:
                areas.boxes += runs(span, sheet, mark)
    return areas, counts, warnings


def grow(box: Box, sheet: Sheet) -> tuple[list[Box], str | None]:
    """This will give strips from a box to the end of each line it covers, up to the next column or cell.

    Together they are as high as the box, so that its own right edge cannot be made out in them.
    """
    touched = [word for word in _across(sheet, box[1], box[3]) if _covers(box, word.box)]
    slanted = any(not word.upright for word in touched if len(word.text) > 1)
    rows = _rows([word for word in touched if word.upright or len(word.text) == 1])
    heights = [(min(word.box[1] for word in row), max(word.box[3] for word in row)) for row in rows]
    strips = []
    for place, (row, (top, bottom)) in enumerate(zip(rows, heights, strict=True)):
        beside = [word for word in _across(sheet, top, bottom) if _level(word.box, top, bottom)]
        end = _right_end(max(box[2], *(word.box[2] for word in row)), bottom - top, beside, sheet)
        start = box[0]
        if any(_right_to_left(word) for word in row):
            start = min(start, *(word.box[0] for word in beside))
        upper = (heights[place - 1][1] + top) / 2 if place else min(box[1], top - PAD)
        lower = (bottom + heights[place + 1][0]) / 2 if place + 1 < len(rows) else max(box[3], bottom + PAD)
        strips.append((start, upper, end, lower))
    if strips:  # the box itself is as high as they are
        strips.append((box[0], strips[0][1], box[2], strips[-1][3]))
    return strips, "text that does not run from left to right was not grown over" if slanted else None


def _right_end(edge: float, height: float, beside: list[Word], sheet: Sheet) -> float:
    """Past the words that follow closely; then to the next column, or the right margin of the page."""
    for word in sorted(beside, key=lambda each: each.box[0]):
        if word.box[2] <= edge:
            continue
        if word.box[0] - edge > _COLUMN_GAP * height:
            return max(edge, word.box[0] - height / 2)
        edge = word.box[2]
    return max(edge, sheet.margin) + PAD


def _across(sheet: Sheet, top: float, bottom: float) -> list[Word]:
    """Words that reach into a strip of the page; only they are worth a closer look."""
    return [word for word in sheet.words if word.box[1] < bottom and word.box[3] > top]


def _covers(box: Box, word: Box) -> bool:
    """More than a brush: a fifth of the word's height, or half of the box's; and some of its width."""
    width = min(box[2], word[2]) - max(box[0], word[0])
    height = min(box[3], word[3]) - max(box[1], word[1])
    return (
        width > 0 and height > 0 and (height > 0.2 * (word[3] - word[1]) or height > 0.5 * (box[3] - box[1]))
    )


def _level(word: Box, top: float, bottom: float) -> bool:
    shared = min(word[3], bottom) - max(word[1], top)
    return shared > 0.3 * min(word[3] - word[1], bottom - top)


def _rows(words: list[Word]) -> list[list[Word]]:
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda each: (each.box[1] + each.box[3], each.box[0])):
        middle = (word.box[1] + word.box[3]) / 2
        if rows and min(each.box[1] for each in rows[-1]) <= middle <= max(each.box[3] for each in rows[-1]):
            rows[-1].append(word)
        else:
            rows.append([word])
    return rows


def _right_to_left(word: Word) -> bool:
    return any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in word.text)


def runs(span: tuple[int, int], sheet: Sheet, mark: Mark) -> list[Box]:
    """This will give one box a line of a found text, as high as the line itself.

    :raises Refused: when the text is there but nothing says where.
    """
    first, last = span
    found = []
    for line in lines([word for word in sheet.words if word.first < last and word.last > first]):
        boxes = [
            glyph.box
            for word in line
            for glyph in sheet.glyphs[max(first, word.first) : min(last, word.last)]
            if glyph.box is not None
        ]
        if not boxes:
            continue
        x0, y0, x1, y1 = union(boxes)
        if line[0].upright:
            level = [word.box for word in sheet.words if word.upright and _level(word.box, y0, y1)]
            near = [box for box in level if box[3] - box[1] < 2 * (y1 - y0) + 2]
            y0, y1 = min([y0, *(box[1] for box in near)]), max([y1, *(box[3] for box in near)])
        found.append((x0 - PAD, y0 - PAD, x1 + PAD, y1 + PAD))
    if not found:
        raise Refused(f"mark {mark.id}: a text on page {sheet.number} was found that has no place on it")
    return found
