"""Looks into a table from within a child: the same answers as outside, and a sentence when there is none."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from redaction import sandbox, table_looks
from redaction.engines.table import sample
from redaction.report import MarksError, Refused
from tests.redaction.table_builders import a_column, an_lpr_csv, some_marks

MARKS = some_marks(a_column("Camera"), a_column("Plate", "pseudonym"))
RAW = dict(MARKS.raw)


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return an_lpr_csv(tmp_path / "in.csv")


def test_a_child_counts_and_shows_what_the_engine_does(source: Path) -> None:
    counted = table_looks.count(source, MARKS, key="ab", plates=["Plate"])
    page = table_looks.page(source, MARKS, key="ab", known=counted)

    here = sample.count(source, MARKS, key="ab", plates=["Plate"])
    assert counted == asdict(here) == table_looks.counted(str(source), RAW, "ab", ["Plate"])
    assert page == asdict(sample.page(source, MARKS, key="ab", known=here))
    assert page == table_looks.shown(str(source), RAW, "ab", 0, "", counted)
    assert not table_looks.shown(str(source), RAW, "ab", 0, "", None)["exact"]


def test_a_child_scans_as_it_is_told_to(source: Path) -> None:
    assert table_looks.scan(source) == table_looks.scanned(str(source))


def test_a_child_names_the_mark_at_fault(source: Path) -> None:
    with pytest.raises(MarksError, match="no column 'Tag'") as refused:
        table_looks.page(source, some_marks(a_column("Tag")), key="ab")

    assert refused.value.mark_id == "Tag"


@pytest.mark.parametrize(("size", "small"), [(24, True), (25, False)])
def test_only_a_small_table_is_counted_while_a_person_waits(tmp_path: Path, size: int, small: bool) -> None:
    path = tmp_path / "t.csv"
    with path.open("wb") as stream:
        stream.truncate(size * 1024 * 1024)

    assert table_looks.is_small(path) is small
    path.write_bytes(b"PK\x03\x04" + bytes(2 * 1024 * 1024))
    assert not table_looks.is_small(path)


def test_a_machine_without_children_is_not_the_fault_of_the_table(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: Any, **__: Any) -> None:
        raise sandbox.SandboxUnavailable("no children")

    monkeypatch.setattr(sandbox, "call", none)

    with pytest.raises(Refused, match="not the fault of this one"):
        table_looks.scan(source)


def test_an_answer_that_is_none_is_refused(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "call", lambda *_, **__: ["no", "object"])

    with pytest.raises(Refused, match="gave no answer"):
        table_looks.count(source, MARKS, key="ab")
