"""The only code that changes requests, their notes and their assignment."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from portal.accounts import policies
from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import moves
from portal.audit import services as audit
from portal.core.errors import BadInput, NotAllowed, StaleWrite
from requests_app.docket import recusals
from requests_app.docket.models import Note, Numbering, RecordsRequest, RequestItem
from requests_app.docket.rules import REQUEST, Disposition, RequestFacts, Status

NO_FACTS = RequestFacts()


def move(
    *,
    request: RecordsRequest,
    action: str,
    actor: User | None,
    at: datetime,
    facts: RequestFacts = NO_FACTS,
    disposition: Disposition | None = None,
    changes: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """This will take a request one step along its lifecycle.

    A step whose permission is None is the requester's or the system's: the caller has checked whose.

    :raises NotAllowed: when the actor's roles lack the step's permission.
    :raises IllegalMove: when the table or a guard says no, or somebody moved it first.
    """
    # outside the transaction, or the refusal's audit entry would be rolled back with it
    require_may_move(request=request, action=action, actor=actor)
    values = dict(changes or {})
    known = {step.action: step for step in REQUEST.steps}
    if action in known and known[action].target == Status.CLOSED:
        if disposition is None:
            raise BadInput(
                "A request closes with an outcome: full, partial, denied, no records, withdrawn, …"
            )
        values |= {"closed_at": at, "disposition": disposition}
    elif request.status == Status.CLOSED:
        values |= {"closed_at": None, "disposition": ""}
    moves.apply(
        row=request,
        machine=REQUEST,
        action=action,
        actor=actor,
        facts=facts,
        request_key=request.key,
        changes=values,
        detail=detail,
    )


def require_may_move(*, request: RecordsRequest, action: str, actor: User | None) -> None:
    """:raises NotAllowed: when the step needs a permission the actor does not have."""
    step = next((step for step in REQUEST.steps if step.action == action), None)
    if step is None or step.permission is None or actor is None:
        return
    if not actor.may(Permission(step.permission)):
        audit.record_denied(
            action=f"request.{action}",
            actor=actor,
            subject=request,
            request_key=request.key,
            why="not_allowed",
        )
        raise NotAllowed("Your role does not include this step.")


@transaction.atomic
def next_number(*, at: datetime, zone: str) -> str:
    """This will give the next request number of the agency's year, such as ``26-00042``."""
    audit.hold_chain()
    year = at.astimezone(ZoneInfo(zone)).year
    Numbering.objects.get_or_create(year=year)
    Numbering.objects.filter(year=year).update(last=F("last") + 1)  # locks the row until commit: no gaps
    last = Numbering.objects.values_list("last", flat=True).get(year=year)
    return f"{year % 100:02d}-{last:05d}"


@transaction.atomic
def add_note(*, request: RecordsRequest, author: User, body: str) -> Note:
    """This will keep an internal note. :raises BadInput: when it is empty."""
    policies.require(author, Permission.WORK_REQUESTS)
    if not body.strip():
        raise BadInput("Write the note first.")
    note = Note.objects.create(request=request, author=author, body=body.strip())
    audit.record(action="request.noted", actor=author, subject=note, request_key=request.key)
    return note


@transaction.atomic
def claim(*, request: RecordsRequest, actor: User) -> None:
    """This will make the actor the owner of a request nobody owns. :raises StaleWrite: when somebody does."""
    policies.require(actor, Permission.WORK_REQUESTS)
    assign(request=request, assignee=actor, actor=actor, expected_assignee_id=None)


@transaction.atomic
def assign(
    *, request: RecordsRequest, assignee: User | None, actor: User, expected_assignee_id: int | None
) -> None:
    """This will hand a request to a colleague, or back to the pool with None.

    :raises StaleWrite: when it is no longer with the person the page showed.
    """
    to_another = assignee is None or assignee.pk != actor.pk
    if to_another and actor.pk != expected_assignee_id:
        policies.require(actor, Permission.ASSIGN_REQUESTS)
    if assignee is not None and not assignee.may(Permission.WORK_REQUESTS):
        raise BadInput(f"{assignee} does not work requests.")
    if assignee is not None and recusals.is_barred(assignee, request):
        raise BadInput(f"{assignee} is recused from this request.")
    same = RecordsRequest.objects.filter(pk=request.pk, assignee_id=expected_assignee_id)
    if not same.update(assignee=assignee):
        raise StaleWrite("Somebody else has taken or handed on this request in the meantime. Look again.")
    request.assignee = assignee
    audit.record(
        action="request.assigned",
        actor=actor,
        subject=request,
        request_key=request.key,
        detail={"to": assignee.pk if assignee else None},
    )


def add_item(
    *,
    request: RecordsRequest,
    description: str,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    place: str = "",
) -> RequestItem:
    """This will add one thing asked for, at the next position. Called inside the filing transaction."""
    return RequestItem.objects.create(
        request=request,
        position=request.items.count() + 1,
        description=description[:2000],
        starts_at=starts_at,
        ends_at=ends_at,
        place=place[:300],
    )
