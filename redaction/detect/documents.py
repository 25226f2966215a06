"""Personal data in the text of a PDF: literals to withhold everywhere, and lines a person should read."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from redaction import patterns
from redaction.detect import recognisers
from redaction.detect.pages import in_picture, sheets
from redaction.detect.recognisers import Hit, Recogniser
from redaction.detect.suggestions import Entry, file_of, mark
from redaction.engines.pdf.geometry import Box
from redaction.engines.pdf.sheet import Sheet, union
from redaction.marks import parse
from redaction.report import Refused

Progress = Callable[[float, str], None]

_LONGEST = 200  # characters of a literal
_MARGIN = 1.0  # points round a line


@dataclass
class _Value:
    """One value in the whole document, however often it is there."""

    by: Recogniser
    literal: str
    pages: list[int] = field(default_factory=list)


def in_pages(source: Path, *, progress: Progress | None = None) -> list[Entry]:
    """This will suggest a ``text`` mark for each value, and a box for each line with telling words.

    In scans each find is a box. A scan that cannot be read is proposed whole, for a person to look at.

    :raises Refused: when the PDF cannot be read.
    """
    values: dict[str, _Value] = {}
    entries: list[Entry] = []
    for page in sheets(source, progress):
        if page.unread:
            entries.append(_unread(page.sheet))
            continue
        text = page.sheet.text
        for hit in recognisers.in_text(text):
            literal = None if hit.by.passage or page.painted else _literal(text, hit)
            if literal is None:
                entries += _boxes(page.sheet, hit, exact=page.painted and not hit.by.passage)
                continue
            value = values.setdefault(" ".join(literal.casefold().split()), _Value(hit.by, literal))
            if hit.by.confidence > value.by.confidence:
                value.by = hit.by
            if page.sheet.number not in value.pages:
                value.pages.append(page.sheet.number)
    return [*map(_text, values.values()), *_one_a_line(entries)]


def in_image(source: Path, *, progress: Progress | None = None) -> list[Entry]:
    """This will suggest boxes (pixels) round personal data that Tesseract reads in a picture.

    :raises Refused: when the picture cannot be read, or Tesseract is not installed.
    """
    from redaction.engines.image import upright

    page = in_picture(np.asarray(upright(source)[0].convert("L")))
    if page is None:
        raise Refused("pictures cannot be read here: install the package tesseract-ocr, or look for text")
    if progress is not None:
        progress(1.0, "read")
    hits = recognisers.in_text(page.sheet.text)
    return _one_a_line([entry for hit in hits for entry in _boxes(page.sheet, hit, exact=True)])


def in_office(source: Path, *, progress: Progress | None = None) -> list[Entry]:
    """This will suggest what to do with each hidden thing of an office file, and look through its pages.

    :raises Refused: when no pages can be made of it.
    """
    from redaction.engines import office

    without = parse(file_of([{"id": "all", "kind": "hidden", "item": "*", "action": "drop"}]))
    with (
        tempfile.TemporaryDirectory(prefix="daylight-detect-") as scratch,
        office.converted(source, without, Path(scratch)) as pages,
    ):
        return [*office.suggestions(source), *in_pages(pages.path, progress=progress)]


def _unread(sheet: Sheet) -> Entry:
    rect = [0, 0, sheet.width, sheet.height]
    note = "a picture whose words could not be read here (is tesseract-ocr installed?): look at it yourself"
    return mark("pii-unread", note, kind="box", page=sheet.number, rect=rect, extent="exact")


def _text(value: _Value) -> Entry:
    where = ", ".join(str(page) for page in value.pages[:8]) + (" …" if len(value.pages) > 8 else "")
    note = f"{_said(value.by)}; seen on page {where}"
    fields = {"kind": "text", "literal": value.literal, "pages": "all"}
    return mark(f"pii-{value.by.name}", note, reason=value.by.reason, **fields)


def _literal(text: str, hit: Hit) -> str | None:
    """The letters that a ``text`` mark will find where this hit is; None when it would miss them."""
    literal = " ".join(recognisers.wanted(hit).split()).strip(" ,;:")
    if not literal or len(literal) > _LONGEST or not literal.isprintable():
        return None
    first, last = hit.span
    found = patterns.find_literal(text, literal)
    return literal if any(start < last and first < end for start, end in found) else None


def _boxes(sheet: Sheet, hit: Hit, *, exact: bool) -> Iterator[Entry]:
    """The lines of the page that a hit stands in."""
    around = [
        glyph.box
        for glyph in sheet.glyphs[hit.span[0] : hit.span[1]]
        if glyph.box is not None and glyph.box[2] > glyph.box[0]
    ]
    if not around:
        return
    rect = _line(sheet, union(around)) if hit.by.passage else union(around)
    x0, y0, x1, y1 = rect
    inside = [
        round(max(0.0, x0 - _MARGIN), 2),
        round(max(0.0, y0 - _MARGIN), 2),
        round(min(sheet.width, x1 + _MARGIN), 2),
        round(min(sheet.height, y1 + _MARGIN), 2),
    ]
    if inside[0] < inside[2] and inside[1] < inside[3]:
        fields = {"kind": "box", "page": sheet.number, "rect": inside}
        fields |= {"extent": "exact"} if exact else {}
        yield mark(f"pii-{hit.by.name}", _said(hit.by), reason=hit.by.reason, **fields)


def _line(sheet: Sheet, box: Box) -> Box:
    """The words on the height of a box, in either direction until a gap like the one between columns."""
    middle, height = (box[1] + box[3]) / 2, box[3] - box[1]
    words = sorted(word.box for word in sheet.words if word.box[1] < middle < word.box[3])
    line = box
    for step in (words, words[::-1]):
        for word in step:
            gap = max(word[0] - line[2], line[0] - word[2])
            if gap <= 2.5 * height and word[3] - word[1] <= 2 * height:
                line = union([line, word])
    return line


def _one_a_line(entries: list[Entry]) -> list[Entry]:
    """Several telling words in one line make one mark, with the notes of all and the surest one's reason."""
    lines: dict[tuple[int, tuple[float, ...]], Entry] = {}
    for entry in entries:
        key = entry["page"], tuple(round(edge) for edge in entry["rect"])
        kept = lines.setdefault(key, entry)
        if entry["note"] not in kept["note"]:
            kept["note"] += "; " + entry["note"]
        if "reason" not in kept and "reason" in entry:
            kept["reason"] = entry["reason"]
    return list(lines.values())


def _said(by: Recogniser) -> str:
    return f"{by.label}, confidence {by.confidence:.2f}"
