import json
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.law import answers, clock, event, pack
from requests_app.law.event import Agency, Event
from tests.requests_app.law.test_clock_oracle import a_case

AUSTIN = Agency("America/Chicago")
FAR = date(2026, 1, 1)


DAYS = st.dates(date(2024, 1, 1), date(2031, 12, 31))
KINDS = st.sampled_from(sorted(event.TYPES))


def _event(drawn: tuple[str, int, int, str]) -> Event:
    kind, offset, by, unit = drawn
    day = FAR + timedelta(days=offset)
    return Event(kind, day, by, unit, "voluminous") if kind == "extended" else Event(kind, day)


LEDGERS = st.lists(
    st.tuples(KINDS, st.integers(0, 90), st.integers(1, 40), st.sampled_from(event.UNITS)).map(_event),
    max_size=12,
)


@settings(deadline=None)
@given(ledger=LEDGERS, law=st.sampled_from(["TX", "CA", "US", "VA", "IL", "MI"]))
def test_every_ledger_adds_up_to_its_due_date(ledger: list[Event], law: str) -> None:
    rules = pack.shipped(law)

    for name in rules.clocks:
        made = clock.due(rules, name, AUSTIN, ledger)

        if made.due is None:
            assert made.state in {"stopped", "not_started", "not_applicable"}
            continue
        assert sum(line.days for line in made.lines) == made.length
        assert made.day_zero is not None
        assert made.day_zero + timedelta(days=made.length) <= made.due
        assert made.unrolled is not None
        assert made.unrolled <= made.due
        if made.unit == "business_day":
            assert clock.calendar_of(rules, AUSTIN).closed(made.due) is None


@settings(deadline=None)
@given(received=DAYS, closures=st.sets(DAYS, max_size=30), law=st.sampled_from(["TX", "CA", "US"]))
def test_more_closed_days_never_shorten_a_clock(received: date, closures: set[date], law: str) -> None:
    name = "ag_request" if law == "TX" else "determination"
    closed = Agency("America/Chicago", closed_dates=dict.fromkeys(closures, "closed"))

    plain = clock.due(pack.shipped(law), name, AUSTIN, [Event("received", received)])
    longer = clock.due(pack.shipped(law), name, closed, [Event("received", received)])

    assert plain.due is not None
    assert longer.due is not None
    assert longer.due >= plain.due


@settings(deadline=None)
@given(received=DAYS, later=st.integers(0, 30), law=st.sampled_from(["TX", "CA", "US"]))
def test_later_receipt_is_never_due_sooner(received: date, later: int, law: str) -> None:
    name = "ag_request" if law == "TX" else "determination"

    early = clock.due(pack.shipped(law), name, AUSTIN, [Event("received", received)])
    late = clock.due(pack.shipped(law), name, AUSTIN, [Event("received", received + timedelta(days=later))])

    assert early.due is not None
    assert late.due is not None
    assert late.due >= early.due


def due(case: dict[str, Any]) -> str | None:
    answer: str | None = answers.due(case)["due"]
    return answer


@settings(deadline=None)
@given(
    received=DAYS,
    sent=st.integers(0, 40),
    waited=st.integers(0, 60),
    question=st.sampled_from(
        [("US", "determination", "information_requested"), ("US", "determination", "fee_question_sent"),
         ("VA", "response", "deposit_requested"), ("VA", "response", "estimate_sent")]
    ),
)  # fmt: skip
def test_pause_never_changes_the_days_that_remain(
    received: date, sent: int, waited: int, question: tuple[str, str, str]
) -> None:
    law, name, asks = question
    rules = pack.shipped(law)
    days = clock.calendar_of(rules, AUSTIN)
    begun = days.next_open(received)
    asked = begun + timedelta(days=sent)
    answered = asked + timedelta(days=waited)
    answer = event.ANSWERS[asks]
    plain = clock.due(rules, name, AUSTIN, [Event("received", received)])

    made = clock.due(
        rules, name, AUSTIN, [Event("received", received), Event(asks, asked), Event(answer, answered)]
    )

    assert plain.due is not None
    assert made.due is not None
    remained = days.between(asked, plain.due, "business_day")
    if asked >= plain.due:
        assert made.due == plain.due
    else:
        assert days.between(answered, made.due, "business_day") == remained
        assert made.due >= plain.due


@pytest.mark.parametrize("seed", range(4))
def test_closed_day_more_never_shortens_any_clock(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - the same cases every time
    compared = 0

    for _ in range(120):
        case = {"id": "random", **a_case(chance)}
        first = date.fromisoformat(case["events"][0]["at"][:10])
        day = first + timedelta(days=chance.randrange(60))
        closed = [*case["agency"]["closed_dates"], day.isoformat()]
        before, after = due(case), due({**case, "agency": {**case["agency"], "closed_dates": closed}})
        if before is None or after is None:
            continue
        assert after >= before, (case, day)
        compared += 1

    assert compared > 60


def test_same_case_gives_the_same_bytes() -> None:
    for seed in range(60):
        case = {"id": "random", **a_case(Random(seed))}  # noqa: S311 - the same cases every time
        again = json.loads(json.dumps(case))

        assert json.dumps(answers.due(case)) == json.dumps(answers.due(again))
