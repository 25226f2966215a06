from pathlib import Path

import numpy as np
import pytest

from redaction import arrays
from redaction.arrays import Unfit


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    rows = {"stamps": np.array([3, -1, 2**60]), "seconds": np.array([0.5, 2]), "passes": np.array([True])}
    arrays.write(tmp_path / "kept", {"source": "abc"}, rows)
    return tmp_path / "kept"


def test_facts_and_rows_come_back_as_they_were(kept: Path) -> None:
    facts, rows = arrays.read(kept)

    assert facts["source"] == arrays.facts_of(kept)["source"] == "abc"
    assert rows["stamps"].tolist() == [3, -1, 2**60]
    assert rows["seconds"].tolist() == [0.5, 2.0]
    assert rows["passes"].tolist() == [True]


def test_a_file_is_written_once(kept: Path) -> None:
    with pytest.raises(FileExistsError):
        arrays.write(kept, {}, {})


def test_only_numbers_are_kept(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="something else than numbers"):
        arrays.write(tmp_path / "kept", {}, {"names": np.array(["Ann"])})


def test_any_changed_byte_is_noticed(kept: Path) -> None:
    whole = kept.read_bytes()

    for place in range(len(whole)):
        spoilt = bytearray(whole)
        spoilt[place] ^= 0x41
        kept.write_bytes(spoilt)
        with pytest.raises(Unfit):
            arrays.read(kept)


@pytest.mark.parametrize("length", [0, 20, 44, -1])
def test_a_file_cut_short_is_noticed(kept: Path, length: int) -> None:
    kept.write_bytes(kept.read_bytes()[:length])

    with pytest.raises(Unfit):
        arrays.facts_of(kept)


def test_bytes_behind_the_rows_are_noticed(kept: Path) -> None:
    with kept.open("ab") as stream:
        stream.write(b"more")

    with pytest.raises(Unfit, match="changed or cut short"):
        arrays.facts_of(kept)


def test_a_missing_file_is_none(tmp_path: Path) -> None:
    with pytest.raises(Unfit, match="no file"):
        arrays.facts_of(tmp_path / "kept")


@pytest.mark.parametrize(
    "text", [b"[]", b"{", b'{"rows": [["a", "|O", 1]]}', b'{"rows": [["a", "<i8", "x"]]}']
)
def test_a_head_that_is_not_ours_is_refused(tmp_path: Path, text: bytes) -> None:
    body = len(text).to_bytes(4, "big") + text
    (tmp_path / "kept").write_bytes(b"DLROWS01" + bytes(32) + body)

    with pytest.raises(Unfit):
        arrays.facts_of(tmp_path / "kept")
