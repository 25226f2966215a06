from typing import Any

import pytest

from redaction.plans import settling
from redaction.plans.finding_models import Finding
from redaction.plans.models import Render, Review
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from tests.builders import NOON, a_request
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db
NAME = "Maria Delgado"


def made(request: RecordsRequest, line: str, *marks: dict[str, Any]) -> Render:
    record = a_record(content=a_pdf(line), name="report.pdf", request=request)
    return a_render(plan=a_plan(review=a_review(record), marks={"version": 1, "marks": list(marks)}))


def withheld(literal: str, **more: Any) -> dict[str, Any]:
    return {"id": "t0", "kind": "text", "literal": literal, "reason": "MINOR", **more}


def mark_there(finding: Finding) -> None:
    review = Review.objects.get(pk=finding.review_id)
    settling.settle(
        review=review, finding=finding.pk, outcome="mark_there", why="her name", actor=an_analyst(), at=NOON
    )


def literals_of(review: Review) -> list[str]:
    """What the newest marks of a record withhold, the rejected aside."""
    plan = review.plans.order_by("-version")[0]
    return [entry["literal"] for entry in plan.marks["marks"] if entry.get("decision") != "rejected"]


def test_words_are_marked_there_again_when_the_copied_mark_was_changed_since() -> None:
    request = a_request(status=Status.SEARCHING)
    there = made(request, f"{NAME} at the Gate house", withheld("Gate")).review
    here = made(request, f"{NAME} here", withheld(NAME))
    mark_there(here.findings.get())
    [kept, copied] = there.plans.order_by("-version")[0].marks["marks"]
    changed = {"version": 1, "marks": [kept, {**copied, "literal": "Gate house"}]}
    a_render(plan=a_plan(review=there, marks=changed))
    again = a_render(plan=a_plan(review=here.review, marks={"version": 1, "marks": [withheld(NAME)]}))

    mark_there(again.findings.get(other=there.record))

    assert literals_of(there) == ["Gate", "Gate house", NAME]


@pytest.mark.parametrize("answer", [{"decision": "rejected"}, {}])
def test_a_suggestion_that_does_not_count_is_no_mark_of_the_words(answer: dict[str, str]) -> None:
    request = a_request(status=Status.SEARCHING)
    proposed = withheld(NAME, id="found", pages="all", suggested=True, **answer)
    there = a_review(a_record(content=a_pdf(f"{NAME} at the Gate"), name="report.pdf", request=request))
    a_render(plan=a_plan(review=there, marks={"version": 1, "marks": [withheld("Gate")]}))
    here = made(request, f"{NAME} here", withheld(NAME))
    a_plan(review=there, marks={"version": 1, "marks": [withheld("Gate"), proposed]})

    mark_there(here.findings.get())

    [*_before, last] = there.plans.order_by("-version")[0].marks["marks"]
    assert (last["literal"], last.get("suggested")) == (NAME, None)


def test_a_text_longer_than_a_finding_keeps_is_marked_there_whole() -> None:
    request = a_request(status=Status.SEARCHING)
    there = made(request, f"{NAME} at the Gate", withheld("Gate")).review
    here = made(request, f"{NAME} here", withheld(NAME))
    cut = Finding.objects.create(
        render=here, review=here.review, key="cut", same="text", open_here=False, other=there.record,
        released=False, words=NAME[:5], mark_id="t0",
    )  # fmt: skip

    mark_there(cut)

    assert literals_of(there) == ["Gate", NAME]
