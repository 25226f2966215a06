import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from requests_app.law import fees, pack, work
from requests_app.law.schedule import FeeSchedule

CASES = json.loads((Path(__file__).parent / "fee_cases.json").read_text(encoding="utf-8"))
PER_REQUEST = ("waiver_percent", "prior_nonpayment", "voluminous", "schedules")


def schedules_of(case: dict[str, Any]) -> list[FeeSchedule]:
    law = pack.shipped(case["law"]).fees
    given = case["policy"]
    policy = {name: value for name, value in given.items() if name not in PER_REQUEST}
    versions = given.get("schedules") or [{"id": "law", "effective_from": "2020-01-01"}]
    return [
        FeeSchedule.parse(
            {
                "id": version["id"],
                "effective_from": version["effective_from"],
                "effective_to": version.get("effective_to"),
                "policy": {
                    **policy,
                    **({"page_rate": version["page_rate"]} if "page_rate" in version else {}),
                },
            },
            law,
        )
        for version in versions
    ]


def work_of(case: dict[str, Any]) -> work.Work:
    given = case["policy"]
    facts = {name: given[name] for name in ("prior_nonpayment", "voluminous") if name in given}
    return work.parse({**case, "waiver_percent": given.get("waiver_percent"), "facts": facts})


def dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


@pytest.mark.parametrize(
    "case", [c for c in CASES if "error" not in c["expect"]], ids=lambda case: case["id"]
)
def test_case_costs_what_was_worked_out(case: dict[str, Any]) -> None:
    expect = dict(case["expect"])
    asked = work_of(case)

    made = fees.quote(fees.schedule_in_force(schedules_of(case), asked.received), asked)

    bill = case["invoice"]
    if bill:
        due = fees.interest(
            pack.shipped(case["law"]).fees,
            bill["amount"],
            date.fromisoformat(bill["dated"]),
            bill["annual_rate"],
            date.fromisoformat(bill["paid"]),
        )
        assert dollars(due.cents) == expect.pop("interest")
        assert due.starts_on.isoformat() == expect.pop("interest_from")
    got = {
        "computed": dollars(made.computed_cents),
        "billed": dollars(made.billed_cents),
        "balance": dollars(made.balance_cents),
        "refund": dollars(made.refund_cents),
        "deposit": dollars(made.deposit_cents),
        "deposit_allowed": made.deposit_allowed,
        "advance_payment_allowed": made.advance_payment_allowed,
        "itemised_estimate_required": made.itemised_estimate_required,
        "quarter_hours": made.quarter_hours,
        "schedule": made.schedule,
        "invoice": made.invoice,
    }
    assert {name: got[name] for name in expect} == expect, made.lines
    assert sum(line.amount_cents for line in made.lines) == made.computed_cents


@pytest.mark.parametrize("case", [c for c in CASES if "error" in c["expect"]], ids=lambda case: case["id"])
def test_case_is_refused_with_its_code(case: dict[str, Any]) -> None:
    asked = work_of(case)

    with pytest.raises(fees.NoScheduleInForce) as refused:
        fees.schedule_in_force(schedules_of(case), asked.received)

    assert refused.value.code == case["expect"]["error"]
