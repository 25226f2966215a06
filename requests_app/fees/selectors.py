"""What is owed, what was paid, and by which schedule."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet, Sum

from portal.audit.models import Entry, Outcome
from portal.core.money import dollars
from portal.core.time import now
from requests_app.correspondence.models import Direction
from requests_app.docket.models import RecordsRequest
from requests_app.fees import bookkeeping
from requests_app.fees.bookkeeping import CASH, Balances, EntryKind
from requests_app.fees.models import (
    Estimate,
    FeeCase,
    MoneyPolicy,
    MoneyTask,
    Payment,
    PaymentState,
    PublishedSchedule,
    Refund,
    RefundState,
    ScheduleStatus,
)
from requests_app.fees.rules import CLEAR, ENDED_UNSERVED, PAYABLE, FeeFacts, FeeState
from requests_app.law.fee_law import FeeLaw
from requests_app.law.models import Agency
from requests_app.law.schedule import FeeSchedule, schedule_in_force
from requests_app.law.selectors import pack_for

IN_FLIGHT = (RefundState.ASKED, RefundState.SENDING)


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
    deposit_due_cents: int = 0
    reserved_cents: int = 0  # part of what was overpaid that is on its way back


def summary(request: RecordsRequest) -> FeeSummary:
    case = FeeCase.objects.filter(request=request).first()
    if case is None:
        return FeeSummary(None, "", None, 0, 0, 0, 0)
    estimate = case.estimates.select_related("schedule").first()
    money = if_accepted(case, estimate)
    deposit = max(estimate.deposit_cents - money.held, 0) if estimate and case.state in PAYABLE else 0
    due = max(money.owed, 0)
    return FeeSummary(
        case=case, state=case.state, estimate=estimate, billed_cents=money.charged, paid_cents=money.held,
        due_cents=due, overpaid_cents=money.overpaid, deposit_due_cents=min(deposit, due),
        reserved_cents=money.reserved,
    )  # fmt: skip


def balances(case: FeeCase) -> Balances:
    """This will sum a case's ledger: the one source of what is charged, owed, held and overpaid."""
    totals = case.ledger.order_by().values_list("account").annotate(total=Sum("amount_cents"))
    flying = Refund.objects.filter(payment__case=case, state__in=IN_FLIGHT)
    return Balances.of(dict(totals), reserved=int(flying.aggregate(total=Sum("amount_cents"))["total"] or 0))


def if_accepted(case: FeeCase, estimate: Estimate | None) -> Balances:
    """This will give the balances, with a sent estimate counted in as if the requester had said yes."""
    money = balances(case)
    if case.state != FeeState.ESTIMATE_SENT or estimate is None:
        return money
    return money.after(bookkeeping.bill(estimate.billed_cents, money, waived=estimate.waived_cents))


def facts(case: FeeCase) -> FeeFacts:
    newest = case.estimates.first()
    return FeeFacts(due_cents=if_accepted(case, newest).owed, has_estimate=newest is not None)


def ended_unserved(request: RecordsRequest) -> bool:
    """This will tell whether a request ended without anything the fee was for."""
    return not request.is_open and request.disposition in ENDED_UNSERVED


def policy(agency: Agency) -> MoneyPolicy | None:
    """This will give what the agency decided about its money last."""
    return MoneyPolicy.objects.filter(agency=agency).first()


def open_tasks(case: FeeCase) -> QuerySet[MoneyTask]:
    """This will list what staff have to do about this case's money."""
    return case.money_tasks.filter(done_at=None)


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
    if found.state == FeeState.WAIVER_ASKED:
        return "The requester asked for a fee waiver that is not decided yet."
    if found.state == FeeState.NARROWED:
        return "The requester narrowed the request: a new estimate is due."
    if found.state in CLEAR and not found.due_cents:
        return ""
    return f"A fee of {dollars(found.due_cents)} is still due."


def schedules_covering(agency: Agency, law_code: str, on: date) -> QuerySet[PublishedSchedule]:
    """This will list the published schedules in force on a day, the one that began last first."""
    return PublishedSchedule.objects.filter(
        Q(effective_to=None) | Q(effective_to__gte=on),
        agency=agency, law_code=law_code, status=ScheduleStatus.PUBLISHED, effective_from__lte=on,
    ).select_related("agency")  # fmt: skip


