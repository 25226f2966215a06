"""Payments contested at a bank: the money leaves, the balance is open again, staff are told.

What was released stays released: nothing here reaches a release, and nobody undoes one without a decision.
"""

from datetime import datetime

from portal.audit import services as audit
from portal.core.money import dollars
from requests_app.fees import bookkeeping, casework, ledger, selectors, todo
from requests_app.fees.bookkeeping import CASH, EntryKind
from requests_app.fees.models import Dispute, DisputeState, Payment, TaskKind

STEPS = ("opened", "withdrawn", "reinstated", "won", "lost")


def told(payment: Payment, *, reference: str, step: str, cents: int, at: datetime) -> str:
    """This will take one message about a dispute, in whatever order they come. Gives what became of it.

    The ledger follows the two facts a payment service tells, money taken and money given back, and holds no
    more than their difference. The caller holds the case's lock.
    """
    case = payment.case
    if not 0 < cents <= payment.amount_cents:
        return "too_much"
    dispute, is_new = Dispute.objects.get_or_create(
        gateway=payment.gateway,
        reference=reference,
        defaults={"payment": payment, "amount_cents": cents, "opened_at": at},
    )
    if step in {"withdrawn", "lost"}:
        dispute.withdrawn = True
    if step in {"reinstated", "won"}:
        dispute.reinstated = True
    if step in {"won", "lost"} and dispute.state == DisputeState.OPEN:
        dispute.state = DisputeState.WON if step == "won" else DisputeState.LOST
        dispute.closed_at = at
    _book(dispute, at=at)
    dispute.save(update_fields=["withdrawn", "reinstated", "state", "closed_at", "booked_cents"])
    audit.record(
        action=f"fees.dispute_{step}", actor=None, subject=dispute, request_key=case.request.key,
        detail={"cents": cents, "new": is_new},
    )  # fmt: skip
    casework.follow_the_money(case, None)
    todo.follow_overpayment(case, at=at, actor=None)
    _tell_staff(dispute, at=at)
    return f"dispute_{step}"


def _book(dispute: Dispute, *, at: datetime) -> None:
    payment, case = dispute.payment, dispute.payment.case
    target = dispute.amount_cents if dispute.withdrawn and not dispute.reinstated else 0
    change = target - dispute.booked_cents
    if not change:
        return
    till, money = CASH[payment.gateway], selectors.balances(case)
    if change > 0:
        entries = bookkeeping.take_back(change, money, out_of=till)
    else:
        entries = bookkeeping.restore(-change, money, into=till)
    ledger.post(
        case=case,
        entries=entries,
        kind=EntryKind.CHARGEBACK if change > 0 else EntryKind.CHARGEBACK_WON,
        memo=f"dispute {dispute.reference}",
        at=at,
        payment=payment,
    )
    dispute.booked_cents = target


def _tell_staff(dispute: Dispute, *, at: datetime) -> None:
    payment, case = dispute.payment, dispute.payment.case
    amount, subject = dollars(dispute.amount_cents), f"dispute:{dispute.pk}"
    if dispute.state == DisputeState.WON:
        todo.finish(kind=TaskKind.CHARGEBACK, subject=subject, how="won: the money is back", at=at)
        return
    if dispute.state == DisputeState.LOST:
        said = (
            f"The dispute over {amount} for {case.request} is lost: ask the requester to pay again, or write"
            " it off."
        )
    elif dispute.booked_cents:
        said = (
            f"A bank took {amount} back for {case.request}. Answer the dispute at the payment service; the"
            " balance is open again."
        )
    else:
        said = (
            f"A payment of {amount} for {case.request} is contested. Answer at the payment service before its"
            " deadline."
        )
    todo.raise_task(
        kind=TaskKind.CHARGEBACK, subject=subject, case=case, payment=payment, words=said,
        cents=dispute.amount_cents, at=at,
    )  # fmt: skip
