"""A page withheld whole may have other marks too: they were drawn before somebody decided so."""

from pathlib import Path

from redaction import pipeline
from redaction.engines import pdf
from redaction.verify import pdf as verifier
from tests.redaction.document_builders import a_pdf, place, shown, some_marks

LINE = shown("Officer Ruth Canary was there", 100, 700)
WHOLE = {"kind": "page", "page": 2, "reason": "VICTIM"}
WORDS = {"kind": "text", "literal": "canary"}
BOX = {"kind": "box", "page": 2, "rect": place("Officer", 100, 700)}


def test_other_marks_on_a_withheld_page_are_verified_by_its_notice(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "a.pdf", LINE, LINE)

    report = pipeline.redact(source, some_marks(WORDS, BOX, WHOLE), tmp_path / "out.pdf")

    assert [(row.requested, row.applied, row.verified) for row in report.marks] == [
        (2, 2, 2),
        (1, 1, 1),
        (1, 1, 1),
    ]


def test_withheld_page_that_was_not_replaced_is_still_found(tmp_path: Path) -> None:
    source = a_pdf(tmp_path / "a.pdf", LINE, LINE)
    draft = tmp_path / "out.pdf"
    report = pdf.redact(source, some_marks(WORDS, BOX), draft)
    report.marks = []

    found = verifier.verify(draft, source, some_marks(WORDS, BOX, WHOLE), report)

    assert any("something else than that it is withheld" in str(finding) for finding in found)
