"""What a change of the calendar is refused for."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from portal.accounts.rules import Role
from portal.core.errors import BadInput, NotAllowed
from portal.core.models import Job
from requests_app.clock import changes, selectors
from requests_app.clock.changes import ChangeRefused
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
