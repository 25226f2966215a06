"""What staff could do to the clock by which the agency must answer: its effect, or why not."""

from datetime import timedelta

import pytest

from portal.accounts.rules import Role
from requests_app.clock import services as clock
from requests_app.correspondence.models import Letter
from requests_app.desk import deadlines, letter_words, services
from requests_app.desk.deadlines import Move
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.law.pack import shipped
from tests.builders import NOON, a_request, a_user, an_agency
from tests.requests_app.desk.desk_builders import a_clerk, address, signed_in

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=1)
LONG_AFTER = NOON + timedelta(days=120)
RUNS_ON = "The clock goes on running."


def moves(row: RecordsRequest, days: int = 1) -> dict[str, Move]:
    found = deadlines.possible(row, at=NOON + timedelta(days=days))
    assert len({move.words for move in found}) == len(found)
    return {move.words: move for move in found}


def record(row: RecordsRequest, kind: str, days: float) -> None:
    clock.record(request=row, type=kind, actor=None, at=NOON + timedelta(days=days))


def test_each_move_says_what_the_law_makes_of_it_with_its_source() -> None:
    found = moves(a_request())

    assert {words: (move.effect, move.why_not) for words, move in found.items()} == {
        "Ask what is meant": ("The clock stops and starts anew when the answer comes.", ""),
        "Ask about fees": (RUNS_ON, ""),
        "Send a fee estimate": (RUNS_ON, ""),
        "Ask for a deposit": ("The clock stops and starts anew when the answer comes.", ""),
        "Take an extension": ("", "The law of this request gives no extension."),
    }
    assert found["Ask for a deposit"].citation
    assert found["Ask about fees"].citation == ""


def test_move_that_cannot_be_made_says_why_not() -> None:
    row = a_request()
    record(row, "clarification_sent", 1)

    found = moves(row, 2)

    assert "still unanswered" in found["Ask what is meant"].why_not
    assert found["Ask for a deposit"].why_not == ""
    assert "before" in moves(row, -3)["Ask for a deposit"].why_not


def test_clock_that_stops_only_once_says_so_before_and_after() -> None:
    an_agency(law_code="US")
    row = a_request()

    before = moves(row)
    record(row, "information_requested", 1)
    record(row, "information_answered", 3)
    after = moves(row, 4)

    words = "Ask for more information"
    assert (before[words].effect, before[words].why_not) == (
        "The clock stops until the answer comes. The law lets it stop only once.", "",
    )  # fmt: skip
    assert "only once" in after[words].why_not
    assert after[words].effect == RUNS_ON
    assert "Ask what is meant" not in after
    assert after["Ask about fees"].effect == "The clock stops until the answer comes."


@pytest.mark.parametrize(("law", "kind"), [("TX", "Ask for a deposit"), ("US", "Ask about fees")])
def test_question_after_the_last_day_is_not_said_to_stop_anything(law: str, kind: str) -> None:
    an_agency(law_code=law)
    row = a_request()

    assert "stops" in moves(row, 2)[kind].effect
    assert moves(row, 120)[kind].effect == RUNS_ON
    assert deadlines.question_effect(row, at=LONG_AFTER) == RUNS_ON


def test_extension_says_how_much_and_then_why_no_more() -> None:
    an_agency(law_code="CA")
    row = a_request()

    before = moves(row)["Take an extension"]
    clock.record(
        request=row, type="extended", actor=None, at=LATER, by=14, unit="calendar_day", reason="voluminous"
    )
    after, late = moves(row, 2)["Take an extension"], moves(row, 120)["Take an extension"]

    assert before.effect == "The last day moves by at most 14 calendar days in all."
    assert (before.why_not, bool(before.citation)) == ("", True)
    assert "0 calendar days can still be added" in after.why_not
    assert "cannot be announced after it" in late.why_not


def test_question_the_law_wants_a_day_with_says_so() -> None:
    an_agency(law_code="WA")

    found = moves(a_request())["Ask what is meant"]

    assert found.effect == f"{RUNS_ON} The law wants the day the answer is expected said with it."
    assert found.why_not == ""


def test_law_without_days_offers_questions_that_stop_nothing() -> None:
    an_agency(law_code="FL")

    found = moves(a_request())

    assert {move.effect for move in found.values()} == {RUNS_ON, ""}
    assert found["Take an extension"].why_not == "The law of this request gives no extension."


def test_moves_and_their_reasons_stand_on_the_clerks_page_alone() -> None:
    row = a_request()
    record(row, "clarification_sent", 1)

    clerk = signed_in(a_clerk()).get(address(row)).content.decode()
    auditor = signed_in(a_user(Role.AUDITOR)).get(address(row)).content.decode()

    assert "What can be done to this date now" in clerk
    assert "Not now: This is still unanswered" in clerk
    assert "What can be done to this date now" not in auditor


def test_letter_says_of_the_second_question_that_nothing_stops() -> None:
    an_agency(law_code="US")
    row, clerk = a_request(status=Status.ACCEPTED), a_clerk()
    record(row, "information_requested", 1)
    record(row, "information_answered", 2)

    services.ask(
        request=row, actor=clerk, at=NOON + timedelta(days=3), body="Which car?", idempotency_key="k"
    )

    html = Letter.objects.get(request=row, kind="clarification").html
    assert letter_words.clock_effect(RUNS_ON)["en"] in html
    assert "time limit stops" not in html
    assert row.clock_events.filter(type="clarification_sent").exists()
    assert row.due_on is not None


@pytest.mark.parametrize(
    ("law", "dated", "asked"),
    [
        ("TX", {"postmarked", "ruling_requested", "ruling_notice_sent", "ruling_argued", "ruling_delayed",
                "ruling_information_requested", "ruling_information_sent"},
               {"incidents", "previous_determination", "requests_in_24_hours", "footage_hours_in_24_hours"}),
        ("US", {"received_by_other_component", "expedite_requested", "fee_question_sent",
                "fee_question_answered"}, set()),
        ("IL", {"voluminous_notice_sent", "voluminous_answered"}, set()),
        ("NJ", set(), {"daniels_law_review"}),
        ("PA", {"recorded"}, set()),
        ("CA", {"agency_learned"}, set()),
    ],
)  # fmt: skip
def test_only_facts_a_clock_of_the_law_asks_for_are_asked(law: str, dated: set[str], asked: set[str]) -> None:
    an_agency(law_code=law)
    row = a_request()

    assert {name for name, _words in deadlines.dated_facts(row)} == dated
    assert {name for name, _words, _kind in deadlines.asked_facts(row)} == asked
    assert shipped(law).clocks
