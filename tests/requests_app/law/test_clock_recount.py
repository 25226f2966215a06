import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from requests_app.law import answers
from tests.requests_app.law import clock_oracle as oracle
from tests.requests_app.law.recount import DoesNotAddUp, Recount
from tests.requests_app.law.test_clock_oracle import a_case

CASES = json.loads((Path(__file__).parent / "clock_cases.json").read_text(encoding="utf-8"))


def recounted(case: dict[str, Any]) -> str | None:
    """This will count the printed lines of a case by themselves and give the day they lead to."""
    answer = answers.due(case)
    found = Recount(answer["because"])
    if answer["due"] is None:
        assert any("there is no due date yet" in line or "Not started" in line for line in found.lines)
        return None
    assert found.counted == length(case) + found.added
    return found.last.isoformat() if found.last else "no day in the lines"


def length(case: dict[str, Any]) -> int:
    return oracle._Reading(case).n


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_lines_of_a_worked_case_lead_to_its_day(case: dict[str, Any]) -> None:
    assert recounted(case) == case["due"]


@pytest.mark.parametrize("seed", range(10))
def test_lines_of_a_hundred_random_cases_lead_to_their_days(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - the same cases every time

    for number in range(100):
        case = {"id": f"{seed}/{number}", **a_case(chance)}
        assert recounted(case) == answers.due(case)["due"], case


def test_recount_notices_a_holiday_left_unsaid() -> None:
    lines = answers.due(next(case for case in CASES if case["id"] == "TX-01"))["because"]

    silent = [line for line in lines if "Thanksgiving Day" not in line]

    assert len(silent) == len(lines) - 1
    with pytest.raises(DoesNotAddUp, match="left out unsaid"):
        Recount(silent)


def test_recount_notices_a_day_too_many() -> None:
    lines = answers.due(next(case for case in CASES if case["id"] == "VA-04"))["because"]

    more = [line.replace("2 business days more used", "3 business days more used") for line in lines]

    assert more != lines
    with pytest.raises(DoesNotAddUp):
        Recount(more)
