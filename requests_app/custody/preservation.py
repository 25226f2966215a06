"""The only code that asks staff to have recordings kept, presses them, and takes their proof."""

from datetime import date, datetime

from django.db import transaction

from portal.accounts.models import User
from portal.accounts.rules import PERMISSIONS, Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, NotAllowed, StaleWrite
from requests_app.correspondence import services as correspondence
from requests_app.custody import policies, tracing
from requests_app.custody.holds import place_hold
from requests_app.custody.models import PreservationTask, RetentionConflict
from requests_app.custody.rules import ALERT_LEVELS, Alert, alert
from requests_app.custody.schedules import rules_on
from requests_app.docket.models import RecordsRequest, RequestItem
from requests_app.docket.recusals import free
from requests_app.docket.rules import OPEN
from requests_app.law import retention
from requests_app.law.material import Answer, Material


class AlreadyAttested(StaleWrite):
    """Somebody confirmed the preservation first."""

    code = "already_attested"


@transaction.atomic
def preserve(*, request: RecordsRequest, actor: User | None, at: datetime) -> list[PreservationTask]:
    """This will hold what a request asks for and ask staff to have it kept, item by item.

    Each task carries the earliest scheduled destruction among what the item may be, with the rule in words.
    Where the law orders destruction and names no request as a reason to wait, counsel is asked at once.
    """
    tasks = []
    for item in request.items.order_by("position"):
        place_hold(request=request, item=item, at=at, actor=actor, scope=item.description)
        answer, series = _earliest(request, item, at)
        task = open_preservation_task(
            request=request, what=item.description, destroy_on=answer.on,
            rule=answer.rule or answer.kept_open, actor=actor, item=item, series=series, answer=answer, at=at,
        )  # fmt: skip
        _ask_counsel(task, at)
        tasks.append(task)
    return tasks


def expected(request: RecordsRequest, item: RequestItem, series: str, *, asked: bool = False) -> Material:
    """This will say what the rules are asked about a recording that is still where it was made."""
    zone = request.agency.time_zone
    return Material(
        series,
        tracing.day_of(item.starts_at, zone),
        body=request.agency.body,
        agency=request.agency.short_name,
        held_outside=True,
        on_hold=asked,
        request_open=asked,
    )


def _earliest(request: RecordsRequest, item: RequestItem, at: datetime) -> tuple[Answer, str]:
    today = tracing.day_of(at, request.agency.time_zone) or at.date()
    rules = rules_on(request.agency, today)
    found = [
        (retention.earliest(rules, expected(request, item, series), on=today), series)
        for series in tracing.kinds_asked(request)
    ]
    dated = [pair for pair in found if pair[0].on]
    return min(dated, key=lambda pair: pair[0].on or date.max) if dated else (found or [(Answer(), "")])[0]


@transaction.atomic
def open_preservation_task(
    *,
    request: RecordsRequest,
    what: str,
    destroy_on: date | None = None,
    rule: str = "",
    actor: User | None = None,
    item: RequestItem | None = None,
    series: str = "",
    answer: Answer | None = None,
    at: datetime | None = None,
) -> PreservationTask:
    """This will ask staff to have something kept by the system that recorded it. Once for each thing."""
    task, created = PreservationTask.objects.get_or_create(
        request=request,
        what=what[:300],
        defaults={
            "destroy_on": destroy_on,
            "rule": rule[:300],
            "rule_id": answer.rule_id if answer else "",
            "because": [str(line) for line in answer.lines] if answer else [],
            "ask_by": answer.ask_by if answer else None,
            "item": item,
            "series": series,
            "asked_at": at or request.received_at,
        },
    )
    if created:
        audit.record(action="custody.preservation_asked", actor=actor, subject=task, request_key=request.key)
    return task


