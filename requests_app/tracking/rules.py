"""What a requester is told about the state of a request: five plain stages. Pure."""

from dataclasses import dataclass, replace

from requests_app.docket.rules import Disposition, Status


@dataclass(frozen=True)
class Stage:
    """One of the five, with the three sentences people look for."""

    slug: str
    title: str
    now: str
    who: str
    you: str


FILED = Stage(
    "filed", "Received",
    "Your request is filed and its clock is running. Somebody will read it and take it on.",
    "The records unit acts next.",
    "Nothing. You may send a message if you remember something that helps.",
)  # fmt: skip
SEARCHING = Stage(
    "searching", "Searching",
    "Staff look for the recordings and data you asked for, and have them kept safe.",
    "The records unit acts next.",
    "Nothing. A message with an exact time or place makes the search shorter.",
)  # fmt: skip
REVIEW = Stage(
    "review", "Review",
    "Each record is read or watched. What the law protects is covered, and a second person checks it.",
    "The records unit acts next.",
    "Nothing. If there is a fee, we send you an estimate first, and you decide.",
)  # fmt: skip
READY = Stage(
    "ready", "Getting ready",
    "Review is finished. Your release and its letter are being put together.",
    "The records unit acts next.",
    "Nothing. We send you a mail when it is ready.",
)  # fmt: skip
DONE = Stage(
    "done", "Answered",
    "Your request is answered and closed.",
    "Nobody has to act.",
    "Download what was released. If you do not agree with what was withheld, you can appeal.",
)  # fmt: skip

STAGES = (FILED, SEARCHING, REVIEW, READY, DONE)

ASKED = Stage(
    "asked", "Waiting for you",
    "We asked you a question. Your request waits until you answer it.",
    "You act next.",
    "Answer in the messages below. If you do not answer in time, the request may be closed.",
)  # fmt: skip

_PLACE = {
    Status.SUBMITTED: FILED, Status.NEEDS_INFO: ASKED, Status.ACCEPTED: SEARCHING,
    Status.SEARCHING: SEARCHING, Status.IN_REVIEW: REVIEW, Status.READY: READY, Status.CLOSED: DONE,
}  # fmt: skip

ENDINGS = {
    Disposition.FULL: "Everything that was found has been released to you.",
    Disposition.PARTIAL: "Part of what was found is released. The rest is withheld; the letter says why.",
    Disposition.DENIED: "The records are withheld. The letter says why, and how you can appeal.",
    Disposition.NO_RECORDS: "No records were found that answer your request.",
    Disposition.WITHDRAWN: "You have withdrawn this request.",
    Disposition.LAPSED: "This request was closed because no answer came in time.",
    Disposition.DUPLICATE: "This request is answered together with another one of yours.",
}


def current(status: str) -> Stage:
    """This will give the stage whose sentences hold now."""
    return _PLACE[Status(status)]


def place(status: str) -> int:
    """This will give which of the five the request has reached, 0 to 4."""
    stage = current(status)
    return STAGES.index(FILED if stage is ASKED else stage)


OUTCOMES = {
    Disposition.FULL: "Released", Disposition.PARTIAL: "Released in part", Disposition.DENIED: "Withheld",
    Disposition.NO_RECORDS: "No records", Disposition.WITHDRAWN: "Withdrawn", Disposition.LAPSED: "Closed",
    Disposition.DUPLICATE: "Closed",
}  # fmt: skip

# endings that no release leads to: the five stages would tell of a way that was not gone
CUT_SHORT = frozenset({Disposition.WITHDRAWN, Disposition.LAPSED, Disposition.DUPLICATE})

CLOCK_WORDS = {
    "running": ("Time is running", "progress"),
    "stopped": ("Stopped until you answer", "waiting"),
    "met": ("Done in time", "done"),
    "met_late": ("Done late", "soon"),
    "overdue": ("Overdue", "overdue"),
    "lapsed": ("Passed", "refused"),
    "closed": ("Passed", "refused"),
    "ended": ("Ended with the request", "neutral"),
    "not_applicable": ("The law sets no day", "neutral"),
}
"""A clock's state in words, and the kind of tag that carries them."""


@dataclass(frozen=True)
class Situation:
    """What beyond the status decides who acts next. Amounts in words, empty when nothing is due."""

    fee_state: str = ""
    due: str = ""
    released: bool = False


def explain(status: str, disposition: str, situation: Situation) -> Stage:
    """This will give what happens now, who acts next and what the requester can do."""
    stage = current(status)
    if stage is DONE:
        return _ended(Disposition(disposition), situation)
    if stage is ASKED:
        return stage
    if situation.fee_state == "estimate_sent":
        return replace(
            stage,
            now="We have sent you a fee estimate and wait for your answer.",
            who="You act next.",
            you="Open the fees page: accept the estimate, ask for less, ask for a waiver, or withdraw.",
        )
    if situation.due and situation.fee_state == "accepted":
        return replace(
            stage,
            who="You act next: nothing can be released before the fee is paid.",
            you=f"Pay the {situation.due} that is still due, on the fees page or at the counter.",
        )
    return stage


def _ended(disposition: Disposition, situation: Situation) -> Stage:
    ended = replace(DONE, now=ENDINGS[disposition])
    if disposition in CUT_SHORT:
        return replace(ended, title="Closed", you="You can send us a message, or make a new request.")
    if disposition == Disposition.NO_RECORDS:
        return replace(
            ended,
            you="Read the letter. If you think we overlooked something, send a message or appeal.",
        )
    if not situation.released:
        return replace(ended, you="Read the letter. If you do not agree, send a message or appeal.")
    return ended


def short(status: str, disposition: str) -> str:
    """This will give the one or two words a list has for where a request is."""
    return OUTCOMES[Disposition(disposition)] if disposition else current(status).title


def reached(status: str) -> int:
    """This will give the number of the stage from 1, one more than there are when all is done."""
    return len(STAGES) + 1 if current(status) is DONE else place(status) + 1
