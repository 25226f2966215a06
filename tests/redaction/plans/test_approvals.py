from functools import partial

import pgtrigger
import pytest
from django.db import DatabaseError, IntegrityError, transaction

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry, Outcome
from portal.core import files
from portal.core.errors import BadInput, IllegalMove, NotAllowed, StaleWrite
from redaction.plans import services as plans
from redaction.plans.models import Approval, Plan, Render, Review, SendBack
from redaction.plans.policies import SelfApproval, may_approve, may_mark
from requests_app.law.models import Exemption
from tests.builders import NOON, a_user
from tests.redaction.plans.plan_builders import (
    DROP_PLATES,
    a_plan,
    a_render,
    a_review,
    a_withholding,
    an_approval,
    an_approver,
)
from tests.redaction.plans.races import together
from tests.requests_app.custody.record_builders import READS, a_record, an_analyst


@pytest.mark.django_db
def test_approve_binds_source_marks_and_result() -> None:
    render = a_render()
    approver = an_approver()

    approval = an_approval(render=render, approver=approver)

    record = approval.review.record
    assert (approval.source_sha256, approval.marks_digest, approval.render_sha256) == (
        record.sha256, render.plan.digest, render.sha256,
    )  # fmt: skip
    assert (approval.approver, approval.prepared_by) == (approver, render.plan.author)
    assert Review.objects.get().status == "approved"
    entry = Entry.objects.get(action="review.approve")
    assert entry.detail["render_sha256"] == render.sha256
    assert (entry.actor_id, entry.request_key) == (approver.pk, record.request.key)


@pytest.mark.django_db
def test_approve_keeps_the_words_of_the_law_as_they_stood() -> None:
    approval = an_approval()
    said = approval.exemptions[0]["explanation"]

    with pgtrigger.ignore("law.Exemption:exemption_words_fixed"):
        Exemption.objects.filter(code="TX-130").update(explanation="Something else")

    assert said
    assert [row["code"] for row in Approval.objects.get().exemptions] == ["TX-130"]
    assert Approval.objects.get().exemptions[0]["explanation"] == said


@pytest.mark.django_db
def test_approve_refuses_an_exemption_that_ended_in_the_meantime() -> None:
    render = a_render()
    with pgtrigger.ignore("law.Exemption:exemption_stays"):
        Exemption.objects.filter(code="TX-130").delete()

    with pytest.raises(BadInput, match="TX-130"):
        an_approval(render=render)

    assert not Approval.objects.exists()


@pytest.mark.django_db
def test_approve_refuses_the_author_and_audits_it() -> None:
    author = an_approver()
    render = a_render(plan=a_plan(author=author))

    with pytest.raises(SelfApproval) as refusal:
        an_approval(render=render, approver=author)

    assert refusal.value.status == 403
    denied = Entry.objects.get(action="review.approve", outcome=Outcome.DENIED)
    assert (denied.actor_id, denied.detail) == (author.pk, {"why": "self_approval"})
    assert not Approval.objects.exists()


@pytest.mark.django_db
def test_approve_refuses_the_author_of_an_older_version() -> None:
    review, earlier = a_review(), an_approver()
    a_plan(review=review, author=earlier)
    render = a_render(plan=a_plan(review=review))

    with pytest.raises(SelfApproval):
        an_approval(render=render, approver=earlier)

    assert not may_approve(earlier, review)
    assert may_mark(earlier, review)


@pytest.mark.django_db
def test_approve_is_for_approvers() -> None:
    render = a_render()

    with pytest.raises(NotAllowed):
        an_approval(render=render, approver=a_user(Role.CLERK))

    assert Entry.objects.filter(action="review.approve", outcome=Outcome.DENIED).count() == 1


@pytest.mark.django_db
def test_approve_refuses_another_result_than_the_one_seen() -> None:
    render = a_render()
    review = Review.objects.get()

    with pytest.raises(StaleWrite):
        plans.approve(review=review, approver=an_approver(), at=NOON, render_sha256="0" * 64)
    with pytest.raises(StaleWrite):
        plans.approve(
            review=review, approver=an_approver(), at=NOON, render_sha256=render.sha256, marks_digest="0" * 64
        )

    assert Review.objects.get().status == "verified"


