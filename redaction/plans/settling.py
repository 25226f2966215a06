"""Deciding what stands open elsewhere: marked there too, left as it is, or put right where it was."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core.errors import BadInput, IllegalMove, NotAllowed, StaleWrite
from redaction.marks import Marks
from redaction.plans import checks, listing, policies
from redaction.plans import services as plans
from redaction.plans.finding_models import OUTCOMES, Finding, FindingDecision
from redaction.plans.findings import open_findings
from redaction.plans.models import Review
from redaction.plans.rows import latest_version, lock, newest_plan, newest_render, require_open
from redaction.plans.suggestion_groups import content_of, is_open
from redaction.plans.versions import under_new_ids


class AlreadySettled(IllegalMove):
    code = "already_settled"


def settle(
    *, review: Review, finding: int, outcome: str, why: str, actor: User, at: datetime
) -> FindingDecision:
    """This will write down what a person decided about a finding of the newest result, with her reason.

    ``mark_there`` adds the same words to the marks of the other record, which voids an approval of it.

    :raises NotAllowed: for somebody who may neither mark nor approve the record.
    :raises BadInput: without a reason, or for an outcome that this finding cannot have.
    :raises AlreadySettled: when it is no open finding of the newest result.
    """
    if not (policies.may_mark(actor, review) or policies.may_approve(actor, review)):
        policies.refuse(actor, review, "settle", NotAllowed("Your role does not include this step."))
    words = " ".join(why.split())
    if not 0 < len(words) <= 500:
        raise BadInput("Say why, in 1 to 500 characters. It is kept with the decision.")
    change = _change_there(review, finding, actor, at) if outcome == "mark_there" else None
    with transaction.atomic():
        _lock_both(review, finding)
        locked = lock(review)
        require_open(locked)
        render = newest_render(locked)
        row = open_findings(render).filter(pk=finding).first() if render is not None else None
        if row is None:
            raise AlreadySettled("This was decided already, or the record was made again since. Look again.")
        if outcome not in outcomes_of(row):
            raise BadInput("Choose what is to be done: this finding cannot be settled so.")
        if change is not None:
            _mark_there(change, locked, actor, at)
        made = FindingDecision.objects.create(
            review=locked, finding=row, key=row.key, outcome=outcome, why=words, by=actor, at=at
        )
        listing.list_more(row.render)
        audit.record(
            action="review.finding_settled",
            actor=actor,
            subject=locked,
            request_key=locked.record.request.key,
            detail={"finding": row.pk, "same": row.same, "outcome": outcome, "other": row.other.key},
        )
    return made


def _lock_both(review: Review, finding: int) -> None:
    """Always in one order, so that two people who settle two records against each other take turns."""
    others = Finding.objects.filter(pk=finding, review=review).values("other")
    both = Review.objects.filter(Q(pk=review.pk) | Q(record__in=others))
    list(both.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def outcomes_of(finding: Finding) -> list[str]:
    """This will name what can be done about a finding, what protects most first."""
    request = finding.review.record.request
    can_mark = (
        finding.same == "text"
        and not finding.open_here
        and not finding.released
        and finding.other.request_id == request.pk
        and finding.other.medium in ("pdf", "office")
    )
    wanted = {"mark_there": can_mark, "follow_up": finding.released and not finding.open_here, "leave": True}
    return [name for name in OUTCOMES if wanted[name]]


@dataclass(frozen=True)
class _Change:
    """The other record's marks with one more; ``marks`` is None when it is among them already."""

    review: Review
    version: int
    marks: Marks | None


def _change_there(review: Review, finding: int, actor: User, at: datetime) -> _Change | None:
    """What is to be saved there, checked against its file before anything is locked.

    :raises NotAllowed: when the actor may not mark the other record; audited.
    """
    row = Finding.objects.filter(pk=finding, review=review).first()
    if row is None or "mark_there" not in outcomes_of(row):
        return None
    other = plans.open_review(record=row.other)
    policies.require(actor, other, "save_marks")
    newest = newest_plan(other)
    before: list[dict[str, Any]] = newest.marks["marks"] if newest else []
    mine = {entry["id"]: entry for entry in row.render.plan.marks["marks"]}.get(row.mark_id, {})
    # a finding keeps the first letters of a long text: the mark has all of them
    bare = {"kind": "text", "literal": mine.get("literal") or row.words, "pages": "all"}
    given = {name: mine[name] for name in ("reason", "exemption") if mine.get(name)}
    version = newest.version if newest else 0
    # by what it covers, not by its id: a mark keeps its id when somebody changes it to something else
    if any(content_of(entry) == content_of(bare) for entry in before if _counts(entry)):
        return _Change(other, version, None)
    mark = {**bare, **given, "note": "marked in another record too"}
    marks = [*before, *under_new_ids((entry["id"] for entry in before), [mark])]
    parsed = checks.checked(other.record, {"version": 1, "marks": marks}, at=at, reasons_open=True)
    return _Change(other, version, parsed)


def _mark_there(change: _Change, here: Review, actor: User, at: datetime) -> None:
    if change.marks is not None:
        plans.keep(
            change.review, change.marks, author=actor, at=at, expected_version=change.version,
            detail={"same_as": here.record.key},
        )  # fmt: skip
    elif latest_version(change.review) != change.version:
        raise StaleWrite("Somebody changed the marks of the other record a moment ago. Look again.")


def _counts(entry: dict[str, Any]) -> bool:
    return entry.get("decision") != "rejected" and not is_open(entry)
