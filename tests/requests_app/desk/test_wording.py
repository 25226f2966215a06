from datetime import date, timedelta

import pytest

from requests_app.desk import wording
from requests_app.docket.rules import Disposition, Status

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("days", "words"),
    [(-2, "2 days late"), (-1, "1 day late"), (0, "Due today"), (1, "Due tomorrow"), (9, "9 days left")],
)
def test_lateness_is_said_as_a_person_would(days: int, words: str) -> None:
    assert wording.how_late("on_time", TODAY + timedelta(days=days), TODAY) == words


def test_request_without_a_date_has_a_clock_that_stands_still() -> None:
    assert wording.how_late("stopped", None, TODAY) == "No date: the clock stands still"


def test_closed_request_is_never_late() -> None:
    assert wording.how_late("closed", TODAY - timedelta(days=90), TODAY) == "Closed"


def test_every_filed_state_and_outcome_has_words() -> None:
    assert set(wording.STATUSES) == set(Status) - {Status.DRAFT}
    assert set(wording.DISPOSITIONS) == set(Disposition)
