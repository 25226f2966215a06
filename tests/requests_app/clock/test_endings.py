"""What the request's end, its reopening and an appeal's decision make of a clock: no database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from requests_app.clock import rules
from requests_app.clock.recount import Entry
from requests_app.clock.rules import Case
from requests_app.clock.selectors import Situation
from requests_app.law import pack
from requests_app.law.derivation import Derivation
from requests_app.law.event import Agency

MONDAY = datetime(2026, 11, 2, 18, 0, tzinfo=UTC)  # noon in Chicago
LATER = date(2027, 6, 1)
Step = tuple[str, float] | tuple[str, float, str]


def a_clock(law: str, name: str, *steps: Step, on: date | None = None, video: bool = False) -> Derivation:
    """One clock of a request received on Monday noon; each step: type, days later, reason."""
    rows = [
        Entry(
            number, 1, step[0], MONDAY + timedelta(days=step[1]), None, "", step[2] if len(step) > 2 else "",
            None,
        )
        for number, step in enumerate([("received", 0), *steps], 1)
    ]  # fmt: skip
    case = Case("body_worn_camera") if video else Case()
    office = Agency("America/Chicago")
    return Situation(pack.shipped(law), office, rules.read(rows), case).one(name, on=on)


@pytest.mark.parametrize("kind", ["answered", "denied"])
def test_answer_meets_a_duty_that_names_no_answering_event(kind: str) -> None:
    found = a_clock("US", "determination", (kind, 3), on=LATER)

    assert found.state == "met"
    assert found.texts[-1] == "Done on Thursday, November 5, 2026: the request was answered."


def test_answer_after_the_last_day_is_late_and_says_so() -> None:
    found = a_clock("US", "determination", ("answered", 60), on=LATER)

    assert found.state == "met_late"
    assert "after the last day" in found.texts[-1]


def test_answer_before_the_day_it_counts_from_is_an_answer() -> None:
    # received on a Saturday, so counted from Monday; answered on that Saturday already
    weekend = [
        Entry(1, 1, "received", MONDAY + timedelta(days=5), None, "", "", None),
        Entry(2, 1, "answered", MONDAY + timedelta(days=5, hours=1), None, "", "", None),
    ]
    ledger = rules.read(weekend)

    found = Situation(pack.shipped("TX"), Agency("America/Chicago"), ledger, Case())
    settled = found.one("ag_request", on=LATER)

    assert settled.day_zero == date(2026, 11, 9)
    assert settled.state == "met"
    assert rules.consequences(found.all(on=LATER), found.pack.clocks) == ()


def test_duty_that_stands_still_ends_with_the_answer() -> None:
    found = a_clock("TX", "ag_request", ("clarification_sent", 1), ("answered", 4), on=LATER)

    assert (found.state, found.due) == ("ended", None)
    assert found.texts[-1] == "Ended on Friday, November 6, 2026: the request was answered."


def test_duty_its_own_event_has_met_already_stays_as_it_was() -> None:
    without = a_clock("US", "acknowledge", ("acknowledged", 1), on=LATER)

    assert without.state == "met"
    assert a_clock("US", "acknowledge", ("acknowledged", 1), ("answered", 30), on=LATER) == without
    assert a_clock("US", "acknowledge", ("acknowledged", 1), ("withdrawn", 30), on=LATER) == without


@pytest.mark.parametrize("how", sorted(rules.ENDED))
@pytest.mark.parametrize(("days", "before"), [(2, "running"), (90, "overdue")])
def test_duty_ends_with_a_request_that_ends_unanswered(how: str, days: int, before: str) -> None:
    on = MONDAY.date() + timedelta(days=days)
    assert a_clock("US", "determination", on=on).state == before

    found = a_clock("US", "determination", (how, days), on=on)

    assert found.state == "ended"
    assert rules.ENDED[how] in found.texts[-1]


def test_duty_that_stands_still_ends_with_the_withdrawal() -> None:
    found = a_clock("TX", "ag_request", ("deposit_requested", 1), ("withdrawn", 2), on=LATER)

    assert found.state == "ended"
    assert "the requester withdrew the request" in found.texts[-1]


@pytest.mark.parametrize(
    ("how", "words"), [("withdrawn", "withdrew"), ("answered", "answered"), ("duplicate", "another one")]
)
def test_day_by_which_the_requester_must_act_ends_with_the_request(how: str, words: str) -> None:
    found = a_clock("TX", "estimate_lapse", ("estimate_sent", 1), (how, 2), on=MONDAY.date())

    assert found.state == "ended"
    assert words in found.texts[-1]


def test_day_that_closed_the_request_stays_the_day_that_closed_it() -> None:
    found = a_clock("TX", "estimate_lapse", ("estimate_sent", 1), ("lapsed", 30), on=LATER)

    assert found.state == "lapsed"


ASKED = (("ruling_requested", 1), ("ruling_notice_sent", 1))


def test_answer_meets_nothing_of_a_ruling_that_is_awaited() -> None:
    steps = (*ASKED, ("ruling_information_requested", 8), ("answered", 10))
    soon, on = MONDAY.date() + timedelta(days=12), LATER

    brief, late = (a_clock("TX", "ag_brief", *steps, on=day) for day in (soon, on))

    assert (brief.state, brief.due) == ("running", date(2026, 11, 24))
    assert late.state == "overdue"
    assert a_clock("TX", "ag_information", *steps, on=on).state == "overdue"
    assert a_clock("TX", "ag_decision", *steps, on=soon).state == "running"
    assert a_clock("TX", "ag_decision", *steps, on=on).state == "overdue"


def test_notice_of_a_ruling_asked_for_is_owed_after_the_answer() -> None:
    steps = (("ruling_requested", 1), ("answered", 2))

    assert a_clock("TX", "ag_notice", *steps, on=LATER).state == "overdue"
    assert a_clock("TX", "ag_notice", *steps, ("ruling_notice_sent", 3), on=LATER).state == "met"


def test_asking_itself_is_over_with_the_answer() -> None:
    steps = (("clarification_sent", 1), ("ruling_requested", 2), ("answered", 4))

    assert a_clock("TX", "ag_request", *steps, on=LATER).state == "ended"


@pytest.mark.parametrize("name", ["ag_brief", "ag_information", "ag_follow_up"])
def test_answer_after_the_ruling_is_what_was_owed(name: str) -> None:
    steps = (*ASKED, ("ruling_information_requested", 2), ("ruling_given", 3, "part: OR1"), ("answered", 5))

    assert a_clock("TX", name, *steps, on=LATER).state == "met"


@pytest.mark.parametrize("name", ["ag_brief", "ag_information"])
def test_answer_does_not_count_for_a_ruling_that_came_after_it(name: str) -> None:
    steps = (*ASKED, ("ruling_information_requested", 2), ("answered", 3), ("ruling_given", 60, "part: OR1"))

    assert a_clock("TX", name, *steps, on=LATER).state == "overdue"


def test_answer_before_a_second_ruling_is_none_to_it() -> None:
    first = (*ASKED, ("ruling_given", 3, "part: OR1"), ("ruling_requested", 4), ("answered", 5))

    assert a_clock("TX", "ag_brief", *first, on=LATER).state == "overdue"
    assert a_clock("TX", "ag_follow_up", *first, on=LATER).state == "met"


def test_duty_that_begins_after_the_answer_is_not_met_by_it() -> None:
    steps = (*ASKED, ("answered", 5), ("ruling_given", 60, "withhold: OR1"))

    running = a_clock("TX", "ag_follow_up", *steps, on=MONDAY.date() + timedelta(days=70))

    assert (running.state, running.begun) == ("running", date(2027, 1, 1))
    assert a_clock("TX", "ag_follow_up", *steps, on=LATER).state == "overdue"


def test_brief_is_owed_to_nobody_where_no_ruling_was_asked_for() -> None:
    assert a_clock("TX", "ag_brief", ("answered", 5), on=LATER).state == "met"


@pytest.mark.parametrize("how", sorted(rules.ENDED))
@pytest.mark.parametrize("name", ["ag_brief", "ag_information", "ag_decision"])
def test_what_a_ruling_wants_ends_with_a_request_nobody_waits_for(name: str, how: str) -> None:
    steps = (*ASKED, ("ruling_information_requested", 2), (how, 3))

    assert a_clock("TX", name, *steps, on=LATER).state == "ended"


def test_window_of_the_requester_outlives_the_answer_that_opened_it() -> None:
    opened = a_clock("US", "appeal_window", ("denied", 3), on=MONDAY.date() + timedelta(days=9))

    assert opened.state == "running"
    assert opened.due == date(2027, 2, 3)
    assert a_clock("US", "appeal_window", ("denied", 3), on=LATER).state == "closed"


def test_duty_that_a_denial_begins_is_not_met_by_that_denial() -> None:
    found = a_clock("WA", "internal_review", ("denied", 1), on=MONDAY.date() + timedelta(days=2))

    assert found.state == "running"


def test_request_opened_again_runs_on_and_is_late_again() -> None:
    found = a_clock("US", "determination", ("answered", 3), ("reopened", 5), on=LATER)

    assert found.state == "overdue"


def test_answer_after_the_reopening_is_the_one_that_counts() -> None:
    found = a_clock(
        "US", "determination", ("answered", 3), ("reopened", 5), ("answered", 7), ("answered", 90), on=LATER
    )

    assert "Monday, November 9, 2026" in found.texts[-1]


@pytest.mark.parametrize(
    ("law", "clock", "question", "closed"),
    [("TX", "estimate_lapse", "estimate_sent", 40), ("TX", "clarification_lapse", "clarification_sent", 80)],
)
def test_time_limit_that_closed_a_request_is_over_once_it_is_opened_again(
    law: str, clock: str, question: str, closed: int
) -> None:
    steps = ((question, 1), ("lapsed", closed), ("reopened", closed + 1))

    found = a_clock(law, clock, *steps, on=LATER)

    assert found.state == "ended"
    assert [text for text in found.texts if text.startswith("Done")] == []
    assert "opened again, so this time limit no longer ends it" in found.texts[-1]


def test_question_nobody_waits_for_any_more_is_not_called_answered() -> None:
    steps = (("clarification_sent", 1), ("answered", 3), ("reopened", 9))

    found = a_clock("TX", "clarification_lapse", *steps, on=MONDAY.date() + timedelta(days=10))
    main = a_clock("TX", "ag_request", *steps, on=MONDAY.date() + timedelta(days=10))

    assert found.state == "ended"
    assert main.state == "running"
    assert any("nobody waits for an answer any more" in text for text in main.texts)


def test_question_answered_in_time_stays_answered_after_a_reopening() -> None:
    steps = (("clarification_sent", 1), ("clarification_answered", 4), ("answered", 5), ("reopened", 9))

    assert a_clock("TX", "clarification_lapse", *steps, on=LATER).state == "met"


def test_money_is_still_owed_after_a_reopening() -> None:
    steps = (("deposit_requested", 1), ("withdrawn", 3), ("reopened", 4))

    assert a_clock("TX", "ag_request", *steps, on=LATER).state == "stopped"
    assert a_clock("TX", "deposit_lapse", *steps, on=LATER).state == "lapsed"


@pytest.mark.parametrize(("days", "state"), [(8, "met"), (80, "met_late")])
def test_decision_of_the_appeal_meets_its_clock(days: int, state: str) -> None:
    found = a_clock(
        "US", "appeal_decision", ("denied", 1), ("appeal_received", 5), ("appeal_decided", days), on=LATER
    )

    assert found.state == state
    assert "the appeal was decided" in found.texts[-1]


def test_appeal_nobody_decided_is_overdue() -> None:
    steps = (("denied", 1), ("appeal_received", 5))

    assert a_clock("US", "appeal_decision", *steps, on=LATER).state == "overdue"


def test_appeal_decided_on_the_closed_day_it_came_is_decided() -> None:
    steps = (("denied", 1), ("appeal_received", 5), ("appeal_decided", 6))  # a Saturday and the Sunday

    assert a_clock("US", "appeal_decision", *steps, on=LATER).state == "met"


def test_requester_who_answers_late_is_no_lateness_of_the_agency() -> None:
    law = pack.shipped("TX")
    late = a_clock("TX", "clarification_lapse", ("clarification_sent", 1), ("clarification_answered", 70))

    assert late.state == "met_late"
    assert law.clocks["clarification_lapse"].on_miss
    assert rules.consequences([late], law.clocks) == ()


def test_each_missed_duty_brings_what_its_law_says_with_its_source() -> None:
    law = pack.shipped("IL")
    late = a_clock("IL", "response", on=LATER)

    found = rules.consequences([late], law.clocks)

    assert [each.effect for each in found] == [each.effect for each in law.clocks["response"].on_miss]
    assert {each.since for each in found} == {late.due}
    assert all(each.why and each.citation for each in found)
