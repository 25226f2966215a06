"""Answers for the scripts of the work page: JSON, kept by no cache, refusals included."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse

from portal.core.errors import BadInput, DomainError

P = ParamSpec("P")


class CannotShow(DomainError):
    """The file, or what is asked of it, cannot be shown; the sentence says why."""

    code = "cannot_show"
    status = 422


class UnfitMarks(BadInput):
    """Nothing can be made of these marks; ``mark_id`` names the one at fault, if it is one."""

    code = "unfit_marks"

    def __init__(self, message: str, mark_id: str | None = None) -> None:
        self.mark_id = mark_id
        super().__init__(message)


def answer(data: Any, status: int = 200) -> JsonResponse:
    """This will answer with JSON that no cache keeps and no browser takes for a page."""
    response = JsonResponse(data, status=status, safe=False)
    response["Cache-Control"] = "no-store, private"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def answering(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """This will put a refusal of the view in JSON: ``code``, ``message`` and the mark at fault, if any."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(*args, **kwargs)
        except DomainError as refusal:
            named = getattr(refusal, "mark_id", None)
            return answer({"code": refusal.code, "message": str(refusal), "mark": named}, refusal.status)

    return wrapped


def sent(request: HttpRequest) -> dict[str, Any]:
    """This will read the JSON object a script sent.

    :raises BadInput: when it is not one.
    """
    try:
        data = json.loads(request.body)
    except RequestDataTooBig as error:
        raise BadInput("What was sent is too large.") from error
    except (ValueError, RecursionError) as error:
        raise BadInput("What was sent is not JSON.") from error
    if not isinstance(data, dict):
        raise BadInput("What was sent is not a JSON object.")
    return data
