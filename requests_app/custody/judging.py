"""What the rules say of the records here: when each may go, must be gone, and what stands against it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet

from requests_app.custody import tracing
from requests_app.custody.models import HoldRecord, ResponsiveRecord, RetentionConflict
from requests_app.custody.models.cases import Case
from requests_app.custody.schedules import rules_on
from requests_app.docket.rules import OPEN
from requests_app.law import retention
from requests_app.law.material import Answer, Material
from requests_app.law.models import Agency
from requests_app.law.rows import Retention
from requests_app.law.wording import date_of


@dataclass(frozen=True)
class Judged:
    """One record under the rules. ``due_on``: the day it may go, holds aside; ``blocked``: why not now."""

    record: ResponsiveRecord
    free: Answer
    bound: Answer
    due_on: date | None
    rule: str
    blocked: str

    def is_due(self, today: date) -> bool:
        """Whether its day has come, blocked or not."""
        return self.due_on is not None and self.due_on <= today


def live(agency: Agency) -> QuerySet[ResponsiveRecord]:
    """This will list the records that exist, with all that judging them needs, in few queries."""
    covers = HoldRecord.objects.filter(lifted_at=None, hold__released_at=None)
    return (
        ResponsiveRecord.objects.filter(request__agency=agency, destroyed_at=None)
        .select_related("request__agency", "case")
        .prefetch_related(
            Prefetch("held_by", covers.select_related("hold__request"), to_attr="open_covers"),
            Prefetch("conflicts", RetentionConflict.objects.order_by("pk"), to_attr="all_conflicts"),
        )
    )


def judge_all(
    agency: Agency, today: date, rows: QuerySet[ResponsiveRecord] | None = None
) -> Iterator[Judged]:
    """This will judge every record that exists, or those of ``rows``, in constant memory."""
    rules = rules_on(agency, today)
    for record in (live(agency) if rows is None else rows).order_by("pk").iterator(chunk_size=500):
        yield judge(record, rules, today)


def judge_one(record: ResponsiveRecord, today: date) -> Judged:
    """This will judge one record as it is in the database now."""
    fresh = live(record.request.agency).get(pk=record.pk)
    return judge(fresh, rules_on(fresh.request.agency, today), today)


def judge(record: ResponsiveRecord, rules: list[Retention], today: date) -> Judged:
    """This will judge a record of :func:`live`: once as if nothing held it, once as it is."""
    free = retention.judge(rules, material_of(record), on=today)
    bound = retention.judge(rules, material_of(record, bound=True), on=today)
    decided = _decided(record)
    due, rule = (None if free.kept_open else free.keep_until or free.destroy_by), free.rule
    if free.destroy_by and free.by_law and (due is None or free.destroy_by < due):
        due = free.destroy_by
    if decided is not None and decided.decision == RetentionConflict.Decision.DESTROY:
        due, rule = decided.destroy_on, f"decision of counsel on {decided.citation}"[:300]
    return Judged(record, free, bound, due, rule, _blocked(record, free, decided, today))


def material_of(record: ResponsiveRecord, *, bound: bool = False) -> Material:
    """This will say what the rules are asked about a record; ``bound`` by its holds and open requests too."""
    agency, case = record.request.agency, record.case
    covers = record.open_covers if bound else []  # type: ignore[attr-defined]  # live() puts it there
    return Material(
        record.series,
        tracing.day_of(record.recorded_at, agency.time_zone),
        tracing.day_of(record.recorded_until, agency.time_zone),
        severity=record.severity or (case.severity if case else ""),
        conditions=frozenset(record.conditions),
        body=agency.body,
        agency=agency.short_name,
        case_open=case is not None and case.state == Case.State.OPEN,
        case_closed_on=case.closed_on if case else None,
        complaint_on=record.complaint_on,
        subject_asked_on=record.kept_asked_on,
        request_open=bound
        and (record.request.status in OPEN or any(cover.hold.request.status in OPEN for cover in covers)),
        on_hold=bool(covers),
    )


def _decided(record: ResponsiveRecord) -> RetentionConflict | None:
    rows: list[RetentionConflict] = record.all_conflicts  # type: ignore[attr-defined]  # live() puts it there
    done = [row for row in rows if row.decided_at is not None]
    return done[-1] if done else None


def _blocked(record: ResponsiveRecord, free: Answer, decided: RetentionConflict | None, today: date) -> str:
    rows: list[RetentionConflict] = record.all_conflicts  # type: ignore[attr-defined]  # live() puts it there
    if any(row.decided_at is None for row in rows):
        return "counsel has to decide first"
    destroy = decided is not None and decided.decision == RetentionConflict.Decision.DESTROY
    if decided is not None and decided.keep_until and decided.keep_until > today:
        return f"counsel keeps it until {date_of(decided.keep_until)}"
    covers: list[HoldRecord] = record.open_covers  # type: ignore[attr-defined]  # live() puts it there
    if covers:
        names = ", ".join(sorted({str(cover.hold.request) for cover in covers}))
        closed = all(cover.hold.request.status not in OPEN for cover in covers)
        return f"on hold for {names}{', while one may appeal or sue' if closed else ''}"
    if record.request.status in OPEN and not destroy:
        return f"request {record.request} is open"
    if record.case is not None and record.case.state == Case.State.OPEN and not destroy:
        return f"case {record.case.number} is open"
    if free.conflicts and not destroy:
        return "two rules contradict each other"
    return ""
