"""What ``make fuzz`` found, made small: a damaged source is refused with a sentence, never with a stumble."""

import zipfile
from pathlib import Path

import pytest

from redaction.engines.flight import telemetry
from redaction.engines.flight.track import BadFlight
from redaction.engines.table.shape import BadTable
from redaction.engines.table.source import open_table
from redaction.report import Refused
from redaction.verify.flight.evidence import gather
from tests.redaction.flight_logs import a_tlog, a_ulog
from tests.redaction.office_builders import an_xlsx, rows


def test_telemetry_with_an_impossible_time_is_refused(tmp_path: Path) -> None:
    log = a_tlog(tmp_path / "a.tlog")
    content = bytearray(log.read_bytes())
    position = next(
        place
        for place in range(len(content))
        if content[place + 8] == 0xFD and content[place + 15 : place + 18] == b"\x21\0\0"
    )
    content[position : position + 8] = b"\xff" * 8
    log.write_bytes(content)

    with pytest.raises(BadFlight, match="a time that is none"):
        telemetry.read(log)


def test_log_without_the_layout_of_a_message_is_refused_by_the_verifier(tmp_path: Path) -> None:
    log = a_ulog(tmp_path / "a.ulg")
    log.write_bytes(log.read_bytes().replace(b"home_position:", b"home_positiom:"))

    with pytest.raises(Refused, match="cannot be read again"):
        gather(log, frozenset())


@pytest.mark.parametrize("harm", ["part named otherwise", "part cut", "link gone", "not a package"])
def test_damaged_workbook_is_refused(tmp_path: Path, harm: str) -> None:
    book = an_xlsx(tmp_path / "a.xlsx", rows(("A1", "plate"), ("A2", "ABC123")))
    with zipfile.ZipFile(book) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    links = "xl/_rels/workbook.xml.rels"
    if harm == "part named otherwise":
        parts["xl/worksheets/sheet.xml"] = parts.pop("xl/worksheets/sheet1.xml")
    elif harm == "part cut":
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"][:-20]
    elif harm == "link gone":
        parts[links] = parts[links].replace(b"r1", b"r9")
    with zipfile.ZipFile(book, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    if harm == "not a package":
        book.write_bytes(book.read_bytes()[:-10])

    with pytest.raises(Refused):
        list(open_table(book).rows())


def test_sheet_whose_part_is_missing_is_a_damaged_workbook(tmp_path: Path) -> None:
    from redaction.engines.table.workbook import _layout

    book = an_xlsx(tmp_path / "a.xlsx", rows(("A1", "plate"), ("A2", "ABC123")))
    with zipfile.ZipFile(book) as package:
        parts = {name: package.read(name) for name in package.namelist() if "sheet1" not in name}
    with zipfile.ZipFile(book, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)

    with pytest.raises(BadTable, match=r"the workbook is damaged \(KeyError\)"):
        _layout(book, "S1")
