"""What a requester is told about the state of a request: five plain stages. Pure."""

from dataclasses import dataclass

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
    "Look at the fees page if you were sent an estimate. Otherwise nothing.",
)  # fmt: skip
READY = Stage(
    "ready", "Getting ready",
    "Review is finished. Your release and its letter are being put together.",
    "The records unit acts next, or you, if a fee is still due.",
    "Pay what is due, if anything. The fees page shows it.",
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
    Status.SUBMITTED: FILED, Status.ACCEPTED: SEARCHING, Status.NEEDS_INFO: ASKED, Status.SEARCHING: SEARCHING,
    Status.IN_REVIEW: REVIEW, Status.READY: READY, Status.CLOSED: DONE,
}  # fmt: skip

ENDINGS = {
    Disposition.FULL: "Everything that was found has been released to you.",
    Disposition.PARTIAL: "Part of what was found has been released. The rest is withheld; the letter says why.",
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
