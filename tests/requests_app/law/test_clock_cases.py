import json
from pathlib import Path
from typing import Any

import pytest

from requests_app.law import clock, event, pack

CASES = json.loads((Path(__file__).parent / "clock_cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case_is_due_on_the_worked_day(case: dict[str, Any]) -> None:
    law = pack.shipped(case["law"])

    derived = clock.due(
        law,
        case["clock"],
        event.parse_agency(case["agency"]),
        [event.parse(row) for row in case["events"]],
        case["record_type"],
        case["requester_category"],
        case["facts"],
    )

    assert (derived.due.isoformat() if derived.due else None) == case["due"], derived.texts
    assert sum(line.days for line in derived.lines) == derived.length
    assert all(line.text.endswith(".") for line in derived.lines)


def test_cases_cover_every_law_that_has_clocks() -> None:
    with_clocks = {law for law in pack.shipped_ids() if pack.shipped(law).clocks}

    assert with_clocks == {case["law"] for case in CASES} | {"NC"}  # its one clock came without a case
