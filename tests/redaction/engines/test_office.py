import subprocess
import sys
from pathlib import Path

import pytest

from redaction import pipeline, reading
from redaction.engines import office
from redaction.engines.office import libreoffice
from redaction.engines.office.package import Package
from redaction.report import MarksError, Refused
from tests.patience import SECONDS
from tests.redaction.document_builders import some_marks
from tests.redaction.office_builders import (
    W,
    a_cell,
    a_docx,
    a_package,
    an_open_document,
    an_xlsx,
    paragraph,
    rows,
)

DROP = {"kind": "hidden", "item": "*", "action": "drop"}
SHOW = {"kind": "hidden", "item": "*", "action": "show"}

CHANGED = (
    '<w:p><w:r><w:t xml:space="preserve">Kept </w:t></w:r>'
    '<w:del w:author="x"><w:r><w:delText>CROSSEDOUT</w:delText></w:r></w:del>'
    '<w:ins w:author="x"><w:r><w:t>inserted</w:t></w:r></w:ins></w:p>'
)
UNSEEN = paragraph("UNSEENWORDS", "<w:rPr><w:vanish/></w:rPr>")
COMMENTS = (
    f"<w:comments {W}><w:comment w:author='Ana'>{paragraph('ASIDE about a witness')}</w:comment></w:comments>"
)


def text_of(path: Path) -> str:
    return " ".join("".join(leaf.text for leaf in reading.leaves(path)).split())


def pages_of(source: Path, *entries: dict[str, str]) -> str:
    """The words on the pages of an office file, before any mark is painted."""
    with office.converted(source, some_marks(*entries), source.parent) as made:
        return text_of(made.path)


def items(path: Path) -> list[str]:
    return [thing.item for thing in office.hidden(path)]


def a_full_docx(folder: Path) -> Path:
    body = paragraph("Report on John Smith") + CHANGED + UNSEEN
    return a_docx(folder / "report.docx", body, comments=COMMENTS)


def test_everything_a_document_hides_is_named(tmp_path: Path) -> None:
    assert items(a_full_docx(tmp_path)) == ["comments", "tracked-changes", "hidden-text"]


def test_document_with_nothing_hidden_needs_no_decision(tmp_path: Path) -> None:
    source = a_docx(tmp_path / "x.docx", paragraph("Plain", '<w:rPr><w:vanish w:val="0"/></w:rPr>'))

    assert office.hidden(source) == []


def test_hidden_things_stop_the_work_until_somebody_decides(tmp_path: Path) -> None:
    source = a_full_docx(tmp_path)

    with pytest.raises(Refused, match="comments: 1 comment; tracked-changes: 2 tracked changes; hidden-text"):
        pipeline.redact(source, some_marks(), tmp_path / "out.pdf", contained=False)

    assert not (tmp_path / "out.pdf").exists()


def test_refusal_and_suggestions_say_no_word_of_the_record(tmp_path: Path) -> None:
    told = str(office.suggestions(a_full_docx(tmp_path)))

    assert "hidden-1" in told
    assert not [word for word in ("CROSSEDOUT", "UNSEENWORDS", "ASIDE", "Ana") if word in told]


def test_dropped_things_are_in_no_page_and_marks_hold(tmp_path: Path) -> None:
    marks = some_marks(DROP, {"kind": "text", "literal": "John Smith"})

    report = pipeline.redact(a_full_docx(tmp_path), marks, tmp_path / "out.pdf")

    text = text_of(tmp_path / "out.pdf")
    assert "Kept inserted" in text
    assert not [word for word in ("CROSSEDOUT", "UNSEEN", "ASIDE", "Smith") if word in text]
    assert [(row.requested, row.verified) for row in report.marks] == [(1, 1), (3, 3)]
    assert any("ties" in warning for warning in report.warnings)


