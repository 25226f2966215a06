"""Tables that are not text: workbooks and Parquet in and out, and what goes beside a release."""

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest
import python_calamine
import xlsxwriter

from redaction import pipeline
from redaction.engines import table
from redaction.engines.table import workbook, writing
from redaction.engines.table.source import open_table
from redaction.report import MarksError, Refused, Report
from redaction.verify import table as verifier
from tests.redaction.table_builders import a_column, an_lpr_csv, column_of, read_back, said, some_marks

READS = [a_column("Plate", "mask"), a_column("Timestamp", "coarsen", "hour"), a_column("Reason")]


def a_workbook(path: Path, *, header_row: int = 0) -> Path:
    """One visible sheet with hidden rows, columns, comments and a name; one hidden sheet."""
    book = xlsxwriter.Workbook(str(path))
    sheet, secret = book.add_worksheet("Reads"), book.add_worksheet("Secret")
    when = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    day = book.add_format({"num_format": "mm/dd/yyyy"})
    sheet.write_row(header_row, 1, ["Plate", "When", "Day", "Badge", "Score", "Hit"])
    for number, plate in enumerate(("WFB6790", "HIDDEN1", "VDV7671"), header_row + 1):
        sheet.write(number, 1, plate)
        sheet.write_datetime(number, 2, dt.datetime(2026, 3, 4, 5, 6, 7), when)  # noqa: DTZ001  # as in a sheet
        sheet.write_datetime(number, 3, dt.datetime(2026, 3, 4), day)  # noqa: DTZ001  # as in a sheet
        sheet.write(number, 4, "B-4471")
        sheet.write(number, 5, 41 if number == header_row + 1 else 0.5)
        sheet.write_formula(number, 6, "=1=1", None, True)
    sheet.set_row(header_row + 2, None, None, {"hidden": True})
    sheet.set_column(4, 4, None, None, {"hidden": True})
    sheet.write_comment(header_row + 1, 1, "informant's car")
    sheet.merge_range(header_row + 4, 1, header_row + 4, 2, "merged")
    secret.write(0, 0, "SECRETPLATE")
    secret.hide()
    book.define_name("x", "=Reads!$B$2")
    book.close()
    return path


def release(source: Path, out: Path, *entries: dict[str, Any]) -> Report:
    return pipeline.redact(source, some_marks(*entries), out, contained=False)


def test_a_workbook_gives_what_its_sheet_shows_and_no_more(tmp_path: Path) -> None:
    source = a_workbook(tmp_path / "in.xlsx")

    report = release(
        source, tmp_path / "out.csv", *(a_column(name) for name in ("Plate", "When", "Day", "Score", "Hit"))
    )

    assert read_back(tmp_path / "out.csv") == [
        ["Plate", "When", "Day", "Score", "Hit"],
        ["WFB6790", "2026-03-04 05:06:07", "2026-03-04", "41", "TRUE"],
        ["VDV7671", "2026-03-04 05:06:07", "2026-03-04", "0.5", "TRUE"],
        ["merged", "", "", "", ""],
    ]
    told = " ".join(report.warnings)
    for words in ("'Secret'", "hidden rows", "'Badge'", "comments", "defined names", "merged"):
        assert words in told


def test_a_hidden_column_cannot_be_released(tmp_path: Path) -> None:
    with pytest.raises(MarksError, match="mark Badge: column 'Badge' is hidden in the workbook"):
        release(a_workbook(tmp_path / "in.xlsx"), tmp_path / "out.csv", a_column("Badge"))


def test_a_header_below_a_title_is_found_by_the_names_of_the_marks(tmp_path: Path) -> None:
    source = tmp_path / "in.xlsx"
    book = xlsxwriter.Workbook(str(source))
    sheet = book.add_worksheet()
    sheet.write(0, 0, "Report of March")
    sheet.write_row(2, 0, ["Plate", "State"])
    sheet.write_row(3, 0, ["ABC1", "MN"])
    book.close()

    report = release(source, tmp_path / "out.csv", a_column("State"))

    assert read_back(tmp_path / "out.csv") == [["State"], ["MN"]]
    assert any("the header was found in row 3" in warning for warning in report.warnings)


