from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from requests_app.law import fees, pack, work
from requests_app.law.fees import FeeSchedule, NoScheduleInForce, Quote, ScheduleError, WorkError


def a_schedule(law: str, **more: Any) -> FeeSchedule:
    return FeeSchedule.parse({"id": "2026", "effective_from": "2026-01-01", **more}, pack.shipped(law).fees)


def some_work(**more: Any) -> work.Work:
    return work.parse({"received": "2026-11-02", "record_type": "paper", **more})


def search(minutes: Any, activity: str = "search", **more: Any) -> dict[str, Any]:
    return {"activity": activity, "minutes": minutes, **more}


def cost(law: str, policy: dict[str, Any] | None = None, **more: Any) -> Quote:
    return fees.quote(a_schedule(law, policy=policy or {}), some_work(**more))


def test_schedule_rates_stand_in_for_the_rates_of_the_work() -> None:
    made = cost("TX", work=[search(150)], volumes={"pages_letter": 120})

    assert [(line.label, line.amount_cents) for line in made.lines] == [
        ("Paper page", 1200),
        ("Staff time (search)", 3750),
        ("Overhead, a fifth of the staff time", 750),
    ]
    assert made.lines[1].rate == Decimal("15.00")
    assert str(made.lines[0].rate) == "0.10"


def test_rate_over_the_ceiling_is_cut_and_the_line_says_so() -> None:
    made = cost("TX", work=[search(60, rate="99.00", rate_per="hour")], volumes={"pages_letter": 51})

    assert made.lines[1].amount_cents == 1500
    assert made.lines[1].cap == "held to 15.00 an hour, the most the law allows"


@pytest.mark.parametrize(("pages", "cents"), [(50, 500), (51, 510 + 1500 + 300)])
def test_texas_charges_labour_only_over_fifty_pages(pages: int, cents: int) -> None:
    made = cost("TX", work=[search(60)], volumes={"pages_letter": pages})

    assert made.computed_cents == cents
    if pages == 50:
        assert made.lines[1].why == "up to 50 paper pages: no labour, no overhead"


def test_electronic_records_pay_labour_without_pages() -> None:
    made = cost("TX", record_type="electronic", work=[search(60), search(60, "programming")])

    assert made.computed_cents == 1500 + 2850 + 870


def test_body_camera_fee_stands_in_for_labour() -> None:
    made = cost(
        "TX",
        record_type="body_worn_camera",
        work=[search(60, "redaction")],
        volumes={"recordings": [{"seconds": 60}, {"seconds": 119, "previously_released": True}]},
    )

    assert made.computed_cents == 2 * 1000 + 100


def test_missed_notice_leaves_nothing_to_charge_in_texas() -> None:
    made = cost("TX", volumes={"pages_letter": 500}, facts={"response_notice_missed": True})

    assert (made.computed_cents, made.invoice) == (0, False)
    assert made.lines[0].why == "a notice the law requires within 10 business days was not sent"


