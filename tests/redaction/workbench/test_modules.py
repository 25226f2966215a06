import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client

from redaction.workbench import modules, stages
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import a_record, an_analyst

SCRIPTS = Path(settings.BASE_DIR) / "portal" / "static" / "workbench"


@pytest.mark.parametrize("stage", [*stages.STAGES])
def test_a_page_names_every_module_that_will_be_asked_for_once(stage: str) -> None:
    found = modules.needed(modules.ENTRY, f"workbench/{stage}.js")

    names = [address.rpartition("/")[2] for address in found]
    named = {
        name for module in names for name in re.findall(r'"\./([\w-]+\.js)"', (SCRIPTS / module).read_text())
    }
    assert len(set(names)) == len(names)
    assert {*names} == {"main.js", f"{stage}.js"} | named


def test_where_scripts_are_served_joined_few_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    modules.needed.cache_clear()
    monkeypatch.setattr(staticfiles_storage, "joins", True, raising=False)

    found = modules.needed(modules.ENTRY, "workbench/film.js")

    modules.needed.cache_clear()
    assert [address.rpartition("/")[2] for address in found] == ["frame.js", "first.js", "main.js", "film.js"]


@pytest.mark.django_db
def test_the_page_has_them_fetched_at_once(client: Client) -> None:
    client.force_login(an_analyst())

    page = client.get(url("work", a_record())).content.decode()

    assert page.count('<link rel="modulepreload"') >= 25
    assert '<link rel="modulepreload" href="/static/workbench/table-policy.js">' in page
    assert "pages-sheets.js" not in page
