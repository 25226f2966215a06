"""A flood of suggestions, and searches whose worker dies: quick to decide, workable by hand."""

import json
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.core import jobs
from portal.core.models import Job, JobState
from portal.core.time import now
from redaction.plans import services as plans
from redaction.plans import suggestions
from redaction.plans.detection_models import Detection, SuggestionDecision
from redaction.plans.models import Review
from redaction.plans.rows import latest_version
from redaction.plans.suggestion_groups import particulars_of
from redaction.workbench.suggesting import PAGE
from tests.builders import NOON
from tests.redaction.plans.plan_builders import a_plan, a_review
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db
import_module("redaction.plans.tasks")  # a worker has it from Celery

BY_HAND = {"version": 1, "marks": [{"id": "t", "kind": "text", "literal": "Public", "reason": "MINOR"}]}


def a_flood(count: int) -> Review:
    review = a_review(a_record(content=a_pdf("CANARY", str(count)), name="report.pdf"))
    (row,) = suggestions.ask(review=review, kinds=["pii"], actor=an_analyst(), at=NOON)
    found = [
        {"id": f"pii-{'ssn' if n % 2 else 'phone'}-{n:012x}", "kind": "text", "literal": f"value {n}",
         "pages": "all", "note": f"x, confidence 0.{n % 10}", "reason": "MINOR", "suggested": True}
        for n in range(count)
    ]  # fmt: skip
    row.finds = {entry["id"]: particulars_of(entry).as_dict() for entry in found}
    suggestions.take_in(row, found, at=NOON, actor=row.asked_by)
    return review


def post(client: Client, page: str, review: Review, body: Any) -> Any:
    return client.post(url(page, review.record), json.dumps(body), content_type="application/json")


def test_five_thousand_cost_no_more_questions_than_a_few_and_come_fifty_at_a_time(client: Client) -> None:
    client.force_login(an_analyst())
    asked: list[int] = []
    sizes: list[int] = []

    for count in (60, 5_000):
        review = a_flood(count)
        client.get(url("suggestions", review.record))  # the look is written down once an hour
        with CaptureQueriesContext(connection) as queries:
            overview = client.get(url("suggestions", review.record))
            page = post(client, "suggestions-list", review, {"start": 0})
        asked.append(len(queries))
        sizes.append(len(overview.content) + len(page.content))

    assert asked[0] == asked[1]
    assert page.json()["total"] == 5_000
    assert len(page.json()["rows"]) == PAGE
    assert sizes[1] < 60_000  # bytes: what a browser draws, however many there are


def test_a_flood_is_decided_in_groups_each_with_one_reason(client: Client) -> None:
    client.force_login(an_analyst())
    review = a_flood(1_000)

    def decided(group: dict[str, Any], decision: str, why: str) -> int:
        body = {"version": latest_version(review), "group": group, "decision": decision, "why": why}
        answer = post(client, "suggestions-decide", review, body)
        assert answer.status_code == 201, answer.content
        return int(answer.json()["count"])

    counts = [
        decided({"word": "value 7"}, "rejected", "a street"),
        decided({"below": 0.3}, "rejected", "looked at twenty of them"),
        decided({"finder": "pii-ssn"}, "accepted", "all numbers of people"),
        decided({}, "accepted", "the rest by page"),
    ]

    assert counts[0] == 1
    assert sum(counts) == 1_000
    assert all(counts)
    assert post(client, "suggestions-list", review, {}).json()["total"] == 0
    assert SuggestionDecision.objects.filter(review=review).count() == 4


def dead(row: Detection) -> None:
    """A worker takes the search and is killed: the row says running until its lease is over."""
    assert jobs.claim(row.job_id) is not None
    Job.objects.filter(pk=row.job_id).update(lease_until=now() - jobs.LEASE)


def test_a_search_whose_worker_is_killed_is_taken_up_by_another(client: Client) -> None:
    client.force_login(an_analyst())
    review = a_review(a_record(content=a_pdf("SSN 123-45-6789"), name="report.pdf"))
    (row,) = suggestions.ask(review=review, kinds=["pii"], actor=an_analyst(), at=NOON)

    dead(row)
    meanwhile = client.get(url("suggestions", review.record)).json()["searches"][0]["state"]
    a_plan(review=review, marks=BY_HAND)
    rung = jobs.sweep()

    assert meanwhile == "running"
    assert rung == 1
    assert jobs.execute(row.job_id)
    assert {entry["id"] for entry in plans_of(review)} > {"t"}


def plans_of(review: Review) -> list[dict[str, Any]]:
    plan = review.plans.order_by("-version").first()
    return list(plan.marks["marks"]) if plan else []


def test_a_search_that_kills_every_worker_says_so_holds_nothing_up_and_can_be_tried_again(
    client: Client,
) -> None:
    analyst = an_analyst()
    client.force_login(analyst)
    review = a_review(a_record(content=a_pdf("SSN 123-45-6789"), name="report.pdf"))
    (row,) = suggestions.ask(review=review, kinds=["pii"], actor=analyst, at=NOON)
    a_plan(review=review, marks=BY_HAND, author=analyst)

    for _attempt in range(jobs.MAX_ATTEMPTS):
        dead(row)
    jobs.sweep()
    shown = client.get(url("suggestions", review.record)).json()
    made = plans.request_render(review=review, actor=analyst, at=NOON)
    address = url("suggestions-search", review.record, number=1)
    retried = client.post(address, json.dumps({"action": "retry"}), content_type="application/json")

    assert (shown["searches"][0]["state"], shown["obstacle"]) == ("failed", "")
    assert "marked by hand" in shown["searches"][0]["fault"]
    assert made.state == JobState.PENDING
    assert retried.json()["search"]["state"] == "running"
    assert jobs.execute(row.job_id)
