"""What costs a child or a worker each time is not asked without end by one person."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from portal.core.models import Job
from redaction.workbench import pace
from requests_app.custody.models import ResponsiveRecord
from tests.redaction.flight_builders import a_flight_csv
from tests.redaction.workbench.addresses import url
from tests.redaction.workbench.film_records import a_film_record, posted
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _counted(settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True


def a_film(_: Path) -> ResponsiveRecord:
    return a_film_record(seconds=1)


def a_document(_: Path) -> ResponsiveRecord:
    return a_record(content=a_pdf("Words"), name="report.pdf")


def a_flight(folder: Path) -> ResponsiveRecord:
    return a_record(content=a_flight_csv(folder / "f.csv").read_bytes(), name="flight.csv")


def a_table(_: Path) -> ResponsiveRecord:
    return a_record()


@pytest.mark.parametrize(
    ("made", "what", "pages"),
    [
        (a_film, "sample", ["film-sample"]),
        (a_film, "proxy", ["film-proxy"]),
        (a_film, "follow", ["film-follow"]),
        (a_document, "find", ["pages-find"]),
        (a_flight, "outcome", ["flight-outcome"]),
        (a_table, "table", ["table-rows", "table-counts", "table-finds"]),
    ],
)
def test_too_many_questions_are_refused_in_words(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    made: Callable[[Path], ResponsiveRecord], what: str, pages: list[str],
) -> None:  # fmt: skip
    record = made(tmp_path)
    monkeypatch.setitem(pace.RATES, what, f"{len(pages)}/d")
    client.force_login(an_analyst())

    for page in pages:
        assert posted(client, record, page).status_code != 429
    jobs = Job.objects.count()
    refused = posted(client, record, pages[0])

    assert refused.status_code == 429
    assert refused.json()["code"] == "too_often"
    assert "Wait a minute" in refused.json()["message"]
    assert refused["Cache-Control"] == "no-store, private"
    assert Job.objects.count() == jobs
    client.force_login(an_analyst())
    assert posted(client, record, pages[0]).status_code != 429  # a colleague is not kept waiting


def test_asking_how_far_a_sample_is_is_never_too_often(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    record = a_film(tmp_path)
    monkeypatch.setitem(pace.RATES, "sample", "1/d")
    client.force_login(an_analyst())

    answers = [client.get(url("film-sample", record), {"start": 0}).status_code for _ in range(3)]

    assert answers == [200, 200, 200]