def test_the_sheet_with_the_marked_columns_is_the_table(tmp_path: Path) -> None:
    source = tmp_path / "in.xlsx"
    book = xlsxwriter.Workbook(str(source))
    book.add_worksheet("Cover").write_row(0, 0, ["About", "Us"])
    book.add_worksheet("Data").write_row(0, 0, ["Plate", "State"])
    book.get_worksheet_by_name("Data").write_row(1, 0, ["ABC1", "MN"])
    book.close()

    report = release(source, tmp_path / "out.csv", a_column("State"))

    assert column_of(tmp_path / "out.csv", "State") == ["MN"]
    assert any("only sheet 'Data' was read" in warning for warning in report.warnings)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([], "is empty"),
        ([["A", 5], ["x", "y"]], "holds a number or date"),
        ([["A"], ["x", "y"]], "no name for column 2"),
    ],
)
def test_a_sheet_without_a_header_is_refused(tmp_path: Path, cells: list[list[Any]], message: str) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "in.xlsx"))
    sheet = book.add_worksheet("One")
    for row, values in enumerate(cells):
        sheet.write_row(row, 0, values)
    book.close()

    with pytest.raises(Refused, match=message):
        table.redact(tmp_path / "in.xlsx", some_marks(a_column("A")), tmp_path / "out.csv")


def test_a_workbook_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = a_workbook(tmp_path / "in.xlsx")
    with zipfile.ZipFile(source, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/bomb.xml", b" " * 4_000_000)
    monkeypatch.setattr(workbook, "RATIO_FLOOR", 1_000_000)

    with pytest.raises(Refused, match="grows more than 200 times"):
        open_table(source)

    monkeypatch.setattr(workbook, "PACKAGE_LIMIT", 1_000_000)
    with pytest.raises(Refused, match="export it as CSV"):
        open_table(source)


def test_a_workbook_of_another_kind_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.ods", "w") as package:
        package.writestr("content.xml", "<x/>")

    with pytest.raises(Refused, match="save it as XLSX or CSV"):
        open_table(tmp_path / "in.ods")


def test_bytes_that_only_begin_like_a_workbook_are_refused(tmp_path: Path) -> None:
    (tmp_path / "in.xlsx").write_bytes(b"PK\x03\x04 and nothing more")

    with pytest.raises(Refused, match="the workbook cannot be read"):
        open_table(tmp_path / "in.xlsx")


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet"])
def test_other_formats_hold_the_same_cells_as_text(tmp_path: Path, suffix: str) -> None:
    source = an_lpr_csv(tmp_path / "in.csv")
    release(source, tmp_path / "out.csv", *READS)

    release(source, tmp_path / f"out{suffix}", *READS)

    found = open_table(tmp_path / f"out{suffix}")
    assert [list(found.header), *(cells for _, cells in found.rows())] == read_back(tmp_path / "out.csv")
    assert verifier.examine(tmp_path / f"out{suffix}") == []


def test_a_released_workbook_runs_nothing_and_links_nowhere(tmp_path: Path) -> None:
    rows = [("=1+1", "https://x.test/a"), ("word", "b")]
    source = an_lpr_csv(tmp_path / "in.csv", rows, header=("A", "B"))

    release(source, tmp_path / "out.xlsx", a_column("A"), a_column("B"))

    with zipfile.ZipFile(tmp_path / "out.xlsx") as package:
        sheet = package.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet
    cells = python_calamine.CalamineWorkbook.from_path(str(tmp_path / "out.xlsx")).get_sheet_by_index(0)
    assert cells.to_python()[1] == ["'=1+1", "https://x.test/a"]


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "SHEET_ROWS", 3)

    with pytest.raises(Refused, match="do not fit a spreadsheet; release them as CSV"):
        table.redact(an_lpr_csv(tmp_path / "in.csv"), some_marks(*READS), tmp_path / "out.xlsx")

    assert not (tmp_path / "out.xlsx").exists()


def test_a_cell_too_long_for_a_sheet_is_refused_with_its_place(tmp_path: Path) -> None:
    source = an_lpr_csv(tmp_path / "in.csv", [("a", "x" * 40_000)], header=("A", "B"))

    with pytest.raises(Refused, match="row 2, column 'B': a cell is longer"):
        release(source, tmp_path / "out.xlsx", a_column("A"), a_column("B"))