def test_shown_things_are_on_the_pages_where_they_can_be_marked(tmp_path: Path) -> None:
    text = pages_of(a_full_docx(tmp_path), SHOW)

    assert not [word for word in ("CROSSEDOUT", "UNSEENWORDS", "Ana: ASIDE") if word not in text]


@pytest.mark.parametrize(
    ("mark", "fault"),
    [
        ({"item": "sheet:9", "action": "drop"}, "nothing is hidden as 'sheet:9'; there is: comments"),
        ({"item": "embedded:1", "action": "show"}, "cannot be shown, only dropped"),
    ],
)
def test_decision_that_cannot_be_carried_out_is_refused(
    tmp_path: Path, mark: dict[str, str], fault: str
) -> None:
    source = a_docx(tmp_path / "x.docx", paragraph("x"), comments=COMMENTS)
    with Package(source) as package:
        package.save(tmp_path / "y.docx")
    a_package(
        tmp_path / "z.docx",
        {name: _part(source, name) for name in _names(source)} | {"word/embeddings/a.xlsx": "x"},
    )

    with pytest.raises(MarksError, match=fault):
        pipeline.redact(
            tmp_path / "z.docx",
            some_marks({"kind": "hidden", **mark}),
            tmp_path / "o.pdf",
            contained=False,
        )


def test_two_decisions_about_one_thing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MarksError, match="two marks decide"):
        pipeline.redact(a_full_docx(tmp_path), some_marks(DROP, SHOW), tmp_path / "o.pdf", contained=False)


def test_fields_that_pull_in_files_are_made_harmless(tmp_path: Path) -> None:
    field = (
        '<w:p><w:r><w:instrText> INCLUDETEXT "/etc/hostname" </w:instrText></w:r></w:p>'
        '<w:p><w:fldSimple w:instr="DDEAUTO cmd"><w:r><w:t>kept</w:t></w:r></w:fldSimple></w:p>'
    )
    source = a_docx(tmp_path / "x.docx", field)

    with Package(source) as package:
        assert package.cut_ties() == 1
        office.word.prepare(package, frozenset())
        package.save(tmp_path / "prepared.docx")

    document = _part(tmp_path / "prepared.docx", "word/document.xml")
    assert "INCLUDETEXT" not in document
    assert "DDEAUTO" not in document
    assert "kept" in document
    assert "hostname" not in _part(tmp_path / "prepared.docx", "word/_rels/document.xml.rels")


def a_full_workbook(folder: Path) -> Path:
    first = (
        '<cols><col min="2" max="2" hidden="1" width="9"/></cols><sheetData>'
        f"<row>{a_cell('A1', 'shown')}{a_cell('B1', 'COLUMNSECRET')}</row>"
        f'<row hidden="1">{a_cell("A2", "ROWSECRET")}</row></sheetData>'
    )
    note = '<comment ref="A1"><text><t>NOTESECRET</t></text></comment>'
    area = '<definedName name="_xlnm.Print_Area" localSheetId="0">S1!$A$1:$A$2</definedName>'
    return an_xlsx(
        folder / "book.xlsx", first, rows(("A1", "SHEETSECRET")), states=("visible", "veryHidden"),
        names=area + '<definedName name="x" hidden="1">1</definedName>', notes=note,
        xl__pivotCache__records1="<x>CACHESECRET</x>", xl__externalLinks__link1="<x/>",
    )  # fmt: skip


def test_everything_a_workbook_hides_is_named(tmp_path: Path) -> None:
    assert items(a_full_workbook(tmp_path)) == [
        "rows:1", "columns:1", "print-area:1", "comments:1", "sheet:2", "pivot-caches", "names", "links",
    ]  # fmt: skip


def test_workbook_becomes_pages_without_what_is_dropped(tmp_path: Path) -> None:
    shown = [{"kind": "hidden", "item": item, "action": "show"} for item in ("columns:1", "sheet:2")]

    text = pages_of(a_full_workbook(tmp_path), DROP, *shown)

    assert "SHEETSECRET" in text
    assert not [word for word in ("ROWSECRET", "NOTESECRET", "CACHESECRET") if word in text]


