"""What the table engine writes for each kind of mark."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redaction.engines import table
from redaction.engines.table import query, writing
from redaction.report import Refused
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

QUIET = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def redact(tmp_path: Path, *entries: dict[str, Any], **source: Any) -> Path:
    target = tmp_path / "out.csv"
    target.unlink(missing_ok=True)
    table.redact(an_lpr_csv(tmp_path / "in.csv", **source), some_marks(*entries), target)
    return target


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
    monkeypatch.setattr(query, "GROUP_LIMIT", 2)

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
    monkeypatch.setattr("redaction.engines.table.spool.FIELD_LIMIT", 1000)
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
    monkeypatch.setattr("redaction.engines.table.spool.BEAT", 2)
    heard: list[tuple[float, str]] = []

    table.redact(
        an_lpr_csv(tmp_path / "in.csv"), some_marks(a_column("State")), tmp_path / "out.csv",
        progress=lambda share, stage: heard.append((share, stage)),
    )  # fmt: skip

    assert heard[-1] == (1.0, "4 of 4 rows released")
    assert [share for share, _ in heard] == sorted(share for share, _ in heard)


def test_nothing_is_left_when_the_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> int:
        raise RuntimeError("no more")

    monkeypatch.setattr(writing, "write", fail)

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
