"""A request's clocks by API and on both pages: the days said add up to the date."""

import random
import re
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.rules import Role
from portal.audit.models import Entry
from requests_app.clock import selectors, services
from requests_app.clock.models import PendingLapse
from requests_app.desk import services as desk
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.intake.services import load_forms
from requests_app.law.models import ClosureDay
from requests_app.law.wording import date_of
from tests.builders import NOON, a_request, a_user, an_agency
from tests.requests_app.clock.ledgers import a_random_request
from tests.requests_app.desk.desk_builders import a_clerk, address, signed_in
from tests.requests_app.law import clock_oracle as oracle

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=200)
CLOSED = [NOON.date() + timedelta(days=n) for n in (9, 24, 43)]


@pytest.fixture
def _much_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("requests_app.clock.api.now", lambda: LATER)
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)


def asked(client: Client, row: RecordsRequest) -> Any:
    response = client.get(f"/api/v1/requests/{row.key}/clocks/")
    assert response.status_code == 200
    return response.json()


def is_open(law: str, day: date) -> bool:
    return day.weekday() < 5 and not oracle.is_holiday(law, day) and day not in CLOSED


def days_of(law: str, clock: dict[str, Any]) -> list[date]:
    """The days a clock's lines say they used, each line's counted back from its own date."""
    found = []
    for line in clock["lines"]:
        day, left = date.fromisoformat(line["on"] or "2000-01-01"), line["days"]
        while left:
            if clock["unit"] == "calendar_day" or is_open(law, day):
                found.append(day)
                left -= 1
            day -= timedelta(days=1)
    return sorted(found)


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.mark.parametrize("law", ["TX", "US", "VA"])
def test_days_listed_add_up_to_the_date_on_pages_and_by_api(law: str) -> None:
    chance = random.Random(f"added up {law}")  # noqa: S311  a repeatable test
    agency = an_agency(law_code=law)
    load_forms()
    for day in CLOSED:
        ClosureDay.objects.create(agency=agency, day=day, reason="Storm")
    person = a_user()
    rows = [a_random_request(chance, requester=person) for _ in range(14)]
    hers, clerks = signed_in(person), signed_in(a_clerk())
    dates = 0

    for number, row in enumerate(rows):
        services.refresh_due(row)
        body = asked(hers, row)

        assert body["due_on"] == (row.due_on.isoformat() if row.due_on else None)
        assert [one["due"] for one in body["clocks"]][:1] in ([body["due_on"]], [])
        for clock in body["clocks"]:
            if clock["due"] is None:
                continue
            days, due = days_of(law, clock), date.fromisoformat(clock["due"])
            assert len(days) == len(set(days)) == clock["length"], clock
            assert min(days) > date.fromisoformat(clock["day_zero"])
            assert max(days) == due or not any(is_open(law, day) for day in _between(max(days), due))
            dates += 1
        if number % 7 == 0:
            main = body["clocks"][0]
            for page in (hers.get(reverse("tracking:request", args=[row.key])), clerks.get(address(row))):
                said = words_of(page.content.decode())
                assert [line["text"] for line in main["lines"] if line["text"] not in said] == []

    assert dates > 10


def _between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days)]


@pytest.mark.usefixtures("_much_later")
def test_late_duty_and_what_follows_is_told_to_both_sides() -> None:
    an_agency(law_code="IL")
    load_forms()
    row = a_request()
    assert row.requester is not None
    hers = signed_in(row.requester)

    body = asked(hers, row)
    citizen = words_of(hers.get(reverse("tracking:request", args=[row.key])).content.decode())
    clerk = words_of(signed_in(a_clerk()).get(address(row)).content.decode())

    effects = {each["effect"] for each in body["consequences"]}
    assert {"deemed_denied", "no_copy_fee"} <= effects
    assert {each["since"] for each in body["consequences"]} == {body["due_on"]}
    for said in (citizen, clerk):
        assert "Because we are late" in said
        assert f"the last day was {date_of(date.fromisoformat(body['due_on']))}" in said
        assert [each["why"] for each in body["consequences"] if each["why"] not in said] == []
        assert [each["citation"] for each in body["consequences"] if each["citation"] not in said] == []


def test_request_in_time_brings_no_consequence() -> None:
    an_agency(law_code="IL")
    row = a_request(received_at=datetime.now(tz=NOON.tzinfo))
    assert row.requester is not None
    load_forms()
    hers = signed_in(row.requester)

    assert asked(hers, row)["consequences"] == []
    assert "Because we are late" not in hers.get(reverse("tracking:request", args=[row.key])).content.decode()


