from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, NotAllowed
from portal.core.time import now
from redaction.plans import invitations, policies
from redaction.plans.models import Approval, Invitation, Review
from redaction.plans.policies import SelfApproval
from redaction.plans.recusal import recuse
from redaction.workbench.insight import may_look
from tests.builders import a_user
from tests.redaction.plans.plan_builders import (
    a_plan,
    a_render,
    a_review,
    an_approval,
    an_approver,
    approval_row,
)
from tests.requests_app.custody.record_builders import READS, a_record, an_analyst

pytestmark = pytest.mark.django_db


def an_invitation(review: Review, person: User | None = None, *, by: User | None = None) -> Invitation:
    return invitations.invite(
        review=review, person=person or a_user(Role.COUNSEL), by=by or a_user(Role.CLERK),
        why="The unit is two people", at=now(),
    )  # fmt: skip


def test_an_invited_person_approves_this_one_record_once() -> None:
    render = a_render()
    other = a_render(
        plan=a_plan(review=a_review(a_record(content=READS + b"OWN780,Oak,2026-02-02 01:00:00\n")))
    )
    counsel = a_user(Role.COUNSEL)
    assert not policies.may_approve(counsel, render.review)

    row = an_invitation(render.review, counsel)
    assert policies.may_approve(counsel, render.review)
    assert may_look(counsel, render.review)
    assert not may_look(counsel, other.review)
    with pytest.raises(NotAllowed):
        an_approval(render=other, approver=counsel)
    an_approval(render=render, approver=counsel)

    row.refresh_from_db()
    assert row.used_at is not None
    assert not policies.may_approve(counsel, render.review)
    assert Entry.objects.get(action="review.approve", outcome="ok").detail["invitation"] == row.pk
    assert Entry.objects.filter(action="review.invite").count() == 1


def test_whoever_marked_neither_invites_nor_is_invited() -> None:
    clerk_who_marks = a_user(Role.CLERK, Role.ANALYST)
    render = a_render(plan=a_plan(author=clerk_who_marks))

    with pytest.raises(NotAllowed):
        an_invitation(render.review, by=clerk_who_marks)
    with pytest.raises(BadInput, match="cannot be the second person"):
        an_invitation(render.review, clerk_who_marks)
    for person, by in ((a_user(Role.COUNSEL), clerk_who_marks), (clerk_who_marks, a_user(Role.CLERK))):
        with pytest.raises(DatabaseError, match="neither invites nor is invited"), transaction.atomic():
            Invitation.objects.create(
                review=render.review, person=person, invited_by=by, why="x", at=now(),
                expires_at=now() + timedelta(days=1),
            )  # fmt: skip


def test_marking_after_the_invitation_takes_it_from_her() -> None:
    render = a_render()
    person = a_user(Role.COUNSEL, Role.ANALYST)
    an_invitation(render.review, person)

    made = a_render(plan=a_plan(review=render.review, author=person))

    assert not policies.may_approve(person, render.review)
    with pytest.raises(SelfApproval):
        an_approval(render=made, approver=person)
    with pytest.raises(DatabaseError, match="has marked it"):
        approval_row(made, person)
    assert not Approval.objects.exists()


def test_only_the_clerks_and_counsels_office_invites() -> None:
    render = a_render()

    for by in (an_analyst(), an_approver(), a_user(Role.FEE_OFFICER)):
        with pytest.raises(NotAllowed):
            an_invitation(render.review, by=by)
    assert Entry.objects.filter(action="review.invite", outcome="denied").count() == 3
    for by in (a_user(Role.CLERK), a_user(Role.COUNSEL), a_user(Role.ADMIN)):
        an_invitation(render.review, by=by)


def test_nobody_is_invited_who_cannot_be_second() -> None:
    render = a_render()
    clerk, recused, requester = a_user(Role.CLERK), a_user(Role.COUNSEL), a_user()
    recuse(
        person=recused, request=render.review.record.request, ground="party", why="Sues", by=clerk, at=now()
    )

    for person in (clerk, recused, requester):
        with pytest.raises(BadInput, match="cannot be the second person"):
            an_invitation(render.review, person, by=clerk)
    with pytest.raises(BadInput, match="needs no invitation"):
        an_invitation(render.review, an_approver())
    with pytest.raises(BadInput, match="Say why"):
        invitations.invite(review=render.review, person=a_user(Role.COUNSEL), by=clerk, why=" ", at=now())
    with pytest.raises(DatabaseError, match="recused"), transaction.atomic():
        Invitation.objects.create(
            review=render.review, person=recused, invited_by=clerk, why="x", at=now(),
            expires_at=now() + timedelta(days=1),
        )  # fmt: skip


