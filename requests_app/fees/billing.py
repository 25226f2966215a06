"""What changes a bill after it was agreed: what the work took, a late answer, interest, giving up."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import DomainError, IllegalMove
from portal.core.money import dollars
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import OPEN
from requests_app.fees import (
    accrual,
    bookkeeping,
    invoices,
    ledger,
    letters,
    phrases,
    policies,
    questions,
    quoting,
    selectors,
    services,
    todo,
)
from requests_app.fees.bookkeeping import EntryKind
from requests_app.fees.casework import follow_the_money, given, lock, move, require_open
from requests_app.fees.models import Estimate, EstimateBasis, FeeCase
from requests_app.fees.rules import FEE, FeeState
from requests_app.law import fees as engine
from requests_app.law.fee_law import FeeLaw
from requests_app.law.selectors import pack_for

BARRABLE = FEE.step("bar").sources


@transaction.atomic
def bill_work(
    *, request: RecordsRequest, actor: User, at: datetime, expected_version: int | None = None
) -> Estimate:
    """This will bill what the work took, once it is done: never more than was agreed to.

    The worksheet holds what it took. Where the law lets the bill pass the estimate by a share after notice,
    the engine holds it to that share; elsewhere what was agreed is the limit, and more needs a new estimate.
    The difference is given back, or billed with notice.

    :raises StaleWrite: when the worksheet was saved again since the page was opened.
    """
    policies.require(actor, Permission.CHARGE)
    case = lock(request)
    require_open(case)
    services.require_version(case, expected_version)
    agreed = case.agreed
    if agreed is None or case.state not in FEE.step("bill_work").sources:
        raise IllegalMove("Nothing was agreed to yet. Send an estimate first.")
    quoted = quoting.quote_work(case, case.work, at)
    law = pack_for(request).fees
    may_pass = law.overage_percent is not None
    cents = quoted.billed_cents if may_pass else min(quoted.billed_cents, agreed.billed_cents)
    notes: tuple[str, ...] = ()
    if cents < quoted.billed_cents:
        notes = (
            f"The work came to {dollars(quoted.billed_cents)}. Nobody agreed to more than"
            f" {dollars(agreed.billed_cents)}, so that is the bill.",
        )
    final = services.freeze(
        case,
        quoted,
        case.work,
        at=at,
        actor=actor,
        basis=EstimateBasis.ACTUAL,
        billed_cents=cents,
        notes=notes,
    )
    move(case, "bill_work", actor, detail={"version": final.version, "cents": cents})
    paper = invoices.bring_to(
        case=case, cents=cents, waived=final.waived_cents, estimate=final, at=at, actor=actor,
        reason=letters.FINAL_BILL, rule=_rule_of(quoted, law),
    )  # fmt: skip
    if paper is None:
        letters.bill_stays(case, final=final, worth=quoted.billed_cents, signer=actor, at=at)
    follow_the_money(case, actor)
    todo.follow_overpayment(case, at=at, actor=actor)
    return final


@transaction.atomic
def lower_if_late(*, request: RecordsRequest, at: datetime) -> Estimate | None:
    """This will take off a sent or billed fee what the law takes away because the answer is late.

    Reads the clock as it is now. The reversal is booked with its rule, the requester told, and what she paid
    beyond it becomes money to give back. Running it again changes nothing. Gives the new version, if any.
    """
    case = lock(request)
    newest = case.estimates.first()
    if newest is None or case.state not in BARRABLE:
        return None
    quoted = quoting.quote_work(case, newest.work, at)
    rule = _rule_of(quoted, pack_for(request).fees)
    if not rule or quoted.billed_cents >= newest.billed_cents:
        return None
    money = selectors.balances(case)
    lowered = services.freeze(
        case, quoted, newest.work, at=at, actor=None, basis=EstimateBasis.LATE,
        billed_cents=min(quoted.billed_cents, newest.billed_cents),
    )  # fmt: skip
    nothing_left = lowered.billed_cents == 0
    words = (
        f"The answer is late, so the fee is {dollars(lowered.billed_cents)} instead of"
        f" {dollars(newest.billed_cents)}."
    )
    if nothing_left:
        move(case, "bar", None, changes={"reason": f"{words} {rule}"[:500]})
        questions.close(request, actor=None, at=at, reason="the law takes the fee away: the answer is late")
    paper = None
    if lowered.billed_cents < money.fee:
        paper = invoices.bring_to(
            case=case, cents=lowered.billed_cents, waived=lowered.waived_cents, estimate=lowered, at=at,
            actor=None, reason=words, rule=rule,
        )  # fmt: skip
    if paper is None:
        letters.fee_is_lower(case, before=newest.billed_cents, lowered=lowered, rule=rule, at=at)
    audit.record(
        action="fees.lowered_late", actor=None, subject=lowered, request_key=request.key,
        detail={"from_cents": newest.billed_cents, "to_cents": lowered.billed_cents},
    )  # fmt: skip
    follow_the_money(case, None)
    todo.follow_overpayment(case, at=at, actor=None)
    return lowered


def barrable() -> Iterable[RecordsRequest]:
    """This will list the open requests whose fee a late answer could still lower."""
    rows = FeeCase.objects.filter(state__in=BARRABLE, estimates__isnull=False, request__status__in=OPEN)
    return [case.request for case in rows.select_related("request__agency").distinct().order_by("pk")]


@transaction.atomic
def charge_interest(*, case: FeeCase, at: datetime) -> int:
    """This will book the interest that has grown since the last time. Gives the cents booked; often none.

    What is due follows from the ledger alone, so that a run too many, or two at once, books nothing more.
    31 U.S.C. 3717: simple, from the 31st day after the bill, on a year of 365 days, cut to whole cents.
    """
    case = lock(case.request)
    if case.state != FeeState.ACCEPTED:
        return 0
    money = selectors.balances(case)
    grown = interest_grown(case, at=at) - money.interest
    if grown <= 0 or not money.fee:
        return 0
    law = pack_for(case.request).fees.interest
    ledger.post(
        case=case, entries=bookkeeping.accrue(grown, money), kind=EntryKind.INTEREST, at=at,
        memo=f"interest to {selectors.day_of(case.request, at).isoformat()}",
        rule=(law.citation or "") if law else "",
    )  # fmt: skip
    audit.record(
        action="fees.interest",
        actor=None,
        subject=case,
        request_key=case.request.key,
        detail={"cents": grown},
    )
    return grown


def interest_grown(case: FeeCase, *, at: datetime) -> int:
    """This will give all interest a case's bills have grown to by a day, in cents."""
    law = pack_for(case.request).fees.interest
    if law is None:
        return 0
    bills = [
        accrual.Bill(paper.issued_on, paper.amount_cents, paper.interest_percent)
        for paper in case.invoices.filter(kind="invoice")
    ]
    # a deposit lowers what is unpaid when it comes in, not when it is set against the bill
    moved = (
        case.ledger.filter(account__in=("receivable", "deposits"))
        .exclude(kind=EntryKind.INTEREST)
        .order_by()
        .values_list("transaction_id", "at")
        .annotate(total=Sum("amount_cents"))
    )
    credits = [
        accrual.Credit(selectors.day_of(case.request, when), -total)
        for _id, when, total in moved
        if total < 0
    ]
    return accrual.grown(
        bills,
        credits,
        upto=selectors.day_of(case.request, at),
        from_day=law.from_day,
        year_days=law.year_days,
    )


