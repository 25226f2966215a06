"""What still stands between the newest marks of a record and a redacted copy made of them."""

from dataclasses import dataclass

from portal.accounts.models import User
from portal.core.errors import IllegalMove
from portal.core.time import now
from redaction.marks import Mark, parse
from redaction.plans import detections, findings, seeing
from redaction.plans.models import Plan, Review
from redaction.plans.plate_proofs import PlateNotProved, require_proved
from redaction.plans.rows import newest_render
from redaction.plans.rules import cited, owing
from requests_app.custody import flights


class StillOpen(IllegalMove):
    """Something about the record is to be settled before anybody approves it."""

    code = "still_open"


_NAMED = 12  # ids in one sentence; the page lists them all


@dataclass(frozen=True)
class Hurdle:
    """One thing to be done first: a stable code, a sentence, and the marks it is about."""

    code: str
    words: str
    marks: tuple[str, ...] = ()


def hurdles(review: Review, plan: Plan, person: User, *, total: float | None) -> list[Hurdle]:
    """This will list everything that keeps this person from having the record made, most pressing first.

    ``total`` is how much there is to be seen (``seeing.total_of``), asked before anything is locked.
    """
    marks = parse(plan.marks)
    found = []
    if undecided := marks.undecided:
        words = f"Accept, adjust or reject the suggestions first: {_names(undecided)}."
        found.append(Hurdle("undecided", words, tuple(mark.id for mark in undecided)))
    if owed := [mark for mark in owing(marks) if mark not in undecided]:
        words = f"Say first why these are withheld: {_names(owed)}."
        found.append(Hurdle("reason_owed", words, tuple(mark.id for mark in owed)))
    if words := detections.obstacle(review):
        found.append(Hurdle("detection_open", words))
    if not marks.effective.withheld and (words := seeing.obstacle(review, person, "marker", total=total)):
        found.append(Hurdle("not_seen", words))
    try:
        require_proved(review.record, marks)
    except PlateNotProved as refusal:
        found.append(Hurdle(refusal.code, str(refusal), refusal.marks))
    try:
        flights.require_class(review.record, cited(marks), at=now())
    except flights.NoFlightClass as refusal:
        found.append(Hurdle("flight_class", str(refusal)))
    return found


def require_settled(review: Review) -> None:
    """This will refuse to approve while something about the record is still open. Under the lock.

    :raises StillOpen: with what it is.
    """
    render = newest_render(review)
    if words := detections.obstacle(review) or (findings.obstacle(render) if render is not None else ""):
        raise StillOpen(words)


def _names(marks: "tuple[Mark, ...] | list[Mark]") -> str:
    more = len(marks) - _NAMED
    return ", ".join(mark.id for mark in marks[:_NAMED]) + (f" and {more} more" if more > 0 else "")
