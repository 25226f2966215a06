"""Random operations on money by ten workers at once, with repeated messages, and what must hold then."""

import json
import random
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from django.db import connection

from portal.accounts.models import User
from portal.core.errors import DomainError
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from requests_app.fees import billing, disputes, notices, payments, refunds, selectors, services, waivers
from requests_app.fees.gateways import demo
from requests_app.fees.models import (
    FeeCase,
    Payment,
    PaymentEvent,
    Refund,
    RefundState,
)
from tests.builders import NOON
from tests.requests_app.fees.sound_books import PAID

DAYS = 140
WORKERS = 10
TRIES = 60  # at each request within the days
LONGEST = 5  # times as many operations as asked for, to see each wanted one


@dataclass
class Storm:
    """What the workers share: the requests, the staff, the messages sent so far, what came of each try."""

    requests: list[RecordsRequest]
    officer: User
    second: User
    operations: int
    seed: int
    wanted: frozenset[str] = frozenset()
    """Operations that must succeed once; no dice promise it, so the storm goes on till then."""
    days: float = DAYS
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)

    def run(self) -> None:
        """All operations, shared out among the workers, each in its own thread and connection.

        A smaller storm covers fewer days, not the same with longer calms: else what is offered to a requester
        has run out before the dice come back to her.
        """
        self.days = DAYS * min(1.0, self.operations / len(self.requests) / TRIES)
        numbers = count()
        threads = [
            threading.Thread(
                target=self._work,
                args=(numbers, random.Random(self.seed + at)),  # noqa: S311  dice, no secret
            )
            for at in range(WORKERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self, numbers: Any, dice: random.Random) -> None:
        try:
            while self._goes_on(number := next(numbers)):
                request = dice.choice(self.requests)
                state = "any" if dice.random() < 0.2 else _state(request)
                name = dice.choice(FITTING.get(state, FITTING["over"]))
                at = NOON + timedelta(days=self.days) * min(number / self.operations, 1)
                try:
                    outcome = OPERATIONS[name](self, dice, request, at)
                    (self.done if outcome else self.refused)[name] += 1
                except DomainError as refusal:
                    self.refused[f"{name}: {refusal.code}"] += 1
                except Exception as fault:  # anything else is what this test looks for
                    self.faults.append("".join(traceback.format_exception(fault)[-4:]) + name)
        finally:
            connection.close()

    def _goes_on(self, number: int) -> bool:
        if number < self.operations:
            return True
        return number < LONGEST * self.operations and not all(self.done[name] for name in self.wanted)

    def tell(self, about: Payment, dice: random.Random, at: datetime, /, **changes: Any) -> bool:
        """Send a message of the payment service one to three times."""
        message = {**json.loads(demo.message(about)), "id": f"evt_{uuid4().hex}", **changes}
        body = json.dumps(message).encode()
        self.sent.append(body)
        outcomes = [self.say(body, at) for _ in range(dice.randint(1, 3))]
        return outcomes[0] != "replayed"

    def say(self, body: bytes, at: datetime) -> str:
        return notices.receive(
            gateway_name="demo", body=body, headers={"Demo-Signature": demo.sign(body)}, at=at
        )


Operation = Callable[[Storm, random.Random, RecordsRequest, datetime], bool]


def _estimate(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
    work = {
        "record_type": "paper",
        "volumes": {"pages_letter": str(dice.choice([300, 700, 1500, 2500, 3500]))},
        "work": [{"activity": "search", "minutes": str(dice.randint(0, 900)), "rate": "30"}],
    }
    services.save_worksheet(request=request, work=work, actor=storm.officer, at=at)
    services.send_estimate(request=request, actor=storm.officer, at=at)
    return True


def _answer(action: str) -> Operation:
    def run(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
        estimate = _case(request).estimates.first()
        if estimate is None or request.requester is None:
            return False
        services.answer(action=action, estimate=estimate, actor=request.requester, at=at, text="Please.")
        return True

    return run


def _waiver(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
    waivers.decide(
        request=request,
        actor=storm.officer,
        at=at,
        percent=dice.choice([0, 0, 0, 25, 25, 50, 50, 100]),
        reason="So.",
        standard="Use to the public.",
    )
    return True


def _nothing(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
    services.charge_nothing(request=request, actor=storm.officer, reason="Ours.", at=at)
    return True


def _checkout(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
    assert request.requester is not None
    due = selectors.summary(request).due_cents
    part = dice.choice([None, max(due // 2, payments.LEAST_ONLINE), max(due // 3, payments.LEAST_ONLINE)])
    payments.start(
        request=request, gateway_name="demo", actor=request.requester, at=at, part_cents=part,
        deposit=part is None and dice.random() < 0.3,
    )  # fmt: skip
    return True


def _paid(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
    payment = _any(dice, Payment.objects.filter(case__request=request, gateway="demo"))
    if payment is None:
        return False
    name = f"evt_{payment.key}" if dice.random() < 0.7 else f"evt_{uuid4().hex}"
    return storm.tell(payment, dice, at, id=name, intent=f"pi_{payment.key}")


def _odd(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
    payment = _any(dice, Payment.objects.filter(case__request=request, gateway="demo"))
    if payment is None:
        return False
    odd: list[dict[str, Any]] = [
        {"amount_cents": payment.amount_cents + 1}, {"currency": "mxn"}, {"kind": "expired"},
        {"kind": "ignored"}, {"reference": f"demo_{uuid4().hex}", "payment": "elsewhere"},
    ]  # fmt: skip
    return storm.tell(payment, dice, at, **dice.choice(odd))


def _counter(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
    due = selectors.summary(request).due_cents
    payments.take_at_counter(
        request=request, amount_cents=dice.choice([due, due, due // 2, due + 1]), at=at, actor=storm.officer,
        method=dice.choice(["cash", "cheque"]), receipt_number=uuid4().hex,
    )  # fmt: skip
    return True


def _refund(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
    payment = _any(dice, Payment.objects.filter(case__request=request, state__in=PAID))
    if payment is None:
        return False
    left, over = selectors.left_cents(payment), selectors.balances(payment.case).returnable
    refunds.ask(
        payment=payment, amount_cents=dice.choice([left, min(left, over), left // 2]), reason="So.",
        reference="check 1", actor=storm.officer, at=at,
    )  # fmt: skip
    return True


def _decide(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
    asked = _any(dice, Refund.objects.filter(state=RefundState.ASKED))
    if asked is None:
        return False
    refunds.decide(refund=asked, approve=dice.random() < 0.7, reason="No.", actor=storm.second, at=at)
    return True


def _refund_told(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
    """Made at the service itself, or a refund of ours that failed there in the end, or came first."""
    payment = _any(dice, Payment.objects.filter(case__request=request, gateway="demo"))
    if payment is None:
        return False
    ours = payment.refunds.filter(state__in=(RefundState.DONE, RefundState.SENDING)).first()
    if ours is not None and dice.random() < 0.6:
        step = dice.choice(["done", "failed"])
        said = {
            "item": ours.reference,
            "refund_key": ours.key,
            "step": step,
            "amount_cents": ours.amount_cents,
        }
    else:
        part = dice.randint(1, payment.amount_cents)
        said = {"item": f"re_{uuid4().hex}", "step": "done", "amount_cents": part}
    return storm.tell(payment, dice, at, kind="refund", **said)


def _dispute(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
    payment = _any(dice, Payment.objects.filter(case__request=request, gateway="demo"))
    if payment is None:
        return False
    item = f"dp_{payment.key}"
    return storm.tell(payment, dice, at, kind="dispute", item=item, step=dice.choice(disputes.STEPS))


def _replay(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
    if not storm.sent:
        return False
    storm.say(dice.choice(storm.sent), at)
    return True


def _final(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
    billing.bill_work(request=request, actor=storm.officer, at=at)
    return True


def _late(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
    return billing.lower_if_late(request=request, at=at) is not None


def _interest(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
    return sum(billing.charge_interest(case=case, at=at) for case in billing.with_interest()) > 0


def _write_off(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
    billing.write_off(request=request, actor=storm.officer, reason="Uncollectable.", at=at)
    return True


def _end(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
    """A few requests end under way; their money goes on arriving."""
    ended = dice.choice([Disposition.WITHDRAWN, Disposition.NO_RECORDS])
    rows = RecordsRequest.objects.filter(pk=dice.choice(storm.requests[::10]).pk, status=Status.SUBMITTED)
    return bool(rows.update(status=Status.CLOSED, disposition=ended, closed_at=at))


def _look(storm: Storm, dice: random.Random, request: RecordsRequest, at: datetime) -> bool:
    return notices.look_again(at=at) >= 0


OPERATIONS: Mapping[str, Operation] = {
    "estimate": _estimate, "accept": _answer("accept"), "narrow": _answer("narrow"),
    "ask_waiver": _answer("ask_waiver"), "waiver": _waiver, "nothing": _nothing, "checkout": _checkout,
    "paid": _paid, "odd": _odd, "counter": _counter, "refund": _refund, "decide": _decide,
    "refund_told": _refund_told, "dispute": _dispute, "replay": _replay, "final": _final, "late": _late,
    "interest": _interest, "write_off": _write_off, "end": _end, "look": _look,
}  # fmt: skip
AGAIN = ["replay", "odd", "paid", "late"]
FITTING: Mapping[str, list[str]] = {
    "any": [*OPERATIONS],
    "worksheet": ["estimate"] * 8 + AGAIN,
    "narrowed": ["estimate"] * 8 + AGAIN,
    "estimate_sent": ["accept"] * 4
    + ["checkout"] * 4
    + ["counter", "counter", "ask_waiver", "narrow"]
    + AGAIN,
    "waiver_asked": ["waiver"] * 6 + AGAIN,
    "accepted": ["checkout", "paid", "counter"] * 4 + ["final", "estimate", "interest", "write_off"] + AGAIN,
    "settled": ["refund", "decide", "refund_told", "dispute", "estimate", "final"] * 2 + AGAIN,
    "over": ["refund", "decide", "refund_told", "dispute", "counter", *AGAIN],
}
"""What is mostly tried in each state; a fifth of all tries is anything at all."""


def _state(request: RecordsRequest) -> str:
    request.refresh_from_db(fields=["status"])
    return _case(request).state if request.is_open else "over"


def _case(request: RecordsRequest) -> FeeCase:
    return services.case_of(request)


def _any(dice: random.Random, rows: Any) -> Any:
    found = list(rows.order_by("pk"))
    return dice.choice(found) if found else None


def settle(storm: Storm) -> None:
    """Bring every case to rest: refunds decided and sent, what was overpaid given back, what is due paid."""
    at = NOON + timedelta(days=DAYS + 1)
    notices.look_again(at=at)
    for refund in Refund.objects.filter(state=RefundState.ASKED):
        refunds.decide(refund=refund, approve=False, reason="The end.", actor=storm.second, at=at)
    for refund in Refund.objects.filter(state=RefundState.SENDING):
        refunds.send(refund, at=at)
    for case in FeeCase.objects.select_related("request__agency", "request__requester"):
        _settle_case(storm, case, at)


def _settle_case(storm: Storm, case: FeeCase, at: datetime) -> None:
    if case.state in {"estimate_sent", "narrowed"} and case.request.is_open:
        services.charge_nothing(request=case.request, actor=storm.officer, reason="The end.", at=at)
    for payment in case.payments.filter(state__in=PAID):
        much = min(selectors.left_cents(payment), selectors.balances(case).returnable)
        if much:
            made = refunds.ask(
                payment=payment, amount_cents=much, reason="Overpaid.", reference="check",
                actor=storm.officer, at=at,
            )  # fmt: skip
            if made.state == RefundState.ASKED:
                refunds.decide(refund=made, approve=True, reason="", actor=storm.second, at=at)
    case.refresh_from_db()
    if selectors.balances(case).owed:
        if case.state != "accepted" or selectors.ended_unserved(case.request):
            billing.write_off(request=case.request, actor=storm.officer, reason="It ended.", at=at)
        else:
            payments.take_at_counter(
                request=case.request, amount_cents=selectors.balances(case).owed, method="cash",
                receipt_number=uuid4().hex, actor=storm.officer, at=at,
            )  # fmt: skip


def require_nothing_lost(storm: Storm) -> None:
    """Every message the payment service sent is kept, once."""
    sent = {json.loads(body)["id"] for body in storm.sent}
    kept = list(PaymentEvent.objects.values_list("event_id", flat=True))
    assert sorted(sent) == sorted(kept)
