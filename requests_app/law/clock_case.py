"""One clock case as a file gives it: read strictly, every fault named with its place."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from portal.core.errors import BadInput
from requests_app.law import event as ledger
from requests_app.law import pack as packs
from requests_app.law import wording
from requests_app.law.case_file import kind
from requests_app.law.clock_rule import ClockRule
from requests_app.law.condition import Condition
from requests_app.law.event import Agency, Event, EventError
from requests_app.law.pack import Pack
from requests_app.law.schema import PackError

FIELDS = ("id", "law", "clock", "record_type", "requester_category", "facts", "agency", "events")
IGNORED = ("due", "expect", "why")
AGENCY = ("timezone", "cutoff", "closed_dates", "open_dates", "body")
EVENT = ("type", "at", "by", "unit", "reason")
RECORD_TYPES = (
    "body_worn_camera", "law_enforcement_video", "critical_incident_video", "peace_officer_records",
    "misconduct_video", "criminal_investigative_file", "paper", "electronic",
)  # fmt: skip
CATEGORIES = (
    "commercial", "recurrent", "educational", "noncommercial_scientific", "news_media", "other",
)  # fmt: skip
BODIES = ("municipality", "agency")
COUNTS, FLAGS = ("incidents",), ("daniels_law_review",)
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(DATE.pattern + r"T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?")
CUTOFF = re.compile(r"[0-9]{2}:[0-9]{2}")


class CaseError(BadInput):
    """A clock case cannot be read: the sentence begins with the place and says what to write there."""

    code = "bad_case"


@dataclass(frozen=True)
class ClockCase:
    """Everything one due date is worked out from. ``taken``: what was taken for what the case left out."""

    id: str | int
    pack: Pack
    clock: str
    record_type: str | None
    requester_category: str | None
    facts: Mapping[str, Any]
    agency: Agency
    events: tuple[Event, ...]
    taken: tuple[str, ...]


def read(case: Any, laws: Mapping[str, Pack] | None = None) -> ClockCase:
    """This will read one case of the published format; ``due``, ``expect`` and ``why`` are not looked at.

    ``laws``: packs that stand in front of the shipped ones.

    :raises CaseError: naming the place (``events[1].at``) and what belongs there.
    """
    _known(_object(case, ""), "", (*FIELDS, *IGNORED))
    for name in ("id", "law", "clock", "agency", "events"):
        if case.get(name) is None:
            raise CaseError(f"{name}: is missing. A case needs an id, law, clock, agency and events.")
    if isinstance(case["id"], bool) or not isinstance(case["id"], (str, int)):
        raise CaseError(f"id: {kind(case['id'])} cannot be an id; write text.")
    pack = _law(case["law"], laws or {})
    _one_of(case["clock"], "clock", tuple(pack.clocks))
    agency, taken = _agency(_object(case["agency"], "agency"))
    rule = pack.clocks[case["clock"]]
    if agency.body is None and _depends_on_body(rule):
        otherwise = wording.days(rule.lengths[-1].n, rule.unit)
        taken.append(f"agency.body is not given: {otherwise} are taken, the length for any other body.")
    if too_many := pack.calendar.closure_refusal(agency.closed_dates):
        taken.append(f"agency.closed_dates: {too_many} All of them are left out of this count.")
    return ClockCase(
        id=case["id"],
        pack=pack,
        clock=case["clock"],
        record_type=_choice(case, "record_type", RECORD_TYPES),
        requester_category=_choice(case, "requester_category", CATEGORIES),
        facts=_facts(case.get("facts"), pack),
        agency=agency,
        events=_events(case["events"], agency),
        taken=tuple(taken),
    )


def _law(name: Any, laws: Mapping[str, Pack]) -> Pack:
    if isinstance(name, str):
        if name in laws:
            return laws[name]
        try:
            found = packs.shipped(name)
        except PackError:
            found = None
        if found is not None and found.clocks:
            return found
        if found is not None:
            raise CaseError(f"law: {name} sets no time limits. Write one of {_with_clocks(laws)}.")
        raise CaseError(f"law: there is no {name[:40]!r}. Write one of {_with_clocks(laws)}.")
    raise CaseError(f"law: is {kind(name)}; write one of {_with_clocks(laws)}.")


def _with_clocks(laws: Mapping[str, Pack]) -> str:
    shipped = {name for name in packs.shipped_ids() if packs.shipped(name).clocks}
    return ", ".join(sorted({*shipped, *laws}))


def _agency(row: Mapping[str, Any]) -> tuple[Agency, list[str]]:
    _known(row, "agency", AGENCY)
    if not isinstance(row.get("timezone"), str):
        raise CaseError("agency.timezone: is missing. Write a zone such as America/Chicago.")
    taken = []
    for name, meant in (("cutoff", "no cut-off"), ("closed_dates", "no closed days")):
        if name not in row:
            taken.append(f"agency.{name} is not given: {meant} taken.")
    cutoff = row.get("cutoff")
    if cutoff is not None and not (isinstance(cutoff, str) and CUTOFF.fullmatch(cutoff)):
        raise CaseError('agency.cutoff: write a time as "17:00", or null for none.')
    body = row.get("body")
    if body is not None:
        _one_of(body, "agency.body", BODIES)
    closed: dict[date, str] = {}
    for at, entry in enumerate(_list(row.get("closed_dates"), "agency.closed_dates")):
        day, why = _closure(entry, f"agency.closed_dates[{at}]")
        closed[day] = why
    opened = [
        _day(entry, f"agency.open_dates[{at}]")
        for at, entry in enumerate(_list(row.get("open_dates"), "agency.open_dates"))
    ]
    try:
        until = time.fromisoformat(cutoff) if cutoff else None
    except ValueError:
        raise CaseError(f"agency.cutoff: there is no time {cutoff}.") from None
    try:
        return Agency(row["timezone"], until, closed, frozenset(opened), body), taken
    except EventError as problem:
        raise CaseError(f"agency.timezone: {problem}") from None


def _closure(entry: Any, place: str) -> tuple[date, str]:
    if not isinstance(entry, Mapping):
        return _day(entry, place), "office closed"
    _known(entry, place, ("on", "reason"))
    why = entry.get("reason") or "office closed"
    if not isinstance(why, str):
        raise CaseError(f"{place}.reason: {kind(why)} is not text.")
    return _day(entry.get("on"), f"{place}.on"), why


def _facts(given: Any, pack: Pack) -> dict[str, Any]:
    if given is None:
        return {}
    conditions = [each for rule in pack.clocks.values() for each in _conditions(rule)]
    counts = {*COUNTS, *(name for each in conditions for name in (*each.over, *each.at_most))}
    flags = {*FLAGS, *(name for each in conditions for name in (*each.is_true, *each.is_false))}
    _known(_object(given, "facts"), "facts", sorted(counts | flags))
    found = {}
    for name, value in given.items():
        if value is None:
            continue
        if name in flags and not isinstance(value, bool):
            raise CaseError(f"facts.{name}: is {kind(value)}; write true or false.")
        whole = isinstance(value, int) and not isinstance(value, bool)
        if name in counts and not ((whole or isinstance(value, Decimal)) and value >= 0):
            raise CaseError(f"facts.{name}: write a number that is not negative.")
        if name in COUNTS and not whole:
            raise CaseError(f"facts.{name}: write a whole number.")
        found[name] = value
    return found


def _events(given: Any, agency: Agency) -> tuple[Event, ...]:
    made: list[Event] = []
    timed = 0  # the last that has a time: a date between two times of its day parts them no further
    for at, row in enumerate(_list(given, "events")):
        place = f"events[{at}]"
        entry = _event(_object(row, place), place)
        for number in sorted({at - 1, timed}, reverse=True) if made else ():
            if _earlier(entry, made[number], agency):
                raise CaseError(
                    f"{place}.at: {entry.at.isoformat()} is before events[{number}], "
                    f"{made[number].at.isoformat()}. Put the events in the order they happened."
                )
        made.append(entry)
        timed = at if isinstance(entry.at, datetime) else timed
    return tuple(made)


def _earlier(entry: Event, before: Event, agency: Agency) -> bool:
    day, earlier = entry.local(agency.zone)[0], before.local(agency.zone)[0]
    if day != earlier or not (isinstance(entry.at, datetime) and isinstance(before.at, datetime)):
        return day < earlier
    # in the hour that autumn repeats one local time is two instants: either may be meant
    now, then = (
        [(at if at.tzinfo else at.replace(tzinfo=agency.zone, fold=fold)).astimezone(UTC) for fold in (0, 1)]
        for at in (entry.at, before.at)
    )
    return max(now) < min(then)


def _event(row: Mapping[str, Any], place: str) -> Event:
    _known(row, place, EVENT)
    if row.get("type") is None:
        raise CaseError(f"{place}.type: is missing.")
    _one_of(row["type"], f"{place}.type", tuple(sorted(ledger.TYPES)))
    by, unit, reason = row.get("by"), row.get("unit"), row.get("reason")
    if row["type"] != "extended":
        for name in ("by", "unit", "reason"):
            if row.get(name) is not None:
                raise CaseError(f"{place}.{name}: only an event of type extended has {name}.")
    elif by is None or unit is None:
        missing = "by" if by is None else "unit"
        raise CaseError(f"{place}.{missing}: is missing. An extension needs by (days) and unit.")
    if reason is not None and not isinstance(reason, str):
        raise CaseError(f"{place}.reason: is {kind(reason)}; write text.")
    if unit is not None:
        _one_of(unit, f"{place}.unit", ledger.UNITS)
    moment = _moment(row.get("at"), f"{place}.at")
    try:
        return Event(row["type"], moment, by, unit, reason)
    except EventError as problem:
        raise CaseError(f"{place}: {problem}") from None


def _moment(given: Any, place: str) -> date | datetime:
    if not isinstance(given, str) or DATE.fullmatch(given):
        return _day(given, place)
    try:
        if MOMENT.fullmatch(given):
            return datetime.fromisoformat(given)
    except ValueError:
        pass
    raise CaseError(f"{place}: {given[:40]!r} is not a day, 2026-12-24, or a local time, 2026-12-24T17:01.")


def _day(given: Any, place: str) -> date:
    if given is None:
        raise CaseError(f"{place}: is missing. Write a day as 2026-12-24.")
    try:
        if isinstance(given, str) and DATE.fullmatch(given):
            return date.fromisoformat(given)
    except ValueError:
        raise CaseError(f"{place}: there is no day {given}.") from None
    shown = repr(given[:40]) if isinstance(given, str) else kind(given)
    raise CaseError(f"{place}: {shown} is not a day. Write it as 2026-12-24.")


def _choice(case: Mapping[str, Any], name: str, known: Sequence[str]) -> str | None:
    if case.get(name) is None:
        return None
    _one_of(case[name], name, known)
    return str(case[name])


def _one_of(given: Any, place: str, known: Sequence[str]) -> None:
    if not isinstance(given, str):
        raise CaseError(f"{place}: is {kind(given)}; write one of {', '.join(known)}.")
    if given not in known:
        raise CaseError(f"{place}: there is no {given[:40]!r}. Write one of {', '.join(known)}.")


def _known(row: Mapping[str, Any], place: str, known: Collection[str]) -> None:
    for name in row:
        if name not in known:
            where = f"{place}.{name[:40]}" if place else name[:40]
            raise CaseError(f"{where}: is not a field here. There are {', '.join(known)}.")


def _object(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        where = f"{place}: " if place else ""
        raise CaseError(f"{where}has to be an object with named fields and is {kind(value)}.")
    return value


def _list(value: Any, place: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise CaseError(f"{place}: has to be a list, [ ... ], and is {kind(value)}.")
    return value


def _conditions(rule: ClockRule) -> list[Condition]:
    waiting = [rule.applies, *(row.when for row in rule.lengths), *(row.when for row in rule.extensions)]
    found = []
    while waiting:
        each = waiting.pop()
        found.append(each)
        waiting += (*each.any_of, *each.none_of)
    return found


def _depends_on_body(rule: ClockRule) -> bool:
    return any("body" in each.named for each in _conditions(rule))
