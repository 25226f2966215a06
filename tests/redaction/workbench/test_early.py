"""What a page has fetched before its scripts run is what they would have asked for."""

from typing import Any

import pytest
from django.test import Client

from redaction.plans import extents
from tests.redaction.plans.plan_builders import a_plan, a_review
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import a_record, an_analyst

pytestmark = pytest.mark.django_db

READS = b"Plate,State\n" + b"".join(b"CAN%04d,MN\n" % number for number in range(60))
POLICY: dict[str, Any] = {
    "version": 1,
    "marks": [
        {"id": "c1", "kind": "column", "name": "Plate", "action": "mask", "reason": "PLATE"},
        {"id": "c2", "kind": "column", "name": "State", "action": "release"},
    ],
}


def test_the_first_rows_of_the_saved_marks_are_there_before_any_script(client: Client) -> None:
    client.force_login(an_analyst())
    record = a_record(content=READS)
    page = client.get(url("work", record))
    before = client.get(url("table-rows", record))
    a_plan(review=a_review(record), marks=POLICY)

    after = client.get(url("table-rows", record)).json()

    body = {"marks": POLICY, "start": 0, "only": ""}
    asked = client.post(url("table-rows", record), body, content_type="application/json").json()
    assert (
        f'<link rel="preload" as="fetch" href="{url("table-rows", record)}" crossorigin'
        in page.content.decode()
    )
    assert before.json()["version"] == 0
    assert before["Cache-Control"] == "no-store, private"
    assert after == {**asked, "version": 1}


def test_what_a_page_has_fetched_before_it_is_read_writes_nothing_down(client: Client) -> None:
    client.force_login(an_analyst())
    record = a_record(content=READS[:100])

    early = client.get(url("table-rows", record)).json()
    before = extents.known(record, "table")
    client.post(
        url("table-rows", record),
        {"marks": {"version": 1, "marks": []}, "start": 0, "only": ""},
        content_type="application/json",
    )

    assert not early["more"]
    assert before is None
    assert extents.known(record, "table") == len(early["rows"])
