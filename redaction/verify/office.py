"""Released pages of an office file or mail: as a PDF, and that nothing hidden came along."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from redaction import reading, sniff
from redaction.engines import office
from redaction.engines.office import mail
from redaction.engines.office.package import Element, Package, attribute, name_of
from redaction.marks import Marks
from redaction.report import Finding, Report
from redaction.verify import pdf

SHORTEST = 6  # letters; shorter texts stand anywhere by chance

_NEVER = {"del", "moveFrom", "instrText", "annotation", "tracked-changes", "hidden-text", "hidden-paragraph"}


def examine(output: Path) -> list[Finding]:
    """This will name what a released PDF should not hold."""
    return pdf.examine(output)


def verify(output: Path, source: Path, marks: Marks, report: Report) -> list[Finding]:
    """This will make the pages a second time, check every mark on them, and look for what was dropped.

    What shows is read from the file itself, for a sheet that LibreOffice printed in spite of its being
    hidden stands on both pairs of pages.
    """
    with (
        tempfile.TemporaryDirectory(prefix=".verify-") as folder,
        office.converted(source, marks, Path(folder)) as made,
    ):
        findings = pdf.verify(output, made.path, office.of_pages(marks), report)
        released = _letters("".join(leaf.text for leaf in reading.leaves(output)))
        used = made.decisions.used
        things = office.hidden(source)
        shown = [thing for thing in things if thing.item in made.decisions.shown]
        dropped = [thing for thing in things if thing.item not in made.decisions.shown]
    open_words = _letters(
        " ".join([*_open_texts(source), *(text for thing in shown for text in thing.texts)])
    )
    for thing in dropped:
        secret = [_letters(text) for text in thing.texts]
        if any(len(text) >= SHORTEST and text in released and text not in open_words for text in secret):
            findings.append(Finding(f"holds what was to be dropped: {thing.item}"))
    if not findings:
        for mark in marks.of("hidden"):
            report.outcome(mark.id).verified = used[mark.id]
    return findings


def _open_texts(source: Path) -> Iterator[str]:
    """The texts a person sees who opens the file and unhides nothing."""
    kind = sniff.media_type(source).format
    if kind == "eml":
        letter = mail.read(source)
        yield from (value for _, value in letter.headers)
        yield letter.text
        return
    with Package(source) as package:
        if kind == "xlsx":
            yield from _cells(package)
            return
        for name in package.names:
            if name in ("content.xml", "styles.xml") or (name.startswith("word/") and _is_body(name)):
                root = package.tree(name)
                yield " ".join(_seen(root, _unseen_styles(root)))


def _is_body(name: str) -> bool:
    return name.startswith(("word/document", "word/header", "word/footer", "word/footnotes", "word/endnotes"))


def _seen(element: Element, unseen: set[str]) -> Iterator[str]:
    kind = name_of(element)
    if kind in _NEVER or attribute(element, "style-name") in unseen:
        return
    if attribute(element, "visibility") in ("collapse", "filter"):
        return
    if kind == "r" and any(name_of(part) in ("vanish", "specVanish") for part in element.iter()):
        return
    if element.text and kind:
        yield element.text
    for part in element:
        yield from _seen(part, unseen)
        if part.tail:
            yield part.tail


def _unseen_styles(root: Element) -> set[str]:
    """The names of styles whose text or sheet does not show."""
    return {
        attribute(part.getparent(), "name") or ""
        for part in root.iter()
        if (name_of(part) == "text-properties" and attribute(part, "display") in ("none", "condition"))
        or (name_of(part) == "table-properties" and attribute(part, "display") == "false")
    }


def _cells(package: Package) -> Iterator[str]:
    shared = []
    if "xl/sharedStrings.xml" in package:
        shared = ["".join(part.itertext()) for part in package.tree("xl/sharedStrings.xml")]
    for sheet in office.workbook.sheets(package):
        if not sheet.shows:
            continue
        root = package.tree(sheet.part)
        off = {
            number
            for part in root.iter()
            if name_of(part) == "col" and (part.get("hidden") in ("1", "true") or part.get("width") == "0")
            for number in range(int(part.get("min", "1")), min(int(part.get("max", "1")), 16_384) + 1)
        }
        for row in root.iter():
            if name_of(row) == "row" and row.get("hidden") not in ("1", "true") and row.get("ht") != "0":
                yield from _row(row, off, shared)


def _row(row: Element, off: set[int], shared: list[str]) -> Iterator[str]:
    for cell in row:
        letters = cell.get("r", "").rstrip("0123456789")
        number = 0
        for letter in letters:
            number = number * 26 + ord(letter) - 64
        if number in off:
            continue
        text = "".join(cell.itertext())
        yield (
            shared[int(text)] if cell.get("t") == "s" and text.isdigit() and int(text) < len(shared) else text
        )


def _letters(text: str) -> str:
    return "".join(text.split()).casefold()
