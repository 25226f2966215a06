"""A look at a table before its release: the rows and the counts are those the release would have."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from redaction.engines import table
from redaction.engines.table import profiles, rewrite, sample
from redaction.report import MarksError, Refused
from tests.redaction.table_builders import (
    HEADER,
    ROWS,
    a_column,
    an_lpr_csv,
    read_back,
    remove,
    some_marks,
)

KEY = "ab"
GROUPS: dict[str, Any] = {
    "id": "few",
    "kind": "suppress",
    "by": ["Camera"],
    "k": 2,
    "count": "distinct:Plate",
}
MARKS = some_marks(
    a_column("Camera"), a_column("Reason"), a_column("Plate", "mask"), remove("State", "eq", "IA"), GROUPS
)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look keeps its scratch where it runs: in a child that is its own folder."""
    monkeypatch.chdir(tmp_path)


def test_pages_and_counts_are_those_of_a_release(tmp_path: Path) -> None:
    source = an_lpr_csv(tmp_path / "in.csv")

    report = table.redact(source, MARKS, tmp_path / "out.csv")
    counted = sample.count(source, MARKS, key=KEY, plates=["Plate", "Nothing"])
    page = sample.page(source, MARKS, key=KEY, known=counted)

    stay = [row["after"] for row in page.rows if row["after"] is not None]
    assert [page.names, *stay] == read_back(tmp_path / "out.csv")
    assert (counted.rows_in, counted.rows_out) == (report.details["rows_in"], report.details["rows_out"])
    assert counted.removed == report.details["rows_removed"]
    assert counted.groups == {"few": 2}  # WFB6790 and wfb-6790 are one
    assert counted.plates == {"Plate": [3, 0]}
    assert {row["number"]: row["fate"] for row in page.rows} == {1: "few", 2: "rows", 3: "few", 4: "few"}
    assert page.exact
    assert page.rows[0]["before"] == list(ROWS[0])


def test_without_the_count_no_group_is_known_to_be_small(tmp_path: Path) -> None:
    page = sample.page(an_lpr_csv(tmp_path / "in.csv"), MARKS, key=KEY)

    assert not page.exact
    assert [row["fate"] for row in page.rows] == ["", "rows", "", ""]


def test_too_many_small_groups_are_counted_but_not_handed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "MOST_GROUPS", 1)

    counted = sample.count(an_lpr_csv(tmp_path / "in.csv"), MARKS, key=KEY)
    page = sample.page(tmp_path / "in.csv", MARKS, key=KEY, known=counted)

    assert counted.groups == {"few": 2}
    assert counted.small is None
    assert not page.exact


@pytest.mark.parametrize(
    ("only", "numbers"), [("few", [1, 3, 4]), ("rows", [2]), (":released", []), (":own", []), ("?", [])]
)
def test_rows_of_one_fate(tmp_path: Path, only: str, numbers: list[int]) -> None:
    source = an_lpr_csv(tmp_path / "in.csv")
    counted = sample.count(source, MARKS, key=KEY)

    page = sample.page(source, MARKS, key=KEY, only=only, known=counted)

    assert [row["number"] for row in page.rows] == numbers


def test_an_own_plate_keeps_its_rows_as_they_are(tmp_path: Path) -> None:
    own = {"id": "own", "kind": "own_plate", "column": "Plate", "plate": "wfb 6790"}
    source = an_lpr_csv(tmp_path / "in.csv")
    marks = some_marks(a_column("Plate", "mask"), own)

    page = sample.page(source, marks, key=KEY, only=":own")

    assert [(row["number"], row["after"]) for row in page.rows] == [(1, ["WFB6790"]), (4, ["wfb-6790"])]
    assert sample.count(source, marks, key=KEY, plates=["Plate"]).own == 2


def test_pseudonyms_are_the_same_on_each_page_of_a_look(tmp_path: Path) -> None:
    source = an_lpr_csv(tmp_path / "in.csv")
    marks = some_marks(a_column("Plate", "pseudonym"))

    first, second, other = (sample.page(source, marks, key=key) for key in (KEY, KEY, "cd"))

    assert first.rows[0]["after"] == second.rows[0]["after"] == first.rows[3]["after"]
    assert first.rows[0]["after"] != other.rows[0]["after"]


