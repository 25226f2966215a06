"""Suppressed groups, counted a second time from the source: which rows stay, and which must not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redaction.engines import table as engine
from redaction.engines.table import times
from redaction.report import Finding
from redaction.verify import table
from redaction.verify.table import survival
from redaction.verify.table.spelling import settled
from tests.redaction.table_builders import a_column, an_lpr_csv, keep, read_back, said, some_marks

Lines = Callable[[list[str]], list[str]]
HEADER = ("Plate", "Cam", "Time")
# b1 is rare and looks, without its plate, like the rows of A1 around it
ROWS = (
    ("A1", "x", "2026-03-04 08:01:00"),
    ("b1", "x", "2026-03-04 08:02:00"),
    ("a-1", "x", "2026-03-04 08:03:00"),
    ("C1", "x", "2026-03-04 09:01:00"),
    ("C1", "y", "2026-03-05 09:01:00"),
    ("A 1", "y", "2026-03-04 08:04:00"),
    ("D1", "x", "2026-03-04 09:07:00"),
    ("C1", "x", "2026-03-04 09:09:00"),
)
PLATE = a_column("Plate", "pseudonym")
CAM = a_column("Cam")


def suppress(by: list[str], k: int, count: str = "rows", name: str = "s") -> dict[str, Any]:
    return {"id": name, "kind": "suppress", "by": by, "k": k, "count": count}


def own(plate: str) -> dict[str, Any]:
    return {"id": "own", "kind": "own_plate", "column": "Plate", "plate": plate}


def check(
    folder: Path, *entries: dict[str, Any], spoil: Lines = list, rows: Any = ROWS
) -> tuple[list[Finding], int]:
    """Redact, spoil the lines of the output, verify: the findings, and the rows the engine released."""
    raw, out = an_lpr_csv(folder / "in.csv", header=HEADER, rows=rows), folder / "out.csv"
    marks = some_marks(*entries)
    report = engine.redact(raw, marks, out)
    lines = out.read_text().splitlines()
    out.write_text("".join(line + "\r\n" for line in spoil(lines)), newline="")
    return table.verify(out, raw, marks, report), len(lines) - 1


@pytest.mark.parametrize(
    ("entries", "released"),
    [
        ([PLATE, CAM, suppress(["Plate"], 3)], 6),
        ([PLATE, suppress(["Plate"], 3)], 6),
        ([PLATE, CAM, suppress(["Plate"], 2, "distinct:Cam")], 6),
        ([PLATE, CAM, suppress(["Plate", "Cam"], 2)], 4),
        ([a_column("Plate", "mask"), CAM, suppress(["Plate"], 8)], 8),
        ([a_column("Plate", "mask"), CAM, suppress(["Plate"], 9)], 0),
        ([a_column("Plate", "mask"), CAM, suppress(["Plate", "Cam"], 3, "distinct:Plate")], 6),
        # the requester's rows keep the plate as it is written: three spellings, three groups of one
        ([PLATE, CAM, suppress(["Plate"], 3), own("A1")], 3),
        ([a_column("Plate", "mask"), CAM, suppress(["Plate"], 4), own("A1")], 5),
        ([PLATE, a_column("Time", "coarsen", "hour"), suppress(["Time"], 3)], 7),
        ([PLATE, CAM, keep("Cam", "eq", "x"), suppress(["Plate"], 2)], 4),
        ([PLATE, CAM, suppress(["Plate"], 3), suppress(["Cam"], 3, name="t")], 0),
    ],
)
def test_a_sound_release_by_groups_holds(
    tmp_path: Path, entries: list[dict[str, Any]], released: int
) -> None:
    findings, rows = check(tmp_path, *entries)

    assert (said(findings), rows) == ([], released)


def test_many_plates_over_more_than_one_block_hold(tmp_path: Path) -> None:
    rows = [(f"P{place * place % 1013}", f"c{place % 5}", "") for place in range(5000)]

    findings, released = check(tmp_path, PLATE, CAM, suppress(["Plate"], 10), rows=rows)

    assert said(findings) == []
    assert 1000 < released < 5000


@pytest.mark.parametrize("count", ["rows", "distinct:Time"])
@pytest.mark.parametrize("columns", [[PLATE, CAM], [PLATE], [PLATE, CAM, own("C1")]])
def test_small_groups_that_the_engine_leaves_are_found(
    tmp_path: Path, columns: list[dict[str, Any]], count: str
) -> None:
    raw, out = an_lpr_csv(tmp_path / "in.csv", header=HEADER, rows=ROWS), tmp_path / "out.csv"
    report = engine.redact(raw, some_marks(*columns, suppress(["Plate"], 1, count)), out)

    findings = table.verify(out, raw, some_marks(*columns, suppress(["Plate"], 3, count)), report)

    assert ("s", "a group smaller than 3 is in the output") in said(findings)


def test_a_small_group_that_shows_in_its_own_cells_names_its_mark(tmp_path: Path) -> None:
    findings, _ = check(
        tmp_path, CAM, suppress(["Cam"], 3), spoil=lambda lines: [*lines[:5], "y", *lines[5:]]
    )

    assert ("s", "a group smaller than 3 is in the output") in said(findings)


@pytest.mark.parametrize("lost", range(1, 7))
def test_a_row_that_should_stay_and_does_not_is_found(tmp_path: Path, lost: int) -> None:
    findings, _ = check(
        tmp_path, PLATE, CAM, suppress(["Plate"], 2), spoil=lambda lines: lines[:lost] + lines[lost + 1 :]
    )

    assert findings != []


def test_two_rows_with_their_pseudonyms_exchanged_are_found(tmp_path: Path) -> None:
    def exchange(lines: list[str]) -> list[str]:
        first, third = lines[1].split(",")[0], lines[3].split(",")[0]
        return [lines[0], lines[1].replace(first, third), *lines[2:]]

    findings, _ = check(tmp_path, PLATE, CAM, suppress(["Plate"], 2), spoil=exchange)

    assert any("pseudonym" in finding.message for finding in findings)


def test_cells_of_a_spelling_nobody_foresees_are_held_against_the_output(tmp_path: Path) -> None:
    rows = [(plate, cam, f"on 4 March 2026 at {time[11:16]}") for plate, cam, time in ROWS]
    rows += [("E1", "x", "2026-03-04 10:00:00")] * 3

    findings, _ = check(tmp_path, CAM, a_column("Time", "coarsen", "hour"), suppress(["Time"], 3), rows=rows)
    out = read_back(tmp_path / "out.csv")
    (tmp_path / "out.csv").unlink()
    spoiled, _ = check(
        tmp_path, CAM, a_column("Time", "coarsen", "hour"), suppress(["Time"], 3), rows=rows,
        spoil=lambda lines: lines[:-1],
    )  # fmt: skip

    assert (said(findings), len(out) > 3) == ([], True)
    assert [finding.mark_id for finding in spoiled] == ["s"]


def test_more_groups_than_can_be_held_are_held_against_the_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survival, "LIMIT", 1)

    findings, _ = check(tmp_path, CAM, suppress(["Cam"], 3))

    assert said(findings) == []


@pytest.mark.parametrize("unit", ["hour", "day", "month"])
@pytest.mark.parametrize(
    "cell",
    [
        "3/4/2026 8:44:53 PM",
        "03/04/2026, 08:44:53 AM UTC",
        "03/04/2026 18:44",
        "03/04/2026",
        "2026-03-14",
        "2026/3/4 8:05:06.789",
        "2026-03-04T18:05:06Z",
        "unknown",
        "  ",
    ],
)
def test_a_foretold_time_is_the_one_that_the_engine_writes(cell: str, unit: str) -> None:
    written = times.coarsen(cell, unit, day_first=True) if cell.strip() else cell

    assert settled(cell, unit, day_first=True) == (written or "REDACTED")


@pytest.mark.parametrize(
    ("cell", "to", "answer"),
    [
        ("41", "grid:0.01", "41.00"),
        ("-0", "grid:0.5", "0.0"),
        ("nowhere", "grid:0.5", "REDACTED"),
        ("41.5, -93.5", "grid:1", None),
        (" ABC1234 ", "prefix:3", "ABC"),
        ("03/14/2026", "month", "03/01/2026"),
        ("14/03/2026", "month", None),
        ("Mon 3/4/2026", "day", None),
        ("2026-03-04\u200b", "day", None),
    ],
)
def test_a_spelling_is_foretold_or_left_open(cell: str, to: str, answer: str | None) -> None:
    assert settled(cell, to, day_first=False) == answer
