"""Findings that are more than people decide at once: listed step by step, decided in groups, none lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core.errors import BadInput, NotAllowed
from redaction.plans import decisions, policies
from redaction.plans.comparison_models import Comparison
from redaction.plans.finding_models import SAME, Finding, FindingDecision
from redaction.plans.findings import open_findings
from redaction.plans.models import Render, Review
from redaction.plans.rows import lock, newest_render, require_open
from redaction.traits import fold

STEP = 500  # findings listed at once


@dataclass(frozen=True)
class FindingGroup:
    """Which findings a decision is about; what is left None does not narrow it."""

    same: str | None = None
    words: str | None = None
    other: int | None = None  # record
    open_here: bool | None = None

    def holds(self, row: Any) -> bool:
        """``row`` is a finding's columns by name."""
        return (
            (self.same is None or row["same"] == self.same)
            and (self.words is None or fold(row["words"]) == fold(self.words))
            and (self.other is None or row["other_id"] == self.other)
            and (self.open_here is None or row["open_here"] is self.open_here)
        )


class NothingThere(BadInput):
    code = "nothing_meant"


def list_more(render: Render) -> int:
    """This will list the next findings, once those that are listed are decided. Under the review's lock."""
    row = Comparison.objects.select_for_update().filter(render=render).exclude(rest=[]).first()
    if row is None or open_findings(render).exists():
        return 0
    return _list(row, row.rest[:STEP], row.rest[STEP:])


def settle_group(
    *, review: Review, group: FindingGroup, outcome: str, why: str, actor: User, at: datetime
) -> int:
    """This will decide every open finding of a group for one reason, listed or not, and say how many.

    :raises NotAllowed: for somebody who may neither mark nor approve the record.
    :raises BadInput: without a reason, for an outcome that is decided one by one, or when none is meant.
    """
    if not (policies.may_mark(actor, review) or policies.may_approve(actor, review)):
        policies.refuse(actor, review, "settle", NotAllowed("Your role does not include this step."))
    words = decisions.worded(why)
    if outcome not in ("leave", "follow_up"):
        raise BadInput("Findings are left as they are or followed up in groups; marking is done one by one.")
    with transaction.atomic():
        locked = lock(review)
        require_open(locked)
        render = newest_render(locked)
        meant = _meant(render, group, outcome) if render is not None else []
        if render is None or not meant:
            raise NothingThere("Nothing that is open is in this group any more.")
        FindingDecision.objects.bulk_create(
            FindingDecision(
                review=locked, finding=row, key=row.key, outcome=outcome, why=words, by=actor, at=at
            )
            for row in meant
        )  # fmt: skip
        list_more(render)
        audit.record(
            action="review.findings_settled",
            actor=actor,
            subject=locked,
            request_key=locked.record.request.key,
            detail={"same": group.same or "any", "outcome": outcome, "count": len(meant)},
        )
    return len(meant)


def kept(row: Any) -> dict[str, Any]:
    """This will give a finding as it waits to be listed."""
    return {
        "key": row.key, "same": row.same, "open_here": row.open_here, "other_id": row.other_id,
        "released": row.released, "words": row.words, "mark_id": row.mark_id, "places": row.places,
    }  # fmt: skip


def of_kind(name: object) -> str | None:
    """:raises BadInput: for a kind of finding that is none."""
    if name in (None, ""):
        return None
    if not isinstance(name, str) or name not in SAME:
        raise BadInput("Choose which findings are meant.")
    return name


def _meant(render: Render, group: FindingGroup, outcome: str) -> list[Finding]:
    row = Comparison.objects.select_for_update().filter(render=render).exclude(rest=[]).first()
    if row is not None:
        chosen = [entry for entry in row.rest if group.holds(entry) and _can(entry, outcome)]
        names = {entry["key"] for entry in chosen}
        _list(row, chosen, [entry for entry in row.rest if entry["key"] not in names])
    return [one for one in open_findings(render) if group.holds(kept(one)) and _can(kept(one), outcome)]


def _can(row: dict[str, Any], outcome: str) -> bool:
    return outcome == "leave" or (row["released"] and not row["open_here"])


def _list(row: Comparison, chosen: Sequence[dict[str, Any]], rest: list[dict[str, Any]]) -> int:
    review = row.render.review
    made = Finding.objects.bulk_create(Finding(render=row.render, review=review, **entry) for entry in chosen)
    row.rest = rest
    row.save(update_fields=["rest"])
    return len(made)
