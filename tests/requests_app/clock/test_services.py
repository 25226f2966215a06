from datetime import timedelta

import pytest
from django.db import transaction
from django.db.utils import ProgrammingError

from portal.accounts.rules import Role
from portal.audit.models import Entry
from requests_app.clock import selectors, services
from requests_app.clock.models import ClockEvent
from requests_app.docket.models import RecordsRequest
from requests_app.law.event import EventError
from requests_app.law.selectors import pack_for
from tests.builders import NOON, a_request, a_user, an_agency

pytestmark = pytest.mark.django_db
NEXT_DAY = NOON + timedelta(days=1)


def events(row: RecordsRequest) -> list[str]:
    return [event.type for event in row.clock_events.all()]


def test_sorting_copy_is_the_derived_day() -> None:
    row = a_request()

    services.refresh_due(row)

    row.refresh_from_db()
    derived = selectors.main_clock(row)
    assert derived.due is not None
    assert row.due_on == derived.due
    assert sum(line.days for line in derived.lines) == derived.length


def test_texas_counts_ten_business_days_without_its_holidays() -> None:
    row = a_request()  # Monday, 2 November 2026; Veterans Day is the 11th

    due = services.refresh_due(row)

    assert due is not None
    assert due.isoformat() == "2026-11-17"
    assert any("Veterans Day" in text for text in selectors.main_clock(row).texts)


def test_body_camera_video_has_its_longer_limit() -> None:
    row = a_request(record_type="body_worn_camera")

    assert selectors.main_clock(row).length == 20


def test_question_stops_the_clock_and_empties_the_sorting_copy() -> None:
    row = a_request()
    services.refresh_due(row)

    services.record(request=row, type="clarification_sent", actor=a_user(Role.CLERK), at=NEXT_DAY)

    row.refresh_from_db()
    assert row.due_on is None
    assert selectors.main_clock(row).state == "stopped"


def test_event_is_audited_without_its_reason() -> None:
    row, clerk = a_request(), a_user(Role.CLERK)

    services.record(
        request=row, type="clarification_sent", actor=clerk, at=NEXT_DAY, reason="Which?", citation="X"
    )

    entry = Entry.objects.get(action="clock.recorded")
    assert entry.detail == {"type": "clarification_sent", "by": None, "unit": ""}
    assert entry.actor == clerk


def test_second_question_while_one_is_open_is_refused() -> None:
    row, clerk = a_request(), a_user(Role.CLERK)
    services.record(request=row, type="clarification_sent", actor=clerk, at=NEXT_DAY)

    with pytest.raises(services.ClockMoveRefused):
        services.record(request=row, type="clarification_sent", actor=clerk, at=NEXT_DAY)

    assert events(row) == ["received", "clarification_sent"]


def test_extension_the_law_does_not_know_is_refused_and_leaves_no_trace() -> None:
    row = a_request()

    with pytest.raises(services.ClockMoveRefused):
        services.record(
            request=row, type="extended", actor=a_user(Role.CLERK), at=NEXT_DAY, by=14, unit="calendar_day",
            reason="Many records",
        )  # fmt: skip

    assert events(row) == ["received"]
    assert not Entry.objects.filter(action="clock.recorded").exists()


def test_californian_extension_moves_the_day() -> None:
    an_agency(law_code="CA")
    row = a_request()
    before = services.refresh_due(row)

    services.record(
        request=row, type="extended", actor=a_user(Role.CLERK), at=NEXT_DAY, by=14, unit="calendar_day",
        reason="voluminous",
    )  # fmt: skip

    assert before is not None
    assert row.due_on is not None
    assert row.due_on > before
    assert row.due_on == selectors.main_clock(row).due


@pytest.mark.parametrize("kind", ["vanished", ""])
def test_event_of_no_kind_is_refused(kind: str) -> None:
    row = a_request()

    with pytest.raises(EventError):
        services.record(request=row, type=kind, actor=None, at=NEXT_DAY)

    assert events(row) == ["received"]


def test_ledger_is_never_changed() -> None:
    event = a_request().clock_events.get()

    with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
        ClockEvent.objects.filter(pk=event.pk).update(at=NEXT_DAY)
    with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
        event.delete()

    assert str(event) == "received 2026-11-02"


def test_main_clock_comes_first_of_all() -> None:
    row = a_request()

    found = selectors.derivations(row, on=NOON.date())

    assert found[0].clock == selectors.main_clock_name(row) == "ag_request"
    assert len(found) > 1
    assert len({derived.clock for derived in found}) == len(found)


def test_day_that_has_passed_is_overdue() -> None:
    row = a_request()

    assert selectors.main_clock(row, on=NOON.date()).state == "running"
    assert selectors.main_clock(row, on=NOON.date() + timedelta(days=90)).state == "overdue"


def test_day_if_filed_now_is_the_day_filing_then_gives() -> None:
    row = a_request(record_type="body_worn_camera")

    promised = selectors.if_filed(row.agency, at=NOON, record_type="body_worn_camera")

    assert promised.due == selectors.main_clock(row).due
    assert promised.lines == selectors.main_clock(row).lines


def test_running_lapses_are_named_with_their_day() -> None:
    row = a_request()
    assert selectors.lapses(row, at=NOON) == []

    services.record(request=row, type="estimate_sent", actor=a_user(Role.CLERK), at=NEXT_DAY)

    lapses = selectors.lapses(row, at=NEXT_DAY)
    assert [derived.clock for derived in lapses] == ["estimate_lapse"]
    assert pack_for(row).clocks["estimate_lapse"].kind == "lapse"
