from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core import jobs
from portal.core.errors import BadInput, IllegalMove, NotAllowed, StaleWrite
from portal.core.models import Job, JobState
from redaction.plans import detections, suggestions
from redaction.plans import services as plans
from redaction.plans.detection_models import Detection, SuggestionDecision
from redaction.plans.models import Approval, Review
from redaction.plans.rows import latest_version, newest_render
from redaction.plans.suggestion_groups import Group
from tests.builders import NOON, a_user
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, an_approval, an_approver
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db
BY_HAND: dict[str, Any] = {
    "version": 1,
    "marks": [{"id": "t", "kind": "text", "literal": "Public", "reason": "MINOR"}],
}
PHONE, SSN = "512-555-0188", "123-45-6789"


def a_document() -> Review:
    content = a_pdf(f"call {PHONE}", f"SSN {SSN}", "Public")
    return a_review(a_record(content=content, name="report.pdf"))


def a_search(review: Review, kind: str = "pii", **more: Any) -> Detection:
    """One search that is done, by the real detector."""
    (row,) = suggestions.ask(
        review=review, kinds=[kind], actor=more.pop("actor", None) or an_analyst(), at=NOON, **more
    )
    assert jobs.execute(row.job_id), Job.objects.get(pk=row.job_id).error
    return Detection.objects.get(pk=row.pk)


def entries(review: Review) -> list[dict[str, Any]]:
    plan = review.plans.order_by("-version").first()
    return list(plan.marks["marks"]) if plan else []


def a_decision(review: Review, **more: Any) -> SuggestionDecision:
    given: dict[str, Any] = {
        "group": Group(),
        "decision": "accepted",
        "why": "looked at each",
        "actor": an_analyst(),
        "reason": "MINOR",
        "expected_version": latest_version(review),
    }
    return suggestions.decide(review=review, at=NOON, **given | more)


def test_a_search_becomes_open_suggestions_by_the_one_who_asked() -> None:
    review, analyst = a_document(), an_analyst()

    row = a_search(review, actor=analyst)

    plan = review.plans.get()
    assert row.state == "taken"
    assert row.count == len(plan.marks["marks"]) >= 2
    assert all(entry["suggested"] and "decision" not in entry for entry in plan.marks["marks"])
    assert plan.author == analyst
    assert {about["word"] for about in row.finds.values()} >= {SSN}
    assert all(0 < about["sure"] <= 1 for about in row.finds.values())
    assert row.versions["daylight"]


def test_a_search_keeps_what_somebody_marked_meanwhile() -> None:
    review = a_document()
    (row,) = suggestions.ask(review=review, kinds=["pii"], actor=an_analyst(), at=NOON)
    a_plan(review=review, marks=BY_HAND)

    jobs.execute(row.job_id)

    assert entries(review)[0]["id"] == "t"
    assert latest_version(review) == 2
    assert len({entry["id"] for entry in entries(review)}) == len(entries(review)) >= 3


def test_a_second_search_proposes_nothing_twice_until_asked_again() -> None:
    review = a_document()
    a_search(review)
    a_decision(review, decision="rejected")
    count = len(entries(review))

    quiet = a_search(review)
    again = a_search(review, again=True)

    assert (quiet.count, quiet.plan) == (0, None)
    assert again.count == count
    assert len(entries(review)) == count
    assert all("decision" not in entry for entry in entries(review))


def test_what_was_removed_by_hand_stays_removed() -> None:
    review = a_document()
    a_search(review)
    a_plan(review=review, marks={"version": 1, "marks": []})

    a_search(review)

    assert entries(review) == []


def test_a_column_search_fits_a_table() -> None:
    review = a_review()

    row = a_search(review, "columns")

    assert {entry["name"] for entry in entries(review)} == {"plate", "camera", "read_at"}
    assert len({entry["id"] for entry in entries(review)}) == 3
    assert {about["word"] for about in row.finds.values()} == {"plate", "camera", "read_at"}


def test_one_cannot_look_for_what_is_not_in_such_files() -> None:
    review = a_review()

    for kinds in ([], ["faces"], ["everything"]):
        with pytest.raises(BadInput, match="columns"):
            suggestions.ask(review=review, kinds=kinds, actor=an_analyst(), at=NOON)

    assert not Detection.objects.exists()


def test_asking_is_for_those_who_mark() -> None:
    with pytest.raises(NotAllowed):
        suggestions.ask(review=a_review(), kinds=["pii"], actor=a_user(Role.CLERK), at=NOON)


def test_the_same_search_is_not_started_twice() -> None:
    review, analyst = a_document(), an_analyst()

    first = suggestions.ask(review=review, kinds=["pii", "pii"], actor=analyst, at=NOON)
    second = suggestions.ask(review=review, kinds=["pii"], actor=analyst, at=NOON)

    assert first == second
    assert Detection.objects.count() == 1


