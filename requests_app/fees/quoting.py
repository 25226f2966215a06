"""What a worksheet comes to, under the schedule in force and with the lateness the clock knows of."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from portal.core.money import dollars
from portal.core.time import now
from requests_app.docket.models import RecordsRequest
from requests_app.fees import history, lateness, law_words, selectors
from requests_app.fees.models import FeeCase
from requests_app.law import aggregation
from requests_app.law import fees as engine
from requests_app.law import work as works
from requests_app.law.fee_law import FeeLaw
from requests_app.law.selectors import pack_for


def quote(request: RecordsRequest, *, at: datetime | None = None) -> engine.Quote | None:
    """This will quote the saved worksheet as of a moment (now); None while it is empty."""
    case = FeeCase.objects.select_related("request__agency").filter(request=request).first()
    return quote_work(case, case.work, at or now()) if case is not None and case.work else None


def plain(line: engine.QuoteLine) -> dict[str, Any]:
    """This will give a quote's line as JSON: decimals as text, so that nothing becomes a float."""
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(line).items()}


def quote_work(case: FeeCase, work: Mapping[str, Any], at: datetime) -> engine.Quote:
    """This will quote work for a request as of a moment.

    :raises WorkError: when a figure cannot be right.
    :raises NoScheduleInForce: when no schedule covers the day of receipt.
    """
    request = case.request
    _, schedule = selectors.in_force(request)
    law = pack_for(request)
    whole = {
        **work,
        "law": law.id,
        "received": selectors.local_day(request).isoformat(),
        "record_type": work.get("record_type") or request.record_type or None,
        "requester_category": request.requester_category or None,
        "relationship": request.relationship or None,
        "facts": {**work.get("facts", {}), **_history(request, law.fees, at)},
        # only the clock says how late we are; nobody types it
        "events": {
            **work.get("events", {}),
            **lateness.of(request, on=selectors.day_of(request, at)).events(),
        },
    }
    if case.waiver_percent:
        whole["waiver_percent"] = str(case.waiver_percent)
    if law.fees.overage_percent is not None and case.agreed is not None:
        # the limit is what the requester said yes to, never what was billed on top of it since
        whole["estimate"] = str(Decimal(case.agreed.computed_cents) / 100)
    asked = works.parse(whole)
    others = history.chosen(request, work.get("together", ()))
    return _together(schedule, asked, others) if others else engine.quote(schedule, asked)


def _history(request: RecordsRequest, law: FeeLaw, at: datetime) -> dict[str, bool]:
    """What the law asks about this person's earlier bills; nobody types it."""
    if "prior_nonpayment" not in law_words.facts(law):
        return {}
    return {"prior_nonpayment": history.has_unpaid_bill(request, on=selectors.day_of(request, at))}


def _together(schedule: engine.FeeSchedule, mine: works.Work, others: Sequence[FeeCase]) -> engine.Quote:
    """The whole is worked out as one request; what the other parts were charged is taken off."""
    rest = [
        replace(
            mine,
            **{
                name: getattr(works.parse({**case.work, "received": mine.received.isoformat()}), name)
                for name in ("time", "recordings", "counts", "sizes", "actual_cost")
            },
            estimate=None,
            facts={},
        )
        for case in others
    ]
    charged = sum(selectors.balances(case).fee for case in others)
    whole = aggregation.aggregate([mine, *rest])
    credit = mine.adjustment - Decimal(charged) / 100
    made = engine.quote(schedule, replace(whole, adjustment=credit))
    numbers = ", ".join(str(case.request.number) for case in others)
    said = f"Counted as one with {numbers}; what was charged there, {dollars(charged)}, is taken off."
    return replace(made, notes=(said, *made.notes))