def test_clocks_are_shown_to_the_requester_and_to_staff_and_noted() -> None:
    row = a_request()
    assert row.requester is not None
    url = f"/api/v1/requests/{row.key}/clocks/"

    auditor, stranger = a_user(Role.AUDITOR), a_user()

    assert signed_in(row.requester).get(url).status_code == 200
    assert signed_in(auditor).get(url).status_code == 200
    assert signed_in(stranger).get(url).status_code == 404
    assert Client().get(url).status_code == 401
    noted = Entry.objects.filter(action="request.viewed", request_key=row.key).order_by("pk")
    assert [entry.actor for entry in noted] == [row.requester, auditor, stranger]


def test_clock_by_api_carries_its_law_and_how_far_it_is_confirmed() -> None:
    row = a_request()
    assert row.requester is not None

    main = asked(signed_in(row.requester), row)["clocks"][0]

    assert (main["law"], main["clock"], main["unit"]) == ("TX", "ag_request", "business_day")
    assert main["verified"] in {"V", "P", "M"}
    assert "draft" in main["standing"]
    assert main["calendar"]


def test_finding_nothing_is_a_denial_that_opens_the_appeal() -> None:
    an_agency(law_code="US")
    row, clerk = a_request(status=Status.SEARCHING), a_clerk()

    desk.close_without_records(request=row, actor=clerk, at=NOON + timedelta(days=4), searched="All of it")

    found = {one.clock: one for one in selectors.derivations(row, on=LATER.date())}
    assert found["determination"].state == "met"
    assert found["appeal_window"].due == date(2027, 2, 4)
    assert any("no record was found" in text for text in found["appeal_window"].texts)
    assert selectors.consequences(row, on=LATER.date()) == ()


def test_closing_ends_what_the_requester_had_to_do_and_later_words_change_nothing() -> None:
    row, clerk = a_request(status=Status.SEARCHING), a_clerk()
    services.record(request=row, type="estimate_sent", actor=clerk, at=NOON + timedelta(days=1))
    assert PendingLapse.objects.filter(request=row).exists()

    services.answer(request=row, actor=clerk, at=NOON + timedelta(days=2), no_records=True)
    services.answer(request=row, actor=clerk, at=NOON + timedelta(days=9))

    assert not PendingLapse.objects.filter(request=row).exists()
    assert row.clock_events.filter(type__in=("denied", "answered")).count() == 1


def test_request_opened_again_is_counted_by_todays_calendar() -> None:
    agency = an_agency()
    row, clerk, lead = a_request(status=Status.SEARCHING), a_clerk(), a_user(Role.APPROVER)
    before = services.refresh_due(row)
    services.record(request=row, type="estimate_sent", actor=clerk, at=NOON)
    at = NOON + timedelta(days=1)
    desk.close_without_records(request=row, actor=clerk, at=at, searched="All of it")
    ClosureDay.objects.create(
        agency=agency, day=date(2026, 11, 10), reason="Flood", effective_at=at + timedelta(1)
    )
    row.refresh_from_db()
    closed = selectors.main_clock(row).due

    desk.reopen(request=row, actor=lead, at=at + timedelta(days=2), reason="More turned up")

    row.refresh_from_db()
    assert before == closed == date(2026, 11, 17)
    assert row.due_on == selectors.main_clock(row).due == date(2026, 11, 18)
    assert any("Flood" in text for text in selectors.main_clock(row).texts)
    assert PendingLapse.objects.get(request=row).clock == "estimate_lapse"


def test_question_open_at_the_closing_stops_nothing_after_the_reopening() -> None:
    row, clerk, lead = a_request(status=Status.ACCEPTED), a_clerk(), a_user(Role.APPROVER)
    desk.ask(request=row, actor=clerk, at=NOON + timedelta(days=1), body="Which?", idempotency_key="q")
    desk.lapse(request=row, actor=clerk, at=NOON + timedelta(days=90))

    desk.reopen(request=row, actor=lead, at=NOON + timedelta(days=95), reason="She wrote by post")

    row.refresh_from_db()
    # one day was used before the question; without an answer the other nine run on, and not all ten anew
    assert row.due_on == date(2027, 2, 19)
    assert selectors.lapsed(row, on=day_after(96)) is None
    assert not PendingLapse.objects.filter(request=row).exists()
    late = {each.clock for each in selectors.consequences(row, on=day_after(96))}
    assert "clarification_lapse" not in late


def day_after(days: int) -> date:
    return (NOON + timedelta(days=days)).date()
