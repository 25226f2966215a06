"""The workbench as it is deployed: files under hashed names, its scripts joined into a few."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test.testcases import LiveServerThread
from playwright.sync_api import Page, Response, expect
from pytest_django import Settings

from portal.settings import base
from redaction.workbench import modules
from requests_app.custody.models import ResponsiveRecord
from tests.builders import an_agency
from tests.journeys.conftest import SignIn
from tests.journeys.hands import Keyboard
from tests.journeys.marking import marks_word, opens_flight, opens_pages, opens_table, saved
from tests.journeys.whole_way import Person, is_saved
from tests.redaction.film_builders import a_film
from tests.redaction.flight_builders import a_flight_csv
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db(transaction=True)

NOT_OF_THE_DESK = ["admin", "rest_framework", "drf_spectacular_sidecar", "ext"]
FIRST = "() => performance.getEntriesByName('workbench:first').length === 1"
_SCRIPT = re.compile(r"/static/workbench/([a-z-]+)(\.[0-9a-f]{12})?\.js$")


def _by_the_site_itself(site: Any) -> Any:
    """In place of Django's handler, which would serve the sources."""
    return site


@pytest.fixture
def deployed(calm: None, settings: Settings, tmp_path: Path) -> Iterator[str]:
    """The site's address, with production's static files and WhiteNoise serving them."""
    settings.STATIC_ROOT = str(tmp_path / "static")
    settings.STORAGES = {**settings.STORAGES, "staticfiles": base.STORAGES["staticfiles"]}
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = False
    settings.WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["js", "css", "svg", "json", "html", "txt", "map", "ttf"]
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=NOT_OF_THE_DESK)
    modules.needed.cache_clear()
    wrap: Any = _by_the_site_itself
    server = LiveServerThread("localhost", static_handler=wrap)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield f"http://{server.host}:{server.port}"
    server.terminate()
    modules.needed.cache_clear()


def opens_film(person: Person, record: ResponsiveRecord) -> None:
    person.works_on(record)
    expect(person.page.locator("[data-film][data-state=mounted]")).to_be_visible()


def stages(folder: Path) -> dict[str, tuple[ResponsiveRecord, Callable[[Person, ResponsiveRecord], None]]]:
    film, flight = a_film(folder / "f.mp4").read_bytes(), a_flight_csv(folder / "f.csv").read_bytes()
    return {
        "pages": (a_record(content=a_pdf("Officer CANARY"), name="r.pdf", title="Report"), opens_pages),
        "film": (a_record(content=film, name="f.mp4", title="Film"), opens_film),
        "table": (a_record(content=b"plate,camera\nCANARY,Elm\n", name="t.csv", title="Reads"), opens_table),
        "flight": (a_record(content=flight, name="f.csv", title="Flight"), opens_flight),
    }


def told(page: Page) -> list[Response]:
    """What the site answers to the page from now on."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    return answers


def test_each_stage_opens_with_the_scripts_as_collected(
    deployed: str, sign_in: SignIn, tmp_path: Path
) -> None:
    an_agency(law_code="CA")
    records = stages(tmp_path)
    person = Person(Keyboard(sign_in(an_analyst())), deployed)
    answers = told(person.page)

    for stage, (record, opens) in records.items():
        answers.clear()
        opens(person, record)
        person.page.wait_for_function(FIRST)
        scripts = {found[1]: found[2] for each in answers if (found := _SCRIPT.search(each.url))}
        assert {"main", "frame", "first", stage} <= scripts.keys()
        assert all(scripts.values()), scripts  # each by the name of its content
        assert not {"store", "saving", "panel", f"{stage}-source"} & scripts.keys()  # they are joined in
        assert [each.url for each in answers if each.status >= 400] == []
    answers.clear()
    opens_pages(person, records["pages"][0])
    marks_word(person, records["pages"][0], "CANARY")
    person.hands.does("1", person.page.locator("#inspect-reason"))
    (mark,) = saved(person, records["pages"][0], lambda found: len(found) == 1 and "reason" in found[0])
    is_saved(person)

    assert mark["kind"] == "box"
    assert [each.url for each in answers if each.status >= 400] == []
    person.console.assert_quiet()
