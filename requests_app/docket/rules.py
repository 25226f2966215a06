"""The lifecycle of a request: one frozen table. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from portal.accounts.rules import Permission
from portal.core.machine import Machine, Step


class Status(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    NEEDS_INFO = "needs_info"
    ACCEPTED = "accepted"
    SEARCHING = "searching"
    IN_REVIEW = "in_review"
    READY = "ready"
    CLOSED = "closed"


STATUS_CHOICES = [(status.value, status.value) for status in Status]


class Disposition(StrEnum):
    """How a request ended; the names of the federal annual report, and our own lapses."""

    FULL = "full"
    PARTIAL = "partial"
    DENIED = "denied"
    NO_RECORDS = "no_records"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    DUPLICATE = "duplicate"


OPEN = frozenset(Status) - {Status.DRAFT, Status.CLOSED}


@dataclass(frozen=True)
class RequestFacts:
    """What the guards may know; gathered by the service of the higher room that makes the move."""

    records: int = 0
    undecided_records: int = 0  # neither approved, withheld, not responsive nor duplicate
    money_due_cents: int = 0
    fee_blocks: str = ""  # a sentence when the fee machine forbids going on
    released: bool = False
    search_note: str = ""


def _records_found(facts: RequestFacts) -> str | None:
    return (
        None
        if facts.records
        else "No record has been added yet. Upload what was found, or close as “no records”."
    )


def _all_decided(facts: RequestFacts) -> str | None:
    if facts.undecided_records:
        return (
            f"{facts.undecided_records} of the records are not decided yet (approved, withheld or not"
            " responsive)."
        )
    return None


def _nothing_due(facts: RequestFacts) -> str | None:
    return facts.fee_blocks or None


def _released(facts: RequestFacts) -> str | None:
    return None if facts.released else "The release has not been built and issued yet."


REQUEST = Machine(
    name="request",
    guards={
        "records_found": _records_found,
        "all_decided": _all_decided,
        "nothing_due": _nothing_due,
        "released": _released,
    },
    steps=(
        Step("submit", frozenset({Status.DRAFT}), Status.SUBMITTED),
        Step("acknowledge", frozenset({Status.SUBMITTED}), Status.ACCEPTED, Permission.WORK_REQUESTS),
        Step(
            "ask_requester",
            frozenset({Status.SUBMITTED, Status.ACCEPTED, Status.SEARCHING}),
            Status.NEEDS_INFO,
            Permission.WORK_REQUESTS,
        ),
        Step("answer_agency", frozenset({Status.NEEDS_INFO}), Status.ACCEPTED),
        Step("start_search", frozenset({Status.ACCEPTED}), Status.SEARCHING, Permission.WORK_REQUESTS),
        Step(
            "finish_search",
            frozenset({Status.SEARCHING}),
            Status.IN_REVIEW,
            Permission.WORK_REQUESTS,
            ("records_found",),
        ),
        Step(
            "finish_review",
            frozenset({Status.IN_REVIEW}),
            Status.READY,
            Permission.WORK_REQUESTS,
            ("all_decided",),
        ),
        Step("reopen_review", frozenset({Status.READY}), Status.IN_REVIEW, Permission.WORK_REQUESTS),
        Step(
            "close_released",
            frozenset({Status.READY}),
            Status.CLOSED,
            Permission.RELEASE,
            ("nothing_due", "released"),
        ),
        Step(
            "close_no_records",
            frozenset({Status.SEARCHING, Status.ACCEPTED}),
            Status.CLOSED,
            Permission.WORK_REQUESTS,
        ),
        Step("withdraw", OPEN, Status.CLOSED),
        Step("lapse", OPEN, Status.CLOSED, Permission.WORK_REQUESTS),
        Step("close_duplicate", OPEN, Status.CLOSED, Permission.WORK_REQUESTS),
        Step("reopen", frozenset({Status.CLOSED}), Status.ACCEPTED, Permission.ASSIGN_REQUESTS),
    ),
)
