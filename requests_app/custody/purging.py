"""Destruction by two people: what is due, who proposes, who confirms. A job does it, see destroying.py."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.db import transaction
from django.db.models import Max, QuerySet

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import moves
from portal.audit import services as audit
from portal.core import jobs
from portal.core.errors import BadInput, DomainError, NotAllowed
from portal.core.models import Queue
from requests_app.custody import policies, tracing
from requests_app.custody.judging import Judged, judge_all, live
from requests_app.custody.models import Purge, PurgeItem
from requests_app.custody.rules import PURGE, PurgeFacts
from requests_app.docket import recusals
from requests_app.docket.models import RecordsRequest
from requests_app.law.material import SEVERITIES
from requests_app.law.models import Agency

JOB = "custody.purge"


class SelfConfirmation(NotAllowed):
    """The person who proposed a destruction cannot confirm it."""

    code = "self_confirmation"


class NotDue(DomainError):
    """The record may not be destroyed now; says why."""

    code = "not_due"


@dataclass(frozen=True)
class Group:
    """The due records of one series and severity, for the preview."""

    series: str
    severity: str
    rows: tuple[Judged, ...]

    @property
    def bytes(self) -> int:
        return sum(row.record.size for row in self.rows)

    @property
    def severity_words(self) -> str:
        return SEVERITIES.get(self.severity, "")


def preview(agency: Agency, today: date, reader: User | None = None) -> tuple[list[Group], list[Judged]]:
    """This will give what is due, by series and severity, and what is due but left alone, with why.

    What the reader is recused from is left out: somebody else puts it on a list.
    """
    hidden = RecordsRequest.objects.barred_to(reader) if reader else RecordsRequest.objects.none()
    barred = set(hidden.values_list("pk", flat=True))
    judged = (found for found in judge_all(agency, today) if found.record.request_id not in barred)
    due = [found for found in judged if found.is_due(today)]
    free = sorted((row for row in due if not row.blocked), key=_kind)
    groups = [Group(*kind, tuple(rows)) for kind, rows in groupby(free, key=_kind)]
    return groups, [row for row in due if row.blocked]


def _kind(row: Judged) -> tuple[str, str]:
    case = row.record.case
    return row.record.series, row.record.severity or (case.severity if case else "")


def propose(*, agency: Agency, records: Collection[str], actor: User, at: datetime, note: str = "") -> Purge:
    """This will put due records (by key) on a list for a second person.

    For somebody who is recused from a record's request, there is no such record.

    :raises NotDue: when one of them is not due, or something stands against it.
    """
    policies.require(actor, Permission.KEEP_RETENTION, "custody.purge_proposed", agency)
    if not records:
        raise BadInput("Choose at least one record.")
    today = tracing.day_of(at, agency.time_zone) or at.date()
    rows = recusals.without(live(agency).filter(key__in=set(records)), actor)
    found = list(judge_all(agency, today, rows))
    if len(found) != len(set(records)):
        raise NotDue("One of the records does not exist any more. Look at the list again.")
    for row in found:
        if why := not_now(row, today):
            raise NotDue(f"{row.record.title}: {why}.")
    with transaction.atomic():
        Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
        last = Purge.objects.filter(agency=agency).aggregate(last=Max("number"))["last"] or 0
        purge = Purge.objects.create(
            agency=agency, number=last + 1, proposed_by=actor, proposed_at=at, note=note.strip()[:500],
            digest=_digest_of([(row.record.pk, row.record.sha256) for row in found]),
        )  # fmt: skip
        PurgeItem.objects.bulk_create([_item(purge, row) for row in found])
        audit.record(
            action="custody.purge_proposed", actor=actor, subject=purge,
            detail={"records": len(found), "digest": purge.digest},
        )  # fmt: skip
    return purge


def _item(purge: Purge, row: Judged) -> PurgeItem:
    series, severity = _kind(row)
    assert row.due_on is not None  # noqa: S101  not_now() has refused it otherwise
    return PurgeItem(
        purge=purge, record=row.record, series=series, severity=severity, size=row.record.size,
        sha256=row.record.sha256, due_on=row.due_on, rule_id=row.free.rule_id, rule=row.rule[:300],
        because=[str(line) for line in row.free.lines],
    )  # fmt: skip


def not_now(row: Judged, today: date) -> str:
    """This will say why a record may not be destroyed today, or nothing."""
    if row.blocked:
        return row.blocked
    return "" if row.is_due(today) else "its day has not come"


def _digest_of(rows: Sequence[tuple[int, str]]) -> str:
    return hashlib.sha256(json.dumps(sorted(rows)).encode()).hexdigest()


def confirm(*, purge: Purge, actor: User, at: datetime, digest: str) -> None:
    """This will let the job begin, by the word of somebody who did not propose it.

    ``digest`` is that of the list the person saw.

    :raises Recused: for somebody recused from any record on it; audited.
    :raises SelfConfirmation: for the proposer; audited.
    """
    policies.require(actor, Permission.PURGE, "purge.confirm", purge)
    require_free(purge, actor, "purge.confirm")
    if actor.pk == purge.proposed_by_id:
        audit.record_denied(action="purge.confirm", actor=actor, subject=purge, why=SelfConfirmation.code)
        raise SelfConfirmation("You proposed this destruction yourself. Another person has to confirm it.")
    with transaction.atomic():
        locked = Purge.objects.select_for_update().get(pk=purge.pk)
        # counted anew, so that no row was slipped in below the proposer's digest
        rows = list(locked.items.values_list("record_id", "sha256"))
        facts = PurgeFacts(own=actor.pk == locked.proposed_by_id, changed=digest != _digest_of(rows))
        moves.apply(
            row=locked, machine=PURGE, action="confirm", actor=actor, facts=facts,
            changes={"confirmed_by": actor, "confirmed_at": at},
            detail={"proposed_by": locked.proposed_by_id, "digest": locked.digest},
        )  # fmt: skip
        job = jobs.enqueue(
            kind=JOB, dedupe_key=f"{JOB}:{locked.pk}", queue=Queue.BUILD, payload={"purge": locked.pk},
            input_digest=locked.digest,
        )  # fmt: skip
        Purge.objects.filter(pk=locked.pk).update(job=job)
    purge.refresh_from_db()


def refuse(*, purge: Purge, actor: User, at: datetime, why: str) -> None:
    """This will give a proposed destruction up.

    :raises Recused: for somebody recused from any record on it; audited.
    :raises BadInput: without a reason.
    """
    if not (actor.may(Permission.KEEP_RETENTION) or actor.may(Permission.PURGE)):
        policies.require(actor, Permission.KEEP_RETENTION, "purge.refuse", purge)
    require_free(purge, actor, "purge.refuse")
    if not why.strip():
        raise BadInput("Say why the list is given up.")
    moves.apply(
        row=purge, machine=PURGE, action="refuse", actor=actor,
        changes={"ended_by": actor, "ended_at": at, "ended_why": why.strip()[:500]},
    )  # fmt: skip


def hidden_on(purge: Purge, reader: User) -> QuerySet[RecordsRequest]:
    """This will give the requests with a record on the list that the reader is recused from."""
    return RecordsRequest.objects.barred_to(reader).filter(records__purge_items__purge=purge)


def require_free(purge: Purge, person: User, action: str) -> None:
    """:raises Recused: for somebody recused from any record on the list, which is decided whole; audited."""
    if (request := hidden_on(purge, person).first()) is not None:
        recusals.require_free(person, request, action)
