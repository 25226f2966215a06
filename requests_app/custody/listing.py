"""What the retention pages show: few queries, and every row with the words it is read by."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from portal.accounts.models import User
from portal.accounts.rules import Permission
from requests_app.custody import conflicts, preservation, schedules, tracing
from requests_app.custody.models import (
    Case,
    Hold,
    PreservationTask,
    Purge,
    RetentionConflict,
    RetentionSchedule,
)
from requests_app.custody.rules import Alert
from requests_app.docket.recusals import without
from requests_app.docket.rules import OPEN
from requests_app.law.material import SEVERITIES, Line, layer
from requests_app.law.models import Agency
from requests_app.law.periods import in_words
from requests_app.law.rows import Retention

OPENS = (
    Permission.KEEP_RETENTION,
    Permission.PURGE,
    Permission.DECIDE_CONFLICTS,
    Permission.READ_AUDIT,
    Permission.WORK_REQUESTS,
)
ALERT_TAGS = {
    Alert.NONE: ("info", "There is time"),
    Alert.HALF: ("soon", "Half the time is gone"),
    Alert.URGENT: ("overdue", "Two days or less"),
    Alert.PASSED: ("overdue", "The day has come"),
}
_MARKS = {"V": ("done", "Checked"), "P": ("waiting", "Partly checked"), "M": ("soon", "To be confirmed")}
MOST = 200  # rows on a page; the rest are counted and said


@dataclass(frozen=True)
class RuleRow:
    """One rule of the law, or of the agency, in words."""

    series: str
    severity: str
    keep: str
    gone: str
    source: str
    note: str
    tag: str
    mark: str


@dataclass(frozen=True)
class TaskRow:
    """One open preservation task with its alert and days left."""

    task: PreservationTask
    tag: str
    words: str
    days: int | None


def may_open(user: User) -> bool:
    """Who may read the retention pages."""
    return any(user.may(permission) for permission in OPENS)


def rule_rows(agency: Agency) -> list[RuleRow]:
    """This will list the law's rules and the shipped defaults, the law first."""
    rows = sorted(schedules.law_rules(agency), key=lambda row: (layer(row) != "law", row.record_type))
    return [_rule_row(row) for row in rows]


def _rule_row(row: Retention) -> RuleRow:
    tag, mark = _MARKS[row.verified] if layer(row) == "law" else ("neutral", row.scope.capitalize())
    keep = in_words(row.keep_at_least) if row.keep_at_least else ""
    return RuleRow(
        series=row.title or row.record_type,
        severity=SEVERITIES.get(row.severity or "", ""),
        keep=keep,
        gone=in_words(row.destroy_by) if row.destroy_by else "",
        source=row.citation or row.scope,
        note="; ".join(filter(None, (row.note, *row.longer_if))),
        tag=tag,
        mark=mark,
    )


def schedule_rows(agency: Agency, today: date) -> list[dict[str, Any]]:
    """This will list the agency's schedules, as they are and were."""
    rows = RetentionSchedule.objects.filter(agency=agency).select_related("made_by", "ended_by")
    return [
        {
            "row": row,
            "series": schedules.SERIES.get(row.series, row.series),
            "keep": in_words(row.keep_at_least) if row.keep_at_least else "",
            "gone": in_words(row.destroy_by) if row.destroy_by else "",
            "state": _force(row, today),
        }
        for row in rows
    ]


def _force(row: RetentionSchedule, today: date) -> tuple[str, str]:
    if row.starts_on > today:
        return "waiting", "Not yet"
    if row.ends_on is not None and row.ends_on < today:
        return "neutral", "Ended"
    return "done", "In force"


def task_rows(agency: Agency, at: datetime, user: User) -> list[TaskRow]:
    """This will list what nobody has confirmed yet, the soonest destruction first."""
    today = tracing.day_of(at, agency.time_zone) or at.date()
    rows = PreservationTask.objects.filter(
        attested_at=None, request__agency=agency, request__status__in=OPEN
    ).select_related("request__agency", "request__assignee")
    found = []
    for task in without(rows, user).order_by("destroy_on", "pk")[:MOST]:
        tag, words = ALERT_TAGS[preservation.alert_of(task, today)]
        found.append(TaskRow(task, tag, words, (task.destroy_on - today).days if task.destroy_on else None))
    return found


def holds_to_look_at(agency: Agency, today: date) -> QuerySet[Hold]:
    """This will list the holds of closed requests whose day to look again has come."""
    rows = Hold.objects.filter(request__agency=agency, released_at=None, review_on__lte=today, waits_for="")
    rows = rows.select_related("request", "release_proposed_by")
    return rows.annotate(records=_covered()).order_by("review_on", "pk")


def holds_standing(agency: Agency) -> QuerySet[Hold]:
    """This will list every other open hold, the newest first."""
    rows = Hold.objects.filter(request__agency=agency, released_at=None).select_related("request")
    return rows.annotate(records=_covered()).order_by("-placed_at", "-pk")


def _covered() -> Count:
    return Count("covered", filter=Q(covered__lifted_at=None))


def purges_of(agency: Agency) -> QuerySet[Purge]:
    return (
        Purge.objects.filter(agency=agency)
        .select_related("proposed_by", "confirmed_by", "ended_by", "job")
        .annotate(records=Count("items"))
    )


def conflicts_open_to(user: User) -> QuerySet[RetentionConflict]:
    """This will leave out what is about a request the person is recused from."""
    return without(without(RetentionConflict.objects.all(), user, "record__request"), user, "task__request")


def conflict_rows(at: datetime, user: User) -> list[dict[str, Any]]:
    """This will list what counsel has to decide, each with the hours that are left."""
    rows = conflicts.waiting().filter(pk__in=conflicts_open_to(user).values("pk"))
    return [{"row": row, "hours": conflicts.hours_left(row, at)} for row in rows[:MOST]]


def cases_of(agency: Agency) -> QuerySet[Case]:
    """This will list cases, the open ones first."""
    open_ones = Count("determinations", filter=Q(determinations__ended_at=None), distinct=True)
    rows = Case.objects.filter(agency=agency).annotate(
        held=Count("records", distinct=True), withheld=open_ones
    )
    return rows.order_by("-state", "-opened_on", "number")


def shown(lines: tuple[Line, ...]) -> list[str]:
    return [str(line) for line in lines]
