"""Which fields of a log a ``fields`` mark may let pass; what names a person, device or home never does."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from redaction.marks import Marks
from redaction.report import MarksError

SPEED, HEADING = "speed", "heading"

_NEVER = re.compile(
    r"\b(?:home\w*|take ?off\w*|launch\w*|pilot\w*|operator\w*|serials?|serialno|sn|phone\w*|mobile\w*"
    r"|device\w*|app|rc|remote\w*|controller\w*|user\w*|e ?mail\w*|account\w*|licen[cs]e\w*"
    r"|battery ?(?:id|sn|serial)\w*|uuid|guid|id|imei|registration\w*|owner\w*|address\w*|author\w*"
    r"|creator\w*|name|agency\w*|officer\w*)\b"
)
_PLACE = re.compile(r"\b(?:lat\w*|lon\w*|lng|gps|coord\w*|position\w*|location\w*|point|geo\w*|mgrs|utm)\b")
_HEIGHT = re.compile(r"\b(?:alt|alti\w*|height\w*|elev\w*|ele|barom\w*|baro|terrain\w*)\b|^rel alt|^abs alt")
_TIME = re.compile(r"\b(?:time\w*|date\w*|clock|utc|epoch|seconds|timestamp\w*|elapsed\w*|segment)\b")
_MOTION = re.compile(
    r"\b(?:[xyz] ?speed|speed\w+|v[xyzned]|velocity\w*|distance\w*|dist|course\w*|track|mileage)\b"
)


@dataclass(frozen=True)
class Whitelist:
    """Fields released as they are, and whether speed and heading are worked out anew."""

    names: tuple[str, ...] = ()
    speed: bool = False
    heading: bool = False


def asked_for(marks: Marks) -> frozenset[str]:
    """This will give the names of fields a reader must keep; speed and heading are worked out anew."""
    named = {name for mark in marks.of("fields") for name in mark["release"]}
    return frozenset(name for name in named if name.strip().lower() not in (SPEED, HEADING))


def whitelist(marks: Marks, known: Iterable[str]) -> Whitelist:
    """This will check the names of the ``fields`` marks against those of the log.

    :raises MarksError: for a field that is not there, or that must never pass.
    """
    names: dict[str, None] = {}
    present = list(known)
    for mark in marks.of("fields"):
        for name in mark["release"]:
            fault = fault_of(name)
            if fault is not None:
                raise MarksError(f"field {name!r} {fault}", mark_id=mark.id)
            if name.strip().lower() not in (SPEED, HEADING) and name not in present:
                raise MarksError(f"there is no field {name!r} in this log", mark_id=mark.id)
            names[name] = None
    plain = {name.strip().lower() for name in names}
    return Whitelist(
        names=tuple(name for name in names if name.strip().lower() not in (SPEED, HEADING)),
        speed=SPEED in plain,
        heading=HEADING in plain,
    )


def fault_of(name: str) -> str | None:
    """This will say why a field may not be released; None when it may."""
    words = re.sub(r"[^a-z0-9]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()).strip()
    if _NEVER.search(words):
        return "can never be released: it may name a person, a device or the home point"
    if _PLACE.search(words) or _HEIGHT.search(words) or _TIME.search(words):
        return "is position, altitude or time under another name, and would pass by their marks"
    if _MOTION.search(words):
        return "gives back a path that was cut; release speed or heading, which are worked out anew"
    return None
