"""Proposing a change of the calendar, seeing what it moves, and letting it take effect."""

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from portal.accounts.models import User
from portal.accounts.rules import PERMISSIONS, Permission
from portal.audit import services as audit
from portal.core import jobs
from portal.core.errors import BadInput, DomainError, NotAllowed
from portal.core.models import Job, Queue
from requests_app.clock import selectors
from requests_app.clock.models import CalendarChange
from requests_app.clock.rules import ChangeKind, ChangeState
from requests_app.docket.models import RecordsRequest
from requests_app.law import closures
from requests_app.law import services as law
from requests_app.law.models import Agency, ClosureDay, LawPack
from requests_app.law.selectors import pack_in_use, parsed

COMPARE, RECOUNT = "clock.compare", "clock.recount"
BACK = timedelta(days=366)  # an emergency may be entered late, but nobody rewrites an old year
AHEAD = timedelta(days=5 * 366)


_CHANGING = frozenset({Permission.ADMINISTER, Permission.ADOPT_LAW})


class OwnChange(NotAllowed):
    """Somebody else could decide this change, and the person who proposed it may not."""

    code = "own_calendar_change"


class ChangeRefused(DomainError):
    """The change was decided already, or its diff is not whole yet."""

    code = "calendar_change_refused"


def may_change(user: User) -> bool:
    """This will tell whether a person may propose and decide changes of the calendar."""
    return any(user.may(permission) for permission in _CHANGING)


def others(user: User) -> list[User]:
    """This will list who else may decide a change of the calendar, by name."""
    roles = [role for role, carried in PERMISSIONS.items() if carried & _CHANGING]
    rows = User.objects.filter(is_active=True, grants__role__in=roles).exclude(pk=user.pk)
    return list(rows.distinct().order_by("name", "pk"))


@transaction.atomic
def propose_closure(*, agency: Agency, day: date, reason: str, actor: User, at: datetime) -> CalendarChange:
    """This will propose that a day of the agency's own counts as closed, and have its effect worked out.

    :raises BadInput: for a day that is closed already, one too far off, over the law's limit, or no reason.
    """
    _require(actor)
    today = selectors.day_of(agency, at)
    if not today - BACK <= day <= today + AHEAD:
        raise BadInput("Choose a day from a year back to five years ahead.")
    if refused := closure_refusal(agency, day, _reason(reason)):
        raise BadInput(refused)
    return _propose(actor, at, agency=agency, kind=ChangeKind.CLOSE, day=day, reason=_reason(reason))


@transaction.atomic
def propose_opening(*, closure: ClosureDay, reason: str, actor: User, at: datetime) -> CalendarChange:
    """This will propose to take a closure back. :raises BadInput: when it was taken back already."""
    _require(actor)
    if closure.ended_at is not None:
        raise BadInput("This closure was taken back already.")
    return _propose(
        actor, at, agency=closure.agency, kind=ChangeKind.OPEN, day=closure.day, closure=closure,
        reason=_reason(reason),
    )  # fmt: skip


@transaction.atomic
def propose_version(
    *, agency: Agency, before: LawPack, after: LawPack, reason: str, actor: User, at: datetime
) -> CalendarChange:
    """This will propose that open requests counted by one version of their law are counted by another.

    :raises BadInput: when it is the same one, or one of another law.
    """
    _require(actor)
    if before.pk == after.pk or before.code != after.code:
        raise BadInput("Choose another version of the same law.")
    if CalendarChange.objects.filter(
        agency=agency, kind=ChangeKind.PACK, from_pack=before, to_pack=after, state=ChangeState.PROPOSED
    ).exists():
        raise BadInput("This is proposed already.")
    return _propose(
        actor, at, agency=agency, kind=ChangeKind.PACK, from_pack=before, to_pack=after,
        reason=_reason(reason),
    )  # fmt: skip


def closure_refusal(agency: Agency, day: date, reason: str) -> str | None:
    """This will say why a day may not become a closure, or None."""
    standing = closures.standing(agency)
    if day in standing:
        return f"{day:%A, %B} {day.day} is a closure already: {standing[day]}."
    calendar = parsed(pack_in_use(agency)).calendar
    if day.weekday() in calendar.weekend:
        return f"{day:%A, %B} {day.day} is no working day anyway."
    if holiday := calendar.holidays_of(day.year).get(day):
        return f"{day:%A, %B} {day.day} is a holiday of the law already: {holiday}."
    if not calendar.counts_agency_closures:
        return f"{calendar.name}: the law does not count an agency’s own closures."
    return calendar.closure_refusal({**standing, day: reason})


