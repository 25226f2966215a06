"""Checks a released PDF against its marks with pikepdf, pdfminer and Poppler; PDFium only draws for it."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import repeat, zip_longest
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2

from redaction import ink, leftovers, letters, patterns, reading
from redaction.ink import BLACK
from redaction.letters import Boxes, Letters
from redaction.marks import Mark, Marks
from redaction.reading import Leaf
from redaction.report import Finding, Refused, Report
from redaction.verify.pdf import hidden, outer, own, places, poppler, structure
from redaction.verify.pdf.places import Output
from redaction.verify.pdf.poppler import Words

__all__ = ["BLACK", "examine", "verify"]

NOTICE_INK = 0.1  # share of a notice's page that may be dark


def verify(output: Path, source: Path, marks: Marks, report: Report) -> list[Finding]:
    """This will check that everything marked is gone from text, pixels and objects of the output."""
    findings = structure.faults(output) + [Finding(words) for words in outer.loose(output)]
    beside, pages = own.faults(output)
    findings += beside
    if findings:
        return list(dict.fromkeys(findings))
    with ExitStack() as stack:
        drawing = stack.enter_context(ink.document(output))
        objects = stack.enter_context(structure.read(output))
        units = [float(page.obj.get("/UserUnit", 1)) for page in objects.pages]
        check = _Check(Output(drawing, objects, units), pages, marks, report)
        try:
            findings = check.run(output, source)
        except (pikepdf.PdfError, pypdfium2.PdfiumError) as error:
            raise Refused("the result cannot be read again") from error
    if not findings:
        for mark in marks.of("box", "text", "page"):
            row = report.outcome(mark.id)
            row.verified = row.applied
    return findings


def examine(output: Path) -> list[Finding]:
    """This will name what is hidden in any PDF: words and pictures under boxes, scripts, attachments, notes.

    :raises Refused: when it cannot be read.
    """
    return structure.faults(output) + hidden.faults(output)


class _Check:
    """One document against its marks, page by page."""

    def __init__(self, output: Output, pages: list[own.Page], marks: Marks, report: Report) -> None:
        self.output, self.pages, self.report = output, pages, report
        self.boxes, self.texts, self.withheld = marks.of("box"), marks.of("text"), marks.of("page")
        self.findings: list[Finding] = []

    def run(self, output: Path, source: Path) -> list[Finding]:
        for mark in [*self.boxes, *self.withheld]:
            if mark["page"] > len(self.pages):
                self._add("its page is missing", mark)
        usage = leftovers.Usage()
        self._count(source)
        readers = zip_longest(
            self.pages,
            letters.by_pdfminer(output),
            reading.leaves(output) if self.texts else repeat(None, len(self.pages)),
            self._originals(source) if self.texts else repeat(None, len(self.pages)),
            poppler.pages(output) if poppler.is_installed() else repeat(None, len(self.pages)),
        )
        third = poppler.is_installed()
        for page, mined, leaf, original, words in readers:
            if page is None:  # the source has more; that was said
                break
            if mined is None:
                self._add("cannot be read by a second reader", place=page)
                continue
            if third and words is None:
                self._warn("Poppler is installed but could not read the result, so two readers checked it")
            usage.add(mined)
            self._page(page, mined, words)
            for mark in self._on(page, self.texts):
                self._text(mark, page, mined, leaf, original, words)
        reached = {page.number: page.fonts for page in self.pages if page.fonts}
        try:
            told = leftovers.faults(self.output.objects, source, usage, reached)
        except Refused:
            told = {}
            self._warn()
        for number, sentence in told.items():
            self._add(sentence, place=self.pages[number - 1])
        return list(dict.fromkeys(self.findings))

    def _add(self, words: str, mark: Mark | None = None, place: own.Page | None = None) -> None:
        where = f"page {place.number}" if place is not None else ""
        self.findings.append(Finding(words, mark_id=mark.id if mark else None, place=where))

    def _warn(
        self, sentence: str = "a second reader cannot read the source, so places were not checked twice"
    ) -> None:
        if sentence not in self.report.warnings:
            self.report.warnings.append(sentence)

    def _originals(self, source: Path) -> Iterator[Leaf | None]:
        try:
            yield from reading.leaves(source)
        except Refused:
            self._warn()

    def _count(self, source: Path) -> None:
        try:
            with structure.read(source) as pdf:
                count = len(pdf.pages)
        except Refused:
            self._warn()
            return
        if count != len(self.pages):
            self._add(f"has {len(self.pages)} pages, its source {count}")

    def _on(self, page: own.Page, marks: tuple[Mark, ...]) -> Iterator[Mark]:
        for mark in marks:
            named = mark["pages"] if mark.kind == "text" else (mark["page"],)
            if named == "all" or page.number in named:
                yield mark

    def _is_withheld(self, page: own.Page) -> bool:
        return any(True for _ in self._on(page, self.withheld))

    def _page(self, page: own.Page, mined: Letters, words: Words | None) -> None:
        areas = self.output.areas(page) if page.areas else np.empty((0, 4))
        boxes = mined.boxes[mined.inked]
        if places.within(boxes, areas) or (words is not None and self._spots(words, page, areas)):
            self._add("letters can be read in a black area", place=page)
        if not page.is_picture and bool(mined.unseen.any()):
            self._add("holds text that draws nothing", place=page)
        if self.output.under(page):
            self._add("something lies under a black area", place=page)
        # of a page that is withheld nothing stands where it stood; its notice is read word for word below
        for mark in () if self._is_withheld(page) else self._on(page, self.boxes):
            if not all(places.is_black(*look, mark["rect"]) for look in self.output.looks(page, mined)):
                self._add("the box is not black", mark)
            rect = np.array([mark["rect"]], np.float64)
            if places.within(boxes, rect) or (words is not None and self._spots(words, page, rect)):
                self._add("letters can be read under the box", mark)
        for mark in self._on(page, self.withheld):
            self._notice(mark, page, mined)
        told = f"page {page.number} has no readable text"
        if not len(boxes) and self.report.engine and not any(told in each for each in self.report.warnings):
            self._add("has no readable text, and the report does not say so", place=page)

    def _spots(self, words: Words, page: own.Page, areas: Boxes) -> bool:
        """Whether Poppler reads a word that lies mostly in an area; it gives no places of letters."""
        rows = np.array(words.boxes, np.float64).reshape(-1, 4) * self.output.units[page.number - 1]
        wide, down = np.maximum(rows[:, 2] - rows[:, 0], 1e-6), (rows[:, 1] + rows[:, 3]) / 2
        for x0, y0, x1, y1 in areas:
            shared = np.minimum(rows[:, 2], x1) - np.maximum(rows[:, 0], x0)
            if bool(((shared > 0.6 * wide) & (y0 < down) & (down < y1)).any()):
                return True
        return False

    def _text(
        self,
        mark: Mark,
        page: own.Page,
        mined: Letters,
        leaf: Leaf | None,
        original: Leaf | None,
        words: Words | None,
    ) -> None:
        wanted: dict[str, Any] = {"literal": mark["literal"], "pattern": mark["pattern"]}
        read = [leaf.text if leaf else "", words.text if words else ""]
        if any(patterns.find_again(text, **wanted) for text in read) or patterns.find(page.words, **wanted):
            self._add(f"its text can still be read on page {page.number}", mark)
        if self._is_withheld(page):
            return
        for first, last in patterns.find_again(original.text, **wanted) if original else ():
            unit = mined.width / original.width if original else 1.0
            spots = [box for box in original.boxes[first:last] if box] if original else []
            middles = [((box[0] + box[2]) / 2 * unit, (box[1] + box[3]) / 2 * unit) for box in spots]
            looks = self.output.looks(page, mined)
            if not all(places.is_dark(*look, middle) for look in looks for middle in middles):
                self._add(f"its text can still be seen on page {page.number}", mark)
                break

    def _notice(self, mark: Mark, page: own.Page, mined: Letters) -> None:
        said = " ".join(page.words.split())
        wanted = [f"Page {page.number} is withheld."]
        wanted += [f"Reason: {mark.reason}"] if mark.reason else []
        wanted += [f"Exemption: {mark.exemption}"] if mark.exemption else []
        if said != " ".join(" ".join(wanted).split()):
            self._add("the page says something else than that it is withheld", mark)
            return
        if any(float((picture < 128).mean()) > NOTICE_INK for picture, _ in self.output.looks(page, mined)):
            self._add("the page shows more than its notice", mark)
