"""Deciding appeals against a real release, made once for the whole module."""

import pytest
from django.db import IntegrityError, transaction

from portal.accounts.models import RoleGrant, User
from portal.accounts.rules import Role
from portal.audit import services as audit
from portal.audit.models import Entry
from portal.core.errors import BadInput
from portal.core.time import now
from redaction.plans.models import Approval, Review, SendBack
from redaction.release.models import ReleaseManifest
from requests_app.appeals import policies, selectors, services
from requests_app.appeals.models import Appeal
from requests_app.appeals.rules import Decision
from requests_app.correspondence.models import Letter
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from tests.requests_app.appeals.appeal_builders import (
    an_appeal,
    an_officer,
    decide,
    refreshed,
)  # fmt: skip


def test_item_of_another_decision_is_refused(part_released: RecordsRequest) -> None:
    other = part_released.releases.get().items.get(kind="withheld")

    with pytest.raises(BadInput, match="not among those withheld"):
        an_appeal(items=(other.pk,))


def test_upheld_appeal_changes_nothing_but_itself(part_released: RecordsRequest) -> None:
    case = part_released
    appeal = an_appeal(case)

    decide(appeal)

    case = refreshed(case)
    assert (case.status, case.disposition) == (Status.CLOSED, Disposition.PARTIAL)
    assert Review.objects.filter(record__request=case, status="withheld").count() == 1
    letter = Letter.objects.get(kind="appeal_decision")
    assert "The first decision stands" in letter.html
    assert "The ground fits." in letter.html
    assert "district court" in letter.html


def test_granted_appeal_opens_the_request_and_the_withheld_record(part_released: RecordsRequest) -> None:
    case = part_released
    appeal, officer = an_appeal(case), an_officer()

    decide(appeal, Decision.OVERTURNED, actor=officer, reasons="No harm is foreseeable.")

    case = refreshed(case)
    assert (case.status, case.disposition, case.closed_at) == (Status.ACCEPTED, "", None)
    states = dict(Review.objects.filter(record__request=case).values_list("record__position", "status"))
    assert sorted(states.values()) == ["marked", "released"]
    back = SendBack.objects.get()
    assert (back.by, "No harm is foreseeable." in back.comment) == (officer, True)
    assert Approval.objects.filter(voided_at=None).count() == 1
    moved = Entry.objects.get(action="request.reopen")
    assert (moved.actor_id, moved.detail["appeal"]) == (None, appeal.number)
    assert Entry.objects.get(action="appeal.decide").actor_id == officer.pk


def test_appeal_right_in_part_opens_only_the_chosen_records(part_released: RecordsRequest) -> None:
    case = part_released
    appeal = an_appeal(case)

    decide(appeal, Decision.PARTLY)

    assert refreshed(case).status == Status.ACCEPTED
    assert Review.objects.filter(record__request=case, status="withheld").count() == 1


def test_chosen_record_of_an_appeal_right_in_part_goes_back(part_released: RecordsRequest) -> None:
    case = part_released
    whole = next(row.item.pk for row in selectors.contestable(case) if row.whole)
    appeal = an_appeal(case, items=(whole,))

    decide(appeal, Decision.PARTLY, reopened=[whole])

    assert not Review.objects.filter(record__request=case, status="withheld").exists()


def test_record_outside_the_appeal_cannot_be_chosen(part_released: RecordsRequest) -> None:
    case = part_released
    rows = selectors.contestable(case)
    part = next(row.item.pk for row in rows if not row.whole)
    whole = next(row.item.pk for row in rows if row.whole)
    appeal = an_appeal(case, items=(part,))

    with pytest.raises(BadInput, match="withheld whole"):
        decide(appeal, Decision.PARTLY, reopened=[whole])

    assert Appeal.objects.get(pk=appeal.pk).status == "filed"


@pytest.mark.parametrize("part", ["released_by", "approver", "author", "assignee", "closer"])
def test_who_took_part_in_the_first_decision_decides_by_no_path(
    part_released: RecordsRequest, part: str
) -> None:
    case = part_released
    person = an_officer()
    approval = Approval.objects.filter(review__record__request=case).first()
    assert approval is not None
    who = {
        "released_by": ReleaseManifest.objects.get(request=case).released_by,
        "approver": approval.approver,
        "author": approval.prepared_by,
        "assignee": person,
        "closer": person,
    }[part]
    RoleGrant.objects.get_or_create(user=who, role=Role.APPEALS_OFFICER)
    who = User.objects.get(pk=who.pk)
    if part == "assignee":
        RecordsRequest.objects.filter(pk=case.pk).update(assignee=person)
    if part == "closer":
        audit.record(action="request.close_no_records", actor=person, subject=case, request_key=case.key)
    appeal = an_appeal(refreshed(case))

    with pytest.raises(policies.NotIndependent):
        decide(appeal, actor=who)
    with pytest.raises(policies.NotIndependent):
        services.start_review(appeal=appeal, actor=who, at=now())

    assert Entry.objects.filter(outcome="denied", detail__why="not_independent").count() == 2
    with pytest.raises(IntegrityError, match="took part in the first decision"), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(
            status="decided", decision="upheld", reasons="x", decider=who, decided_at=now()
        )
