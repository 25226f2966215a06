"""Keeping what people saw, and asking that enough was seen before marks go on."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import BadInput, IllegalMove, NotAllowed
from redaction.plans import checks, extents
from redaction.plans.coverage import Claim, Coverage, believed, in_words, joined, smoothed
from redaction.plans.models import Plan, Review
from redaction.plans.rules import media_of
from redaction.plans.seen_models import SPEEDS, CoverageRule, PlanCoverage, Seen, Watch
from requests_app.custody.models import ResponsiveRecord
from requests_app.law.models import Agency

UNIT = {
    **dict.fromkeys(("pdf", "office", "image"), "page"),
    **dict.fromkeys(("video", "audio"), "second"),
    **dict.fromkeys(("table", "flight"), "row"),
}
_BY_HEADER = ("pdf", "video", "audio")  # a quick look says how much there is
UNCOUNTED = {
    "page": "how many pages there are is not known yet; opening the record on its work page counts them",
    "row": "how many rows there are is not known yet; opening the record on its work page counts them",
    "second": "how long it is could not be told",
}
RECOMMENDED_SPEED = 2
MOST_CLAIMS = 200
_MOST_RANGES = 5_000
_DAY = 86_400


class NotSeen(IllegalMove):
    """Somebody who has not seen enough of a record wants to pass it on."""

    code = "not_seen"


def opened(*, record: ResponsiveRecord, person: User, at: datetime) -> None:
    """This will start the person's clock: what she tells later is believed as far as time has passed."""
    Watch.objects.get_or_create(record=record, person=person, defaults={"told_at": at})


@transaction.atomic
def note(*, record: ResponsiveRecord, person: User, claims: Sequence[Claim], at: datetime) -> list[Claim]:
    """This will keep what a person says she looked at, as far as it fits in the time since she last said so.

    Gives what was believed. A film's seconds cannot grow faster than their speed times the clock's.

    :raises BadInput: for units this record has not, or values that mean nothing.
    """
    units = {UNIT[medium] for medium in media_of(record.medium, record.format)}
    for claim in claims:
        if claim.unit not in units and not (claim.unit == "second" and record.medium == "flight"):
            raise BadInput("This record has no such units.")
        if not 0 <= claim.start <= claim.end < 1e9 or not 0.05 <= claim.speed <= 64:
            raise BadInput("What was seen is a range, from before to.")
    Watch.objects.get_or_create(record=record, person=person, defaults={"told_at": at})
    watch = Watch.objects.select_for_update().get(record=record, person=person)
    kept = believed(claims, (at - watch.told_at).total_seconds())
    if at > watch.told_at:
        watch.told_at = at
        watch.save(update_fields=["told_at"])
    by_row: dict[tuple[str, int], list[tuple[float, float]]] = defaultdict(list)
    for claim in kept:
        if claim.band is not None:
            by_row[claim.unit, claim.band].append((claim.start, claim.end))
    for (unit, speed), ranges in by_row.items():
        row, _made = Seen.objects.get_or_create(
            record=record, person=person, unit=unit, speed=speed, defaults={"since": at, "at": at}
        )
        row.ranges, row.at = joined([*map(tuple, row.ranges), *ranges], unit)[:_MOST_RANGES], at
        row.save(update_fields=["ranges", "at"])
    return kept


def total_of(record: ResponsiveRecord) -> float | None:
    """This will say how many pages, seconds or rows there are; None while nobody has counted them.

    A header tells it of a PDF or a film; of the others, and of a film with a silent header, the first page
    on which somebody looks at the record does (:mod:`redaction.plans.extents`).
    """
    if record.medium == "image":
        return 1.0
    found = _by_header(record) if record.medium in _BY_HEADER else None
    return found or extents.known(record, record.medium)


def _by_header(record: ResponsiveRecord) -> float | None:
    name = f"coverage-total:{record.sha256}"
    known: float | None = cache.get(name)
    if known is None:
        try:
            facts = checks.facts_of(record)
        except BadInput:
            return None
        known = float(len(facts.pages)) if record.medium == "pdf" else facts.seconds
        cache.set(name, known, _DAY)
    return known


def of(record: ResponsiveRecord, person: User, *, speed: int) -> Coverage:
    """This will say what a person has seen of a record at up to ``speed``.

    What may be taken for two kinds of file, a workbook for pages, is measured as the one she saw more of.
    """
    return _of(record, person, speed, total_of(record))


def _of(record: ResponsiveRecord, person: User, speed: int, whole: float | None) -> Coverage:
    found = [_seen_as(record, person, record.medium, speed, whole)]
    for other in media_of(record.medium, record.format)[1:]:
        counted = extents.known(record, other)
        if counted is not None and (whole is None or UNIT[other] != UNIT[record.medium]):
            found.append(_seen_as(record, person, other, speed, counted))
    return max(found, key=lambda one: one.share)


