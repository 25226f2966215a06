from typing import Any

import pytest

from portal.accounts.rules import Role
from portal.audit.models import Entry, Outcome
from portal.core.errors import BadInput, IllegalMove, NotAllowed, StaleWrite
from portal.core.models import Job, JobState
from redaction.plans import services as plans
from redaction.plans.checks import BadMarks
from redaction.plans.models import Approval, Plan, Review
from requests_app.docket.rules import Status
from tests.builders import NOON, a_request, a_user
from tests.redaction.plans.plan_builders import (
    DROP_PLATES,
    a_plan,
    a_render,
    a_review,
    a_withholding,
    an_approval,
    an_approver,
)
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db


def one(**mark: Any) -> dict[str, Any]:
    return {"version": 1, "marks": [{"id": "m1", "reason": "MINOR", **mark}]}


def test_open_review_opens_one_for_a_record() -> None:
    record = a_record()

    assert plans.open_review(record=record) == plans.open_review(record=record)
    assert Review.objects.get().status == "collected"


def test_save_plan_keeps_versions_and_audits_each() -> None:
    review, author = a_review(), an_analyst()

    first = plans.save_plan(review=review, marks=DROP_PLATES, author=author, at=NOON, expected_version=0)
    second = plans.save_plan(review=review, marks=DROP_PLATES, author=author, at=NOON, expected_version=1)

    assert (first.version, second.version) == (1, 2)
    assert first.digest == second.digest
    assert review.status == "marked"
    entries = Entry.objects.filter(action="review.save_marks", request_key=review.record.request.key)
    assert [entry.detail["version"] for entry in entries] == [1, 2]


def test_save_plan_refuses_a_version_that_somebody_else_passed() -> None:
    review = a_review()
    a_plan(review=review)

    with pytest.raises(StaleWrite, match="version 1"):
        plans.save_plan(review=review, marks=DROP_PLATES, author=an_analyst(), at=NOON, expected_version=0)

    assert Plan.objects.count() == 1


@pytest.mark.parametrize(
    ("marks", "sentence"),
    [
        ({"version": 2, "marks": []}, "version 2"),
        (one(kind="colum", name="plate", action="drop"), "mark m1: unknown kind"),
        (one(kind="column", name="plates", action="drop"), "mark m1: the table has no column named 'plates'"),
        (one(kind="box", page=1, rect=[0, 0, 1, 1]), "mark m1: kind box does not fit"),
        (one(kind="column", name="plate", action="drop", reason="WHIM"), "mark m1: the reason 'WHIM'"),
        (one(kind="column", name="plate", action="drop", reason=None), "mark m1: needs a reason"),
        (one(kind="column", name="plate", action="drop", exemption="CA-9"), "mark m1: the exemption 'CA-9'"),
        (one(kind="suppress", by=["hour"], k=5, count="rows"), "no column named 'hour'"),
        (one(kind="suppress", by=["camera"], k=5, count="distinct:p"), "no column named 'p'"),
        (one(kind="rows", remove=[{"column": "x", "op": "eq", "value": 1}]), "no column named 'x'"),
    ],
)
def test_save_plan_names_the_mark_that_is_wrong(marks: dict[str, Any], sentence: str) -> None:
    review = a_review()

    with pytest.raises(BadMarks) as refusal:
        plans.save_plan(review=review, marks=marks, author=an_analyst(), at=NOON, expected_version=0)

    assert sentence in str(refusal.value)
    assert refusal.value.status == 422
    assert not Plan.objects.exists()
    assert Review.objects.get().status == "collected"


@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        ({"kind": "box", "page": 3, "rect": [0, 0, 1, 1]}, "there is no page 3"),
        ({"kind": "box", "page": 1, "rect": [0, 0, 700, 10]}, "past the edge of page 1"),
        ({"kind": "page", "page": 9}, "there is no page 9"),
        ({"kind": "text", "literal": "x", "pages": [1, 7]}, "there is no page 7"),
    ],
)
def test_save_plan_knows_the_pages_of_a_document(mark: dict[str, Any], sentence: str) -> None:
    review = a_review(a_record(content=a_pdf("A report", pages=2), name="report.pdf"))

    with pytest.raises(BadMarks, match=sentence):
        a_plan(review=review, marks=one(**mark))


def test_save_plan_takes_flight_marks_for_a_csv() -> None:
    plan = a_plan(marks=one(kind="home", radius_m=150))

    assert plan.version == 1


def test_save_plan_is_for_people_who_redact() -> None:
    review, clerk = a_review(), a_user(Role.CLERK)

    with pytest.raises(NotAllowed):
        plans.save_plan(review=review, marks=DROP_PLATES, author=clerk, at=NOON, expected_version=0)

    denied = Entry.objects.get(outcome=Outcome.DENIED)
    assert (denied.action, denied.actor_id, denied.detail) == (
        "review.save_marks",
        clerk.pk,
        {"why": "not_allowed"},
    )


