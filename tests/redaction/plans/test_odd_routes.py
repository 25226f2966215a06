"""Every way round we could think of: an approval is never of what has changed, nor by who shaped it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.core.time import now
from redaction.plans import copying, policies, suggestions
from redaction.plans import services as plans
from redaction.plans.models import Approval, Plan, Render, Review
from redaction.plans.rows import latest_version
from redaction.plans.suggestion_groups import Group
from redaction.workbench.models import MarkTemplate
from redaction.workbench.templating import apply_template
from tests.builders import NOON, a_user
from tests.redaction.plans.plan_builders import (
    DROP_PLATES,
    a_plan,
    a_render,
    a_review,
    an_approval,
    an_approver,
    approval_row,
)
from tests.requests_app.custody.record_builders import READS, a_record, an_analyst

pytestmark = pytest.mark.django_db

ROWS = {"kind": "rows", "remove": [{"column": "plate", "op": "eq", "value": "CANARY2"}], "reason": "PLATE"}
SUGGESTED = {"version": 1, "marks": [*DROP_PLATES["marks"], {"id": "s", **ROWS, "suggested": True}]}
MORE = READS + b"OWN780,Oak,2026-02-02 01:00:00\n"


def another(review: Review) -> Review:
    return a_review(a_record(request=review.record.request, content=MORE, name="more.csv"))


def by_program(person: User, review: Review, step: str, said: dict[str, Any]) -> int:
    """The answer's code of one step over the API."""
    client = APIClient()
    client.force_authenticate(person)
    where = {"key": review.record.request.key, "position": review.record.position}
    return int(client.post(reverse(f"api:{step}", kwargs=where), said, format="json").status_code)


def restored(review: Review, person: User, client: Client) -> None:
    said = {"version": latest_version(review), "restore": 1}
    page = reverse("workbench:restore", kwargs={"key": review.record.key})
    assert client.post(page, said, content_type="application/json").status_code == 201


def saved_as_it_was(review: Review, person: User, client: Client) -> None:
    newest = review.plans.get(version=latest_version(review))
    plans.save_plan(
        review=review, marks=newest.marks, author=person, at=NOON, expected_version=newest.version
    )


def saved_by_a_program(review: Review, person: User, client: Client) -> None:
    said = {"version": latest_version(review), "marks": DROP_PLATES}
    assert by_program(person, review, "marks", said) == 201


def copied_from_another(review: Review, person: User, client: Client) -> None:
    source = another(review)
    a_plan(review=source, marks={"version": 1, "marks": [*DROP_PLATES["marks"], {"id": "r", **ROWS}]})
    copying.copy_marks(
        source=source, mark_ids={"r"}, target=review, actor=person, at=NOON, as_suggestions=False
    )


def took_a_template(review: Review, person: User, client: Client) -> None:
    template = MarkTemplate.objects.create(
        agency=review.record.request.agency, name="Reads", medium="table", marks=[{"id": "r", **ROWS}],
        created_by=an_analyst(), created_at=NOON,
    )  # fmt: skip
    apply_template(review=review, template=template, actor=person, at=NOON, as_suggestions=False)


def undid_a_decision(review: Review, person: User, client: Client) -> None:
    decision = review.suggestion_decisions.order_by("pk").first()
    assert decision is not None
    suggestions.undo(review=review, decision=decision.pk, why="Not hers", actor=person, at=NOON)


def withheld_whole(review: Review, person: User, client: Client) -> None:
    plans.withhold(review=review, exemption_codes=["TX-108"], actor=person, at=NOON)


@pytest.mark.parametrize(
    "changed",
    [
        restored,
        saved_as_it_was,
        saved_by_a_program,
        copied_from_another,
        took_a_template,
        undid_a_decision,
        withheld_whole,
    ],
)
def test_each_way_to_marks_voids_the_approval_and_makes_an_author(
    changed: Callable[[Review, User, Client], None], client: Client
) -> None:
    review, person = a_review(), an_approver()
    a_plan(review=review, marks=SUGGESTED)
    suggestions.decide(
        review=review, group=Group(), decision="accepted", why="looked at it", actor=an_analyst(), at=NOON,
        expected_version=1,
    )  # fmt: skip
    plan = Plan.objects.get(review=review, version=2)
    approval = an_approval(render=a_render(plan=plan))
    client.force_login(person)

    changed(Review.objects.get(pk=review.pk), person, client)

    review.refresh_from_db()
    assert review.status == "marked"
    assert not Approval.objects.filter(review=review, voided_at=None).exists()
    assert not policies.may_approve(person, review)
    for approver in (person, an_approver()):
        with pytest.raises(DatabaseError, match=r"has marked it|not for its newest marks"):
            approval_row(approval.render, approver)


def test_an_approver_with_an_old_page_or_program_approves_nothing(client: Client) -> None:
    old = a_render()
    review, person = old.review, an_approver()
    new = a_render(plan=a_plan(review=review, marks=SUGGESTED | {"marks": DROP_PLATES["marks"][:2]}))
    assert old.sha256 != new.sha256
    client.force_login(person)
    page = reverse("workbench:approve", kwargs={"key": review.record.key})

    for sha256, digest in (
        (old.sha256, old.marks_digest),
        (new.sha256, old.marks_digest),
        (old.sha256, new.marks_digest),
        ("", new.marks_digest),
    ):
        said = {"render_sha256": sha256, "marks_digest": digest}
        by_page = client.post(page, said)
        answers = (by_page.status_code, by_program(person, review, "approve", said))
        assert answers == (409, 409), (sha256, digest)

    assert not Approval.objects.exists()