def _ask_counsel(task: PreservationTask, at: datetime) -> None:
    item, request = task.item, task.request
    today = tracing.day_of(at, request.agency.time_zone)
    if item is None or today is None or task.conflicts.exists():
        return
    seen = expected(request, item, task.series, asked=True)
    for conflict in retention.judge(rules_on(request.agency, today), seen, on=today).conflicts[:1]:
        row = RetentionConflict.objects.create(
            task=task, hold=request.holds.filter(item=item).first(), destroy_on=conflict.on,
            rule_id=conflict.rule, citation=conflict.citation[:300], request_hold=conflict.request_hold,
            words=conflict.text, opened_at=at,
        )  # fmt: skip
        audit.record(
            action="custody.conflict_opened", actor=None, subject=row, request_key=request.key,
            detail={"rule": conflict.rule, "on": conflict.on.isoformat()},
        )  # fmt: skip


def attest_preserved(*, task: PreservationTask, actor: User, at: datetime, evidence: str) -> None:
    """This will close a preservation task with the proof: a ticket number or a hash.

    :raises BadInput: without evidence.
    :raises AlreadyAttested: when somebody confirmed it first.
    """
    if not policies.may_attest(actor, task.request):
        audit.record_denied(
            action="custody.preserved",
            actor=actor,
            subject=task,
            request_key=task.request.key,
            why=NotAllowed.code,
        )
        raise NotAllowed("Your role does not include confirming preservation.")
    evidence = evidence.strip()
    if not 0 < len(evidence) <= 300:
        raise BadInput(
            "Give the ticket number or hash that shows the recording is kept (at most 300 characters)."
        )
    with transaction.atomic():
        open_task = PreservationTask.objects.filter(pk=task.pk, attested_at=None)
        if not open_task.update(attested_by=actor, attested_at=at, evidence=evidence):
            raise AlreadyAttested("Somebody else has confirmed this already.")
        audit.record(action="custody.preserved", actor=actor, subject=task, request_key=task.request.key)
    task.attested_by, task.attested_at, task.evidence = actor, at, evidence


def alert_of(task: PreservationTask, today: date) -> Alert:
    """This will say how pressing a task is today; nothing is once it is attested or the request is over."""
    if task.attested_at is not None or task.request.status not in OPEN:
        return Alert.NONE
    asked = tracing.day_of(task.asked_at, task.request.agency.time_zone) or today
    return alert(task.destroy_on, asked, today)


def press(*, at: datetime) -> int:
    """This will mail the people responsible as a destruction comes closer: at half the time, at two days,
    on the day. One mail a person and level, however often it runs. Gives how many tasks rose.
    """
    rows = PreservationTask.objects.filter(
        attested_at=None, destroy_on__isnull=False, request__status__in=OPEN
    ).select_related("request__agency", "request__assignee")
    risen = 0
    for task in rows.order_by("destroy_on", "pk").iterator(chunk_size=500):
        today = tracing.day_of(at, task.request.agency.time_zone)
        level = ALERT_LEVELS[alert_of(task, today)] if today else 0
        if level > task.alerted:
            _mail(task, level)
            risen += 1
    return risen


@transaction.atomic
def _mail(task: PreservationTask, level: int) -> None:
    if not PreservationTask.objects.filter(pk=task.pk, alerted__lt=level).update(alerted=level):
        return
    for person in responsible(task.request):
        correspondence.queue_mail(
            to=person.email,
            template="staff_preserve",
            context={**correspondence.links(task.request), "task": task},
            request=task.request,
            dedupe_key=f"preserve:{task.pk}:{level}:{person.pk}",
        )
    audit.record(
        action="custody.preservation_pressed", actor=None, subject=task, request_key=task.request.key,
        detail={"level": level},
    )  # fmt: skip


def responsible(request: RecordsRequest) -> list[User]:
    """This will name whom to press: the request's owner, or everybody who keeps retention."""
    if request.assignee is not None and request.assignee.is_active:
        return [request.assignee]
    keepers = [role for role, carried in PERMISSIONS.items() if Permission.KEEP_RETENTION in carried]
    return free(
        User.objects.filter(is_active=True, grants__role__in=keepers).distinct().order_by("pk"), request
    )
