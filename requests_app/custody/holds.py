"""The only code that places holds, finds what they cover and, by two people, ends them."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import CharField, Func, Q, QuerySet, Value
from django.db.models.functions import Upper

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, IllegalMove, NotAllowed, StaleWrite
from requests_app.clock import selectors as clocks
from requests_app.custody import policies, tracing
from requests_app.custody.models import Hold, HoldRecord, ResponsiveRecord
from requests_app.custody.rules import Trace, matches
from requests_app.docket.models import RecordsRequest, RequestItem
from requests_app.docket.rules import Disposition, Status
from requests_app.law.wording import date_of

SUIT = timedelta(days=365)  # no pack says how long one may sue: the longest known (RCW 42.56.550) for all
AFTER_WITHDRAWAL = timedelta(days=30)
_NOTHING_DECIDED = frozenset({Disposition.WITHDRAWN, Disposition.LAPSED, Disposition.DUPLICATE})


class SelfRelease(NotAllowed):
    """The person who proposed to end a hold cannot confirm it."""

    code = "self_release"


class HoldBinds(IllegalMove):
    """A window to appeal or sue is open, or the request is."""

    code = "hold_binds"


@transaction.atomic
def place_hold(
    *,
    request: RecordsRequest,
    at: datetime,
    scope: str = "",
    citation: str = "",
    actor: User | None = None,
    item: RequestItem | None = None,
) -> Hold:
    """This will freeze destruction of what a request asks for, and of each record here that may be it.

    Asked again, it gives the hold there is.
    """
    RecordsRequest.objects.select_for_update().get(pk=request.pk)
    standing = request.holds.filter(released_at=None, item=item).first()
    if standing is not None:
        return standing
    trace = tracing.sought(request, item)
    words = scope or f"Everything that may answer request {request.number or request.pk}"
    hold = Hold.objects.create(
        request=request, scope=words[:500], citation=citation[:200], placed_at=at, item=item,
        series=trace.series, starts_at=trace.starts_at, ends_at=trace.ends_at, place=trace.place,
        incident=trace.incident,
    )  # fmt: skip
    # the entry takes the chain's lock: a record that is being added has its row by now, or sees this hold
    audit.record(action="custody.hold_placed", actor=actor, subject=hold, request_key=request.key)
    for record in _candidates(hold, trace).select_for_update(of=("self",), no_key=True).order_by("pk"):
        _cover_one(hold, record, at, trace)
    return hold


def cover(*, record: ResponsiveRecord, at: datetime) -> list[HoldRecord]:
    """This will put a record under every open hold that looks for it. Called under the audit chain's lock."""
    found = tracing.of_record(record)
    near = Q(request=record.request_id)
    if found.incident:
        near |= Q(incident=found.incident)
    if found.starts_at:
        until = found.ends_at or found.starts_at
        near |= Q(starts_at__lte=until, ends_at__gte=found.starts_at)
        near |= Q(starts_at__lte=until, starts_at__gte=found.starts_at, ends_at=None)
    holds = Hold.objects.filter(near, released_at=None, request__agency=record.request.agency_id)
    made = (_cover_one(hold, record, at, tracing.of_hold(hold)) for hold in holds.order_by("pk"))
    return [row for row in made if row is not None]


def _candidates(hold: Hold, sought: Trace) -> QuerySet[ResponsiveRecord]:
    near = Q(request=hold.request_id)
    if sought.incident:
        near |= Q(plain=sought.incident) | Q(plain_case=sought.incident)
    if sought.starts_at:
        ends = sought.ends_at or sought.starts_at
        near |= Q(recorded_at__lte=ends, recorded_until__gte=sought.starts_at)
        near |= Q(recorded_at__lte=ends, recorded_at__gte=sought.starts_at, recorded_until=None)
    rows = ResponsiveRecord.objects.annotate(plain=_plain("incident"), plain_case=_plain("case__number"))
    rows = rows.filter(near, destroyed_at=None, request__agency=hold.request.agency_id)
    return rows.select_related("case", "request")


def _plain(field: str) -> Func:
    """As rules.plain_number, in the database."""
    return Func(
        Upper(field), Value("[^0-9A-Z]"), Value(""), Value("g"), function="regexp_replace",
        output_field=CharField(),
    )  # fmt: skip


def _cover_one(hold: Hold, record: ResponsiveRecord, at: datetime, sought: Trace) -> HoldRecord | None:
    own = record.request_id == hold.request_id
    why = "record of this request" if own else matches(sought, tracing.of_record(record))
    if not why:
        return None
    row, created = HoldRecord.objects.get_or_create(hold=hold, record=record, defaults={"why": why, "at": at})
    if created:
        audit.record(
            action="custody.record_held", actor=None, subject=record, request_key=hold.request.key,
            detail={"hold": hold.pk, "why": why},
        )  # fmt: skip
    return row


