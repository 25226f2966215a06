from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from redaction import pipeline
from redaction.engines import office as engine
from redaction.engines import pdf as pdf_engine
from redaction.engines.office import pages
from redaction.engines.office.hidden import Decisions
from redaction.report import MarkOutcome, Report
from redaction.verify import office
from tests.redaction.document_builders import some_marks
from tests.redaction.office_builders import a_docx, a_mail, an_xlsx, paragraph, rows


def a_workbook(folder: Path) -> Path:
    sheets = rows(("A1", "shown")), rows(("A1", "SHEETSECRET"))
    return an_xlsx(folder / "x.xlsx", *sheets, states=("visible", "hidden"))


def a_document(folder: Path) -> Path:
    unseen = paragraph("UNSEENWORDS", "<w:rPr><w:vanish/></w:rPr>")
    return a_docx(folder / "x.docx", paragraph("shown") + unseen)


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


@pytest.mark.parametrize(
    ("made", "item", "secret"),
    [(a_workbook, "sheet:2", "SHEETSECRET"), (a_document, "hidden-text", "UNSEENWORDS")],
)
def test_hidden_thing_that_is_printed_in_spite_of_its_drop_is_found_out(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    made: Callable[[Path], Path],
    item: str,
    secret: str,
) -> None:
    source = made(tmp_path)
    marks = some_marks({"kind": "hidden", "item": "*", "action": "drop"})
    report = Report("", "office", marks=[MarkOutcome("m1", "hidden", 1, 1)])
    pages.mail([("A", "shown")], secret, tmp_path / "printed.pdf")

    @contextmanager
    def prints_all(*_: object) -> Iterator[engine.Converted]:
        yield engine.Converted(tmp_path / "printed.pdf", Decisions(frozenset(), {"m1": 1}))

    monkeypatch.setattr(engine, "converted", prints_all)
    pdf_engine.redact(tmp_path / "printed.pdf", engine.of_pages(marks), tmp_path / "o.pdf")

    findings = office.verify(tmp_path / "o.pdf", source, marks, report)

    assert f"holds what was to be dropped: {item}" in [finding.message for finding in findings]
