"""The only code that moves the fee machine: worksheet, estimate, answers to it, waiver."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import moves
from portal.core.errors import BadInput, IllegalMove, NotAllowed, StaleWrite
from requests_app.clock import services as clock
from requests_app.correspondence import services as correspondence
from requests_app.correspondence.models import Direction
from requests_app.docket.models import RecordsRequest
from requests_app.fees import ledger, selectors
from requests_app.fees.models import Estimate, FeeCase
from requests_app.fees.rules import FEE, FeeState
from requests_app.law import fees as engine
from requests_app.law import work as works
from requests_app.law.selectors import pack_for

VALID_DAYS = 30


def case_of(request: RecordsRequest) -> FeeCase:
    """This will give the request's fee case, made on first need."""
    return FeeCase.objects.get_or_create(request=request)[0]


@transaction.atomic
def save_worksheet(
    *, request: RecordsRequest, work: Mapping[str, Any], actor: User, expected_version: int | None = None
) -> engine.Quote:
    """This will keep the worksheet and quote it under the schedule in force on the day of receipt.

    :raises WorkError: when a figure cannot be right. :raises NoScheduleInForce: when no schedule covers the day.
    :raises StaleWrite: when a colleague saved it since the page was opened.
    """
    _require(actor, Permission.CHARGE)
    case = _lock(request)
    if case.state not in {FeeState.WORKSHEET, FeeState.NARROWED, FeeState.ESTIMATE_SENT, FeeState.ACCEPTED}:
        raise IllegalMove(f"The fee is {case.state.replace('_', ' ')}; its worksheet is closed.")
    if expected_version is not None and expected_version != case.work_version:
        raise StaleWrite(
            "A colleague saved this worksheet since you opened it. Look at theirs, then save yours."
        )
    quoted = _quote(request, work)
    FeeCase.objects.filter(pk=case.pk).update(work=dict(work), work_version=case.work_version + 1)
    return quoted


def quote(request: RecordsRequest) -> engine.Quote | None:
    """This will quote the saved worksheet; None while it is empty."""
    case = case_of(request)
    return _quote(request, case.work) if case.work else None


@transaction.atomic
def send_estimate(*, request: RecordsRequest, actor: User, at: datetime) -> Estimate:
    """This will freeze the worksheet's quote as the next version and send it to the requester.

    A quote of nothing settles the matter as “no fee”.
    """
    _require(actor, Permission.CHARGE)
    case = _lock(request)
    if not case.work:
        raise BadInput("Fill in the worksheet first: there is no estimate to send.")
    schedule, _ = selectors.in_force(request)
    quoted = _quote(request, case.work)
    latest = case.estimates.first()
    estimate = Estimate.objects.create(
        case=case, version=latest.version + 1 if latest else 1, schedule=schedule, work=case.work,
        lines=[_plain(line) for line in quoted.lines], notes=list(quoted.notes),
        computed_cents=quoted.computed_cents, billed_cents=quoted.billed_cents, deposit_cents=quoted.deposit_cents,
        itemised=quoted.itemised_estimate_required, sent_at=at, sent_by=actor,
        valid_until=(at + timedelta(days=VALID_DAYS)).date(),
    )  # fmt: skip
    if quoted.billed_cents == 0:
        _move(
            case, "charge_nothing", actor, changes={"reason": "The schedule charges nothing for this work."}
        )
        return estimate
    _move(case, "send_estimate", actor, detail={"version": estimate.version, "cents": estimate.billed_cents})
    ledger.bill(case=case, estimate=estimate, earlier=latest, at=at)
    clock.record(request=request, type="estimate_sent", actor=actor, at=at)
    correspondence.send_letter(
        request=request, kind="estimate", subject=f"What your request {request.number} would cost",
        context={"estimate": estimate, "schedule": schedule}, signer=actor, at=at,
        dedupe_key=f"estimate:{estimate.pk}",
    )  # fmt: skip
    return estimate


