from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from redaction import sandbox
from redaction.sandbox import nursery
from redaction.workbench import ahead


@pytest.fixture
def no_child_yet() -> Iterator[None]:
    nursery.shut()
    yield
    nursery.shut()


@pytest.mark.usefixtures("no_child_yet")
def test_what_reads_pages_and_films_is_loaded_before_anybody_looks() -> None:
    ahead.begin().join()

    zygote = nursery._zygote
    assert zygote is not None
    loaded = Path(f"/proc/{zygote.process.pid}/maps").read_text()
    assert "pdfium" in loaded
    assert "libavcodec" in loaded


def test_a_site_starts_though_no_child_can_be_had(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_order: Any, **_more: Any) -> None:
        raise sandbox.SandboxUnavailable("no room")

    monkeypatch.setattr(sandbox, "call", refuse)

    ahead.begin().join()

    assert "No child could be started ahead: no room" in caplog.text
