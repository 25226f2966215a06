"""Office files and mail: made into pages first, then released as a PDF by the PDF engine.

Pages come from LibreOffice, for mail from ourselves. What the pages do not show (hidden sheets, comments,
deleted words, attachments) is listed first, and a person decides on each by a mark of kind ``hidden``.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from redaction import sniff
from redaction.engines import pdf
from redaction.engines.office import libreoffice, mail, opendocument, pages, word, workbook
from redaction.engines.office.hidden import Decisions, Hidden, decide, suggest
from redaction.engines.office.package import Package
from redaction.marks import Marks
from redaction.report import MarkOutcome, Refused, Report

MEDIUM = "office"
MAKES = "pdf"  # the medium of what comes out
SUFFIXES = (".pdf",)

Progress = Callable[[float, str], None]

_READERS = {"docx": word, "xlsx": workbook, "odt": opendocument, "ods": opendocument}


@dataclass
class Converted:
    """The pages of an office file, what was decided about the rest, and what a person should know."""

    path: Path
    decisions: Decisions
    warnings: list[str] = field(default_factory=list)


def redact(source: Path, marks: Marks, target: Path, *, progress: Progress | None = None) -> Report:
    """This will write a new PDF of the file's pages with everything marked painted black.

    :raises MarksError: when a mark names a page or a hidden thing that is not there.
    :raises Refused: when something hidden is undecided, or no pages can be made.
    """
    with converted(source, marks, target.parent) as made:
        report = pdf.redact(made.path, of_pages(marks), target, progress=progress)
    report.medium = MEDIUM
    report.marks += [
        MarkOutcome(mark.id, mark.kind, made.decisions.used[mark.id], made.decisions.used[mark.id])
        for mark in marks.of("hidden")
    ]
    # what LibreOffice put in the pages beside what shows (a title, bookmarks) was never the record's
    told = [warning for warning in report.warnings if not warning.startswith("removed: ")]
    report.warnings = made.warnings + told
    report.details["shown"] = sorted(made.decisions.shown)
    return report


def of_pages(marks: Marks) -> Marks:
    """This will give the marks that concern pages; the digest stays that of all."""
    return Marks(tuple(mark for mark in marks if mark.kind != "hidden"), marks.raw)


def hidden(source: Path) -> list[Hidden]:
    """This will list what a file holds and its pages do not show.

    :raises Refused: when it cannot be read.
    """
    kind = _kind(source)
    if kind == "eml":
        return mail.read(source).hidden
    with Package(source) as package:
        found: list[Hidden] = _READERS[kind].find(package)
        return found


def suggestions(source: Path, *, progress: Progress | None = None) -> list[dict[str, object]]:
    """This will give a suggested mark for each hidden thing, for a person to decide."""
    return suggest(hidden(source))


@contextmanager
def converted(source: Path, marks: Marks, scratch: Path) -> Iterator[Converted]:
    """This will give the pages of an office file, as ``redact`` sees them; a preview must come from here too.

    :raises MarksError: when a mark of kind hidden names nothing that is there.
    :raises Refused: when something hidden is undecided, or no pages can be made.
    """
    kind = _kind(source)
    with tempfile.TemporaryDirectory(dir=scratch, prefix=".office-") as name:
        folder = Path(name)
        made = _mail(source, marks, folder) if kind == "eml" else _office(source, kind, marks, folder)
        yield made


def _office(source: Path, kind: str, marks: Marks, folder: Path) -> Converted:
    reader, warnings = _READERS[kind], list[str]()
    with Package(source) as package:
        found = reader.find(package)
        decisions = decide(marks, found)
        ties = package.cut_ties()
        reader.prepare(package, decisions.shown)
        prepared = folder / f"prepared.{kind}"
        package.save(prepared)
    if ties:
        warnings.append(f"{ties} ties to files or pictures outside the document were cut")
    if kind in ("xlsx", "ods"):
        warnings.append(
            "the pages show cells as printed, and a long text may be cut off at its cell's edge; "
            "release the table as CSV where whole cells are wanted"
        )
    path = libreoffice.to_pdf(prepared, folder)
    return _with_appendix(path, found, decisions, warnings, folder)


def _mail(source: Path, marks: Marks, folder: Path) -> Converted:
    letter, warnings = mail.read(source), list[str]()
    decisions = decide(marks, letter.hidden)
    if letter.left_out:
        warnings.append(f"{letter.left_out} technical header lines of the mail were left out")
    if letter.pictures:
        warnings.append(f"{letter.pictures} pictures inside the text of the mail were left out")
    path = folder / "mail.pdf"
    pages.mail(letter.headers, letter.text, path)
    return _with_appendix(path, letter.hidden, decisions, warnings, folder)


_SELF_SHOWN = ("sheet:", "rows:", "columns:", "print-area:")


def _with_appendix(
    path: Path, found: list[Hidden], decisions: Decisions, warnings: list[str], folder: Path
) -> Converted:
    """What cannot be shown where it belongs (comments, attached text) is shown on pages of its own."""
    sections = [
        (f"{thing.item} ({thing.what})", thing.texts)
        for thing in found
        if thing.item in decisions.shown and thing.texts and not thing.item.startswith(_SELF_SHOWN)
    ]
    if not sections:
        return Converted(path, decisions, warnings)
    pages.appendix(sections, folder / "appendix.pdf")
    pages.join(path, folder / "appendix.pdf", folder / "joined.pdf")
    return Converted(folder / "joined.pdf", decisions, warnings)


def _kind(source: Path) -> str:
    kind = sniff.media_type(source).format
    if kind != "eml" and kind not in _READERS:
        raise Refused("the file is neither an office file nor a mail")
    return kind
