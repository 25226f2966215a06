from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from requests_app.law import clock, event, pack
from requests_app.law.derivation import Derivation
from requests_app.law.event import Agency, Event, EventError

AUSTIN = Agency("America/Chicago")
SACRAMENTO = Agency("America/Los_Angeles")


def at(kind: str, on: str, **more: Any) -> Event:
    return event.parse({"type": kind, "at": on, **more})


def derive(law: str, name: str, *events: Event, agency: Agency = AUSTIN, **more: Any) -> Derivation:
    return clock.due(pack.shipped(law), name, agency, events, **more)


def test_late_receipt_reads_like_a_sentence() -> None:
    agency = Agency("America/Chicago", cutoff=time(17))

    made = derive("TX", "ag_request", at("received", "2026-11-20T18:12"), agency=agency)

    assert made.due == date(2026, 12, 9)
    assert made.day_zero == date(2026, 11, 23)
    assert made.texts == (
        "The request was received on Friday, November 20, 2026, 6:12 PM, after the 5:00 PM cut-off: counts "
        "from Monday, November 23, 2026.",
        "Thursday, November 26, 2026 is skipped: Thanksgiving Day.",
        "Friday, November 27, 2026 is skipped: the day after Thanksgiving.",
        "Counted: November 24 to 25, 2026 (2 days); November 30 to December 4, 2026 (5 days); December 7 "
        "to 9, 2026 (3 days); 4 weekend days left out.",
        "10 business days counted from the day after Monday, November 23, 2026: the last day is Wednesday, "
        "December 9, 2026.",
    )
    assert made.lines[-1].citation == "Gov't Code 552.301(b), (d)"


@pytest.mark.parametrize(
    ("moment", "day_zero"),
    [
        ("2026-11-20T17:00", date(2026, 11, 20)),
        ("2026-11-20T17:01", date(2026, 11, 23)),
        ("2026-11-20", date(2026, 11, 20)),
        ("2026-11-21T09:00", date(2026, 11, 23)),
        ("2026-11-25T18:00", date(2026, 11, 30)),
    ],
)
def test_cutoff_itself_is_on_time(moment: str, day_zero: date) -> None:
    made = derive("TX", "ag_request", at("received", moment), agency=Agency("America/Chicago", time(17)))

    assert made.day_zero == day_zero


def test_instant_is_read_in_the_zone_of_the_agency() -> None:
    after_midnight_in_london = Event("received", datetime(2026, 11, 6, 1, 30, tzinfo=UTC))

    made = derive("CA", "determination", after_midnight_in_london, agency=SACRAMENTO)

    assert made.day_zero == date(2026, 11, 5)
    assert made.due == date(2026, 11, 16)
    assert made.unrolled == date(2026, 11, 15)


def test_without_receipt_nothing_has_started() -> None:
    made = derive("TX", "ag_request", at("clarification_sent", "2026-03-05"))

    assert (made.state, made.due) == ("not_started", None)
    assert made.texts == (
        "Not started: it counts from the day the request was received or the request was postmarked.",
    )


def test_recorded_receipt_wins_over_the_postmark() -> None:
    made = derive("TX", "ag_request", at("postmarked", "2026-04-15"), at("received", "2026-04-16"))

    assert made.day_zero == date(2026, 4, 16)


def test_unanswered_clarification_stops_the_texas_clock() -> None:
    made = derive("TX", "ag_request", at("received", "2026-03-03"), at("clarification_sent", "2026-03-05"))

    assert (made.state, made.due) == ("stopped", None)
    assert made.texts[-1] == (
        "The clock stands still until the clarification was given: there is no due date yet."
    )


def test_clarification_on_the_last_day_still_restarts() -> None:
    made = derive(
        "TX",
        "ag_request",
        at("received", "2026-03-03"),
        at("clarification_sent", "2026-03-17"),
        at("clarification_answered", "2026-03-21"),
    )

    assert made.day_zero == date(2026, 3, 3)
    assert made.due == date(2026, 4, 6)


def test_clarification_after_the_last_day_changes_nothing() -> None:
    made = derive(
        "TX",
        "ag_request",
        at("received", "2026-03-03"),
        at("clarification_sent", "2026-03-18"),
        at("clarification_answered", "2026-03-21"),
    )

    assert made.due == date(2026, 3, 17)
    assert any("after the last day Tuesday, March 17, 2026: no effect" in text for text in made.texts)
    assert any("the clock was not stopped for it" in text for text in made.texts)


