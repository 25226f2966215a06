from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.core import jobs
from redaction.plans import decisions
from redaction.plans.detection_models import SuggestionDecision
from redaction.plans.models import Approval, Review
from requests_app.custody.models import ResponsiveRecord
from tests.builders import a_user
from tests.redaction.plans.plan_builders import DROP_PLATES, a_plan, a_render, a_review, an_approver
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db


def call(user: User, record: ResponsiveRecord, name: str, body: Any = None, method: str = "post") -> Any:
    client = APIClient()
    client.force_authenticate(user)
    url = reverse(f"api:{name}", kwargs={"key": record.request.key, "position": record.position})
    return getattr(client, method)(url, body, format="json")


def test_a_program_takes_a_record_from_marks_to_approval() -> None:
    record, analyst, approver = a_record(), an_analyst(), an_approver()

    saved = call(analyst, record, "marks", {"version": 0, "marks": DROP_PLATES})
    asked = call(analyst, record, "render")
    job = Review.objects.get().job
    assert job is not None
    jobs.execute(job.pk)
    made = call(analyst, record, "review", method="get").json()
    approved = call(
        approver,
        record,
        "approve",
        {"render_sha256": made["render"]["sha256"], "marks_digest": made["render"]["marks_digest"]},
    )

    assert (saved.status_code, saved.json()["version"], saved.json()["status"]) == (201, 1, "marked")
    assert (asked.status_code, asked.json()["job"]["state"]) == (202, "pending")
    assert made["status"] == "verified"
    assert made["render"]["report"]["marks"][0]["verified"] > 0
    assert (approved.status_code, approved.json()["status"]) == (200, "approved")
    assert Entry.objects.filter(action="custody.record_viewed").count() == 1


def test_a_wrong_mark_answers_422_and_names_it() -> None:
    marks = {"version": 1, "marks": [{"id": "m7", "kind": "column", "name": "x", "action": "release"}]}

    answer = call(an_analyst(), a_record(), "marks", {"version": 0, "marks": marks})

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_marks")
    assert "m7" in answer.json()["detail"]


def test_a_program_says_why_it_decides_a_suggestion_or_is_refused() -> None:
    record, analyst = a_record(content=a_pdf("CANARY"), name="r.pdf"), an_analyst()
    open_one = {"id": "s", "kind": "text", "literal": "CANARY", "reason": "MINOR", "suggested": True}
    a_plan(review=a_review(record), marks={"version": 1, "marks": [open_one]})
    decided = {"version": 1, "marks": {"version": 1, "marks": [{**open_one, "decision": "accepted"}]}}

    empty, long = (call(analyst, record, "marks", {**decided, "why": why}) for why in (" ", "x" * 501))
    kept = call(analyst, record, "marks", {**decided, "why": "named in the  complaint"})
    reopened = {"version": 2, "marks": {"version": 1, "marks": [{**open_one, "decision": "rejected"}]}}
    call(analyst, record, "marks", reopened)

    assert (empty.status_code, long.status_code, kept.status_code) == (400, 400, 201)
    said = SuggestionDecision.objects.order_by("pk").values_list("decision", "why", "by")
    assert list(said) == [
        ("accepted", "named in the complaint", analyst.pk), ("rejected", decisions.BY_HAND, analyst.pk),
    ]  # fmt: skip


def test_a_stale_version_answers_409() -> None:
    plan = a_plan()

    answer = call(an_analyst(), plan.review.record, "marks", {"version": 0, "marks": DROP_PLATES})

    assert (answer.status_code, answer.json()["code"]) == (409, "stale")


def test_approving_ones_own_marks_answers_403() -> None:
    author = an_approver()
    render = a_render(plan=a_plan(author=author))

    answer = call(
        author,
        render.review.record,
        "approve",
        {"render_sha256": render.sha256, "marks_digest": render.marks_digest},
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "self_approval")
    assert not Approval.objects.exists()


def test_an_illegal_step_answers_409_with_a_code() -> None:
    answer = call(an_approver(), a_record(), "approve", {"render_sha256": "", "marks_digest": "x"})

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")


def test_a_record_is_sent_back_with_a_comment() -> None:
    render = a_render()

    empty = call(an_approver(), render.review.record, "send-back", {"comment": ""})
    answer = call(an_approver(), render.review.record, "send-back", {"comment": "Mask the camera."})

    assert empty.status_code == 422
    assert answer.json()["status"] == "marked"


def test_a_record_is_withheld_or_set_aside() -> None:
    analyst = an_analyst()
    first, second = a_record(), a_record()

    none = call(analyst, first, "withhold", {"version": 0, "exemptions": []})
    withheld = call(analyst, first, "withhold", {"version": 0, "exemptions": ["TX-108"]})
    aside = call(analyst, second, "set-aside", {"action": "duplicate"})
    unknown = call(analyst, second, "set-aside", {"action": "burn"})

    assert (none.status_code, withheld.status_code) == (422, 202)
    assert withheld.json()["marks"]["marks"][0]["kind"] == "withhold"
    assert aside.json()["status"] == "duplicate"
    assert unknown.status_code == 400


def test_requesters_strangers_and_wrong_positions_see_nothing() -> None:
    record = a_review().record
    assert record.request.requester is not None

    assert call(record.request.requester, record, "review", method="get").status_code == 403
    assert call(a_user(), record, "review", method="get").status_code == 404
    record.position = 9
    assert call(an_analyst(), record, "review", method="get").status_code == 404