@transaction.atomic
def charge_nothing(*, request: RecordsRequest, actor: User, reason: str) -> None:
    """This will record that nothing is charged, and why. :raises BadInput: without a reason."""
    _require(actor, Permission.CHARGE)
    if not reason.strip():
        raise BadInput("Say why nothing is charged; the requester reads it.")
    _move(_lock(request), "charge_nothing", actor, changes={"reason": reason.strip()[:500]})


@transaction.atomic
def accept(*, estimate: Estimate, actor: User, at: datetime) -> None:
    """This will take the requester's yes to the newest estimate.

    :raises StaleWrite: when a newer estimate was sent since the page was opened.
    """
    case = _requesters(estimate, actor)
    _move(case, "accept", actor, detail={"version": estimate.version})
    clock.record(request=case.request, type="estimate_accepted", actor=actor, at=at)


@transaction.atomic
def narrow(*, estimate: Estimate, actor: User, at: datetime, text: str) -> None:
    """This will take the requester's wish to ask for less; staff make a new estimate."""
    case = _requesters(estimate, actor)
    _move(case, "narrow", actor)
    _say(
        case,
        actor,
        at,
        f"I would like to narrow my request:\n\n{_given(text, 'Say what you can do without.')}",
        f"narrow:{estimate.pk}",
    )


@transaction.atomic
def ask_waiver(*, estimate: Estimate, actor: User, at: datetime, text: str) -> None:
    """This will take the requester's wish to pay nothing, with her reasons."""
    case = _requesters(estimate, actor)
    _move(case, "ask_waiver", actor)
    _say(
        case,
        actor,
        at,
        f"I ask for a fee waiver:\n\n{_given(text, 'Say why the fee should be waived.')}",
        f"waiver:{estimate.pk}",
    )


@transaction.atomic
def decide_waiver(*, request: RecordsRequest, actor: User, at: datetime, granted: bool, reason: str) -> None:
    """This will decide a waiver, with the reason the requester reads."""
    _require(actor, Permission.WAIVE_FEES)
    case = _lock(request)
    words = _given(reason, "Give the reason; the requester reads it.")
    if granted:
        _move(case, "grant_waiver", actor, changes={"reason": words[:500]})
        ledger.write_off(case=case, at=at, memo="fee waived")
    else:
        _move(case, "refuse_waiver", actor, changes={"reason": words[:500]})
    verdict = "The fee is waived." if granted else "The fee is not waived."
    correspondence.post_message(
        request=request, author=actor, body=f"{verdict} {words}", direction=Direction.TO_REQUESTER, at=at,
        idempotency_key=f"waiver-decision:{case.pk}:{at.isoformat()}",
    )  # fmt: skip


def _quote(request: RecordsRequest, work: Mapping[str, Any]) -> engine.Quote:
    _, schedule = selectors.in_force(request)
    law = pack_for(request)
    whole = {
        **work, "law": law.id, "received": selectors.local_day(request).isoformat(),
        "record_type": request.record_type or work.get("record_type"),
        "requester_category": request.requester_category or None, "relationship": request.relationship or None,
    }  # fmt: skip
    return engine.quote(schedule, works.parse(whole))


def _plain(line: engine.QuoteLine) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(line).items()}


def _lock(request: RecordsRequest) -> FeeCase:
    return FeeCase.objects.select_for_update().select_related("request__agency").get(pk=case_of(request).pk)


def _requesters(estimate: Estimate, actor: User) -> FeeCase:
    case = FeeCase.objects.select_for_update().select_related("request__agency").get(pk=estimate.case_id)
    if case.request.requester_id != actor.pk:
        raise NotAllowed("Only the person who filed this request can answer its estimate.")
    newest = case.estimates.first()
    if newest is None or newest.pk != estimate.pk:
        raise StaleWrite("A newer estimate has been sent. Look at it before you answer.")
    return case


def _move(case: FeeCase, action: str, actor: User | None, **more: Any) -> None:
    moves.apply(
        row=case,
        machine=FEE,
        action=action,
        actor=actor,
        facts=selectors.facts(case),
        request_key=case.request.key,
        **more,
    )


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
