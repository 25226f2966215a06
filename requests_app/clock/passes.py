"""The long work of a calendar change: its diff, then the recount. Each goes on where it stopped.

The change's own row says how far a pass came; a chunk and its place in the pass are one transaction. So a
worker killed anywhere loses at most one chunk of counting, and two workers at once write each chunk once.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from portal.audit import services as audit
from requests_app.clock import recount, selectors
from requests_app.clock.models import CalendarChange, ClockEvent, ClockShift
from requests_app.clock.packs import Step
from requests_app.clock.recount import Known, Moved, World
from requests_app.clock.rules import CALENDAR_CHANGED, ChangeKind, ChangeState
from requests_app.clock.selectors import Situation
from requests_app.law import wording
from requests_app.law.derivation import Derivation

COMPARING: Mapping[str, Any] = {"state": ChangeState.PROPOSED, "compared_at": None}
APPLYING: Mapping[str, Any] = {"state": ChangeState.APPROVED, "recounted_at": None}
Tell = Callable[[float, str], None]
"""Publishes how far a pass is (0–1) and says it in words; raises when the pass must stop."""


def compare(change: CalendarChange, *, at: datetime, tell: Tell) -> None:
    """This will write down every clock of an open request that the change would move."""
    today = selectors.day_of(change.agency, at)
    now, then = World.now(change.agency), proposed(change, at=at)
    _begin(change, COMPARING)
    while _still(change, COMPARING):
        known = recount.chunk(change.agency, after=change.cursor)
        if not known:
            CalendarChange.objects.filter(pk=change.pk, **COMPARING).update(compared_at=at)
            return
        shifts = [shift for each in known for shift in shifts_of(each, change, now, then, today)]
        with transaction.atomic():
            if _advance(change, known, COMPARING):
                ClockShift.objects.bulk_create(shifts)
        tell(_share(change), f"{change.seen} of {change.total} open requests compared")


def apply(change: CalendarChange, *, at: datetime, tell: Tell) -> None:
    """This will bring every open request's due date in line with an approved change, and say so in each
    ledger it moves."""
    _begin(change, APPLYING)
    while _still(change, APPLYING):
        with transaction.atomic():
            known = recount.chunk(change.agency, after=change.cursor, lock=True)
            if not known:
                _finish(change, at)
                return
            if _advance(change, known, APPLYING):
                _note(change, recount.write(known, World.now(change.agency)))
        tell(_share(change), f"{change.seen} of {change.total} open requests counted")


def proposed(change: CalendarChange, *, at: datetime) -> World:
    """This will give the calendar and versions as they would be with the change."""
    world = World.now(change.agency)
    if change.kind == ChangeKind.PACK:
        assert change.from_pack_id is not None and change.to_pack_id is not None  # noqa: S101, PT018  a constraint
        return World(
            change.agency, world.office, [*world.taken, Step(change.from_pack_id, change.to_pack_id, at)]
        )
    assert change.day is not None  # noqa: S101  a constraint says so
    closed = {day: why for day, why in world.office.closed_dates.items() if day != change.day}
    if change.kind == ChangeKind.CLOSE:
        closed[change.day] = change.reason
    return World(change.agency, replace(world.office, closed_dates=closed), world.taken)


def shifts_of(known: Known, change: CalendarChange, now: World, then: World, today: date) -> list[ClockShift]:
    """This will list the clocks of one request whose day or state differs in the two calendars."""
    before = now.situation(known.row, known.ledger, known.facts)
    were = {one.clock: one for one in before.all(on=today)}
    if change.day is not None and not _touches(known, were.values(), change.day, before.office.zone):
        return []
    after = then.situation(known.row, known.ledger, known.facts)
    are = {one.clock: one for one in after.all(on=today)}
    return [
        _shift(
            known,
            change,
            name,
            were.get(name),
            are.get(name),
            is_main=name == after.main_name,
            is_ours=_is_ours(name, before, after),
        )
        for name in dict.fromkeys([*were, *are])
        if _differs(were.get(name), are.get(name))
    ]


def _touches(known: Known, derived: Iterable[Derivation], day: date, zone: ZoneInfo) -> bool:
    """A day outside every span that was counted moves nothing; the span of a stopped clock has no end yet."""
    if not known.ledger.events or day < min(event.local(zone)[0] for event in known.ledger.events):
        return False
    return any(one.due is None or day <= one.due for one in derived)


def _is_ours(name: str, *found: Situation) -> bool:
    """Another office that is awaited may be late; that is no lateness of the agency's."""
    kinds = (one.pack.clocks[name].kind for one in found if name in one.pack.clocks)
    return all(kind != "awaited" for kind in kinds)