def test_nothing_is_made_while_a_search_runs_or_a_suggestion_is_open() -> None:
    review = a_document()
    a_plan(review=review, marks=BY_HAND)
    (row,) = suggestions.ask(review=review, kinds=["pii"], actor=an_analyst(), at=NOON)

    with pytest.raises(plans.NotReadyToRender, match="still being looked through for personal data"):
        plans.request_render(review=review, actor=an_analyst(), at=NOON)
    jobs.execute(row.job_id)
    with pytest.raises(plans.NotReadyToRender, match="Accept, adjust or reject"):
        plans.request_render(review=review, actor=an_analyst(), at=NOON)
    a_decision(review)

    assert plans.request_render(review=review, actor=an_analyst(), at=NOON).state == JobState.PENDING


def test_a_search_that_fails_says_so_and_leaves_the_record_workable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    review = a_document()
    (tmp_path / "manifest.json").write_text("{")
    monkeypatch.setenv("DAYLIGHT_MODELS_DIR", str(tmp_path))
    (row,) = suggestions.ask(review=review, kinds=["faces"], actor=an_analyst(), at=NOON)

    assert not jobs.execute(row.job_id)
    failed = Detection.objects.get(pk=row.pk)
    a_plan(review=review, marks=BY_HAND)
    made = plans.request_render(review=review, actor=an_analyst(), at=NOON)

    assert failed.state == "failed"
    assert failed.job.told.endswith("Nothing was proposed; the record can be marked by hand.")
    assert made.state == JobState.PENDING
    assert suggestions.retry(review=review, number=1, actor=an_analyst()).state == "running"
    with pytest.raises(IllegalMove, match="has not failed"):
        suggestions.retry(review=review, number=1, actor=an_analyst())


def test_finds_without_room_wait_and_hold_up_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    review = a_document()
    monkeypatch.setattr(suggestions, "ROOM", 300)
    row = a_search(review)
    a_decision(review)

    assert row.state == "waiting"
    with pytest.raises(plans.NotReadyToRender, match="found no room"):
        plans.request_render(review=review, actor=an_analyst(), at=NOON)
    monkeypatch.setattr(suggestions, "ROOM", 100_000)
    taken = suggestions.take_waiting(review=review, number=1, actor=an_analyst(), at=NOON)

    assert (taken.state, taken.waiting) == ("taken", [])
    assert taken.count == len(entries(review)) > row.count
    with pytest.raises(IllegalMove, match="wait"):
        suggestions.take_waiting(review=review, number=1, actor=an_analyst(), at=NOON)


def test_a_search_is_set_aside_with_a_reason_only() -> None:
    review = a_document()
    (row,) = suggestions.ask(review=review, kinds=["pii"], actor=an_analyst(), at=NOON)

    with pytest.raises(BadInput, match="Say why"):
        suggestions.drop(review=review, number=1, why=" ", actor=an_analyst(), at=NOON)
    dropped = suggestions.drop(review=review, number=1, why="asked by mistake", actor=an_analyst(), at=NOON)

    assert dropped.state == "dropped"
    assert not jobs.execute(row.job_id)
    assert entries(review) == []
    assert detections.obstacle(review) == ""


def test_what_is_among_the_marks_is_decided_and_not_set_aside() -> None:
    review = a_document()
    a_search(review)

    with pytest.raises(IllegalMove, match="Decide it there"):
        suggestions.drop(review=review, number=1, why="no", actor=an_analyst(), at=NOON)
    with pytest.raises(BadInput, match="no such search"):
        suggestions.drop(review=review, number=2, why="no", actor=an_analyst(), at=NOON)


def test_finds_of_one_who_may_not_mark_any_more_are_not_taken_in() -> None:
    review, analyst = a_document(), an_analyst()
    (row,) = suggestions.ask(review=review, kinds=["pii"], actor=analyst, at=NOON)
    analyst.grants.all().delete()

    assert not jobs.execute(row.job_id)

    assert Detection.objects.get().state == "failed"
    assert not review.plans.exists()


def test_finds_for_a_record_set_aside_meanwhile_are_not_taken_in() -> None:
    review = a_document()
    (row,) = suggestions.ask(review=review, kinds=["pii"], actor=an_analyst(), at=NOON)
    plans.mark_not_responsive(review=review, actor=an_analyst(), at=NOON)

    assert not jobs.execute(row.job_id)

    assert "not taken among the marks" in Job.objects.get(pk=row.job_id).error
    assert not review.plans.exists()


def test_an_approved_record_is_not_looked_through() -> None:
    review = an_approval().review

    with pytest.raises(IllegalMove, match="Send it back"):
        suggestions.ask(review=review, kinds=["columns"], actor=an_analyst(), at=NOON)


def test_postgres_refuses_an_approval_while_a_search_is_open() -> None:
    render = a_render()
    review = Review.objects.get(pk=render.review_id)
    suggestions.ask(review=review, kinds=["columns"], actor=an_analyst(), at=NOON)

    with pytest.raises(IntegrityError, match="still being looked through"), transaction.atomic():
        Approval.objects.create(
            review=review,
            render=render,
            approver=an_approver(),
            prepared_by=render.plan.author,
            source_sha256=render.source_sha256,
            marks_digest=render.marks_digest,
            render_sha256=render.sha256,
            engine=render.engine,
            at=NOON,
        )
    with pytest.raises(IllegalMove, match="still being looked through"):
        plans.approve(review=review, approver=an_approver(), at=NOON, render_sha256=render.sha256)


