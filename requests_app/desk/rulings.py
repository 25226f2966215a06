"""The attorney general's ruling on what may be withheld: asking for it, and doing what it says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db import transaction

from portal.accounts import policies
from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.core.errors import BadInput, IllegalMove
from portal.core.forms import DaylightForm
from requests_app.clock import rules
from requests_app.clock import selectors as clocks
from requests_app.clock import services as clock
from requests_app.clock.rules import Ruling
from requests_app.clock.selectors import Situation
from requests_app.correspondence import services as correspondence
from requests_app.desk import letter_page, letter_words, services
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition
from requests_app.law.derivation import Derivation

ASKED, GIVEN, AWAITED = "ruling_requested", "ruling_given", "awaited"
LONGEST = 4000
LONGEST_NUMBER = 24
GIVEN_UP = frozenset({Disposition.WITHDRAWN, Disposition.LAPSED, Disposition.DUPLICATE})
"""How a request ends that nobody waits for any more: no ruling opens it again."""
_NUMBER = re.compile(r"(?:[0-9]{1,6}-)?[A-Z]{1,4}-?[0-9]{1,6}(?:-[0-9]{1,6}){0,2}")


class AskForm(DaylightForm):
    exceptions = forms.CharField(
        max_length=LONGEST,
        label="Exceptions we claim, and why",
        help_text="The requester gets a copy: say nothing that the records say.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class TakeForm(DaylightForm):
    outcome = forms.ChoiceField(
        label="What the ruling says",
        choices=[("", "Choose"), *rules.RULINGS.items()],
    )
    ruling = forms.CharField(
        max_length=LONGEST_NUMBER, label="Number of the ruling", help_text="Such as OR2026-01234."
    )
    on = forms.DateField(label="Date of the ruling", widget=forms.DateInput)


@dataclass(frozen=True)
class Next:
    """What staff do about a ruling: where it stands in a sentence, and the day it is about."""

    words: str
    day: Derivation | None = None


def section(
    row: RecordsRequest, *, found: Situation, action: str, typed: Mapping[str, str]
) -> dict[str, object]:
    """This will gather what the request page says about a ruling; nothing where the law knows none."""
    if not rules.knows_rulings(found.pack.clocks):
        return {"ruling": None}
    standing = rules.ruling(found.ledger.events)
    waits = standing is not None and standing.given_at is None
    return {
        "ruling": _next(found, standing),
        "ruling_ask_form": AskForm(initial=dict(typed) if action == "ask-ruling" else {}, auto_id="ruling-%s")
        if row.is_open and not waits
        else None,
        "ruling_take_form": TakeForm(
            initial=dict(typed) if action == "take-ruling" else {}, auto_id="ruled-%s"
        )
        if waits
        else None,
    }


@transaction.atomic
def ask(*, request: RecordsRequest, actor: User, at: datetime, exceptions: str) -> None:
    """This will ask the attorney general for a ruling and tell the requester, with a copy of the letter.

    :raises ClockMoveRefused: under a law that knows no ruling, or while one is asked for already.
    :raises BadInput: without exceptions, or for words that are withheld from a record.
    """
    policies.require(actor, Permission.WORK_REQUESTS)
    locked = RecordsRequest.objects.select_for_update()  # who closes it in this moment is waited for
    request.refresh_from_db(fields=["status", "disposition"], from_queryset=locked)
    if not request.is_open:
        raise IllegalMove("This request is closed. Open it again first.")
    words = exceptions.strip()
    if not 0 < len(words) <= LONGEST:
        raise BadInput(f"Name the exceptions you claim and say why, in at most {LONGEST} characters.")
    letter_page.require_silence(request, [words])
    clock.record(request=request, type=ASKED, actor=actor, at=at)
    turn = request.clock_events.filter(type=ASKED).count()
    correspondence.send_letter(
        request=request, kind="ag_referral", subject="", context={"exceptions": words}, signer=actor, at=at,
        dedupe_key=f"ruling-asked:{request.pk}:{turn}",
    )  # fmt: skip
    expected = awaited(clocks.situation(request))
    correspondence.send_letter(
        request=request, kind="ruling_notice", subject="",
        context={
            "exceptions": words, "ruling_day": expected.due if expected else None,
            "ruling_counted": expected,
        },
        signer=actor, at=at, dedupe_key=f"ruling-notice:{request.pk}:{turn}",
    )  # fmt: skip
    clock.record(request=request, type="ruling_notice_sent", actor=actor, at=at)


@transaction.atomic
def take(*, request: RecordsRequest, actor: User, at: datetime, outcome: str, number: str, on: date) -> bool:
    """This will enter a ruling, tell the requester what follows from it, and say whether anything does.

    A closed request of which more has to be released is opened again. Nothing follows for one that was
    withdrawn, lapsed or another's duplicate: it stays closed and its requester gets no letter.

    :raises BadInput: for another outcome, what is no number of a ruling, or a day that has not come yet.
    :raises ClockMoveRefused: while no ruling is asked for.
    """
    policies.require(actor, Permission.WORK_REQUESTS)
    if outcome not in rules.RULINGS:
        raise BadInput("Choose what the ruling says.")
    name = _number(number)
    letter_page.require_silence(request, [name])
    if on > clocks.day_of(request.agency, at):
        raise BadInput("The day of the ruling cannot be after today.")
    clock.record(
        request=request, type=GIVEN, actor=actor, at=_given(request, on, at), reason=f"{outcome}: {name}"
    )
    request.refresh_from_db(fields=["status", "disposition"])  # the ledger's lock is held now
    if not request.is_open and request.disposition in GIVEN_UP:
        return False
    if not request.is_open and outcome != "withhold":
        services.reopen(request=request, actor=actor, at=at, reason=f"{rules.RULINGS[outcome]} ({name}).")
    turn = request.clock_events.filter(type=GIVEN).count()
    correspondence.send_letter(
        request=request, kind="notice", subject="",
        context={
            "subject": letter_words.ruled_on(str(request.number)),
            "paragraphs": letter_words.ruled(outcome, name, on),
        },
        signer=actor, at=at, dedupe_key=f"ruling-given:{request.pk}:{turn}",
    )  # fmt: skip
    return True


def _number(typed: str) -> str:
    """This will read a ruling's number: letters and figures in short groups, never words.

    Such as ``OR2026-01234``, ``KP-0123``, ``26-PAC-0123``.
    """
    name = typed.strip().upper()
    if len(name) > LONGEST_NUMBER or not _NUMBER.fullmatch(name):
        raise BadInput("Write the number of the ruling and nothing else, such as OR2026-01234.")
    return name


def _given(request: RecordsRequest, on: date, at: datetime) -> datetime:
    """Noon of the ruling's day, never before it was asked for nor after now: the ledger is read in order."""
    given = datetime.combine(on, time(12), ZoneInfo(request.agency.time_zone))
    asked = request.clock_events.filter(type=ASKED, struck_by=None).order_by("at").last()
    if asked is not None and clocks.day_of(request.agency, asked.at) == on:
        given = max(given, asked.at)
    return min(given, at)


