"""Released pages of an office file or mail: as a PDF, and that nothing hidden came along."""

import tempfile
from pathlib import Path

from redaction import reading
from redaction.engines import office
from redaction.marks import Marks
from redaction.report import Finding, Report
from redaction.verify import pdf

SHORTEST = 6  # letters; shorter texts stand anywhere by chance


def examine(output: Path) -> list[Finding]:
    """This will name what a released PDF should not hold."""
    return pdf.examine(output)


def verify(output: Path, source: Path, marks: Marks, report: Report) -> list[Finding]:
    """This will make the pages a second time, check every mark on them, and look for what was dropped."""
    with (
        tempfile.TemporaryDirectory(prefix=".verify-") as folder,
        office.converted(source, marks, Path(folder)) as made,
    ):
        findings = pdf.verify(output, made.path, office.of_pages(marks), report)
        shows = _letters("".join(leaf.text for leaf in reading.leaves(made.path)))
        released = _letters("".join(leaf.text for leaf in reading.leaves(output)))
        used = made.decisions.used
        dropped = [thing for thing in office.hidden(source) if thing.item not in made.decisions.shown]
    for thing in dropped:
        secret = [_letters(text) for text in thing.texts]
        if any(len(text) >= SHORTEST and text in released and text not in shows for text in secret):
            findings.append(Finding(f"holds what was to be dropped: {thing.item}"))
    if not findings:
        for mark in marks.of("hidden"):
            report.outcome(mark.id).verified = used[mark.id]
    return findings


def _letters(text: str) -> str:
    return "".join(text.split()).casefold()