@pytest.mark.parametrize(
    ("pages", "staff", "estimate", "deposit"),
    [
        (400, None, False, False),
        (401, None, True, False),
        (1000, None, True, False),
        (1001, None, True, True),
        (501, 15, True, True),
        (501, 16, True, False),
        (500, 15, True, False),
    ],
)
def test_texas_thresholds_must_be_passed(
    pages: int, staff: int | None, estimate: bool, deposit: bool
) -> None:
    made = cost("TX", {"staff_count": staff, "deposit_percent": "50"}, volumes={"pages_letter": pages})

    assert (made.itemised_estimate_required, made.deposit_allowed) == (estimate, deposit)
    assert made.deposit_cents == (pages * 10 // 2 if deposit else 0)


def test_california_charges_no_review_search_or_redaction() -> None:
    made = cost("CA", work=[search(60), search(60, "review"), search(60, "redaction", rate="40")])

    assert made.computed_cents == 0
    assert {line.why for line in made.lines} == {
        "the law allows no charge for search here",
        "the law allows no charge for review here",
        "the law allows no charge for redaction here",
    }


def test_california_extraction_work_is_charged_after_an_estimate() -> None:
    made = cost("CA", record_type="electronic", work=[search(90, "programming", rate="60.00")])

    assert made.computed_cents == 9000
    assert made.itemised_estimate_required


def test_page_without_a_published_rate_costs_nothing() -> None:
    silent = cost("CA", volumes={"pages_letter": 30})
    published = cost("CA", {"page_rate": "0.10"}, volumes={"pages_letter": 30})

    assert (silent.computed_cents, published.computed_cents) == (0, 300)
    assert silent.lines[0].why == "the agency has published no rate, so nothing is charged"


def test_what_the_law_has_no_charge_for_is_still_shown() -> None:
    made = cost("CO", volumes={"pages_digital": 200, "gigabytes": "1.5", "files": 3}, actual_cost="12.00")

    assert made.computed_cents == 0
    assert [line.label for line in made.lines] == ["Pages digital", "Files", "Gigabytes", "Actual cost"]


def test_published_rows_limit_what_is_charged() -> None:
    published = a_schedule("TX", rows=[{"rule": "tx-page", "rate": "0.05", "free": "10", "cap": "4.00"}])

    small = fees.quote(published, some_work(volumes={"pages_letter": 60}, work=[search(60)]))
    large = fees.quote(published, some_work(volumes={"pages_letter": 600, "discs_cd": 1}))

    assert small.computed_cents == 250
    assert {line.why for line in small.lines[1:]} == {"not in the published fee schedule"}
    assert small.lines[0].why == "the first 10 free"
    assert large.computed_cents == 400
    assert large.lines[0].cap == "held to 4.00 dollars, the agency's own limit"


def test_staff_time_has_its_own_limit_and_rates_by_grade() -> None:
    rows = [{"rule": "va-labour", "rates": {"clerical": "20", "officer": "40"}, "rate": "30", "cap": "50"}]
    lines = [search(60, grade="clerical"), search(60, grade="officer"), search(60)]

    made = fees.quote(a_schedule("VA", rows=rows), some_work(work=lines))

    assert [line.amount_cents for line in made.lines] == [2000, 3000, 0]
    assert made.lines[1].cap == "held to 50 dollars in all"


def test_overhead_may_be_lowered_or_left_out() -> None:
    pages = {"rule": "tx-page"}
    staff = {"rule": "tx-personnel", "rate": "10.00"}
    ask = some_work(volumes={"pages_letter": 100}, work=[search(60, rate="12.00")])

    lowered = fees.quote(a_schedule("TX", rows=[pages, staff, {"rule": "tx-overhead", "rate": "10"}]), ask)
    without = fees.quote(a_schedule("TX", rows=[pages, staff]), ask)

    assert [line.amount_cents for line in lowered.lines] == [1000, 1000, 100]
    assert [line.amount_cents for line in without.lines] == [1000, 1000, 0]
    assert lowered.lines[1].cap == "held to 10.00 an hour, the published rate"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rows": [{"rule": "tx-page", "rate": "0.11"}]}, "0.11 is over 0.10, the most the law allows"),
        ({"rows": [{"rule": "tx-personnel", "rates": {"chief": "16"}}]}, "16 is over 15.00"),
        ({"rows": [{"rule": "tx-coffee", "rate": "1"}]}, "no charge called 'tx-coffee'"),
        ({"rows": [{"rule": "tx-page"}, {"rule": "tx-page"}]}, "two rows for the same rule"),
        ({"rows": [{"rule": "tx-page", "rate": "-0.01"}]}, "less than zero"),
        ({"policy": {"page_rate": "0.20"}}, "over 0.10"),
        ({"policy": {"free_time_order": "random"}}, "not one of dearest_first"),
        ({"policy": {"tip": "5"}}, "'tip' is not a choice"),
        ({"policy": {"first_dollar_waived": "yes"}}, "neither true nor false"),
        ({"policy": {"deposit_percent": "101"}}, "cannot be right"),
        ({"effective_to": "2025-12-31"}, "would end before it begins"),
        ({"effective_from": "never"}, "needs an id and the dates"),
    ],
)
def test_schedule_outside_the_law_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises((ScheduleError, WorkError), match=said):
        a_schedule("TX", **change)


