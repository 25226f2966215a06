from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, NotAllowed, StaleWrite
from portal.core.time import now
from redaction import traits
from redaction.plans import consistency, invitations, readiness, settling
from redaction.plans import services as plans
from redaction.plans.finding_models import CopyWords, Finding, FindingDecision, Likeness
from redaction.plans.findings import open_findings
from redaction.plans.models import Approval, Plan, Review
from redaction.plans.rows import newest_render
from redaction.report import Refused
from requests_app.custody.models import ResponsiveRecord
from tests.builders import NOON, a_user
from tests.redaction.plans.plan_builders import (
    a_plan,
    a_render,
    a_review,
    an_approval,
    an_approver,
)
from tests.redaction.plans.sameness_builders import a_case, a_document, made, words
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db
FORM = ("Report of the officer on duty about what was seen and done", "The page is the same in every copy")


def released(record: ResponsiveRecord, marks: dict[str, Any]) -> Review:
    review = an_approval(render=made(record, marks)).review
    plans.release(review=review, actor=None, manifest="m")
    return Review.objects.get(pk=review.pk)


def settle(finding: Finding, outcome: str = "leave", **more: Any) -> FindingDecision:
    review = Review.objects.get(pk=finding.review_id)
    given = {"why": "the same name, another person", "actor": an_analyst(), "at": NOON, **more}
    return settling.settle(review=review, finding=finding.pk, outcome=outcome, **given)


def test_words_withheld_here_and_legible_there_are_found_once_both_are_made() -> None:
    request = a_case()
    there = made(a_document("Seen by Maria Delgado", "Gate", request=request), words("Gate"))
    here = made(a_document("Maria DELGADO called", "Elm", request=request), words("maria delgado"))

    found = here.findings.get()

    assert not there.findings.exists()
    assert (found.same, found.open_here, found.other) == ("text", False, there.review.record)
    assert (found.words, found.mark_id, found.places) == ("maria delgado", "t0", "page 1")
    assert not found.released


def test_words_withheld_there_and_legible_here_are_found() -> None:
    request = a_case()
    there = a_plan(
        review=a_review(a_document("Maria Delgado", request=request)), marks=words("Maria Delgado")
    )
    here = made(a_document("Maria Delgado again", "Elm", request=request), words("Elm"))

    found = here.findings.get()

    assert (found.open_here, found.other, found.words) == (True, there.review.record, "Maria Delgado")


def test_words_withheld_on_both_sides_are_no_finding() -> None:
    request = a_case()
    made(a_document("Maria Delgado", "Gate", request=request), words("Maria Delgado"))

    here = made(a_document("Maria Delgado again", request=request), words("Maria Delgado"))

    assert not here.findings.exists()


def test_words_open_in_another_request_count_once_they_were_released() -> None:
    marked = a_document("Maria Delgado", "Gate", request=a_case())
    released(marked, words("Gate"))
    unreleased = a_document("Maria Delgado there", "Gate", request=a_case())
    made(unreleased, words("Gate"))

    here = made(a_document("Maria Delgado here", request=a_case()), words("Maria Delgado"))

    found = here.findings.get()
    assert (found.other, found.released) == (marked, True)
    assert settling.outcomes_of(found) == ["leave", "follow_up"]


def test_rows_removed_from_a_table_are_looked_for_in_documents() -> None:
    request = a_case()
    made(a_document("Plate CANARY1 was seen", "Gate", request=request), words("Gate"))
    marks = {
        "version": 1,
        "marks": [
            {"id": "c1", "kind": "column", "name": "camera", "action": "release"},
            {"id": "c2", "kind": "column", "name": "plate", "action": "release"},
            {"id": "r", "kind": "rows", "reason": "PLATE",
             "remove": [{"column": "plate", "op": "in", "value": ["CANARY1", "OTHER9"]},
                        {"column": "plate", "op": "ne", "value": "X"}]},
        ],
    }  # fmt: skip

    here = made(a_record(request=request), marks)

    found = here.findings.get()
    assert (found.words, found.mark_id) == ("canary1", "r")


def test_the_same_file_released_by_other_marks_is_found() -> None:
    content = a_pdf("Maria Delgado", "Gate", "Elm")
    released(a_record(content=content, name="a.pdf"), words("Gate"))
    same = a_record(content=content, name="b.pdf")

    other = made(same, words("Elm"))
    equal = a_render(
        plan=a_plan(
            review=other.review, marks={**words(), "marks": [{**words("Gate")["marks"][0], "id": "x"}]}
        )
    )

    assert {row.same for row in other.findings.all()} == {"file", "text"}
    assert other.findings.get(same="file").places == "1 marks only here, 1 only there"
    assert not equal.findings.exists()


