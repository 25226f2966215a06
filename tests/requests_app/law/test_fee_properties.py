import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.law import fees, pack, quotes, work
from requests_app.law.fees import FeeSchedule

LAWS = [law for law in pack.shipped_ids() if pack.shipped(law).fees.rows]


def a_schedule(law: str, **more: Any) -> FeeSchedule:
    return FeeSchedule.parse({"id": "2026", "effective_from": "2026-01-01", **more}, pack.shipped(law).fees)


def search(minutes: Any, **more: Any) -> dict[str, Any]:
    return {"activity": "search", "minutes": minutes, **more}


MINUTES = st.decimals(min_value=0, max_value=5000, places=1).map(str)
RATES = st.decimals(min_value=0, max_value=200, places=2).map(str)
TIME = st.lists(
    st.fixed_dictionaries(
        {
            "activity": st.sampled_from(work.ACTIVITIES),
            "minutes": MINUTES,
            "rate": st.none() | RATES,
            "rate_per": st.just("hour"),
        }
    ),
    max_size=4,
)
VOLUMES = st.fixed_dictionaries(
    {},
    optional={
        "pages_letter": st.integers(0, 3000),
        "pages_legal": st.integers(0, 100),
        "pages_two_sided": st.integers(0, 100),
        "files": st.integers(0, 50),
        "gigabytes": st.decimals(min_value=0, max_value=90, places=2).map(str),
        "megabytes": st.decimals(min_value=0, max_value=900, places=1).map(str),
        "media_cost": RATES,
        "video_seconds_produced": st.integers(0, 90000),
        "video_seconds_reviewed": st.integers(0, 90000),
        "recordings": st.lists(
            st.fixed_dictionaries({"seconds": st.integers(0, 9000), "previously_released": st.booleans()}),
            max_size=3,
        ),
    },
)
ASKS = st.fixed_dictionaries(
    {
        "received": st.just("2026-11-02"),
        "record_type": st.sampled_from(
            ["paper", "electronic", "body_worn_camera", "law_enforcement_video", None]
        ),
        "requester_category": st.sampled_from([*work.CATEGORIES, None]),
        "relationship": st.sampled_from([*work.RELATIONSHIPS, None]),
        "work": TIME,
        "volumes": VOLUMES,
        "actual_cost": st.none() | RATES,
        "adjustment": st.none() | RATES.map(lambda rate: f"-{rate}"),
        "waiver_percent": st.integers(0, 100),
        "events": st.fixed_dictionaries({}, optional={"late_days": st.integers(0, 20), "prepaid": RATES}),
    }
)
POLICIES = st.fixed_dictionaries(
    {
        "free_time_order": st.sampled_from(["dearest_first", "cheapest_first"]),
        "labour_hours": st.sampled_from(["excess", "whole"]),
        "partial_units": st.sampled_from(["whole_only", "round_up"]),
        "first_dollar_waived": st.booleans(),
    }
)


@settings(deadline=None)
@given(ask=ASKS, policy=POLICIES, law=st.sampled_from(LAWS))
def test_lines_add_up_and_the_bill_is_never_negative(
    ask: dict[str, Any], policy: dict[str, Any], law: str
) -> None:
    made = fees.quote(a_schedule(law, policy=policy), work.parse(ask))

    assert sum(line.amount_cents for line in made.lines) == made.computed_cents
    assert 0 <= made.billed_cents <= made.computed_cents
    assert made.balance_cents * made.refund_cents == 0
    assert made == fees.quote(a_schedule(law, policy=policy), work.parse(ask))


@settings(deadline=None)
@given(
    ask=ASKS, policy=POLICIES, law=st.sampled_from(LAWS), more=st.integers(1, 600), place=st.integers(0, 9)
)
def test_more_staff_time_never_lowers_the_fee(
    ask: dict[str, Any], policy: dict[str, Any], law: str, more: int, place: int
) -> None:
    lines = ask["work"] or [search("0", rate="20")]
    place %= len(lines)
    longer = [
        {**line, "minutes": str(Decimal(line["minutes"]) + more)} if at == place else line
        for at, line in enumerate(lines)
    ]
    schedule = a_schedule(law, policy=policy)

    before = fees.quote(schedule, work.parse({**ask, "work": lines}))
    after = fees.quote(schedule, work.parse({**ask, "work": longer}))

    assert after.computed_cents >= before.computed_cents
    assert after.billed_cents >= before.billed_cents


COUNTED = ("pages_letter", "pages_legal", "pages_two_sided", "pages_scanned", "files", "discs_cd",
           "video_seconds_produced", "video_seconds_reviewed")  # fmt: skip


