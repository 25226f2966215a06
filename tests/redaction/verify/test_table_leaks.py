"""Every check of a released table must be able to fail: each test spoils one thing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redaction import pipeline
from redaction.engines import table as engine
from redaction.marks import Marks
from redaction.report import Finding, MarkOutcome, Refused, Report, VerificationFailed
from redaction.verify import table
from redaction.verify.table import leaks
from redaction.verify.table.values import coarse_fault, instant
from tests.redaction.table_builders import (
    HEADER,
    a_column,
    an_lpr_csv,
    keep,
    remove,
    said,
    some_marks,
    verified,
)

Spoil = Callable[[str], str]


def check(
    tmp_path: Path, *entries: dict[str, Any], spoil: Spoil = str, **source: Any
) -> tuple[list[Finding], Report]:
    """Redact, spoil the output's text, verify."""
    raw, out = an_lpr_csv(tmp_path / "in.csv", **source), tmp_path / "out.csv"
    marks = some_marks(*entries)
    report = engine.redact(raw, marks, out)
    text = out.read_bytes().decode()
    spoiled = spoil(text)
    assert spoil is str or spoiled != text, "the test spoils nothing"
    out.write_bytes(spoiled.encode())
    return table.verify(out, raw, marks, report), report


def swap(old: str, new: str) -> Spoil:
    return lambda text: text.replace(old, new, 1)


def test_a_masked_plate_in_a_reason_stops_the_release_and_names_the_mark(tmp_path: Path) -> None:
    rows = [("WFB6790", "traffic"), ("VDV7671", "follow-up of wfb 6790, again")]
    source = an_lpr_csv(tmp_path / "in.csv", rows, header=("Plate", "Reason"))

    with pytest.raises(VerificationFailed) as refusal:
        pipeline.redact(
            source, some_marks(a_column("Plate", "mask"), a_column("Reason")), tmp_path / "out.csv"
        )

    assert said(list(refusal.value.findings))[0] == (
        "Plate",
        "a value withheld in column 'Plate' can be read in column 'Reason'",
    )
    assert refusal.value.findings[0].place == "row 3"
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("withheld", "released", "action"),
    [
        (("Plate", "ABC1234"), ("Matched", "ABC1234"), "pseudonym"),
        (("Plate", "ABC1234"), ("Filters", "Plate:ABC1234\nMake: Honda"), "drop"),
        (("Plate", "HOTROD"), ("Reason", "hotrod seen"), "mask"),
        (("Officer Name", "Jane Q. Smith"), ("Reason", "per Jane Q Smith"), "drop"),
        (("Case", "26-00123"), ("Reason", "ref 26-00123"), "drop"),
        (("Phone", "515-555-0100"), ("Number", "5155550100"), "mask"),
        (("URL", "https://x.test/ABC1234.jpg"), ("Reason", "https://x.test/ABC1234.jpg"), "drop"),
    ],
)
def test_a_withheld_value_in_another_column_is_found(
    tmp_path: Path, withheld: tuple[str, str], released: tuple[str, str], action: str
) -> None:
    findings, _ = check(
        tmp_path, a_column(withheld[0], action), a_column(released[0]),
        rows=[(withheld[1], released[1])], header=(withheld[0], released[0]),
    )  # fmt: skip

    assert [finding.mark_id for finding in findings] == [withheld[0]]


def test_a_value_of_a_column_without_a_mark_is_found_too(tmp_path: Path) -> None:
    findings, report = check(
        tmp_path, a_column("Reason"), rows=[("ABC1234", "stop ABC1234")], header=("Plate", "Reason")
    )

    assert [finding.mark_id for finding in findings] == [None]
    assert verified(report) == {"Reason": 0}


@pytest.mark.parametrize(
    ("withheld", "released"),
    [
        (("Make", "Honda"), ("Filters", "Vehicle Make: Honda")),
        (("Date", "2026-03-04"), ("Seen", "2026-03-04 08:44")),
        (("Score", "0.779123"), ("Other", "0.779123")),
        (("Plate", "***"), ("Reason", "*** see file")),
        (("Plate", " REDACTED"), ("Reason", "redacted by vendor")),
        (("id", "1234"), ("Reason", "unit 1234")),
    ],
)
def test_what_identifies_nobody_stops_no_release(
    tmp_path: Path, withheld: tuple[str, str], released: tuple[str, str]
) -> None:
    findings, _ = check(
        tmp_path, a_column(withheld[0], "drop"), a_column(released[0]),
        rows=[(withheld[1], released[1])], header=(withheld[0], released[0]),
    )  # fmt: skip

    assert findings == []


