"""The task list: what is done, what is next, what waits, at every state of a request."""

import pytest

from requests_app.desk import wording
from requests_app.desk.rules import Task, WorkFacts, tasks
from requests_app.docket.rules import Status

FILED = [status for status in Status if status != Status.DRAFT]


def rows(**facts: object) -> dict[str, Task]:
    return {task.slug: task for task in tasks(WorkFacts(**facts))}  # type: ignore[arg-type]  # names of the facts


@pytest.mark.parametrize("status", FILED)
@pytest.mark.parametrize("records", [0, 2])
@pytest.mark.parametrize("fee_state", ["", "worksheet", "estimate_sent", "accepted", "settled"])
def test_every_state_gives_seven_tasks_with_words_the_page_has(
    status: Status, records: int, fee_state: str
) -> None:
    found = tasks(WorkFacts(status=status, records=records, undecided=records, fee_state=fee_state))

    assert [task.slug for task in found] == [
        "acknowledge", "search", "fee", "redact", "approve", "review", "release",
    ]  # fmt: skip
    assert all(task.kind in wording.TASK_TAGS and task.status for task in found)
    assert all(bool(task.blocked_reason) == (task.kind == "locked") for task in found)


def test_new_request_can_only_be_accepted() -> None:
    found = rows(status=Status.SUBMITTED)

    assert found["acknowledge"].kind == "todo"
    assert {slug for slug, task in found.items() if task.kind == "locked"} == set(found) - {"acknowledge"}
    assert found["search"].blocked_reason == "Accept the request first."
    assert found["fee"].blocked_reason == "Accept the request first."


def test_question_to_the_requester_holds_up_the_search() -> None:
    found = rows(status=Status.NEEDS_INFO)

    assert found["acknowledge"].kind == "done"
    assert found["search"].blocked_reason == "The requester owes us an answer first."


def test_accepted_request_is_ready_to_be_searched() -> None:
    assert rows(status=Status.ACCEPTED)["search"].kind == "todo"


def test_search_counts_records_and_reminds_of_preservation() -> None:
    found = rows(status=Status.SEARCHING, records=1, undecided=1, preservation_open=2)["search"]

    assert found.kind == "now"
    assert found.note == "1 record added; preservation is not confirmed yet"


def test_preservation_is_named_alone_before_a_record_is_there() -> None:
    found = rows(status=Status.SEARCHING, preservation_open=1)["search"]

    assert found.note == "preservation is not confirmed yet"


def test_records_unlock_marking_and_say_how_many_are_left() -> None:
    found = rows(status=Status.IN_REVIEW, records=3, undecided=3, to_approve=1)

    assert found["redact"].kind == "now"
    assert found["redact"].note == "2 of 3 records still to be marked"
    assert found["approve"].note == "1 waiting for a second person"
    assert found["review"].blocked_reason == "3 records not decided yet."


def test_one_record_nobody_touched_is_still_to_do() -> None:
    found = rows(status=Status.IN_REVIEW, records=1, undecided=1)

    assert found["redact"].kind == "todo"
    assert found["approve"].blocked_reason == "No redacted record is ready for a second person yet."
    assert found["review"].blocked_reason == "1 record not decided yet."


def test_review_can_be_finished_when_every_record_is_decided() -> None:
    found = rows(status=Status.IN_REVIEW, records=2)

    assert (found["redact"].kind, found["approve"].kind, found["review"].kind) == ("done", "done", "todo")
    assert found["release"].blocked_reason == "The review is not finished yet."


@pytest.mark.parametrize("state", ["estimate_sent", "accepted"])
def test_fee_the_requester_must_answer_or_pay_waits(state: str) -> None:
    found = rows(status=Status.SEARCHING, fee_state=state, fee_blocks="A fee of $40.00 is still due.")["fee"]

    assert (found.kind, found.note) == ("waiting", "A fee of $40.00 is still due.")


def test_fee_that_is_settled_is_done() -> None:
    assert rows(status=Status.SEARCHING, fee_state="settled")["fee"].kind == "done"


def test_fee_that_was_narrowed_is_the_agencys_turn() -> None:
    found = rows(status=Status.SEARCHING, fee_state="narrowed", fee_blocks="A new estimate is due.")["fee"]

    assert (found.kind, found.note) == ("now", "A new estimate is due.")


def test_money_stands_in_the_way_of_a_release() -> None:
    found = rows(status=Status.READY, records=1, fee_state="accepted", fee_blocks="A fee is due.")

    assert found["release"].blocked_reason == "A fee is due."


def test_release_being_built_is_in_progress() -> None:
    found = rows(status=Status.READY, records=1, fee_state="no_fee", release_state="building")

    assert found["release"].kind == "now"


def test_release_that_is_out_asks_to_close_the_request() -> None:
    found = rows(status=Status.READY, records=1, fee_state="no_fee", release_state="issued")["release"]

    assert (found.kind, found.note) == ("now", "The records are out; the request is still open.")


def test_released_and_closed_request_is_done_throughout() -> None:
    found = rows(status=Status.CLOSED, records=1, fee_state="settled", release_state="issued")

    assert {task.kind for task in found.values()} == {"done"}


def test_request_closed_without_records_needs_nothing_more() -> None:
    found = rows(status=Status.CLOSED)

    assert found["search"].kind == found["redact"].kind == found["release"].kind == "not_needed"
    assert found["redact"].blocked_reason == ""
