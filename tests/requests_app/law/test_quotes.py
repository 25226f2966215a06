import re
from typing import Any

import pytest

from requests_app.law import quotes
from requests_app.law.quotes import CaseError


def a_case(**more: Any) -> dict[str, Any]:
    return {"id": "one", "law": "TX", "received": "2026-11-02", "record_type": "paper", **more}


def search(**more: Any) -> dict[str, Any]:
    return {"activity": "search", "minutes": 60, **more}


def versions(*spans: tuple[str, str, str | None]) -> dict[str, Any]:
    rows = [{"id": i, "effective_from": begins, "effective_to": ends} for i, begins, ends in spans]
    return {"schedules": rows}


def test_line_says_rule_quantity_rate_cap_source_and_reason() -> None:
    answer = quotes.answer(a_case(work=[search(rate="99.00", rate_per="hour")], volumes={"pages_letter": 51}))

    assert answer["lines"][1] == {
        "rule": "tx-personnel",
        "label": "Staff time (search)",
        "quantity": "1",
        "unit": "hour",
        "rate": "15.00",
        "amount": "15.00",
        "cap": "held to 15.00 an hour, the most the law allows",
        "citation": "1 TAC 70.3",
        "why": "",
    }


def test_answer_has_every_figure_a_case_may_ask_for() -> None:
    bill = {"amount": "300.00", "dated": "2026-11-02", "annual_rate": "0.04", "paid": "2027-01-02"}

    plain, billed = quotes.answer(a_case(law="US")), quotes.answer(a_case(law="US", invoice=bill))

    assert list(plain) == [
        "id", "schedule", "computed", "billed", "invoice", "itemised_estimate_required", "deposit_allowed",
        "deposit", "advance_payment_allowed", "balance", "refund", "quarter_hours", "lines", "notes",
    ]  # fmt: skip
    assert (plain["computed"], plain["invoice"], plain["schedule"]) == ("0.00", False, None)
    assert set(billed) - set(plain) == {"interest", "interest_from"}


def test_bare_case_and_one_full_of_nulls_are_the_same() -> None:
    names = ("record_type", "requester_category", "relationship", "copy_number", "policy", "work", "volumes",
             "actual_cost", "estimate", "adjustment", "invoice", "events")  # fmt: skip

    bare = quotes.answer({"id": "one", "law": "TX", "received": "2026-11-02"})

    assert quotes.answer({**a_case(), **dict.fromkeys(names)}) == bare


@pytest.mark.parametrize(
    ("law", "policy", "work", "cents"),
    [
        ("TX", {"page_rate": "0.50"}, {"volumes": {"pages_letter": 100}}, "10.00"),
        (
            "AZ",
            {"rate_per_video_hour": "60.00"},
            {"volumes": {"video_seconds_reviewed": 3600}, "copy_number": 2},
            "46.00",
        ),
        ("CO", {"hourly_rate": "80.00"}, {"work": [search(minutes=120)]}, "41.37"),
    ],
)
def test_rate_above_the_ceiling_is_held_to_it(
    law: str, policy: dict[str, Any], work: dict[str, Any], cents: str
) -> None:
    answer = quotes.answer(a_case(law=law, policy=policy, **work))

    assert answer["computed"] == cents
    assert "the most the law allows" in answer["lines"][0]["cap"]


def test_deposit_share_above_the_ceiling_is_held_to_it() -> None:
    answer = quotes.answer(a_case(law="WA", policy={"deposit_percent": "25"}, estimate="84.00"))

    assert answer["deposit"] == "8.40"


def test_no_schedule_on_the_day_is_an_answer_that_says_why() -> None:
    broken = versions(("a", "2024-01-01", "2024-12-31"), ("b", "2027-01-01", None))

    answer = quotes.answer(a_case(policy=broken))

    assert (answer["error"], answer["computed"], answer["lines"]) == ("no_schedule_in_force", None, [])
    assert (
        answer["notes"][0] == "No fee schedule was in force on November 2, 2026, so no fee can be worked out."
    )
    assert "there is a gap between schedule a, which ends on 2024-12-31" in answer["notes"][1]


def test_schedules_may_be_listed_in_any_order() -> None:
    rows = versions(("new", "2026-07-01", None), ("old", "2025-01-01", "2026-06-30"))

    answer = quotes.answer(a_case(policy=rows))

    assert answer["schedule"] == "new"


