"""The appeal machine, who is too close to decide, and when a decision can be appealed at all. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from portal.accounts.rules import Permission
from portal.core.machine import Machine, Step
from requests_app.docket.rules import Disposition, Status


class AppealStatus(StrEnum):
    FILED = "filed"
    UNDER_REVIEW = "under_review"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class Decision(StrEnum):
    """What became of the first decision."""

    UPHELD = "upheld"
    PARTLY = "partly"
    OVERTURNED = "overturned"

    @property
    def label(self) -> str:
        return _LABELS[self.value]


_LABELS = {
    "upheld": "The first decision stands",
    "partly": "You are right in part",
    "overturned": "You are right",
}
TAGS = {"filed": "info", "under_review": "progress", "decided": "done", "withdrawn": "neutral"}
"""State → kind of tag (components/tag.html)."""

OPEN = frozenset({AppealStatus.FILED, AppealStatus.UNDER_REVIEW})
APPEALABLE = frozenset({Disposition.PARTIAL, Disposition.DENIED, Disposition.NO_RECORDS})


@dataclass(frozen=True)
class AppealFacts:
    """What the guards may know. ``closeness``: how the actor took part in the first decision, or nothing."""

    closeness: str = ""
    reasons: str = ""


def _independent(facts: AppealFacts) -> str | None:
    return facts.closeness or None


def _reasoned(facts: AppealFacts) -> str | None:
    if facts.reasons.strip():
        return None
    return "Write the reasons: the requester is owed them, and a court may read them."


APPEAL = Machine(
    name="appeal",
    guards={"independent": _independent, "reasoned": _reasoned},
    steps=(
        Step(
            "start_review",
            frozenset({AppealStatus.FILED}),
            AppealStatus.UNDER_REVIEW,
            Permission.DECIDE_APPEALS,
            ("independent",),
        ),
        Step("decide", OPEN, AppealStatus.DECIDED, Permission.DECIDE_APPEALS, ("independent", "reasoned")),
        Step("withdraw", OPEN, AppealStatus.WITHDRAWN),
    ),
)


@dataclass(frozen=True)
class FilingFacts:
    """What decides whether an appeal can be filed; ``decided``: this close was appealed and decided."""

    status: str  # of the request
    disposition: str
    under_way: str = ""  # number of the open appeal
    decided: str = ""  # number of the decided one


def why_not(facts: FilingFacts) -> str | None:
    """This will say why an appeal cannot be filed now, or None when it can."""
    if facts.under_way:
        return f"Your appeal {facts.under_way} is being worked on. There can be one at a time."
    if facts.status != Status.CLOSED:
        return "This request is not decided yet, so there is nothing to appeal."
    if facts.disposition not in APPEALABLE:
        return "Nothing was withheld from you when this request was closed, so there is nothing to appeal."
    if facts.decided:
        return f"This decision was appealed already. Appeal {facts.decided} is decided."
    return None


CLOSENESS = {
    "released_by": "You released this request’s records.",
    "approver": "You approved what was withheld.",
    "author": "You marked what is withheld.",
    "assignee": "This request was yours to work on.",
    "closer": "You closed this request.",
}


def closeness(parts: frozenset[str]) -> str:
    """This will say how somebody took part in the first decision, or nothing: somebody else must decide."""
    found = [words for part, words in CLOSENESS.items() if part in parts]
    return " ".join([*found, "An appeal is decided by somebody else."]) if found else ""
