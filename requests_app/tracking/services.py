"""What a requester does to her own request: answer, withdraw."""

from datetime import datetime

from django.db import transaction

from portal.accounts.models import User
from requests_app.clock import services as clock
from requests_app.correspondence import services as correspondence
from requests_app.correspondence.models import Direction, Message
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from requests_app.law.event import QUESTIONS

ANSWERABLE = {"clarification_sent": "clarification_answered", "information_requested": "information_answered"}


@transaction.atomic
def send_message(
    *, request: RecordsRequest, author: User, body: str, at: datetime, idempotency_key: str
) -> Message:
    """This will post the requester's message; when the agency waits for an answer, it is the answer.

    :raises EmptyMessage: when there is nothing in it.
    """
    # under the row's lock two posts of one form cannot both count as the answer
    RecordsRequest.objects.select_for_update().get(pk=request.pk)
    request.refresh_from_db(fields=["status", "disposition", "closed_at", "assignee"])
    known = request.messages.count()
    message = correspondence.post_message(
        request=request, author=author, body=body, direction=Direction.FROM_REQUESTER, at=at,
        idempotency_key=idempotency_key,
    )  # fmt: skip
    if request.status == Status.NEEDS_INFO and request.messages.count() > known:
        question = _open_question(request)
        docket.move(request=request, action="answer_agency", actor=author, at=at)
        if question:
            clock.record(request=request, type=ANSWERABLE[question], actor=author, at=at)
    return message


def _open_question(request: RecordsRequest) -> str | None:
    """The clock event of the question that no later event answers."""
    open_question = None
    for event in request.clock_events.all():
        if event.type in ANSWERABLE:
            open_question = event.type
        elif QUESTIONS.get(event.type) == open_question:
            open_question = None
    return open_question


@transaction.atomic
def withdraw(*, request: RecordsRequest, actor: User, at: datetime) -> None:
    """This will close the request at its requester's wish. :raises IllegalMove: when it is closed already."""
    docket.move(request=request, action="withdraw", actor=actor, at=at, disposition=Disposition.WITHDRAWN)
    clock.end(request=request, how="withdrawn", actor=actor, at=at)
    if request.assignee is not None:
        correspondence.queue_mail(
            to=request.assignee.email, template="staff_withdrawn", context=correspondence.links(request),
            request=request, dedupe_key=f"withdrawn:{request.pk}:{at.isoformat()}",
        )  # fmt: skip
