"""Every check of a released table must be able to fail: each test spoils one thing."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from redaction.engines import table as engine
from redaction.report import Finding, Report
from redaction.verify import table
from tests.redaction.table_builders import (
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
