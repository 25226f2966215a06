"""In the child: the words of pages, where they stand, what is found in them and what marks would paint."""

import tempfile
import unicodedata
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from redaction import patterns
from redaction.detect import pages as pictured
from redaction.engines.image_source import upright
from redaction.engines.pdf import areas, part
from redaction.engines.pdf.geometry import Box
from redaction.engines.pdf.sheet import Sheet, Word, lines
from redaction.leaves.opening import Item, Leaf, Paper, alone, each, paged
from redaction.marks import Mark, Marks, parse
from redaction.report import Refused

CONTEXT = 48  # letters shown before and after what was found
MOST_HITS = 500  # in one answer
_FEW = 20  # letters; a page with fewer is a scan, or has next to nothing on it


def read(paper: Item, numbers: list[int], pictures: bool) -> list[Item]:
    """This will give the ``words`` of pages: [text, x0, y0, x1, y1, line].

    ``painted``: the page is a picture; its words come only with ``pictures``, from Tesseract, and
    ``unread`` says that it could not read them.
    """
    this = Paper(**paper)
    if this.medium == "image":
        return [alone(number, partial(_image_words, Path(this.path), pictures)) for number in numbers]
    with paged(this) as source:
        found = each(source, numbers, _words)
        return [
            alone(item["number"], partial(_picture_words, source, item))
            if pictures and item.get("painted")
            else item
            for item in found
        ]


def covered(paper: Item, numbers: list[int], marks: Item) -> list[Item]:
    """This will give what the engine would paint: ``areas`` {mark id: [rect, …]}, and its ``warnings``."""
    this, parsed = Paper(**paper), parse(marks).effective
    if this.medium == "image":
        boxes = {mark.id: [list(mark["rect"])] for mark in parsed.of("box")}
        return [{"number": 1, "areas": boxes, "warnings": []}]
    with paged(this) as source:
        return each(source, numbers, partial(_areas, parsed))


def found(paper: Item, numbers: list[int], needles: list[Item], pictures: bool) -> Item:
    """This will look for literals and patterns: ``hits``, ``counts`` {needle: {page: count}}, ``unread``.

    ``unread`` lists the pages without text. A hit has ``needle``, ``page``, ``before``, ``text``, ``after``,
    ``rects``, and ``painted`` when its words are those of a picture, into which a text mark does not look;
    there are at most ``MOST_HITS``.
    """
    this, search = Paper(**paper), _Search(parse({"version": 1, "marks": needles}))
    if this.medium == "image":
        search.unread.append(1)
        if pictures:
            search.look_again(1, _in_image(Path(this.path)))
        return search.result()
    with paged(this) as source:
        faults = [item["number"] for item in each(source, numbers, search.look) if "fault" in item]
        for number in [*search.unread] if pictures else ():
            search.look_again(number, _in_picture(source, number))
    search.unread += faults
    return search.result()


class _Search:
    """What is looked for, and what was found so far."""

    def __init__(self, needles: Iterable[Mark]) -> None:
        self.needles = list(needles)
        self.hits: list[Item] = []
        self.counts: dict[str, dict[str, int]] = {needle.id: {} for needle in self.needles}
        self.unread: list[int] = []

    def look(self, leaf: Leaf) -> Item:
        letters = leaf.letters()
        if not _is_written(letters):
            self.unread.append(leaf.number)
        if any(_may_hold(letters, needle) for needle in self.needles):
            self._take(leaf.sheet(), leaf.number, painted=False)
        return {}

    def look_again(self, number: int, read: Sheet | None) -> None:
        """Into the picture of a page without text; None when nothing could read it."""
        if read is not None:
            self.unread.remove(number)
            self._take(read, number, painted=True)

    def _take(self, sheet: Sheet, number: int, *, painted: bool) -> None:
        for needle in self.needles:
            spans = patterns.find(sheet.text, literal=needle["literal"], pattern=needle["pattern"])
            if spans and not painted:
                self.counts[needle.id][str(number)] = len(spans)
            for span in spans[: max(0, MOST_HITS - len(self.hits))]:
                place = {"rects": _places(span, sheet, needle), "painted": painted}
                self.hits.append({"needle": needle.id, "page": number, **_context(sheet.text, span), **place})

    def result(self) -> Item:
        return {"hits": self.hits, "counts": self.counts, "unread": sorted(self.unread)}


