"""Suggestions: having a record looked through, taking the finds among its marks, deciding them in groups.

Nothing here is ever applied: a mark counts once a person has decided it.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core import jobs
from portal.core.errors import BadInput, IllegalMove
from portal.core.models import Queue
from redaction import marks as marks_format
from redaction.plans import checks, decisions, detections, policies
from redaction.plans import services as plans
from redaction.plans.detection_models import Detection, SuggestionDecision
from redaction.plans.models import Plan, Review
from redaction.plans.rows import latest_version, lock, newest_plan, require_open
from redaction.plans.rules import REVIEW, STANDS_ON_APPROVAL
from redaction.plans.suggestion_groups import Group, Merged, is_open, merge

DETECT = "plans.detect"
ROOM = 4_000_000  # bytes of JSON; what a browser may send is 5 MiB
ANSWERS = ("accepted", "adjusted", "rejected")


class NothingMeant(BadInput):
    """No open suggestion is in the group."""

    code = "nothing_meant"


class CannotUndo(IllegalMove):
    code = "cannot_undo"


def ask(
    *, review: Review, kinds: list[str], actor: User, at: datetime, again: bool = False
) -> list[Detection]:
    """This will have the record looked through for each kind of thing by a worker of its own job.

    One that is looked for already is not asked for twice. ``again`` brings back what was rejected.

    :raises BadInput: for a kind that is not looked for in such a file.
    :raises IllegalMove: when the marks of this record may not change now.
    """
    policies.require(actor, review, "save_marks")
    possible = detections.kinds_for(review.record.medium, review.record.format)
    if not kinds or (strange := [kind for kind in kinds if kind not in possible]):
        named = ", ".join(strange) if kinds else "nothing"
        raise BadInput(f"You asked for {named}; in this record one can look for {', '.join(possible)}.")
    return _ask(review, list(dict.fromkeys(kinds)), actor, at, again)


@transaction.atomic
def _ask(review: Review, kinds: list[str], actor: User, at: datetime, again: bool) -> list[Detection]:
    locked = lock(review)
    require_open(locked)
    REVIEW.check("save_marks", locked.status, None)
    if locked.status in STANDS_ON_APPROVAL:
        raise IllegalMove("This record is approved. Send it back before you have it looked through.")
    number = locked.detections.count()
    running = {row.kind: row for row in detections.standing_open(locked)}
    made = []
    for kind in kinds:
        if kind in running:
            made.append(running[kind])
            continue
        number += 1
        job = jobs.enqueue(
            kind=DETECT,
            dedupe_key=f"{DETECT}:{locked.pk}:{number}",
            queue=Queue.MEDIA,
            payload={"review": locked.pk, "number": number},
            input_digest=locked.record.sha256,
        )
        made.append(
            Detection.objects.create(
                review=locked,
                number=number,
                kind=kind,
                again=again,
                source_sha256=locked.record.sha256,
                job=job,
                asked_by=actor,
                asked_at=at,
            )
        )
        _note("review.detection_asked", locked, actor, {"kind": kind, "number": number, "again": again})
    return made


def retry(*, review: Review, number: int, actor: User) -> Detection:
    """This will have a failed search tried again.

    :raises IllegalMove: when it has not failed.
    """
    policies.require(actor, review, "save_marks")
    row = _detection(review, number)
    if row.state != "failed":
        raise IllegalMove("This search has not failed, so there is nothing to try again.")
    with transaction.atomic():
        jobs.retry(row.job)
        _note("review.detection_retried", review, actor, {"kind": row.kind, "number": number})
    return _detection(review, number)


@transaction.atomic
def take_in(row: Detection, found: list[dict[str, Any]], *, at: datetime, actor: User) -> None:
    """This will put finds behind the newest marks, as the next version by the one who asked, under the lock.

    ``found`` fit the file already (:mod:`redaction.plans.detecting`). What finds no room waits in the row.

    :raises IllegalMove: when the marks of this record may not change now.
    """
    review = lock(row.review)
    require_open(review)
    REVIEW.check("save_marks", review.status, None)
    newest = newest_plan(review)
    before = newest.marks["marks"] if newest else []
    earlier = Detection.objects.filter(review=review).exclude(pk=row.pk)
    known = {mark_id for finds in earlier.values_list("finds", flat=True) for mark_id in finds}
    result = merge(before, found, known=known, again=row.again, room=ROOM)
    if result.added:
        row.plan = _keep(review, result, actor, at, row)
    row.count += result.added
    row.waiting = result.waiting
    row.taken_at = None if result.waiting else at
    row.save()


def _keep(review: Review, result: Merged, actor: User, at: datetime, row: Detection) -> Plan:
    return plans.keep(
        review,
        marks_format.parse({"version": marks_format.VERSION, "marks": result.marks}),
        author=actor,
        at=at,
        expected_version=latest_version(review),
        detail={"detection": row.number, "suggested": result.added},
        decided_why="looked for again",
    )


def take_waiting(*, review: Review, number: int, actor: User, at: datetime) -> Detection:
    """This will take in as many finds as there is room for now.

    :raises IllegalMove: when none wait.
    """
    policies.require(actor, review, "save_marks")
    with transaction.atomic():
        lock(review)
        row = _detection(review, number)
        if row.state != "waiting":
            raise IllegalMove("No finds of this search wait.")
        take_in(row, row.waiting, at=at, actor=actor)
    return row


def drop(*, review: Review, number: int, why: str, actor: User, at: datetime) -> Detection:
    """This will set a search aside with what of it waits, for a recorded reason.

    :raises BadInput: without the reason.
    :raises IllegalMove: when it is done, so that its finds are among the marks.
    """
    policies.require(actor, review, "save_marks")
    words = decisions.worded(why)
    with transaction.atomic():
        lock(review)
        row = _detection(review, number)
        if row.state not in ("waiting", "failed", "running"):
            raise IllegalMove("What this search found is among the marks already. Decide it there.")
        row.dropped_at, row.dropped_by, row.dropped_why = at, actor, words
        row.save()
        _note(
            "review.detection_dropped",
            review,
            actor,
            {"kind": row.kind, "number": number, "waiting": len(row.waiting)},
        )
    return row


def decide(
    *,
    review: Review,
    group: Group,
    decision: str,
    why: str,
    actor: User,
    at: datetime,
    expected_version: int,
    reason: str = "",
    exemption: str = "",
) -> SuggestionDecision:
    """This will answer every open suggestion of a group in one step, as the next version of the marks.

    Accepted and adjusted ones get ``reason`` and ``exemption`` where they are given.

    :raises NothingMeant: when nothing open is in the group.
    :raises BadInput: without a reason in words, or with a code the law has not.
    :raises StaleWrite: when somebody saved another version in the meantime.
    """
    policies.require(actor, review, "save_marks")
    if decision not in ANSWERS:
        raise BadInput("A suggestion is accepted, adjusted or rejected.")
    words = decisions.worded(why)
    newest = _newest(review)
    meant = {
        row.mark["id"] for row in detections.listed(review, newest.marks) if group.holds(row)
    }  # against the version the person had in front: another one is refused below
    if not meant:
        raise NothingMeant("No open suggestion is in this group any more.")
    cites = {"reason": reason, "exemption": exemption} if decision != "rejected" else {}
    patch = {"decision": decision, **{name: code for name, code in cites.items() if code}}
    changed = [{**entry, **patch} if entry["id"] in meant else entry for entry in newest.marks["marks"]]
    parsed = checks.checked(review.record, {**newest.marks, "marks": changed}, at=at, reasons_open=True)
    with transaction.atomic():
        plan = plans.keep(
            review, parsed, author=actor, at=at, expected_version=expected_version,
            detail={"decided": decision, "count": len(meant)}, decided_why="",
        )  # fmt: skip
        return decisions.keep(
            plan, decision, meant, group.described(), why=words, actor=actor, at=at,
            reason=cites.get("reason", ""), exemption=cites.get("exemption", ""),
        )  # fmt: skip


def undo(*, review: Review, decision: int, why: str, actor: User, at: datetime) -> SuggestionDecision:
    """This will open again, as a new version, what a decision answered and nobody changed since.

    :raises CannotUndo: when nothing of it stands as it was left.
    """
    policies.require(actor, review, "save_marks")
    words = decisions.worded(why)
    row = SuggestionDecision.objects.filter(review=review, pk=decision).exclude(decision="reopened").first()
    if row is None:
        raise BadInput("There is no such decision on this record.")
    newest = _newest(review)
    left = decisions.by_id(row.plan)
    before = decisions.by_id(review.plans.filter(version=row.plan.version - 1).first())
    answered = {
        mark_id
        for mark_id, entry in left.items()
        if entry.get("decision") == row.decision and is_open(before.get(mark_id, {}))
    }
    standing = decisions.by_id(newest)
    opened = {mark_id for mark_id in answered if standing.get(mark_id) == left[mark_id]}
    if not opened or SuggestionDecision.objects.filter(undoes=row).exists():
        raise CannotUndo("This decision was taken back already, or its marks were changed since.")
    changed = [before[entry["id"]] if entry["id"] in opened else entry for entry in newest.marks["marks"]]
    parsed = checks.checked(review.record, {**newest.marks, "marks": changed}, at=at, reasons_open=True)
    with transaction.atomic():
        plan = plans.keep(
            review, parsed, author=actor, at=at, expected_version=newest.version,
            detail={"decided": "reopened", "count": len(opened)}, decided_why="",
        )  # fmt: skip
        return decisions.keep(plan, "reopened", opened, row.group, why=words, actor=actor, at=at, undoes=row)


def _detection(review: Review, number: int) -> Detection:
    row = Detection.objects.select_related("job").filter(review=review, number=number).first()
    if row is None:
        raise BadInput("There was no such search of this record.")
    return row


def _newest(review: Review) -> Plan:
    plan = newest_plan(review)
    if plan is None:
        raise NothingMeant("This record has no marks yet.")
    return plan


def _note(action: str, review: Review, actor: User, detail: dict[str, Any]) -> None:
    audit.record(
        action=action, actor=actor, subject=review, request_key=review.record.request.key, detail=detail
    )