def test_restart_waits_for_the_last_of_two_answers() -> None:
    made = derive(
        "TX",
        "ag_request",
        at("received", "2026-06-01"),
        at("clarification_sent", "2026-06-02"),
        at("deposit_requested", "2026-06-03"),
        at("clarification_answered", "2026-06-04"),
        at("deposit_paid", "2026-06-15"),
    )

    assert made.due == date(2026, 6, 30)
    assert any("another question is still open" in text for text in made.texts)


def test_estimate_leaves_the_texas_clock_alone_and_says_so() -> None:
    made = derive("TX", "ag_request", at("received", "2026-10-05"), at("estimate_sent", "2026-10-07"))

    assert made.due == date(2026, 10, 19)
    assert any("a fee estimate was sent: no effect on this clock" in text for text in made.texts)


def test_overlapping_pauses_are_not_added_twice() -> None:
    made = derive(
        "US",
        "determination",
        at("received", "2026-03-02"),
        at("information_requested", "2026-03-06"),
        at("fee_question_sent", "2026-03-10"),
        at("information_answered", "2026-03-12"),
        at("fee_question_answered", "2026-03-16"),
        agency=Agency("America/New_York"),
    )

    assert made.due == date(2026, 4, 7)


def test_second_information_request_does_not_stop_the_federal_clock() -> None:
    made = derive(
        "US",
        "determination",
        at("received", "2026-03-02"),
        at("information_requested", "2026-03-06"),
        at("information_answered", "2026-03-16"),
        at("information_requested", "2026-03-18"),
        agency=Agency("America/New_York"),
    )

    assert made.due == date(2026, 4, 7)
    assert any("again: no effect, it stops this clock only once" in text for text in made.texts)


def test_pause_on_the_last_day_has_nothing_left_to_stop() -> None:
    made = derive(
        "VA",
        "response",
        at("received", "2026-03-02"),
        at("estimate_sent", "2026-03-09"),
        agency=Agency("America/New_York"),
    )

    assert made.due == date(2026, 3, 9)
    assert any("no day is left to stop" in text for text in made.texts)


def test_question_before_day_zero_moves_the_start_to_the_answer() -> None:
    agency = Agency("America/New_York", cutoff=time(17))
    received, asked = at("received", "2026-03-06T18:00"), at("estimate_sent", "2026-03-06T18:30")

    open_still = derive("VA", "response", received, asked, agency=agency)
    answered = derive("VA", "response", received, asked, at("estimate_accepted", "2026-03-08"), agency=agency)

    assert open_still.due is None
    assert answered.due == date(2026, 3, 16)


def test_extension_while_stopped_is_added() -> None:
    made = derive(
        "VA",
        "response",
        at("received", "2026-03-02"),
        at("deposit_requested", "2026-03-04"),
        at("extended", "2026-03-05", by=7, unit="business_day", reason="size"),
        at("deposit_paid", "2026-03-20"),
        agency=Agency("America/New_York"),
    )

    assert made.due == date(2026, 4, 3)
    assert made.length == 12


@pytest.mark.parametrize(
    ("by", "unit", "due"),
    [
        (14, "calendar_day", date(2026, 3, 26)),
        (20, "calendar_day", date(2026, 3, 26)),
        (3, "calendar_day", date(2026, 3, 16)),
        (4, "business_day", date(2026, 3, 18)),
    ],
)
def test_california_extension_stops_at_fourteen_days(by: int, unit: str, due: date) -> None:
    made = derive(
        "CA",
        "determination",
        at("received", "2026-03-02"),
        at("extended", "2026-03-12", by=by, unit=unit, reason="voluminous"),
        agency=SACRAMENTO,
    )

    assert made.due == due


def test_extension_after_the_last_day_has_no_effect() -> None:
    made = derive(
        "CA",
        "determination",
        at("received", "2026-03-02"),
        at("extended", "2026-03-13", by=14, unit="calendar_day", reason="voluminous"),
        agency=SACRAMENTO,
    )

    assert made.due == date(2026, 3, 12)


def test_extension_in_texas_has_no_effect() -> None:
    made = derive(
        "TX",
        "ag_request",
        at("received", "2026-03-03"),
        at("extended", "2026-03-05", by=5, unit="business_day", reason="voluminous"),
    )

    assert made.due == date(2026, 3, 17)
    assert any("this clock cannot be extended" in text for text in made.texts)