def _differs(was: Derivation | None, now: Derivation | None) -> bool:
    return was is None or now is None or (was.due, was.state) != (now.due, now.state)


def _shift(
    known: Known,
    change: CalendarChange,
    name: str,
    was: Derivation | None,
    now: Derivation | None,
    *,
    is_main: bool,
    is_ours: bool,
) -> ClockShift:
    named = now or was
    late = {"overdue", "lapsed", "met_late"}
    return ClockShift(
        change=change,
        request_id=known.row.pk,
        clock=name,
        title=named.title[:300] if named else "",
        is_main=is_main,
        before=was.due if was else None,
        after=now.due if now else None,
        becomes_late=bool(is_ours and now and now.state in late and not (was and was.state in late)),
    )


def _note(change: CalendarChange, moved: list[Moved]) -> None:
    assert change.decided_at is not None  # noqa: S101  a constraint says so
    words = describe(change)
    ClockEvent.objects.bulk_create(
        ClockEvent(
            request_id=one.request_id,
            type=CALENDAR_CHANGED,
            at=change.decided_at,
            actor_id=change.decided_by_id,
            reason=f"{words}: the due date moves from {_day(one.before)} to {_day(one.after)}."[:300],
        )
        for one in moved
    )
    if moved:
        audit.record(
            action="clock.recounted", actor=None, subject=change,
            detail={"moved": len(moved), "first": moved[0].request_id, "last": moved[-1].request_id},
        )  # fmt: skip


def describe(change: CalendarChange) -> str:
    """This will say in a clause what the change does."""
    if change.kind == ChangeKind.PACK:
        return f"Counted by version {change.to_pack.version if change.to_pack else ''} of the law"
    assert change.day is not None  # noqa: S101  a constraint says so
    counts = "counts as closed" if change.kind == ChangeKind.CLOSE else "counts as a working day again"
    return f"{wording.day(change.day)} {counts} ({change.reason})"


def _day(day: date | None) -> str:
    return wording.date_of(day) if day else "no day"


def _begin(change: CalendarChange, waiting: Mapping[str, Any]) -> None:
    change.refresh_from_db()
    if change.cursor == 0:
        total = recount.total(change.agency)
        CalendarChange.objects.filter(pk=change.pk, cursor=0, **waiting).update(total=total, seen=0)
        change.total = total


def _still(change: CalendarChange, waiting: Mapping[str, Any]) -> bool:
    """Somebody else may have done this chunk, or the proposal may have been withdrawn, in the meantime."""
    change.refresh_from_db(fields=["cursor", "seen", "state", "compared_at", "recounted_at", "total"])
    return CalendarChange.objects.filter(pk=change.pk, **waiting).exists()


def _advance(change: CalendarChange, known: list[Known], waiting: Mapping[str, Any]) -> bool:
    """Under the row's lock: whether this worker is the one that writes the chunk."""
    mine = CalendarChange.objects.filter(pk=change.pk, cursor=change.cursor, **waiting)
    done = mine.update(cursor=known[-1].row.pk, seen=F("seen") + len(known))
    return bool(done)


def _finish(change: CalendarChange, at: datetime) -> None:
    done = CalendarChange.objects.filter(pk=change.pk, **APPLYING)
    if done.update(recounted_at=at):
        audit.record(
            action="clock.calendar_applied", actor=None, subject=change, detail={"requests": change.seen}
        )


def _share(change: CalendarChange) -> float:
    change.refresh_from_db(fields=["seen", "total"])
    return change.seen / change.total if change.total else 1.0
