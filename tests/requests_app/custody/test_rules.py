from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from requests_app.custody.rules import (
    PURGE,
    Alert,
    ItemState,
    PurgeFacts,
    PurgeStatus,
    Trace,
    alert,
    matches,
    place_words,
    plain_number,
)

AT = datetime(2026, 7, 1, 20, tzinfo=UTC)
SOUGHT = Trace("body_worn_camera", AT - timedelta(hours=1), AT + timedelta(hours=1), "Elm St & 4th")
FOUND = Trace("body_worn_camera", AT, AT + timedelta(minutes=5), "Elm Street at 4th Avenue")


def test_same_time_and_place_match() -> None:
    assert matches(SOUGHT, FOUND) == "same time and place"


@pytest.mark.parametrize(
    "other",
    [
        replace(FOUND, place="Oak Street"),
        replace(FOUND, starts_at=AT + timedelta(hours=2), ends_at=AT + timedelta(hours=3)),
        replace(FOUND, starts_at=AT - timedelta(hours=3), ends_at=AT - timedelta(hours=2)),
        replace(FOUND, starts_at=None, ends_at=None),
        replace(FOUND, series="lpr"),
    ],
)
def test_another_time_place_or_kind_does_not_match(other: Trace) -> None:
    assert matches(SOUGHT, other) == ""


@pytest.mark.parametrize(
    "other",
    [
        replace(FOUND, place=""),
        replace(FOUND, series=""),
        replace(FOUND, series="law_enforcement_video"),
        replace(FOUND, starts_at=SOUGHT.ends_at, ends_at=None),
    ],
)
def test_what_is_unknown_or_alike_counts_as_a_match(other: Trace) -> None:
    assert matches(SOUGHT, other)


def test_flight_log_and_film_of_a_drone_are_alike() -> None:
    assert matches(replace(SOUGHT, series="drone_log"), replace(FOUND, series="drone_video"))


def test_same_number_matches_however_it_is_written() -> None:
    sought, found = Trace(incident="26-1182 a"), Trace(incident="261182A", series="lpr")

    assert matches(sought, found) == "same case or call number"
    assert plain_number(" № 26-1182/b") == "261182B"
    assert matches(Trace(incident=""), Trace(incident="")) == ""


def test_words_every_place_has_do_not_make_two_places_one() -> None:
    assert place_words("Corner of Elm Street and 4th Ave.") == {"corner", "elm", "4th"}
    assert place_words("the Street") == frozenset()


@pytest.mark.parametrize(
    ("today", "level"),
    [
        (date(2026, 11, 1), Alert.NONE),
        (date(2026, 11, 10), Alert.NONE),
        (date(2026, 11, 11), Alert.HALF),
        (date(2026, 11, 18), Alert.HALF),
        (date(2026, 11, 19), Alert.URGENT),
        (date(2026, 11, 21), Alert.PASSED),
        (date(2026, 12, 1), Alert.PASSED),
    ],
)
def test_alert_rises_at_half_time_at_two_days_and_on_the_day(today: date, level: Alert) -> None:
    assert alert(date(2026, 11, 21), date(2026, 11, 1), today) == level


def test_no_day_is_never_pressing() -> None:
    assert alert(None, date(2026, 11, 1), date(2030, 1, 1)) == Alert.NONE


def test_guards_name_what_stands_in_the_way() -> None:
    assert PURGE.refusal("confirm", PurgeFacts()) is None
    assert "Another person" in (PURGE.refusal("confirm", PurgeFacts(own=True)) or "")
    assert "not the one you saw" in (PURGE.refusal("confirm", PurgeFacts(changed=True)) or "")
    assert "2 records" in (PURGE.refusal("finish", PurgeFacts(unfinished=2)) or "")
    assert PURGE.refusal("finish", PurgeFacts()) is None


def test_every_state_has_its_words() -> None:
    assert all(state.label for state in (*PurgeStatus, *ItemState))
