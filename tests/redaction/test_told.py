from pathlib import Path

import pytest

from redaction import sandbox, told
from redaction.report import Refused

ORIGINAL = (
    "plate,owner,street,seen\n"
    "8ABC-123,Núria Canary,Elm and 3rd,2026-02-01\n"
    "5QRS777,Bob Elm,Oak and 9th,2026-02-03\n"
)
COPY = "street,seen\nElm and 3rd,2026-02\nOak and 9th,2026-02\n"


@pytest.mark.parametrize(
    ("title", "is_told"),
    [
        ("Plate reads at Elm and 3rd", True),  # a surname, though a street is called so too
        ("Plate reads at Oak and 9th", False),
        ("Reads of 8abc123", True),
        ("Reads of 8 ABC 123, one week", True),
        ("The NURIA CANARY matter", True),
        ("About Canary", True),
        ("A canaryside camera", False),
        ("Reads of February 2026", False),  # the copy still has the year in that column
        ("Reads of 2026-02-03", True),
        ("Reads of 01", False),
        ("", False),
    ],
)
def test_a_title_tells_what_a_column_no_longer_has(tmp_path: Path, title: str, is_told: bool) -> None:
    original, copy = tmp_path / "reads.csv", tmp_path / "copy.csv"
    original.write_text(ORIGINAL)
    copy.write_text(COPY)

    assert told.read(str(original), str(copy), title) is is_told


def test_without_a_copy_every_value_was_withheld(tmp_path: Path) -> None:
    original = tmp_path / "reads.csv"
    original.write_text(ORIGINAL)

    assert told.of_table(original, None, "Reads at Oak and 9th") is True
    assert told.of_table(original, None, "Reads of one week") is False


def test_an_answer_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = tmp_path / "reads.csv"
    original.write_text(ORIGINAL)
    monkeypatch.setattr(sandbox, "call", lambda *_, **__: "no")

    with pytest.raises(Refused, match="gave no answer"):
        told.of_table(original, original, "Reads")
