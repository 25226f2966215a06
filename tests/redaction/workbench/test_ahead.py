from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django import urls
from django.template import Engine
from django.utils import translation

from redaction import sandbox
from redaction.sandbox import nursery
from redaction.workbench import ahead


@pytest.fixture
def no_child_yet() -> Iterator[None]:
    nursery.shut()
    yield
    nursery.shut()


@pytest.mark.usefixtures("no_child_yet")
@pytest.mark.parametrize("language", ["en-us", "en", "es"])
def test_no_first_page_waits_for_addresses_or_templates(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls.clear_url_caches()
    ahead.begin().join()

    def refuse(_resolver: Any) -> None:
        raise AssertionError("addresses are gathered only now")

    monkeypatch.setattr(urls.URLResolver, "_populate", refuse)
    with translation.override(language):
        assert urls.reverse("workbench:plan", kwargs={"key": "k"})
        assert urls.reverse("admin:index")
    read = vars(Engine.get_default().template_loaders[0])["get_template_cache"]
    assert {"desk/base.html", "_document.html", "workbench/_more.html"} <= set(read)


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