def _words(leaf: Leaf) -> Item:
    sheet = leaf.sheet()
    return {**_listed(sheet), "painted": not _is_written(sheet.text)}


def _picture_words(source: Path, item: Item) -> Item:
    sheet = _in_picture(source, item["number"])
    return {**item, "unread": True} if sheet is None else {**item, **_listed(sheet)}


def _image_words(path: Path, pictures: bool) -> Item:
    if not pictures:
        return {"words": [], "painted": True}
    sheet = _in_image(path)
    if sheet is None:
        return {"words": [], "painted": True, "unread": True}
    return {**_listed(sheet), "painted": True}


def _areas(marks: Marks, leaf: Leaf) -> Item:
    sheet = leaf.sheet()
    result: dict[str, list[list[float]]] = {}
    warnings: list[str] = []
    for mark in marks.of("box", "text"):
        area, _counts, told = areas.on_page(Marks((mark,)), sheet)
        warnings += told
        if inside := _cut(area.boxes, sheet):
            result[mark.id] = inside
    return {"areas": result, "warnings": warnings}


def _in_picture(source: Path, number: int) -> Sheet | None:
    """The words Tesseract reads on one page, as the page's text."""
    with tempfile.TemporaryDirectory(dir=".", prefix="scan-") as name:
        single = Path(name) / "single.pdf"
        part.keep(source, [number], single)
        written = next(pictured.sheets(single), None)
    return None if written is None or written.unread else written.sheet


def _in_image(path: Path) -> Sheet | None:
    picture, _left = upright(path)
    written = pictured.in_picture(np.asarray(picture.convert("L")))
    return None if written is None else written.sheet


def _is_written(text: str) -> bool:
    return sum(map(str.isalnum, text)) >= _FEW


def _may_hold(text: str, needle: Mark) -> bool:
    """Whether a page is worth the long look: every kind of match keeps the order of letters and digits."""
    if needle["literal"] is None:
        return any(map(str.isdigit, text)) or "@" in text
    wanted = _bare(needle["literal"])
    return not wanted or wanted in _bare(text)


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", folded)))


def _listed(sheet: Sheet) -> dict[str, Any]:
    rows: list[list[Word]] = lines(sheet.words)
    return {
        "size": [sheet.width, sheet.height],
        "words": [
            [word.text, *(round(edge, 2) for edge in word.box), number]
            for number, row in enumerate(rows)
            for word in row
        ],
    }


def _places(span: tuple[int, int], sheet: Sheet, needle: Mark) -> list[list[float]]:
    try:
        return _cut(areas.runs(span, sheet, needle), sheet)
    except Refused:  # it is in the text, but nothing says where
        return []


def _cut(boxes: Iterable[Box], sheet: Sheet) -> list[list[float]]:
    cut = [
        [round(value, 2) for value in (max(0, x0), max(0, y0), min(sheet.width, x1), min(sheet.height, y1))]
        for x0, y0, x1, y1 in boxes
    ]
    return [box for box in cut if box[0] < box[2] and box[1] < box[3]]


def _context(text: str, span: tuple[int, int]) -> dict[str, str]:
    first, last = span
    pieces = {
        "before": text[max(0, first - CONTEXT) : first],
        "text": text[first:last],
        "after": text[last : last + CONTEXT],
    }
    return {name: _plain(piece) for name, piece in pieces.items()}


def _plain(text: str) -> str:
    letters = (" " if letter.isspace() else "-" if letter == "\x02" else letter for letter in text)
    return "".join(letter for letter in letters if letter.isprintable())
