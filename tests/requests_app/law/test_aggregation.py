from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.law import aggregation, fees, pack, work
from requests_app.law.work import WorkError
from tests.requests_app.law.test_fees import a_schedule

US = a_schedule("US")


def part(**more: Any) -> work.Work:
    return work.parse({"received": "2026-11-02", "requester_category": "other", **more})


def search(minutes: Any, rate: str = "4.50") -> dict[str, Any]:
    return {"activity": "search", "minutes": minutes, "rate": rate, "rate_per": "quarter_hour"}


def test_requests_thirty_days_apart_may_be_counted_together() -> None:
    federal, texan = US.law, pack.shipped("TX").fees

    assert aggregation.may_count_together(federal, date(2026, 3, 1), date(2026, 3, 31))
    assert aggregation.may_count_together(federal, date(2026, 3, 31), date(2026, 3, 1))
    assert not aggregation.may_count_together(federal, date(2026, 3, 1), date(2026, 4, 1))
    assert not aggregation.may_count_together(texan, date(2026, 3, 1), date(2026, 3, 1))


def test_free_hours_and_pages_are_given_once() -> None:
    halves = [part(work=[search(155)], volumes={"pages_letter": 125}) for _ in range(2)]

    together = fees.quote(US, aggregation.aggregate(halves))

    assert [fees.quote(US, half).computed_cents for half in halves] == [900 + 250] * 2
    assert together.computed_cents == 7350


@settings(deadline=None)
@given(
    minutes=st.lists(st.integers(0, 400), min_size=1, max_size=4),
    pages=st.lists(st.integers(0, 300), min_size=1, max_size=4),
    category=st.sampled_from(work.CATEGORIES),
    late=st.integers(0, 1),
)
def test_splitting_never_lowers_a_fee_that_is_counted_together(
    minutes: list[int], pages: list[int], category: str, late: int
) -> None:
    more = {"requester_category": category, "events": {"late_business_days": late}}
    parts = [part(work=[search(each)], **more) for each in minutes]
    parts += [part(volumes={"pages_letter": each}, **more) for each in pages]
    whole = part(work=[search(sum(minutes))], volumes={"pages_letter": sum(pages)}, **more)

    assert fees.quote(US, aggregation.aggregate(parts)).lines == fees.quote(US, whole).lines


def test_everything_counted_is_added_up() -> None:
    first = part(
        received="2026-11-20",
        work=[search("7.5"), search(10, rate="9.00")],
        volumes={"gigabytes": "1.5", "files": 2, "recordings": [{"seconds": 5}]},
        actual_cost="3.00",
        estimate="10.00",
        adjustment="-1.00",
        events={"prepaid": "4.00", "late_business_days": 2, "extension_noticed": True, "late_days": 3},
        facts={"voluminous": True},
    )
    second = part(work=[search("7.5")], volumes={"gigabytes": "0.5", "recordings": [{"seconds": 6}]},
                  actual_cost="2.00", adjustment="-1.00")  # fmt: skip

    made = aggregation.aggregate([first, second])

    assert [line.minutes for line in made.time] == [Decimal(15), Decimal(10)]
    assert (made.received, len(made.recordings)) == (date(2026, 11, 2), 2)
    assert (dict(made.counts), dict(made.sizes)) == ({"files": 2}, {"gigabytes": Decimal(2)})
    assert (made.actual_cost, made.estimate, made.adjustment) == (Decimal(5), None, Decimal(-2))
    assert (made.prepaid, made.late_business_days, made.late_days) == (Decimal(4), 2, 3)
    assert (made.extension_noticed, made.facts) == (True, {"voluminous": True})


def test_parts_by_different_askers_are_counted_apart() -> None:
    with pytest.raises(WorkError, match="requester_category: requests counted together must agree"):
        aggregation.aggregate([part(), part(requester_category="commercial")])
    with pytest.raises(WorkError, match="no request"):
        aggregation.aggregate([])
