"""The Texan ruling: its days, what a missed one brings, and the order in which its entries may be made.

Days are counted here by hand from the list of the state's holidays, not by the portal's calendar.
"""

from datetime import date, timedelta

import pytest

from requests_app.law import clock, event, moves, pack
from requests_app.law.derivation import Derivation
from requests_app.law.event import Event

TX = pack.shipped("TX")
OFFICE = event.Agency("America/Chicago")
CLOSED = {
    date(2026, 11, 11), date(2026, 11, 26), date(2026, 11, 27), date(2026, 12, 24), date(2026, 12, 25),
    date(2027, 1, 1), date(2027, 1, 18), date(2027, 1, 19), date(2027, 2, 15),
}  # fmt: skip
RECEIVED, ASKED = Event("received", date(2026, 11, 9)), Event("ruling_requested", date(2026, 11, 20))
GIVEN = Event("ruling_given", date(2026, 12, 1))


def on(type: str, day: date, reason: str | None = None) -> Event:
    return Event(type, day, reason=reason)


def business(start: date, days: int) -> date:
    day = start
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5 and day not in CLOSED
    return day


def derive(name: str, *events: Event, kind: str | None = None, today: date | None = None) -> Derivation:
    return clock.due(TX, name, OFFICE, [RECEIVED, *events], record_type=kind, on=today)


def test_ruling_is_due_on_the_forty_fifth_business_day_after_it_was_asked_for() -> None:
    found = derive("ag_decision", ASKED)

    assert found.due == business(ASKED.at, 45) == date(2027, 2, 2)
    assert sum(line.days for line in found.lines) == found.length == 45
    assert (found.citation, found.verified) == ("Gov't Code 552.306(a)", "P")


def test_attorney_general_may_take_ten_business_days_more_once_and_in_time() -> None:
    delayed = on("ruling_delayed", date(2027, 1, 20))

    found = derive("ag_decision", ASKED, delayed)
    twice = derive("ag_decision", ASKED, delayed, on("ruling_delayed", date(2027, 2, 4)))
    late = derive("ag_decision", ASKED, on("ruling_delayed", date(2027, 2, 3)))

    assert found.due == business(date(2026, 11, 20), 55) == date(2027, 2, 17)
    assert found.length == 55
    assert twice.due == found.due
    assert any("no effect" in text for text in twice.texts)
    assert late.due == date(2027, 2, 2)
    assert any("after the last day" in text for text in late.texts)


def test_an_extension_of_the_agency_is_none_of_the_attorney_generals() -> None:
    extended = Event("extended", date(2027, 1, 20), 5, "business_day", "consultation")

    assert derive("ag_decision", ASKED, extended).due == date(2027, 2, 2)
    assert derive("ag_request", on("ruling_delayed", date(2026, 11, 20))).due == business(RECEIVED.at, 10)


@pytest.mark.parametrize(("kind", "days"), [(None, 10), ("body_worn_camera", 20)])
def test_requester_is_told_by_the_same_day_and_only_once_a_ruling_is_asked_for(
    kind: str | None, days: int
) -> None:
    before, asked = derive("ag_notice", kind=kind), derive("ag_notice", ASKED, kind=kind)

    assert (before.state, before.due) == ("not_started", None)
    assert "the attorney general was asked for a ruling" in before.texts[0]
    assert asked.due == business(date(2026, 11, 9), days) == derive("ag_request", kind=kind).due
    told = derive("ag_notice", ASKED, on("ruling_notice_sent", date(2026, 11, 20)), kind=kind)
    assert told.state == "met"


def test_asking_and_arguing_meet_the_clocks_that_want_them() -> None:
    argued = on("ruling_argued", date(2026, 12, 4))

    assert derive("ag_request", ASKED).state == "met"
    assert derive("ag_request", on("ruling_requested", date(2026, 11, 25))).state == "met_late"
    assert derive("ag_brief", ASKED, argued).state == "met_late"
    assert derive("ag_brief", ASKED, on("ruling_argued", date(2026, 12, 2))).state == "met"


def test_what_the_attorney_general_asks_for_besides_is_due_on_the_seventh_calendar_day() -> None:
    wanted = on("ruling_information_requested", date(2026, 12, 18))
    again = on("ruling_information_requested", date(2027, 1, 4))

    assert derive("ag_information", ASKED).state == "not_started"
    assert derive("ag_information", ASKED, wanted).due == date(2026, 12, 25)  # a holiday; nothing rolls
    sent = on("ruling_information_sent", date(2026, 12, 22))
    assert derive("ag_information", ASKED, wanted, sent).state == "met"
    assert derive("ag_information", ASKED, wanted, sent, again).due == date(2027, 1, 11)


def test_thirty_days_follow_a_ruling_for_doing_what_it_says_and_for_a_suit() -> None:
    given = on("ruling_given", date(2027, 1, 29), reason="release: OR2027-00123")

    assert derive("ag_decision", ASKED, given).state == "met"
    assert derive("ag_follow_up", ASKED, given).due == date(2027, 2, 28)
    assert derive("ruling_suit_window", ASKED, given, today=date(2027, 3, 1)).state == "closed"
    assert derive("ag_follow_up", ASKED).state == "not_started"


def test_late_attorney_general_is_overdue_and_takes_nothing_from_anybody() -> None:
    found = derive("ag_decision", ASKED, today=date(2027, 2, 3))

    assert found.state == "overdue"
    assert TX.clocks["ag_decision"].on_miss == ()
    assert TX.clocks["ag_decision"].kind == "awaited"


@pytest.mark.parametrize(
    ("events", "proposed", "why"),
    [
        ([], on("ruling_given", date(2026, 12, 1)), "No ruling is asked for"),
        ([], on("ruling_argued", date(2026, 12, 1)), "No ruling is asked for"),
        ([ASKED], on("ruling_requested", date(2026, 12, 1)), "asked for already"),
        ([ASKED], on("ruling_argued", date(2026, 11, 19)), "is before Friday, November 20, 2026"),
        ([ASKED], on("ruling_information_sent", date(2026, 12, 1)), "has asked for nothing more"),
        (
            [ASKED, on("ruling_given", date(2026, 12, 1))],
            on("ruling_delayed", date(2026, 12, 2)),
            "No ruling",
        ),
        ([ASKED], on("ruling_given", date(2026, 12, 1)), None),
        ([ASKED, GIVEN], on("ruling_requested", date(2026, 12, 2)), None),
        (
            [ASKED, on("ruling_information_requested", date(2026, 12, 1))],
            on("ruling_information_sent", date(2026, 12, 2)),
            None,
        ),
    ],
)
def test_entries_of_a_ruling_come_in_their_order(
    events: list[Event], proposed: Event, why: str | None
) -> None:
    refused = moves.refusal(TX, "ag_request", OFFICE, [RECEIVED, *events], proposed)

    assert refused is None if why is None else why in str(refused)


def test_other_laws_know_no_ruling() -> None:
    refused = moves.refusal(pack.shipped("CA"), "determination", OFFICE, [RECEIVED], ASKED)

    assert refused == "California Public Records Act knows no ruling of the attorney general."
