from typing import Any

import pytest

from portal.audit.models import Entry
from portal.core.errors import BadInput
from redaction.plans import decisions, suggestions
from redaction.plans import services as plans
from redaction.plans.detection_models import SuggestionDecision
from redaction.plans.models import Plan, Review
from redaction.plans.rows import latest_version
from tests.builders import NOON
from tests.redaction.plans.plan_builders import a_plan, a_review
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db


def a_suggestion(name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name, "kind": "text", "literal": f"CANARY {name}", "reason": "MINOR", "suggested": True,
    } | more  # fmt: skip


def a_record_with(*entries: dict[str, Any]) -> Review:
    review = a_review(a_record(content=a_pdf("CANARY"), name="r.pdf"))
    a_plan(review=review, marks={"version": 1, "marks": list(entries)})
    return review


def saved(review: Review, *entries: dict[str, Any], **more: Any) -> Plan:
    """As the stage saves: the whole file, by the person in front of it."""
    given: dict[str, Any] = {"author": an_analyst(), "reasons_open": True}
    return plans.save_plan(
        review=review, marks={"version": 1, "marks": list(entries)}, at=NOON,
        expected_version=latest_version(review), **given | more,
    )  # fmt: skip


def rows() -> list[tuple[str, int, str]]:
    return list(SuggestionDecision.objects.order_by("pk").values_list("decision", "count", "why"))


def test_what_is_decided_on_the_stage_is_written_down_too() -> None:
    review, analyst = a_record_with(a_suggestion("a"), a_suggestion("b")), an_analyst()

    plan = saved(review, a_suggestion("a", decision="accepted"), a_suggestion("b"), author=analyst)

    row = SuggestionDecision.objects.get()
    assert (row.plan, row.by, row.at, row.decision, row.count) == (plan, analyst, NOON, "accepted", 1)
    assert (row.why, row.group, row.reason) == (decisions.BY_HAND, "1 chosen one by one", "MINOR")
    assert Entry.objects.filter(action="review.suggestions_decided", actor=analyst).count() == 1


def test_an_open_suggestion_made_somebodys_own_mark_is_written_down_too() -> None:
    review = a_record_with(a_suggestion("a"), a_suggestion("b", decision="rejected"))
    mine = {name: value for name, value in a_suggestion("a").items() if name != "suggested"}

    saved(review, mine, a_suggestion("b", decision="rejected"))

    assert rows()[-1] == ("adjusted", 1, decisions.BY_HAND)


def test_several_answers_of_one_saving_are_several_rows() -> None:
    review = a_record_with(*(a_suggestion(name) for name in "abcde"))

    saved(
        review,
        a_suggestion("a", decision="accepted"),
        a_suggestion("b", decision="accepted", reason="PLATE"),
        a_suggestion("c", decision="rejected"),
        a_suggestion("d"),
        decided_why="seen in the film",
    )

    assert sorted(rows()) == [
        ("accepted", 2, "seen in the film"),
        ("rejected", 1, "seen in the film"),
        ("removed", 1, "seen in the film"),
    ]
    assert SuggestionDecision.objects.get(decision="accepted").reason == ""  # they cite different ones


def test_a_changed_mind_is_another_row_and_an_opened_one_too() -> None:
    review = a_record_with(a_suggestion("a"))

    for said in ("accepted", "rejected", None):
        saved(review, a_suggestion("a", **({"decision": said} if said else {})))

    assert [decision for decision, _count, _why in rows()] == ["accepted", "rejected", "reopened"]
    assert not SuggestionDecision.objects.exclude(undoes=None).exists()


def test_marks_that_nobody_suggested_and_saving_again_write_no_row() -> None:
    review = a_record_with(
        a_suggestion("a"), {"id": "m", "kind": "text", "literal": "x1y", "reason": "MINOR"}
    )
    decided = a_suggestion("a", decision="accepted")

    saved(review, decided)
    saved(review, {**decided, "note": "changed since"})

    assert rows() == [("accepted", 1, decisions.BY_HAND)]


def test_a_file_that_comes_with_its_answers_is_written_down() -> None:
    a_record_with(a_suggestion("a", decision="rejected"))

    assert rows() == [("rejected", 1, decisions.BY_HAND)]


def test_what_was_decided_by_hand_is_opened_again_like_a_group() -> None:
    review = a_record_with(a_suggestion("a"), a_suggestion("b"))
    saved(review, a_suggestion("a", decision="accepted"), a_suggestion("b", decision="rejected"))
    row = SuggestionDecision.objects.get(decision="accepted")

    undone = suggestions.undo(review=review, decision=row.pk, why="wrong one", actor=an_analyst(), at=NOON)

    marks = {entry["id"]: entry.get("decision") for entry in undone.plan.marks["marks"]}
    assert marks == {"a": None, "b": "rejected"}
    assert (undone.undoes, undone.count) == (row, 1)
    with pytest.raises(suggestions.CannotUndo):
        suggestions.undo(review=review, decision=row.pk, why="again", actor=an_analyst(), at=NOON)


@pytest.mark.parametrize("why", [" ", "x" * 501, 7])
def test_a_reason_says_something(why: Any) -> None:
    review = a_record_with(a_suggestion("a"))

    with pytest.raises(BadInput, match="Say why"):
        saved(review, a_suggestion("a", decision="accepted"), decided_why=why)

    assert latest_version(review) == 1
