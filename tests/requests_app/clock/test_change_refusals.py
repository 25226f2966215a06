"""What a change of the calendar is refused for."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, NotAllowed
from portal.core.models import Job
from requests_app.clock import changes, selectors
from requests_app.clock.changes import ChangeRefused, OwnChange
from requests_app.clock.models import CalendarChange
from requests_app.clock.rules import ChangeState
from requests_app.law.models import ClosureDay
from tests.abuse.canary_case import work
from tests.builders import NOON, a_request, a_user, an_agency
from tests.requests_app.clock.test_changes import DAY, a_closure, approved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]


def test_withdrawn_proposal_has_no_effect_and_cannot_be_approved() -> None:
    row = a_request()
    change = a_closure()

    changes.withdraw(change=change, actor=a_user(Role.ADMIN), at=NOON)
    work()

    assert change.state == ChangeState.WITHDRAWN
    assert not change.shifts.exists()
    assert not ClosureDay.objects.exists()
    assert selectors.main_clock(row).due == date(2026, 11, 17)
    with pytest.raises(ChangeRefused, match="withdrawn"):
        changes.approve(change=change, actor=a_user(Role.ADMIN), at=NOON)


def test_nothing_is_approved_before_its_diff_is_whole() -> None:
    change = a_closure()

    with pytest.raises(ChangeRefused, match="still being worked out"):
        changes.approve(change=change, actor=a_user(Role.ADMIN), at=NOON)

    assert not ClosureDay.objects.exists()


def test_diff_is_worked_out_again_for_requests_that_came_since() -> None:
    change = a_closure()
    changes.compare_again(change=change, actor=a_user(Role.ADMIN))  # not whole yet: nothing to repeat
    assert Job.objects.filter(kind=changes.COMPARE).count() == 1
    work()
    a_request()

    change.refresh_from_db()
    changes.compare_again(change=change, actor=a_user(Role.ADMIN))
    work()

    change.refresh_from_db()
    assert change.shifts.filter(is_main=True).count() == 1
    job = changes.job_of(change)
    assert job is not None
    assert job.kind == changes.COMPARE
    recounting = changes.job_of(approved(change))
    assert recounting is not None
    assert recounting.kind == changes.RECOUNT


@pytest.mark.parametrize(
    ("day", "reason", "said"),
    [
        (DAY, "", "Say why"),
        (DAY, "x" * 151, "150 characters"),
        (date(2026, 11, 11), "Parade", "holiday of the law already: Veterans Day"),
        (date(2026, 11, 14), "Parade", "no working day anyway"),
        (date(2024, 1, 3), "Parade", "a year back"),
        (date(2036, 1, 3), "Parade", "five years ahead"),
        (date(2026, 12, 9), "Parade", "closure already: Storm"),
    ],
)
def test_closure_that_makes_no_sense_is_refused_with_the_reason(day: date, reason: str, said: str) -> None:
    ClosureDay.objects.create(agency=an_agency(), day=date(2026, 12, 9), reason="Storm")

    with pytest.raises(BadInput, match=said):
        a_closure(day=day, reason=reason)

    assert not CalendarChange.objects.exists()


def test_eleventh_closure_of_a_texan_year_is_refused_before_and_at_approval() -> None:
    agency = an_agency()
    last = a_closure(day=date(2026, 10, 20))
    work()
    for day in (1, 2, 5, 6, 7, 8, 9, 13, 14, 15):
        ClosureDay.objects.create(agency=agency, day=date(2026, 10, day), reason="Storm")
    last.refresh_from_db()

    with pytest.raises(BadInput, match="10 of its own a year"):
        a_closure(day=date(2026, 10, 21))
    with pytest.raises(BadInput, match="10 of its own a year"):
        changes.approve(change=last, actor=a_user(Role.ADMIN), at=NOON + timedelta(hours=1))

    last.refresh_from_db()
    assert last.is_open


def test_law_that_ignores_closures_takes_none() -> None:
    an_agency(law_code="MI")

    with pytest.raises(BadInput, match="does not count an agency’s own closures"):
        a_closure()


def test_same_day_is_proposed_once_at_a_time() -> None:
    first = a_closure()

    with pytest.raises(BadInput, match="proposed already"):
        a_closure()

    changes.withdraw(change=first, actor=a_user(Role.ADMIN), at=NOON)
    assert a_closure().is_open


def a_proposal(proposer: User) -> CalendarChange:
    change = a_closure(actor=proposer)
    work()
    change.refresh_from_db()
    return change


@pytest.mark.parametrize("other", [Role.ADMIN, Role.COUNSEL])
def test_nobody_approves_their_own_change_while_somebody_else_could(other: Role) -> None:
    proposer, second = a_user(Role.ADMIN), a_user(other, name="Ivo Brandt")
    change = a_proposal(proposer)

    with pytest.raises(OwnChange, match="somebody else has to approve it: Ivo Brandt"):
        changes.approve(change=change, actor=proposer, at=NOON, alone="I am in a hurry")

    assert not ClosureDay.objects.exists()
    changes.approve(change=change, actor=second, at=NOON)
    assert (change.state, change.decided_alone) == (ChangeState.APPROVED, "")


def test_only_person_who_could_decide_approves_her_own_change_with_a_reason_that_stays() -> None:
    proposer = a_user(Role.ADMIN)
    change = a_proposal(proposer)
    User.objects.exclude(pk=proposer.pk).update(is_active=False)  # whoever left decides nothing
    a_user(Role.CLERK)

    with pytest.raises(BadInput, match="Say why you approve your own proposal"):
        changes.approve(change=change, actor=proposer, at=NOON, alone="  ")
    changes.approve(change=change, actor=proposer, at=NOON, alone="The town has one clerk.")

    assert (change.state, change.decided_alone) == (ChangeState.APPROVED, "The town has one clerk.")
    assert Entry.objects.get(action="clock.calendar_approved").detail["alone"] is True


def test_postgres_refuses_an_approval_by_the_proposer_without_a_reason() -> None:
    change = a_proposal(a_user(Role.ADMIN))

    with pytest.raises(IntegrityError, match="calendar_change_approved_by_another"), transaction.atomic():
        CalendarChange.objects.filter(pk=change.pk).update(
            state=ChangeState.APPROVED, decided_by=change.proposed_by, decided_at=NOON
        )


@pytest.mark.parametrize("role", [Role.CLERK, Role.APPROVER, Role.AUDITOR])
def test_others_than_administrators_and_counsel_are_refused(role: Role) -> None:
    change = a_closure()
    work()
    change.refresh_from_db()
    person = a_user(role)

    with pytest.raises(NotAllowed):
        a_closure(day=date(2026, 12, 1), actor=person)
    with pytest.raises(NotAllowed):
        changes.approve(change=change, actor=person, at=NOON)
    with pytest.raises(NotAllowed):
        changes.withdraw(change=change, actor=person, at=NOON)


@pytest.mark.parametrize(
    "broken",
    [{"day": None}, {"state": "approved"}, {"recounted_at": NOON}, {"kind": "open"}, {"kind": "pack"}],
)
def test_half_a_change_cannot_be_kept(broken: dict[str, Any]) -> None:
    change = a_closure()

    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarChange.objects.filter(pk=change.pk).update(**broken)
