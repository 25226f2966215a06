from pathlib import Path
from typing import Any

import pytest

from redaction import sandbox
from redaction.children import Children


def test_side_files_are_made_without_a_way_to_the_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, list[Path]] = {}

    def call(function: str, arguments: dict[str, Any], *, reads: list[Path], **_: Any) -> list[str]:
        asked[function.rpartition(":")[2]] = reads
        return ["table"]

    monkeypatch.setattr(sandbox, "call", call)
    source, words, draft = tmp_path / "reads.csv", tmp_path / "words.srt", tmp_path / "draft.csv"
    source.touch()
    working = Children(source, {"transcript": words}, tmp_path, contained=True, seconds=None)

    working.run("check", {}, reads=[draft])
    working.run("accompany", {}, reads=[draft])

    assert asked["check"] == [source, words, draft]
    assert asked["accompany"] == [draft]
