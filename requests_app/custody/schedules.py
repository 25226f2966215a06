"""The agency's own retention schedule: added and ended here, never beyond what the law allows."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, DomainError
from requests_app.custody import policies
from requests_app.custody.models import RetentionSchedule
from requests_app.law.material import (
    FOOTAGE,
    SCHEDULE,
    SEVERITIES,
    Material,
    implied_by,
    layer,
    severity_of,
)
from requests_app.law.models import Agency
from requests_app.law.periods import ever_ends_earlier, in_words, is_period
from requests_app.law.retention import binds
from requests_app.law.rows import Retention
from requests_app.law.selectors import pack_in_use, parsed

SERIES = {
    "body_worn_camera": "Body-worn video",
    "law_enforcement_video": "Dashboard, street and interview video",
    "critical_incident_video": "Video of a critical incident",
    "misconduct_video": "Video of alleged misconduct",
    "drone_video": "Drone video",
    "drone_log": "Drone flight logs",
    "lpr": "Plate reads",
    "search_audit_log": "Logs of plate-reader searches",
    "policy": "Policies and contracts",
    "any": "Anything else",
}


class AgainstTheLaw(DomainError):
    """A period shorter than the law's keeping or longer than its order to destroy; names the rule."""

    code = "against_the_law"
    status = 422


class OverlappingSchedule(DomainError):
    """There is a schedule of the same series and severity in that time."""

    code = "overlapping_schedule"


def rules_on(agency: Agency, on: date) -> list[Retention]:
    """This will give every retention rule of an agency on a day: the pack in use and its own schedule."""
    return [*law_rules(agency), *(as_rule(row) for row in in_force(agency, on))]


def law_rules(agency: Agency) -> tuple[Retention, ...]:
    return parsed(pack_in_use(agency)).retention


def in_force(agency: Agency, on: date) -> QuerySet[RetentionSchedule]:
    open_ended = Q(ends_on=None) | Q(ends_on__gte=on)
    return RetentionSchedule.objects.filter(open_ended, agency=agency, starts_on__lte=on)


def as_rule(row: RetentionSchedule) -> Retention:
    """This will give a schedule the shape of a rule, so that one engine weighs both."""
    return Retention(
        id=f"schedule-{row.pk}", record_type=row.series, scope=SCHEDULE, trigger=row.trigger,
        keep_at_least=row.keep_at_least or None, destroy_by=row.destroy_by or None, longer_if=(),
        request_hold="allowed", citation=row.citation, verified="", title=row.title,
        severity=row.severity or None, effective_from=row.starts_on, effective_to=row.ends_on,
    )  # fmt: skip


def add(
    *,
    agency: Agency,
    series: str,
    severity: str,
    title: str,
    keep_at_least: str,
    destroy_by: str,
    citation: str,
    starts_on: date,
    actor: User,
    at: datetime,
    trigger: str = "capture",
) -> RetentionSchedule:
    """This will put a period of the agency's own into force.

    :raises BadInput: for an unknown series or severity, or a period that cannot be read.
    :raises AgainstTheLaw: naming the rule of the law it breaks.
    :raises OverlappingSchedule: when another one of its kind is in force then; end that first.
    """
    policies.require(actor, Permission.KEEP_RETENTION, "custody.schedule_added", agency)
    keep_at_least, destroy_by = keep_at_least.strip().upper(), destroy_by.strip().upper()
    _check_words(series, severity, title, citation, keep_at_least, destroy_by, trigger)
    made = RetentionSchedule(
        agency=agency, series=series, severity=severity, title=title.strip()[:120], trigger=trigger,
        keep_at_least=keep_at_least, destroy_by=destroy_by, citation=citation.strip()[:200],
        starts_on=starts_on, made_by=actor, made_at=at,
    )  # fmt: skip
    rules = law_rules(agency)
    body = Material(series, None, body=agency.body, agency=agency.short_name)
    for rule in rules:
        if binds(rule, rules, body) and (fault := against(made, rule)):
            raise AgainstTheLaw(fault)
    with transaction.atomic():
        Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
        kind = {"agency": agency, "series": series, "severity": severity, "trigger": trigger}
        others = RetentionSchedule.objects.filter(Q(ends_on=None) | Q(ends_on__gte=starts_on), **kind)
        if other := others.first():
            raise OverlappingSchedule(f"“{other.title}” is in force then. Give it a last day first.")
        made.save(force_insert=True)
        audit.record(
            action="custody.schedule_added", actor=actor, subject=made,
            detail={"series": series, "severity": severity, "keep": keep_at_least, "destroy": destroy_by},
        )  # fmt: skip
    return made


