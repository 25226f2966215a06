import pytest

from redaction.plans import selectors
from redaction.plans import services as plans
from requests_app.docket.rules import Status
from tests.builders import NOON, a_request
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, a_withholding, an_approval
from tests.requests_app.custody.record_builders import READS, a_record, an_analyst

pytestmark = pytest.mark.django_db


def test_facts_count_each_record_where_it_stands() -> None:
    request = a_request(status=Status.SEARCHING)
    records = [a_record(request=request, content=READS + f"P{n},c,t\n".encode()) for n in range(5)]
    an_approval(render=a_render(plan=a_plan(review=a_review(records[0]))))
    a_withholding(record=records[1])
    plans.mark_duplicate(review=a_review(records[2]), actor=an_analyst(), at=NOON)
    a_render(plan=a_plan(review=a_review(records[3])))

    facts = selectors.facts(request)

    assert facts == selectors.ReviewFacts(
        records=5, undecided=2, approved=1, withheld=1, set_aside=1, released=0, waiting_for_approval=1
    )
    assert selectors.facts(a_request()) == selectors.ReviewFacts()


def test_approved_renders_carry_what_a_release_needs() -> None:
    approval = an_approval()
    request = approval.review.record.request

    (row,) = selectors.approved_renders(request)

    assert (row.approval, row.render, row.record) == (approval, approval.render, approval.review.record)
    assert row.exemptions[0]["code"] == "TX-130"
    assert set(row.exemptions[0]) == {"code", "citation", "label", "explanation", "letter_text"}
    assert [mark["id"] for mark in row.marks] == ["c1", "c2", "c3"]
    assert selectors.withheld_records(request) == []


def test_a_void_approval_releases_nothing() -> None:
    approval = an_approval()
    request = approval.review.record.request

    a_plan(review=approval.review)

    assert selectors.approved_renders(request) == []


def test_withheld_records_have_their_own_list() -> None:
    review = a_withholding()
    request = review.record.request

    (row,) = selectors.withheld_records(request)

    assert (row.record, row.render.withheld) == (review.record, True)
    assert selectors.approved_renders(request) == []


def test_rejected_suggestions_are_not_among_the_effective_marks() -> None:
    marks = {
        "version": 1,
        "marks": [
            {"id": "a", "kind": "column", "name": "camera", "action": "release"},
            {
                "id": "b", "kind": "column", "name": "plate", "action": "release", "suggested": True,
                "decision": "rejected",
            },
        ],
    }  # fmt: skip

    render = a_render(plan=a_plan(marks=marks))

    assert [mark["id"] for mark in selectors.effective_marks(render)] == ["a"]
