"""What becomes of a request and of approvals when their owner or approver turns out not to be free."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from redaction.plans import approvals
from redaction.plans import services as plans
from redaction.plans.models import Approval, Review, SendBack
from redaction.plans.recusal import ApproverRecused, require_free_approvers
from requests_app.docket import recusals
from requests_app.docket import services as docket_services
from requests_app.docket.models import RecordsRequest, Recusal
from requests_app.docket.rules import Status
from tests.builders import NOON, a_request, a_user
from tests.patience import SECONDS
from tests.redaction.plans.plan_builders import (
    a_destroyed,
    a_plan,
    a_recusal,
    a_render,
    a_review,
    a_withholding,
    an_approval,
    an_approver,
)
from tests.redaction.plans.races import together, until_another_waits
from tests.requests_app.custody.record_builders import READS, a_record

pytestmark = pytest.mark.django_db


def ready(case: RecordsRequest) -> None:
    """As finishing the review leaves it: the records are decided, the release is not made."""
    RecordsRequest.objects.filter(pk=case.pk).update(status=Status.READY)


def a_request_that_got_a_barred_file(person: User, *, approved: bool = False) -> RecordsRequest:
    """She works on it, and then a file comes from which she is recused."""
    barred = a_record(request=a_request())
    content = READS + b"OWN780,Oak,2026-02-02 01:00:00\n"
    case = a_record(request=a_request(status=Status.SEARCHING), content=content).request
    a_recusal(barred.request, person, record=barred)
    docket_services.assign(request=case, assignee=person, actor=a_user(Role.CLERK), expected_assignee_id=None)
    if approved:
        an_approval(render=a_render(plan=a_plan(review=a_review(case.records.get()))), approver=person)
    a_record(request=case)
    return case


def test_a_file_that_comes_later_takes_the_request_out_of_her_hands() -> None:
    person = an_approver()

    case = a_request_that_got_a_barred_file(person)

    assert RecordsRequest.objects.get(pk=case.pk).assignee is None
    assert case.assignee is None
    taken = Entry.objects.filter(action="request.assigned").order_by("seq").last()
    assert taken is not None
    assert taken.detail == {"to": None, "recused": person.pk}
    with pytest.raises(DatabaseError, match="recused"), transaction.atomic():
        RecordsRequest.objects.filter(pk=case.pk).update(assignee=person)


def test_a_file_that_comes_later_leaves_the_request_with_others() -> None:
    owner, case = an_approver(), a_request(status=Status.SEARCHING)
    barred = a_record(request=a_request())
    a_recusal(barred.request, record=barred)
    docket_services.assign(request=case, assignee=owner, actor=a_user(Role.CLERK), expected_assignee_id=None)

    a_record(request=case)

    assert RecordsRequest.objects.get(pk=case.pk).assignee == owner


def test_the_database_takes_no_file_while_somebody_recused_from_it_owns_the_request() -> None:
    person, case = an_approver(), a_request(status=Status.SEARCHING)
    barred = a_record(request=a_request())
    a_recusal(barred.request, person, record=barred)
    docket_services.assign(request=case, assignee=person, actor=a_user(Role.CLERK), expected_assignee_id=None)
    barred.pk, barred.request, barred.key = None, case, "another"

    with pytest.raises(DatabaseError, match="recused from the file"), transaction.atomic():
        barred.save(force_insert=True)

    assert not case.records.exists()


def test_what_she_approved_is_not_released_once_such_a_file_came() -> None:
    person = an_approver()
    case = a_request_that_got_a_barred_file(person, approved=True)
    approval = Approval.objects.get()

    with pytest.raises(ApproverRecused, match="record 1"):
        require_free_approvers(case, [approval])
    with pytest.raises(DatabaseError, match="recused from it since"), transaction.atomic():
        plans.release(review=approval.review, actor=None, manifest="M1")
    require_free_approvers(case, [Approval(approver=an_approver())])

    assert Review.objects.get(pk=approval.review_id).status == "approved"


def test_her_standing_approval_goes_back_to_be_looked_at() -> None:
    approval = an_approval()

    a_recusal(approval.review.record.request, approval.approver)

    assert Approval.objects.get().voided_at is not None
    assert Review.objects.get().status == "marked"
    assert "recused" in approval.review.send_backs.get().comment


@pytest.mark.parametrize("whole", [False, True])
def test_her_approval_goes_back_when_the_request_is_ready_already(whole: bool) -> None:
    approval = Approval.objects.get(review=a_withholding()) if whole else an_approval()
    case = approval.review.record.request
    ready(case)

    a_recusal(case, approval.approver)

    assert recusals.is_barred(approval.approver, case)
    assert Approval.objects.get().voided_at is not None
    assert Review.objects.get().status == "marked"
    assert RecordsRequest.objects.get().status == Status.IN_REVIEW
    assert Entry.objects.get(action="request.reopen_review").detail["recusal"] == Recusal.objects.get().pk


def test_two_approvals_of_hers_open_a_ready_request_once() -> None:
    first = an_approval()
    case = first.review.record.request
    other = a_record(request=case, content=READS + b"OWN780,Oak,2026-02-02 01:00:00\n")
    an_approval(render=a_render(plan=a_plan(review=a_review(other))), approver=first.approver)
    ready(case)

    a_recusal(case, first.approver)

    assert not Approval.objects.filter(voided_at=None).exists()
    assert RecordsRequest.objects.get().status == Status.IN_REVIEW


def test_what_she_approved_again_after_a_recall_goes_back_in_a_closed_request() -> None:
    approval = an_approval()
    case = approval.review.record.request
    plans.release(review=approval.review, actor=None, manifest="M1")
    closed_at = NOON - timedelta(hours=1)
    RecordsRequest.objects.update(status=Status.CLOSED, disposition="partial", closed_at=closed_at)
    plans.recall(review=approval.review, actor=None, manifest="M1", at=NOON)
    review = Review.objects.get()
    again = an_approval(render=a_render(plan=a_plan(review=review)), approver=approval.approver)

    a_recusal(case, approval.approver)

    again.refresh_from_db()
    assert again.voided_at is not None
    assert Review.objects.get().status == "marked"
    assert RecordsRequest.objects.get().status == Status.CLOSED


def test_what_is_destroyed_keeps_nobody_from_being_recused() -> None:
    approval = an_approval()
    case = approval.review.record.request
    a_destroyed(approval.review.record)  # while the request was closed; it is open again

    a_recusal(case, approval.approver)

    assert recusals.is_barred(approval.approver, case)
    assert Approval.objects.get().voided_at is None


@pytest.mark.django_db(transaction=True)
def test_a_recusal_and_a_step_of_the_same_record_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    approval = an_approval()
    review, case, counsel = approval.review, approval.review.record.request, a_user(Role.COUNSEL)
    other, looked = an_approver(), threading.Event()

    def waits_under_its_lock(locked: Review) -> None:
        looked.set()
        until_another_waits()

    monkeypatch.setattr(approvals, "require_open", waits_under_its_lock)

    def recused_meanwhile() -> object:
        assert looked.wait(SECONDS)
        return a_recusal(case, approval.approver, by=counsel)

    answers = together(
        [
            lambda: plans.send_back(review=review, by=other, comment="Mask the camera.", at=NOON),
            recused_meanwhile,
        ]
    )

    assert {type(answer) for answer in answers} == {SendBack, Recusal}
    assert Approval.objects.get().voided_at is not None


def test_an_approval_of_another_stands() -> None:
    approval = an_approval()

    a_recusal(approval.review.record.request)

    assert Approval.objects.get().voided_at is None
