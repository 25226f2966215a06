from datetime import date, timedelta

import holidays
import pytest

from requests_app.law import calendar, pack
from requests_app.law.calendar import Calendar, CalendarError, CalendarRule

YEARS = range(2020, 2036)
# every difference from the library by its name, each with its reason
OPTIONAL = "an optional holiday: an agency that keeps it enters it as a closure"
NOT_MOVED = "this law does not move a Saturday's holiday to Friday"
ONLY_THE_LIBRARY = {
    "CA": {"Susan B. Anthony Day": OPTIONAL, "Diwali": OPTIONAL},
    "NY": {"Susan B. Anthony Day": "a day of remembrance", "a Saturday's, on Friday": NOT_MOVED},
    "TX": {"Good Friday": OPTIONAL, "Cesar Chavez Day": OPTIONAL},
    "IL": {"Casimir Pulaski Day": "not in the table of calendars", "a Saturday's, on Friday": NOT_MOVED},
    "NJ": {
        "Lincoln's Birthday": "not in the table of calendars",
        "Juneteenth National Independence Day": "New Jersey keeps the third Friday",
    },
    "CO": {"Cesar Chavez Day": OPTIONAL},
    "VA": {
        "Lee Jackson Day": "repealed in 2020",
        "Inauguration Day": "kept near Washington only; the Governor's closure where it is kept",
    },
    "MI": {
        # weekdays other than legal holidays count although the state's offices close (AG Op. 7172)
        "New Year's Eve": "no legal holiday", "Christmas Eve": "no legal holiday",
        "Election Day": "no legal holiday", "Day After Thanksgiving": "no legal holiday",
    },
}  # fmt: skip
BEFORE_IT_WAS_ONE = {"Juneteenth": "the packs look forward: 2020 is before it became a holiday"}
ONLY_OURS = {
    "CA": {"Cesar Chavez Day": "moves from Saturday to Friday; the library leaves it"},
    "IL": {"the day after Thanksgiving": "in the table of calendars, not in the library"},
    "NJ": {"Juneteenth": "the third Friday", "Election Day": "every year here, even years in the library"},
}


def calendar_of(law: str, closed: dict[date, str] | None = None, opened: set[date] | None = None) -> Calendar:
    return Calendar(pack.shipped(law).calendar, closed or {}, frozenset(opened or ()))


def named(rule: CalendarRule, day: date, name: str) -> str:
    if name.endswith("(observed)") and day.weekday() == 4 and not rule.moves.get(5):
        return "a Saturday's, on Friday"
    return name.removesuffix(" (observed)").partition(", kept for ")[0]


@pytest.mark.parametrize("law", ["US", "CA", "NY", "TX", "IL", "WA", "MA", "NJ", "CO", "VA", "OH", "MI"])
def test_each_difference_from_an_independent_library_is_known_by_name(law: str) -> None:
    rule = pack.shipped(law).calendar
    theirs = holidays.country_holidays(
        "US",
        subdiv=None if law == "US" else law,
        years=range(2019, 2037),
        observed=any(rule.moves.values()),
        language="en_US",
    )
    missing, added = set(), set()

    for year in YEARS:
        library = {day for day in theirs if day.year == year and day.weekday() < 5}
        ours = rule.holidays_of(year)
        missing |= {named(rule, day, theirs[day]) for day in library - set(ours)}
        added |= {named(rule, day, ours[day]) for day in set(ours) - library}

    assert missing == set(ONLY_THE_LIBRARY.get(law, {}))
    expected = ONLY_OURS.get(law, {}) | ({} if law == "TX" else BEFORE_IT_WAS_ONE)
    assert added == set(expected)


def test_easter_agrees_with_an_independent_library() -> None:
    good_fridays = holidays.country_holidays("DE", years=range(1991, 2090))

    computed = {calendar.easter(year) - timedelta(days=2) for year in range(1991, 2090)}

    assert computed <= set(good_fridays)


