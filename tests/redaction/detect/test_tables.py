"""Suggestions for the columns of a table."""

from pathlib import Path
from typing import Any

import pytest

from redaction import detect
from redaction.detect import tables
from tests.redaction.table_builders import an_lpr_csv


def _columns(path: Path) -> dict[str, dict[str, Any]]:
    return {mark["name"]: mark for mark in detect.suggest(path, "pii", contained=False)["marks"]}


def a_table(path: Path, **columns: list[str]) -> Path:
    return an_lpr_csv(path, list(zip(*columns.values(), strict=True)), header=list(columns))


def test_columns_are_known_by_their_cells(tmp_path: Path) -> None:
    source = a_table(
        tmp_path / "in.csv", a=["SSN 123-45-6789", "", "x"], b=["a@b.org", "c@d.org", "e"], c=["1", "2", "3"]
    )

    found = _columns(source)

    assert set(found) == {"a", "b"}
    assert (found["a"]["action"], found["a"]["reason"]) == ("mask", "PII_DOC")
    assert "1 cells look like: social security number" in found["a"]["note"]
    assert "2 cells look like: e-mail address" in found["b"]["note"]
    assert "looked at 3 rows" in found["b"]["note"]


@pytest.mark.parametrize(
    ("name", "action", "reason"),
    [
        ("License Plate", "mask", "PLATE"),
        ("licensePlate", "mask", "PLATE"),
        ("gps_latitude", "coarsen", "ADDRESS"),
        ("VictimName", "mask", "VICTIM"),
        ("vehicle_signature", "drop", None),
        ("Date of Birth", "mask", "PII_DOC"),
        ("Reason", "mask", None),
        ("Case #", "mask", None),
    ],
)
def test_columns_are_known_by_their_names(tmp_path: Path, name: str, action: str, reason: str | None) -> None:
    mark = _columns(a_table(tmp_path / "in.csv", **{name: ["q", "r"], "other": ["1", "2"]}))[name]

    assert (mark["action"], mark.get("reason")) == (action, reason)
    assert "its name speaks of" in mark["note"]


def test_a_column_named_for_positions_that_holds_something_else_is_masked(tmp_path: Path) -> None:
    found = _columns(a_table(tmp_path / "in.csv", lat=["a@b.org", "c@d.org"], lon=["1.5", "2.5"]))

    assert found["lat"]["action"] == "mask"
    assert (found["lon"]["action"], found["lon"]["to"]) == ("coarsen", "grid:0.01")


def test_two_cells_never_make_one_find(tmp_path: Path) -> None:
    found = _columns(a_table(tmp_path / "in.csv", a=["my SSN", "123456789"], b=["12-3", "45-6789"]))

    assert found == {}


def test_a_find_at_the_end_of_a_long_table_is_counted_once_a_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "BATCH", 3)
    told: list[str] = []
    source = a_table(tmp_path / "in.csv", a=["x"] * 9 + ["a@b.org and c@d.org"])

    [mark] = tables.in_cells(source, progress=lambda _, words: told.append(words))

    assert mark["note"].startswith("1 cells look like: e-mail address")
    assert told == ["row 3", "row 6", "row 9", "10 rows"]


def test_a_large_table_is_looked_at_in_part_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "HEAD", 10)
    monkeypatch.setattr(tables, "STRIDE", 5)

    found = _columns(a_table(tmp_path / "in.csv", mail=["a@b.org"] * 30))

    assert "looked at 14 of 30 rows" in found["mail"]["note"]
