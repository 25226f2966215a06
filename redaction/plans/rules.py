"""The review of one responsive record: its table of steps, and what the portal asks of marks. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from portal.accounts.rules import Permission
from portal.core.machine import Machine, Step
from redaction.marks import Mark, Marks


class ReviewStatus(StrEnum):
    COLLECTED = "collected"
    NOT_RESPONSIVE = "not_responsive"
    DUPLICATE = "duplicate"
    MARKED = "marked"
    RENDERED = "rendered"
    VERIFIED = "verified"
    APPROVED = "approved"
    RELEASED = "released"
    WITHHELD = "withheld"
    RECALLED = "recalled"

    @property
    def label(self) -> str:
        return _LABELS.get(self.value, self.value.replace("_", " "))


_LABELS = {
    "collected": "not looked at yet",
    "rendered": "redacted, being checked",
    "verified": "waiting for approval",
    "withheld": "withheld in full",
}

DECIDED = frozenset(
    {
        ReviewStatus.APPROVED,
        ReviewStatus.WITHHELD,
        ReviewStatus.NOT_RESPONSIVE,
        ReviewStatus.DUPLICATE,
        ReviewStatus.RELEASED,
    }
)
STANDS_ON_APPROVAL = frozenset({ReviewStatus.APPROVED, ReviewStatus.WITHHELD, ReviewStatus.RELEASED})

_BEFORE_APPROVAL = frozenset(
    {ReviewStatus.COLLECTED, ReviewStatus.MARKED, ReviewStatus.RENDERED, ReviewStatus.VERIFIED}
)
_MARKABLE = _BEFORE_APPROVAL | {ReviewStatus.APPROVED, ReviewStatus.WITHHELD, ReviewStatus.RECALLED}

REVIEW = Machine(
    name="review",
    steps=(
        Step("save_marks", _MARKABLE, ReviewStatus.MARKED, Permission.REDACT),
        Step("render", frozenset({ReviewStatus.MARKED}), ReviewStatus.RENDERED),
        Step("verify", frozenset({ReviewStatus.RENDERED}), ReviewStatus.VERIFIED),
        Step("approve", frozenset({ReviewStatus.VERIFIED}), ReviewStatus.APPROVED, Permission.APPROVE),
        Step("withhold", frozenset({ReviewStatus.VERIFIED}), ReviewStatus.WITHHELD, Permission.APPROVE),
        Step(
            "send_back",
            frozenset({ReviewStatus.VERIFIED, ReviewStatus.APPROVED, ReviewStatus.WITHHELD}),
            ReviewStatus.MARKED,
            Permission.APPROVE,
        ),
        Step(
            "make_again",  # the engine has changed since
            frozenset({ReviewStatus.VERIFIED, ReviewStatus.APPROVED}),
            ReviewStatus.MARKED,
            Permission.REDACT,
        ),
        Step("set_not_responsive", _BEFORE_APPROVAL, ReviewStatus.NOT_RESPONSIVE, Permission.REDACT),
        Step("set_duplicate", _BEFORE_APPROVAL, ReviewStatus.DUPLICATE, Permission.REDACT),
        Step(
            "reconsider",
            frozenset({ReviewStatus.NOT_RESPONSIVE, ReviewStatus.DUPLICATE}),
            ReviewStatus.COLLECTED,
            Permission.REDACT,
        ),
        Step("release", frozenset({ReviewStatus.APPROVED}), ReviewStatus.RELEASED, Permission.RELEASE),
        Step("recall", frozenset({ReviewStatus.RELEASED}), ReviewStatus.RECALLED, Permission.RELEASE),
    ),
)


@dataclass(frozen=True)
class Codes:
    """What a mark may cite under the law of its request, on the day it is saved."""

    reasons: frozenset[str]
    exemptions: frozenset[str]


def withholds(mark: Mark) -> bool:
    """This will tell whether a mark keeps something from the requester, so that it owes a reason."""
    if mark.decision == "rejected":
        return False
    if mark.kind == "column":
        return bool(mark["action"] != "release")
    if mark.kind == "hidden":
        return bool(mark["action"] == "drop")
    return mark.kind not in ("own_plate", "fields", "tracks")


def citation_faults(marks: Marks, codes: Codes) -> Iterator[tuple[str, str]]:
    """This will give (mark id, sentence) for each mark without the reason or with a code the law has not.

    The library takes marks without reasons; the portal does not, for the requester is owed one for each
    withholding.
    """
    yield from code_faults(marks, codes)
    for mark in owing(marks):
        yield mark.id, "needs a reason, for it withholds something"


def code_faults(marks: Marks, codes: Codes) -> Iterator[tuple[str, str]]:
    """This will give (mark id, sentence) for each mark that cites what the law has not."""
    for mark in marks:
        if mark.reason is not None and mark.reason not in codes.reasons:
            yield mark.id, f"the reason {mark.reason!r} is not in the list of reasons"
        if mark.exemption is not None and mark.exemption not in codes.exemptions:
            yield mark.id, f"the exemption {mark.exemption!r} is not in the law of this request today"
        if mark.kind == "withhold" and mark.decision != "rejected" and not mark.exemption:
            yield mark.id, "withholding a whole record needs the exemption it stands on"


def owing(marks: Marks) -> tuple[Mark, ...]:
    """This will name the marks that withhold something and do not say yet why, in file order."""
    return tuple(mark for mark in marks if mark.kind != "withhold" and not mark.reason and withholds(mark))


def cited(marks: Marks) -> tuple[str, ...]:
    """This will name the exemptions the effective marks cite, each once, in file order."""
    return tuple(dict.fromkeys(mark.exemption for mark in marks.effective if mark.exemption))


_ALSO = {"csv": ("table", "flight"), "xlsx": ("table", "office"), "ods": ("table", "office")}


def media_of(medium: str, format_: str) -> tuple[str, ...]:
    """This will name the media a record may be marked as, the stored one first.

    A CSV may be a table or a flight log, a workbook a table or a document with pages.
    """
    return (medium, *(other for other in _ALSO.get(format_, ()) if other != medium))


def output_suffix(source: Collection[str], made: tuple[str, ...]) -> str:
    """This will choose the kind of file to make: the source's own if the engine makes it, else its first."""
    return next((suffix for suffix in made if suffix in source), made[0])
