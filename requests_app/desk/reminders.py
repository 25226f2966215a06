"""Reminding people in time: staff of a duty's end, requesters of a day by which they must act."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from portal.accounts.models import User
from portal.accounts.rules import PERMISSIONS, Permission
from requests_app.clock import recount
from requests_app.clock.recount import Known, World
from requests_app.correspondence import services as correspondence
from requests_app.docket.models import RecordsRequest
from requests_app.docket.recusals import free
from requests_app.law.clock import calendar_of
from requests_app.law.derivation import Derivation
from requests_app.law.models import Agency
from requests_app.law.wording import date_of

STAGES = (5, 2, 0)
"""Business days left at which staff are told; a missed one is told once more."""
SHARES = (0.9, 0.5)
"""How much of the time has gone when the requester is told."""


@dataclass(frozen=True)
class Due:
    """One reminder: what it is about and which stage it has reached. ``to``: staff or requester."""

    request_id: int
    to: str
    derived: Derivation
    stage: str


def due(agency: Agency, *, on: date, after: int = 0) -> Iterable[tuple[int, list[Due]]]:
    """This will give, a chunk of requests at a time, the reminders that are due on a day.

    A closed request is among them for what its answer did not end: a ruling that is still awaited.
    """
    world = World.now(agency)
    while known := recount.chunk(agency, after=after, closed=True):
        after = known[-1].row.pk
        yield after, [one for each in known if _counts(each) for one in of(each, world, on)]


def _counts(known: Known) -> bool:
    """A closed request whose ledger does not say how it ended was imported: its clocks only seem to run."""
    return known.row.closed_at is None or known.ledger.ending is not None


def of(known: Known, world: World, on: date) -> list[Due]:
    """This will give the reminders of one request; only the latest stage of a clock, the others are over."""
    found = world.situation(known.row, known.ledger, known.facts)
    clocks, calendar = found.pack.clocks, calendar_of(found.pack, found.office)
    rows = []
    for derived in found.all(on=on):
        if derived.due is None or derived.state not in {"running", "overdue"}:
            continue
        kind = clocks[derived.clock].kind
        if kind in {"duty", "awaited"}:
            left = calendar.between(on, derived.due, "business_day")
            stage = "missed" if derived.state == "overdue" else _at_least(left)
        else:
            stage = _share(derived, on) if kind == "lapse" else ""
        if stage:
            rows.append(Due(known.row.pk, "requester" if kind == "lapse" else "staff", derived, stage))
    return rows


@transaction.atomic
def send(reminders: Iterable[Due], *, agency: Agency, at: datetime) -> int:
    """This will put reminders into the outbox, each once: a key of clock, day and stage. Gives how many.

    A day that moved is another day, and is reminded of anew.
    """
    waiting = list(reminders)
    rows = RecordsRequest.objects.select_related("agency", "requester", "assignee").in_bulk(
        {one.request_id for one in waiting}
    )
    others = _everybody() if any(rows[one.request_id].assignee is None for one in waiting) else []
    sent = 0
    for one in waiting:
        request = rows[one.request_id]
        for person in _recipients(one, request, others):
            mail = correspondence.queue_mail(
                to=person.email,
                template=f"reminder_{one.to}",
                context={
                    **correspondence.links(request), "duty": one.derived.title,
                    "day": date_of(one.derived.due) if one.derived.due else "", "stage": one.stage,
                    "last_day": one.derived.due,
                },
                request=request,
                dedupe_key=f"remind:{request.pk}:{one.derived.clock}:{one.derived.due}:{one.stage}:{person.pk}",
            )  # fmt: skip
            sent += mail.created_at >= at
    return sent


def _recipients(one: Due, request: RecordsRequest, others: list[User]) -> list[User]:
    if one.to == "requester":
        return [request.requester] if request.requester is not None else []
    return [request.assignee] if request.assignee is not None else free(others, request)


def _everybody() -> list[User]:
    """Nobody owns the request: all who may hand it to somebody."""
    leads = [role for role, carried in PERMISSIONS.items() if Permission.ASSIGN_REQUESTS in carried]
    return list(User.objects.filter(is_active=True, grants__role__in=leads).distinct().order_by("pk"))


def _at_least(left: int) -> str:
    reached = [stage for stage in STAGES if left <= stage]
    return str(min(reached)) if reached else ""


def _share(derived: Derivation, on: date) -> str:
    if derived.day_zero is None or derived.due is None or derived.due <= derived.day_zero:
        return ""
    gone = (on - derived.day_zero).days / (derived.due - derived.day_zero).days
    return next((f"{share:.0%}" for share in SHARES if gone >= share), "")
