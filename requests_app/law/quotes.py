"""Answers to fee cases, for agencies that want to check the portal and for tests; needs no database."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from requests_app.law import fee_case, fees
from requests_app.law.fee_case import CaseError, FeeCase
from requests_app.law.fee_law import Interest
from requests_app.law.pack import Pack

CONVENTION = Interest(from_day=31, year_days=365, citation=None)
"""How the published format counts interest, for a law without a rule of its own."""

__all__ = ["CaseError", "answer"]


def answer(case: Mapping[str, Any], laws: Mapping[str, Pack] | None = None) -> dict[str, Any]:
    """This will work out one case of the published format and say every line of it.

    Amounts are text with two places. Where no schedule was in force on the day of receipt, nothing is worked
    out and ``error`` says so: that is an answer, not a fault of the file. ``interest`` and ``interest_from``
    are there when the case has an ``invoice``.

    :raises CaseError: when the case cannot be read; the sentence begins with the place in it.
    """
    read = fee_case.read(case, laws)
    try:
        schedule = fees.schedule_in_force(read.schedules, read.work.received)
    except fees.NoScheduleInForce as refused:
        return {
            "id": read.id,
            "error": refused.code,
            "computed": None,
            "billed": None,
            "lines": [],
            "notes": [str(refused), *read.warnings],
        }
    made = fees.quote(schedule, read.work)
    return {
        "id": read.id,
        "schedule": schedule.id if read.published else None,
        "computed": _money(made.computed_cents),
        "billed": _money(made.billed_cents),
        "invoice": made.invoice,
        "itemised_estimate_required": made.itemised_estimate_required,
        "deposit_allowed": made.deposit_allowed,
        "deposit": _money(made.deposit_cents),
        "advance_payment_allowed": made.advance_payment_allowed,
        "balance": _money(made.balance_cents),
        "refund": _money(made.refund_cents),
        "quarter_hours": made.quarter_hours,
        **_interest(read),
        "lines": [_line(line) for line in made.lines],
        "notes": [*made.notes, *read.warnings],
    }


def _interest(case: FeeCase) -> dict[str, Any]:
    bill = case.bill
    if bill is None:
        return {}
    law = case.law if case.law.interest else replace(case.law, interest=CONVENTION)
    grown = fees.interest(law, bill.amount, bill.dated, bill.annual_rate, bill.paid or bill.dated)
    return {
        "interest": None if bill.paid is None else _money(grown.cents),
        "interest_from": grown.starts_on.isoformat(),
    }


def _line(line: fees.QuoteLine) -> dict[str, Any]:
    return {
        "rule": line.rule,
        "label": line.label,
        "quantity": f"{line.quantity:f}",
        "unit": line.unit,
        "rate": None if line.rate is None else f"{line.rate:f}",
        "amount": _money(line.amount_cents),
        "cap": line.cap,
        "citation": line.citation,
        "why": line.why,
    }


def _money(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
