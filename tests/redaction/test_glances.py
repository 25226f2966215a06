from pathlib import Path
from typing import Any

import pytest

from redaction import glances, limits, sandbox
from redaction.report import Refused

MEDIA_OF = "redaction.work:media_of"


def test_a_glance_gives_what_the_function_found(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"plate,seen\n8ABC123,yes\n")

    said = glances.take(MEDIA_OF, path, {"path": str(path)}, rooms=["look"])

    assert "table" in said


def test_a_file_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"away\.csv cannot be read: No such file"):
        glances.take(MEDIA_OF, tmp_path / "away.csv", {}, rooms=["look"])


def test_a_file_is_not_blamed_when_no_child_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"plate\n")

    def none(*_: Any, **__: Any) -> Any:
        raise sandbox.SandboxUnavailable("no children")

    monkeypatch.setattr(sandbox, "call", none)

    with pytest.raises(Refused, match="not the fault of this one"):
        glances.take(MEDIA_OF, path, {}, rooms=["look"])


def test_the_largest_room_holds_for_as_long_as_somebody_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, beside = tmp_path / "a.png", tmp_path / "pages"
    path.write_bytes(b"picture")
    asked: dict[str, Any] = {}
    monkeypatch.setattr(sandbox, "call", lambda *_, **more: asked.update(more))

    glances.take(MEDIA_OF, path, {}, rooms=["image", "pdf"], seconds=5.0, reads=[beside])

    assert asked["limits"] == limits.within(limits.largest(["image", "pdf"], 7), 5.0)
    assert asked["limits"].wall_seconds == 5.0
    assert asked["reads"] == [path, beside]
