"""Cases beside the published ones: year ends, leap days, holidays kept on another day, cut-offs, overlapping
pauses, restarts, limits, bars.

Counted by hand on the weekday and holiday lists of the law's notes, but for 16 of the clock cases: those were
counted only by the second reading (``clock_oracle``), by nobody's hand. The clock cases from number 97 on
come from a third reading, made without a look at the portal's: unusual orders, several events a day.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from requests_app.law import answers, clock, pack, quotes
from requests_app.law.event import Event
from tests.requests_app.law.test_clock import AUSTIN, at, derive

HERE = Path(__file__).parent
CLOCKS = json.loads((HERE / "further_clock_cases.json").read_text(encoding="utf-8"))
FEES = json.loads((HERE / "further_fee_cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CLOCKS, ids=lambda case: case["id"])
def test_further_case_is_due_on_the_day_counted_elsewhere(case: dict[str, Any]) -> None:
    got = answers.due(case)

    assert got["due"] == case["due"], got["because"]


@pytest.mark.parametrize("case", FEES, ids=lambda case: case["id"])
def test_further_case_costs_what_was_reckoned_by_hand(case: dict[str, Any]) -> None:
    got = quotes.answer(case)

    assert {name: got[name] for name in case["expect"]} == case["expect"], got["lines"]


def test_question_given_up_restarts_nothing_and_leaves_the_used_days_used() -> None:
    events = [at("received", "2026-03-03"), at("clarification_sent", "2026-03-05")]
    answered = derive("TX", "ag_request", *events, at("clarification_answered", "2026-03-16"))
    dropped = at("clarification_answered", "2026-03-16")
    given_up = Event(dropped.type, dropped.at, said="nobody waits any more", given_up=True)

    found = derive("TX", "ag_request", *events, given_up)

    assert str(answered.due) == "2026-03-30"
    assert str(found.due) == "2026-03-26"  # two of ten days were used: eight from the 17th
    assert sum(line.days for line in found.lines) == found.length == 10
    assert any("8 left" in text for text in found.texts)


def test_question_given_up_beside_one_that_was_answered_restarts_by_the_answer() -> None:
    given_up = Event("clarification_answered", at("received", "2026-03-20").at, given_up=True)
    events = [
        at("received", "2026-03-03"), at("clarification_sent", "2026-03-05"),
        at("deposit_requested", "2026-03-06"), at("deposit_paid", "2026-03-16"), given_up,
    ]  # fmt: skip

    found = clock.due(pack.shipped("TX"), "ag_request", AUSTIN, events)

    assert str(found.due) == "2026-04-03"
    assert any("all 10 business days run again" in text for text in found.texts)