def test_workbook_shows_rows_and_what_lies_beside_the_print_area_when_asked(tmp_path: Path) -> None:
    with Package(a_full_workbook(tmp_path)) as package:
        office.workbook.prepare(package, frozenset({"rows:1", "print-area:1"}))
        package.save(tmp_path / "prepared.xlsx")

    assert "hidden" not in _part(tmp_path / "prepared.xlsx", "xl/worksheets/sheet1.xml").partition("row")[2]
    assert "Print_Area" not in _part(tmp_path / "prepared.xlsx", "xl/workbook.xml")


def test_saved_values_stand_and_nothing_is_computed_anew(tmp_path: Path) -> None:
    cells = (
        '<c r="A1"><f>TODAY()</f><v>45000</v></c><c r="A2"><f>1+1</f></c>'
        '<c r="A3"><f>WEBSERVICE("http://x.example")</f></c>'
    )
    source = an_xlsx(tmp_path / "x.xlsx", f"<sheetData><row>{cells}</row></sheetData>")

    with Package(source) as package:
        office.workbook.prepare(package, frozenset())
        package.save(tmp_path / "prepared.xlsx")

    sheet = _part(tmp_path / "prepared.xlsx", "xl/worksheets/sheet1.xml")
    assert "45000" in sheet
    assert "1+1" in sheet
    assert "TODAY" not in sheet
    assert "WEBSERVICE" not in sheet


def test_cells_whose_format_shows_nothing_are_named_and_shown_when_asked(tmp_path: Path) -> None:
    styles = (
        '<styleSheet><numFmts><numFmt numFmtId="170" formatCode=";;;"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs></styleSheet>'
    )
    cells = '<sheetData><row><c r="A1" s="1"><v>5554321</v></c><c r="B1"><v>1</v></c></row></sheetData>'
    source = an_xlsx(tmp_path / "x.xlsx", cells, xl__styles=styles)
    parts = {name.replace("xl/styles", "xl/styles.xml"): _part(source, name) for name in _names(source)}
    a_package(source, parts)

    assert [(thing.item, thing.texts) for thing in office.hidden(source)] == [("formats:1", ("5554321",))]
    with Package(source) as package:
        office.workbook.prepare(package, frozenset({"formats:1"}))
        package.save(tmp_path / "prepared.xlsx")
    assert 's="1"' not in _part(tmp_path / "prepared.xlsx", "xl/worksheets/sheet1.xml")


def test_workbook_that_names_a_missing_sheet_is_refused(tmp_path: Path) -> None:
    source = an_xlsx(tmp_path / "x.xlsx", rows(("A1", "x")))
    parts = {name: _part(source, name) for name in _names(source) if "sheet1" not in name}

    with pytest.raises(Refused, match="sheet 1 is missing"):
        office.hidden(a_package(tmp_path / "y.xlsx", parts))


OPEN = (
    '<text:tracked-changes><text:changed-region><text:deletion><text:p>CROSSEDOUT</text:p></text:deletion>'
    "</text:changed-region></text:tracked-changes>"
    '<text:p>Shown<office:annotation><text:p>ASIDE</text:p></office:annotation> words</text:p>'
    '<text:p text:style-name="h"><text:span text:style-name="u">UNSEENWORDS</text:span></text:p>'
)  # fmt: skip
UNSEEN_STYLE = (
    '<style:style style:name="u" style:family="text">'
    '<style:text-properties text:display="none"/></style:style>'
)


def test_open_document_is_treated_alike(tmp_path: Path) -> None:
    source = an_open_document(tmp_path / "x.odt", "text", OPEN, UNSEEN_STYLE)

    text = pages_of(source, DROP, {"kind": "hidden", "item": "comments", "action": "show"})

    assert items(source) == ["comments", "tracked-changes", "hidden-text"]
    assert "Shown words" in text
    assert "ASIDE" in text
    assert not [word for word in ("CROSSEDOUT", "UNSEEN") if word in text]