def test_the_own_plate_may_be_read_anywhere(tmp_path: Path) -> None:
    own = {"id": "own", "kind": "own_plate", "column": "Plate", "plate": "WFB6790"}

    findings, report = check(
        tmp_path, a_column("Plate", "mask"), a_column("Reason"), own,
        rows=[("WFB6790", "stop WFB6790"), ("VDV7671", "with WFB-6790")], header=("Plate", "Reason"),
    )  # fmt: skip

    assert findings == []
    assert verified(report)["own"] == 1


def test_an_exact_time_in_another_column_is_found(tmp_path: Path) -> None:
    findings, _ = check(
        tmp_path, a_column("Seen", "coarsen", "hour"), a_column("Logged"),
        rows=[("2026-03-04 08:44:53", "2026-03-04 08:44:53")], header=("Seen", "Logged"),
    )  # fmt: skip

    assert said(findings) == [("Seen", "the exact value of column 'Seen' is in another")]


def test_a_column_masked_whole_instead_of_coarsened_is_found(tmp_path: Path) -> None:
    findings, _ = check(
        tmp_path, a_column("Seen", "coarsen", "day"), a_column("X"), rows=[("2026-03-04", "1")],
        header=("Seen", "X"), spoil=swap("2026-03-04", "REDACTED"),
    )  # fmt: skip

    assert said(findings) == [("Seen", "not one cell could be coarsened")]


def test_a_suspicion_of_the_filter_alone_is_no_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaks.Filter, "__contains__", lambda self, value: True)

    findings, _ = check(tmp_path, a_column("Plate", "mask"), a_column("Reason"))

    assert findings == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_both_readers_agree_on_any_spelling(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [("José", 'a "b"; c, d\nline | two\t'), ("x", ""), ("", "end\r\n")]

    findings, _ = check(
        tmp_path, a_column("Who"), a_column("What"), rows=rows, header=("Who", "What"),
        delimiter=delimiter, encoding=encoding,
    )  # fmt: skip

    assert findings == []


@pytest.mark.parametrize(
    "condition",
    [
        ("Timestamp", "between", ["2026-03-04", "2026-03-31"]),
        ("Timestamp", "between", ["03/04/2026 8:44:53 AM", "2026-03-31T00:00:00Z"]),
        ("Timestamp", "eq", "4 Mar 2026"),
        ("Latitude", "between", [41.70, 41.75]),
        ("Latitude", "ne", 41.844949),
        ("Plate", "in", ["VDV7671", "DZN2890"]),
        ("Camera", "matches", "^Cam 0[02]2"),
        ("Camera", "between", ["Cam 01", "Cam 025"]),
    ],
)
@pytest.mark.parametrize("rule", [keep, remove])
def test_both_sides_agree_on_conditions(
    tmp_path: Path, condition: tuple[str, str, Any], rule: Callable[[str, str, Any], dict[str, Any]]
) -> None:
    findings, _ = check(tmp_path, *(a_column(name) for name in HEADER), rule(*condition))

    assert findings == []


@pytest.mark.parametrize(
    "spelling",
    [
        "2026-03-14 08:44:53.241", "02/21/2026, 05:12:44 PM UTC", "2026-03-04T08:44:53-05:00",
        "04-Mar-2026 08:44", "March 4th, 2026 5:12 PM", "20260314T084453Z", "20260314084453", "20260314",
        "1772613893", "1772613893241", "08:44:53", "25/12/2026 10:11", "2026-03-14 08:44:53 America/Chicago",
        "2026-03-14 08:44:53.241+00", "01/22/2026, 06:10:00 AM UTC\n02/21/2026, 05:59:59 AM UTC",
        "3/4/26 5:12 pm",
        "25.12.2026 10:11", "04.03.2026 10:11", "22/01/2026 10:11\n21/02/2026 11:12", "2026-03-14 08:44 CDT",
        "2026-03-14 08:44:00-05:30 to 2026-03-14 09:44:00-05:30",
    ],
)  # fmt: skip
@pytest.mark.parametrize("unit", ["hour", "day", "month"])
def test_both_sides_agree_on_every_spelling_of_a_time(tmp_path: Path, spelling: str, unit: str) -> None:
    findings, _ = check(tmp_path, a_column("A", "coarsen", unit), rows=[(spelling,)], header=("A",))

    assert findings == []


@pytest.mark.parametrize(
    ("source", "output", "to"),
    [
        ("2026-03-14 08:44:53", "2026-03-14 08:00:00", "day"),
        ("2026-03-14 08:44:53", "2026-03-14 00:00:00", "month"),
        ("02/21/2026, 05:12:44 PM", "02/21/2026, 12:00:00 PM", "day"),
        ("20260314T084453Z", "20260314T084400Z", "hour"),
        ("20260314T084453Z", "20260314T080000Z", "day"),
        ("20260314", "20260314", "month"),
        ("1772613893", "1772613800", "hour"),
        ("1772613893", "1772611200", "day"),
        ("1772613893", "1772582400", "month"),
        ("1772613893", "1770000400", "hour"),
        ("2026-03-14 08:44:53", "2026-03-14 08:00:00 by Smith", "hour"),
        ("seen", "seen", "hour"),
        ("", "2026", "hour"),
        ("Oak Street", "Oak S", "prefix:3"),
        ("41.8", "here", "grid:0.1"),
    ],
)
def test_what_is_too_exact_or_foreign_is_told(source: str, output: str, to: str) -> None:
    assert coarse_fault(source, output, to, day_first=False) is not None


@pytest.mark.parametrize("text", ["Smith 3 4 5", "12-34-5678", "26-00123", "", "2026-13-45", "Mar 4"])
def test_what_is_no_time_is_not_read_as_one(text: str) -> None:
    assert instant(text, day_first=False) is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("A,B\n1\n", "has 1 cells, the header has 2"),
        ("A,A\n1,2\n", "two columns are named 'A'"),
        ("A,\n1,2\n", "column 2 has no name"),
        ("=A,B\n1,2\n", "the name '=A' could run as a formula"),
        ("A,B\n=1,2\n", "a cell of column 'A' could run as a formula"),
        ("A,B\nx,2\n\n-1,2\n", "a cell of column 'A' could run as a formula"),
        ("A,B\n1,a\u202eb\n", "holds characters that do not show"),
        ('A,B\n1,"x\n', "row 2: a quoted cell is never closed"),
        ('"A"x,B\n', "row 1: text follows the closing quote of a cell"),
        ("", "the file is empty"),
    ],
)
def test_a_file_alone_is_examined(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "any.csv").write_text(content, encoding="utf-8")

    assert message in [finding.message for finding in table.examine(tmp_path / "any.csv")]


