from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from redaction.plans.coverage import (
    Claim,
    Coverage,
    Range,
    believed,
    in_words,
    joined,
    length,
    missing,
    smoothed,
)

UNITS = st.sampled_from(["page", "second", "row"])


@st.composite
def some_ranges(draw: st.DrawFn) -> tuple[str, list[Range], int]:
    """A unit, ranges of whole numbers inside the record, and how much of it there is."""
    unit, total = draw(UNITS), draw(st.integers(1, 60))
    first = 0 if unit == "second" else 1
    ends = draw(st.lists(st.tuples(st.integers(first, total), st.integers(first, total)), max_size=12))
    return unit, [(float(min(pair)), float(max(pair))) for pair in ends], total


def places(ranges: list[Range] | tuple[Range, ...], unit: str) -> set[int]:
    """What is in the ranges, counted one by one."""
    step = 0 if unit == "second" else 1
    return {place for start, end in ranges for place in range(int(start), int(end) + step)}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # other work on the machine
@given(some_ranges())
def test_joined_ranges_hold_the_same_in_order_and_never_touch(case: tuple[str, list[Range], int]) -> None:
    unit, ranges, _total = case

    made = joined(ranges, unit)

    step = 0 if unit == "second" else 1
    assert places(made, unit) == places(ranges, unit)
    assert all(before[1] + step < after[0] for before, after in pairwise(made))
    assert joined(made, unit) == made
    assert joined(reversed(ranges), unit) == made


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # other work on the machine
@given(some_ranges())
def test_length_counts_what_is_in_two_ranges_once(case: tuple[str, list[Range], int]) -> None:
    unit, ranges, _total = case

    assert length(ranges, unit) == len(places(ranges, unit))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # other work on the machine
@given(some_ranges())
def test_what_is_missing_and_what_was_seen_make_the_whole(case: tuple[str, list[Range], int]) -> None:
    unit, ranges, total = case

    gaps = missing(ranges, total, unit)

    whole = set(range(total)) if unit == "second" else set(range(1, total + 1))
    assert places(gaps, unit) | places(ranges, unit) == whole
    assert not places(gaps, unit) & places(ranges, unit)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # other work on the machine
@given(some_ranges(), st.integers(0, 100))
def test_a_share_is_met_exactly_when_enough_was_seen(case: tuple[str, list[Range], int], share: int) -> None:
    unit, ranges, total = case

    found = Coverage(unit, 2, joined(ranges, unit), total)

    assert found.meets(share) == (100 * len(places(ranges, unit)) >= share * total)
    assert (found.per_cent == 100) == (not found.missing)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # other work on the machine
@given(
    st.lists(
        st.builds(
            Claim,
            st.just("second"),
            st.just(0.0),
            st.floats(0, 5_000),
            st.floats(0.25, 9),
        ),
        max_size=20,
    ),
    st.floats(0, 2_000),
)
def test_seconds_seen_never_outrun_the_clock(claims: list[Claim], elapsed: float) -> None:
    kept = believed(claims, elapsed)

    assert sum(claim.seconds for claim in kept) <= min(elapsed, 900) + 1 + 1e-6
    assert sum(claim.end - claim.start for claim in kept) <= 4 * (elapsed + 1) + 1e-6
    assert all(claim.band is not None for claim in kept)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # other work on the machine
@given(st.integers(1, 5_000), st.floats(0, 100))
def test_pages_seen_never_outrun_the_clock(pages: int, elapsed: float) -> None:
    kept = believed([Claim("page", 1, pages)], elapsed)

    assert sum(claim.end - claim.start + 1 for claim in kept) <= 4 * (elapsed + 1)


def test_claims_that_fit_are_believed_whole_and_one_that_does_not_is_cut() -> None:
    claims = [Claim("second", 0, 4, 1), Claim("second", 10, 30, 2), Claim("second", 50, 60, 1)]

    kept = believed(claims, 8)

    assert kept == [Claim("second", 0, 4, 1), Claim("second", 10, 20, 2)]


@pytest.mark.parametrize(("speed", "band"), [(0.25, 1), (1, 1), (1.5, 2), (2, 2), (4, 4), (4.5, None)])
def test_a_speed_belongs_to_the_band_above_it(speed: float, band: int | None) -> None:
    assert Claim("second", 0, 1, speed).band == band


def test_cracks_of_a_player_are_closed_and_holes_are_not() -> None:
    seen = smoothed([(0.3, 10), (10.4, 20), (22, 59.7)], 60, "second")

    assert seen == ((0.0, 20.0), (22.0, 60.0))
    assert smoothed([(1, 99)], 40, "page") == ((1.0, 40.0),)
    assert smoothed([(0, 3)], 3, "page") == ((1.0, 3.0),)
    assert smoothed([(1, 99)], None, "row") == ((1.0, 99.0),)
    assert smoothed([(0, 3), (3.2, 99)], None, "second") == ((0.0, 99.0),)
    assert smoothed([(70, 80)], 60, "second") == ()


def test_what_nobody_counted_is_never_all_seen() -> None:
    found = Coverage("row", 1, ((1.0, 500.0),), None)

    assert (found.seen, found.per_cent, found.missing) == (500, None, ())
    assert found.meets(0)
    assert not found.meets(1)


def test_the_digest_is_of_the_ranges() -> None:
    found = Coverage("page", 1, ((1.0, 2.0),), 3)

    assert found.digest == Coverage("page", 1, ((1.0, 2.0),), 3).digest
    assert found.digest != Coverage("page", 1, ((1.0, 3.0),), 3).digest


@pytest.mark.parametrize(
    ("ranges", "unit", "words"),
    [
        ([(3, 7), (12, 12)], "page", "pages 3 to 7 and 12"),
        ([(3, 3)], "row", "rows 3"),
        ([(10, 25.5), (3600, 3661)], "second", "0:10 to 0:25.5 and 1:00:00 to 1:01:01"),
        ([(n, n) for n in (1, 3, 5)], "page", "pages 1, 3 and 5"),
        ([(n, n) for n in range(1, 30, 2)], "page", "pages 1, 3, 5, 7, 9, 11, 13, 15 and 7 more"),
        ([], "page", "nothing"),
    ],
)
def test_ranges_are_said_as_people_do(ranges: list[Range], unit: str, words: str) -> None:
    assert in_words(ranges, unit) == words
