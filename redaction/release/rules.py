"""The release machine, and every reason why a release cannot be made yet. Pure."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.accounts.rules import Permission
from portal.core.machine import Machine, Step


class ReleaseStatus(StrEnum):
    BUILDING = "building"
    ISSUED = "issued"
    FAILED = "failed"
    RECALLED = "recalled"


class Outcome(StrEnum):
    FULL = "full"
    PARTIAL = "partial"
    DENIED = "denied"

    @property
    def label(self) -> str:
        return {"full": "released in full", "partial": "released in part", "denied": "withheld"}[self.value]


class ItemKind(StrEnum):
    RECORD = "record"
    COMPANION = "beside"  # what goes with a record: captions, a dictionary, a map
    WITHHELD = "withheld"
    LETTER = "letter"
    INDEX = "index"
    LOG = "log"


RELEASE = Machine(
    name="release",
    steps=(
        Step("issue", frozenset({ReleaseStatus.BUILDING}), ReleaseStatus.ISSUED),
        Step("fail", frozenset({ReleaseStatus.BUILDING}), ReleaseStatus.FAILED),
        Step("recall", frozenset({ReleaseStatus.ISSUED}), ReleaseStatus.RECALLED, Permission.RELEASE),
    ),
)


@dataclass(frozen=True)
class ReleaseFacts:
    """What decides whether a release may be made; gathered under the request's lock."""

    status: str  # of the request
    records: int = 0
    undecided: int = 0
    approved: int = 0
    withheld: int = 0
    building: bool = False
    recalled: bool = False  # the newest release was recalled, so a closed request may get a corrected one
    fee_blocks: str = ""


def why_not(facts: ReleaseFacts) -> list[str]:
    """This will list, in sentences, everything that stands between a request and its release."""
    found = []
    if facts.building:
        found.append("A release of this request is being built already.")
    if facts.status not in {"in_review", "ready"} and not (facts.status == "closed" and facts.recalled):
        found.append(f"The request is {facts.status.replace('_', ' ')}; a release follows the review.")
    if not facts.records:
        found.append("No record has been added to this request.")
    elif facts.undecided:
        verb = "records are" if facts.undecided > 1 else "record is"
        found.append(
            f"{facts.undecided} {verb} not decided yet: each needs a second person’s approval,"
            " or to be set aside as not responsive."
        )
    elif not facts.approved and not facts.withheld:
        found.append("No record of this request is approved or withheld, so there is nothing to decide on.")
    if facts.fee_blocks:
        found.append(facts.fee_blocks)
    return found


def outcome_of(*, released: int, withheld: int, withholdings: int) -> Outcome:
    """This will name the determination: by records released, records withheld whole, parts withheld."""
    if not released:
        return Outcome.DENIED
    return Outcome.PARTIAL if withheld or withholdings else Outcome.FULL


def input_digest(rows: Iterable[Sequence[str | int]]) -> str:
    """This will bind a release to what was approved: hex SHA-256 over its renders, marks and approvals."""
    canonical = json.dumps(sorted([str(part) for part in row] for row in rows), separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