@pytest.mark.parametrize(
    ("law", "day", "reason"),
    [
        ("TX", date(2026, 1, 19), "Martin Luther King Jr. Day"),
        ("TX", date(2027, 1, 19), "Confederate Heroes Day"),
        ("TX", date(2026, 3, 2), "Texas Independence Day"),
        ("TX", date(2026, 4, 21), "San Jacinto Day"),
        ("TX", date(2026, 8, 27), "Lyndon Baines Johnson Day"),
        ("TX", date(2026, 11, 27), "the day after Thanksgiving"),
        ("TX", date(2026, 12, 24), "Christmas Eve"),
        ("TX", date(2025, 12, 26), "the day after Christmas"),
        ("TX", date(2026, 10, 12), None),
        ("TX", date(2026, 7, 3), None),
        ("TX", date(2026, 12, 26), "Saturday"),
        ("TX", date(2027, 12, 27), None),
        ("CA", date(2026, 3, 31), "Cesar Chavez Day"),
        ("CA", date(2026, 7, 3), "Independence Day, kept for Saturday, July 4"),
        ("US", date(2027, 12, 31), "New Year's Day, kept for Saturday, January 1"),
        ("US", date(2028, 11, 10), "Veterans Day, kept for Saturday, November 11"),
        ("US", date(2026, 10, 12), "Columbus Day"),
        ("NY", date(2026, 7, 3), None),
        ("NJ", date(2025, 6, 20), "Juneteenth"),
        ("NJ", date(2026, 4, 3), "Good Friday"),
        ("IL", date(2026, 11, 3), "general Election Day"),
        ("IL", date(2027, 11, 2), None),
        ("PA", date(2026, 12, 25), None),
    ],
)
def test_day_is_closed_for_the_reason_the_law_gives(law: str, day: date, reason: str | None) -> None:
    found = calendar_of(law).closed(day)

    assert found == reason


def test_agency_closure_is_named_by_its_reason() -> None:
    made = calendar_of("TX", {date(2026, 12, 1): "Water main break", date(2026, 12, 2): ""})

    reasons = [made.closed(date(2026, 12, day)) for day in (1, 2, 3)]

    assert reasons == ["Water main break", "office closed", None]


def test_closures_do_not_count_where_the_law_ignores_them() -> None:
    made = calendar_of("MI", {date(2026, 12, 1): "Water main break"})

    assert made.closed(date(2026, 12, 1)) is None


def test_an_agency_open_on_a_holiday_counts_that_day() -> None:
    made = calendar_of("NY", opened={date(2026, 2, 12)})

    due = made.plus(date(2026, 2, 6), 5, "business_day")

    assert due == date(2026, 2, 13)


def test_between_is_the_inverse_of_plus() -> None:
    made = calendar_of("TX")
    start = date(2026, 11, 20)

    for n in range(60):
        assert made.between(start, made.plus(start, n, "business_day"), "business_day") == n
        assert made.between(start, made.plus(start, n, "calendar_day"), "calendar_day") == n
    assert made.between(start, start - timedelta(days=9), "business_day") == 0


def test_leap_day_is_counted() -> None:
    due = calendar_of("CA").plus(date(2028, 2, 29), 10, "calendar_day")

    assert due == date(2028, 3, 10)


def test_eleventh_closure_of_a_year_breaks_the_texas_limit() -> None:
    rule = pack.shipped("TX").calendar
    ten = {date(2026, 6, 1) + timedelta(days=n): "closed" for n in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)}

    assert rule.closure_refusal(ten) is None
    assert rule.closure_refusal({**ten, date(2026, 6, 6): "a Saturday"}) is None
    refused = rule.closure_refusal({**ten, date(2026, 6, 15): "one more"})

    assert refused is not None
    assert "11 weekdays of 2026" in refused
    assert pack.shipped("CA").calendar.closure_refusal({**ten, date(2026, 6, 15): "one more"}) is None


def test_last_weekday_of_december_is_found() -> None:
    assert calendar.nth_weekday(2026, 12, 3, -1) == date(2026, 12, 31)
    assert calendar.nth_weekday(2026, 5, 0, -2) == date(2026, 5, 18)


def test_holiday_keeps_to_its_years() -> None:
    row = {
        "id": "once",
        "name": "Once",
        "on": {"kind": "fixed", "month": 6, "day": 3, "years": "odd"},
        "effective_from": "2027-01-01",
        "effective_to": "2027-12-31",
    }
    rule = calendar.parse({"name": "test", "holidays": [row]}).holidays[0]

    found = [rule.falls_on(year) for year in (2025, 2026, 2027, 2029)]

    assert found == [None, None, date(2027, 6, 3), None]


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ({"kind": "fixed", "month": 2, "day": 30}, "there is no day 30 in month 2"),
        ({"kind": "fixed", "month": 2}, "calendar/holidays/odd/on/day: is missing"),
        (
            {"kind": "nth_weekday", "month": 2, "weekday": "monday"},
            "calendar/holidays/odd/on/nth: is missing",
        ),
    ],
)
def test_impossible_holiday_is_refused_by_name(on: dict[str, object], said: str) -> None:
    with pytest.raises(CalendarError, match=said):
        calendar.parse({"name": "test", "holidays": [{"id": "odd", "name": "Odd", "on": on}]})
