"""What the table engine writes for each kind of mark."""

from pathlib import Path
from typing import Any

import pytest

from redaction.engines import table
from redaction.marks import Mark, Marks
from redaction.report import MarksError
from tests.redaction.table_builders import (
    ROWS,
    a_column,
    an_lpr_csv,
    column_of,
    keep,
    read_back,
    remove,
    some_marks,
)


def redact(tmp_path: Path, *entries: dict[str, Any], **source: Any) -> Path:
    target = tmp_path / "out.csv"
    target.unlink(missing_ok=True)
    table.redact(an_lpr_csv(tmp_path / "in.csv", **source), some_marks(*entries), target)
    return target


def test_a_column_without_a_mark_is_dropped(tmp_path: Path) -> None:
    out = redact(tmp_path, a_column("Camera"), a_column("State"))

    assert read_back(out)[0] == ["State", "Camera"]
    assert b"WFB6790" not in out.read_bytes()


def test_a_dropped_column_is_not_there(tmp_path: Path) -> None:
    out = redact(tmp_path, a_column("Plate", "drop"), a_column("State"))

    assert read_back(out) == [["State"], ["MN"], ["IA"], ["MO"], ["MN"]]


def test_marks_that_release_no_column_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MarksError, match="no column is released"):
        redact(tmp_path, a_column("Plate", "drop"))

    assert not (tmp_path / "out.csv").exists()


def test_a_masked_column_holds_one_constant(tmp_path: Path) -> None:
    out = redact(tmp_path, a_column("Reason", "mask"))

    assert set(column_of(out, "Reason")) == {"REDACTED"}


def test_equal_plates_share_a_pseudonym_however_they_are_spelled(tmp_path: Path) -> None:
    first, second, third, fourth = column_of(redact(tmp_path, a_column("Plate", "pseudonym")), "Plate")

    assert first == fourth
    assert len({first, second, third}) == 3


def test_two_runs_share_no_pseudonym(tmp_path: Path) -> None:
    one = set(column_of(redact(tmp_path, a_column("Plate", "pseudonym")), "Plate"))
    two = set(column_of(redact(tmp_path, a_column("Plate", "pseudonym")), "Plate"))

    assert not one & two


def test_an_empty_cell_has_no_pseudonym(tmp_path: Path) -> None:
    out = redact(tmp_path, a_column("Plate", "pseudonym"), rows=[("", *ROWS[0][1:]), ROWS[1]])

    assert column_of(out, "Plate")[0] == ""


@pytest.mark.parametrize(
    ("spelling", "to", "expected"),
    [
        ("2026-03-04 08:44:53.241", "hour", "2026-03-04 08:00:00.000"),
        ("2026-03-04 08:44:53.241", "day", "2026-03-04 00:00:00.000"),
        ("2026-03-04 08:44:53.241", "month", "2026-03-01 00:00:00.000"),
        ("02/01/2026, 05:12:44 PM UTC", "hour", "02/01/2026, 05:00:00 PM UTC"),
        ("02/21/2026, 05:12:44 PM UTC", "day", "02/21/2026, 12:00:00 AM UTC"),
        ("02/21/2026, 05:12:44 p.m.", "month", "02/01/2026, 12:00:00 a.m."),
        ("2026-03-04T08:44:53-05:00", "hour", "2026-03-04T08:00:00-05:00"),
        ("2026-03-04 08:44:53.241+00", "hour", "2026-03-04 08:00:00.000+00"),
        ("04-Mar-2026 08:44", "month", "01-Mar-2026 00:00"),
        ("March 4th, 2026 5:12 PM", "month", "March 1st, 2026 12:00 AM"),
        ("Wed, 04 Mar 2026 08:44:53 GMT", "hour", "Wed, 04 Mar 2026 08:00:00 GMT"),
        ("20260304T084453Z", "day", "20260304T000000Z"),
        ("20260304", "month", "20260301"),
        ("1772613893", "hour", "1772611200"),
        ("1772613893241.5", "day", "1772582400000.0"),
        ("1772613893", "month", "1772323200"),
        ("08:44:53", "hour", "08:00:00"),
        ("2026-03-04 08:44 America/Chicago", "hour", "2026-03-04 08:00 America/Chicago"),
        ("25/12/2026 10:11", "month", "01/12/2026 00:00"),
        (
            "01/02/2026, 06:10:00 AM\n02/01/2026, 05:59:59 AM",
            "hour",
            "01/02/2026, 06:00:00 AM\n02/01/2026, 05:00:00 AM",
        ),
        ("", "hour", ""),
    ],
)
def test_a_time_is_coarsened_in_its_own_spelling(
    tmp_path: Path, spelling: str, to: str, expected: str
) -> None:
    out = redact(tmp_path, a_column("When", "coarsen", to), rows=[(spelling,)], header=("When",))

    assert column_of(out, "When") == [expected]


