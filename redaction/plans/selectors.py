"""Which records of a request are decided, and what stands approved."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from redaction import traits
from redaction.plans.models import Approval, Render
from redaction.plans.rules import DECIDED, ReviewStatus
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.models import RecordsRequest

# where and what kind of thing, never what stood there: no words, plates, values, places on a map or seeds
_MAY_LEAVE = frozenset(
    {
        "id", "kind", "reason", "exemption", "page", "pages", "pattern", "start", "end", "name", "action",
        "to", "column", "k", "grid_deg", "altitude", "time", "item", "picture", "sound",
    }
)  # fmt: skip


@dataclass(frozen=True)
class ReviewFacts:
    """How many records of a request stand where. ``undecided`` are those that hold up a release."""

    records: int = 0
    undecided: int = 0
    approved: int = 0
    withheld: int = 0
    set_aside: int = 0  # not responsive, or a duplicate
    released: int = 0
    waiting_for_approval: int = 0


@dataclass(frozen=True)
class ApprovedRender:
    """One record and the standing approval for exactly this result; a withheld one has no file."""

    record: ResponsiveRecord
    render: Render
    approval: Approval
    exemptions: list[dict[str, str]] = field(default_factory=list)
    marks: list[dict[str, Any]] = field(default_factory=list)


def facts(request: RecordsRequest) -> ReviewFacts:
    """This will count a request's records by their state; one that nobody opened yet is undecided."""
    states = Counter(
        status or ReviewStatus.COLLECTED
        for status in ResponsiveRecord.objects.filter(request=request).values_list(
            "review__status", flat=True
        )
    )
    return ReviewFacts(
        records=states.total(),
        undecided=sum(count for state, count in states.items() if state not in DECIDED),
        approved=states[ReviewStatus.APPROVED],
        withheld=states[ReviewStatus.WITHHELD],
        set_aside=states[ReviewStatus.NOT_RESPONSIVE] + states[ReviewStatus.DUPLICATE],
        released=states[ReviewStatus.RELEASED],
        waiting_for_approval=states[ReviewStatus.VERIFIED],
    )


def approved_renders(request: RecordsRequest) -> list[ApprovedRender]:
    """This will list the records fit for a release, in the request's order."""
    return _standing(request, ReviewStatus.APPROVED)


def withheld_records(request: RecordsRequest) -> list[ApprovedRender]:
    """This will list the records a second person agreed to withhold whole."""
    return _standing(request, ReviewStatus.WITHHELD)


def _standing(request: RecordsRequest, status: ReviewStatus) -> list[ApprovedRender]:
    approvals = (
        Approval.objects.filter(review__record__request=request, review__status=status, voided_at=None)
        .select_related(
            "review__record__item",
            "review__record__request__agency",
            "render__plan__author",
            "approver",
            "prepared_by",
        )
        .order_by("review__record__position")
    )
    return [
        ApprovedRender(
            record=row.review.record,
            render=row.render,
            approval=row,
            exemptions=row.exemptions,
            marks=effective_marks(row.render),
        )
        for row in approvals
    ]


def effective_marks(render: Render) -> list[dict[str, Any]]:
    """This will list the marks a result was made by, fit to leave the agency.

    Only where and why: the words a mark withholds, plates, seeds and colleagues' notes stay here.
    """
    return [fit_to_leave(entry) for entry in _effective(render)]


def fit_to_leave(mark: Mapping[str, Any]) -> dict[str, Any]:
    """This will keep of a mark what may be said outside; that it names words stays, the words do not."""
    kept = {name: value for name, value in mark.items() if name in _MAY_LEAVE}
    return {**kept, "literal": ""} if mark.get("literal") is not None else kept


def words_of(render: Render) -> tuple[str, ...]:
    """This will list the words a result withholds wherever they stand. They stay inside the agency.

    Of values that rules remove only those that say something by themselves: a letter may say “open”.
    """
    marks = _effective(render)
    removed = [
        value
        for entry in marks
        if entry["kind"] == "rows"
        for rule in entry.get("remove") or ()
        if rule["op"] in ("eq", "in")
        for value in (rule["value"] if isinstance(rule["value"], list | tuple) else [rule["value"]])
    ]
    named = (value for value in map(str, removed) if traits.names_something(value))
    return (*(str(entry["literal"]) for entry in marks if entry.get("literal")), *named)


def patterns_of(render: Render) -> frozenset[str]:
    """This will name the patterns (``ssn``, ``phone``, …) of which a result withholds every occurrence."""
    return frozenset(str(entry["pattern"]) for entry in _effective(render) if entry.get("pattern"))


def _effective(render: Render) -> list[dict[str, Any]]:
    """As they were checked when they were saved; those of a destroyed record have lost their words since."""
    return [entry for entry in render.plan.marks["marks"] if entry.get("decision") != "rejected"]
