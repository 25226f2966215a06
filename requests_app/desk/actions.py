"""The buttons of the request page: each names one service call, so that a page and the API do the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.crypto import get_random_string

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, IllegalMove, NotAllowed
from requests_app.desk import clock_steps, rulings, services, wording
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import REQUEST, RequestFacts, Status

Values = Mapping[str, str]
Doing = Callable[[RecordsRequest, User, datetime, Values], str]
"""Does the step and gives the sentence the next page says."""


@dataclass(frozen=True)
class Button:
    """``move`` names the step of the lifecycle it makes, if it makes one."""

    do: Doing
    permission: Permission
    move: str = ""
    needs_open: bool = False


@dataclass(frozen=True)
class Offer:
    """What a page does with a button: ``shown`` where its step exists, to be pressed unless ``why_not``."""

    shown: bool
    why_not: str = ""

    @property
    def ready(self) -> bool:
        return self.shown and not self.why_not


def _acknowledge(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    services.acknowledge(request=row, actor=actor, at=at)
    return "The request is accepted for work."


def _start_search(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    services.start_search(request=row, actor=actor, at=at)
    return "The search has begun."


def _finish_search(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    services.finish_search(request=row, actor=actor, at=at)
    return "The search is finished; the review has begun."


def _finish_review(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    services.finish_review(request=row, actor=actor, at=at)
    return "The review is finished. The release can be built."


def _reopen_review(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    services.reopen_review(request=row, actor=actor, at=at)
    return "The review is open again."


def _claim(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    docket.claim(request=row, actor=actor)
    return f"Request {row.number} is yours."


def _note(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    docket.add_note(request=row, author=actor, body=values.get("body", ""))
    return "Your note is kept. The requester never sees it."


def _tell(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    services.tell(
        request=row, actor=actor, at=at, body=values.get("body", ""), idempotency_key=_token(values)
    )
    return "Your message is sent."


def _ask(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    services.ask(
        request=row,
        actor=actor,
        at=at,
        body=values.get("body", ""),
        idempotency_key=_token(values),
        expected_on=_day(values.get("expected_on", "")),
    )
    return "Your question is sent. The request waits for the answer."


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise BadInput("Write the day by which you expect to answer as year-month-day.") from None


def _extend(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    by = values.get("by", "").strip()
    if not (by.isascii() and by.isdigit() and 0 < int(by) <= services.LONGEST_EXTENSION):
        raise BadInput(f"Write the number of days: a whole number from 1 to {services.LONGEST_EXTENSION}.")
    services.extend(
        request=row,
        actor=actor,
        at=at,
        by=int(by),
        unit=values.get("unit", ""),
        reason=values.get("reason", ""),
    )
    return "The extension is recorded and the requester told."


def _close_no_records(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    services.close_without_records(
        request=row, actor=actor, at=at, searched=values.get("reason", ""),
        destroyed=values.get("destroyed", ""), custodian=values.get("custodian", ""),
    )  # fmt: skip
    return "The request is closed: no records."


def _close_released(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    services.close_released(request=row, actor=actor, at=at)
    return "The request is closed."


def _close_duplicate(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    services.close_duplicate(request=row, actor=actor, at=at, same_as=values.get("number", ""))
    return "The request is closed as a duplicate."


def _lapse(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    services.lapse(request=row, actor=actor, at=at)
    return "The request is closed: no answer in time."


def _reopen(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    services.reopen(request=row, actor=actor, at=at, reason=values.get("reason", ""))
    return "The request is open again."


_WORK = Permission.WORK_REQUESTS
ACTIONS: Mapping[str, Button] = {
    "acknowledge": Button(_acknowledge, _WORK, "acknowledge"),
    "ask-ruling": Button(rulings.asked_on_page, _WORK, needs_open=True),
    "ask": Button(_ask, _WORK, "ask_requester"),
    "claim": Button(_claim, _WORK, needs_open=True),
    "close-duplicate": Button(_close_duplicate, _WORK, "close_duplicate"),
    "close-no-records": Button(_close_no_records, _WORK, "close_no_records"),
    "close-released": Button(_close_released, Permission.RELEASE, "close_released"),
    "enter-event": Button(clock_steps.enter_event, _WORK, needs_open=True),
    "extend": Button(_extend, _WORK, needs_open=True),
    "finish-review": Button(_finish_review, _WORK, "finish_review"),
    "finish-search": Button(_finish_search, _WORK, "finish_search"),
    "lapse": Button(_lapse, _WORK, "lapse"),
    "note": Button(_note, _WORK),
    "reopen": Button(_reopen, Permission.ASSIGN_REQUESTS, "reopen"),
    "reopen-review": Button(_reopen_review, _WORK, "reopen_review"),
    "state-fact": Button(clock_steps.state_fact, _WORK, needs_open=True),
    "strike-event": Button(clock_steps.strike_event, _WORK, needs_open=True),
    "start-search": Button(_start_search, _WORK, "start_search"),
    "take-ruling": Button(rulings.taken_on_page, _WORK),
    "tell": Button(_tell, _WORK),
}


def perform(*, request: RecordsRequest, action: str, actor: User, at: datetime, values: Values) -> str:
    """This will do one step and give the sentence that says so.

    Asked before any transaction, so that the entry of a refusal stays when the step does not.

    :raises IllegalMove: for a step that does not exist, or not from this state.
    :raises NotAllowed: when the person's roles do not include it.
    """
    button = ACTIONS.get(action)
    if button is None:
        raise IllegalMove(f"There is no step “{action}”.")
    if not actor.may(button.permission):
        audit.record_denied(
            action=f"desk.{action}",
            actor=actor,
            subject=request,
            request_key=request.key,
            why=NotAllowed.code,
        )
        raise NotAllowed(wording.MAY_NOT)
    if button.move:
        _require_source(request, button.move)
    elif button.needs_open and not request.is_open:
        raise IllegalMove("This request is closed. Open it again first.")
    return button.do(request, actor, at, values)


def offers(*, request: RecordsRequest, user: User, facts: RequestFacts) -> dict[str, Offer]:
    """This will say of each button whether the page has it and, if it cannot be pressed, why not.

    Keys are spelt with underscores, as templates read them.
    """
    return {name.replace("-", "_"): _offer(button, request, user, facts) for name, button in ACTIONS.items()}


def _offer(button: Button, request: RecordsRequest, user: User, facts: RequestFacts) -> Offer:
    if button.move and request.status not in REQUEST.step(button.move).sources:
        return Offer(shown=False)
    if button.needs_open and not request.is_open:
        return Offer(shown=False)
    if not user.may(button.permission):
        return Offer(shown=True, why_not=wording.MAY_NOT)
    return Offer(shown=True, why_not=(REQUEST.refusal(button.move, facts) or "") if button.move else "")


def _require_source(request: RecordsRequest, move: str) -> None:
    """:raises IllegalMove: at once, before a form's own faults are looked at."""
    step = REQUEST.step(move)
    if request.status not in step.sources:
        stands = wording.STATUSES.get(request.status, (Status(request.status).value, ""))[0].lower()
        raise IllegalMove(f"This request stands at “{stands}”; this step is not possible from there.")


def _token(values: Values) -> str:
    return values.get("token") or get_random_string(22)