@pytest.mark.parametrize(
    ("hidden", "to"),
    [
        ("unknown", "hour"),
        ("2026-03-04 by Smith", "day"),
        ("2026-03-04 08:44-09:45", "hour"),
        ("Wed, 04 Mar 2026 08:44:53 GMT", "month"),
        ("13-03-04", "month"),
        ("2026-03-04 at camera 7", "day"),
    ],
)
def test_a_cell_that_may_hide_something_finer_is_masked_and_told(
    tmp_path: Path, hidden: str, to: str
) -> None:
    source = an_lpr_csv(tmp_path / "in.csv", [("2026-03-05 10:11:12",), (hidden,)], header=("When",))

    report = table.redact(source, some_marks(a_column("When", "coarsen", to)), tmp_path / "out.csv")

    assert column_of(tmp_path / "out.csv", "When")[1] == "REDACTED"
    assert report.details["cells_lost"] == {"When": 1}
    assert any("could not be coarsened" in warning for warning in report.warnings)


def test_a_column_without_one_time_cannot_be_coarsened(tmp_path: Path) -> None:
    with pytest.raises(MarksError, match=r"mark Camera: .*nothing that can be coarsened"):
        redact(tmp_path, a_column("Camera", "coarsen", "hour"))

    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("cell", "to", "expected"),
    [
        ("41.844949", "grid:0.01", "41.84"),
        ("-93.516108", "grid:0.5", "-93.5"),
        ("-0.0001", "grid:0.01", "0.00"),
        ("41.844949, -93.516108", "grid:0.1", "41.8, -93.5"),
        ("50309-1234", "prefix:3", "503"),
        (" Oak Street", "prefix:3", "Oak"),
    ],
)
def test_a_place_is_coarsened(tmp_path: Path, cell: str, to: str, expected: str) -> None:
    out = redact(tmp_path, a_column("Place", "coarsen", to), rows=[(cell,), ("1",)], header=("Place",))

    assert column_of(out, "Place")[0] == expected


def test_words_on_a_grid_are_masked(tmp_path: Path) -> None:
    out = redact(
        tmp_path, a_column("At", "coarsen", "grid:0.1"), rows=[("1.23",), ("12 Oak St",)], header=("At",)
    )

    assert column_of(out, "At") == ["1.2", "REDACTED"]


@pytest.mark.parametrize(
    ("column", "op", "value", "left"),
    [
        ("Plate", "eq", "VDV7671", [1]),
        ("Plate", "ne", "VDV7671", [0, 2, 3]),
        ("State", "in", ["IA", "MO"], [1, 2]),
        ("Latitude", "eq", "41.8449490", [0, 3]),
        ("Latitude", "between", [41.704585, 41.75], [1, 2]),
        ("Timestamp", "between", ["2026-03-04", "2026-03-31"], [0, 2, 3]),
        ("Timestamp", "between", ["2026-03-04 08:44:53.241", "2026-03-04 09:00"], [0]),
        ("Timestamp", "eq", "03/31/2026", [2]),
        ("Reason", "eq", "", [2]),
        ("Camera", "matches", "(?i)^cam 0[02]\\d (elm|5th)", [1, 2]),
        ("Camera", "between", ["Cam 01", "Cam 025"], [1]),
    ],
)
def test_rows_are_kept_or_removed_by_their_source_values(
    tmp_path: Path, column: str, op: str, value: Any, left: list[int]
) -> None:
    kept = redact(tmp_path, a_column("Latitude"), a_column("Plate"), keep(column, op, value))
    assert column_of(kept, "Plate") == [ROWS[place][0] for place in left]

    rest = redact(tmp_path, a_column("Latitude"), a_column("Plate"), remove(column, op, value))
    assert column_of(rest, "Plate") == [row[0] for place, row in enumerate(ROWS) if place not in left]


