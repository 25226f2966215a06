from typing import Any

import pytest

from requests_app.law import quotes


def answer(law: str, **more: Any) -> dict[str, Any]:
    return quotes.answer({"id": law, "law": law, "received": "2026-11-02", **more})


def line(activity: str, minutes: int, **more: Any) -> dict[str, Any]:
    return {"activity": activity, "minutes": minutes, **more}


@pytest.mark.parametrize(("sheets", "fee"), [(25, "5.00"), (26, "23.20")])
def test_texas_counts_both_sides_of_a_sheet_towards_fifty_pages(sheets: int, fee: str) -> None:
    made = answer("TX", record_type="paper", work=[line("search", 60)], volumes={"pages_two_sided": sheets})

    assert made["computed"] == fee


@pytest.mark.parametrize(("copy", "fee"), [(None, "0.00"), (1, "0.00"), (2, "46.00")])
def test_a_victims_copy_of_unknown_number_is_the_first(copy: int | None, fee: str) -> None:
    made = answer("AZ", relationship="victim", copy_number=copy, volumes={"video_seconds_reviewed": 3600})

    assert made["computed"] == fee


def test_nobody_who_pays_nothing_is_asked_for_a_deposit() -> None:
    asked = {"record_type": "body_worn_camera", "estimate": "84.00", "policy": {"deposit_percent": "10"}}

    free = answer("WA", relationship="directly_involved", **asked)
    pays = answer("WA", relationship="not_involved", **asked)

    assert (free["deposit_allowed"], free["deposit"]) == (False, "0.00")
    assert (pays["deposit_allowed"], pays["deposit"]) == (True, "8.40")


def test_late_answer_takes_the_deposit_with_the_fee() -> None:
    made = answer("IL", requester_category="commercial", estimate="500.00", events={"late_business_days": 1})

    assert made["advance_payment_allowed"] is False


def test_published_price_of_a_staff_minute_is_used_for_minutes_without_their_own() -> None:
    policy = {"rate_per_staff_minute": "0.90"}

    made = answer("WA", record_type="body_worn_camera", policy=policy, work=[line("redaction", 60)])

    assert (made["computed"], made["lines"][0]["rate"]) == ("54.00", "54.00")


@pytest.mark.parametrize(
    ("minutes", "fee", "said"),
    [
        (0, "54.00", []),
        (30, "54.00", ["charged by the length of the footage"]),
        (90, "81.00", ["charged by the staff time instead"]),
    ],
)
def test_redaction_is_paid_by_footage_or_by_time_never_by_both(
    minutes: int, fee: str, said: list[str]
) -> None:
    policy = {"rate_per_staff_minute": "0.90", "staff_minutes_per_video_minute": "2"}
    work = {"work": [line("redaction", minutes)], "volumes": {"recordings": [{"seconds": 1800}]}}

    made = answer("WA", record_type="body_worn_camera", policy=policy, **work)

    assert made["computed"] == fee
    assert [each["why"] for each in made["lines"] if each["amount"] == "0.00" and minutes] == said


def test_length_given_as_one_sum_prices_redaction_too() -> None:
    policy = {"rate_per_staff_minute": "0.90", "staff_minutes_per_video_minute": "2"}

    made = answer(
        "WA", record_type="body_worn_camera", policy=policy, volumes={"video_seconds_produced": 1800}
    )

    assert made["computed"] == "54.00"


def test_listing_a_recording_never_lowers_the_price_of_a_length_given_as_one_sum() -> None:
    policy = {"rate_per_staff_minute": "0.90", "staff_minutes_per_video_minute": "2"}
    volumes = {"video_seconds_produced": 5400, "recordings": [{"seconds": 60}]}

    made = answer("WA", record_type="body_worn_camera", policy=policy, volumes=volumes)

    assert made["computed"] == "162.00"


def test_paper_without_a_price_of_its_own_is_one_page_a_sheet_and_says_so() -> None:
    made = answer("IL", volumes={"pages_letter": 30, "pages_legal": 20, "pages_two_sided": 10})

    assert [(each["quantity"], each["amount"], each["why"]) for each in made["lines"]] == [
        ("10", "1.50", "30 of legal size or printed on both sides, one page each; the first 50 free")
    ]


@pytest.mark.parametrize(
    ("law", "counted"),
    [("NJ", [("nj-page", "0.50"), ("nj-legal", "0.70")]), ("TX", [("tx-page-legal", "1.00"),
     ("tx-page-two-sided", "2.00")])],
)  # fmt: skip
def test_paper_with_a_price_of_its_own_keeps_it(law: str, counted: list[tuple[str, str]]) -> None:
    made = answer(law, record_type="paper", volumes={"pages_legal": 10, "pages_two_sided": 10})

    assert [(each["rule"], each["amount"]) for each in made["lines"]] == counted


@pytest.mark.parametrize(
    ("law", "volumes", "said"),
    [
        ("IL", {"megabytes": "80"}, "a flat 20 dollars for up to 80 megabytes"),
        ("IL", {"megabytes": "160.1"}, "a flat 100 dollars for more than 160 megabytes"),
        (
            "IN",
            {"video_seconds_produced": 1799},
            "a flat 50 dollars for under 1800 seconds of video; the direct cost at most",
        ),
    ],
)
def test_price_by_size_says_which_step_it_took(law: str, volumes: dict[str, Any], said: str) -> None:
    made = answer(law, policy={"voluminous": True}, volumes=volumes)

    assert [each["why"] for each in made["lines"]] == [said]


def test_federal_requester_of_no_stated_kind_is_an_other_requester() -> None:
    work = {
        "work": [line("search", 310, rate="4.50", rate_per="quarter_hour"), line("review", 60, rate="40")],
        "volumes": {"pages_letter": 250},
    }

    assert answer("US", **work)["computed"] == answer("US", requester_category="other", **work)["computed"]
    assert answer("US", **work)["computed"] == "73.50"


def test_ohio_charges_a_medium_beside_paper_and_within_the_cost_of_video() -> None:
    paper = answer("OH", record_type="electronic", volumes={"media_cost": "6.00"})
    video = answer(
        "OH",
        record_type="law_enforcement_video",
        volumes={"media_cost": "6.00", "video_seconds_produced": 3600},
        actual_cost="40.00",
    )

    assert (paper["computed"], video["computed"]) == ("6.00", "40.00")


def test_michigan_charges_a_sheet_once_however_it_is_printed() -> None:
    made = answer("MI", volumes={"pages_letter": 10, "pages_two_sided": 10})

    assert made["computed"] == "2.00"


def test_late_illinois_answer_is_free_for_everybody() -> None:
    work = {"work": [line("search", 720, rate="10.00")], "volumes": {"pages_letter": 100}}

    late = answer("IL", requester_category="commercial", events={"late_business_days": 1}, **work)
    noticed = answer(
        "IL",
        requester_category="commercial",
        events={"late_business_days": 1, "extension_noticed": True},
        **work,
    )

    assert (late["computed"], noticed["computed"]) == ("0.00", "47.50")


def test_interest_of_a_law_without_a_rule_follows_the_format() -> None:
    bill = {"amount": "300.00", "dated": "2026-11-02", "annual_rate": "0.04", "paid": "2027-01-02"}

    made = answer("TX", invoice=bill)

    assert (made["interest_from"], made["interest"]) == ("2026-12-03", "0.98")
