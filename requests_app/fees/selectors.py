"""What is owed, what was paid, and by which schedule."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Sum

from portal.core.money import dollars
from requests_app.docket.models import RecordsRequest
from requests_app.fees.models import Estimate, FeeCase, PaymentState, PublishedSchedule, ScheduleStatus
from requests_app.fees.rules import CLEAR, Account, FeeFacts, FeeState
from requests_app.law.schedule import FeeSchedule, schedule_in_force
from requests_app.law.selectors import pack_for


@dataclass(frozen=True)
class FeeSummary:
    """Everything a fee page shows. All amounts integer cents."""

    case: FeeCase | None
    state: str
    estimate: Estimate | None
    billed_cents: int
    paid_cents: int
    due_cents: int
    overpaid_cents: int


def summary(request: RecordsRequest) -> FeeSummary:
    case = FeeCase.objects.filter(request=request).first()
    if case is None:
        return FeeSummary(None, "", None, 0, 0, 0, 0)
    estimate = case.estimates.select_related("schedule").first()
    paid = paid_cents(case)
    billed = billed_cents(case, estimate)
    return FeeSummary(case, case.state, estimate, billed, paid, max(billed - paid, 0), max(paid - billed, 0))


def billed_cents(case: FeeCase, estimate: Estimate | None) -> int:
    if estimate is None or case.state in {FeeState.WAIVED, FeeState.NO_FEE}:
        return 0
    return estimate.billed_cents


def paid_cents(case: FeeCase) -> int:
    """This will give what came in and stayed, read from the payments that the ledger books."""
    total = case.payments.filter(state=PaymentState.PAID).aggregate(total=Sum("amount_cents"))["total"]
    return int(total or 0)


def facts(case: FeeCase) -> FeeFacts:
    estimate = case.estimates.first()
    return FeeFacts(billed_cents(case, estimate), paid_cents(case), estimate is not None)


def money_due_cents(request: RecordsRequest) -> int:
    """This will give what must still be paid before anything goes out."""
    return summary(request).due_cents


def blocks_release(request: RecordsRequest) -> str:
    """This will say in a sentence why money stands in the way of a release, or give an empty string.

    Unknown means no: without a recorded decision about the fee nothing is released.
    """
    found = summary(request)
    if found.case is None or found.state == FeeState.WORKSHEET:
        return "The fee is not decided yet: send an estimate, or record that nothing is charged."
    if found.state in CLEAR:
        return ""
    if found.state == FeeState.WAIVER_ASKED:
        return "The requester asked for a fee waiver that is not decided yet."
    if found.state == FeeState.NARROWED:
        return "The requester narrowed the request: a new estimate is due."
    return f"A fee of {dollars(found.due_cents)} is still due."


def in_force(request: RecordsRequest) -> tuple[PublishedSchedule, FeeSchedule]:
    """This will find the published schedule in force on the day the request was received.

    :raises NoScheduleInForce: when none was.
    """
    assert request.received_at is not None  # noqa: S101  a filed request has it by constraint
    law = pack_for(request).fees
    rows = PublishedSchedule.objects.filter(agency=request.agency, status=ScheduleStatus.PUBLISHED)
    engines = {
        row.pk: FeeSchedule.parse(data_of(row), law) for row in rows if row.law_code == request.law_code
    }
    chosen = schedule_in_force(engines.values(), local_day(request))
    row = next(row for row in rows if engines.get(row.pk) is chosen)
    return row, chosen


def local_day(request: RecordsRequest) -> date:
    assert request.received_at is not None  # noqa: S101  a filed request has it by constraint
    return request.received_at.astimezone(ZoneInfo(request.agency.time_zone)).date()


def data_of(row: PublishedSchedule) -> dict[str, object]:
    """This will give a schedule row as the data the pure engine reads."""
    return {
        "id": str(row),
        "effective_from": row.effective_from.isoformat(),
        "effective_to": row.effective_to.isoformat() if row.effective_to else None,
        "rows": row.rows,
        "policy": row.policy,
    }


def balance(case: FeeCase, account: Account) -> int:
    """This will sum one account of a case's ledger."""
    return int(case.ledger.filter(account=account).aggregate(total=Sum("amount_cents"))["total"] or 0)