def _seen_as(
    record: ResponsiveRecord, person: User, medium: str, speed: int, whole: float | None
) -> Coverage:
    unit = UNIT[medium]
    rows = Seen.objects.filter(record=record, person=person, unit=unit).filter(
        Q(speed__lte=speed) if unit == "second" else Q()
    )
    ranges = [(start, end) for row in rows for start, end in row.ranges]
    return Coverage(unit, speed, smoothed(ranges, whole, unit), whole)


def rule_for(record: ResponsiveRecord) -> CoverageRule:
    """This will give the rule for a record's class: of its series, else of its medium, else the default.

    The default recommends each page once and each second at up to twice its speed, and demands nothing.
    """
    agency = record.request.agency
    rows = CoverageRule.objects.filter(agency=agency, medium=record.medium, ended_at=None)
    found = {row.series: row for row in rows.filter(series__in={"", record.series})}
    standard = CoverageRule(agency=agency, medium=record.medium, share=0, speed=RECOMMENDED_SPEED)
    return found.get(record.series) or found.get("") or standard


def set_rule(
    *,
    agency: Agency,
    medium: str,
    series: str,
    share: int,
    speed: int,
    people: Sequence[str],
    actor: User,
    at: datetime,
) -> CoverageRule:
    """This will put a rule for a class of records in the place of the one that stood.

    :raises NotAllowed: for anybody but an administrator.
    :raises BadInput: for a demand that could not be measured, or on nobody.
    """
    if not actor.may(Permission.ADMINISTER):
        raise NotAllowed("This page is for administrators.")
    if medium not in UNIT or speed not in SPEEDS or not 0 <= share <= 100:
        raise BadInput("Choose a kind of record, a share from 0 to 100 and a speed.")
    chosen = [part for part in ("marker", "approver") if part in people]
    if share and not chosen:
        raise BadInput("Say of whom it is demanded.")
    with transaction.atomic():
        audit.hold_chain()
        standing = CoverageRule.objects.filter(agency=agency, medium=medium, series=series, ended_at=None)
        standing.update(ended_at=at)
        row = CoverageRule.objects.create(
            agency=agency, medium=medium, series=series, share=share, speed=speed, people=chosen,
            set_by=actor, at=at,
        )  # fmt: skip
        audit.record(
            action="coverage.rule_set",
            actor=actor,
            subject=row,
            detail={"medium": medium, "series": series, "share": share, "speed": speed, "people": chosen},
        )
    return row


def obstacle(review: Review, person: User, part: str, *, total: float | None) -> str:
    """This will say what a person must still look at before she passes a record on; empty for nothing.

    ``total`` is the record's ``total_of``, which may open the file: asked for before anything is locked.
    """
    rule = rule_for(review.record)
    if not rule.share or part not in rule.people:
        return ""
    found = _of(review.record, person, rule.speed, total)
    if found.meets(rule.share):
        return ""
    demand = f"Your agency asks for {rule.share} % of such a record to be seen"
    demand += f" at up to {rule.speed} times its speed" if found.unit == "second" else ""
    if found.total is None:
        return f"{demand}, and {UNCOUNTED[found.unit]}. An administrator can lower the demand."
    return f"{demand}. You have seen {found.per_cent} %; not yet: {in_words(found.missing, found.unit)}."


def bind(
    plan: Plan, person: User, part: str, *, at: datetime, demanded: bool, total: float | None
) -> PlanCoverage:
    """This will write beside a version of the marks how much a person had seen when she passed it on.

    Called under the review's lock, with the ``total_of`` from before it.

    :raises NotSeen: when less than the agency demands of her; ``demanded`` False where nothing goes out.
    """
    record = plan.review.record
    rule = rule_for(record)
    if demanded and (words := obstacle(plan.review, person, part, total=total)):
        raise NotSeen(words)
    found = _of(record, person, rule.speed, total)
    newest = plan.coverage.filter(part=part).first()
    if newest is not None and (newest.person_id, newest.ranges_digest) == (person.pk, found.digest):
        return newest  # asked again, nothing seen since
    return PlanCoverage.objects.create(
        plan=plan,
        person=person,
        part=part,
        unit=found.unit,
        speed=found.speed,
        seen=found.seen,
        total=found.total,
        demanded=rule.share if demanded and part in rule.people else 0,
        ranges=found.ranges,
        ranges_digest=found.digest,
        at=at,
    )


def bound(plan: Plan) -> list[PlanCoverage]:
    """This will give the newest word of the marker and of the approver about a version, in this order."""
    rows: dict[str, PlanCoverage] = {}
    for row in plan.coverage.select_related("person").order_by("id"):
        rows[row.part] = row
    return [rows[part] for part in ("marker", "approver") if part in rows]


def as_data(row: PlanCoverage) -> dict[str, Any]:
    """This will give a bound coverage as the API and the review page show it."""
    return {
        "part": row.part,
        "unit": row.unit,
        "speed": row.speed,
        "seen": row.seen,
        "total": row.total,
        "per_cent": row.per_cent,
        "demanded": row.demanded,
        "ranges_digest": row.ranges_digest,
        "at": row.at.isoformat(),
    }