def test_the_same_page_marked_here_and_open_there_is_found() -> None:
    request = a_case()
    box = {"id": "b", "kind": "box", "page": 1, "rect": [70, 80, 300, 120], "reason": "MINOR"}
    there = made(a_document(*FORM, request=request), {"version": 1, "marks": []})
    content = a_pdf(*FORM, pages=2)

    here = made(
        a_record(request=request, content=content, name="b.pdf"),
        {"version": 1, "marks": [{**box, "page": 2}]},
    )

    found = here.findings.get(open_here=False)
    assert (found.same, found.other, found.places) == (
        "page",
        there.review.record,
        "page 2 here, page 1 there",
    )
    assert Likeness.objects.filter(kind="page").count() == 3


def test_nothing_is_approved_before_each_finding_is_decided() -> None:
    request = a_case()
    made(a_document("Maria Delgado", "Gate", request=request), words("Gate"))
    here = made(a_document("Maria Delgado here", request=request), words("Maria Delgado"))
    review = Review.objects.get(pk=here.review_id)

    with pytest.raises(readiness.StillOpen, match="1 place has the same"):
        plans.approve(review=review, approver=an_approver(), at=NOON, render_sha256=here.sha256)
    with pytest.raises(IntegrityError, match="open elsewhere"), transaction.atomic():
        Approval.objects.create(
            review=review, render=here, approver=an_approver(), prepared_by=here.plan.author,
            source_sha256=here.source_sha256, marks_digest=here.marks_digest, render_sha256=here.sha256,
            engine=here.engine, at=NOON,
        )  # fmt: skip
    said = settle(here.findings.get())
    plans.approve(review=review, approver=an_approver(), at=NOON, render_sha256=here.sha256)

    assert said.why == "the same name, another person"
    assert Review.objects.get(pk=review.pk).status == "approved"
    assert Entry.objects.filter(action="review.finding_settled").count() == 1


def test_a_decision_stands_for_the_next_result_while_both_stay_as_they_are() -> None:
    request = a_case()
    there = made(a_document("Maria Delgado", "Gate", request=request), words("Gate"))
    here = made(a_document("Maria Delgado here", "Elm", request=request), words("Maria Delgado"))
    settle(here.findings.get())

    again = a_render(plan=a_plan(review=here.review, marks=words("Maria Delgado", "Elm")))
    kept = open_findings(again).count()
    a_render(plan=a_plan(review=there.review, marks=words("Gate", "Maria")))
    changed = a_render(plan=a_plan(review=here.review, marks=words("Delgado", "Elm")))

    assert again.findings.count() == 1
    assert kept == 0
    assert open_findings(changed).exists()


def test_marking_it_there_too_changes_the_other_record_and_voids_its_approval() -> None:
    request = a_case()
    other = an_approval(
        render=made(a_document("Maria Delgado", "Gate", request=request), words("Gate"))
    ).review
    here = made(a_document("Maria Delgado here", request=request), words("Maria Delgado"))
    finding = here.findings.get()

    settle(finding, "mark_there")

    plan = Plan.objects.filter(review=other).last()
    assert plan is not None
    assert [mark.get("literal") for mark in plan.marks["marks"]] == ["Gate", "Maria Delgado"]
    assert plan.marks["marks"][1]["reason"] == "MINOR"
    assert Review.objects.get(pk=other.pk).status == "marked"
    assert Approval.objects.get(review=other).voided_at is not None
    with pytest.raises(settling.AlreadySettled):
        settle(finding)


def test_a_mark_that_is_there_already_is_not_added_twice() -> None:
    request = a_case()
    there = made(a_document("Maria Delgado", "Gate", request=request), words("Gate"))
    first = made(a_document("Maria Delgado one", request=request), words("Maria Delgado"))
    second = made(a_document("Maria Delgado two", request=request), words("Maria Delgado"))

    settle(first.findings.get(), "mark_there")
    settle(second.findings.get(other=there.review.record), "mark_there")

    assert there.review.plans.count() == 2


