"""Facts the dates depend on, as a clerk enters them on the request's page."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, NotAllowed
from requests_app.clock import rules, selectors, services
from requests_app.clock.models import ClockEvent, ClockFact
from requests_app.clock.services import ClockMoveRefused
from requests_app.desk import clock_steps
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from tests.builders import NOON, a_request, a_user, an_agency
from tests.requests_app.desk.desk_builders import a_clerk, address, signed_in

pytestmark = pytest.mark.django_db
NOW = NOON + timedelta(days=18)
TODAY = NOW.date()
KNOWN = "the envelope"


@pytest.fixture(autouse=True)
def _november(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("requests_app.desk.views.now", lambda: NOW)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def clerk() -> Client:
    return signed_in(a_clerk(name="Ada Finch"))


def due_of(row: RecordsRequest) -> date | None:
    row.refresh_from_db()
    assert row.due_on == selectors.main_clock(row).due
    return row.due_on


def enter(client: Client, row: RecordsRequest, **values: str) -> tuple[int, str]:
    sent = {"type": "postmarked", "on": "2026-11-03", "reason": KNOWN, **values}
    response = client.post(address(row, "enter-event"), sent, follow=True)
    return response.status_code, response.content.decode()


def test_date_entered_moves_the_last_day_and_stays_with_its_reason(clerk: Client) -> None:
    an_agency(law_code="US")
    row = a_request()
    services.record(request=row, type="fee_question_sent", actor=None, at=NOON + timedelta(days=3))
    assert due_of(row) is None

    status, html = enter(clerk, row, type="fee_question_answered", on="2026-11-12", time="09:30")

    assert status == 200
    assert due_of(row) is not None
    event = row.clock_events.get(type="fee_question_answered")
    assert event.at == datetime(2026, 11, 12, 15, 30, tzinfo=UTC)
    assert (event.reason, str(event.actor)) == (KNOWN, "Ada Finch")
    assert "The due dates are counted with it." in html
    assert "The question about fees was answered" in html
    assert KNOWN in html


def test_time_is_read_and_shown_in_the_agencys_own_zone(clerk: Client) -> None:
    an_agency(law_code="US", time_zone="America/New_York")
    row = a_request()

    _status, html = enter(clerk, row, type="fee_question_sent", on="2026-11-05", time="00:30")

    assert row.clock_events.get(type="fee_question_sent").at == datetime(2026, 11, 5, 5, 30, tzinfo=UTC)
    assert "November 5, 2026, 12:30 AM" in html


def test_entry_without_a_time_is_at_noon(clerk: Client) -> None:
    an_agency(law_code="US")
    row = a_request()

    enter(clerk, row, type="fee_question_sent", on="2026-11-05")

    assert row.clock_events.get(type="fee_question_sent").at == datetime(2026, 11, 5, 18, 0, tzinfo=UTC)


BAD_ENTRIES = [
    ({"type": "recorded"}, "Choose what happened from the list."),  # no clock of Texas asks for it
    ({"type": "received"}, "Choose what happened from the list."),  # the portal's own entry
    ({"type": ""}, "Choose what happened from the list."),
    ({"on": "5 November"}, "Write the date as year-month-day"),
    ({"on": ""}, "Write the date as year-month-day"),
    ({"time": "noon"}, "Write the date as year-month-day"),
    ({"on": "2026-11-21"}, "The day cannot be after today."),
    ({"on": "0001-01-01"}, "cannot be right"),
    ({"reason": " "}, "Say how you know it"),
    ({"reason": "x" * 301}, "at most 300 characters"),
]


def test_entry_that_cannot_be_right_is_refused_and_leaves_the_ledger() -> None:
    row, actor = a_request(), a_clerk()
    good = {"type": "postmarked", "on": "2026-11-01", "reason": KNOWN}

    for values, says in BAD_ENTRIES:
        with pytest.raises(BadInput, match=says):
            clock_steps.enter_event(row, actor, NOW, good | values)

    assert [event.type for event in row.clock_events.all()] == ["received"]


def test_refused_entry_brings_the_page_back_with_the_words_still_in_it(clerk: Client) -> None:
    status, html = enter(clerk, a_request(), on="5 November")

    assert status == 422
    assert 'id="refused-enter-event"' in html
    assert 'value="5 November"' in html
    assert f'value="{KNOWN}"' in html


def test_answer_nobody_waits_for_is_refused(clerk: Client) -> None:
    an_agency(law_code="US")
    row = a_request()

    status, html = enter(clerk, row, type="fee_question_answered", on="2026-11-05")

    assert status == 409
    assert "Nothing is waiting for this" in html
    assert row.clock_events.count() == 1


def test_entry_taken_back_no_longer_counts_and_both_stay(clerk: Client) -> None:
    an_agency(law_code="US")
    row = a_request()
    before = services.refresh_due(row)
    enter(clerk, row, type="fee_question_sent")
    wrong = row.clock_events.get(type="fee_question_sent")
    stopped, offered = due_of(row), clerk.get(address(row)).content.decode()

    done = clerk.post(
        address(row, "strike-event"), {"event": str(wrong.pk), "reason": "other letter"}, follow=True
    )

    html = done.content.decode()
    assert "It is wrong" in offered
    assert "Taken back" in html
    assert "other letter" in html
    assert "It is wrong" not in html
    assert stopped is None
    assert due_of(row) == before
    kinds = set(row.clock_events.values_list("type", flat=True))
    assert kinds == {"received", "fee_question_sent", rules.STRUCK}


def test_only_what_a_person_entered_is_taken_back_and_only_once() -> None:
    row, other, actor = a_request(), a_request(), a_clerk()
    for each in (row, other):
        clock_steps.enter_event(each, actor, NOW, {"type": "postmarked", "on": "2026-11-03", "reason": KNOWN})
    mine, foreign = row.clock_events.get(type="postmarked"), other.clock_events.get(type="postmarked")

    def refused(number: object, says: str, reason: str = "wrong") -> None:
        with pytest.raises(BadInput, match=says):
            clock_steps.strike_event(row, actor, NOW, {"event": str(number), "reason": reason})

    refused(row.clock_events.get(type="received").pk, "Only what a person entered")
    for number in (foreign.pk, "", "one", "²", "9" * 30):
        refused(number, "There is no such entry")
    refused(mine.pk, "Say how you know it", " ")
    clock_steps.strike_event(row, actor, NOW, {"event": str(mine.pk), "reason": "wrong"})
    refused(mine.pk, "taken back already")

    assert ClockEvent.objects.filter(type=rules.STRUCK).count() == 1


def state(client: Client, row: RecordsRequest, name: str, value: str, reason: str = "counted") -> str:
    sent = {"name": name, "value": value, "reason": reason}
    return client.post(address(row, "state-fact"), sent, follow=True).content.decode()


def test_fact_decides_which_clock_runs_and_the_newest_holds(clerk: Client) -> None:
    row = a_request(record_type="body_worn_camera")

    def running() -> bool:
        found = selectors.derivations(RecordsRequest.objects.get(pk=row.pk), on=TODAY)
        return "voluminous_production" in {one.clock for one in found}

    before = running()
    html = state(clerk, row, "incidents", " 6 ")
    after = running()
    corrected = state(clerk, row, "incidents", "2", "counted again")

    assert (before, after, running()) == (False, True, False)
    assert "The due dates are counted with it." in html
    assert "counted again" in corrected
    assert [fact.value for fact in ClockFact.objects.order_by("pk")] == [6, 2]
    assert Entry.objects.filter(action="clock.fact_stated").count() == 2
    assert [entry.value for entry in selectors.entered_facts(row)] == [2, 6]


def test_yes_and_no_are_kept_as_answers(clerk: Client) -> None:
    row = a_request()

    yes = state(clerk, row, "previous_determination", "Yes")
    names = {one.clock for one in selectors.derivations(row, on=TODAY)}
    state(clerk, row, "previous_determination", "no")

    assert "<strong>yes</strong>" in yes
    assert "previous_determination_notice" in names
    assert selectors.facts(row) == {"previous_determination": False}


BAD_FACTS = [
    ("previous_determination", "1", "Answer with yes or no."),
    ("incidents", "yes", "Write a whole number."),
    ("incidents", "-1", "Write a whole number."),
    ("incidents", "٣", "Write a whole number."),
    ("incidents", "100001", "from 0 to 100,000"),
    ("daniels_law_review", "3", "No clock of this request’s law asks for this."),
    ("incidents", "3", "Say how you know it"),
]


def test_fact_that_cannot_be_read_is_refused() -> None:
    row, actor = a_request(), a_clerk()

    for name, value, says in BAD_FACTS:
        reason = "" if says.startswith("Say") else "counted"
        with pytest.raises(BadInput, match=says):
            clock_steps.state_fact(row, actor, NOW, {"name": name, "value": value, "reason": reason})

    assert not ClockFact.objects.exists()


def test_service_refuses_what_the_form_would_not_send() -> None:
    row, clerk = a_request(), a_clerk()
    about: dict[str, Any] = {"request": row, "actor": clerk, "at": NOON, "reason": KNOWN}

    with pytest.raises(BadInput, match="yes or no"):
        services.state_fact(name="previous_determination", value=1, **about)
    with pytest.raises(BadInput, match="whole number"):
        services.state_fact(name="incidents", value=True, **about)
    with pytest.raises(BadInput, match="from the list"):
        services.enter_event(type="denied", today=TODAY, **about)
    with pytest.raises(BadInput, match="does not end as"):
        services.end(request=row, how="forgotten", actor=clerk, at=NOON)
    with pytest.raises(ClockMoveRefused):
        services.enter_event(**about | {"type": "fee_question_answered", "today": TODAY})

    assert row.clock_events.count() == 1


@pytest.mark.parametrize("role", [Role.AUDITOR, None])
def test_nobody_else_enters_or_takes_back(role: Role | None) -> None:
    row, clerk = a_request(), a_clerk()
    event = services.enter_event(
        request=row, type="postmarked", actor=clerk, at=NOON, reason=KNOWN, today=TODAY
    )
    other = a_user(*([role] if role else []))

    with pytest.raises(NotAllowed):
        services.enter_event(request=row, type="postmarked", actor=other, at=NOON, reason=KNOWN, today=TODAY)
    with pytest.raises(NotAllowed):
        services.strike(event=event, actor=other, at=NOON, reason=KNOWN)
    with pytest.raises(NotAllowed):
        services.state_fact(request=row, name="incidents", value=3, actor=other, at=NOON, reason=KNOWN)

    assert row.clock_events.count() == 2


def test_closed_request_shows_what_was_entered_and_takes_nothing_more(clerk: Client) -> None:
    row = a_request()
    enter(clerk, row)
    state(clerk, row, "incidents", "3", "three calls")
    services.end(request=row, how="withdrawn", actor=None, at=NOON + timedelta(days=2))
    RecordsRequest.objects.filter(pk=row.pk).update(
        status=Status.CLOSED, disposition="withdrawn", closed_at=NOON + timedelta(days=2)
    )

    shown = clerk.get(address(row)).content.decode()
    status, _html = enter(clerk, row)

    assert KNOWN in shown
    assert "three calls" in shown
    assert "do/enter-event/" not in shown
    assert "do/strike-event/" not in shown
    assert status == 409
