"""Every check of a released table must be able to fail: each test spoils one thing."""

from collections.abc import Callable
from hashlib import sha256
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
    ROWS,
    a_column,
    an_lpr_csv,
    keep,
    remove,
    said,
    some_marks,
    verified,
)

Spoil = Callable[[str], str]

MARKS = (
    a_column("Plate", "pseudonym"),
    a_column("State", "mask"),
    a_column("Timestamp", "coarsen", "hour"),
    a_column("Latitude", "coarsen", "grid:0.01"),
    a_column("Reason"),
    remove("State", "eq", "IA"),
)


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


def test_a_sound_release_has_no_findings_and_every_mark_is_verified(tmp_path: Path) -> None:
    findings, report = check(tmp_path, *MARKS)

    assert findings == []
    assert set(verified(report).values()) == {1}
    assert table.examine(tmp_path / "out.csv") == []


def test_a_mask_that_was_not_applied_names_its_mark(tmp_path: Path) -> None:
    findings, report = check(tmp_path, *MARKS, spoil=swap("REDACTED", "MN"))

    assert said(findings) == [("State", "a cell of column 'State' is not masked")]
    assert verified(report) == {
        "Plate": 1, "State": 0, "Timestamp": 1, "Latitude": 1, "Reason": 1, "rows": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "mark", "message"),
    [
        ("08:00:00.000", "08:44:53.241", "Timestamp", "finer than the hour"),
        ("08:00:00.000", "08:00:53.000", "Timestamp", "finer than the hour"),
        ("08:00:00.000", "07:00:00.000", "Timestamp", "not the hour of the source"),
        ("2026-03-04 08", "2026-03-05 08", "Timestamp", "not the day of the source"),
        ("41.84", "41.844949", "Latitude", "not on the grid"),
        ("41.84", "41.99", "Latitude", "not the nearest"),
        ("stolen car", "stolen van", "Reason", "not the one of the source"),
    ],
)
def test_a_changed_cell_names_its_mark(tmp_path: Path, old: str, new: str, mark: str, message: str) -> None:
    findings, report = check(tmp_path, *MARKS, spoil=swap(old, new))

    assert [finding.mark_id for finding in findings] == [mark]
    assert message in findings[0].message
    assert verified(report)[mark] == 0


def test_a_plate_in_clear_is_no_pseudonym(tmp_path: Path) -> None:
    def unmask(text: str) -> str:
        first = text.splitlines()[1].split(",")[0]
        return text.replace(first, "WFB6790")

    findings, _ = check(tmp_path, *MARKS, spoil=unmask)

    assert ("Plate", "a cell of column 'Plate' is no pseudonym") in said(findings)


def test_a_plate_with_two_pseudonyms_is_found(tmp_path: Path) -> None:
    def rename(text: str) -> str:
        first = text.splitlines()[1].split(",")[0]
        return text.replace(first, "P-" + "0" * 20, 1)

    findings, _ = check(tmp_path, *MARKS, spoil=rename)

    assert any("another pseudonym" in finding.message for finding in findings)


def test_two_plates_with_one_pseudonym_are_found(tmp_path: Path) -> None:
    def merge(text: str) -> str:
        lines = text.splitlines()
        return text.replace(lines[2].split(",")[0], lines[1].split(",")[0])

    findings, _ = check(tmp_path, *MARKS, spoil=merge)

    assert any("shares its pseudonym" in finding.message for finding in findings)


def test_a_lost_pseudonym_is_found(tmp_path: Path) -> None:
    findings, _ = check(
        tmp_path, *MARKS, spoil=lambda text: text.replace(text.splitlines()[1].split(",")[0], "", 1)
    )

    assert any("empty on one side" in finding.message for finding in findings)


def test_a_plain_digest_of_a_plate_is_no_pseudonym(tmp_path: Path) -> None:
    weak = "P-" + sha256(b"VDV7671").hexdigest()[:20]
    rows = [ROWS[1]]

    findings, _ = check(
        tmp_path, a_column("Plate", "pseudonym"), rows=rows,
        spoil=lambda text: f"{text.splitlines()[0]}\r\n{weak}\r\n",
    )  # fmt: skip

    assert said(findings) == [("Plate", "a pseudonym is a plain digest of its value")]


def test_a_removed_row_in_the_output_names_the_rows_mark(tmp_path: Path) -> None:
    def put_back(text: str) -> str:
        lines = text.splitlines()
        return "\r\n".join([*lines[:2], "IA,amber alert", *lines[2:]]) + "\r\n"

    findings, _ = check(
        tmp_path, a_column("State"), a_column("Reason"), remove("State", "eq", "IA"), spoil=put_back
    )

    assert ("rows", "a row it removes is in the output") in said(findings)


