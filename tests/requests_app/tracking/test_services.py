import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from portal.accounts.rules import Role
from portal.core.errors import IllegalMove
from requests_app.clock import selectors as clocks
from requests_app.clock import services as clock
from requests_app.correspondence.models import Message, OutgoingMail
from requests_app.correspondence.services import EmptyMessage
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.tracking import services
from tests.builders import NOON, a_request, a_user
from tests.patience import SECONDS

LATER = NOON + timedelta(days=1)


def asked(question: str = "clarification_sent") -> RecordsRequest:
    row = a_request(status=Status.NEEDS_INFO)
    clock.record(request=row, type=question, actor=a_user(Role.CLERK), at=NOON)
    return row


def say(row: RecordsRequest, body: str = "The one at ten.", key: str = "k") -> Message:
    assert row.requester is not None
    return services.send_message(request=row, author=row.requester, body=body, at=LATER, idempotency_key=key)


@pytest.mark.django_db
def test_answer_moves_the_request_on_and_starts_its_clock_again() -> None:
    row = asked()
    assert clocks.main_clock(row).state == "stopped"

    say(row)

    assert row.status == Status.ACCEPTED
    assert [event.type for event in row.clock_events.all()][-1] == "clarification_answered"
    assert clocks.main_clock(row).state == "running"
    assert row.due_on == clocks.main_clock(row).due


@pytest.mark.django_db
def test_message_while_nothing_was_asked_is_a_message() -> None:
    row = a_request()

    say(row)

    assert row.status == Status.SUBMITTED
    assert row.clock_events.count() == 1


@pytest.mark.django_db
def test_answer_to_a_question_without_a_clock_event_only_moves_on() -> None:
    row = a_request(status=Status.NEEDS_INFO)

    say(row)

    assert row.status == Status.ACCEPTED
    assert row.clock_events.count() == 1


@pytest.mark.django_db
def test_same_message_again_answers_nothing_twice() -> None:
    row = asked()

    first, second = say(row), say(row)

    assert first == second
    assert row.clock_events.filter(type="clarification_answered").count() == 1


@pytest.mark.django_db
def test_question_that_was_answered_is_not_answered_again() -> None:
    row = asked()
    say(row, key="a")
    RecordsRequest.objects.filter(pk=row.pk).update(status=Status.NEEDS_INFO)

    say(row, key="b")

    assert row.clock_events.filter(type="clarification_answered").count() == 1


@pytest.mark.django_db
def test_empty_message_leaves_the_question_open() -> None:
    row = asked()

    with pytest.raises(EmptyMessage):
        say(row, body=" ")

    row.refresh_from_db()
    assert row.status == Status.NEEDS_INFO


@pytest.mark.django_db(transaction=True)
def test_one_form_posted_ten_times_at_once_is_one_answer() -> None:
    row = asked()
    gate = threading.Barrier(10)

    def post(_: int) -> int:
        own = RecordsRequest.objects.select_related("requester", "agency", "assignee").get(pk=row.pk)
        gate.wait(timeout=SECONDS)
        try:
            return say(own).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        ids = set(pool.map(post, range(10)))

    row.refresh_from_db()
    assert len(ids) == 1
    assert row.status == Status.ACCEPTED
    assert row.clock_events.filter(type="clarification_answered").count() == 1


@pytest.mark.django_db
def test_withdrawing_without_an_assignee_mails_nobody() -> None:
    row = a_request()
    assert row.requester is not None

    services.withdraw(request=row, actor=row.requester, at=LATER)

    assert not OutgoingMail.objects.exists()
    assert row.closed_at == LATER


@pytest.mark.django_db
def test_closed_request_is_not_withdrawn() -> None:
    row = a_request()
    assert row.requester is not None
    services.withdraw(request=row, actor=row.requester, at=LATER)

    with pytest.raises(IllegalMove):
        services.withdraw(request=row, actor=row.requester, at=LATER)