def test_a_group_is_answered_in_one_version_with_reason_and_audit() -> None:
    review, analyst = a_document(), an_analyst()
    a_search(review)
    before = latest_version(review)

    row = a_decision(review, group=Group(word=SSN), exemption="TX-130", actor=analyst, why="a  number")

    answered = [entry for entry in entries(review) if entry.get("decision")]
    assert [(e["decision"], e["reason"], e["exemption"]) for e in answered] == [
        ("accepted", "MINOR", "TX-130")
    ]
    assert latest_version(review) == before + 1
    assert (row.count, row.why, row.group, row.by) == (1, "a number", f"of “{SSN}”", analyst)
    entry = Entry.objects.get(action="review.suggestions_decided")
    assert entry.detail["ids_digest"] == row.ids_digest
    assert SSN not in str(entry.detail)


def test_rejected_ones_keep_the_reason_they_came_with() -> None:
    review = a_document()
    a_search(review)
    before = {entry["id"]: entry.get("reason") for entry in entries(review)}

    row = a_decision(review, decision="rejected", reason="MINOR")

    assert {entry["id"]: entry.get("reason") for entry in entries(review)} == before
    assert row.reason == ""
    assert not detections.listed(review, review.plans.last().marks)  # type: ignore[union-attr]  # there is one


def test_an_answer_needs_words_a_group_and_the_newest_version() -> None:
    review = a_document()
    with pytest.raises(suggestions.NothingMeant):
        a_decision(review)
    a_search(review)

    with pytest.raises(BadInput, match="Say why"):
        a_decision(review, why="")
    with pytest.raises(BadInput, match="accepted, adjusted or rejected"):
        a_decision(review, decision="maybe")
    with pytest.raises(suggestions.NothingMeant):
        a_decision(review, group=Group(word="nobody said this"))
    with pytest.raises(BadInput, match="WHIM"):
        a_decision(review, reason="WHIM")
    with pytest.raises(StaleWrite):
        a_decision(review, expected_version=0)
    with pytest.raises(NotAllowed):
        a_decision(review, actor=a_user(Role.CLERK))

    assert not SuggestionDecision.objects.exists()
    assert latest_version(review) == 1


def test_an_answer_is_undone_by_a_new_version() -> None:
    review = a_document()
    a_search(review)
    before = entries(review)
    row = a_decision(review)

    undone = suggestions.undo(review=review, decision=row.pk, why="wrong page", actor=an_analyst(), at=NOON)

    assert entries(review) == before
    assert (undone.decision, undone.count, undone.undoes) == ("reopened", row.count, row)
    assert latest_version(review) == 3
    with pytest.raises(suggestions.CannotUndo):
        suggestions.undo(review=review, decision=row.pk, why="again", actor=an_analyst(), at=NOON)
    with pytest.raises(BadInput, match="no such decision"):
        suggestions.undo(review=review, decision=undone.pk, why="again", actor=an_analyst(), at=NOON)


def test_undo_leaves_alone_what_was_changed_since() -> None:
    review = a_document()
    a_search(review)
    row = a_decision(review, reason="")
    changed, *others = entries(review)
    a_plan(review=review, marks={"version": 1, "marks": [{**changed, "decision": "rejected"}, *others]})

    suggestions.undo(review=review, decision=row.pk, why="look again", actor=an_analyst(), at=NOON)

    assert [entry.get("decision") for entry in entries(review)] == ["rejected", *[None] * len(others)]


def test_postgres_keeps_decisions_and_what_was_looked_for() -> None:
    review = a_document()
    search = a_search(review)
    row = a_decision(review)

    for change in (
        lambda: SuggestionDecision.objects.filter(pk=row.pk).update(count=99),
        lambda: SuggestionDecision.objects.filter(pk=row.pk).delete(),
        lambda: Detection.objects.filter(pk=search.pk).update(kind="faces"),
        lambda: Detection.objects.filter(pk=search.pk).update(finds={}),
        lambda: Detection.objects.filter(pk=search.pk).delete(),
    ):
        with pytest.raises(Exception, match=r"fixed|Cannot"), transaction.atomic():
            change()

    assert SuggestionDecision.objects.get().count == row.count


def test_ten_thousand_suggestions_are_taken_in_and_answered() -> None:
    review = a_document()
    (row,) = suggestions.ask(review=review, kinds=["pii"], actor=an_analyst(), at=NOON)
    found = [
        {"id": f"pii-x-{n:012x}", "kind": "text", "literal": f"value {n}", "pages": "all",
         "note": f"x, confidence 0.{n % 10}", "reason": "MINOR", "suggested": True}
        for n in range(10_000)
    ]  # fmt: skip

    suggestions.take_in(row, found, at=NOON, actor=row.asked_by)
    low = a_decision(review, group=Group(below=0.5), decision="rejected")

    assert row.taken_at == NOON
    assert low.count == 5_000
    assert len(detections.listed(review, {"marks": entries(review)})) == 5_000
    assert newest_render(review) is None
