"""Rows of what was said of suggestions, whichever way: by group, on the stage, by a form or by the API."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core.errors import BadInput
from redaction.plans.detection_models import SuggestionDecision
from redaction.plans.models import Plan
from redaction.plans.suggestion_groups import Group, digest_of, is_open

BY_HAND = "looked at by itself"  # what the pane writes, too, where nobody says more
_LONGEST = 500

Entries = Mapping[str, Mapping[str, Any]]


def worded(why: object) -> str:
    """This will give the reason of a decision without blanks to spare.

    :raises BadInput: when it says nothing, or too much.
    """
    words = " ".join(why.split()) if isinstance(why, str) else ""
    if not 0 < len(words) <= _LONGEST:
        raise BadInput(f"Say why, in 1 to {_LONGEST} characters. It is kept with the decision.")
    return words


def answered(before: Entries, after: Entries) -> dict[str, list[str]]:
    """This will sort the suggestions that two versions tell differently by what was said of them.

    One that came decided counts as decided, and an open one that is gone as removed. An open one that is
    no suggestion any more was made a person's own.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for mark_id, entry in after.items():
        old = before.get(mark_id, {})
        said, said_before = entry.get("decision"), old.get("decision")
        if is_open(old) and not entry.get("suggested"):
            found["adjusted"].append(mark_id)  # made somebody's own mark, which says so by being one
            continue
        if not entry.get("suggested") or said == said_before:
            continue
        found[said or "reopened"].append(mark_id)
    found["removed"] = [mark_id for mark_id, old in before.items() if is_open(old) and mark_id not in after]
    return {name: ids for name, ids in found.items() if ids}


def record(
    plan: Plan, before: Plan | None, *, why: str, actor: User, at: datetime
) -> list[SuggestionDecision]:
    """This will write down what this version decides of suggestions that the one before it left otherwise.

    In the transaction that keeps the version.
    """
    old, new = by_id(before), by_id(plan)
    made = []
    for decision, ids in answered(old, new).items():
        cites = [new.get(mark_id, {}) for mark_id in ids] if decision in ("accepted", "adjusted") else []
        made.append(
            keep(
                plan, decision, ids, Group(ids=frozenset(ids)).described(), why=why, actor=actor, at=at,
                reason=_shared(cites, "reason"), exemption=_shared(cites, "exemption"),
            )
        )  # fmt: skip
    return made


def keep(
    plan: Plan,
    decision: str,
    ids: Collection[str],
    group: str,
    *,
    why: str,
    actor: User,
    at: datetime,
    reason: str = "",
    exemption: str = "",
    undoes: SuggestionDecision | None = None,
) -> SuggestionDecision:
    """This will write one row and its audit entry; the entry names no word of the record."""
    row = SuggestionDecision.objects.create(
        review=plan.review, plan=plan, decision=decision, group=group, ids_digest=digest_of(ids),
        count=len(ids), why=why, reason=reason, exemption=exemption, undoes=undoes, by=actor, at=at,
    )  # fmt: skip
    audit.record(
        action="review.suggestions_decided",
        actor=actor,
        subject=plan.review,
        request_key=plan.review.record.request.key,
        detail={
            "decision": decision, "count": row.count, "ids_digest": row.ids_digest, "version": plan.version,
        },
    )  # fmt: skip
    return row


def by_id(plan: Plan | None) -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in plan.marks["marks"]} if plan is not None else {}


def _shared(entries: Sequence[Mapping[str, Any]], name: str) -> str:
    """What all of them cite; empty when they differ."""
    found = {entry.get(name) or "" for entry in entries}
    return found.pop() if len(found) == 1 else ""