def propose_release(*, hold: Hold, actor: User, at: datetime, reason: str) -> None:
    """This will ask a second person to end a hold.

    :raises HoldBinds: while the request, an appeal or a window to appeal or sue is open.
    """
    policies.require(actor, Permission.KEEP_RETENTION, "custody.hold_release_proposed", hold)
    if not reason.strip():
        raise BadInput("Say why the hold can end.")
    with transaction.atomic():
        locked = _free(hold, at)
        if locked.release_proposed_by_id is not None:
            raise StaleWrite("Somebody has proposed to end this hold already.")
        locked.release_proposed_by, locked.release_proposed_at = actor, at
        locked.release_reason = reason.strip()[:500]
        locked.save(update_fields=["release_proposed_by", "release_proposed_at", "release_reason"])
        audit.record(
            action="custody.hold_release_proposed", actor=actor, subject=locked,
            request_key=locked.request.key,
        )  # fmt: skip


def confirm_release(*, hold: Hold, actor: User, at: datetime) -> None:
    """This will end a hold that another person proposed to end.

    :raises SelfRelease: for the proposer. :raises HoldBinds: when something has opened a window since.
    """
    policies.require(actor, Permission.PURGE, "custody.hold_released", hold)
    hold.refresh_from_db()
    if hold.release_proposed_by_id == actor.pk:
        audit.record_denied(
            action="custody.hold_released", actor=actor, subject=hold, request_key=hold.request.key,
            why=SelfRelease.code,
        )  # fmt: skip
        raise SelfRelease("You proposed to end this hold yourself. Another person has to confirm it.")
    with transaction.atomic():
        locked = _free(hold, at)
        if locked.release_proposed_by_id is None:
            raise StaleWrite("Nobody has proposed to end this hold.")
        locked.released_by, locked.released_at = actor, at
        locked.save(update_fields=["released_by", "released_at"])
        audit.record(
            action="custody.hold_released", actor=actor, subject=locked, request_key=locked.request.key,
            detail={"proposed_by": locked.release_proposed_by_id},
        )  # fmt: skip


def _free(hold: Hold, at: datetime) -> Hold:
    audit.hold_chain()  # a record that is added covers itself by holds under it; decision 0051
    locked = Hold.objects.select_for_update(of=("self",)).select_related("request__agency").get(pk=hold.pk)
    request = locked.request
    if locked.released_at is not None:
        raise StaleWrite("This hold has ended already.")
    if request.status != Status.CLOSED:
        raise HoldBinds("The request is open, so what it asks for stays on hold.")
    if locked.waits_for:
        raise HoldBinds(f"This hold waits for {locked.waits_for}.")
    last, why = review_day(request)
    today = tracing.day_of(at, request.agency.time_zone)
    if today is None or last > today:
        raise HoldBinds(f"The hold stays until {date_of(last)}: {why}.")
    return locked


def review_day(request: RecordsRequest) -> tuple[date, str]:
    """This will say from when the hold of a closed request may end, and why not before.

    :raises HoldBinds: for an open request.
    """
    closed = tracing.day_of(request.closed_at, request.agency.time_zone)
    if closed is None:
        raise HoldBinds("The request is open, so what it asks for stays on hold.")
    if request.disposition in _NOTHING_DECIDED:
        return closed + AFTER_WITHDRAWAL, "30 days after a request that ended without a decision"
    windows = [
        derived.due
        for derived in clocks.derivations(request, on=closed)
        if derived.due and "window" in derived.clock
    ]
    suit = closed + SUIT
    if windows and max(windows) > suit:
        return max(windows), "the last day to appeal"
    return suit, "one year in which a court can be asked"


@transaction.atomic
def set_review_days(*, at: datetime) -> int:
    """This will give each hold of a closed request the day to look whether it may end; idempotent."""
    changed = 0
    stale = Hold.objects.filter(released_at=None).exclude(request__status=Status.CLOSED)
    stale.filter(Q(review_on__isnull=False) | Q(release_proposed_by__isnull=False)).update(
        review_on=None, review_why="", release_proposed_by=None, release_proposed_at=None, release_reason=""
    )
    waiting = Hold.objects.filter(released_at=None, review_on=None, request__status=Status.CLOSED)
    for hold in waiting.select_related("request__agency").select_for_update(of=("self",)).order_by("pk"):
        hold.review_on, hold.review_why = review_day(hold.request)
        hold.save(update_fields=["review_on", "review_why"])
        changed += 1
    return changed


@transaction.atomic
def wait_for(*, request: RecordsRequest, what: str) -> None:
    """This will keep a request's holds from ending while something above is open, such as an appeal."""
    Hold.objects.filter(request=request, released_at=None).update(waits_for=what[:200])


@transaction.atomic
def waits_no_more(*, request: RecordsRequest, what: str) -> None:
    """This will let a request's holds be looked at again, from a day counted anew."""
    Hold.objects.filter(request=request, released_at=None, waits_for=what[:200]).update(
        waits_for="", review_on=None, review_why=""
    )


def hold_again(*, at: datetime) -> int:
    """This will hold anew what open requests ask for whose holds had ended before they were opened again."""
    held = Hold.objects.filter(released_at=None).values("request")
    bare = RecordsRequest.objects.unfinished().exclude(pk__in=held).order_by("pk")
    placed = 0
    for request in bare:
        for item in request.items.order_by("position"):
            place_hold(request=request, item=item, at=at, scope=item.description)
            placed += 1
    return placed
