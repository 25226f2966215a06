"""Whoever gave what marks stand on is no second person, by page, service or SQL."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry, Outcome
from portal.core.errors import BadInput, NotAllowed
from portal.core.time import now
from redaction.plans import authors, invitations, plate_proofs, policies
from redaction.plans import services as plans
from redaction.plans.models import Approval, Invitation, Review
from redaction.plans.plate_proofs import ApprovedOnIt
from redaction.plans.policies import SelfApproval
from requests_app.custody import ownership
from requests_app.custody.models import (
    FlightClass,
    FlightDetermination,
    PlateProof,
    ResponsiveRecord,
    Transcript,
)
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
from tests.requests_app.custody.record_builders import a_record

pytestmark = pytest.mark.django_db

Gives = Callable[[ResponsiveRecord, User], None]
OWN_PLATE = {
    "version": 1,
    "marks": [
        *DROP_PLATES["marks"],
        {"id": "own", "kind": "own_plate", "column": "plate", "plate": "OWN123"},
    ],
}


def heard(record: ResponsiveRecord, person: User) -> None:
    """The first transcript, attached before there were marks: no version names her."""
    Transcript.objects.create(
        record=record, address="originals/00/none", sha256="0" * 64, size=1, format="srt", uploaded_by=person,
        uploaded_at=NOON,
    )  # fmt: skip


def classed(record: ResponsiveRecord, person: User) -> None:
    FlightDetermination.objects.create(
        record=record, flight_class=FlightClass.values[0], reason="A search for a lost child", law="TX 1",
        made_by=person, made_at=NOON,
    )  # fmt: skip


def proved(record: ResponsiveRecord, person: User) -> None:
    ownership.confirm(request=record.request, plate="OWN123", document="title", actor=person, at=NOON)


@pytest.mark.parametrize("gave", [heard, classed, proved])
def test_who_gave_what_marks_stand_on_does_not_approve(
    gave: Callable[[ResponsiveRecord, User], None],
) -> None:
    record, person, clerk = a_record(), an_approver(), a_user(Role.CLERK)
    if gave is not proved:
        proved(record, clerk)
    else:
        gave(record, person)
    render = a_render(plan=a_plan(review=a_review(record), marks=OWN_PLATE))
    if gave is not proved:
        gave(record, person)
    review = Review.objects.get()

    assert authors.is_author(person, review)
    assert not policies.may_approve(person, review)
    with pytest.raises(SelfApproval):
        an_approval(render=render, approver=person)
    with pytest.raises(DatabaseError, match="has marked it or gave"):
        approval_row(render, person)
    with pytest.raises(BadInput, match="cannot be the second person"):
        invitations.invite(review=review, person=person, by=a_user(Role.CLERK), why="x", at=now())
    assert Entry.objects.get(action="review.approve", outcome=Outcome.DENIED).detail == {
        "why": "self_approval"
    }
    assert not Approval.objects.exists()


def test_a_proof_counts_only_where_a_plate_stays_readable() -> None:
    render, person = a_render(), an_approver()
    proved(render.review.record, person)

    approval = an_approval(render=render, approver=person)

    assert approval.approver == person


def test_the_page_and_the_api_refuse_who_gave_the_transcript(client: Client) -> None:
    render, person = a_render(), an_approver()
    record = render.review.record
    heard(record, person)
    client.force_login(person)

    shown = client.get(reverse("workbench:review", kwargs={"key": record.key})).content.decode()
    sent = client.post(
        reverse("workbench:approve", kwargs={"key": record.key}),
        {"render_sha256": render.sha256, "marks_digest": render.marks_digest},
    )

    assert "gave what its marks stand on" in shown
    assert sent.status_code == 403
    assert not Approval.objects.exists()


def test_nobody_confirms_a_plate_that_her_own_approval_would_rest_on() -> None:
    record = a_record()
    proved(record, a_user(Role.CLERK))
    approval = an_approval(render=a_render(plan=a_plan(review=a_review(record), marks=OWN_PLATE)))
    ownership.withdraw(request=record.request, plate="OWN123", actor=a_user(Role.CLERK), at=NOON)
    given = {"request": record.request, "plate": "OWN123", "document": "title", "at": NOON}

    with pytest.raises(ApprovedOnIt):
        plate_proofs.confirm(actor=approval.approver, **given)  # type: ignore[arg-type]  # typed there
    with pytest.raises(NotAllowed):
        plate_proofs.confirm(actor=a_user(Role.AUDITOR), **given)  # type: ignore[arg-type]  # typed there
    denied = Entry.objects.filter(action="request.plate_proved", outcome=Outcome.DENIED).order_by("seq")
    assert [row.detail["why"] for row in denied] == ["approved_on_it", "not_allowed"]
    plate_proofs.confirm(actor=a_user(Role.CLERK), **given)  # type: ignore[arg-type]  # typed there

    assert ownership.standing(record.request, "OWN123") is not None


@pytest.mark.parametrize("gave", [heard, classed, proved])
def test_the_database_lets_nothing_out_whose_approver_gave_it_since(gave: Gives) -> None:
    record = a_record()
    proved(record, a_user(Role.CLERK))
    approval = an_approval(render=a_render(plan=a_plan(review=a_review(record), marks=OWN_PLATE)))
    ownership.withdraw(request=record.request, plate="OWN123", actor=a_user(Role.CLERK), at=NOON)
    gave(record, approval.approver)

    with pytest.raises(DatabaseError, match="gave what its marks stand on since"), transaction.atomic():
        Review.objects.filter(pk=approval.review_id).update(status="released")

    assert Review.objects.get().status == "approved"


def test_the_database_keeps_a_proof_as_it_was_confirmed() -> None:
    proved(a_record(), a_user(Role.CLERK))

    for change in ({"confirmed_by": an_approver()}, {"document": "company"}, {"plate_digest": "0" * 64}):
        with pytest.raises(DatabaseError), transaction.atomic():
            PlateProof.objects.update(**change)

    assert PlateProof.objects.get().document == "title"


def test_an_invitation_ends_with_its_inviter_giving_a_transcript() -> None:
    render, counsel, clerk = a_render(), a_user(Role.COUNSEL), a_user(Role.CLERK)
    invitations.invite(review=render.review, person=counsel, by=clerk, why="A unit of two", at=now())
    heard(render.review.record, clerk)

    with pytest.raises(NotAllowed):
        plans.approve(review=render.review, approver=counsel, at=NOON, render_sha256=render.sha256)
    with pytest.raises(DatabaseError, match="neither holds the right nor is invited"):
        approval_row(render, counsel)

    assert Invitation.objects.get().used_at is None