def test_a_file_of_endless_faults_is_told_briefly(tmp_path: Path) -> None:
    (tmp_path / "any.csv").write_text("A,B\n" + "1\n" * 100)

    assert len(table.examine(tmp_path / "any.csv")) == 20


def test_bytes_of_no_encoding_are_told(tmp_path: Path) -> None:
    (tmp_path / "any.csv").write_bytes(b"A,B\n\x81,\xff\n")

    assert said(table.examine(tmp_path / "any.csv")) == [(None, "the bytes are of no encoding known here")]


@pytest.mark.parametrize("row", ['1,"' + "x\n" * 200, "1," + "x" * 200])
def test_an_endless_row_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str) -> None:
    monkeypatch.setattr("redaction.verify.table.reading.LINE_LIMIT", 100)
    (tmp_path / "any.csv").write_text("A,B\n" + row)

    assert "row 2 is endless" in [finding.message for finding in table.examine(tmp_path / "any.csv")]


def test_a_ragged_source_is_refused_by_the_verifier_too(tmp_path: Path) -> None:
    marks = some_marks(a_column("A"))
    (tmp_path / "in.csv").write_text("A,B\n1\n")
    (tmp_path / "out.csv").write_text("A\n1\n")

    with pytest.raises(Refused, match="row 2 of the source has 1 cells"):
        table.verify(tmp_path / "out.csv", tmp_path / "in.csv", marks, _report(marks))


def test_a_column_that_is_not_in_the_source_is_found(tmp_path: Path) -> None:
    marks = some_marks(a_column("A"), a_column("Z"))
    (tmp_path / "in.csv").write_text("A,B\n1,2\n")
    (tmp_path / "out.csv").write_text("A\n1\n")

    findings = table.verify(tmp_path / "out.csv", tmp_path / "in.csv", marks, _report(marks))

    assert said(findings) == [("Z", "there is no column 'Z'")]


def _report(marks: Marks) -> Report:
    return Report("", "table", marks=[MarkOutcome(mark.id, mark.kind) for mark in marks])
