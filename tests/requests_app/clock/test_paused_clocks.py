"""Pausing and resuming through the services never changes the days that remain."""

import random
from datetime import date, datetime, timedelta

import pytest

from requests_app.clock import selectors, services
from requests_app.desk import services as desk
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.fees import questions
from requests_app.law.event import ANSWERS
from requests_app.tracking import services as tracking
from tests.builders import NOON, a_request, an_agency
from tests.requests_app.desk.desk_builders import a_clerk
from tests.requests_app.law import clock_oracle as oracle

pytestmark = pytest.mark.django_db
PAUSES = {"US": ("fee_question_sent", "information_requested"), "VA": ("deposit_requested", "estimate_sent")}


def counted(law: str, after: date, until: date) -> int:
    """Business days after one day up to another, counted by the second reading's calendar."""
    span = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
    return sum(day.weekday() < 5 and not oracle.is_holiday(law, day) for day in span)


def day_of(row: RecordsRequest, at: datetime) -> date:
    """The day at the agency; a request counts from its day zero, whatever was asked on the weekend before."""
    zero = selectors.main_clock(row).day_zero
    assert zero is not None
    return max(selectors.day_of(row.agency, at), zero)


def due_of(row: RecordsRequest) -> date | None:
    row.refresh_from_db()
    assert row.due_on == selectors.main_clock(row).due
    return row.due_on


@pytest.mark.parametrize("law", sorted(PAUSES))
def test_pauses_at_random_leave_what_remained(law: str) -> None:
    chance = random.Random(f"pauses {law}")  # noqa: S311  a repeatable test
    an_agency(law_code=law)
    pauses = 0

    for _ in range(12):
        at = NOON + timedelta(hours=chance.randrange(24 * 120))
        row = a_request(received_at=at)
        due = services.refresh_due(row)
        for question in chance.sample(PAUSES[law], 2) if chance.random() < 0.7 else PAUSES[law][:1]:
            at += timedelta(hours=chance.randrange(1, 90))
            assert due is not None
            if day_of(row, at) >= due:
                break  # no day is left to stop
            remained = counted(law, day_of(row, at), due)
            services.record(request=row, type=question, actor=None, at=at)
            assert due_of(row) is None

            at += timedelta(hours=chance.randrange(1, 24 * 50))
            services.record(request=row, type=ANSWERS[question], actor=None, at=at)

            due = due_of(row)
            assert due is not None
            assert counted(law, day_of(row, at), due) == remained, (row.pk, question)
            pauses += 1

    assert pauses > 12


@pytest.mark.parametrize("law", sorted(PAUSES))
def test_questions_that_overlap_stop_the_clock_until_the_last_is_answered(law: str) -> None:
    chance = random.Random(f"overlap {law}")  # noqa: S311  a repeatable test
    an_agency(law_code=law)

    for _ in range(6):
        row = a_request(received_at=NOON + timedelta(days=chance.randrange(90)))
        assert row.received_at is not None
        due, at = services.refresh_due(row), row.received_at + timedelta(days=1)
        assert due is not None
        remained = counted(law, day_of(row, at), due)
        asked = chance.sample(PAUSES[law], 2)
        for kind in (asked[0], asked[1], ANSWERS[asked[0]]):
            services.record(request=row, type=kind, actor=None, at=at)
            at += timedelta(days=chance.randrange(1, 20))
            assert due_of(row) is None

        services.record(request=row, type=ANSWERS[asked[1]], actor=None, at=at)

        due = due_of(row)
        assert due is not None
        assert counted(law, day_of(row, at), due) == remained


def test_question_and_answer_as_people_send_them_leave_what_remained() -> None:
    an_agency(law_code="US")
    row, clerk = a_request(status=Status.ACCEPTED), a_clerk()
    assert row.requester is not None
    due, asked, answered = services.refresh_due(row), NOON + timedelta(days=3), NOON + timedelta(days=30)
    assert due is not None

    desk.ask(request=row, actor=clerk, at=asked, body="Which car?", idempotency_key="q")
    stopped = due_of(row)
    tracking.send_message(request=row, author=row.requester, body="The red", at=answered, idempotency_key="a")

    after = due_of(row)
    assert stopped is None
    assert after is not None
    assert counted("US", day_of(row, answered), after) == counted("US", day_of(row, asked), due)


def test_estimate_and_deposit_as_the_fee_room_asks_them_leave_what_remained() -> None:
    an_agency(law_code="VA")
    row, clerk = a_request(), a_clerk()
    due, asked, answered = services.refresh_due(row), NOON + timedelta(days=2), NOON + timedelta(days=40)
    assert due is not None

    for kind in ("estimate_sent", "deposit_requested", "deposit_requested"):  # the third is refused and noted
        questions.ask(row, kind, actor=clerk, at=asked)
    stopped = due_of(row)
    questions.close(row, actor=clerk, at=answered, reason="nothing is charged")
    questions.close(row, actor=clerk, at=answered, reason="nothing is charged")

    after = due_of(row)
    assert stopped is None
    assert after is not None
    assert counted("VA", day_of(row, answered), after) == counted("VA", day_of(row, asked), due)
    assert row.clock_events.count() == 5
