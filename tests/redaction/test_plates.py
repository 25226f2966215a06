from pathlib import Path
from unittest.mock import patch

import pytest

from redaction import plates, sandbox
from redaction.report import Refused

KEY = b"k" * 32


def digests(*values: str) -> set[int]:
    return {plates.digest(value, KEY) for value in values}


@pytest.mark.parametrize(
    ("value", "bare"),
    [("8-abc 123", "8ABC123"), ("ilu vny", "ILUVNY"), ("Unknown", ""), ("", ""), ("ab", ""), ("x" * 13, ""),
     ("---", ""), ("b\u00fcro-1", "B\u00dcRO1")],
)  # fmt: skip
def test_a_plate_is_compared_without_case_blanks_and_dashes(value: str, bare: str) -> None:
    assert plates.plain(value) == bare


def test_a_digest_tells_nothing_without_the_key() -> None:
    assert plates.digest("8ABC123", KEY) != plates.digest("8ABC123", b"other")
    assert 0 <= plates.digest("8ABC123", KEY) < 2**64


def test_in_a_text_only_what_looks_like_one_is_taken_also_in_parts() -> None:
    found = plates.within("the car 8 abc-123 stood there\non elm 9abc456, no 12345 or banana", KEY)

    assert digests("8ABC123", "9ABC456") <= found.rows.keys()
    assert not digests("12345", "BANANA") & found.rows.keys()
    assert set(found.rows.values()) == {0}


@pytest.mark.parametrize(
    ("value", "bare"), [("8abc123", "8ABC123"), ("ILUVNY", ""), ("A1", ""), ("1234567", "")]
)
def test_a_text_is_a_plate_when_it_has_letters_and_figures(value: str, bare: str) -> None:
    assert plates.like_one(value) == bare


def test_the_plate_columns_of_a_table_are_read_with_their_rows(tmp_path: Path) -> None:
    table = tmp_path / "reads.csv"
    table.write_text("plate,camera\n8ABC-123,Elm 5XYZ999\n8abc123,Oak\nUNKNOWN,Oak\n9ABC456,Oak\n")

    found = plates.of_table(table, KEY)

    assert found.rows == {plates.digest("8ABC123", KEY): 1, plates.digest("9ABC456", KEY): 4}
    assert found.total == 2


def test_a_table_without_plates_has_none(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("camera\n8ABC123\n")

    assert plates.of_table(table, KEY) == plates.Plates()


def test_a_flood_of_plates_is_bounded_and_counted(tmp_path: Path) -> None:
    rows = "".join(f"CAN{n:04d}\n" for n in range(30))
    table = tmp_path / "t.csv"
    table.write_text(f"plate\n{rows}")

    with patch.object(plates, "MOST", 10):
        said = plates.read_table(str(table), KEY.hex())
        text = plates.within(rows, KEY)

    assert (said["total"], len(text.rows), text.total) == (30, 10, 30)


@pytest.mark.parametrize(
    "said", [None, {}, {"rows": "??", "total": 1}, {"rows": "", "total": "x"}, {"rows": "AAAA", "total": 1}]
)
def test_the_answer_of_a_taken_over_child_is_refused(tmp_path: Path, said: object) -> None:
    table = tmp_path / "t.csv"
    table.write_text("plate\n8ABC123\n")

    with patch.object(sandbox, "call", return_value=said), pytest.raises(Refused):
        plates.of_table(table, KEY)
    with patch.object(sandbox, "call", side_effect=sandbox.SandboxUnavailable("no")), pytest.raises(Refused):
        plates.of_table(table, KEY)
