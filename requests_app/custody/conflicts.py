"""The only code that asks counsel about a duty to destroy against a duty to keep, and takes the decision."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from portal.accounts.models import User
from portal.accounts.rules import PERMISSIONS, Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, StaleWrite
from requests_app.correspondence import services as correspondence
from requests_app.custody import policies, tracing
from requests_app.custody.judging import Judged, judge_all
from requests_app.custody.models import HoldRecord, ResponsiveRecord, RetentionConflict
from requests_app.docket.recusals import free
from requests_app.law.models import Agency


class AlreadyDecided(StaleWrite):
    """Counsel has decided this conflict already."""

    code = "already_decided"


def waiting() -> QuerySet[RetentionConflict]:
    """This will list what counsel has to decide, the soonest destruction first."""
    rows = RetentionConflict.objects.filter(decided_at=None).order_by("destroy_on", "pk")
    return rows.select_related("record__request__agency", "task__request__agency", "hold__request")


def agency_of(conflict: RetentionConflict) -> Agency:
    about = conflict.record or conflict.task
    assert about is not None  # noqa: S101  one of the two by constraint
    return about.request.agency


def hours_left(conflict: RetentionConflict, at: datetime) -> int:
    """This will give the whole hours until the day the law wants it gone begins; negative once it has."""
    zone = ZoneInfo(agency_of(conflict).time_zone)
    return int((datetime.combine(conflict.destroy_on, time.min, zone) - at).total_seconds() // 3600)


def open_conflicts(*, agency: Agency, at: datetime) -> int:
    """This will ask counsel about each record two duties meet on; once for each until it is decided."""
    today = tracing.day_of(at, agency.time_zone) or at.date()
    return sum(_open(found, at, today) for found in judge_all(agency, today) if found.bound.conflicts)


def _open(found: Judged, at: datetime, today: date) -> int:
    conflict = found.bound.conflicts[0]
    rows: list[RetentionConflict] = found.record.all_conflicts  # type: ignore[attr-defined]  # judging.live()
    covers: list[HoldRecord] = found.record.open_covers  # type: ignore[attr-defined]  # judging.live()
    if rows and (rows[-1].decided_at is None or not _to_ask_again(rows[-1], today, covers)):
        return 0
    with transaction.atomic():
        row, created = RetentionConflict.objects.get_or_create(
            record=found.record, decided_at=None,
            defaults={
                "hold": covers[0].hold if covers else None, "destroy_on": conflict.on,
                "rule_id": conflict.rule, "citation": conflict.citation[:300],
                "request_hold": conflict.request_hold, "words": conflict.text, "opened_at": at,
            },
        )  # fmt: skip
        if not created:
            return 0
        audit.record(
            action="custody.conflict_opened", actor=None, subject=row,
            request_key=found.record.request.key,
            detail={"rule": conflict.rule, "on": conflict.on.isoformat(), "record": found.record.pk},
        )  # fmt: skip
    return 1


def _to_ask_again(last: RetentionConflict, today: date, covers: list[HoldRecord]) -> bool:
    """A word to destroy took the record out of its holds then; a hold that came since is a new question."""
    if last.decision == RetentionConflict.Decision.DESTROY:
        return bool(covers)
    return last.decision == RetentionConflict.Decision.KEEP and (last.keep_until or today) <= today


def decide(
    *,
    conflict: RetentionConflict,
    decision: str,
    reason: str,
    actor: User,
    at: datetime,
    keep_until: date | None = None,
) -> None:
    """This will take counsel's word: keep it until a day, or destroy it. The reason is kept for ever.

    Destroying still takes a purge by two people; the decision only takes the record out of its holds.

    :raises BadInput: without a reason, or keeping without a day that is still to come.
    :raises AlreadyDecided: when it is.
    """
    policies.require(actor, Permission.DECIDE_CONFLICTS, "custody.conflict_decided", conflict)
    if decision not in RetentionConflict.Decision.values:
        raise BadInput("Choose: keep it until a day, or destroy it.")
    if not reason.strip():
        raise BadInput("Write the reason. It stays with the record for ever.")
    today = tracing.day_of(at, agency_of(conflict).time_zone) or at.date()
    keeps = decision == RetentionConflict.Decision.KEEP
    if keeps and (keep_until is None or keep_until <= today):
        raise BadInput("Give the day until which it is kept; it has to be in the future.")
    with transaction.atomic():
        standing = RetentionConflict.objects.filter(pk=conflict.pk, decided_at=None)
        if not standing.update(
            decision=decision, keep_until=keep_until if keeps else None, reason=reason.strip()[:4000],
            decided_by=actor, decided_at=at,
        ):  # fmt: skip
            raise AlreadyDecided("This is decided already.")
        conflict.refresh_from_db()
        about = conflict.record or conflict.task
        audit.record(
            action="custody.conflict_decided", actor=actor, subject=conflict,
            request_key=about.request.key if about else "",
            detail={"decision": decision, "until": keep_until.isoformat() if keeps and keep_until else ""},
        )  # fmt: skip
        if not keeps and conflict.record is not None:
            _take_out(conflict, conflict.record, at)


def _take_out(conflict: RetentionConflict, record: ResponsiveRecord, at: datetime) -> None:
    covers = HoldRecord.objects.filter(record=record, lifted_at=None, hold__released_at=None)
    for cover in covers.select_related("hold__request").select_for_update(of=("self",)):
        cover.lifted_at, cover.lifted_by = at, conflict
        cover.save(update_fields=["lifted_at", "lifted_by"])
        audit.record(
            action="custody.record_taken_out", actor=conflict.decided_by, subject=record,
            request_key=cover.hold.request.key, detail={"conflict": conflict.pk},
        )  # fmt: skip


def press_counsel(*, at: datetime) -> int:
    """This will mail counsel about what is undecided: when it is new and again two days before its day."""
    deciders = [role for role, carried in PERMISSIONS.items() if Permission.DECIDE_CONFLICTS in carried]
    people = list(User.objects.filter(is_active=True, grants__role__in=deciders).distinct().order_by("pk"))
    rows = list(waiting())
    for conflict in rows:
        about = conflict.record or conflict.task
        assert about is not None  # noqa: S101  one of the two by constraint
        soon = conflict.destroy_on <= (at + timedelta(days=2)).date()
        for person in free(people, about.request):
            correspondence.queue_mail(
                to=person.email,
                template="staff_conflict",
                context={
                    **correspondence.links(about.request),
                    "conflict": conflict,
                    "conflicts_url": f"{settings.STAFF_BASE_URL}/desk/retention/conflicts/",
                },
                request=about.request,
                dedupe_key=f"conflict:{conflict.pk}:{'soon' if soon else 'new'}:{person.pk}",
            )
    return len(rows)