@pytest.mark.django_db
def test_approve_refuses_a_result_that_changed_on_disk() -> None:
    # bytes of its own: the store keeps equal content once, for all tests
    render = a_render(
        plan=a_plan(review=a_review(a_record(content=READS + b"OWN777,Oak,2026-02-02 01:00:00\n")))
    )
    path = files.path_of(render.address)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"CANARY1")

    with pytest.raises(files.Corrupt):
        an_approval(render=render)

    assert not Approval.objects.exists()


@pytest.mark.django_db
def test_approve_refuses_a_copy_whose_original_changed_on_disk() -> None:
    render = a_render(
        plan=a_plan(review=a_review(a_record(content=READS + b"OWN778,Oak,2026-02-02 01:00:00\n")))
    )
    path = files.path_of(render.review.record.address)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"OWN779,Elm,2026-02-03 01:00:00\n")

    with pytest.raises(files.Corrupt):
        an_approval(render=render)

    assert not Approval.objects.exists()


@pytest.mark.django_db
def test_approve_needs_a_verified_result() -> None:
    plan = a_plan()

    with pytest.raises(IllegalMove, match="is marked"):
        plans.approve(review=plan.review, approver=an_approver(), at=NOON, render_sha256="")


@pytest.mark.django_db
def test_the_database_refuses_an_author_as_approver_whoever_asks() -> None:
    author = an_approver()
    review = a_review()
    a_plan(review=review, author=author)
    render = a_render(plan=a_plan(review=review))

    with pytest.raises(DatabaseError, match="has marked it"), transaction.atomic():
        Approval.objects.create(**_bound(render), approver=author, prepared_by=render.plan.author)
    with pytest.raises(DatabaseError, match="has marked it"), transaction.atomic():
        Approval.objects.create(**_bound(render), approver=render.plan.author, prepared_by=render.plan.author)

    assert not Approval.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["source_sha256", "marks_digest", "render_sha256", "engine"])
def test_the_database_refuses_an_approval_of_other_bytes(field: str) -> None:
    render = a_render()

    with pytest.raises(DatabaseError, match="not for its newest marks"), transaction.atomic():
        Approval.objects.create(
            **{**_bound(render), field: "0" * 64}, approver=an_approver(), prepared_by=render.plan.author
        )

    assert Review.objects.get().status == "verified"


@pytest.mark.django_db
def test_the_database_refuses_an_approval_of_an_older_version() -> None:
    old = a_render()
    a_plan(review=old.review)

    with pytest.raises(DatabaseError, match="not for its newest marks"), transaction.atomic():
        Approval.objects.create(**_bound(old), approver=an_approver(), prepared_by=old.plan.author)

    assert not Approval.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["approved", "withheld", "released"])
