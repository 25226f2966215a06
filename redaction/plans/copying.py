"""Marks of one record brought onto another: another angle of the same scene, a record on the same form."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.accounts.models import User
from portal.core.errors import BadInput
from redaction.marks import parse
from redaction.plans import checks, services
from redaction.plans.models import Plan, Review
from redaction.plans.rows import newest_plan
from redaction.plans.versions import under_new_ids

_AT_HOME = ("id", "suggested", "decision", "seed")  # what stays with the record a mark was made for


@dataclass(frozen=True)
class Brought:
    """The version that came of it, and what was left out: (mark in the words of its id, why)."""

    plan: Plan
    brought: int
    left_out: tuple[tuple[str, str], ...] = ()


def copy_marks(
    *,
    source: Review,
    mark_ids: Collection[str],
    target: Review,
    actor: User,
    at: datetime,
    as_suggestions: bool,
    shift_seconds: float = 0.0,
) -> Brought:
    """This will put marks of one record onto another of the same request, as the next version of its marks.

    ``shift_seconds`` is added to every time: the other camera may have been started earlier or later.

    :raises BadInput: when the records do not belong together, or none of the marks fits.
    :raises NotAllowed: when the actor's roles do not include redaction.
    :raises StaleWrite: when somebody saved the other record's marks in the same moment.
    """
    if source.pk == target.pk or source.record.request_id != target.record.request_id:
        raise BadInput("Marks are copied to another record of the same request.")
    plan = newest_plan(source)
    wanted = [mark.id for mark in parse(plan.marks).effective if mark.id in mark_ids] if plan else []
    if plan is None or not wanted:
        raise BadInput("Choose the marks to copy; rejected ones are not copied.")
    entries = [entry for entry in plan.marks["marks"] if entry["id"] in wanted]
    return bring(
        target=target,
        entries=[moved(entry, shift_seconds) for entry in entries],
        actor=actor,
        at=at,
        as_suggestions=as_suggestions,
        detail={"copied_from": source.record.key},
    )


def bring(
    *,
    target: Review,
    entries: Sequence[Mapping[str, Any]],
    actor: User,
    at: datetime,
    as_suggestions: bool,
    detail: Mapping[str, Any],
) -> Brought:
    """This will add marks to a record's newest ones; those that do not fit its file are left out and named.

    :raises BadInput: when none of them fits.
    """
    newest = newest_plan(target)
    there = list(newest.marks["marks"]) if newest else []
    fitting, left_out = [], []
    for entry in entries:
        fault = checks.misfit(target.record, entry)
        if fault:
            left_out.append((str(entry["id"]), fault))
        else:
            fitting.append(_carried(entry, as_suggestions))
    if not fitting:
        why = f" {left_out[0][0]}: {left_out[0][1]}." if left_out else ""
        raise BadInput(f"None of the marks fits this record.{why}")
    made = services.save_plan(
        review=target,
        marks={"version": 1, "marks": [*there, *under_new_ids((row["id"] for row in there), fitting)]},
        author=actor,
        at=at,
        expected_version=newest.version if newest else 0,
        reasons_open=True,
        detail=detail,
    )
    return Brought(made, len(fitting), tuple(left_out))


def moved(entry: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """This will give a mark whose times are later by so many seconds, earlier when negative."""
    shifted = dict(entry)
    for name in ("start", "end"):
        if isinstance(entry.get(name), int | float):
            shifted[name] = entry[name] + seconds
    if "keyframes" in entry:
        shifted["keyframes"] = [{**frame, "t": frame["t"] + seconds} for frame in entry["keyframes"]]
    return shifted


def _carried(entry: Mapping[str, Any], as_suggestion: bool) -> dict[str, Any]:
    # a suggestion nobody has decided is one on the other record too
    undecided = bool(entry.get("suggested")) and not entry.get("decision")
    kept = {name: value for name, value in entry.items() if name not in _AT_HOME}
    return {**kept, "suggested": True} if as_suggestion or undecided else kept
