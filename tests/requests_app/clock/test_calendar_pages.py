from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from requests_app.clock import services, years
from requests_app.clock.models import CalendarChange
from requests_app.docket import recusals
from requests_app.docket.models import RecordsRequest
from requests_app.law.models import ClosureDay, LawPack
from requests_app.law.pack import shipped
from tests.abuse.canary_case import work
from tests.builders import NOON, a_pack, a_request, a_user, an_agency

DAY = date(2026, 11, 10)


@pytest.fixture(autouse=True)
def _november(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("clock.tasks", "clock.views", "clock.staff_views", "law.services"):
        monkeypatch.setattr(f"requests_app.{module}.now", lambda: NOON + timedelta(hours=1))


def as_person(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def body(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize("law", ["TX", "NJ", "CO", "IL", "CA"])
def test_every_listed_day_is_closed_and_every_closed_weekday_listed(law: str) -> None:
    rule = shipped(law).calendar
    closures = {date(2027, 12, 1): "Storm", date(2027, 12, 4): "A Saturday"}

    listed = {row.on: row for row in years.off_days(rule, closures, 2027)}

    calendar = rule.joined(closures, frozenset())
    days = [date(2027, 1, 1) + timedelta(days=n) for n in range(365)]
    assert set(listed) == {day for day in days if calendar.closed(day) and day.weekday() not in rule.weekend}
    assert all(row.rule and row.name for row in listed.values())
    assert years.used(rule, closures, 2027) == 1


def test_year_is_drawn_with_each_day_once_and_each_holiday_marked() -> None:
    rule = shipped("TX").calendar
    off = years.off_days(rule, {}, 2028)

    months = years.grid(rule, off, 2028, date(2028, 2, 29))

    cells = [cell for month in months for week in month.weeks for cell in week if cell.on]
    assert [cell.on for cell in cells] == [date(2028, 1, 1) + timedelta(days=n) for n in range(366)]
    assert {cell.on for cell in cells if cell.kind == "holiday"} == {row.on for row in off}
    assert [cell.on for cell in cells if cell.kind == "today"] == [date(2028, 2, 29)]
    assert all(len(week) == 7 for month in months for week in month.weeks)


@pytest.mark.parametrize(
    ("law", "name", "said"),
    [
        ("US", "Thanksgiving", "the fourth Thursday of November"),
        ("US", "Memorial", "the last Monday of May"),
        ("NJ", "Good Friday", "2 days before Easter Sunday"),
        ("US", "Independence", "July 4; on a weekend it moves as the law says"),
        ("IL", "Election", "in even years"),
    ],
)
def test_rule_of_a_holiday_is_said_in_words(law: str, name: str, said: str) -> None:
    rule = shipped(law).calendar

    words = [years.spoken(each, rule) for each in rule.holidays if name in each.name]

    assert any(said in each for each in words), words


@pytest.mark.django_db
def test_anybody_may_read_which_days_count() -> None:
    agency = an_agency()
    ClosureDay.objects.create(agency=agency, day=DAY, reason="Burst pipe")
    ClosureDay.objects.create(agency=agency, day=date(2026, 12, 8), reason="Taken back", ended_at=NOON)

    page = body(Client().get(reverse("clock:public-calendar")))
    later = body(Client().get(reverse("clock:public-calendar"), {"year": "2030"}))

    assert "Burst pipe" in page
    assert "Taken back" not in page
    assert "1 of 10 that the law allows" in page
    assert "the fourth Thursday of November" in page
    assert "csrfmiddlewaretoken" not in page
    assert "January 2030" in later
    assert "Tue, Jan 1, 2030" in page  # all five years are listed


@pytest.mark.django_db
@pytest.mark.parametrize("year", ["1999", "2031", "x", "²²²²", ""])
def test_year_outside_the_five_is_this_one(year: str) -> None:
    an_agency()

    assert "January 2026" in body(Client().get(reverse("clock:public-calendar"), {"year": year}))


@pytest.mark.django_db
def test_proposer_reads_who_approves_and_is_refused_herself() -> None:
    an_agency()
    admin = as_person(a_user(Role.ADMIN))
    a_user(Role.COUNSEL, name="Ivo Brandt")
    admin.post(reverse("clock:close"), {"day": "2026-11-10", "reason": "Burst pipe"})
    work()
    change = CalendarChange.objects.get()

    shown = body(admin.get(reverse("clock:change", args=[change.pk])))
    refused = admin.post(reverse("clock:approve", args=[change.pk]), {"alone": "I am in a hurry"})

    assert "somebody else has to approve it: Ivo Brandt" in shown
    assert "Approve: count by it" not in shown
    assert refused.status_code == 403
    assert Entry.objects.filter(action="clock.calendar_approved", outcome="denied").count() == 1
    assert not ClosureDay.objects.exists()


@pytest.mark.django_db
def test_only_administrator_approves_her_own_change_with_words_that_the_page_keeps() -> None:
    an_agency()
    admin = as_person(a_user(Role.ADMIN))
    admin.post(reverse("clock:close"), {"day": "2026-11-10", "reason": "Burst pipe"})
    work()
    page = reverse("clock:change", args=[CalendarChange.objects.get().pk])
    approve = reverse("clock:approve", args=[CalendarChange.objects.get().pk])

    without = admin.post(approve)
    given = admin.post(approve, {"alone": "The town has one clerk."})

    assert (without.status_code, given.status_code) == (422, 302)
    assert "Why you approve your own proposal" in body(without)
    assert "The town has one clerk." in body(admin.get(page))
    assert ClosureDay.objects.get().day == DAY


@pytest.mark.django_db
def test_closure_goes_from_proposal_to_a_moved_date_on_the_pages() -> None:
    row = a_request()
    services.refresh_due(row)
    admin = as_person(a_user(Role.ADMIN))

    proposed = admin.post(reverse("clock:close"), {"day": "2026-11-10", "reason": "Burst pipe"})
    change = CalendarChange.objects.get()
    early = body(admin.get(proposed["Location"]))
    work()
    shown = body(as_person(a_user(Role.CLERK)).get(proposed["Location"]))
    counsel = as_person(a_user(Role.COUNSEL))
    counsel.post(reverse("clock:approve", args=[change.pk]))
    work()
    after = body(counsel.get(proposed["Location"]))

    row.refresh_from_db()
    assert proposed["Location"] == reverse("clock:change", args=[change.pk])
    assert "Working out what it moves" in early
    assert "Approve: count by it" not in early
    assert row.number is not None
    assert row.number in shown
    assert "Tue, Nov 17, 2026" in shown
    assert "Wed, Nov 18, 2026" in shown
    assert "Approve: count by it" not in shown  # a clerk may look, not decide
    assert row.due_on == date(2026, 11, 18)
    assert "1 open request has been counted anew" in after
    calendar = body(counsel.get(reverse("clock:calendar")))
    assert "Burst pipe" in calendar
    assert "Approved" in calendar


@pytest.mark.django_db
def test_a_recused_person_reads_nothing_of_her_request_among_what_moves() -> None:
    hers, other = a_request(), a_request()
    for row in (hers, other):
        services.refresh_due(row)
    clerk = a_user(Role.CLERK)
    recusals.recuse(
        person=clerk, request=hers, ground="party", why="Her claim", by=a_user(Role.COUNSEL), at=NOON
    )
    proposed = as_person(a_user(Role.ADMIN)).post(
        reverse("clock:close"), {"day": "2026-11-10", "reason": "Burst pipe"}
    )
    work()

    shown = body(as_person(clerk).get(proposed["Location"]))

    assert str(other.number) in shown
    assert str(hers.number) not in shown


@pytest.mark.django_db
def test_progress_is_polled_and_the_page_loads_anew_when_it_is_done() -> None:
    a_request()
    admin = as_person(a_user(Role.ADMIN))
    admin.post(reverse("clock:close"), {"day": "2026-11-10", "reason": "Burst pipe"})
    poll = reverse("clock:progress", args=[CalendarChange.objects.get().pk])

    waiting = admin.get(poll)
    work()
    done = admin.get(poll)

    assert "HX-Refresh" not in waiting
    assert "0%" in body(waiting)
    assert done["HX-Refresh"] == "true"
    assert "1 of 1 open requests compared" in body(done)


@pytest.mark.django_db
def test_closure_is_taken_back_and_a_proposal_withdrawn_on_the_pages() -> None:
    closure = ClosureDay.objects.create(agency=an_agency(), day=DAY, reason="Burst pipe")
    admin = as_person(a_user(Role.ADMIN))

    bad = admin.post(reverse("clock:reopen", args=[closure.pk]), {"reason": ""})
    admin.post(reverse("clock:reopen", args=[closure.pk]), {"reason": "It was open"})
    twice = admin.post(reverse("clock:reopen", args=[closure.pk]), {"reason": "It was open"})
    change = CalendarChange.objects.get()
    work()
    admin.post(reverse("clock:compare-again", args=[change.pk]))
    work()
    admin.post(reverse("clock:withdraw", args=[change.pk]))

    change.refresh_from_db()
    assert bad.status_code == twice.status_code == 422
    assert "proposed already" in body(twice)
    assert change.state == "withdrawn"
    assert "Open again on Tuesday, November 10, 2026" in body(admin.get(reverse("clock:calendar")))


@pytest.mark.django_db
def test_open_requests_of_an_older_version_are_offered_to_be_counted_by_the_new_one() -> None:
    base = a_pack()
    old = LawPack.objects.create(
        code="TX", version="2025.01", name=base.name, effective_from=base.effective_from,
        data={**base.data, "version": "2025.01"}, sha256="b" * 64,
    )  # fmt: skip
    a_request()
    RecordsRequest.objects.update(law_version="2025.01")
    admin = as_person(a_user(Role.ADMIN))

    page = body(admin.get(reverse("clock:calendar")))
    bad = admin.post(reverse("clock:version", args=[old.pk]), {"reason": ""})
    good = admin.post(reverse("clock:version", args=[old.pk]), {"reason": "Counsel agrees"})
    again = admin.post(reverse("clock:version", args=[old.pk]), {"reason": "Counsel agrees"})

    assert "1 open request is counted by TX 2025.01" in page
    assert bad.status_code == again.status_code == 422
    assert good.status_code == 302
    shown = body(admin.get(good["Location"]))
    assert f"Count open requests by {base} instead of TX 2025.01" in shown


@pytest.mark.django_db
def test_day_that_cannot_be_closed_comes_back_with_the_reason() -> None:
    an_agency()
    admin = as_person(a_user(Role.ADMIN))

    holiday = admin.post(reverse("clock:close"), {"day": "2026-11-11", "reason": "Parade"})
    empty = admin.post(reverse("clock:close"), {"day": "", "reason": ""})

    assert (holiday.status_code, empty.status_code) == (422, 422)
    assert "holiday of the law already" in body(holiday)
    assert not CalendarChange.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["close", "reopen", "version", "approve", "withdraw", "compare-again"])
def test_change_by_others_is_refused_and_audited(name: str) -> None:
    an_agency()
    number = [] if name == "close" else [1]

    answer = as_person(a_user(Role.CLERK)).post(reverse(f"clock:{name}", args=number))

    assert answer.status_code == 403
    assert Entry.objects.filter(action="clock.calendar_changed", outcome="denied").exists()


@pytest.mark.django_db
def test_pages_of_the_calendar_ask_few_questions_however_much_moves(
    django_assert_max_num_queries: Any,
) -> None:
    for _ in range(12):
        a_request()
    admin = as_person(a_user(Role.ADMIN))
    admin.post(reverse("clock:close"), {"day": "2026-11-10", "reason": "Burst pipe"})
    work()
    change = CalendarChange.objects.get()

    with django_assert_max_num_queries(16):
        admin.get(reverse("clock:change", args=[change.pk]))
    with django_assert_max_num_queries(22):
        admin.get(reverse("clock:calendar"))


@pytest.mark.django_db
def test_change_that_does_not_exist_is_not_found() -> None:
    an_agency()

    assert as_person(a_user(Role.ADMIN)).get(reverse("clock:change", args=[99])).status_code == 404