def test_deposit_over_the_share_the_law_allows_is_refused() -> None:
    with pytest.raises(ScheduleError, match="deposit_percent: 11 is over 10"):
        a_schedule("WA", policy={"deposit_percent": "11"})


def test_the_newer_of_two_schedules_is_in_force() -> None:
    old, new = a_schedule("TX"), a_schedule("TX", id="july", effective_from="2026-07-01")

    assert fees.schedule_in_force([new, old], date(2026, 6, 30)) is old
    assert fees.schedule_in_force([new, old], date(2026, 7, 1)) is new


def test_schedule_is_refused_for_a_day_it_does_not_cover() -> None:
    with pytest.raises(NoScheduleInForce, match="No fee schedule was in force on December 31, 2025"):
        fees.schedule_in_force([a_schedule("TX")], date(2025, 12, 31))
    with pytest.raises(NoScheduleInForce, match="Fee schedule 2026 was not in force on 2025-12-31"):
        fees.quote(a_schedule("TX"), some_work(received="2025-12-31"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"volumes": {"pages_letter": -1}}, "volumes.pages_letter: -1 is less than zero"),
        ({"volumes": {"pages_letter": "2.5"}}, "not a whole number"),
        ({"volumes": {"pages_letter": 10**9}}, "cannot be right"),
        ({"volumes": {"teapots": 1}}, "'teapots' is not something a fee is counted in"),
        ({"volumes": {"recordings": [{"seconds": -5}]}}, "less than zero"),
        (
            {"volumes": {"recordings": [{"seconds": 5, "previously_released": "no"}]}},
            "neither true nor false",
        ),
        ({"work": [search("NaN")]}, r"work\[0\].minutes: 'NaN' is not a number"),
        ({"work": [search("Infinity")]}, "is not a number"),
        ({"work": [search("ten")]}, "is not a number"),
        ({"work": [search(7.5)]}, "is not a number written as text"),
        ({"work": [search(True)]}, "is not a number written as text"),
        ({"work": [search("0.0000001")]}, "more than six decimal places"),
        ({"work": [search(5, "singing")]}, "'singing' is not one of"),
        ({"work": [{"minutes": 5}]}, "kind of work is missing"),
        ({"work": [search(5, rate_per="week")]}, "'week' is not one of"),
        ({"actual_cost": "-1"}, "actual_cost: -1 is less than zero"),
        ({"adjustment": "5.00"}, "only a credit"),
        ({"adjustment": "-NaN"}, "not a number"),
        ({"waiver_percent": "101"}, "cannot be right"),
        ({"requester_category": "friend"}, "'friend' is not one of"),
        ({"relationship": "cousin"}, "'cousin' is not one of"),
        ({"events": {"late_days": "1.5"}}, "not a whole number"),
        ({"received": "soon"}, "received: 'soon' is not a date"),
        ({"received": "2026-W45-1"}, "not a date"),
        ({"received": "1066-10-14"}, "not a date"),
        ({"work": [search("1_000")]}, "not a number"),
        ({"work": [search("\u0661\u0662")]}, "not a number"),
        ({"work": [search("1.00000000000000000000000000001")]}, "more than six decimal places"),
        ({"work": [search("1e9")]}, "cannot be right"),
        ({"work": [search(1)] * 1001}, "work: 1001 lines are more than 1000"),
        ({"volumes": {"pages_letter": "x" * 500}}, r"x\.\.\. is not a number"),
        ({"received": None}, "received: is missing. Write it as year-month-day"),
    ],
)
def test_absurd_work_is_refused_in_words(more: dict[str, Any], said: str) -> None:
    with pytest.raises(WorkError, match=said):
        some_work(**more)


def test_zero_adjustment_changes_nothing() -> None:
    assert cost("TX", volumes={"pages_letter": 10}, adjustment="0").computed_cents == 100
    assert cost("TX", volumes={"pages_letter": 10}, adjustment=0).computed_cents == 100


