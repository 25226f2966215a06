from datetime import date, time, timedelta
from typing import Any

import pytest

from requests_app.law import condition, pack
from requests_app.law.calendar import CALENDARS_KEPT, CalendarError
from requests_app.law.event import Agency
from tests.requests_app.law.test_clock import SACRAMENTO, at, derive


def test_clock_that_does_not_apply_says_what_it_is_for() -> None:
    made = derive("TX", "voluminous_production", at("received", "2026-11-23"), record_type="paper")

    assert made.texts[0].endswith(
        "It is for record type body worn camera and (incidents over 5 or requests in 24 hours over 5 or "
        "footage hours in 24 hours over 5)."
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"requester_category": ["recurrent", "commercial"]}, "requester category commercial or recurrent"),
        ({"at_most": {"pages": 50}, "true": ["flagged"]}, "pages at most 50 and flagged"),
        ({"false": ["flagged"], "none": [{"body": ["agency"]}]}, "not flagged and not (body agency)"),
        ({}, ""),
    ],
)
def test_condition_is_said_in_words(data: dict[str, Any], said: str) -> None:
    assert condition.parse(data).said() == said


@pytest.mark.parametrize(
    ("instant", "day_zero"),
    [
        ("2026-03-08T07:59:00+00:00", date(2026, 3, 9)),
        ("2026-03-10T22:00:00+00:00", date(2026, 3, 10)),
        ("2026-03-10T22:00:01+00:00", date(2026, 3, 11)),
        ("2026-11-02T23:00:00+00:00", date(2026, 11, 2)),
        ("2026-11-02T23:01:00+00:00", date(2026, 11, 3)),
        ("2028-02-29T05:30:00+00:00", date(2028, 2, 29)),
    ],
)
def test_cutoff_is_local_before_and_after_the_clocks_change(instant: str, day_zero: date) -> None:
    agency = Agency("America/Chicago", time(17))

    made = derive("TX", "ag_request", at("received", instant), agency=agency)

    assert made.day_zero == day_zero


def test_time_with_seconds_after_the_cutoff_says_them() -> None:
    made = derive(
        "TX", "ag_request", at("received", "2026-03-10T17:00:01"), agency=Agency("America/Chicago", time(17))
    )

    assert made.texts[0] == (
        "The request was received on Tuesday, March 10, 2026, 5:00:01 PM, after the 5:00 PM cut-off: counts "
        "from Wednesday, March 11, 2026."
    )


def test_closed_days_before_day_zero_are_named() -> None:
    made = derive(
        "IL", "response", at("received", "2026-11-25T18:00"), agency=Agency("America/Chicago", time(17))
    )

    assert made.texts[1:3] == (
        "Thursday, November 26, 2026 is skipped: Thanksgiving Day.",
        "Friday, November 27, 2026 is skipped: the day after Thanksgiving.",
    )


def test_first_information_request_on_the_last_day_uses_the_only_one_up() -> None:
    made = derive(
        "US",
        "determination",
        at("received", "2026-03-02"),
        at("information_requested", "2026-03-30"),
        at("extended", "2026-03-30", by=10, unit="business_day", reason="voluminous"),
        at("information_requested", "2026-04-01"),
    )

    assert made.due == date(2026, 4, 13)
    assert any("again: no effect" in text for text in made.texts)


def test_extension_that_adds_nothing_has_no_effect() -> None:
    longer = {"by": 14, "unit": "calendar_day", "reason": "voluminous"}

    made = derive(
        "CA",
        "determination",
        at("received", "2026-03-02"),
        at("extended", "2026-03-10", **longer),
        at("extended", "2026-03-20", **longer),
        agency=SACRAMENTO,
    )

    assert made.due == date(2026, 3, 26)
    assert any("14 calendar days in all: no effect, 0 calendar days added" in text for text in made.texts)


def test_year_without_a_business_day_is_refused() -> None:
    shut = dict.fromkeys((date(2026, 1, 1) + timedelta(days=n) for n in range(365)), "shut")

    with pytest.raises(CalendarError, match="has no business day in 2026"):
        derive("TX", "ag_request", at("received", "2026-03-02"), agency=Agency("America/Chicago", None, shut))


def test_calendars_kept_are_bounded() -> None:
    rule = pack.shipped("TX").calendar
    first = rule.joined({}, frozenset())

    for day in range(CALENDARS_KEPT + 1):
        rule.joined({date(2026, 1, 1) + timedelta(days=day): "closed"}, frozenset())

    assert rule.joined({}, frozenset()) is not first
    assert rule.joined({}, frozenset()) is rule.joined({}, frozenset())
