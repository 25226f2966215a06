"""One fee case under its lock: what every service of this room begins and ends with.

The order of locks is the same everywhere: request, fee case, audit chain, numbers of papers. Whoever keeps to
it never waits in a circle.
"""

from typing import Any

from portal.accounts.models import User
from portal.audit import moves
from portal.core.errors import BadInput, IllegalMove
from requests_app.docket.models import RecordsRequest
from requests_app.fees import selectors
from requests_app.fees.models import FeeCase
from requests_app.fees.rules import CLEAR, FEE, FeeState


class RequestClosed(IllegalMove):
    code = "request_closed"


def case_of(request: RecordsRequest) -> FeeCase:
    """This will give the request's fee case, made on first need."""
    return FeeCase.objects.get_or_create(request=request)[0]


def lock(request: RecordsRequest) -> FeeCase:
    """This will hold the fee case to the end of the transaction: money and state move one at a time."""
    pk = case_of(request).pk
    # as the clock's services do, and before anything is audited
    RecordsRequest.objects.select_for_update().get(pk=request.pk)
    return (
        FeeCase.objects.select_for_update(of=("self",))
        .select_related("request__agency", "request__requester", "request__assignee")
        .get(pk=pk)
    )


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


def follow_the_money(case: FeeCase, actor: User | None) -> None:
    """This will settle a bill that is paid, and open a settled one again when money has left."""
    money = selectors.balances(case)
    open_states = {FeeState.ACCEPTED} if money.written_off else {FeeState.ACCEPTED, FeeState.WRITTEN_OFF}
    if case.state == FeeState.ESTIMATE_SENT:  # a lower one than was billed needs no new yes
        newest = case.estimates.first()
        open_states |= {FeeState.ESTIMATE_SENT} if newest and newest.billed_cents <= money.fee else set()
    if money.owed <= 0 and case.state in open_states:
        move(case, "settle", actor)
    elif case.state in CLEAR and money.owed > 0:
        move(case, "reopen", actor)


def require_open(case: FeeCase) -> None:
    """:raises RequestClosed: when the request has ended."""
    if not case.request.is_open:
        raise RequestClosed("This request is closed, so its fee stays as it is.")


def given(text: str, otherwise: str) -> str:
    """This will give the words a person must write. :raises BadInput: when there are none."""
    if not text.strip():
        raise BadInput(otherwise)
    return text.strip()
