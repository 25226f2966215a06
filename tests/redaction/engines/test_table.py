"""What the table engine writes for each kind of mark."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redaction.engines import table
from redaction.engines.table import plan, survey
from redaction.marks import Mark, Marks
from redaction.report import MarksError, Refused
from tests.redaction.table_builders import (
    HEADER,
    ROWS,
    a_column,
    an_lpr_csv,
    column_of,
    keep,
    read_back,
    remove,
    some_marks,
)

QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ALL = [a_column(name) for name in HEADER]


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


def test_rows_of_the_own_plate_stay_exact_but_dropped_columns_stay_dropped(tmp_path: Path) -> None:
    out = redact(
        tmp_path, a_column("Plate", "mask"), a_column("Timestamp", "coarsen", "day"),
        {"kind": "own_plate", "column": "Plate", "plate": "WFB 67-90"},
    )  # fmt: skip

    assert read_back(out) == [
        ["Plate", "Timestamp"],
        ["WFB6790", "2026-03-04 08:44:53.241"],
        ["REDACTED", "2026-01-03 00:00:00.000"],
        ["REDACTED", "2026-03-31 00:00:00.000"],
        ["wfb-6790", "2026-03-04 09:01:00.000"],
    ]


def test_an_own_plate_that_was_never_read_is_warned_of(tmp_path: Path) -> None:
    marks = some_marks(a_column("Plate", "mask"), {"kind": "own_plate", "column": "Plate", "plate": "ABC"})

    report = table.redact(an_lpr_csv(tmp_path / "in.csv"), marks, tmp_path / "out.csv")

    assert "no released row is of the requester's own plate" in report.warnings


def test_groups_below_k_go_as_they_would_be_released(tmp_path: Path) -> None:
    out = redact(
        tmp_path, a_column("Camera"), a_column("Timestamp", "coarsen", "day"),
        {"kind": "suppress", "by": ["Camera", "Timestamp"], "k": 2, "count": "rows"},
    )  # fmt: skip

    assert column_of(out, "Camera") == ["Cam 029 Oak St", "Cam 029 Oak St"]


def test_one_plate_seen_twice_is_one_distinct_plate(tmp_path: Path) -> None:
    out = redact(
        tmp_path, a_column("Camera"),
        {"kind": "suppress", "by": ["Camera"], "k": 2, "count": "distinct:Plate"},
    )  # fmt: skip

    assert read_back(out) == [["Camera"]]


def test_a_group_that_falls_below_k_through_another_suppression_goes_too(tmp_path: Path) -> None:
    rows = [("A", "1"), ("A", "2"), ("B", "2")]

    out = redact(
        tmp_path, a_column("X"), a_column("Y"),
        {"id": "s1", "kind": "suppress", "by": ["X"], "k": 2, "count": "rows"},
        {"id": "s2", "kind": "suppress", "by": ["Y"], "k": 2, "count": "rows"},
        rows=rows, header=("X", "Y"),
    )  # fmt: skip

    assert read_back(out) == [["X", "Y"]]


def test_too_many_groups_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "GROUP_LIMIT", 2)

    with pytest.raises(Refused, match="more than 2 groups"):
        redact(
            tmp_path, a_column("Plate"),
            {"kind": "suppress", "by": ["Plate"], "k": 2, "count": "rows"},
        )  # fmt: skip


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+cmd",
        "-2+3",
        "@SUM(A1)",
        "|calc",
        "%0",
        "\t=1",
        "\rx",
        " =1",
        "\u00a0@x",
        "\u200b=1",
        "＝1",
        "\n=1",
    ],
)
def test_a_cell_that_could_run_is_disarmed_in_a_column_of_text(tmp_path: Path, cell: str) -> None:
    out = redact(tmp_path, a_column("A"), rows=[(cell,), ("word",)], header=("A",))

    assert column_of(out, "A")[0] == "'" + cell.replace("\u200b", "")


def test_a_column_of_numbers_keeps_its_signs(tmp_path: Path) -> None:
    out = redact(tmp_path, a_column("A"), rows=[("-93.5",), ("",), ("+1e5",)], header=("A",))

    assert column_of(out, "A") == ["-93.5", "", "+1e5"]


def test_a_removed_row_does_not_make_a_column_text(tmp_path: Path) -> None:
    out = redact(
        tmp_path, a_column("A"), remove("A", "eq", "n/a"), rows=[("-93.5",), ("n/a",)], header=("A",)
    )

    assert column_of(out, "A") == ["-93.5"]


def test_a_heading_that_could_run_is_disarmed(tmp_path: Path) -> None:
    out = redact(tmp_path, a_column("=A"), rows=[("1",)], header=("=A",))

    assert read_back(out)[0] == ["'=A"]


def test_characters_that_do_not_show_are_taken_out(tmp_path: Path) -> None:
    source = an_lpr_csv(tmp_path / "in.csv", [("a\u202eb\u200bc\x07",), ("naïve",)], header=("A",))

    report = table.redact(source, some_marks(a_column("A")), tmp_path / "out.csv")

    assert column_of(tmp_path / "out.csv", "A") == ["abc", "naïve"]
    assert report.details["cells_cleaned"] == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_any_sane_spelling_of_a_table_is_read(tmp_path: Path, delimiter: str, encoding: str) -> None:
    rows = [("José", 'a "b"; c, d | e\tf\nnew line'), ("x", "y")]

    out = redact(
        tmp_path, a_column("Name"), a_column("Text"),
        rows=rows, header=("Name", "Text"), delimiter=delimiter, encoding=encoding,
    )  # fmt: skip

    assert read_back(out, delimiter)[1:] == [list(row) for row in rows]
    assert not out.read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\nA,B\n1,2\n", "row 1 is blank"),
        (b"A,A\n1,2\n", "row 1 names two columns 'A'"),
        (b"A, \n1,2\n", "row 1 has no name for column 2"),
        (b"A,B\n1,2\n1,2,3\n", "row 3 has 3 cells, the header has 2"),
        (b"A,B\n1,2\n1\n", "row 3 has 1 cells, the header has 2"),
        (b"A,B\n1,2\n1,\x00\n", "row 3 holds a NUL byte"),
        (b'A,B\n1,2\n1,"2\n3,4\n', "row 3: a quoted cell is never closed"),
        (b'A,B\n1,"2"3\n', "row 2: text follows the closing quote"),
        (b"A,B\n\x81\x8d,1\n", "bytes that are not cp1252"),
        (b",".join(b"c%d" % n for n in range(20_000)) + b"\n", "more than 16384"),
    ],
)
def test_what_is_not_one_table_is_refused_with_its_row(tmp_path: Path, content: bytes, message: str) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(content)

    with pytest.raises(Refused, match=message):
        table.redact(source, some_marks(a_column("A")), tmp_path / "out.csv")

    assert not (tmp_path / "out.csv").exists()


def test_an_endless_line_is_refused_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("redaction.engines.table.source.LINE_LIMIT", 1000)

    with pytest.raises(Refused, match=r"row 2 is longer than 1000"):
        redact(tmp_path, a_column("A"), rows=[("x" * 2000,)], header=("A",))


def test_an_endless_cell_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redaction.engines.table.source.FIELD_LIMIT", 1000)
    source = tmp_path / "in.csv"
    source.write_text('A,B\n1,"' + "x\n" * 2000)

    with pytest.raises(Refused, match="row 2: a cell is longer than 1000"):
        table.redact(source, some_marks(a_column("A")), tmp_path / "out.csv")


def test_a_source_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"nowhere\.csv cannot be read"):
        table.redact(tmp_path / "nowhere.csv", some_marks(a_column("A")), tmp_path / "out.csv")


def test_blank_lines_are_not_rows(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(b"A,B\r\n1,2\r\n\r\n3,4\r\n\r\n")

    report = table.redact(tmp_path / "in.csv", some_marks(a_column("A")), tmp_path / "out.csv")

    assert report.details["rows_in"] == report.details["rows_out"] == 2


def test_the_report_tells_rows_columns_and_dialect(tmp_path: Path) -> None:
    source = an_lpr_csv(
        tmp_path / "in.csv", delimiter=";", encoding="cp1252", rows=[(*ROWS[0][:6], "é"), *ROWS[1:]]
    )
    marks = some_marks(
        a_column("Plate", "mask"), a_column("Timestamp", "coarsen", "hour"), remove("State", "eq", "IA")
    )

    report = table.redact(source, marks, tmp_path / "out.csv")

    assert report.details["rows_in"] == 4
    assert report.details["rows_out"] == 3
    assert report.details["rows_removed"] == {"rows": 1}
    assert report.details["columns"]["Timestamp"] == "coarsen to hour"
    assert report.details["columns"]["Camera"] == "drop"
    assert (report.details["delimiter"], report.details["encoding"]) == (";", "cp1252")
    assert [(row.requested, row.applied) for row in report.marks] == [(1, 1)] * 3
    assert any("Windows-1252" in warning for warning in report.warnings)


def test_an_output_without_rows_is_warned_of(tmp_path: Path) -> None:
    source = an_lpr_csv(tmp_path / "in.csv")
    marks = some_marks(a_column("Plate"), keep("State", "eq", "TX"), {"id": "r2", **_removing("State", "TX")})

    report = table.redact(source, marks, tmp_path / "out.csv")

    assert "no row is released: the output is a header alone" in report.warnings
    assert "mark r2 took out no row" in report.warnings


def _removing(column: str, value: str) -> dict[str, Any]:
    return {"kind": "rows", "remove": [{"column": column, "op": "eq", "value": value}]}


def test_progress_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("redaction.engines.table.rewrite.BEAT", 2)
    heard: list[tuple[float, str]] = []

    table.redact(
        an_lpr_csv(tmp_path / "in.csv"), some_marks(a_column("State")), tmp_path / "out.csv",
        progress=lambda share, stage: heard.append((share, stage)),
    )  # fmt: skip

    assert heard[-1] == (1.0, "4 of 4 rows released")
    assert [share for share, _ in heard] == sorted(share for share, _ in heard)


def test_nothing_is_left_when_the_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> list[str]:
        raise RuntimeError("no more")

    monkeypatch.setattr(plan.Plan, "release", fail)

    with pytest.raises(RuntimeError):
        redact(tmp_path, a_column("State"))

    assert not (tmp_path / "out.csv").exists()


plates = st.from_regex(r"[A-Z]{3}[0-9]{4}", fullmatch=True)


@QUIET
@given(st.lists(plates, min_size=1, max_size=20), st.sampled_from(["mask", "pseudonym", "drop"]))
def test_no_withheld_plate_is_ever_in_the_bytes(tmp_path: Path, found: list[str], action: str) -> None:
    rows = [(each, "MN") for each in found]

    out = redact(tmp_path, a_column("Plate", action), a_column("State"), rows=rows, header=("Plate", "State"))

    content = out.read_text()
    assert not [each for each in found if each in content]


@QUIET
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12), max_size=8
    )
)
def test_no_cell_of_a_text_column_starts_a_formula(tmp_path: Path, cells: list[str]) -> None:
    out = redact(
        tmp_path,
        a_column("A"),
        a_column("B"),
        rows=[("word", "x"), *((c, "x") for c in cells)],
        header=("A", "B"),
    )

    for cell in column_of(out, "A"):
        assert not re.match(r"\s*[=+\-@|%]", cell)


@QUIET
@given(st.datetimes(), st.sampled_from(["%Y-%m-%d %H:%M:%S", "%m/%d/%Y, %I:%M:%S %p", "%d %b %Y %H:%M"]))
def test_an_hour_keeps_nothing_finer(tmp_path: Path, at: Any, spelling: str) -> None:
    at = at.replace(year=2000 + at.year % 100)

    out = redact(tmp_path, a_column("A", "coarsen", "hour"), rows=[(at.strftime(spelling),)], header=("A",))

    assert column_of(out, "A") == [at.replace(minute=0, second=0).strftime(spelling)]