def test_pages_follow_one_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "PAGE", 2)
    source = an_lpr_csv(tmp_path / "in.csv")
    marks = some_marks(a_column("State"))

    first, last = (sample.page(source, marks, key=KEY, start=start) for start in (0, 2))
    bare = sample.page(source, some_marks(), key=KEY, start=2)

    assert [row["number"] for row in first.rows + last.rows] == [1, 2, 3, 4]
    assert (first.more, last.more, bare.more) == (True, False, False)
    assert [row["before"][0] for row in bare.rows] == ["DZN2890", "wfb-6790"]
    assert sample.page(source, some_marks(), key=KEY, only=":released").rows == []


def test_marks_that_release_nothing_yet_still_count_and_complain(tmp_path: Path) -> None:
    source = an_lpr_csv(tmp_path / "in.csv")

    counted = sample.count(
        source, some_marks(a_column("Plate", "drop"), remove("State", "eq", "IA")), key=KEY
    )

    assert (counted.rows_in, counted.rows_out, counted.removed) == (4, 0, {"rows": 0})
    with pytest.raises(MarksError, match="no column 'Tag'"):
        sample.count(source, some_marks(a_column("Tag", "drop")), key=KEY)


def test_a_file_the_quick_reader_cannot_read_is_read_by_the_plain_one(tmp_path: Path) -> None:
    source = an_lpr_csv(tmp_path / "in.csv", [*ROWS, ("A\rB", *ROWS[0][1:])], encoding="utf-16")

    page = sample.page(source, some_marks(a_column("Plate")), key=KEY)

    assert page.rows[4]["after"] == ["A\rB"]


def test_a_broken_table_names_its_row(tmp_path: Path) -> None:
    source = an_lpr_csv(tmp_path / "in.csv", [*ROWS, ("short",)])

    for look in (sample.page, sample.count):
        with pytest.raises(Refused, match="row 6"):
            look(source, some_marks(a_column("Plate")), key=KEY)


def test_a_table_neither_reader_can_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise duckdb.InvalidInputException("as DuckDB says of rows it cannot read")

    monkeypatch.setattr(rewrite, "count_all", broken)

    with pytest.raises(Refused, match="either of two readers"):
        sample.count(an_lpr_csv(tmp_path / "in.csv"), MARKS, key=KEY)


def test_a_long_cell_is_cut_for_the_eye_alone(tmp_path: Path) -> None:
    source = an_lpr_csv(tmp_path / "in.csv", [("x" * 1000, *ROWS[0][1:])])

    page = sample.page(source, some_marks(a_column("Plate")), key=KEY)

    assert len(page.rows[0]["after"][0]) == sample.LONGEST
    assert page.rows[0]["after"][0].endswith("…")


def test_dates_that_can_be_read_in_two_ways_are_told(tmp_path: Path) -> None:
    rows = [(*row[:2], "03/04/2026 10:00:00", *row[3:]) for row in ROWS]
    source = an_lpr_csv(tmp_path / "in.csv", rows)

    counted = sample.count(source, some_marks(a_column("Timestamp", "coarsen", "month")), key=KEY)

    assert any("never says which is the month" in words for words in counted.warnings)


def test_a_header_tells_its_profile_for_certain_nearly_or_not_at_all() -> None:
    audit = ["ID", "Name", "Org Name", "Time Frame", "License Plate", "Reason", "Search Time"]

    sure = profiles.compare([*audit, "Moderation", "Wibble"])
    near = profiles.compare([*audit[:4], "Tag", *audit[5:]])

    assert sure is not None
    assert near is not None
    assert (sure.is_certain, sure.missing, sure.strange) == (True, (), ("Wibble",))
    assert (near.is_certain, near.missing) == (False, ("license plate",))
    assert near.profile == sure.profile
    assert profiles.compare(["Wibble", "Wobble"]) is None


def test_a_column_nobody_knows_has_no_meaning() -> None:
    plate, other = profiles.meanings(["Plate", "Wibble"])

    assert (plate.by, plate.action, plate.is_plate) == ("name", "mask", True)
    assert (other.by, other.action, other.why, other.is_plate) == ("", "", "", False)
    assert len(profiles.meanings(HEADER)) == len(HEADER)
