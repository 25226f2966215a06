"""Counting many open requests at once: the same derivation as for one, with its questions asked in bulk."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

from django.db import connection, transaction

from requests_app.clock import packs, rules
from requests_app.clock.models import ClockEvent, ClockFact, PendingLapse
from requests_app.clock.packs import Step
from requests_app.clock.rules import Case, Ledger
from requests_app.clock.selectors import Situation
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.law.event import Agency as OfficeHours
from requests_app.law.models import Agency, LawPack
from requests_app.law.pack import Pack
from requests_app.law.selectors import office_hours, pack_in_use, parsed

CHUNK = 1000
"""Requests whose rows are locked at a time: about a fifth of a second of counting."""


class Entry(NamedTuple):
    """One row of the ledger, without the weight of a model."""

    pk: int
    request_id: int
    type: str
    at: datetime
    by: int | None
    unit: str
    reason: str
    strikes_id: int | None


class Filed(NamedTuple):
    """What of a request its clocks depend on."""

    pk: int
    law_code: str
    law_version: str
    record_type: str
    requester_category: str
    received_at: datetime | None
    due_on: date | None
    closed_at: datetime | None


class World:
    """How days count: office hours with their closures, and which version of the law counts."""

    def __init__(self, agency: Agency, office: OfficeHours, taken: Sequence[Step]) -> None:
        self.agency, self.office, self.taken = agency, office, taken
        self._packs: dict[tuple[str, str], int] = {}
        self._parsed: dict[int, Pack] = {}

    @classmethod
    def now(cls, agency: Agency) -> "World":
        """This will give the calendar and the versions as they are approved."""
        return cls(agency, office_hours(agency), packs.steps(agency.pk))

    @cached_property
    def _in_use(self) -> int:
        return pack_in_use(self.agency).pk

    def pack_of(self, row: Filed) -> Pack:
        pk = packs.version_after(
            self._received_under(row.law_code, row.law_version),
            self.taken,
            received_at=row.received_at,
            closed_at=row.closed_at,
        )
        if pk not in self._parsed:
            self._parsed[pk] = parsed(LawPack.objects.get(pk=pk))
        return self._parsed[pk]

    def situation(self, row: Filed, ledger: Ledger, facts: Mapping[str, int | bool]) -> Situation:
        case = Case(row.record_type or None, row.requester_category or None, facts)
        office = self.office if row.closed_at is None else office_hours(self.agency, as_of=row.closed_at)
        return Situation(self.pack_of(row), office, ledger, case)

    def _received_under(self, code: str, version: str) -> int:
        key = (code, version)
        if key not in self._packs:
            found = LawPack.objects.filter(code=code, version=version).values_list("pk", flat=True).first()
            self._packs[key] = found or self._in_use
        return self._packs[key]


@dataclass(frozen=True)
class Known:
    """One request with everything its clocks are derived from."""

    row: Filed
    ledger: Ledger
    facts: Mapping[str, int | bool]


@dataclass(frozen=True)
class Moved:
    """A sorting copy that was not the derived day."""

    request_id: int
    before: date | None
    after: date | None


def total(agency: Agency) -> int:
    """This will count the open requests of an agency."""
    return RecordsRequest.objects.unfinished().filter(agency=agency).count()


def chunk(
    agency: Agency, *, after: int, size: int = CHUNK, lock: bool = False, closed: bool = False
) -> list[Known]:
    """This will read the next open requests by id, their ledgers and facts: three queries.

    ``closed``: those too that were closed with a ruling asked for, whose clocks outlive the answer. Their
    calendar stands still, so only reminders ask for them: no recount moves their days.
    """
    rows = RecordsRequest.objects.unfinished()
    if closed:
        asked = ClockEvent.objects.filter(type="ruling_requested", struck_by=None).values("request_id")
        rows |= RecordsRequest.objects.filter(status=Status.CLOSED, pk__in=asked)
    rows = rows.filter(agency=agency, pk__gt=after).order_by("pk")
    if lock:
        rows = rows.select_for_update()
    filed = [Filed(*row) for row in rows.values_list(*Filed._fields)[:size]]
    if not filed:
        return []
    ids = [row.pk for row in filed]
    entries: dict[int, list[Entry]] = defaultdict(list)
    found = ClockEvent.objects.filter(request_id__in=ids).order_by("request_id", "at", "id")
    for values in found.values_list(*Entry._fields):
        entry = Entry(*values)
        entries[entry.request_id].append(entry)
    facts: dict[int, dict[str, int | bool]] = defaultdict(dict)
    for pk, name, value in (
        ClockFact.objects.filter(request_id__in=ids).order_by("id").values_list("request_id", "name", "value")
    ):
        facts[pk][name] = value
    return [Known(row, rules.read(entries[row.pk]), facts[row.pk]) for row in filed]


def dates(known: Known, world: World) -> tuple[date | None, str, date | None]:
    """This will derive what is copied beside a request: due date, name and day of a pending lapse."""
    found = world.situation(known.row, known.ledger, known.facts)
    clocks = found.pack.clocks
    due = found.one(found.main_name).due
    asked = {event.type for event in known.ledger.events}
    begun = [
        found.one(name)
        for name, rule in clocks.items()
        # a lapse counts from a question; most requests have none, and need not be asked
        if rule.kind == "lapse" and any(source.event in asked for source in rule.sources)
    ]
    lapse = rules.next_lapse(begun, clocks)
    return due, lapse.clock if lapse else "", lapse.due if lapse else None


def write(known: Sequence[Known], world: World) -> list[Moved]:
    """This will bring the sorting copies of requests in line with their ledgers, a statement for each kind.

    The caller holds the rows' locks, so that nobody's newer entry is overwritten.
    """
    derived = {each.row.pk: dates(each, world) for each in known}
    moved = [
        Moved(each.row.pk, each.row.due_on, derived[each.row.pk][0])
        for each in known
        if each.row.due_on != derived[each.row.pk][0]
    ]
    if moved:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE docket_recordsrequest AS row SET due_on = new.due"
                " FROM unnest(%s::bigint[], %s::date[]) AS new (id, due) WHERE row.id = new.id",
                [[one.request_id for one in moved], [one.after for one in moved]],
            )
    _write_lapses({pk: (name, on) for pk, (_, name, on) in derived.items() if on is not None}, list(derived))
    return moved


def _write_lapses(pending: Mapping[int, tuple[str, date]], ids: list[int]) -> None:
    rows = PendingLapse.objects.filter(request_id__in=ids)
    kept = {pk: (name, on) for pk, name, on in rows.values_list("request_id", "clock", "on")}
    if gone := [pk for pk in kept if pk not in pending]:
        PendingLapse.objects.filter(request_id__in=gone).delete()
    changed = [
        PendingLapse(request_id=pk, clock=name, on=on)
        for pk, (name, on) in pending.items()
        if kept.get(pk) != (name, on)
    ]
    if changed:
        PendingLapse.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=["request"], update_fields=["clock", "on"]
        )


def recount(agency: Agency, *, after: int = 0) -> Iterator[tuple[int, list[Moved]]]:
    """This will count every open request anew, a chunk a transaction: (last id done, what moved) each time.

    Stopped anywhere, it goes on from the last id it gave.
    """
    while True:
        with transaction.atomic():
            known = chunk(agency, after=after, lock=True)
            if not known:
                return
            moved = write(known, World.now(agency))
            after = known[-1].row.pk
        yield after, moved
