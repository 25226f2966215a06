"""The staff's steps: what each changes, tells and writes down."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, DomainError, IllegalMove, NotAllowed, StaleWrite
from requests_app.clock import services as clock
from requests_app.clock.services import ClockMoveRefused
from requests_app.correspondence.models import Letter, Message, OutgoingMail
from requests_app.correspondence.services import EmptyMessage
from requests_app.desk import actions, deadlines, services
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from tests.builders import NOON, a_request, a_user, an_agency
from tests.patience import SECONDS
from tests.requests_app.custody.record_builders import a_record
from tests.requests_app.desk.desk_builders import a_clerk

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)


def do(action: str, row: RecordsRequest, actor: User, **values: str) -> str:
    return actions.perform(request=row, action=action, actor=actor, at=LATER, values=values)


def clock_types(row: RecordsRequest) -> list[str]:
    return [event.type for event in row.clock_events.all()]


def test_accepting_makes_the_clerk_the_owner_and_tells_the_clock() -> None:
    row, clerk = a_request(), a_clerk()

    said = do("acknowledge", row, clerk)

    row.refresh_from_db()
    assert said == "The request is accepted for work."
    assert (row.status, row.assignee, row.acknowledged_at) == (Status.ACCEPTED, clerk, LATER)
    assert clock_types(row) == ["received", "acknowledged"]


def test_accepting_leaves_a_request_with_its_owner() -> None:
    owner = a_clerk()
    row = a_request(assignee=owner)

    do("acknowledge", row, a_clerk())

    row.refresh_from_db()
    assert row.assignee == owner


def test_search_and_review_go_forward_step_by_step() -> None:
    row, clerk = a_request(status=Status.ACCEPTED), a_clerk()

    do("start-search", row, clerk)
    a_record(request=row)
    do("finish-search", row, clerk)
    RecordsRequest.objects.filter(pk=row.pk).update(status=Status.READY)
    row.refresh_from_db()
    do("reopen-review", row, clerk)

    row.refresh_from_db()
    assert row.status == Status.IN_REVIEW


def test_search_does_not_finish_without_a_record() -> None:
    row = a_request(status=Status.SEARCHING)

    with pytest.raises(IllegalMove, match="No record has been added yet"):
        do("finish-search", row, a_clerk())


def test_review_does_not_finish_while_a_record_is_undecided() -> None:
    row = a_request(status=Status.SEARCHING)
    a_record(request=row)
    RecordsRequest.objects.filter(pk=row.pk).update(status=Status.IN_REVIEW)
    row.refresh_from_db()

    with pytest.raises(IllegalMove, match="1 of the records are not decided yet"):
        do("finish-review", row, a_clerk())


def test_question_stops_the_clock_where_the_law_says_so() -> None:
    row, clerk = a_request(status=Status.ACCEPTED), a_clerk()

    do("ask", row, clerk, body="Which camera?", token="t1")

    row.refresh_from_db()
    message = Message.objects.get()
    assert row.status == Status.NEEDS_INFO
    assert row.due_on is None
    assert (message.is_question, message.direction, message.body) == (True, "out", "Which camera?")
    assert clock_types(row)[-1] == "clarification_sent"


def test_question_about_a_new_request_accepts_it_first() -> None:
    row, clerk = a_request(), a_clerk()

    do("ask", row, clerk, body="Which camera?")

    row.refresh_from_db()
    assert (row.status, row.acknowledged_at, row.assignee) == (Status.NEEDS_INFO, LATER, clerk)
    assert clock_types(row) == ["received", "acknowledged", "clarification_sent"]


def test_empty_question_leaves_everything_as_it_was() -> None:
    row = a_request()

    with pytest.raises(EmptyMessage):
        do("ask", row, a_clerk(), body="   ")

    row.refresh_from_db()
    assert (row.status, row.assignee) == (Status.SUBMITTED, None)
    assert clock_types(row) == ["received"]


def test_federal_law_lets_a_question_stop_the_clock_only_once() -> None:
    an_agency(law_code="US")
    row, clerk = a_request(status=Status.ACCEPTED), a_clerk()

    said = deadlines.question_effect(row, at=LATER)
    first = deadlines.question_type(row, at=LATER)
    clock.record(request=row, type=first, actor=clerk, at=LATER)
    clock.record(request=row, type="information_answered", actor=None, at=LATER + timedelta(days=1))
    second = deadlines.question_type(row, at=LATER + timedelta(days=2))

    assert (first, second) == ("information_requested", "clarification_sent")
    assert "only once" in said
    assert "goes on running" in deadlines.question_effect(row, at=LATER + timedelta(days=2))


@pytest.mark.parametrize(
    ("law", "words"), [("TX", "starts anew"), ("CA", "goes on running"), ("CO", "goes on")]
)
def test_page_says_what_a_question_does_to_the_clock(law: str, words: str) -> None:
    an_agency(law_code=law)

    assert words in deadlines.question_effect(a_request(), at=LATER)


def test_message_sent_twice_from_one_form_is_one_message() -> None:
    row, clerk = a_request(), a_clerk()

    do("tell", row, clerk, body="We are searching.", token="same")
    do("tell", row, clerk, body="We are searching.", token="same")

    assert Message.objects.count() == 1
    assert OutgoingMail.objects.filter(request=row).count() == 1
    row.refresh_from_db()
    assert row.status == Status.SUBMITTED


def test_messages_without_a_token_are_two() -> None:
    row, clerk = a_request(), a_clerk()

    do("tell", row, clerk, body="First.")
    do("tell", row, clerk, body="Second.")

    assert Message.objects.count() == 2


def test_extension_moves_the_date_and_tells_the_requester_why() -> None:
    an_agency(law_code="US")
    row, clerk = a_request(status=Status.SEARCHING), a_clerk()
    due = clock.refresh_due(row)
    allowed = deadlines.extension(row)
    assert allowed is not None
    assert due is not None

    do(
        "extend",
        row,
        clerk,
        by="5",
        unit=allowed.unit,
        reason=allowed.reasons[0] if allowed.reasons else "Volume",
    )

    row.refresh_from_db()
    assert row.due_on is not None
    assert row.due_on > due
    assert Letter.objects.get().kind == "extension"
    assert row.clock_events.filter(type="extended", by=5).count() == 1


def test_extension_the_law_does_not_give_is_refused() -> None:
    row = a_request(status=Status.SEARCHING)

    with pytest.raises(ClockMoveRefused, match="allows no extension"):
        do("extend", row, a_clerk(), by="5", unit="business_day", reason="Volume")

    assert Letter.objects.count() == 0
    assert deadlines.extension(row) is None


@pytest.mark.parametrize("days", ["", "five", "0", "-3", "366", "２", "9" * 30])
def test_extension_needs_a_sensible_number_of_days(days: str) -> None:
    with pytest.raises(BadInput, match="whole number from 1 to 365"):
        do("extend", a_request(), a_clerk(), by=days, unit="business_day", reason="Volume")


@pytest.mark.parametrize(("reason", "words"), [(" ", "Give the reason"), ("x" * 301, "at most 300")])
def test_extension_needs_a_reason_the_requester_can_read(reason: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        do("extend", a_request(), a_clerk(), by="5", unit="business_day", reason=reason)


def test_closed_request_takes_no_extension_from_any_caller() -> None:
    row = a_request(status=Status.CLOSED, closed_at=NOON, disposition=Disposition.LAPSED)

    with pytest.raises(IllegalMove, match="closed"):
        services.extend(request=row, actor=a_clerk(), at=LATER, by=5, unit="business_day", reason="Volume")


def test_services_ask_for_the_permission_themselves() -> None:
    row, auditor = a_request(), a_user(Role.AUDITOR)

    with pytest.raises(NotAllowed):
        services.tell(request=row, actor=auditor, at=LATER, body="Hello", idempotency_key="k")
    with pytest.raises(NotAllowed):
        services.extend(request=row, actor=auditor, at=LATER, by=5, unit="business_day", reason="Volume")


def test_closing_without_records_tells_where_was_searched() -> None:
    row, clerk = a_request(status=Status.SEARCHING), a_clerk()

    do("close-no-records", row, clerk, reason="The camera archive, by street and hour.")

    row.refresh_from_db()
    assert (row.status, row.disposition, row.closed_at) == (Status.CLOSED, Disposition.NO_RECORDS, LATER)
    assert "The camera archive, by street and hour." in Letter.objects.get().html


def test_closing_without_records_needs_the_search_described() -> None:
    with pytest.raises(BadInput, match="Describe the search"):
        do("close-no-records", a_request(status=Status.SEARCHING), a_clerk(), reason="  ")


def test_request_with_records_is_not_closed_as_without() -> None:
    row = a_request(status=Status.SEARCHING)
    a_record(request=row)

    with pytest.raises(BadInput, match="Records have been added"):
        do("close-no-records", row, a_clerk(), reason="Everywhere.")


def test_duplicate_names_the_same_persons_other_request() -> None:
    ana = a_user()
    first, second = a_request(requester=ana), a_request(requester=ana)

    do("close-duplicate", second, a_clerk(), number=f" {first.number} ")

    second.refresh_from_db()
    assert second.disposition == Disposition.DUPLICATE
    assert Entry.objects.get(action="request.close_duplicate").detail["same_as"] == first.number


@pytest.mark.parametrize("whose", ["own", "another's", "none"])
def test_duplicate_of_anything_else_is_refused(whose: str) -> None:
    row, other = a_request(), a_request()
    number = {"own": row.number, "another's": other.number, "none": ""}[whose]

    with pytest.raises(BadInput, match="no other request"):
        do("close-duplicate", row, a_clerk(), number=str(number))


def test_release_closes_with_its_own_outcome_only_when_it_is_out() -> None:
    row = a_request(status=Status.READY)

    with pytest.raises(IllegalMove, match="fee is not decided"):
        do("close-released", row, a_clerk())


def test_request_lapses_when_the_laws_time_for_an_answer_is_over() -> None:
    row, clerk = a_request(status=Status.ACCEPTED), a_clerk()
    do("ask", row, clerk, body="Which camera?")
    row.refresh_from_db()

    with pytest.raises(IllegalMove, match="No time for an answer has run out"):
        do("lapse", row, clerk)
    services.lapse(request=row, actor=clerk, at=LATER + timedelta(days=90))

    row.refresh_from_db()
    assert row.disposition == Disposition.LAPSED
    assert Entry.objects.get(action="request.lapse").detail["clock"] == "clarification_lapse"
    assert "treats your request as withdrawn" in Letter.objects.get(kind="withdrawal_or_lapse").html


def test_reopening_keeps_its_reason_as_a_note() -> None:
    row = a_request(status=Status.CLOSED, closed_at=NOON, disposition=Disposition.NO_RECORDS)

    do("reopen", row, a_clerk(), reason="A second camera was found.")

    row.refresh_from_db()
    assert (row.status, row.disposition, row.closed_at) == (Status.ACCEPTED, "", None)
    assert row.notes.get().body == "Opened again: A second camera was found."


def test_reopening_needs_a_reason() -> None:
    row = a_request(status=Status.CLOSED, closed_at=NOON, disposition=Disposition.NO_RECORDS)

    with pytest.raises(BadInput, match="Say why"):
        do("reopen", row, a_clerk(), reason=" ")


def test_note_is_kept_with_its_author() -> None:
    row, clerk = a_request(), a_clerk()

    do("note", row, clerk, body=" The sergeant has the card. ")

    note = row.notes.get()
    assert (note.author, note.body) == (clerk, "The sergeant has the card.")


@pytest.mark.django_db(transaction=True)
def test_ten_parallel_claims_make_one_owner() -> None:
    row, clerks = a_request(), [a_clerk() for _ in range(10)]
    start = Barrier(10)

    def claim(clerk: User) -> Any:
        mine = RecordsRequest.objects.get(pk=row.pk)
        start.wait(timeout=SECONDS)
        try:
            return do("claim", mine, clerk)
        except DomainError as refusal:
            return type(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(claim, clerks))

    row.refresh_from_db()
    assert answers.count(StaleWrite) == 9
    assert row.assignee in clerks
    assert Entry.objects.filter(action="request.assigned").count() == 1
