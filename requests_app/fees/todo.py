"""What a person has to do about money: opened and closed by what happens, never lost."""

from datetime import datetime

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import IllegalMove
from portal.core.money import dollars
from requests_app.fees import casework, policies, selectors
from requests_app.fees.models import FeeCase, MoneyTask, Payment, PaymentEvent, Refund, TaskKind


class TaskDone(IllegalMove):
    code = "task_done"


def raise_task(
    *,
    kind: TaskKind,
    subject: str,
    words: str,
    at: datetime,
    cents: int = 0,
    case: FeeCase | None = None,
    payment: Payment | None = None,
    refund: Refund | None = None,
    event: PaymentEvent | None = None,
) -> MoneyTask:
    """This will put something before staff; while it is open, the same again changes its words alone."""
    task, created = MoneyTask.objects.get_or_create(
        kind=kind, subject=subject, done_at=None,
        defaults={
            "words": words[:400], "amount_cents": cents, "case": case, "payment": payment, "refund": refund,
            "event": event, "opened_at": at,
        },
    )  # fmt: skip
    if not created and (task.words, task.amount_cents) != (words[:400], cents):
        MoneyTask.objects.filter(pk=task.pk).update(words=words[:400], amount_cents=cents)
    return task


def finish(*, kind: TaskKind, subject: str, how: str, at: datetime, actor: User | None = None) -> None:
    """This will close an open task because what it asked for has happened; nothing where there is none."""
    MoneyTask.objects.filter(kind=kind, subject=subject, done_at=None).update(
        done_at=at, done_by=actor, done_how=how[:300]
    )


def close(*, task: MoneyTask, how: str, actor: User, at: datetime) -> None:
    """This will take a task off the list with what a person did about it.

    :raises TaskDone: when a colleague did. :raises IllegalMove: while money is still to be given back.
    """
    policies.require(actor, Permission.TAKE_PAYMENT)
    words = casework.given(how, "Say what you did about it; it is kept.")
    if task.kind in {TaskKind.REFUND_DUE, TaskKind.REFUND_APPROVAL}:
        raise IllegalMove("This is done when the money is given back, not before.")
    if not MoneyTask.objects.filter(pk=task.pk, done_at=None).update(
        done_at=at, done_by=actor, done_how=words[:300]
    ):
        raise TaskDone("A colleague has closed this a moment ago.")
    audit.record(
        action="fees.task_closed",
        actor=actor,
        subject=task,
        request_key=task.case.request.key if task.case else "",
        detail={"kind": task.kind},
    )


def follow_overpayment(case: FeeCase, *, at: datetime, actor: User | None) -> None:
    """This will keep one task open for as long as money has to be given back."""
    money = selectors.balances(case)
    if money.returnable:
        raise_task(
            kind=TaskKind.REFUND_DUE,
            subject=f"case:{case.pk}",
            case=case,
            cents=money.returnable,
            words=f"{dollars(money.returnable)} was paid too much for {case.request}.",
            at=at,
        )
    else:
        finish(kind=TaskKind.REFUND_DUE, subject=f"case:{case.pk}", how="given back", at=at, actor=actor)