def in_force(request: RecordsRequest) -> tuple[PublishedSchedule, FeeSchedule]:
    """This will find the published schedule in force on the day the request was received.

    :raises NoScheduleInForce: when none was.
    """
    return _chosen(request.agency, request.law_code, pack_for(request).fees, local_day(request))


def in_force_on(agency: Agency, law: FeeLaw, on: date) -> tuple[PublishedSchedule, FeeSchedule]:
    """This will find what a request received that day would be charged by.

    :raises NoScheduleInForce: when nothing is published for the day.
    """
    return _chosen(agency, agency.law, law, on)


def _chosen(agency: Agency, law_code: str, law: FeeLaw, on: date) -> tuple[PublishedSchedule, FeeSchedule]:
    rows = list(schedules_covering(agency, law_code, on))
    engines = [FeeSchedule.parse(data_of(row), law) for row in rows]
    chosen = schedule_in_force(engines, on)
    return rows[engines.index(chosen)], chosen


def local_day(request: RecordsRequest) -> date:
    assert request.received_at is not None  # noqa: S101  a filed request has it by constraint
    return day_of(request, request.received_at)


def today(agency: Agency) -> date:
    """This will give the agency's date now."""
    return now().astimezone(ZoneInfo(agency.time_zone)).date()


def day_of(request: RecordsRequest, at: datetime) -> date:
    """This will give the agency's date at an instant."""
    return at.astimezone(ZoneInfo(request.agency.time_zone)).date()


def data_of(row: PublishedSchedule) -> dict[str, object]:
    """This will give a schedule row as the data the pure engine reads."""
    return {
        "id": str(row),
        "effective_from": row.effective_from.isoformat(),
        "effective_to": row.effective_to.isoformat() if row.effective_to else None,
        "rows": row.rows,
        # which free hours the law gives depends on the kind of body
        "policy": {"body": row.agency.body or None, **row.policy},
    }


def returned_cents(payment: Payment) -> int:
    """This will give how much of a payment went back to whoever paid, or was taken back by a bank."""
    mine = payment.case.ledger.filter(payment=payment, account__in=CASH.values())
    gone = mine.exclude(kind__in=(EntryKind.PAYMENT, EntryKind.GATEWAY_FEE))
    return -int(gone.aggregate(total=Sum("amount_cents"))["total"] or 0)


def left_cents(payment: Payment) -> int:
    """This will give how much of a payment is still here and not on its way back.

    A bank may take back what was given back already: then nothing is left, and the loss is owed again.
    """
    if payment.state not in (PaymentState.PAID, PaymentState.REFUNDED):
        return 0
    flying = payment.refunds.filter(state__in=IN_FLIGHT).aggregate(total=Sum("amount_cents"))["total"]
    return max(payment.amount_cents - returned_cents(payment) - int(flying or 0), 0)


def received(case: FeeCase) -> QuerySet[Payment]:
    """This will list the payments that came in, also those given back since, oldest first."""
    states = (PaymentState.PAID, PaymentState.REFUNDED)
    return case.payments.filter(state__in=states).select_related("case").order_by("paid_at", "pk")


def returnable(case: FeeCase) -> list[tuple[Payment, int]]:
    """This will list the payments money may go back from, each with the cents of it that are still here."""
    if not (balances(case).returnable or case.state == FeeState.SETTLED):
        return []
    return [(row, cents) for row in received(case) if (cents := left_cents(row)) > 0]


def refunds_of(case: FeeCase) -> QuerySet[Refund]:
    """This will list a case's refunds, the newest first."""
    return (
        Refund.objects.filter(payment__case=case)
        .select_related("payment__case__request__agency", "asked_by", "decided_by")
        .order_by("-asked_at", "-pk")
    )


def waiver_text(request: RecordsRequest) -> str:
    """This will give the requester's newest wish not to be charged, in her words."""
    message = request.messages.filter(
        direction=Direction.FROM_REQUESTER, body__startswith="I ask for a fee waiver"
    ).last()
    return message.body if message else ""


def moves_made(case: FeeCase, action: str) -> int:
    """This will count how often a step of the machine was taken, from the audit."""
    return Entry.objects.filter(request_key=case.request.key, action=action, outcome=Outcome.OK).count()
