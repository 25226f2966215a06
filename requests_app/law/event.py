"""The event ledger a clock is derived from, and the agency whose office hours it is read in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal.core.errors import BadInput

UNITS = ("business_day", "calendar_day")

FROM_AGENCY = frozenset(
    {
        "acknowledged", "information_requested", "fee_question_sent", "clarification_sent",
        "deposit_requested", "estimate_sent", "extended", "denied", "voluminous_notice_sent",
        "ruling_requested", "ruling_notice_sent", "ruling_argued", "ruling_information_sent",
    }
)  # fmt: skip
FROM_REQUESTER = frozenset(
    {
        "received", "received_by_other_component", "emailed", "postmarked", "information_answered",
        "fee_question_answered", "clarification_answered", "deposit_paid", "estimate_accepted",
        "voluminous_answered", "appeal_received", "expedite_requested",
    }
)  # fmt: skip
FROM_RULING = frozenset({"ruling_information_requested", "ruling_delayed", "ruling_given"})
FACTS = frozenset({"recorded", "agency_learned"})
TYPES = FROM_AGENCY | FROM_REQUESTER | FROM_RULING | FACTS

# what each question waits for; a notice of a voluminous request starts a clock of its own and stops none
ANSWERS = {
    "information_requested": "information_answered",
    "fee_question_sent": "fee_question_answered",
    "clarification_sent": "clarification_answered",
    "deposit_requested": "deposit_paid",
    "estimate_sent": "estimate_accepted",
}
QUESTIONS = {answer: question for question, answer in ANSWERS.items()}
REPLIES = {"voluminous_answered": "voluminous_notice_sent"}
"""What starts a clock only as the reply to a notice, where there was a notice."""

NAMES = {
    "received": "the request was received",
    "received_by_other_component": "another office of the agency received the request",
    "emailed": "the request was sent by e-mail",
    "postmarked": "the request was postmarked",
    "information_requested": "more information was asked for",
    "information_answered": "the information was given",
    "fee_question_sent": "a question about fees was sent",
    "fee_question_answered": "the question about fees was answered",
    "clarification_sent": "clarification was asked for",
    "clarification_answered": "the clarification was given",
    "deposit_requested": "a deposit was asked for",
    "deposit_paid": "the deposit was paid",
    "estimate_sent": "a fee estimate was sent",
    "estimate_accepted": "the fee estimate was accepted",
    "acknowledged": "the request was acknowledged",
    "extended": "an extension was announced",
    "denied": "the request was denied",
    "voluminous_notice_sent": "the notice of a voluminous request was sent",
    "voluminous_answered": "the notice of a voluminous request was answered",
    "appeal_received": "the appeal was received",
    "expedite_requested": "faster handling was asked for",
    "ruling_requested": "the attorney general was asked for a ruling",
    "ruling_notice_sent": "the requester was told that a ruling was asked for",
    "ruling_argued": "the reasons and the records were sent to the attorney general",
    "ruling_information_requested": "the attorney general asked for more",
    "ruling_information_sent": "what the attorney general had asked for was sent",
    "ruling_delayed": "the attorney general took more time",
    "ruling_given": "the attorney general ruled",
    "recorded": "the footage was recorded",
    "agency_learned": "the agency learned of the incident",
}

EARLIEST_YEAR, LATEST_YEAR = 1970, 2200


class EventError(BadInput):
    """An event or an agency's office hours cannot be read: says what is wrong."""

    code = "bad_event"


@dataclass(frozen=True)
class Event:
    """One entry of the ledger. ``at`` is a local date, a local date-time, or an aware instant.

    ``said``: what happened in the recorder's words, where the event's own name would say too much.
    ``given_up``: no answer came, and nobody waits for one any more, so what an answer begins does not begin.
    """

    type: str
    at: date | datetime
    by: int | None = None
    unit: str | None = None
    reason: str | None = None
    said: str | None = None
    given_up: bool = False

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            raise EventError(f"There is no clock event called {self.type!r}.")
        if not EARLIEST_YEAR <= self.at.year <= LATEST_YEAR:
            raise EventError(f"The year {self.at.year} of the event {self.type!r} cannot be right.")
        if self.type != "extended":
            if self.by is not None or self.unit is not None:
                raise EventError(f"Only an extension has a length; {self.type!r} was given one.")
            return
        if isinstance(self.by, bool) or not isinstance(self.by, int) or not 1 <= self.by <= 3660:
            raise EventError("An extension needs a length in whole days, from 1 to 3660.")
        if self.unit not in UNITS:
            raise EventError("An extension counts in business_day or calendar_day.")

    @property
    def name(self) -> str:
        return self.said or NAMES[self.type]

    def local(self, zone: ZoneInfo) -> tuple[date, time | None]:
        """This will give the agency's local date and, when one was recorded, the local time."""
        return _local(self.at, zone) if isinstance(self.at, datetime) else (self.at, None)


# each clock of a request asks for the same few moments again
@lru_cache(maxsize=1024)
def _local(at: datetime, zone: ZoneInfo) -> tuple[date, time]:
    local = at.astimezone(zone) if at.tzinfo else at
    return local.date(), local.time()


@dataclass(frozen=True)
class Agency:
    """An agency's zone, office hours and overrides. ``cutoff`` is local; None means no cut-off."""

    timezone: str
    cutoff: time | None = None
    closed_dates: Mapping[date, str] = field(default_factory=dict)
    open_dates: frozenset[date] = frozenset()
    body: str | None = None

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise EventError(f"There is no time zone called {self.timezone!r}.") from None

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def parse(row: Mapping[str, Any]) -> Event:
    """This will read one ledger entry (``at`` as ISO date or date-time).

    :raises EventError: when a field is missing or cannot be read.
    """
    try:
        text = str(row["at"])
        at = datetime.fromisoformat(text) if "T" in text or " " in text else date.fromisoformat(text)
        return Event(str(row["type"]), at, row.get("by"), row.get("unit"), row.get("reason"))
    except KeyError as missing:
        raise EventError(f"The event has no {missing.args[0]!r}.") from None
    except ValueError:
        raise EventError(f"{row['at']!r} is not a date or a date and time.") from None


def parse_agency(row: Mapping[str, Any]) -> Agency:
    """This will read an agency; ``closed_dates`` is a list of ISO dates or of ``{"on", "reason"}`` rows.

    :raises EventError: when a field cannot be read.
    """
    try:
        cutoff = time.fromisoformat(row["cutoff"]) if row.get("cutoff") else None
        return Agency(
            timezone=row["timezone"],
            cutoff=cutoff,
            closed_dates=dict(_closure(entry) for entry in row.get("closed_dates", ())),
            open_dates=frozenset(date.fromisoformat(text) for text in row.get("open_dates", ())),
            body=row.get("body"),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise EventError(f"The agency's office hours cannot be read: {problem}.") from None


def _closure(entry: str | Mapping[str, str]) -> tuple[date, str]:
    if isinstance(entry, str):
        return date.fromisoformat(entry), "office closed"
    return date.fromisoformat(entry["on"]), entry.get("reason") or "office closed"


def in_order(events: Sequence[Event], zone: ZoneInfo) -> list[Event]:
    """This will sort by local date, keeping the recorded order within a day (ledgers are back-filled)."""
    return sorted(events, key=lambda event: event.local(zone)[0])