def test_save_plan_voids_an_approval() -> None:
    approval = an_approval()

    a_plan(review=approval.review)

    assert Approval.objects.get().voided_at is not None
    assert Review.objects.get().status == "marked"


@pytest.mark.parametrize(
    ("status", "sentence"), [(Status.READY, "Open the review again"), ("closed", "Reopen it")]
)
def test_save_plan_refuses_under_a_finished_request(status: str, sentence: str) -> None:
    review = a_review()
    closing = {"closed_at": NOON, "disposition": "full"} if status == "closed" else {}
    type(review.record.request).objects.update(status=status, **closing)

    with pytest.raises(IllegalMove, match=sentence):
        plans.save_plan(review=review, marks=DROP_PLATES, author=an_analyst(), at=NOON, expected_version=0)


def test_request_render_writes_one_job_for_a_version() -> None:
    plan = a_plan()

    first = plans.request_render(review=plan.review, actor=plan.author, at=NOON)
    again = plans.request_render(review=plan.review, actor=plan.author, at=NOON)

    assert first == again
    assert first.payload == {"plan": plan.pk, "review": plan.review_id}
    assert Job.objects.filter(kind="plans.render").count() == 1


def test_request_render_tries_a_failed_job_again() -> None:
    plan = a_plan()
    job = plans.request_render(review=plan.review, actor=plan.author, at=NOON)
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED, error="no", attempts=3)

    plans.request_render(review=plan.review, actor=plan.author, at=NOON)

    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == (JobState.PENDING, 0, "")


def test_request_render_refuses_a_record_without_marks() -> None:
    with pytest.raises(IllegalMove, match="is collected"):
        plans.request_render(review=a_review(), actor=an_analyst(), at=NOON)


def test_request_render_refuses_undecided_suggestions() -> None:
    plan = a_plan(marks=one(kind="column", name="plate", action="drop", suggested=True))

    with pytest.raises(plans.NotReadyToRender, match="m1"):
        plans.request_render(review=plan.review, actor=plan.author, at=NOON)


def test_withhold_needs_a_ground_that_the_law_has() -> None:
    review = a_review()

    with pytest.raises(BadInput, match="needs the exemption"):
        plans.withhold(review=review, exemption_codes=[""], actor=an_analyst(), at=NOON)
    with pytest.raises(BadMarks, match="CA-9"):
        plans.withhold(review=review, exemption_codes=["CA-9"], actor=an_analyst(), at=NOON)

    assert not Plan.objects.exists()


def test_withhold_goes_the_way_of_a_second_person() -> None:
    review = a_review()
    analyst = an_analyst()

    codes = ["TX-108", "TX-101"]
    plans.withhold(review=review, exemption_codes=codes, actor=analyst, at=NOON, note="open case")

    plan = Plan.objects.get()
    assert [mark["exemption"] for mark in plan.marks["marks"]] == codes
    assert plan.marks["marks"][0]["note"] == "open case"
    assert a_withholding().status == "withheld"


@pytest.mark.parametrize(
    ("step", "status"), [(plans.mark_not_responsive, "not_responsive"), (plans.mark_duplicate, "duplicate")]
)
def test_a_record_is_set_aside_and_taken_back(step: Any, status: str) -> None:
    review, analyst = a_review(), an_analyst()

    step(review=review, actor=analyst, at=NOON)
    assert Review.objects.get().status == status
    plans.reconsider(review=review, actor=analyst, at=NOON)

    assert review.status == "collected"
    assert Entry.objects.filter(subject_type="plans.review", outcome=Outcome.OK).count() == 2


def test_an_approved_record_cannot_be_set_aside() -> None:
    review = an_approval().review

    with pytest.raises(IllegalMove, match="approved"):
        plans.mark_not_responsive(review=review, actor=an_analyst(), at=NOON)


def test_a_recalled_record_may_be_marked_in_a_closed_request() -> None:
    review = an_approval().review
    request = review.record.request
    plans.release(review=review, actor=None, manifest="M1")
    type(request).objects.filter(pk=request.pk).update(status="closed", closed_at=NOON, disposition="full")
    plans.recall(review=review, actor=None, manifest="M1", at=NOON)
    review = Review.objects.select_related("record__request").get()

    plan = a_plan(review=review)
    again = an_approval(render=a_render(plan=plan), approver=an_approver())

    assert plan.version == 2
    assert again.voided_at is None
    assert Review.objects.get().status == "approved"


def test_reviews_of_two_requests_do_not_mix() -> None:
    request = a_request(status=Status.SEARCHING)

    a_plan(review=a_review(a_record(request=request)))

    assert Plan.objects.get().review.record.request == request
