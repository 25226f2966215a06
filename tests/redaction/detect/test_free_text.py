"""Personal data in the cells of a table, counted by column and shown with examples."""

from pathlib import Path

import pytest

from redaction import table_looks
from redaction.detect import free_text
from redaction.report import Refused


def a_csv(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(("id,Told,Colour", *rows)) + "\n", encoding="utf-8")
    return path


def test_finds_are_counted_by_column_with_where_they_stand(tmp_path: Path) -> None:
    rows = [f"{n},the caller left 312-555-01{n:02d} as her number,red" for n in range(8)]
    said: list[str] = []

    found = free_text.scan(
        a_csv(tmp_path / "t.csv", *rows, "9,,blue"), progress=lambda share, note: said.append(note)
    )

    told = found["columns"][1]
    phone = next(kind for kind in told["kinds"] if kind["label"] == "telephone number")
    assert (found["rows"], found["read"]) == (9, 9)
    assert (told["free"], told["filled"], phone["cells"]) == (True, 8, 8)
    assert len(phone["examples"]) == free_text.EXAMPLES
    for row, example in enumerate(phone["examples"]):
        assert example["row"] == row + 1
        assert example["text"][example["from"] : example["to"]] == f"312-555-01{row:02d}"
    assert not found["columns"][2]["free"]
    assert said == []


def test_an_example_shows_only_what_stands_round_the_find(tmp_path: Path) -> None:
    long = "word " * 40 + "312-555-0142" + " word" * 40

    found = free_text.scan(a_csv(tmp_path / "t.csv", f"1,{long},red"))

    example = next(kind for kind in found["columns"][1]["kinds"] if kind["label"] == "telephone number")[
        "examples"
    ][0]
    assert example["text"].startswith("…")
    assert example["text"].endswith("…")
    assert example["text"][example["from"] : example["to"]] == "312-555-0142"


def test_nobody_has_to_listen_to_the_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(free_text, "BATCH", 1)

    assert free_text.scan(a_csv(tmp_path / "t.csv", "1,,red", "2,,red"))["read"] == 2


def test_of_a_long_table_only_a_part_is_read_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(free_text, "HEAD", 4)
    monkeypatch.setattr(free_text, "STRIDE", 3)
    monkeypatch.setattr(free_text, "BATCH", 2)
    said: list[str] = []

    found = free_text.scan(
        a_csv(tmp_path / "t.csv", *(f"{n},plain words here,red" for n in range(10))),
        progress=lambda share, note: said.append(note),
    )

    assert (found["rows"], found["read"]) == (10, 6)
    assert said == ["row 2 read", "row 4 read", "row 9 read"]


def test_the_same_words_are_shown_once(tmp_path: Path) -> None:
    found = free_text.scan(a_csv(tmp_path / "t.csv", *["1,call 312-555-0142 now,red"] * 3))

    kind = next(kind for kind in found["columns"][1]["kinds"] if kind["label"] == "telephone number")
    assert (kind["cells"], len(kind["examples"])) == (3, 1)


def test_a_look_in_a_child_gives_the_same(tmp_path: Path) -> None:
    source = a_csv(tmp_path / "t.csv", "1,her number is 312-555-0142,red")

    assert table_looks.scan(source) == free_text.scan(source)
    assert table_looks.is_small(source)


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        table_looks.scan(tmp_path / "gone.csv")
    with pytest.raises(Refused, match="cannot be read"):
        table_looks.is_small(tmp_path / "gone.csv")
