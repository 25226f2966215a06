"""The buttons of the request page: each names one service call, so that a page and the API do the same."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.utils.crypto import get_random_string

from portal.accounts.models import User
from portal.core.errors import BadInput, IllegalMove
from requests_app.desk import services
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest

Values = Mapping[str, str]
Action = Callable[[RecordsRequest, User, datetime, Values], str]
"""Does the step and gives the sentence the next page says."""


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
    return "The request is yours."


def _note(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    docket.add_note(request=row, author=actor, body=values.get("body", ""))
    return "Your note is kept. The requester never sees it."


def _tell(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    services.tell(
        request=row, actor=actor, at=at, body=values.get("body", ""), idempotency_key=_token(values)
    )
    return "Your message is sent."


def _ask(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    services.ask(request=row, actor=actor, at=at, body=values.get("body", ""), idempotency_key=_token(values))
    return "Your question is sent. The request waits for the answer."


def _extend(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    by = values.get("by", "")
    if not by.isdigit():
        raise BadInput("Write the number of days as a whole number.")
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
    services.close_without_records(request=row, actor=actor, at=at, searched=values.get("reason", ""))
    return "The request is closed: no records."


def _close_released(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    services.close_released(request=row, actor=actor, at=at)
    return "The request is closed."


def _close_duplicate(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    services.close_duplicate(request=row, actor=actor, at=at, same_as=values.get("number", ""))
    return "The request is closed as a duplicate."


def _reopen(row: RecordsRequest, actor: User, at: datetime, values: Values) -> str:
    services.reopen(request=row, actor=actor, at=at, reason=values.get("reason", ""))
    return "The request is open again."


ACTIONS: Mapping[str, Action] = {
    "acknowledge": _acknowledge,
    "ask": _ask,
    "claim": _claim,
    "close-duplicate": _close_duplicate,
    "close-no-records": _close_no_records,
    "close-released": _close_released,
    "extend": _extend,
    "finish-review": _finish_review,
    "finish-search": _finish_search,
    "note": _note,
    "reopen": _reopen,
    "reopen-review": _reopen_review,
    "start-search": _start_search,
    "tell": _tell,
}


def perform(*, request: RecordsRequest, action: str, actor: User, at: datetime, values: Values) -> str:
    """This will do one step. :raises IllegalMove: for a step that does not exist."""
    if action not in ACTIONS:
        raise IllegalMove(f"There is no step “{action}”.")
    return ACTIONS[action](request, actor, at, values)


def _token(values: Values) -> str:
    return values.get("token") or get_random_string(22)
