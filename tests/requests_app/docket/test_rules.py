"""The lifecycle table: every (state, action) that is not in it is refused."""

import pytest

from portal.accounts.rules import PERMISSIONS, Permission, Role
from portal.core.errors import IllegalMove
from requests_app.docket.rules import OPEN, REQUEST, RequestFacts, Status

GOOD = RequestFacts(records=1, released=True)
ACTIONS = [step.action for step in REQUEST.steps]
TABLE = {(str(state), step.action) for step in REQUEST.steps for state in step.sources}
ALLOWED = {
    ("draft", "submit"),
    ("submitted", "acknowledge"),
    ("submitted", "ask_requester"), ("accepted", "ask_requester"), ("searching", "ask_requester"),
    ("needs_info", "answer_agency"),
    ("accepted", "start_search"),
    ("searching", "finish_search"),
    ("in_review", "finish_review"),
    ("ready", "reopen_review"),
    ("ready", "close_released"),
    ("searching", "close_no_records"), ("accepted", "close_no_records"),
    ("closed", "reopen"),
    *((str(state), action) for state in OPEN for action in ("withdraw", "lapse", "close_duplicate")),
}  # fmt: skip


def test_table_holds_exactly_the_steps_that_were_agreed() -> None:
    assert TABLE == ALLOWED


@pytest.mark.parametrize("state", list(Status))
@pytest.mark.parametrize("action", ACTIONS)
def test_step_is_taken_from_its_states_and_refused_from_every_other(state: Status, action: str) -> None:
    if (str(state), action) in ALLOWED:
        assert REQUEST.check(action, state, GOOD).action == action
        return

    with pytest.raises(IllegalMove, match="needs it to be"):
        REQUEST.check(action, state, GOOD)


def test_action_the_table_lacks_is_refused() -> None:
    with pytest.raises(IllegalMove, match="no step “vanish”"):
        REQUEST.check("vanish", Status.DRAFT, GOOD)


@pytest.mark.parametrize(
    ("action", "state", "facts", "why"),
    [
        ("finish_search", Status.SEARCHING, RequestFacts(), "No record has been added"),
        ("finish_review", Status.IN_REVIEW, RequestFacts(records=3, undecided_records=2), "2 of the records"),
        (
            "close_released",
            Status.READY,
            RequestFacts(fee_blocks="A fee of $46.00 is still due."),
            r"\$46.00",
        ),
        ("close_released", Status.READY, RequestFacts(), "has not been built"),
    ],
)
def test_guard_says_what_stands_in_the_way(action: str, state: Status, facts: RequestFacts, why: str) -> None:
    with pytest.raises(IllegalMove, match=why):
        REQUEST.check(action, state, facts)


def test_auditors_and_administrators_move_no_request_but_may_reopen_as_their_role_says() -> None:
    moving = {Permission(step.permission) for step in REQUEST.steps if step.permission}

    assert not moving & PERMISSIONS[Role.AUDITOR]
    assert moving & PERMISSIONS[Role.ADMIN] == {Permission.ASSIGN_REQUESTS}
    assert not moving & PERMISSIONS[Role.APPEALS_OFFICER]