def interest_to_come(case: FeeCase, *, at: datetime) -> str:
    """This will say what interest a bill bears or will bear, before any of it is charged; empty: none."""
    if case.state != FeeState.ACCEPTED or selectors.balances(case).owed <= 0:
        return ""
    paper = case.invoices.filter(interest_percent__gt=0).order_by("-issued_on").first()
    law = pack_for(case.request).fees.interest
    if paper is None or law is None or paper.interest_percent is None:
        return ""
    begins = paper.issued_on + timedelta(days=law.from_day)
    return phrases.interest_to_come(paper.interest_percent, begins, law.citation or "")


def with_interest() -> Iterable[FeeCase]:
    """This will list the cases whose bills bear interest while unpaid."""
    rows = FeeCase.objects.filter(state=FeeState.ACCEPTED, invoices__interest_percent__gt=0)
    return list(rows.select_related("request__agency").distinct().order_by("pk"))


@transaction.atomic
def write_off(*, request: RecordsRequest, actor: User, reason: str, at: datetime) -> int:
    """This will give up what is still owed, with the reason. Gives the cents written off.

    Money that comes in later is booked against it first.

    :raises BadInput: without a reason. :raises IllegalMove: when nothing is owed.
    """
    policies.require(actor, Permission.WAIVE_FEES)
    words = given(reason, "Say why what is owed is given up; it is kept.")
    case = lock(request)
    money = selectors.balances(case)
    if money.owed <= 0:
        raise IllegalMove("Nothing is owed, so there is nothing to write off.")
    move(case, "write_off", actor, changes={"reason": words[:500]}, detail={"cents": money.owed})
    ledger.post(
        case=case,
        entries=bookkeeping.write_off(money),
        kind=EntryKind.WRITE_OFF,
        memo=words,
        at=at,
        actor=actor,
    )
    return money.owed


def try_each(
    requests: Iterable[RecordsRequest], *, at: datetime
) -> tuple[int, list[tuple[RecordsRequest, DomainError]]]:
    """This will lower the fee of each request that is late; one that cannot be quoted stops no other."""
    lowered, failed = 0, []
    for request in requests:
        try:
            lowered += lower_if_late(request=request, at=at) is not None
        except DomainError as error:
            failed.append((request, error))
    return lowered, failed


def _rule_of(quoted: engine.Quote, law: FeeLaw) -> str:
    """The rule behind each line that a late answer took off or cut, in the law's words."""
    whys = {bar.why for bar in law.bars if bar.if_late}
    said = [
        f"{line.why}{f' ({line.citation})' if line.citation else ''}"
        for line in quoted.lines
        if line.rule == "late" or line.why in whys
    ]
    return "; ".join(dict.fromkeys(said))[:300]