def test_a_removed_row_at_the_end_names_the_rows_mark(tmp_path: Path) -> None:
    findings, _ = check(
        tmp_path, a_column("State"), keep("State", "eq", "MN"), rows=[ROWS[0], ROWS[1]],
        spoil=lambda text: text + "IA\r\n",
    )  # fmt: skip

    assert said(findings) == [("rows", "a row it removes is in the output")]


def test_a_row_of_nowhere_is_found(tmp_path: Path) -> None:
    findings, _ = check(tmp_path, a_column("State"), spoil=lambda text: text + "TX\r\n")

    assert said(findings) == [(None, "is made from no row of the source")]


def test_a_lost_row_is_found(tmp_path: Path) -> None:
    findings, _ = check(tmp_path, a_column("State"), spoil=lambda text: text.rsplit("MN", 1)[0])

    assert [finding.mark_id for finding in findings] == [None]
    assert "should be in the output" in findings[0].message


def test_a_column_too_many_is_found(tmp_path: Path) -> None:
    def widen(text: str) -> str:
        lines = text.splitlines()
        return "\r\n".join(["State,Plate", *(line + ",WFB6790" for line in lines[1:])])

    findings, _ = check(tmp_path, a_column("State"), a_column("Plate", "drop"), spoil=widen)

    assert said(findings) == [("Plate", "column 'Plate' is in the output but not released")]


def test_columns_in_another_order_are_found(tmp_path: Path) -> None:
    findings, _ = check(
        tmp_path, a_column("State"), a_column("Reason"), spoil=swap("State,Reason", "Reason,State")
    )

    assert said(findings) == [(None, "the header is not the released columns in their order")]


def test_a_ragged_row_of_the_output_is_found(tmp_path: Path) -> None:
    findings, _ = check(
        tmp_path, a_column("State"), a_column("Camera"), spoil=lambda text: text + "a,b,c\r\n"
    )

    assert (None, "has 3 cells, not 2") in said(findings)


def test_an_output_in_another_encoding_is_found(tmp_path: Path) -> None:
    raw, out = an_lpr_csv(tmp_path / "in.csv"), tmp_path / "out.csv"
    marks = some_marks(a_column("State"))
    report = engine.redact(raw, marks, out)
    out.write_text(out.read_text(), encoding="utf-16")

    assert said(table.verify(out, raw, marks, report)) == [
        (None, "the output is not UTF-8 without a mark at its start")
    ]


def test_an_output_that_is_no_table_is_found(tmp_path: Path) -> None:
    findings, report = check(tmp_path, a_column("State"), spoil=lambda text: text + '"never closed')

    assert "never closed" in findings[0].message
    assert verified(report) == {"State": 0}


def test_a_cell_that_could_run_is_found(tmp_path: Path) -> None:
    findings, _ = check(tmp_path, *MARKS, spoil=swap("'=1+1", "=1+1"))

    assert said(findings) == [("Reason", "a cell of column 'Reason' could run as a formula")]


def test_a_group_below_k_is_found(tmp_path: Path) -> None:
    suppress = {"id": "s", "kind": "suppress", "by": ["Camera"], "k": 2, "count": "rows"}

    findings, _ = check(
        tmp_path, a_column("Camera"), suppress,
        spoil=lambda text: text.replace("Cam 029 Oak St\r\n", "Cam 029 Oak St\r\nCam 022 5th St\r\n", 1),
    )  # fmt: skip

    assert ("s", "a group smaller than 2 is in the output") in said(findings)


def test_groups_of_different_plates_are_counted_by_plate(tmp_path: Path) -> None:
    suppress = {"id": "s", "kind": "suppress", "by": ["Camera"], "k": 2, "count": "distinct:Plate"}
    rows = [("A1", "x"), ("A2", "x"), ("B1", "y"), ("b-1", "y")]

    sound, _ = check(tmp_path, a_column("Camera"), suppress, rows=rows, header=("Plate", "Camera"))
    (tmp_path / "out.csv").unlink()
    spoiled, _ = check(
        tmp_path, a_column("Camera"), suppress, rows=rows, header=("Plate", "Camera"),
        spoil=lambda text: text + "y\r\ny\r\n",
    )  # fmt: skip

    assert sound == []
    assert said(spoiled) == [("s", "a group smaller than 2 is in the output")]


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