def test_waiver_is_taken_before_the_least_bill() -> None:
    made = cost("US", requester_category="commercial", volumes={"pages_letter": 400}, waiver_percent="50")

    assert (made.computed_cents, made.waived_cents, made.billed_cents) == (4000, 2000, 0)
    assert made.notes == (
        "50 percent is waived.",
        "Nothing is billed: 25.00 or less is not billed (28 CFR 16.10(d)).",
    )


def test_full_waiver_leaves_no_deposit() -> None:
    made = cost("TX", {"deposit_percent": "100"}, volumes={"pages_letter": 5000}, waiver_percent="100")

    assert (made.billed_cents, made.deposit_allowed, made.deposit_cents) == (0, False, 0)
    assert not made.itemised_estimate_required


@pytest.mark.parametrize(("category", "cents"), [("other", 1500), ("news_media", 0), ("commercial", 2500)])
def test_late_federal_answer_bars_by_kind_of_requester(category: str, cents: int) -> None:
    late = {"late_business_days": 1}

    made = cost("US", requester_category=category, volumes={"pages_letter": 250}, events=late)

    assert made.computed_cents == cents


def test_timely_extension_notice_lifts_the_late_bar() -> None:
    lines = [search(600, rate="10", rate_per="hour")]
    late = {"late_business_days": 1, "late_days": 3}

    barred = cost("MA", {"body": "agency"}, work=lines, events=late)
    lifted = cost("MA", {"body": "agency"}, work=lines, events={**late, "extension_noticed": True})
    michigan = cost("MI", work=lines, events={**late, "extension_noticed": True})

    assert (barred.computed_cents, lifted.computed_cents, michigan.computed_cents) == (0, 6000, 10000)


def test_refund_is_what_was_paid_too_much() -> None:
    made = cost("TX", volumes={"pages_letter": 30}, events={"prepaid": "10.00"})

    assert (made.balance_cents, made.refund_cents) == (0, 700)


def test_ohio_overage_needs_notice() -> None:
    ask: dict[str, Any] = {
        "record_type": "law_enforcement_video",
        "volumes": {"video_seconds_produced": 10800},
        "actual_cost": "130.00",
        "estimate": "100.00",
    }

    told = cost("OH", **ask, events={"prepaid": "100.00", "overage_notified": True})
    untold = cost("OH", **ask, events={"prepaid": "100.00"})

    assert (told.computed_cents, untold.computed_cents) == (12000, 10000)


def test_minutes_that_do_not_divide_are_exact() -> None:
    lines = [search(20, rate="15.00") for _ in range(3)]

    made = cost("VA", work=lines)

    assert made.computed_cents == 1500
    assert [line.amount_cents for line in made.lines] == [500, 500, 500]


def test_indiana_charges_no_more_than_the_actual_cost() -> None:
    ask: dict[str, Any] = {"volumes": {"video_seconds_produced": 4000}}

    assert cost("IN", **ask, actual_cost="20.00").computed_cents == 2000
    assert cost("IN", **ask, actual_cost="200.00").computed_cents == 15000


def test_prepayment_in_ohio_needs_the_published_policy() -> None:
    made = cost("OH", {"prepay_in_published_policy": True}, estimate="10.00")

    assert made.advance_payment_allowed


def test_prior_nonpayment_allows_advance_payment() -> None:
    made = cost("US", requester_category="other", estimate="30.00", facts={"prior_nonpayment": True})

    assert made.advance_payment_allowed


def test_interest_is_counted_from_the_31st_day() -> None:
    law = pack.shipped("US").fees

    before = fees.interest(law, "300.00", date(2026, 11, 2), "0.04", date(2026, 12, 3))
    after = fees.interest(law, "300.00", date(2026, 11, 2), "0.04", date(2026, 12, 5))
    texas = fees.interest(pack.shipped("TX").fees, "300.00", date(2026, 11, 2), "0.04", date(2027, 12, 5))

    assert (before.cents, before.days) == (0, 0)
    assert (after.cents, after.days, after.starts_on) == (6, 2, date(2026, 12, 3))
    assert texas.cents == 0