@transaction.atomic
def approve(*, change: CalendarChange, actor: User, at: datetime, alone: str = "") -> None:
    """This will let a change take effect: from this moment days count by it, and open requests are recounted.

    ``alone``: where nobody else may decide, the proposer approves it herself and says why; the words stay.

    :raises OwnChange: for the proposer while somebody else could decide it.
    :raises ChangeRefused: when it was decided already, or nobody can have seen its whole diff yet.
    :raises BadInput: when the calendar has moved on and the change no longer fits, or without those words.
    """
    _require(actor)
    row = _locked(change)
    if row.compared_at is None:
        raise ChangeRefused("The effect of this change is still being worked out. Wait until it is shown.")
    row.decided_alone = _alone(row, actor, alone)
    if row.kind == ChangeKind.CLOSE:
        assert row.day is not None  # noqa: S101  a constraint says so
        row.closure = law.close_on(agency=row.agency, day=row.day, reason=row.reason, actor=actor, at=at)
    elif row.kind == ChangeKind.OPEN:
        assert row.closure is not None  # noqa: S101  a constraint says so
        law.reopen_on(closure=row.closure, actor=actor, at=at)
    row.state, row.decided_by, row.decided_at = ChangeState.APPROVED, actor, at
    row.cursor = row.seen = 0
    row.save()
    detail = {
        "kind": row.kind, "day": row.day.isoformat() if row.day else None, "moved": row.shifts.count(),
        "alone": bool(row.decided_alone),
    }  # fmt: skip
    audit.record(action="clock.calendar_approved", actor=actor, subject=row, detail=detail)
    jobs.enqueue(
        kind=RECOUNT, dedupe_key=f"{RECOUNT}:{row.pk}", queue=Queue.BUILD, payload={"change": row.pk}
    )
    change.refresh_from_db()


@transaction.atomic
def withdraw(*, change: CalendarChange, actor: User, at: datetime) -> None:
    """This will drop a proposal; nothing was ever counted by it. :raises ChangeRefused: once decided."""
    _require(actor)
    row = _locked(change)
    row.state, row.decided_by, row.decided_at = ChangeState.WITHDRAWN, actor, at
    row.save()
    audit.record(action="clock.calendar_withdrawn", actor=actor, subject=row)
    change.refresh_from_db()


@transaction.atomic
def compare_again(*, change: CalendarChange, actor: User) -> None:
    """This will work out a proposal's effect anew, for requests that came or moved since."""
    _require(actor)
    row = _locked(change)
    if row.compared_at is None:
        return
    row.shifts.all().delete()
    row.compared_at, row.cursor, row.seen = None, 0, 0
    row.save()
    _enqueue_compare(row)


def job_of(change: CalendarChange) -> Job | None:
    """This will give the job that works on a change now or did last, for its progress and its faults."""
    if change.state == ChangeState.APPROVED:
        return Job.objects.filter(dedupe_key=f"{RECOUNT}:{change.pk}").first()
    return Job.objects.filter(dedupe_key__startswith=f"{COMPARE}:{change.pk}:").order_by("-pk").first()


def versions_behind(agency: Agency) -> list[tuple[LawPack, int]]:
    """This will list the versions that still count open requests although another one is in use, with how
    many requests each."""
    current = pack_in_use(agency)
    found = []
    for row in LawPack.objects.filter(code=current.code).exclude(pk=current.pk):
        waiting = RecordsRequest.objects.unfinished().filter(
            agency=agency, law_code=row.code, law_version=row.version
        )
        moved = CalendarChange.objects.filter(
            agency=agency, kind=ChangeKind.PACK, state=ChangeState.APPROVED, from_pack=row
        ).order_by("-decided_at")
        since = moved.values_list("decided_at", flat=True).first()
        if since is not None:
            waiting = waiting.filter(received_at__gte=since)
        if count := waiting.count():
            found.append((row, count))
    return found


def _propose(actor: User, at: datetime, **fields: object) -> CalendarChange:
    try:
        with transaction.atomic():
            row = CalendarChange.objects.create(proposed_by=actor, proposed_at=at, **fields)
    except IntegrityError:
        raise BadInput("This is proposed already; decide on that proposal first.") from None
    audit.record(
        action="clock.calendar_proposed", actor=actor, subject=row,
        detail={"kind": row.kind, "day": row.day.isoformat() if row.day else None},
    )  # fmt: skip
    _enqueue_compare(row)
    return row


def _enqueue_compare(row: CalendarChange) -> None:
    turn = Job.objects.filter(dedupe_key__startswith=f"{COMPARE}:{row.pk}:").count()
    jobs.enqueue(
        kind=COMPARE, dedupe_key=f"{COMPARE}:{row.pk}:{turn}", queue=Queue.BUILD, payload={"change": row.pk}
    )


def _locked(change: CalendarChange) -> CalendarChange:
    row = (
        CalendarChange.objects.select_for_update(of=("self",))
        .select_related("agency", "closure")
        .get(pk=change.pk)
    )
    if row.state != ChangeState.PROPOSED:
        raise ChangeRefused(f"This change was {row.state} already.")
    return row


def _alone(row: CalendarChange, actor: User, words: str) -> str:
    if row.proposed_by_id != actor.pk:
        return ""
    if found := others(actor):
        names = " or ".join(str(each) for each in found[:3])
        raise OwnChange(f"You proposed this; somebody else has to approve it: {names}.")
    if not 0 < len(words.strip()) <= 300:
        raise BadInput("Say why you approve your own proposal, in at most 300 characters: it stays with it.")
    return words.strip()


def _reason(words: str) -> str:
    if not 0 < len(words.strip()) <= 150:
        raise BadInput("Say why, in at most 150 characters: the public calendar shows it.")
    return words.strip()


def _require(actor: User) -> None:
    if not may_change(actor):
        raise NotAllowed("Only an administrator or the agency’s counsel may change the calendar.")
