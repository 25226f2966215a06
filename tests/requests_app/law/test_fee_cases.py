import json
from pathlib import Path
from typing import Any

import pytest

from requests_app.law import quotes

CASES = json.loads((Path(__file__).parent / "fee_cases.json").read_text(encoding="utf-8"))


def cents(amount: str) -> int:
    whole, _, places = amount.lstrip("-").partition(".")
    assert len(places) == 2
    return (-1 if amount.startswith("-") else 1) * (int(whole) * 100 + int(places))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case_costs_what_was_worked_out(case: dict[str, Any]) -> None:
    expect = case["expect"]

    got = quotes.answer(case)

    assert {name: got[name] for name in expect} == expect, got["lines"]
    if "error" not in expect:
        assert sum(cents(line["amount"]) for line in got["lines"]) == cents(got["computed"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_answer_does_not_look_at_what_is_expected(case: dict[str, Any]) -> None:
    blind = {name: value for name, value in case.items() if name not in ("expect", "why")}

    assert json.dumps(quotes.answer(blind)) == json.dumps(quotes.answer(case))