def test_the_database_refuses_a_decision_without_an_approval(status: str) -> None:
    review = a_render().review

    with pytest.raises(DatabaseError, match="without a standing approval"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(status=status)

    assert Review.objects.get().status == "verified"


@pytest.mark.django_db
def test_the_database_voids_an_approval_when_marks_are_written_past_the_services() -> None:
    approval = an_approval()

    Plan.objects.create(
        review=approval.review, version=2, marks={"version": 1, "marks": []}, digest="0" * 64,
        author=an_analyst(), created_at=NOON,
    )  # fmt: skip

    assert Approval.objects.get().voided_at is not None
    assert Review.objects.get().status == "marked"


@pytest.mark.django_db
def test_the_database_keeps_approvals_plans_and_renders_as_they_are() -> None:
    approval = an_approval()

    for change in (
        lambda: Approval.objects.update(render_sha256="0" * 64),
        lambda: Approval.objects.all().delete(),
        lambda: Plan.objects.update(digest="0" * 64),
        lambda: Render.objects.update(address="elsewhere"),
        lambda: Review.objects.all().delete(),
    ):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            change()
    Approval.objects.update(voided_at=NOON)
    with pytest.raises(DatabaseError), transaction.atomic():
        Approval.objects.update(voided_at=None)

    assert Approval.objects.get().render_sha256 == approval.render_sha256


@pytest.mark.django_db
def test_the_database_refuses_new_marks_on_a_released_record() -> None:
    approval = an_approval()
    plans.release(review=approval.review, actor=None, manifest="M1")

    with pytest.raises(IllegalMove, match="released"):
        a_plan(review=approval.review)
    with pytest.raises(DatabaseError, match="recall it"), transaction.atomic():
        Plan.objects.create(
            review=approval.review, version=2, marks={}, digest="0" * 64, author=an_analyst(), created_at=NOON
        )

    assert Review.objects.get().status == "released"


@pytest.mark.django_db
def test_send_back_says_what_to_change_and_voids_the_approval() -> None:
    approval = an_approval()
    approver = an_approver()

    sent = plans.send_back(review=approval.review, by=approver, comment=" Mask the camera too. ", at=NOON)

    assert sent.comment == "Mask the camera too."
    assert sent.plan == approval.render.plan
    assert Review.objects.get().status == "marked"
    assert Approval.objects.get().voided_at == NOON
    assert Entry.objects.filter(action="review.send_back").count() == 1


@pytest.mark.django_db
def test_a_record_sent_back_unchanged_is_made_and_approved_anew() -> None:
    render = a_render()
    plans.send_back(review=Review.objects.get(), by=an_approver(), comment="Look again.", at=NOON)

    again = a_render(plan=render.plan)
    approval = an_approval(render=again)

    assert again != render
    assert approval.render == again


@pytest.mark.django_db
def test_send_back_needs_a_comment_and_an_approver() -> None:
    review = a_render().review

    with pytest.raises(BadInput, match="what is to be changed"):
        plans.send_back(review=review, by=an_approver(), comment=" ", at=NOON)
    with pytest.raises(NotAllowed):
        plans.send_back(review=review, by=an_analyst(), comment="No.", at=NOON)

    assert not SendBack.objects.exists()


@pytest.mark.django_db
def test_a_withheld_record_has_a_decision_and_no_file() -> None:
    review = a_withholding()

    approval = Approval.objects.get(review=review)
    assert (approval.render.withheld, approval.render.address, approval.render_sha256) == (True, "", "")
    assert [row["code"] for row in approval.exemptions] == ["TX-108"]
    assert Entry.objects.filter(action="review.withhold", outcome=Outcome.OK).count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_parallel_approvals_make_one() -> None:
    render = a_render()
    people = [an_approver() for _ in range(10)]

    answers = together([partial(an_approval, render=render, approver=user) for user in people])

    assert Approval.objects.count() == 1
    assert sum(isinstance(answer, Approval) for answer in answers) == 1
    assert sum(isinstance(answer, IllegalMove) for answer in answers) == 9
    assert Entry.objects.filter(action="review.approve", outcome=Outcome.OK).count() == 1
    assert Review.objects.get().status == "approved"


@pytest.mark.django_db(transaction=True)
def test_marks_saved_while_somebody_approves_never_leave_an_approval_of_the_old() -> None:
    render = a_render()
    review, author, approver = Review.objects.get(), an_analyst(), an_approver()

    answers = together(
        [
            lambda: an_approval(render=render, approver=approver),
            lambda: plans.save_plan(
                review=review, marks=DROP_PLATES, author=author, at=NOON, expected_version=1
            ),
        ]
    )

    assert any(isinstance(answer, Plan) for answer in answers)
    assert Review.objects.get().status == "marked"
    assert not Approval.objects.filter(voided_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_two_parallel_saves_of_one_version_keep_one() -> None:
    review, author = a_review(), an_analyst()

    answers = together(
        [
            lambda: plans.save_plan(
                review=review, marks=DROP_PLATES, author=author, at=NOON, expected_version=0
            )
        ]
        * 4
    )

    assert Plan.objects.count() == 1
    assert sum(isinstance(answer, StaleWrite) for answer in answers) == 3


def _bound(render: Render) -> dict[str, object]:
    return {
        "review": render.review, "render": render, "source_sha256": render.source_sha256,
        "marks_digest": render.marks_digest, "render_sha256": render.sha256, "engine": render.engine,
        "at": NOON,
    }  # fmt: skip


def test_the_race_helper_gives_every_answer() -> None:
    user = User(email="x@example.org")

    assert together([lambda: user, lambda: user]) == [user, user]