def end(*, schedule: RetentionSchedule, last_day: date, today: date, actor: User) -> None:
    """This will give a schedule its last day.

    :raises BadInput: for a day before yesterday or before it began, or when it has one.
    """
    policies.require(actor, Permission.KEEP_RETENTION, "custody.schedule_ended", schedule)
    if last_day < today - timedelta(days=1):
        raise BadInput("A schedule cannot end before yesterday: what was destroyed under it was destroyed.")
    if last_day < schedule.starts_on:
        raise BadInput("The last day is before the first.")
    with transaction.atomic():
        standing = RetentionSchedule.objects.filter(pk=schedule.pk, ends_on=None)
        if not standing.update(ends_on=last_day, ended_by=actor):
            raise BadInput("This schedule has a last day already.")
        audit.record(
            action="custody.schedule_ended",
            actor=actor,
            subject=schedule,
            detail={"on": last_day.isoformat()},
        )
    schedule.refresh_from_db()


def against(made: RetentionSchedule, rule: Retention) -> str:
    """This will say how a schedule breaks a rule of the law, or nothing."""
    if layer(rule) != "law" or rule.trigger != made.trigger or not _speaks_of(rule, made):
        return ""
    name = f"{rule.title or rule.id} ({rule.citation or rule.id})"
    keep, gone = rule.keep_at_least, rule.destroy_by
    if is_period(keep):
        for period in filter(None, (made.keep_at_least, made.destroy_by)):
            if ever_ends_earlier(period, str(keep)):
                return f"{in_words(period)} is shorter than {name} asks: at least {in_words(str(keep))}."
    elif keep:
        return f"{name} says {in_words(keep)}; a schedule cannot set another end."
    lifted = any(
        each.lifts_destroy_by and each.condition in implied_by(made.severity) for each in rule.longer
    )
    if is_period(gone) and not lifted:
        for period in filter(None, (made.keep_at_least, made.destroy_by)):
            if ever_ends_earlier(str(gone), period):
                return f"{in_words(period)} is longer than {name} allows: at most {in_words(str(gone))}."
    return ""


def _speaks_of(rule: Retention, made: RetentionSchedule) -> bool:
    severity = severity_of(rule)
    if severity is not None and made.severity and severity != made.severity:
        return False
    if rule.record_type in ("any", made.series) or made.series == "any":
        return True
    return rule.record_type == "footage" and made.series in FOOTAGE


def _check_words(
    series: str, severity: str, title: str, citation: str, keep: str, gone: str, trigger: str
) -> None:
    if series not in SERIES or (severity and severity not in SEVERITIES):
        raise BadInput("Choose the series and the severity from the lists.")
    if trigger not in ("capture", "case_close", "complaint"):
        raise BadInput("A period counts from the recording, the end of a case or a complaint.")
    if not title.strip() or not citation.strip():
        raise BadInput("Give the schedule a title and name the policy or law it rests on.")
    if not keep and not gone:
        raise BadInput("Say how long it is kept at least, or by when it must be gone.")
    for period in filter(None, (keep, gone)):
        if not is_period(period):
            raise BadInput(
                f"“{period}” is not a period. Write P90D for 90 days, P9M for 9 months, P2Y for 2 years."
            )
    if keep and gone and ever_ends_earlier(gone, keep):
        raise BadInput("It would have to be gone before it may go: the first period is the longer one.")