@pytest.mark.parametrize(
    ("events", "on", "state"),
    [
        ([], date(2026, 5, 5), "running"),
        ([], date(2026, 5, 6), "lapsed"),
        ([at("clarification_answered", "2026-05-05")], date(2026, 6, 1), "met"),
        ([at("clarification_answered", "2026-05-06")], date(2026, 6, 1), "met_late"),
    ],
)
def test_unanswered_clarification_lapses_after_day_61(events: list[Event], on: date, state: str) -> None:
    first = [at("received", "2026-03-03"), at("clarification_sent", "2026-03-05")]

    made = derive("TX", "clarification_lapse", *first, *events, on=on)

    assert (made.due, made.state) == (date(2026, 5, 5), state)


def test_lapse_counts_from_the_last_question() -> None:
    made = derive(
        "TX",
        "clarification_lapse",
        at("received", "2026-03-03"),
        at("clarification_sent", "2026-03-05"),
        at("clarification_answered", "2026-03-09"),
        at("clarification_sent", "2026-03-12"),
    )

    assert (made.due, made.state) == (date(2026, 5, 12), "running")


def test_missed_duty_is_overdue_and_missed_window_is_closed() -> None:
    new_york = Agency("America/New_York")

    duty = derive("CA", "determination", at("received", "2026-03-02"), on=date(2026, 3, 13))
    window = derive("US", "appeal_window", at("denied", "2026-03-02"), agency=new_york, on=date(2026, 6, 1))

    assert (duty.state, window.state) == ("overdue", "closed")


@pytest.mark.parametrize(
    ("record_type", "facts", "state"),
    [
        ("body_worn_camera", {"incidents": 6}, "running"),
        ("body_worn_camera", {"incidents": 5}, "not_applicable"),
        ("body_worn_camera", {"footage_hours_in_24_hours": 6}, "running"),
        ("body_worn_camera", {"incidents": True}, "not_applicable"),
        ("paper", {"incidents": 6}, "not_applicable"),
        ("body_worn_camera", None, "not_applicable"),
    ],
)
def test_voluminous_clock_applies_over_five_incidents(
    record_type: str, facts: dict[str, Any] | None, state: str
) -> None:
    made = derive(
        "TX", "voluminous_production", at("received", "2026-11-23"), record_type=record_type, facts=facts
    )

    assert made.state == state


def test_all_due_leaves_out_what_has_not_begun() -> None:
    law = pack.shipped("CA")

    plain = clock.all_due(law, SACRAMENTO, [at("received", "2026-03-02")])
    officers = clock.all_due(law, SACRAMENTO, [at("received", "2026-03-02")], "peace_officer_records")

    assert list(plain) == ["determination"]
    assert list(officers) == ["determination", "peace_officer_records"]


def test_unknown_clock_is_named() -> None:
    with pytest.raises(clock.UnknownClock, match="no clock called 'dinner'"):
        derive("TX", "dinner", at("received", "2026-03-02"))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"type": "lunch", "at": "2026-01-01"}, "no clock event called 'lunch'"),
        ({"type": "received"}, "has no 'at'"),
        ({"at": "2026-01-01"}, "has no 'type'"),
        ({"type": "received", "at": "soon"}, "not a date"),
        ({"type": "received", "at": "2026-02-30"}, "not a date"),
        ({"type": "received", "at": "0206-02-03"}, "cannot be right"),
        ({"type": "received", "at": "2026-02-03", "by": 3}, "Only an extension"),
        ({"type": "extended", "at": "2026-02-03", "by": 0, "unit": "business_day"}, "whole days"),
        ({"type": "extended", "at": "2026-02-03", "by": True, "unit": "business_day"}, "whole days"),
        ({"type": "extended", "at": "2026-02-03", "by": 3, "unit": "week"}, "business_day or calendar_day"),
    ],
)
def test_bad_event_is_refused_in_words(row: dict[str, Any], said: str) -> None:
    with pytest.raises(EventError, match=said):
        event.parse(row)


@pytest.mark.parametrize(
    "row",
    [
        {"timezone": "Mars/Olympus"},
        {"timezone": ""},
        {"timezone": "America/Chicago", "cutoff": "25:00"},
        {"timezone": "America/Chicago", "closed_dates": ["yesterday"]},
        {},
    ],
)
def test_bad_office_hours_are_refused(row: dict[str, Any]) -> None:
    with pytest.raises(EventError):
        event.parse_agency(row)


def test_closures_may_carry_their_reason() -> None:
    agency = event.parse_agency(
        {
            "timezone": "America/Chicago",
            "closed_dates": ["2026-12-01", {"on": "2026-12-02", "reason": "Flood"}],
        }
    )

    assert agency.closed_dates == {date(2026, 12, 1): "office closed", date(2026, 12, 2): "Flood"}
