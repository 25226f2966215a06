from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from portal.accounts.rules import Role
from portal.core.models import Job
from requests_app.clock import selectors
from requests_app.clock import services as clock
from requests_app.clock.models import ClockEvent
from requests_app.correspondence.models import OutgoingMail
from requests_app.desk import reminders, tasks
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.law.models import ClosureDay
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


CLOSED = NOON + timedelta(days=9)
BRIEF = date(2026, 11, 24)


def an_answered_request(disposition: str = "partial", **fields: Any) -> RecordsRequest:
    """Closed on 11 November with a ruling of the attorney general still awaited."""
    row = a_request(**fields)
    for kind in ("ruling_requested", "ruling_notice_sent"):
        clock.record(request=row, type=kind, actor=a_user(Role.CLERK), at=NOON + timedelta(days=1))
    if disposition == "withdrawn":
        clock.end(request=row, how="withdrawn", actor=None, at=CLOSED)
    else:
        clock.answer(request=row, actor=None, at=CLOSED)
    RecordsRequest.objects.filter(pk=row.pk).update(
        status=Status.CLOSED, disposition=disposition, closed_at=CLOSED
    )
    row.refresh_from_db()
    return row


def test_staff_are_reminded_of_a_ruling_that_a_closed_request_waits_for() -> None:
    row = an_answered_request(assignee=a_user(Role.CLERK, email="clerk@larkspur.example"))
    decision = next(one for one in selectors.derivations(row, on=BRIEF) if one.clock == "ag_decision")
    assert decision.due is not None

    assert stages_of(row, BRIEF - timedelta(days=20)) == {}
    assert stages_of(row, BRIEF) == {"ag_brief": "0"}
    assert stages_of(row, BRIEF + timedelta(days=1)) == {"ag_brief": "missed"}
    assert stages_of(row, decision.due)["ag_decision"] == "0"
    assert remind(BRIEF) == [f"clerk@larkspur.example: Request {row.number} is due on November 24, 2026"]


def test_staff_are_reminded_of_what_a_ruling_says_that_came_after_the_answer() -> None:
    row = an_answered_request()
    given = datetime(2027, 1, 4, 18, tzinfo=UTC)
    reason = "withhold: OR2027-1"
    clock.record(request=row, type="ruling_given", actor=a_user(Role.CLERK), at=given, reason=reason)

    assert stages_of(row, date(2027, 2, 3))["ag_follow_up"] == "0"


def test_closed_request_is_reminded_of_by_the_calendar_it_was_closed_with() -> None:
    row = an_answered_request()
    today = BRIEF - timedelta(days=1)
    ClosureDay.objects.create(
        agency=row.agency, day=BRIEF, reason="Storm", effective_at=CLOSED + timedelta(days=1)
    )

    shown = next(one for one in selectors.derivations(row, on=today) if one.clock == "ag_brief")

    assert shown.due == BRIEF
    assert stages_of(row, BRIEF)["ag_brief"] == "0"


def test_nobody_is_reminded_of_a_ruling_nobody_waits_for() -> None:
    withdrawn, taken_back = an_answered_request("withdrawn"), an_answered_request()
    imported = a_request(status=Status.CLOSED, disposition="partial", closed_at=CLOSED)
    ClockEvent.objects.create(request=imported, type="ruling_requested", at=NOON)
    for entry in taken_back.clock_events.filter(type__startswith="ruling_"):
        clock.strike(event=entry, actor=a_user(Role.CLERK), at=CLOSED, reason="never asked")

    for row in (withdrawn, taken_back, imported):
        assert stages_of(row, BRIEF) == {}


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
