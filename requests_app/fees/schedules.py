"""Writing, publishing and trying out fee schedules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from portal.accounts import policies
from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput
from requests_app.fees.models import PublishedSchedule, ScheduleStatus
from requests_app.fees.selectors import data_of
from requests_app.law import fees as engine
from requests_app.law import work as works
from requests_app.law.fee_law import FeeLaw
from requests_app.law.models import Agency, LawPack
from requests_app.law.selectors import pack_in_use, parsed

_REFUSAL = "Your role does not include fee schedules."

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Misfit:
    """Why a span of days does not fit among the published schedules: the field and the sentence."""

    field: str
    sentence: str


@transaction.atomic
def create(
    *,
    agency: Agency,
    name: str,
    rows: Sequence[Mapping[str, Any]] | None,
    policy: Mapping[str, Any],
    effective_from: date,
    effective_to: date | None,
    resolution: str,
    actor: User,
) -> PublishedSchedule:
    """This will write a draft version, held to the law's ceilings at once.

    :raises ScheduleError: when a row is unknown to the law or its rate exceeds what the law allows.
    """
    policies.require(actor, Permission.PUBLISH_SCHEDULES, _REFUSAL)
    _lock(agency)
    last = PublishedSchedule.objects.filter(agency=agency).aggregate(last=Max("version"))["last"] or 0
    row = PublishedSchedule(
        agency=agency,
        name=name,
        version=last + 1,
        law_code=agency.law,
        policy=dict(policy),
        resolution=resolution,
        rows=[dict(each) for each in rows] if rows is not None else None,
        effective_from=effective_from,
        effective_to=effective_to,
    )
    read(row)
    row.save()
    audit.record(action="fees.schedule_drafted", actor=actor, subject=row, detail={"version": row.version})
    return row


@transaction.atomic
def publish(*, schedule: PublishedSchedule, actor: User, at: datetime) -> PublishedSchedule:
    """This will put a draft in force from its date; the version before ends the day before.

    Where a version that begins later is published already, this one ends the day before that.

    :raises BadInput: when it is published already, or another begins the same day.
    """
    policies.require(actor, Permission.PUBLISH_SCHEDULES, _REFUSAL)
    _lock(schedule.agency)
    row = PublishedSchedule.objects.select_for_update().get(pk=schedule.pk)
    if row.status == ScheduleStatus.PUBLISHED:
        raise BadInput(f"{row} is published already.")
    if fault := misfit(row.agency, row.effective_from, row.effective_to):
        raise BadInput(fault.sentence)
    if row.law_code != row.agency.law:
        raise BadInput(f"{row} was written for the law of {row.law_code}. Write a new version for this one.")
    read(row)
    before, after = neighbours(row.agency, row.effective_from)
    if before is not None:
        PublishedSchedule.objects.filter(pk=before.pk).update(effective_to=row.effective_from - ONE_DAY)
    if after is not None:
        row.effective_to = after.effective_from - ONE_DAY
    row.status, row.published_by, row.published_at = ScheduleStatus.PUBLISHED, actor, at
    row.save()
    audit.record(action="fees.schedule_published", actor=actor, subject=row, detail={"version": row.version})
    return row


def neighbours(agency: Agency, day: date) -> tuple[PublishedSchedule | None, PublishedSchedule | None]:
    """This will give the published schedules that begin before and after a day, the nearest of each."""
    published = PublishedSchedule.objects.filter(agency=agency, status=ScheduleStatus.PUBLISHED)
    before = published.filter(effective_from__lt=day).order_by("-effective_from").first()
    return before, published.filter(effective_from__gt=day).order_by("effective_from").first()


def misfit(agency: Agency, begins: date, ends: date | None) -> Misfit | None:
    """This will say what is wrong with a span among the published ones: no gap, no overlap, no day twice.

    The version before is cut short by a later one; nothing else may change for it to fit.
    """
    published = PublishedSchedule.objects.filter(agency=agency, status=ScheduleStatus.PUBLISHED)
    if published.filter(effective_from=begins).exists():
        said = f"Another published schedule begins on {begins} already. Choose another day."
        return Misfit("effective_from", said)
    before, after = neighbours(agency, begins)
    if before is not None and before.effective_to is not None and before.effective_to + ONE_DAY < begins:
        first = before.effective_to + ONE_DAY
        return Misfit(
            "effective_from",
            f"No schedule would be in force from {first} to {begins - ONE_DAY}: {before} ends before."
            f" Begin on {first}.",
        )
    if after is None or ends is None or ends == after.effective_from - ONE_DAY:
        return None
    how = "overlap with" if ends >= after.effective_from else "leave days without a schedule before"
    said = f"It would {how} {after}, which begins on {after.effective_from}. Leave this empty."
    return Misfit("effective_to", said)


def simulate(*, schedule: PublishedSchedule, work: Mapping[str, Any], received: date) -> engine.Quote:
    """This will quote made-up work under a schedule, draft or not, changing nothing.

    :raises WorkError: when the work cannot be read.
    """
    return engine.quote(read(schedule), works.parse({**work, "received": received.isoformat()}))


def read(row: PublishedSchedule) -> engine.FeeSchedule:
    """This will give the engine's reading of a schedule row, or raise what is wrong with it."""
    return engine.FeeSchedule.parse(data_of(row), law_of(row))


def law_of(row: PublishedSchedule) -> FeeLaw:
    """This will give the fee law a schedule was written for: the one in use, or an earlier law's newest."""
    pack = pack_in_use(row.agency)
    if row.law_code != row.agency.law:
        pack = LawPack.objects.filter(code=row.law_code).order_by("-pk").first() or pack
    return parsed(pack).fees


def _lock(agency: Agency) -> None:
    # two people at the editor: versions are numbered, and days compared, one after the other
    Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
