"""Checks a released PDF against its marks with pikepdf and pdfminer, and its pixels with numpy."""

from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
from numpy.typing import NDArray

from redaction import patterns, reading
from redaction.marks import Mark, Marks
from redaction.reading import Box, Leaf
from redaction.report import Finding, Refused, Report
from redaction.verify.pdf import hidden, own, structure

BLACK = 40  # JPEG rings a little along the edge of a black box
NOTICE_INK = 0.1  # share of a notice's page that may be dark

_SCALE = 2.0

Grey = NDArray[np.uint8]


class _Output:
    """An output opened by three readers: its text, its pictures, and the pages as drawn."""

    def __init__(self, path: Path) -> None:
        self.findings, self.texts = own.faults(path)
        self.leaves = list(reading.leaves(path))
        self.path = path
        # one page at a time: a long document would not fit into memory
        self._stored: tuple[int, Grey] = 0, np.empty((0, 0), np.uint8)
        self._drawn: tuple[int, Grey] = 0, np.empty((0, 0), np.uint8)

    def stored(self, number: int) -> tuple[Grey, float]:
        """The page's picture as stored, in grey, and its pixels a point."""
        if self._stored[0] != number:
            self._stored = number, np.asarray(own.picture(self.path, number).convert("L"))
        picture = self._stored[1]
        return picture, picture.shape[1] / self.leaves[number - 1].width

    def drawn(self, number: int) -> tuple[Grey, float]:
        """The page as a reader shows it, in grey, and its pixels a point."""
        leaf = self.leaves[number - 1]
        if self._drawn[0] != number:
            document = pypdfium2.PdfDocument(self.path)
            scale = min(_SCALE, (40_000_000 / (leaf.width * leaf.height)) ** 0.5)
            bitmap = document[number - 1].render(scale=scale, grayscale=True)
            self._drawn = number, bitmap.to_numpy().copy().reshape(bitmap.height, bitmap.width)
            document.close()
        picture = self._drawn[1]
        return picture, picture.shape[1] / leaf.width


def verify(output: Path, source: Path, marks: Marks, report: Report) -> list[Finding]:
    """This will check that everything marked is gone from text, pixels and objects of the output."""
    findings = structure.faults(output)
    opened = _Output(output)
    findings += opened.findings
    if findings:
        return findings
    originals = _originals(source, report)
    if originals and len(originals) != len(opened.leaves):
        return [Finding(f"has {len(opened.leaves)} pages, its source {len(originals)}")]
    faults: dict[str, list[str]] = {mark.id: [] for mark in marks.of("box", "text", "page")}
    for leaf in opened.leaves:
        original = originals[leaf.number - 1] if originals else None
        for mark in marks.of("box", "page"):
            if mark["page"] == leaf.number:
                check = _check_box if mark.kind == "box" else _check_page
                faults[mark.id] += check(mark, opened, leaf)
        for mark in marks.of("text"):
            if mark["pages"] == "all" or leaf.number in mark["pages"]:
                faults[mark.id] += _check_text(mark, opened, leaf, original)
    for mark in marks.of("box", "page"):
        if mark["page"] > len(opened.leaves):
            faults[mark.id].append("its page is missing")
    for name, words in faults.items():
        findings += [Finding(sentence, mark_id=name) for sentence in words]
        if not words:
            row = report.outcome(name)
            row.verified = row.applied
    return findings


def examine(output: Path) -> list[Finding]:
    """This will name what is hidden in any PDF: words and pictures under boxes, scripts, attachments, notes.

    :raises Refused: when it cannot be read.
    """
    return structure.faults(output) + hidden.faults(output)


def _originals(source: Path, report: Report) -> list[Leaf]:
    try:
        return list(reading.leaves(source))
    except Refused:
        report.warnings.append("a second reader cannot read the source, so places were not checked twice")
        return []


def _check_box(mark: Mark, opened: _Output, leaf: Leaf) -> list[str]:
    x0, y0, x1, y1 = mark["rect"]
    if not all(_is_black(*look(leaf.number), mark["rect"]) for look in (opened.stored, opened.drawn)):
        return ["the box is not black"]
    inside = [box for box in leaf.boxes if box and x0 < _middle(box)[0] < x1 and y0 < _middle(box)[1] < y1]
    return ["letters can be read under the box"] if inside else []


def _check_text(mark: Mark, opened: _Output, leaf: Leaf, original: Leaf | None) -> list[str]:
    wanted: dict[str, Any] = {"literal": mark["literal"], "pattern": mark["pattern"]}
    faults = []
    if patterns.find_again(leaf.text, **wanted) or patterns.find(opened.texts[leaf.number - 1], **wanted):
        faults.append(f"its text can still be read on page {leaf.number}")
    for first, last in patterns.find_again(original.text, **wanted) if original else ():
        places = original.boxes[first:last] if original else ()
        if not all(_is_dark(opened, leaf, original, box) for box in places if box and original):
            faults.append(f"its text can still be seen on page {leaf.number}")
            break
    return faults


def _check_page(mark: Mark, opened: _Output, leaf: Leaf) -> list[str]:
    said = " ".join(opened.texts[leaf.number - 1].split())
    wanted = [f"Page {leaf.number} is withheld."]
    wanted += [f"Reason: {mark.reason}"] if mark.reason else []
    wanted += [f"Exemption: {mark.exemption}"] if mark.exemption else []
    if said != " ".join(" ".join(wanted).split()):
        return ["the page says something else than that it is withheld"]
    picture, _ = opened.stored(leaf.number)
    return ["the page shows more than its notice"] if float((picture < 128).mean()) > NOTICE_INK else []


def _is_black(picture: Grey, scale: float, rect: Box) -> bool:
    """Every pixel wholly inside the box."""
    x0, y0, x1, y1 = (edge * scale for edge in rect)
    area = picture[int(np.ceil(y0)) : int(y1), int(np.ceil(x0)) : int(x1)]
    return area.size == 0 or int(area.max()) <= BLACK


def _is_dark(opened: _Output, leaf: Leaf, original: Leaf, box: Box) -> bool:
    """Whether the middle of a letter's place in the source is black now; beside the page there is nothing."""
    unit = leaf.width / original.width
    x, y = (edge * unit for edge in _middle(box))
    if not (0 <= x < leaf.width and 0 <= y < leaf.height):
        return True
    picture, scale = opened.stored(leaf.number)
    row, column = min(int(y * scale), picture.shape[0] - 1), min(int(x * scale), picture.shape[1] - 1)
    return int(picture[row, column]) <= BLACK


def _middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