@pytest.mark.parametrize(
    ("spans", "said"),
    [
        (
            (("a", "2025-01-01", None), ("b", "2026-01-01", None)),
            "policy.schedules[1].effective_from: 2026-01-01 overlaps schedule a, which has no end",
        ),
        (
            (("b", "2026-01-01", None), ("a", "2025-01-01", "2026-01-01")),
            "policy.schedules[0].effective_from: 2026-01-01 overlaps schedule a, which ends on 2026-01-01",
        ),
        (
            (("a", "2025-01-01", "2025-12-30"), ("b", "2026-01-01", None)),
            "policy.schedules[1].effective_from: there is a gap between schedule a",
        ),
        (
            (("a", "2025-01-01", "2025-12-31"), ("a", "2026-01-01", None)),
            "policy.schedules[1].id: 'a' appears",
        ),
        ((("a", "2026-12-31", "2026-01-01"),), "policy.schedules[0]: Schedule a would end before it begins"),
        ((("a", "soon", None),), "policy.schedules[0].effective_from: 'soon' is not a date"),
        ((("", "2026-01-01", None),), "policy.schedules[0].id: '' is not a text"),
    ],
)
def test_schedules_that_do_not_follow_one_another_are_refused(spans: Any, said: str) -> None:
    with pytest.raises(CaseError, match=re.escape(said)):
        quotes.answer(a_case(policy=versions(*spans)))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"law": "ZZ"}, "law: 'ZZ' is not a law this portal knows. Use one of A"),
        ({"law": ["TX"]}, "law: ['TX'] is not a text"),
        ({"id": None}, "id: is missing"),
        ({"id": 1.5}, "id: 1.5 is not a name"),
        ({"received": None}, "received: is missing"),
        ({"received": 20261102}, "received: 20261102 is not a text"),
        ({"received": "2026-02-30"}, "received: '2026-02-30' is not a date"),
        ({"colour": "red"}, "colour: is not a field this part of a case has"),
        ({"record_type": "hologram"}, "record_type: 'hologram' is not one of"),
        ({"requester_category": 4}, "requester_category: 4 is not one of"),
        ({"copy_number": "1.5"}, "copy_number: 1.5 is not a whole number"),
        ({"policy": []}, "policy: [] is not an object"),
        ({"policy": {"tip": "5"}}, "policy.tip: is not a field"),
        ({"policy": {"voluminous": "yes"}}, "policy.voluminous: 'yes' is neither true nor false"),
        ({"policy": {"waiver_percent": "101"}}, "policy.waiver_percent: 101 is more than 100 percent"),
        ({"policy": {"deposit_percent": "-1"}}, "policy.deposit_percent: -1 is less than zero"),
        (
            {"policy": {"staff_minutes_per_video_minute": "5000"}},
            "policy.staff_minutes_per_video_minute: 5000 is more than 1000",
        ),
        ({"policy": {"schedules": "none"}}, "policy.schedules: 'none' is not a list"),
        ({"policy": {"schedules": [{"id": "a"}]}}, "policy.schedules[0]: a schedule needs an id and"),
        ({"policy": {"body": "kingdom"}}, "policy.body: 'kingdom' is not one of municipality, agency"),
        ({"work": {"minutes": 5}}, "work: {'minutes': 5} is not a list"),
        ({"work": ["search"]}, "work[0]: 'search' is not an object"),
        ({"work": [search(), search(), search(minutes=-1)]}, "work[2].minutes: -1 is less than zero"),
        ({"work": [search(minutes=7.5)]}, "work[0].minutes: 7.5 is not a number written as text"),
        ({"work": [search(minutes=float("nan"))]}, "work[0].minutes: nan is not a number written as text"),
        ({"work": [search(rate="Infinity")]}, "work[0].rate: 'Infinity' is not a number"),
        ({"work": [search(rate="NaN")]}, "work[0].rate: 'NaN' is not a number"),
        ({"work": [search(minutes=None)]}, "work[0].minutes: is missing. Write a number"),
        ({"work": [{"minutes": 5}]}, "work[0].activity: the kind of work is missing"),
        ({"work": [search(speed="slow")]}, "work[0].speed: is not a field"),
        ({"work": [search()] * 1001}, "work: 1001 lines are more than 1000"),
        ({"volumes": {"teapots": 1}}, "volumes.teapots: is not a field"),
        ({"volumes": {"gigabytes": "1" * 300}}, "volumes.gigabytes: "),
        (
            {"volumes": {"recordings": [{"seconds": 1}, {"seconds": True}]}},
            "volumes.recordings[1].seconds: True",
        ),
        ({"actual_cost": "99999999"}, "actual_cost: 99999999 is more than 10000000, which cannot be right"),
        ({"adjustment": "5.00"}, "adjustment: only a credit"),
        ({"adjustment": -5.0}, "adjustment: -5.0 is not a number written as text"),
        ({"events": {"late_days": "-2"}}, "events.late_days: -2 is less than zero"),
        ({"events": {"extension_noticed": 1}}, "events.extension_noticed: 1 is neither true nor false"),
        ({"invoice": {"amount": "5"}}, "invoice.dated: is missing"),
        ({"invoice": {"dated": "2026-01-02"}}, "invoice.amount: is missing"),
        (
            {"invoice": {"amount": "5", "dated": "2026-01-02", "paid": "2026-01-01", "annual_rate": "0"}},
            "invoice.paid: 2026-01-01 is before invoice.dated",
        ),
        (
            {"invoice": {"amount": "5", "dated": "2026-01-02", "paid": "2026-01-03", "annual_rate": "4"}},
            "invoice.annual_rate: 4 is more than 1",
        ),
    ],
)
def test_fault_is_named_with_its_place(more: dict[str, Any], said: str) -> None:
    with pytest.raises(CaseError, match=f"^{re.escape(said)}"):
        quotes.answer(a_case(**more))


@pytest.mark.parametrize("case", [None, [], "TX", 7])
def test_case_that_is_no_object_is_refused(case: Any) -> None:
    with pytest.raises(CaseError, match=r"^the case: .* is not an object with named fields"):
        quotes.answer(case)
