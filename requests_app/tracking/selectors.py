"""What a requester's pages and the API show of a request. Internal notes are not asked for here."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from portal.accounts.models import User
from portal.core.errors import DomainError
from portal.core.files import Stored
from portal.core.money import dollars
from portal.core.time import now
from redaction.release import selectors as releases
from requests_app.clock import selectors as clock
from requests_app.clock.presentation import Explained
from requests_app.correspondence.models import Letter
from requests_app.custody.selectors import destroyed_before
from requests_app.docket import selectors as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import OPEN
from requests_app.fees import selectors as fees
from requests_app.fees.selectors import FeeSummary
from requests_app.intake import services as intake
from requests_app.intake.rules import spoken
from requests_app.law.derivation import Derivation
from requests_app.law.models import Agency
from requests_app.tracking import policies, rules
from requests_app.tracking.forms import MessageForm


class LetterNotReady(DomainError):
    """The letter's PDF is still being made."""

    code = "letter_not_ready"


@dataclass(frozen=True)
class ClockRow:
    """A clock and how its state reads."""

    explained: Explained
    words: str
    kind: str

    @property
    def derived(self) -> Derivation:
        return self.explained.derived


def today(agency: Agency) -> date:
    """This will give the day it is at the agency."""
    return now().astimezone(ZoneInfo(agency.time_zone)).date()


def rows_of(user: User) -> list[dict[str, Any]]:
    """This will list a person's filed requests, newest first, with the stage each has reached."""
    mine = RecordsRequest.objects.filed().filter(requester=user).select_related("agency")
    return [
        {
            "request": row,
            "words": rules.short(row.status, row.disposition),
            "kind": tag_kind(row.status),
            "overdue": row.status in OPEN and row.due_on is not None and row.due_on < today(row.agency),
        }
        for row in mine.order_by("-received_at")
    ]


def tag_kind(status: str) -> str:
    """This will give the look of a stage's tag."""
    if status not in OPEN:
        return "done"
    return "waiting" if rules.current(status) is rules.ASKED else "progress"


def stage_of(row: RecordsRequest, fee: FeeSummary, released: bool) -> rules.Stage:
    """This will say what happens now, who acts next and what the requester can do."""
    due = dollars(fee.due_cents) if fee.due_cents else ""
    return rules.explain(row.status, row.disposition, rules.Situation(fee.state, due, released))


def clocks_of(row: RecordsRequest) -> list[ClockRow]:
    """This will derive every clock of a request, the main one first."""
    found = clock.explained(row, on=today(row.agency))
    return [
        ClockRow(one, *rules.CLOCK_WORDS.get(one.derived.state, (one.derived.state, "neutral")))
        for one in found
    ]


def pdf_of(letter: Letter) -> Stored:
    """This will give the stored PDF of a letter. :raises LetterNotReady: while it is being made."""
    if not letter.pdf_address:
        raise LetterNotReady("This letter is still being printed. Try again in a minute.")
    return Stored(address=letter.pdf_address, sha256=letter.pdf_sha256, size=0)


def answers_of(row: RecordsRequest, *, masked: bool = True) -> list[dict[str, str]]:
    """This will list what was asked for, in the form's words; number plates stay hidden when masked."""
    return [
        {"name": field.name, "label": field.label.rstrip("?"), "value": text}
        for field in intake.form_of(row).fields()
        if (text := spoken(field, row.answers.get(field.name), masked=masked))
    ]


def page(row: RecordsRequest, user: User, form: MessageForm) -> dict[str, Any]:
    """This will gather what the request page shows."""
    fee = fees.summary(row)
    issued = releases.for_requester(row)
    clocks = clocks_of(row)
    return {
        "records_request": row,
        "agency": row.agency,
        "stages": rules.STAGES,
        "reached": rules.reached(row.status),
        "cut_short": row.disposition in rules.CUT_SHORT,
        "stage": stage_of(row, fee, bool(issued)),
        "waits_for_you": rules.current(row.status) is rules.ASKED or fee.state == "estimate_sent",
        "clock": clocks[0] if clocks else None,
        "other_clocks": [one for one in clocks[1:] if one.derived.due],
        "late": clock.consequences_of(row, [one.derived for one in clocks]),
        "fee": fee,
        "releases": issued,
        "timeline": docket.timeline(row, for_requester=True),
        "thread": row.messages.select_related("author"),
        "letters": row.letters.shown_to_requester().defer("html", "body"),
        "items": row.items.all(),
        "answers": answers_of(row),
        "preservation": row.preservation_tasks.order_by("destroy_on", "pk"),
        "destroyed": destroyed_before(row),
        "appealed": row.appeals.exists(),
        "form": form,
        "is_requester": policies.is_requester(user, row),
    }