def test_open_spreadsheet_names_hidden_sheets_rows_and_print_ranges(tmp_path: Path) -> None:
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    body = (
        '<table:table table:print-ranges="A1"><table:table-row table:visibility="collapse">'
        f"{cell.format('ROWSECRET')}</table:table-row></table:table>"
        f'<table:table table:style-name="off"><table:table-row>{cell.format("SHEETSECRET")}'
        "</table:table-row></table:table>"
    )
    style = '<style:style style:name="off"><style:table-properties table:display="false"/></style:style>'
    parts = {"Object 1": "x", "Versions/1": "x", "Basic/a.xml": "<x/>"}
    source = an_open_document(tmp_path / "x.ods", "spreadsheet", body, style, **parts)

    assert items(source) == ["rows:1", "print-area:1", "sheet:2", "embedded:1", "versions"]
    with Package(source) as package:
        office.opendocument.prepare(package, frozenset({"rows:1", "print-area:1", "sheet:2"}))
        package.save(tmp_path / "prepared.ods")
    content = _part(tmp_path / "prepared.ods", "content.xml")
    body = content.partition("office:body")[2]
    assert not [word for word in ("collapse", "print-ranges", 'style-name="off"') if word in body]
    assert "Basic/a.xml" not in _names(tmp_path / "prepared.ods")


def test_ties_of_an_open_document_to_other_files_are_cut(tmp_path: Path) -> None:
    body = (
        '<text:section text:name="s"><text:section-source xmlns:xlink="http://www.w3.org/1999/xlink" '
        'xlink:href="file:///etc/hostname"/><text:p xmlns:xlink="http://www.w3.org/1999/xlink" '
        'xlink:href="../x">kept</text:p></text:section>'
    )
    source = an_open_document(tmp_path / "x.odt", "text", body)

    with Package(source) as package:
        office.opendocument.prepare(package, frozenset())
        package.save(tmp_path / "prepared.odt")

    content = _part(tmp_path / "prepared.odt", "content.xml")
    assert "kept" in content
    assert "href=" not in content


def test_without_libreoffice_the_package_to_install_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Refused, match=r"apt-get install .*libreoffice-writer-nogui"):
        libreoffice.to_pdf(tmp_path / "x.docx", tmp_path)


@pytest.mark.parametrize(
    ("script", "seconds", "fault"),
    [
        ("exec sleep 600", 1, "within 1 seconds"),
        ("exit 3", SECONDS, "could not make pages"),
        ("true", SECONDS, "could not make pages"),
    ],
)
def test_libreoffice_that_hangs_or_fails_is_stopped_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, seconds: int, fault: str
) -> None:
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(libreoffice, "SECONDS", seconds)

    with pytest.raises(Refused, match=fault):
        libreoffice.to_pdf(tmp_path / "x.docx", tmp_path)


def test_command_line_says_what_is_hidden_and_leaves_no_output(tmp_path: Path) -> None:
    marks = tmp_path / "marks.json"
    marks.write_text('{"version": 1, "marks": []}')
    source = an_xlsx(tmp_path / "x.xlsx", rows(("A1", "x")), rows(("A1", "y")), states=("visible", "hidden"))

    done = subprocess.run(
        [sys.executable, "-m", "redaction", "redact", source, "--marks", marks, "--out", tmp_path / "o.pdf"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "sheet:2: a hidden sheet with 1 cells" in done.stderr
    assert not (tmp_path / "o.pdf").exists()


def _part(path: Path, name: str) -> str:
    with Package(path) as package:
        return package.read(name).decode()


def _names(path: Path) -> list[str]:
    with Package(path) as package:
        return package.names
