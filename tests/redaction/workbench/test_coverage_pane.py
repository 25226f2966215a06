import json
from typing import Any

import pytest
from django.test import Client

from portal.accounts.rules import Role
from portal.core.time import now
from redaction.plans import seeing
from redaction.plans.seen_models import CoverageRule, Seen, Watch
from requests_app.custody.models import ResponsiveRecord
from tests.builders import a_user
from tests.redaction.plans.plan_builders import a_render
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db


def a_document() -> ResponsiveRecord:
    return a_record(content=a_pdf("Officer CANARY", pages=4), name="report.pdf")


def tell(client: Client, record: ResponsiveRecord, *rows: Any) -> Any:
    return client.post(url("seen", record), json.dumps({"seen": rows}), content_type="application/json")


def a_page(start: int, end: int) -> dict[str, Any]:
    return {"unit": "page", "from": start, "to": end, "speed": 1}


def test_what_a_person_sees_is_told_and_shown(client: Client) -> None:
    record, analyst = a_document(), an_analyst()
    client.force_login(analyst)

    answer = tell(client, record, a_page(1, 1), a_page(3, 3))
    shown = client.get(url("seen-shown", record))

    assert answer.status_code == 200
    assert answer.json()["believed"] == 2
    data = shown.json()
    assert (data["per_cent"], data["missing"], data["total"]) == (50, [[2, 2], [4, 4]], 4)
    assert (data["demanded"], data["part"]) == (0, "marker")
    assert shown["Cache-Control"] == "no-store, private"


def test_a_page_that_claims_too_much_at_once_is_not_believed(client: Client) -> None:
    record = a_record(content=a_pdf("a", pages=40), name="long.pdf")
    client.force_login(an_analyst())

    answer = tell(client, record, a_page(1, 40)).json()

    assert 0 < answer["seen"] < 8


@pytest.mark.parametrize(
    "row",
    [5, {"unit": "page"}, {"unit": "second", "from": 0, "to": 1}, {"unit": "page", "from": True, "to": 1},
     {"unit": "page", "from": 2, "to": 1}, {"unit": "page", "from": 1, "to": 10**400}],
)  # fmt: skip
def test_what_means_nothing_is_refused(client: Client, row: Any) -> None:
    record = a_document()
    client.force_login(an_analyst())

    assert tell(client, record, row).status_code == 422
    assert tell(client, record, *[a_page(1, 1)] * 201).status_code == 422
    assert client.post(url("seen", record), "{" + " " * 70_000, "application/json").status_code == 422
    assert not Seen.objects.exists()


def test_messages_are_limited(client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.RATELIMIT_ENABLE = True
    record = a_document()
    client.force_login(an_analyst())
    monkeypatch.setattr("redaction.workbench.coverage_pane.RATE", "1/d")

    answers = [tell(client, record, a_page(1, 1)).status_code for _ in range(2)]

    assert answers == [200, 429]


def test_only_those_who_may_look_can_have_seen(client: Client) -> None:
    record = a_document()

    for person, status in ((record.request.requester, 404), (a_user(), 404), (a_user(Role.FEE_OFFICER), 403)):
        assert person is not None
        client.force_login(person)
        assert tell(client, record, a_page(1, 1)).status_code == status
        assert client.get(url("seen-shown", record)).status_code == status
    assert not Seen.objects.exists()


def test_the_review_page_and_the_api_show_what_was_seen(client: Client) -> None:
    render = a_render()
    record = render.review.record
    client.force_login(render.plan.author)

    page = client.get(url("review", record)).content.decode()
    data = client.get(f"/api/v1/requests/{record.request.key}/records/{record.position}/").json()

    (row,) = data["render"]["coverage"]
    assert (row["part"], row["unit"], row["demanded"]) == ("marker", "row", 0)
    assert row["ranges_digest"][:12] in page
    assert "Who marked it" in page


def test_an_administrator_sets_a_rule(client: Client) -> None:
    record = a_document()
    client.force_login(a_user(Role.ADMIN))
    sent = {"medium": "pdf", "series": "", "share": 100, "speed": 2, "people": ["marker", "approver"]}

    wrong = client.post("/desk/seen/", {**sent, "people": []})
    done = client.post("/desk/seen/", sent, follow=True)

    assert wrong.status_code == 422
    assert "Say of whom it is demanded" in wrong.content.decode()
    assert "Document" in done.content.decode()
    assert seeing.rule_for(record).share == 100


def test_whoever_looks_at_a_table_counts_its_rows(client: Client) -> None:
    record = a_record()
    client.force_login(an_analyst())
    asked = json.dumps({"marks": {"version": 1, "marks": []}, "start": 0})

    before = client.get(url("seen-shown", record)).json()
    page = client.post(url("table-rows", record), asked, content_type="application/json").json()
    after = client.get(url("seen-shown", record)).json()
    counted = client.post(url("table-counts", record), asked, content_type="application/json").json()

    assert (before["total"], before["uncounted"][:13]) == (None, "how many rows")
    assert (after["total"], after["uncounted"]) == (len(page["rows"]), "")
    assert counted["found"]["rows_in"] == len(page["rows"])


def test_nobody_else_opens_the_rules(client: Client) -> None:
    client.force_login(an_analyst())

    assert client.get("/desk/seen/").status_code == 403
    assert client.post("/desk/seen/", {}).status_code == 403
    assert not CoverageRule.objects.exists()


def test_opening_the_page_starts_the_clock(client: Client) -> None:
    record, analyst = a_document(), an_analyst()
    client.force_login(analyst)

    client.get(url("work", record))
    kept = seeing.note(record=record, person=analyst, claims=[], at=now())

    assert kept == []
    assert Watch.objects.filter(record=record, person=analyst).count() == 1