FIXED = {
    "the result's hash": "UPDATE plans_render SET sha256 = repeat('0', 64)",
    "the result's file": "UPDATE plans_render SET address = 'derived/other'",
    "the engine that made it": "UPDATE plans_render SET engine = 'another'",
    "the author of the marks": "UPDATE plans_plan SET author_id = {approver}",
    "the marks": "UPDATE plans_plan SET marks = '{{}}'",
    "the author's row": "DELETE FROM plans_plan",
    "the result's row": "DELETE FROM plans_render",
    "the source": "UPDATE custody_responsiverecord SET sha256 = repeat('0', 64)",
    "the source's file": "UPDATE custody_responsiverecord SET address = 'originals/other'",
    "the source's row": "DELETE FROM custody_responsiverecord",
    "the record": "UPDATE plans_review SET record_id = {other_record}",
    "the review": "DELETE FROM plans_review",
    "the approver": "UPDATE plans_approval SET approver_id = {other}",
    "who prepared it": "UPDATE plans_approval SET prepared_by_id = {other}",
    "what was approved": "UPDATE plans_approval SET render_sha256 = repeat('0', 64)",
    "the approval": "DELETE FROM plans_approval",
    "the author's key": "UPDATE accounts_user SET id = 999999 WHERE id = {author}",
    "the approver's key": "UPDATE accounts_user SET id = 999999 WHERE id = {approver}",
    "the author herself": "DELETE FROM accounts_user WHERE id = {author}",
    "a new transcript": (
        "INSERT INTO custody_transcript"
        " (record_id, address, sha256, size, format, uploaded_by_id, uploaded_at)"
        " VALUES ({record}, 'originals/other', repeat('0', 64), 1, 'srt', {other}, now());"
        " UPDATE plans_review SET status = 'released' WHERE id = {review}"
    ),
}


def refuses(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except DatabaseError:
        return True
    return False


def test_the_database_keeps_all_that_an_approval_stands_on() -> None:
    approval = an_approval()
    other = a_record(content=MORE, name="more.csv")
    names = {
        "approver": approval.approver_id,
        "author": approval.prepared_by_id,
        "other": an_approver().pk,
        "other_record": other.pk,
        "record": approval.review.record_id,
        "review": approval.review_id,
    }

    for what, sql in FIXED.items():
        assert refuses(sql.format(**names)), f"Postgres let {what} be changed."

    approval.refresh_from_db()
    assert approval.voided_at is None


def test_the_database_takes_no_result_of_another_record() -> None:
    mine, theirs = a_render(), a_render(plan=a_plan(review=a_review(a_record(content=MORE))))
    person = an_approver()

    for review, render in ((mine.review, theirs), (theirs.review, mine)):
        with pytest.raises(DatabaseError, match="not for its newest marks"), transaction.atomic():
            Approval.objects.create(
                review=review, render=render, prepared_by=render.plan.author,
                source_sha256=render.source_sha256, marks_digest=render.marks_digest,
                render_sha256=render.sha256, engine=render.engine, approver=person, at=NOON,
            )  # fmt: skip

    assert not Approval.objects.exists()


def test_the_database_takes_no_author_behind_another_name() -> None:
    author, review = an_approver(), a_review()
    render = a_render(plan=a_plan(review=review, author=author))

    for prepared_by in (an_analyst(), author):
        with pytest.raises(DatabaseError), transaction.atomic():
            Approval.objects.create(
                review=review, render=render, approver=author, prepared_by=prepared_by, at=NOON,
                source_sha256=render.source_sha256, marks_digest=render.marks_digest,
                render_sha256=render.sha256, engine=render.engine,
            )  # fmt: skip

    assert not Approval.objects.exists()


def test_the_database_takes_no_approval_of_what_was_sent_back() -> None:
    render = a_render()
    plans.send_back(review=render.review, by=an_approver(), comment="Mask the camera too.", at=now())

    with pytest.raises(DatabaseError, match="not for its newest marks"):
        approval_row(render, an_approver())

    assert Review.objects.get().status == "marked"


def test_the_database_takes_no_older_result_of_the_same_marks() -> None:
    old = a_render()
    plans.send_back(review=old.review, by=an_approver(), comment="Look again.", at=now())
    new = a_render(plan=old.plan)

    with pytest.raises(DatabaseError, match="not for its newest marks"):
        approval_row(old, an_approver())
    approval_row(new, an_approver())

    assert Render.objects.get(approval__isnull=False) == new


def test_a_role_given_to_an_author_later_makes_her_no_second_person() -> None:
    author = an_analyst()
    render = a_render(plan=a_plan(author=author))
    author.grants.create(role=Role.APPROVER)

    with pytest.raises(policies.SelfApproval):
        an_approval(render=render, approver=User.objects.get(pk=author.pk))
    with pytest.raises(DatabaseError, match="has marked it"):
        approval_row(render, author)

    assert not policies.may_approve(User.objects.get(pk=author.pk), render.review)
    assert policies.may_approve(a_user(Role.APPROVER), render.review)