def awaited(found: Situation, *, on: date | None = None) -> Derivation | None:
    """This will derive the day by which the ruling is expected, or give None."""
    names = (name for name, rule in found.pack.clocks.items() if rule.kind == AWAITED)
    return next((found.one(name, on=on) for name in names), None)


def _next(found: Situation, standing: Ruling | None) -> Next:
    if standing is None:
        return Next("No ruling is asked for. Without one in time the records count as public.")
    if standing.given_at is None:
        return Next("A ruling is asked for.", awaited(found))
    followed = (
        name
        for name, rule in found.pack.clocks.items()
        if rule.kind == "duty" and any(source.event == GIVEN for source in rule.sources)
    )
    said = rules.RULINGS.get(standing.outcome, "The attorney general ruled")
    number = f" ({standing.number})" if standing.number else ""
    return Next(f"{said}{number}.", next((found.one(name) for name in followed), None))


def asked_on_page(row: RecordsRequest, actor: User, at: datetime, values: Mapping[str, str]) -> str:
    """This will ask for a ruling from the page's form."""
    ask(request=row, actor=actor, at=at, exceptions=values.get("exceptions", ""))
    return "The attorney general is asked, and the requester is told."


def taken_on_page(row: RecordsRequest, actor: User, at: datetime, values: Mapping[str, str]) -> str:
    """This will enter a ruling from the page's form."""
    try:
        on = date.fromisoformat(values.get("on", "").strip())
    except ValueError:
        raise BadInput("Write the date of the ruling as year-month-day.") from None
    facts: dict[str, Any] = {"outcome": values.get("outcome", ""), "number": values.get("ruling", "")}
    if take(request=row, actor=actor, at=at, on=on, **facts):
        return "The ruling is entered, and the requester is told."
    ended = rules.ENDED[row.disposition]
    return f"The ruling is entered. It opens nothing again, and no letter is sent: {ended}."
