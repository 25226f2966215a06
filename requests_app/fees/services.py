"""The only code that moves the fee machine: worksheet, estimate, answers to it, waiver."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import moves
from portal.core.errors import BadInput, IllegalMove, NotAllowed, StaleWrite
from portal.core.time import now
from requests_app.clock import selectors as clocks
from requests_app.correspondence import services as correspondence
from requests_app.correspondence.models import Direction
from requests_app.docket.models import RecordsRequest
from requests_app.fees import ledger, questions, quoting, selectors
from requests_app.fees.models import Estimate, FeeCase
from requests_app.fees.rules import FEE
from requests_app.law import fees as engine

VALID_DAYS = 30
EDITABLE = FEE.step("send_estimate").sources


class EstimateExpired(IllegalMove):
    code = "estimate_expired"


class RequestClosed(IllegalMove):
    code = "request_closed"


def case_of(request: RecordsRequest) -> FeeCase:
    """This will give the request's fee case, made on first need."""
    return FeeCase.objects.get_or_create(request=request)[0]


@transaction.atomic
def save_worksheet(
    *,
    request: RecordsRequest,
    work: Mapping[str, Any],
    actor: User,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> engine.Quote:
    """This will keep the worksheet and quote it under the schedule in force on the day of receipt.

    :raises WorkError: when a figure cannot be right.
    :raises NoScheduleInForce: when no schedule covers the day.
    :raises StaleWrite: when a colleague saved it since the page was opened.
    """
    _require(actor, Permission.CHARGE)
    case = lock(request)
    _require_open(case)
    if case.state not in EDITABLE:
        raise IllegalMove(f"The fee is {case.state.replace('_', ' ')}; its worksheet is closed.")
    _require_version(case, expected_version)
    quoted = quoting.quote_work(case, work, at or now())
    FeeCase.objects.filter(pk=case.pk).update(work=dict(work), work_version=case.work_version + 1)
    return quoted


@transaction.atomic
def send_estimate(
    *, request: RecordsRequest, actor: User, at: datetime, expected_version: int | None = None
) -> Estimate:
    """This will freeze the worksheet's quote as the next version and send it to the requester.

    A quote of nothing settles the matter as “no fee”; one that is paid already is settled at once.

    :raises StaleWrite: when the worksheet was saved again since the page was opened.
    """
    _require(actor, Permission.CHARGE)
    case = lock(request)
    _require_open(case)
    _require_version(case, expected_version)
    if not case.work:
        raise BadInput("Fill in the worksheet first: there is no estimate to send.")
    schedule, _ = selectors.in_force(request)
    quoted = quoting.quote_work(case, case.work, at)
    latest = case.estimates.first()
    estimate = Estimate.objects.create(
        case=case,
        version=latest.version + 1 if latest else 1,
        schedule=schedule,
        work=case.work,
        lines=[quoting.plain(line) for line in quoted.lines],
        notes=list(quoted.notes),
        computed_cents=quoted.computed_cents,
        billed_cents=quoted.billed_cents,
        deposit_cents=quoted.deposit_cents,
        itemised=quoted.itemised_estimate_required,
        sent_at=at,
        sent_by=actor,
        valid_until=selectors.day_of(request, at) + timedelta(days=VALID_DAYS),
    )
    if quoted.billed_cents == 0:
        because = " ".join(quoted.notes) or "The schedule charges nothing for this work."
        _charge_nothing(case, actor, at, because)
        return estimate
    move(case, "send_estimate", actor, detail={"version": estimate.version, "cents": estimate.billed_cents})
    ledger.bill(case=case, cents=estimate.billed_cents, at=at, memo=f"estimate {estimate.version}")
    money = selectors.balances(case)
    if not money.owed:
        settle(case, actor)
        return estimate
    questions.ask(request, "estimate_sent", actor=actor, at=at)
    if estimate.deposit_cents > money.held:
        questions.ask(request, "deposit_requested", actor=actor, at=at)
    correspondence.send_letter(
        request=request,
        kind="estimate",
        subject=f"What your request {request.number} would cost",
        context={
            **correspondence.links(request),
            "estimate": estimate,
            "schedule": schedule,
            "deadlines": [
                each
                for each in clocks.derivations(request, on=selectors.day_of(request, at))
                if each.clock == questions.LAPSE and each.due
            ],
        },
        signer=actor,
        at=at,
        dedupe_key=f"estimate:{estimate.pk}",
    )
    return estimate


@transaction.atomic
def charge_nothing(*, request: RecordsRequest, actor: User, reason: str, at: datetime | None = None) -> None:
    """This will record that nothing is charged, and why. What was paid is to be given back.

    :raises BadInput: without a reason.
    """
    _require(actor, Permission.CHARGE)
    words = _given(reason, "Say why nothing is charged; the requester reads it.")
    _charge_nothing(lock(request), actor, at or now(), words)


@transaction.atomic
def accept(*, estimate: Estimate, actor: User, at: datetime) -> None:
    """This will take the requester's yes to the newest estimate.

    :raises StaleWrite: when a newer estimate was sent since the page was opened.
    :raises EstimateExpired: when it is no longer valid.
    """
    case = _requesters(estimate, actor)
    require_valid(case, estimate, at)
    move(case, "accept", actor, detail={"version": estimate.version})
    questions.answer(case.request, "estimate_accepted", actor=actor, at=at)


@transaction.atomic
def narrow(*, estimate: Estimate, actor: User, at: datetime, text: str) -> None:
    """This will take the requester's wish to ask for less; staff make a new estimate."""
    case = _requesters(estimate, actor)
    words = _given(text, "Say what you can do without.")
    move(case, "narrow", actor)
    questions.answer(case.request, "estimate_accepted", actor=actor, at=at, reason="answered: asked for less")
    _say(case, actor, at, f"I would like to narrow my request:\n\n{words}", f"narrow:{estimate.pk}")


@transaction.atomic
def ask_waiver(*, estimate: Estimate, actor: User, at: datetime, text: str) -> None:
    """This will take the requester's wish to pay nothing, with her reasons."""
    case = _requesters(estimate, actor)
    words = _given(text, "Say why the fee should be waived.")
    move(case, "ask_waiver", actor)
    questions.answer(
        case.request, "estimate_accepted", actor=actor, at=at, reason="answered: asked for a waiver"
    )
    # a second wish after a refusal is another message
    number = selectors.moves_made(case, "fee.ask_waiver")
    _say(case, actor, at, f"I ask for a fee waiver:\n\n{words}", f"waiver:{estimate.pk}:{number}")


def answer(*, action: str, estimate: Estimate, actor: User, at: datetime, text: str = "") -> None:
    """This will take one of the requester's answers by its name: ``accept``, ``narrow`` or ``ask_waiver``.

    :raises BadInput: for another name.
    """
    if action == "accept":
        accept(estimate=estimate, actor=actor, at=at)
    elif action == "narrow":
        narrow(estimate=estimate, actor=actor, at=at, text=text)
    elif action == "ask_waiver":
        ask_waiver(estimate=estimate, actor=actor, at=at, text=text)
    else:
        raise BadInput("An estimate is answered by accept, narrow or ask_waiver.")


@transaction.atomic
def decide_waiver(*, request: RecordsRequest, actor: User, at: datetime, granted: bool, reason: str) -> None:
    """This will decide a waiver, with the reason the requester reads. What was paid is to be given back."""
    _require(actor, Permission.WAIVE_FEES)
    case = lock(request)
    words = _given(reason, "Give the reason; the requester reads it.")[:500]
    if granted:
        move(case, "grant_waiver", actor, changes={"reason": words})
        ledger.bill(case=case, cents=0, at=at, memo="fee waived")
        questions.answer(
            request, "deposit_paid", actor=actor, at=at, reason="no longer asked for: fee waived"
        )
    else:
        move(case, "refuse_waiver", actor, changes={"reason": words})
        questions.ask(request, "estimate_sent", actor=actor, at=at, reason="the waiver was refused")
    verdict = "The fee is waived." if granted else "The fee is not waived."
    correspondence.post_message(
        request=request,
        author=actor,
        body=f"{verdict} {words}",
        direction=Direction.TO_REQUESTER,
        at=at,
        idempotency_key=f"waiver-decision:{case.pk}:{at.isoformat()}",
    )


def settle(case: FeeCase, actor: User | None) -> None:
    """This will close the fee when everything charged is paid; for services that hold the case's lock."""
    move(case, "settle", actor)


def require_valid(case: FeeCase, estimate: Estimate, at: datetime) -> None:
    """This will refuse an estimate past its last day. :raises EstimateExpired: then."""
    last = estimate.valid_until
    if last is not None and selectors.day_of(case.request, at) > last:
        raise EstimateExpired(
            f"This estimate was valid until {last:%B} {last.day}, {last.year}. Ask us for a new one."
        )


def lock(request: RecordsRequest) -> FeeCase:
    """This will hold the fee case to the end of the transaction: money and state move one at a time."""
    pk = case_of(request).pk
    return FeeCase.objects.select_for_update(of=("self",)).select_related("request__agency").get(pk=pk)


def move(case: FeeCase, action: str, actor: User | None, **more: Any) -> None:
    """This will apply one step of the fee machine with the facts as they are now."""
    moves.apply(
        row=case,
        machine=FEE,
        action=action,
        actor=actor,
        facts=selectors.facts(case),
        request_key=case.request.key,
        **more,
    )


def _charge_nothing(case: FeeCase, actor: User, at: datetime, words: str) -> None:
    move(case, "charge_nothing", actor, changes={"reason": words[:500]})
    ledger.bill(case=case, cents=0, at=at, memo="nothing is charged")
    for kind in ("estimate_accepted", "deposit_paid"):
        questions.answer(case.request, kind, actor=actor, at=at, reason="nothing is charged")


def _requesters(estimate: Estimate, actor: User) -> FeeCase:
    case = (
        FeeCase.objects.select_for_update(of=("self",))
        .select_related("request__agency")
        .get(pk=estimate.case_id)
    )
    if case.request.requester_id != actor.pk:
        raise NotAllowed("Only the person who filed this request can answer its estimate.")
    _require_open(case)
    newest = case.estimates.first()
    if newest is None or newest.pk != estimate.pk:
        raise StaleWrite("A newer estimate has been sent. Look at it before you answer.")
    return case


def _say(case: FeeCase, actor: User, at: datetime, body: str, key: str) -> None:
    correspondence.post_message(
        request=case.request,
        author=actor,
        body=body,
        direction=Direction.FROM_REQUESTER,
        at=at,
        idempotency_key=key,
    )


def _given(text: str, otherwise: str) -> str:
    if not text.strip():
        raise BadInput(otherwise)
    return text.strip()


def _require(actor: User, permission: Permission) -> None:
    if not actor.may(permission):
        raise NotAllowed("Your role does not include this.")


def _require_open(case: FeeCase) -> None:
    if not case.request.is_open:
        raise RequestClosed("This request is closed, so its fee stays as it is.")


def _require_version(case: FeeCase, expected: int | None) -> None:
    if expected is not None and expected != case.work_version:
        raise StaleWrite(
            "A colleague saved this worksheet since you opened it. Look at theirs, then save yours."
        )