def test_who_may_approve_and_not_mark_is_refused_the_mark_and_that_is_noted() -> None:
    request = a_case()
    there = made(a_document("Maria Delgado", "Gate", request=request), words("Gate"))
    here = made(a_document("Maria Delgado here", request=request), words("Maria Delgado"))
    counsel = a_user(Role.COUNSEL)
    invitations.invite(
        review=here.review, person=counsel, by=a_user(Role.CLERK), why="A unit of two", at=now()
    )

    with pytest.raises(NotAllowed):
        settle(here.findings.get(), "mark_there", actor=counsel)

    denied = Entry.objects.get(actor=counsel, outcome="denied")
    assert (denied.action, denied.subject_id) == ("review.save_marks", str(there.review_id))
    assert not FindingDecision.objects.exists()
    assert there.review.plans.count() == 1


def test_a_mark_there_that_was_taken_away_in_between_is_not_said_to_be_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = a_case()
    there = made(a_document("Maria Delgado", "Gate", request=request), words("Gate"))
    here = made(a_document("Maria Delgado here", request=request), words("Maria Delgado"))
    there_too = {**words("Maria Delgado")["marks"][0], "pages": "all"}
    a_plan(review=there.review, marks={"version": 1, "marks": [there_too]})
    lock_both = settling._lock_both

    def changed_meanwhile(review: Review, finding: int) -> None:
        a_plan(review=there.review, marks=words("Gate"))
        lock_both(review, finding)

    monkeypatch.setattr(settling, "_lock_both", changed_meanwhile)

    with pytest.raises(StaleWrite, match="other record"):
        settle(here.findings.get(), "mark_there")

    assert not FindingDecision.objects.exists()


def test_what_a_finding_cannot_become_is_refused() -> None:
    request = a_case()
    there = a_plan(
        review=a_review(a_document("Maria Delgado", request=request)), marks=words("Maria Delgado")
    )
    here = made(a_document("Maria Delgado again", "Elm", request=request), words("Elm"))
    finding = here.findings.get()

    for outcome, why in (("mark_there", "x"), ("follow_up", "x"), ("shrug", "x"), ("leave", "  ")):
        with pytest.raises(BadInput):
            settle(finding, outcome, why=why)
    with pytest.raises(NotAllowed):
        settle(finding, actor=a_user(Role.CLERK))
    with pytest.raises(settling.AlreadySettled):
        settling.settle(
            review=there.review, finding=finding.pk, outcome="leave", why="x", actor=an_analyst(), at=NOON
        )

    assert not FindingDecision.objects.exists()


def test_a_copy_that_cannot_be_read_is_said_not_to_be_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: object) -> None:
        raise Refused("it cannot be read")

    monkeypatch.setattr(traits, "words_of", refuse)
    monkeypatch.setattr(traits, "traits_of", refuse)
    here = made(a_document("Maria Delgado"), words("Maria Delgado"))

    assert not CopyWords.objects.get(render=here).whole
    assert newest_render(here.review) == here
    found = here.findings.get()
    assert found.same == "limit"
    assert found.places.startswith("Not all words of this copy could be compared")


def test_a_flood_without_end_stops_the_search_and_every_approval(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consistency, "_MOST_FINDINGS", 2)
    request = a_case()
    made(a_document("alpha bravo delta echo", "Gate", request=request), words("Gate"))

    here = made(a_document("alpha bravo delta echo!", request=request), words("alpha", "bravo", "delta"))

    assert here.findings.count() == 2
    assert here.comparison.beyond
    for finding in here.findings.all():
        settle(finding)
    with pytest.raises(readiness.StillOpen, match=r"More than 2 places .* Mark more narrowly"):
        plans.approve(review=here.review, approver=an_approver(), at=NOON, render_sha256=here.sha256)
    assert not Approval.objects.exists()


def test_postgres_keeps_findings_and_what_was_said_of_them() -> None:
    request = a_case()
    made(a_document("Maria Delgado", "Gate", request=request), words("Gate"))
    here = made(a_document("Maria Delgado here", request=request), words("Maria Delgado"))
    finding = here.findings.get()
    review = Review.objects.get(pk=here.review_id)

    for change in (
        lambda: Finding.objects.filter(pk=finding.pk).update(key="x"),
        lambda: Finding.objects.filter(pk=finding.pk).delete(),
        lambda: CopyWords.objects.filter(render=here).update(folded=""),
        lambda: FindingDecision.objects.create(
            review=review, finding=finding, key="x", outcome="leave", why="w", by=an_analyst(), at=NOON
        ),
        lambda: FindingDecision.objects.create(
            review=review, finding=finding, key=finding.key, outcome="leave", why="", by=an_analyst(), at=NOON
        ),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    settle(finding)
    with pytest.raises(DatabaseError), transaction.atomic():
        FindingDecision.objects.all().delete()

    assert FindingDecision.objects.count() == 1
