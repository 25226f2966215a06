import re

import pytest

from requests_app.docket.rules import OPEN, Disposition, Status
from requests_app.law.derivation import Derivation
from requests_app.tracking import rules
from requests_app.tracking.rules import Situation


@pytest.mark.parametrize("status", [status for status in Status if status != Status.DRAFT])
def test_every_status_has_a_stage_with_its_three_sentences(status: Status) -> None:
    stage = rules.current(status)

    assert all([stage.title, stage.now, stage.who, stage.you])
    assert 0 <= rules.place(status) < 5


def test_stages_only_go_forward_along_the_lifecycle() -> None:
    way = [Status.SUBMITTED, Status.ACCEPTED, Status.SEARCHING, Status.IN_REVIEW, Status.READY, Status.CLOSED]

    places = [rules.reached(status) for status in way]

    assert places == sorted(places)
    assert places[0] == 1
    assert places[-1] == len(rules.STAGES) + 1


def test_question_makes_the_requester_act_next() -> None:
    stage = rules.explain(Status.NEEDS_INFO, "", Situation())

    assert stage.who == "You act next."


@pytest.mark.parametrize("status", sorted(OPEN - {Status.NEEDS_INFO}))
def test_estimate_that_waits_is_said_at_every_open_stage(status: Status) -> None:
    stage = rules.explain(status, "", Situation(fee_state="estimate_sent", due="$46.00"))

    assert stage.who == "You act next."
    assert "estimate" in stage.you
    assert stage.title == rules.current(status).title


def test_fee_that_is_due_is_named() -> None:
    stage = rules.explain(Status.READY, "", Situation(fee_state="accepted", due="$46.00"))

    assert "$46.00" in stage.you
    assert "You act next" in stage.who


def test_nothing_due_leaves_the_plain_sentences() -> None:
    assert rules.explain(Status.READY, "", Situation(fee_state="settled")) is rules.READY


@pytest.mark.parametrize("disposition", list(Disposition))
def test_every_ending_says_what_became_of_it(disposition: Disposition) -> None:
    stage = rules.explain(Status.CLOSED, disposition, Situation())

    assert stage.now == rules.ENDINGS[disposition]
    assert "Download" not in stage.you
    assert rules.short(Status.CLOSED, disposition)


def test_release_is_offered_only_when_there_is_one() -> None:
    stage = rules.explain(Status.CLOSED, Disposition.PARTIAL, Situation(released=True))

    assert "Download" in stage.you


def test_withdrawn_request_is_not_called_answered() -> None:
    assert rules.explain(Status.CLOSED, Disposition.WITHDRAWN, Situation()).title == "Closed"
    assert rules.short(Status.CLOSED, Disposition.WITHDRAWN) == "Withdrawn"


def test_open_request_is_listed_by_its_stage() -> None:
    assert rules.short(Status.SEARCHING, "") == "Searching"


def test_every_state_a_begun_clock_can_have_has_words() -> None:
    told = (Derivation.__doc__ or "").partition("``state``:")[2].partition("The last")[0]
    states = {word.strip(" .\n(") for word in re.split(r"[,(]", re.sub(r"\([^)]*\)", "", told))}

    assert states - {"not_started"} == set(rules.CLOCK_WORDS)
