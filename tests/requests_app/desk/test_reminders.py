from datetime import date, timedelta
from typing import Any

import pytest

from portal.accounts.rules import Role
from portal.core.models import Job
from requests_app.clock import services as clock
from requests_app.correspondence.models import OutgoingMail
from requests_app.desk import reminders, tasks
from requests_app.docket.models import RecordsRequest
from tests.abuse.canary_case import work
from tests.builders import NOON, a_request, a_user, an_agency

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 17)  # of a Texan request received on 2 November


def remind(on: date) -> list[str]:
    agency, before = an_agency(), set(OutgoingMail.objects.values_list("pk", flat=True))
    for _, waiting in reminders.due(agency, on=on):
        reminders.send(waiting, agency=agency, at=NOON)
    return sorted(f"{mail.to}: {mail.subject}" for mail in OutgoingMail.objects.exclude(pk__in=before))


def stages_of(row: RecordsRequest, on: date) -> dict[str, str]:
    found = [one for _, waiting in reminders.due(row.agency, on=on) for one in waiting]
    return {one.derived.clock: one.stage for one in found if one.request_id == row.pk}


@pytest.mark.parametrize(
    ("on", "stage"),
    [
        (date(2026, 11, 6), None),
        (date(2026, 11, 9), "5"),  # Veterans Day is no business day
        (date(2026, 11, 12), "5"),
        (date(2026, 11, 13), "2"),
        (date(2026, 11, 16), "2"),
        (LAST, "0"),
        (date(2026, 11, 18), "missed"),
    ],
)
def test_staff_are_told_five_two_and_no_days_before_and_after(on: date, stage: str | None) -> None:
    row = a_request()

    assert stages_of(row, on).get("ag_request") == stage


@pytest.mark.parametrize(
    ("days", "stage"), [(1, None), (30, None), (31, "50%"), (54, "50%"), (55, "90%"), (61, "90%"), (62, None)]
)
def test_requester_is_told_when_half_and_nine_tenths_have_gone(days: int, stage: str | None) -> None:
    row = a_request()
    clock.record(request=row, type="clarification_sent", actor=a_user(Role.CLERK), at=NOON)

    assert stages_of(row, NOON.date() + timedelta(days=days)).get("clarification_lapse") == stage


def test_each_reminder_is_sent_once_to_whom_it_concerns() -> None:
    clerk = a_user(Role.CLERK, email="clerk@larkspur.example")
    row = a_request(assignee=clerk)
    clock.record(request=row, type="estimate_sent", actor=clerk, at=NOON)

    first, second = remind(LAST), remind(LAST)

    assert row.requester is not None
    assert f"clerk@larkspur.example: Request {row.number} is due on November 17, 2026" in first
    asked = f"{row.requester.email}: Please act on your records request {row.number} by November 17, 2026"
    assert asked in first
    assert second == []


def test_request_nobody_owns_is_told_to_all_who_may_hand_it_on() -> None:
    a_request()
    leads = [a_user(Role.CLERK), a_user(Role.APPROVER)]
    a_user(Role.AUDITOR)

    told = {line.partition(":")[0] for line in remind(LAST)}

    assert told == {person.email for person in leads}


def test_day_that_moved_is_reminded_of_anew() -> None:
    an_agency(law_code="CA")
    clerk = a_user(Role.CLERK)
    row = a_request(assignee=clerk)
    before = remind(date(2026, 11, 12))

    clock.record(
        request=row, type="extended", actor=clerk, at=NOON, by=14, unit="calendar_day", reason="voluminous"
    )

    assert len(before) == 1
    assert remind(date(2026, 11, 12)) == []
    assert len(remind(date(2026, 11, 25))) == 1


def test_request_that_is_answered_or_has_no_day_is_not_reminded_of() -> None:
    row = a_request()
    clock.answer(request=row, actor=None, at=NOON)

    assert stages_of(row, LAST) == {}


def test_mail_says_nothing_of_what_was_asked_for() -> None:
    row = a_request(title="Canaryzulu", assignee=a_user(Role.CLERK))

    remind(LAST + timedelta(days=1))

    mails = list(OutgoingMail.objects.filter(request=row))
    assert [mail.pk for mail in mails if "Canaryzulu" in f"{mail.subject}{mail.text}{mail.html}"] == []
    assert any("overdue since November 17, 2026" in mail.subject for mail in mails)


def test_daily_task_is_one_job_a_day_and_safe_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    row = a_request(assignee=a_user(Role.CLERK))
    monkeypatch.setattr(tasks, "now", lambda: NOON + timedelta(days=15))

    tasks.remind_daily()
    tasks.remind_daily()
    work()

    assert Job.objects.filter(kind=tasks.REMIND).count() == 1
    assert OutgoingMail.objects.filter(request=row, subject__contains="due on").exists()


def test_reminders_ask_the_same_questions_for_many_requests(django_assert_max_num_queries: Any) -> None:
    for _ in range(6):
        a_request()

    with django_assert_max_num_queries(16):
        assert list(reminders.due(an_agency(), on=LAST))