def test_days_before_months_are_seen_from_the_column_when_rows_are_chosen(tmp_path: Path) -> None:
    rows = [("03/04/2026 10:00",), ("04/03/2026 10:00",), ("25/12/2026 10:00",)]

    out = redact(
        tmp_path, a_column("When"), keep("When", "between", ["2026-04-01", "2026-04-30"]),
        rows=rows, header=("When",),
    )  # fmt: skip

    assert column_of(out, "When") == ["03/04/2026 10:00"]


def test_dates_that_never_tell_their_order_are_warned_of(tmp_path: Path) -> None:
    source = an_lpr_csv(tmp_path / "in.csv", [("03/04/2026",)], header=("When",))

    report = table.redact(source, some_marks(a_column("When", "coarsen", "month")), tmp_path / "out.csv")

    assert any("month first" in warning for warning in report.warnings)
    assert column_of(tmp_path / "out.csv", "When") == ["03/01/2026"]


@pytest.mark.parametrize("pattern", ["(?=a)", r"(a)\1", "x" * 1001, "(?:a{1000}){1000}"])
def test_an_expression_that_cannot_run_in_linear_time_is_refused(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(MarksError, match="mark rows: "):
        redact(tmp_path, a_column("State"), keep("Plate", "matches", pattern))


def test_a_hostile_expression_does_not_stall(tmp_path: Path) -> None:
    out = redact(
        tmp_path, a_column("A"), remove("A", "matches", "(a+)+b"), rows=[("a" * 50_000,)], header=("A",)
    )

    assert len(read_back(out)) == 2


def test_an_unknown_condition_is_refused(tmp_path: Path) -> None:
    source = an_lpr_csv(tmp_path / "in.csv")
    odd = Mark("r", "rows", {"keep": ({"column": "State", "op": "like", "value": "M"},), "remove": None})
    column = Mark("c", "column", {"name": "State", "action": "release", "to": None})

    with pytest.raises(MarksError, match="mark r: there is no condition"):
        table.redact(source, Marks((column, odd)), tmp_path / "out.csv")


def test_an_unknown_coarseness_is_refused(tmp_path: Path) -> None:
    source = an_lpr_csv(tmp_path / "in.csv")
    column = Mark("c", "column", {"name": "State", "action": "coarsen", "to": "century"})

    with pytest.raises(MarksError, match="mark c: a column cannot be coarsened"):
        table.redact(source, Marks((column,)), tmp_path / "out.csv")


@pytest.mark.parametrize(
    "entry",
    [
        a_column("plate"),
        keep("Color", "eq", "red"),
        {"id": "own", "kind": "own_plate", "column": "Tag", "plate": "A1"},
        {"id": "sup", "kind": "suppress", "by": ["Tag"], "k": 2, "count": "rows"},
        {"id": "sup", "kind": "suppress", "by": ["State"], "k": 2, "count": "distinct:Tag"},
        {"id": "sup", "kind": "suppress", "by": ["Camera"], "k": 2, "count": "rows"},
        {"id": "box", "kind": "box", "page": 1, "rect": [0, 0, 1, 1]},
        a_column("State", "mask", id="again"),
    ],
)
def test_a_mark_that_does_not_fit_this_table_stops_all(tmp_path: Path, entry: dict[str, Any]) -> None:
    with pytest.raises(MarksError) as refusal:
        redact(tmp_path, a_column("State"), entry)

    assert refusal.value.mark_id == entry["id"]
    assert not (tmp_path / "out.csv").exists()


def test_an_own_plate_without_letters_is_refused(tmp_path: Path) -> None:
    own = Mark("own", "own_plate", {"column": "Plate", "plate": "- -"})
    column = Mark("c", "column", {"name": "State", "action": "release", "to": None})

    with pytest.raises(MarksError, match="mark own: the plate holds no letter"):
        table.redact(an_lpr_csv(tmp_path / "in.csv"), Marks((column, own)), tmp_path / "out.csv")
