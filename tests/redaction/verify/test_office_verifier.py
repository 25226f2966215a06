from pathlib import Path

from redaction import pipeline
from redaction.engines.office import pages
from redaction.report import MarkOutcome, Report
from redaction.verify import office
from tests.redaction.document_builders import some_marks
from tests.redaction.office_builders import a_mail


def test_output_that_shows_what_was_to_be_dropped_is_found_out(tmp_path: Path) -> None:
    source = a_mail(tmp_path / "m.eml", "One thing", Bcc="hidden.person@x.example")
    marks = some_marks({"kind": "hidden", "item": "bcc", "action": "drop"})
    report = Report("", "office", marks=[MarkOutcome("m1", "hidden", 1, 1)])
    pages.mail([("Bcc", "hidden.person@x.example")], "One thing", tmp_path / "o.pdf")

    findings = office.verify(tmp_path / "o.pdf", source, marks, report)

    assert "holds what was to be dropped: bcc" in [finding.message for finding in findings]
    assert report.marks[0].verified == 0


def test_own_output_holds_and_other_marks_do_not(tmp_path: Path) -> None:
    source = a_mail(tmp_path / "m.eml", "Call Jane Roe about it")
    marks = some_marks({"kind": "text", "literal": "Jane"})
    pipeline.redact(source, marks, tmp_path / "o.pdf", contained=False)

    alone = pipeline.verify(tmp_path / "o.pdf", contained=False)
    held = pipeline.verify(tmp_path / "o.pdf", source, marks, contained=False)
    others = some_marks({"kind": "text", "literal": "about"})
    failed = pipeline.verify(tmp_path / "o.pdf", source, others, contained=False)

    assert alone == held == []
    assert [finding.mark_id for finding in failed] != []
