from datetime import date

import pytest

from requests_app.docket.rules import Disposition, Status
from requests_app.transparency import rules
from requests_app.transparency.rules import Line, Month


def test_every_filed_status_and_outcome_has_public_words() -> None:
    assert set(rules.STAGES) == set(Status) - {Status.DRAFT}
    assert set(rules.OUTCOMES) == set(Disposition)


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (date(2026, 11, 22), date(2025, 12, 1), date(2026, 11, 1)),
        (date(2026, 12, 31), date(2026, 1, 1), date(2026, 12, 1)),
        (date(2026, 1, 1), date(2025, 2, 1), date(2026, 1, 1)),
    ],
)
def test_twelve_months_end_with_this_one(today: date, first: date, last: date) -> None:
    found = rules.months_back(today, 12)

    assert (len(found), found[0], found[-1]) == (12, first, last)


def test_month_in_which_nothing_happened_is_there() -> None:
    found = rules.months(date(2026, 3, 9), {date(2026, 3, 1): 4}, {date(2026, 2, 1): 2}, count=2)

    assert found == [Month(date(2026, 2, 1), 0, 2), Month(date(2026, 3, 1), 4, 0)]


def test_highest_bar_fills_the_chart_and_none_leaves_it() -> None:
    drawn = rules.chart([Month(date(2026, 1, 1), 8, 4), Month(date(2026, 2, 1), 0, 2)])

    assert [bar.height for bar in drawn.bars] == [150, 75, 0, 37.5]
    assert all(bar.y >= 0 and bar.y + bar.height == drawn.base for bar in drawn.bars)
    assert all(bar.x >= 0 and bar.x + drawn.bar <= drawn.width for bar in drawn.bars)


def test_chart_of_nothing_is_flat() -> None:
    assert {bar.height for bar in rules.chart([Month(date(2026, 1, 1), 0, 0)]).bars} == {0}


@pytest.mark.parametrize(("closed", "days"), [(date(2026, 1, 1), 0), (date(2026, 2, 1), 31), (None, None)])
def test_days_taken_are_calendar_days(closed: date | None, days: int | None) -> None:
    line = Line("26-00001", "Video", "Received", "info", date(2026, 1, 1), None, closed, "", overdue=False)

    assert line.days == days