def test_parquet_is_read_as_text(tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    duckdb.execute(
        "COPY (SELECT 'WFB6790' AS Plate, TIMESTAMP '2026-03-04 08:44:53.241' AS Seen, 41.5::DOUBLE AS Lat "
        f"UNION ALL SELECT NULL, NULL, -3) TO '{source}' (FORMAT parquet)"
    )

    release(
        source, tmp_path / "out.csv", a_column("Plate", "mask"), a_column("Seen", "coarsen", "hour"),
        a_column("Lat"),
    )  # fmt: skip

    assert read_back(tmp_path / "out.csv")[1:] == [
        ["REDACTED", "2026-03-04 08:00:00.000", "41.5"],
        ["REDACTED", "", "-3.0"],
    ]


@pytest.mark.parametrize(
    ("select", "message"),
    [
        ("{'a': 1} AS s", "column 's' holds struct"),
        ("[1] AS s", "holds integer"),
        ("'\\xAA'::BLOB AS s", "holds blob"),
    ],
)
def test_parquet_that_is_no_plain_table_is_refused(tmp_path: Path, select: str, message: str) -> None:
    duckdb.execute(f"COPY (SELECT {select}) TO '{tmp_path / 'in.parquet'}' (FORMAT parquet)")

    with pytest.raises(Refused, match=message):
        open_table(tmp_path / "in.parquet")


def test_broken_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in.parquet").write_bytes(b"PAR1 and nothing more PAR1")

    with pytest.raises(Refused, match="the Parquet file cannot be read"):
        open_table(tmp_path / "in.parquet")
    assert said(verifier.examine(tmp_path / "in.parquet"))[0][1].startswith("the Parquet file cannot be read")


def companions(tmp_path: Path, *entries: dict[str, Any]) -> dict[str, list[list[str]]]:
    pipeline.redact(
        an_lpr_csv(tmp_path / "in.csv"),
        some_marks(*entries),
        tmp_path / "out.csv",
        companions=tmp_path / "side",
        contained=False,
    )
    return {path.name: read_back(path) for path in (tmp_path / "side").glob("*.csv")}


def test_the_dictionary_labels_every_column_of_the_source(tmp_path: Path) -> None:
    marks = [*READS, a_column("Latitude", "coarsen", "grid:0.01"), a_column("State", "pseudonym")]

    found = companions(tmp_path, *marks, a_column("Camera", "drop", reason="POI"))["data-dictionary.csv"]

    labels = {row[0]: (row[1], row[3], row[4]) for row in found[1:]}
    assert labels["Plate"] == ("yes", "masked: one constant stands for every value", "")
    assert labels["Timestamp"] == ("yes", "made coarser: to the hour", "")
    assert labels["Latitude"] == ("yes", "made coarser: rounded to steps of 0.01", "")
    assert labels["Camera"] == ("no", "not released", "POI")
    assert labels["Longitude"] == ("no", "not released", "")
    assert labels["State"][1].startswith("pseudonymised")
    assert (tmp_path / "side" / "table.xlsx").exists()


def test_the_reconciliation_accounts_for_every_row(tmp_path: Path) -> None:
    cut = {"id": "cut", "kind": "rows", "remove": [{"column": "State", "op": "eq", "value": "IA"}]}

    found = companions(tmp_path, a_column("State"), cut)["reconciliation.csv"]

    assert found[1:] == [
        ["columns in the record", "7", ""],
        ["columns released", "1", ""],
        ["rows in the record", "4", ""],
        ["rows taken out", "1", "cut"],
        ["rows released", "3", ""],
    ]


def test_a_total_that_gives_a_suppressed_group_back_is_withheld(tmp_path: Path) -> None:
    suppress = {"id": "k", "kind": "suppress", "by": ["State"], "k": 2, "count": "rows"}

    found = companions(tmp_path, a_column("State"), suppress)["reconciliation.csv"]

    told = {row[0]: row[1] for row in found}
    assert told["rows in the record"].startswith("withheld")
    assert told["rows in groups too small to release"].startswith("withheld")
    assert told["rows released"] == "2"


def test_a_workbook_spoiled_after_the_release_is_found(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "any.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["A"])
    sheet.write_formula(1, 0, "=1+1")
    sheet.write_comment(1, 0, "psst")
    book.add_worksheet("Two").write(0, 0, "x")
    book.close()

    found = [message for _, message in said(verifier.examine(tmp_path / "any.xlsx"))]

    assert "the workbook has 2 sheets" in found
    assert "the workbook's sheet holds <f>" in found
    assert any("comments" in message for message in found)


@pytest.mark.parametrize(
    "spellings",
    [
        ["2026-03-04T08:44:53.2Z", "2026-03-04 08:44:53.24"],
        ["2026-03-04T08:44:53Z", "2026-03-04 08:44:53", "2026-03-04 08:44:53.241"],
        ["2026-03-04 08:44:53", ""],
    ],
)
def test_usual_times_of_any_length_are_coarsened_in_their_own_spelling(
    tmp_path: Path, spellings: list[str]
) -> None:
    source = an_lpr_csv(tmp_path / "in.csv", [(spelling, "x") for spelling in spellings], header=("T", "X"))

    release(source, tmp_path / "out.csv", a_column("T", "coarsen", "hour"), a_column("X"))

    expected = [
        each.replace("44:53", "00:00").replace("24", "00").replace("001", "000") for each in spellings
    ]
    expected = [each.replace(".2Z", ".0Z") for each in expected]
    assert column_of(tmp_path / "out.csv", "T") == expected
