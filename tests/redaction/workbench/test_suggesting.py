import json
from typing import Any

import pytest
from django.test import Client

from portal.accounts.rules import Role
from portal.audit.models import Entry, Outcome
from portal.core import jobs
from redaction.plans.detection_models import Detection
from redaction.plans.models import Review
from tests.builders import a_user
from tests.redaction.plans.plan_builders import a_review
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db
PAGES = ("suggestions", "suggestions-list", "suggestions-ask", "suggestions-decide")


def a_document() -> Review:
    lines = [f"call 512-555-01{n}" for n in range(10, 20)]
    return a_review(a_record(content=a_pdf(*lines, "SSN 123-45-6789"), name="report.pdf"))


def post(client: Client, address: str, data: Any) -> Any:
    return client.post(address, json.dumps(data), content_type="application/json")


def looked_through(client: Client, review: Review) -> None:
    client.force_login(an_analyst())
    answer = post(client, url("suggestions-ask", review.record), {"kinds": ["pii"]})
    assert answer.status_code == 202
    assert jobs.execute(Detection.objects.get().job_id)


def test_a_search_is_started_and_its_finds_are_listed_in_groups(client: Client) -> None:
    review = a_document()
    client.force_login(an_analyst())
    before = client.get(url("suggestions", review.record)).json()

    looked_through(client, review)
    found = client.get(url("suggestions", review.record))
    page = post(
        client, url("suggestions-list", review.record), {"group": {"finder": "pii-ssn"}, "order": "unsure"}
    ).json()

    assert [row["kind"] for row in before["kinds"]] == ["faces", "plates", "text", "pii"]
    assert (before["version"], before["searches"], before["counts"]["open"]) == (0, [], 0)
    data = found.json()
    assert found["Cache-Control"] == "no-store, private"
    assert data["searches"][0]["state"] == "taken"
    assert data["counts"]["open"] == data["searches"][0]["count"] >= 11
    assert sum(row["count"] for row in data["counts"]["finder"]) == data["counts"]["open"]
    assert page["total"] == 1
    assert page["rows"][0]["word"] == "123-45-6789"
    assert Entry.objects.filter(action="custody.suggestions_viewed").count() == 2  # two people


def test_lists_are_paged_and_ordered(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    review = a_document()
    looked_through(client, review)
    monkeypatch.setattr("redaction.workbench.suggesting.PAGE", 4)
    address = url("suggestions-list", review.record)

    pages = [post(client, address, {"start": start, "order": "sure"}).json() for start in (0, 4, 400)]

    assert [len(page["rows"]) for page in pages] == [4, 4, 0]
    sure = [row["sure"] for page in pages for row in page["rows"]]
    assert sure == sorted(sure, reverse=True)
    assert len({row["id"] for page in pages for row in page["rows"]}) == 8


def test_a_group_is_answered_and_taken_back(client: Client) -> None:
    review = a_document()
    looked_through(client, review)
    body = {
        "version": 1,
        "group": {"least": 0.1},
        "decision": "accepted",
        "why": "all seen",
        "reason": "MINOR",
    }

    stale = post(client, url("suggestions-decide", review.record), {**body, "version": 0})
    made = post(client, url("suggestions-decide", review.record), body)
    undone = post(client, url("suggestions-undo", review.record, pk=made.json()["id"]), {"why": "no"})

    assert (stale.status_code, made.status_code, undone.status_code) == (409, 201, 201)
    assert stale.json()["code"] == "stale"
    found = client.get(url("suggestions", review.record)).json()
    assert found["counts"]["open"] == made.json()["count"]
    assert [row["decision"] for row in found["decisions"]] == ["reopened", "accepted"]
    assert [row["undone"] for row in found["decisions"]] == [False, True]


def test_a_search_is_set_aside_taken_or_tried_again(client: Client) -> None:
    review = a_document()
    client.force_login(an_analyst())
    post(client, url("suggestions-ask", review.record), {"kinds": ["pii"]})
    address = url("suggestions-search", review.record, number=1)

    answers = [
        post(client, address, body).status_code
        for body in ({"action": "retry"}, {"action": "take"}, {"action": "x"}, {"action": "drop", "why": ""})
    ]
    dropped = post(client, address, {"action": "drop", "why": "by mistake"})

    assert answers == [409, 409, 422, 422]
    assert dropped.json()["search"]["state"] == "dropped"


@pytest.mark.parametrize(
    ("page", "body"),
    [
        ("suggestions-ask", {"kinds": "pii"}),
        ("suggestions-ask", {"kinds": ["columns"]}),
        ("suggestions-list", {"start": -1}),
        ("suggestions-list", {"order": "random"}),
        ("suggestions-list", {"group": []}),
        ("suggestions-decide", {"group": {}, "decision": "accepted", "why": "x"}),
        ("suggestions-decide", {"version": 0, "group": {}, "decision": 5, "why": "x"}),
    ],
)
def test_what_means_nothing_is_refused_in_words(client: Client, page: str, body: Any) -> None:
    review = a_document()
    client.force_login(an_analyst())

    answer = post(client, url(page, review.record), body)

    assert answer.status_code == 422
    assert answer.json()["message"].endswith(".")


def test_suggestions_quote_the_record_and_are_for_those_who_may_look(client: Client) -> None:
    review = a_document()
    looked_through(client, review)
    others = {review.record.request.requester: 404, a_user(): 404, a_user(Role.FEE_OFFICER): 403}

    for person, status in others.items():
        assert person is not None
        client.force_login(person)
        for page in PAGES:
            address = url(page, review.record)
            answer = client.get(address) if page == "suggestions" else post(client, address, {})
            assert answer.status_code == status
            assert b"123-45-6789" not in answer.content

    assert Entry.objects.filter(action="custody.preview_viewed", outcome=Outcome.DENIED).count() == len(PAGES)


def test_one_who_may_look_but_not_mark_starts_and_decides_nothing(client: Client) -> None:
    review = a_document()
    looked_through(client, review)
    client.force_login(a_user(Role.CLERK))

    found = client.get(url("suggestions", review.record))
    asked = post(client, url("suggestions-ask", review.record), {"kinds": ["pii"]})
    body = {"version": 1, "group": {}, "decision": "rejected", "why": "x"}
    decided = post(client, url("suggestions-decide", review.record), body)

    assert (found.status_code, asked.status_code, decided.status_code) == (200, 403, 403)
