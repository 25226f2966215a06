"""Which records, holds and preservation tasks a request has, and who may see them."""

from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.http import Http404

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.time import now
from requests_app.custody import policies, tracing
from requests_app.custody.models import Hold, PreservationTask, ResponsiveRecord, RetentionConflict
from requests_app.custody.rules import URGENT_DAYS, matches
from requests_app.custody.schedules import SERIES
from requests_app.docket.models import RecordsRequest
from requests_app.law.wording import date_of


def records_of(request: RecordsRequest) -> QuerySet[ResponsiveRecord]:
    """This will list a request's records in their order."""
    return ResponsiveRecord.objects.filter(request=request).select_related("item", "uploaded_by")


def get_record(user: User, key: str) -> ResponsiveRecord:
    """This will load a record for staff. Anybody else, the requester too, sees that it does not exist.

    So does staff without a part in it once a hold alone keeps it past the day the law set.

    :raises Http404: for both, and audits the refusal where the record exists.
    """
    found = (
        ResponsiveRecord.objects.select_related("request__agency", "item", "uploaded_by", "case", "purge")
        .filter(key=key)
        .first()
    )
    if found is None:
        raise Http404
    visible = RecordsRequest.objects.visible_to(user).filter(pk=found.request_id).exists()
    allowed = visible and user.may(Permission.SEE_REQUESTS)
    if allowed and not policies.may_see_beyond_policy(user):
        allowed = not beyond_policy(found, at=now())
    if not allowed:
        audit.record_denied(
            action="custody.record_viewed",
            actor=user,
            subject=found,
            request_key=found.request.key,
            why="not_found",
        )
        raise Http404
    return found


def open_tasks(request: RecordsRequest) -> QuerySet[PreservationTask]:
    """This will list what still has to be preserved, the soonest destruction first."""
    return request.preservation_tasks.filter(attested_at=None).order_by("destroy_on", "pk")


def pressing_tasks(today: date) -> QuerySet[PreservationTask]:
    """This will list what nobody has confirmed though it may be destroyed within two days."""
    soon = today + timedelta(days=URGENT_DAYS)
    return PreservationTask.objects.filter(attested_at=None, destroy_on__lte=soon)


def holds_in_force(request: RecordsRequest) -> QuerySet[Hold]:
    return request.holds.filter(released_at=None).order_by("placed_at")


def beyond_policy(record: ResponsiveRecord, *, at: datetime) -> bool:
    """This will tell whether the law's day to destroy a record has passed and something keeps it."""
    today = tracing.day_of(at, record.request.agency.time_zone) or at.date()
    rows = RetentionConflict.objects.filter(record=record, destroy_on__lte=today)
    return rows.exclude(decision=RetentionConflict.Decision.DESTROY).exists()


def waits_for_counsel(record: ResponsiveRecord, *, at: datetime) -> bool:
    """This will tell whether the law's day to destroy a record has passed and counsel has not spoken."""
    today = tracing.day_of(at, record.request.agency.time_zone) or at.date()
    return RetentionConflict.objects.filter(record=record, decided_at=None, destroy_on__lte=today).exists()


def destroyed_before(request: RecordsRequest) -> list[str]:
    """This will say, for the requester, which records that may be what she asks for were lawfully destroyed
    before she asked: kind, days, rule and certificate; never a title, which belongs to another request."""
    found = []
    for item in request.items.order_by("position"):
        sought = tracing.sought(request, item)
        rows = ResponsiveRecord.objects.filter(
            destroyed_at__isnull=False, request__agency=request.agency_id
        ).select_related("case", "purge", "request__agency")
        if sought.starts_at:
            ends = sought.ends_at or sought.starts_at
            rows = rows.filter(Q(recorded_at=None) | Q(recorded_at__lte=ends))
        found += [
            _destroyed(record)
            for record in rows.exclude(request=request).order_by("recorded_at", "pk")
            if matches(sought, tracing.of_record(record))
        ]
    return list(dict.fromkeys(found))


def _destroyed(record: ResponsiveRecord) -> str:
    zone = record.request.agency.time_zone
    recorded, gone = tracing.day_of(record.recorded_at, zone), tracing.day_of(record.destroyed_at, zone)
    entry = record.purge_items.filter(purge=record.purge_id).first()
    assert entry is not None and gone is not None and record.purge is not None  # noqa: S101, PT018  by constraint
    made = f" recorded on {date_of(recorded)}" if recorded else ""
    return (
        f"{SERIES.get(record.series, 'A record')}{made} was destroyed on {date_of(gone)}, as the retention"
        f" schedule has it: it {entry.rule}. Schedule {entry.rule_id}, certificate {record.purge.number}."
    )