@settings(deadline=None)
@given(
    ask=ASKS,
    policy=POLICIES,
    law=st.sampled_from(LAWS),
    what=st.sampled_from(COUNTED),
    more=st.integers(1, 5000),
)
def test_more_copies_and_more_footage_never_lower_the_fee(
    ask: dict[str, Any], policy: dict[str, Any], law: str, what: str, more: int
) -> None:
    larger = {**ask, "volumes": {**ask["volumes"], what: ask["volumes"].get(what, 0) + more}}
    schedule = a_schedule(law, policy=policy)

    before, after = fees.quote(schedule, work.parse(ask)), fees.quote(schedule, work.parse(larger))

    assert after.computed_cents >= before.computed_cents


@settings(deadline=None)
@given(ask=ASKS, policy=POLICIES, seconds=st.integers(0, 9000))
def test_another_recording_never_lowers_the_fee_where_footage_sets_the_price(
    ask: dict[str, Any], policy: dict[str, Any], seconds: int
) -> None:
    schedule = a_schedule("WA", policy={**policy, **BY_FOOTAGE})
    rows = [*ask["volumes"].get("recordings", ()), {"seconds": seconds}]
    camera = {**ask, "record_type": "body_worn_camera"}
    longer = {**camera, "volumes": {**camera["volumes"], "recordings": rows}}

    before, after = fees.quote(schedule, work.parse(camera)), fees.quote(schedule, work.parse(longer))

    assert after.computed_cents >= before.computed_cents


BY_FOOTAGE = {"staff_minutes_per_video_minute": "2", "rate_per_staff_minute": "0.90"}


@settings(deadline=None)
@given(ask=ASKS, policy=POLICIES, law=st.sampled_from(LAWS), voluminous=st.booleans())
def test_news_media_never_pay_more_than_commercial_requesters(
    ask: dict[str, Any], policy: dict[str, Any], law: str, voluminous: bool
) -> None:
    asked, schedule = {**ask, "facts": {"voluminous": voluminous}}, a_schedule(law, policy=policy)

    media = fees.quote(schedule, work.parse({**asked, "requester_category": "news_media"}))
    trade = fees.quote(schedule, work.parse({**asked, "requester_category": "commercial"}))

    assert media.computed_cents <= trade.computed_cents
    assert media.billed_cents <= trade.billed_cents


@settings(deadline=None)
@given(ask=ASKS, policy=POLICIES)
def test_fee_keeps_under_every_ceiling_of_its_law(ask: dict[str, Any], policy: dict[str, Any]) -> None:
    def cents(law: str, **more: Any) -> int:
        return fees.quote(a_schedule(law, policy=policy), work.parse({**ask, **more})).computed_cents

    video = {"record_type": "law_enforcement_video"}
    seconds = ask["volumes"].get("video_seconds_produced", 0)
    pages = ask["volumes"].get("pages_letter", 0) * 5

    assert cents("OH", **video, volumes=ask["volumes"]) <= min(75_000, 75 * 100 * seconds // 3600 + pages)
    assert cents("IN") <= 15_000
    assert cents("AZ") <= 46 * 100 * ask["volumes"].get("video_seconds_reviewed", 0) // 3600
    hours = sum(Decimal(line["minutes"]) for line in ask["work"]) / 60
    assert cents("CO", volumes={}) <= int(max(hours - 1, Decimal(0)) * 4137)
    assert cents("MA", volumes={}) <= int(hours * 2500)


@settings(deadline=None)
@given(ask=ASKS, policy=POLICIES, law=st.sampled_from(LAWS))
def test_the_same_case_gives_the_same_bytes(ask: dict[str, Any], policy: dict[str, Any], law: str) -> None:
    given_policy = {**policy, "waiver_percent": ask["waiver_percent"]}
    case = {name: value for name, value in ask.items() if name != "waiver_percent"}
    case |= {"id": "1", "law": law, "policy": given_policy}
    backwards = dict(reversed(list(case.items())))

    first, second = json.dumps(quotes.answer(case)), json.dumps(quotes.answer(backwards))

    assert first == second
    assert sum(Decimal(line["amount"]) for line in json.loads(first)["lines"]) == Decimal(
        json.loads(first)["computed"]
    )


@settings(deadline=None)
@given(pages=st.integers(0, 5000), minutes=st.integers(0, 5000), rate=RATES)
def test_texas_fee_keeps_under_every_ceiling(pages: int, minutes: int, rate: str) -> None:
    ask = {"received": "2026-11-02", "record_type": "paper", "volumes": {"pages_letter": pages}}

    made = fees.quote(a_schedule("TX"), work.parse({**ask, "work": [search(minutes, rate=rate)]}))

    assert made.computed_cents <= pages * 10 + minutes * 25 * 12 // 10
