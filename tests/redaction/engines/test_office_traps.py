"""Office files that were put together by hand to hide something from who reads them, or to tell on us."""

from pathlib import Path
from typing import Any

import pytest

from redaction.engines import office
from redaction.engines.office import opendocument, word, workbook
from redaction.engines.office.package import Package
from redaction.report import Refused
from tests.redaction.office_builders import (
    W,
    a_docx,
    a_package,
    an_open_document,
    an_xlsx,
    paragraph,
    relations,
    rows,
)

DELETED = '<w:p><w:del w:author="x"><w:r><w:delText>CROSSEDOUT</w:delText></w:r></w:del></w:p>'
UNSEEN = paragraph("UNSEENWORDS", "<w:rPr><w:vanish/></w:rPr>")


def items(path: Path) -> list[str]:
    return [thing.item for thing in office.hidden(path)]


def rebuilt(source: Path, target: Path, **parts: str) -> Path:
    """The same file with some parts replaced or added; a double underscore stands for a slash."""
    with Package(source) as package:
        content = {name: package.read(name).decode() for name in package.names}
    return a_package(target, content | {name.replace("__", "/"): text for name, text in parts.items()})


def prepared(source: Path, reader: Any, part: str) -> str:
    target = source.with_stem("prepared")
    with Package(source) as package:
        reader.prepare(package, frozenset())
        package.save(target)
    with Package(target) as package:
        return package.read(part).decode() if part in package else ""


def test_text_under_another_name_than_usual_is_searched_too(tmp_path: Path) -> None:
    source = rebuilt(
        a_docx(tmp_path / "a.docx", paragraph("a decoy")),
        tmp_path / "b.docx",
        **{
            "_rels__.rels": relations(("d", "officeDocument", "word/real.xml")),
            "word__real.xml": f"<w:document {W}><w:body>{DELETED}{UNSEEN}</w:body></w:document>",
        },
    )

    found = items(source)

    assert found == ["tracked-changes", "hidden-text"]
    assert "CROSSEDOUT" not in prepared(source, word, "word/real.xml")


def test_parts_are_found_by_what_leads_to_them(tmp_path: Path) -> None:
    source = rebuilt(
        a_docx(tmp_path / "a.docx", paragraph("open")),
        tmp_path / "b.docx",
        **{
            "word___rels__document.xml.rels": relations(
                ("a", "footer", "bottom.xml"), ("b", "comments", "../notes/remarks.xml")
            ),
            "word__bottom.xml": f"<w:ftr {W}>{DELETED}</w:ftr>",
            "notes__remarks.xml": f"<w:comments {W}><w:comment>{paragraph('ASIDE')}</w:comment></w:comments>",
        },
    )

    found = items(source)

    assert found == ["comments", "tracked-changes"]
    assert prepared(source, word, "notes/remarks.xml") == ""
    assert "CROSSEDOUT" not in prepared(source, word, "word/bottom.xml")


def test_whole_file_inserted_on_opening_is_named_and_left_out(tmp_path: Path) -> None:
    source = rebuilt(
        a_docx(tmp_path / "a.docx", paragraph("open") + "<w:altChunk/>"),
        tmp_path / "b.docx",
        **{
            "word___rels__document.xml.rels": relations(("c", "aFChunk", "chunk.html")),
            "word__chunk.html": "<p>words nobody listed</p>",
        },
    )

    found = items(source)

    assert found == ["inserted:1"]
    assert "altChunk" not in prepared(source, word, "word/document.xml")
    assert prepared(source, word, "word/chunk.html") == ""


@pytest.mark.parametrize("leads", ["", "word/gone.xml"])
def test_document_that_does_not_say_which_part_is_its_text_is_refused(tmp_path: Path, leads: str) -> None:
    links = relations(("d", "officeDocument", leads)) if leads else relations()
    source = rebuilt(
        a_docx(tmp_path / "a.docx", paragraph("x")), tmp_path / "b.docx", **{"_rels__.rels": links}
    )

    with pytest.raises(Refused, match="does not say which part is its text"):
        items(source)


def test_document_that_names_a_missing_part_is_refused(tmp_path: Path) -> None:
    source = rebuilt(
        a_docx(tmp_path / "a.docx", paragraph("x")),
        tmp_path / "b.docx",
        **{"word___rels__document.xml.rels": relations(("a", "header", "top%2Exml"))},
    )

    with pytest.raises(Refused, match="the part with its header is missing"):
        items(source)


def test_workbook_whose_list_of_sheets_stands_elsewhere_is_refused(tmp_path: Path) -> None:
    source = rebuilt(
        an_xlsx(tmp_path / "a.xlsx", rows(("A1", "x"))),
        tmp_path / "b.xlsx",
        **{
            "_rels__.rels": relations(("d", "officeDocument", "xl/real.xml")),
            "xl__real.xml": "<workbook/>",
        },
    )

    with pytest.raises(Refused, match="unusual place"):
        items(source)


@pytest.mark.parametrize("code", ['CELL("filename")', 'info ("directory")'])
def test_cell_that_would_tell_where_the_file_lies_is_emptied(tmp_path: Path, code: str) -> None:
    cell = f'<sheetData><row r="1"><c r="A1"><f>{code}</f></c></row></sheetData>'
    source = an_xlsx(tmp_path / "a.xlsx", cell)

    text = prepared(source, workbook, "xl/worksheets/sheet1.xml")

    assert code.partition("(")[0] not in text


def test_header_of_a_sheet_does_not_tell_where_the_file_lies(tmp_path: Path) -> None:
    margins = "<headerFooter><oddHeader>&amp;LKept &amp;Z&amp;F page &amp;P</oddHeader></headerFooter>"
    source = an_xlsx(tmp_path / "a.xlsx", rows(("A1", "x")) + margins)

    text = prepared(source, workbook, "xl/worksheets/sheet1.xml")

    assert "<oddHeader>&amp;LKept  page &amp;P</oddHeader>" in text


def test_field_in_a_document_does_not_tell_where_the_file_lies(tmp_path: Path) -> None:
    field = r'<w:p><w:fldSimple w:instr=" FILENAME \p "><w:r><w:t>as saved</w:t></w:r></w:fldSimple></w:p>'
    source = a_docx(tmp_path / "a.docx", field)

    text = prepared(source, word, "word/document.xml")

    assert "FILENAME" not in text
    assert "as saved" in text


def test_field_in_an_open_document_does_not_tell_where_the_file_lies(tmp_path: Path) -> None:
    body = '<text:p><text:file-name text:display="full">as saved</text:file-name></text:p>'
    source = an_open_document(tmp_path / "a.odt", "text", body)

    text = prepared(source, opendocument, "content.xml")

    assert "file-name" not in text
    assert "as saved" in text