def test_an_invitation_ends_by_its_day_or_by_being_taken_back() -> None:
    render = a_render()
    late, counsel = a_user(Role.COUNSEL), a_user(Role.COUNSEL)
    invitations.invite(
        review=render.review, person=late, by=a_user(Role.CLERK), why="x", at=now() - timedelta(days=15)
    )
    row = an_invitation(render.review, counsel)
    with pytest.raises(BadInput, match="invited already"):
        an_invitation(render.review, counsel)

    with pytest.raises(NotAllowed):
        invitations.take_back(invitation=row, by=an_analyst(), at=now())
    invitations.take_back(invitation=row, by=a_user(Role.CLERK), at=now())
    with pytest.raises(BadInput, match="used or has ended"):
        invitations.take_back(invitation=row, by=a_user(Role.CLERK), at=now())

    for person in (late, counsel):
        assert not policies.may_approve(person, render.review)
        with pytest.raises(DatabaseError, match="neither holds the right nor is invited"):
            approval_row(render, person)
    assert an_invitation(render.review, late).expires_at > now()  # a new one after the day


def test_the_database_asks_for_the_right_or_an_invitation() -> None:
    render = a_render()
    counsel, gone = a_user(Role.COUNSEL), an_approver(is_active=False)

    for person in (counsel, gone, a_user()):
        with pytest.raises(DatabaseError, match="neither holds the right nor is invited"):
            approval_row(render, person)
    an_invitation(render.review, counsel)
    approval_row(render, counsel)

    assert Approval.objects.get().approver == counsel


def test_the_database_uses_an_invitation_up_with_the_approval() -> None:
    render, counsel = a_render(), a_user(Role.COUNSEL)
    row = an_invitation(render.review, counsel)

    approval_row(render, counsel)
    Approval.objects.update(voided_at=now())
    again = a_render(plan=a_plan(review=render.review))

    row.refresh_from_db()
    assert row.used_at is not None
    with pytest.raises(DatabaseError, match="neither holds the right nor is invited"):
        approval_row(again, counsel)


def test_the_database_asks_who_invites_and_that_it_begins_open() -> None:
    review = a_render().review
    gone = a_user(Role.CLERK, is_active=False)
    given = {"review": review, "why": "x", "at": now(), "expires_at": now() + timedelta(days=1)}

    for by in (an_analyst(), an_approver(), a_user(), gone):
        with pytest.raises(DatabaseError, match="who may not invite"), transaction.atomic():
            Invitation.objects.create(person=a_user(Role.COUNSEL), invited_by=by, **given)
    for ended in ({"used_at": now()}, {"ended_at": now()}):
        with pytest.raises(DatabaseError, match="begins open"), transaction.atomic():
            Invitation.objects.create(
                person=a_user(Role.COUNSEL), invited_by=a_user(Role.CLERK), **given, **ended
            )

    assert not Invitation.objects.exists()


def test_an_invitation_ends_when_its_inviter_marks_the_record() -> None:
    render, counsel, clerk = a_render(), a_user(Role.COUNSEL), a_user(Role.CLERK, Role.ANALYST)
    an_invitation(render.review, counsel, by=clerk)
    made = a_render(plan=a_plan(review=render.review, author=clerk))

    with pytest.raises(NotAllowed):
        an_approval(render=made, approver=counsel)
    with pytest.raises(DatabaseError, match="neither holds the right nor is invited"):
        approval_row(made, counsel)

    assert not policies.may_approve(counsel, render.review)


def test_the_database_keeps_invitations_as_they_are() -> None:
    row = an_invitation(a_render().review)

    for change in (
        lambda: Invitation.objects.all().delete(),
        lambda: Invitation.objects.update(person=a_user(Role.COUNSEL)),
        lambda: Invitation.objects.update(expires_at=now() + timedelta(days=99)),
        lambda: Invitation.objects.update(used_at=now(), ended_at=now()),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    Invitation.objects.update(ended_at=now())
    with pytest.raises(DatabaseError), transaction.atomic():
        Invitation.objects.update(ended_at=None)

    assert Invitation.objects.get() == row


def test_the_page_invites_shows_and_takes_back(client: Client) -> None:
    render = a_render()
    record = render.review.record
    counsel = a_user(Role.COUNSEL, name="Cora Counsel")
    page = reverse("workbench:review", kwargs={"key": record.key})
    client.force_login(a_user(Role.CLERK))

    assert "Invite a second person" in client.get(page).content.decode()
    wrong = client.post(reverse("workbench:invite", kwargs={"key": record.key}), {"person": counsel.pk})
    client.post(
        reverse("workbench:invite", kwargs={"key": record.key}),
        {"person": counsel.pk, "why": "Only two here"},
    )
    row = Invitation.objects.get()
    shown = client.get(page).content.decode()

    assert wrong.status_code == 422
    assert "Cora Counsel was invited" in shown
    assert "Only two here" in shown
    client.force_login(counsel)
    assert "You were invited by" in client.get(page).content.decode()
    client.force_login(an_analyst())
    end = reverse("workbench:uninvite", kwargs={"key": record.key, "invitation": row.pk})
    refused = client.post(reverse("workbench:invite", kwargs={"key": record.key}), {})
    assert (client.post(end).status_code, refused.status_code) == (403, 404)
    client.force_login(a_user(Role.CLERK))
    assert client.post(end, follow=True).status_code == 200
    client.force_login(counsel)
    assert client.get(page).status_code == 403
