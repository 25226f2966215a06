"""The machine of a purge, alert levels and what matches a hold. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from portal.accounts.rules import Permission
from portal.core.machine import Machine, Step
from requests_app.law.material import FOOTAGE


class PurgeStatus(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DONE = "done"
    REFUSED = "refused"

    @property
    def label(self) -> str:
        return _LABELS[self.value]


class ItemState(StrEnum):
    LISTED = "listed"
    DESTROYING = "destroying"
    DESTROYED = "destroyed"
    SKIPPED = "skipped"

    @property
    def label(self) -> str:
        return _LABELS[self.value]


_LABELS = {
    "proposed": "waits for a second person",
    "confirmed": "being destroyed",
    "done": "destroyed",
    "refused": "given up",
    "listed": "on the list",
    "destroying": "being destroyed",
    "destroyed": "destroyed",
    "skipped": "left alone",
}


@dataclass(frozen=True)
class PurgeFacts:
    """What the guards may know. ``own``: the actor proposed it; ``changed``: the list was another one."""

    own: bool = False
    changed: bool = False
    unfinished: int = 0


def _another(facts: PurgeFacts) -> str | None:
    return "You proposed this destruction yourself. Another person has to confirm it." if facts.own else None


def _same_list(facts: PurgeFacts) -> str | None:
    return "The list is not the one you saw. Nothing was done; look again." if facts.changed else None


def _all_gone(facts: PurgeFacts) -> str | None:
    return f"{facts.unfinished} records of the list are not done yet." if facts.unfinished else None


PURGE = Machine(
    name="purge",
    guards={"another_person": _another, "same_list": _same_list, "all_gone": _all_gone},
    steps=(
        Step(
            "confirm",
            frozenset({PurgeStatus.PROPOSED}),
            PurgeStatus.CONFIRMED,
            Permission.PURGE,
            ("another_person", "same_list"),
        ),
        Step("refuse", frozenset({PurgeStatus.PROPOSED}), PurgeStatus.REFUSED, Permission.KEEP_RETENTION),
        Step("finish", frozenset({PurgeStatus.CONFIRMED}), PurgeStatus.DONE, None, ("all_gone",)),
    ),
)


class Alert(StrEnum):
    """How pressing an open preservation task is."""

    NONE = "none"
    HALF = "half"
    URGENT = "urgent"
    PASSED = "passed"


ALERT_LEVELS = {Alert.NONE: 0, Alert.HALF: 1, Alert.URGENT: 2, Alert.PASSED: 3}
URGENT_DAYS = 2


def alert(destroy_on: date | None, asked_on: date, today: date) -> Alert:
    """This will say how pressing a task is: half the time gone, two days left, or the day is there."""
    if destroy_on is None:
        return Alert.NONE
    left = (destroy_on - today).days
    if left <= 0:
        return Alert.PASSED
    if left <= URGENT_DAYS:
        return Alert.URGENT
    return Alert.HALF if 2 * (today - asked_on).days >= (destroy_on - asked_on).days else Alert.NONE


@dataclass(frozen=True)
class Trace:
    """Where, when and in which matter something was recorded. Empty parts are unknown."""

    series: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    place: str = ""
    incident: str = ""


_DRONE = {"drone_video", "drone_log"}
_SMALL = (
    "a an and at by in near of on or the to between street st avenue av ave road rd drive dr lane ln "
    "boulevard blvd court ct highway hwy way square sq place pl block north south east west n s e w"
)
_SMALL_WORDS = frozenset(_SMALL.split())


def matches(sought: Trace, found: Trace) -> str:
    """This will say why a record may be what a request asks for, or nothing.

    The same case, call or flight number is enough; else kind, time and place must agree, where what is
    unknown agrees with anything: to hold too much harms nobody.
    """
    if sought.incident and plain_number(sought.incident) == plain_number(found.incident):
        return "same case or call number"
    if not (sought.starts_at and found.starts_at) or not _same_kind(sought.series, found.series):
        return ""
    ends, until = sought.ends_at or sought.starts_at, found.ends_at or found.starts_at
    if found.starts_at > ends or until < sought.starts_at:
        return ""
    ours, theirs = place_words(sought.place), place_words(found.place)
    if ours and theirs:
        return "same time and place" if ours & theirs else ""
    return "same time, place not known"


def plain_number(number: str) -> str:
    """This will reduce a case number to its letters and digits."""
    return re.sub(r"[^0-9A-Z]", "", number.upper())


def place_words(place: str) -> frozenset[str]:
    """This will give the words of a place that tell it from another: no “Street”, no “at”."""
    return frozenset(re.findall(r"[^\W_]+", place.casefold())) - _SMALL_WORDS


def _same_kind(one: str, other: str) -> bool:
    both = {one, other}
    return not one or not other or len(both) == 1 or both <= FOOTAGE or both <= _DRONE
