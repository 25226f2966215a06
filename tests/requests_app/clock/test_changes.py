import random
from datetime import date, timedelta
from typing import Any

import pytest

from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput
from requests_app.clock import changes, passes, recount, selectors, services
from requests_app.clock.models import CalendarChange, ClockShift
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.law.models import ClosureDay, LawPack
from tests.abuse.canary_case import work
from tests.builders import NOON, a_pack, a_request, a_user, an_agency
from tests.requests_app.clock.ledgers import a_random_request

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
DAY = date(2026, 11, 10)  # a Tuesday within the ten days of a request received on 2 November


def a_closure(day: date = DAY, **fields: Any) -> CalendarChange:
    return changes.propose_closure(
        agency=an_agency(), day=day, at=NOON,
        **{"reason": "Burst pipe", "actor": a_user(Role.ADMIN), **fields},
    )  # fmt: skip


def approved(change: CalendarChange, **fields: Any) -> CalendarChange:
    work()
    change.refresh_from_db()
    changes.approve(change=change, actor=a_user(Role.COUNSEL), at=NOON + timedelta(hours=1), **fields)
    work()
    change.refresh_from_db()
    return change


def a_version(**clock: Any) -> LawPack:
    base = a_pack()
    data = {**base.data, "version": "2026.99"}
    data["clocks"] = [{**row, **clock} if row["name"] == "ag_request" else row for row in base.data["clocks"]]
    return LawPack.objects.create(
        code="TX", version="2026.99", name=base.name, effective_from=base.effective_from, data=data,
        sha256=f"{random.getrandbits(256):064x}",
    )  # fmt: skip


def test_proposal_moves_nothing_and_shows_what_it_would() -> None:
    row = a_request()
    services.refresh_due(row)
    before = row.due_on

    change = a_closure()
    work()

    change.refresh_from_db()
    row.refresh_from_db()
    shift = change.shifts.get(is_main=True)
    assert row.due_on == before == shift.before
    assert (shift.before, shift.after) == (date(2026, 11, 17), date(2026, 11, 18))
    assert not shift.becomes_late
    assert not shift.earlier
    assert (change.total, change.seen, change.is_open) == (1, 1, True)
    assert not ClosureDay.objects.exists()
    assert str(change) == "close 2026-11-10"
    assert str(shift) == "ag_request: 2026-11-17 to 2026-11-18"


def test_approval_moves_open_requests_and_says_so_in_their_ledgers() -> None:
    row = a_request()
    services.refresh_due(row)

    change = approved(a_closure())

    row.refresh_from_db()
    assert row.due_on == date(2026, 11, 18) == selectors.main_clock(row).due
    assert any("Burst pipe" in text for text in selectors.main_clock(row).texts)
    note = row.clock_events.get(type="calendar_changed")
    assert note.reason == (
        "Tuesday, November 10, 2026 counts as closed (Burst pipe): the due date moves from "
        "November 17, 2026 to November 18, 2026."
    )
    assert note.actor == change.decided_by
    assert change.recounted_at is not None
    told = ["clock.calendar_proposed", "law.closure_added", "clock.calendar_approved", "clock.recounted",
            "clock.calendar_applied"]  # fmt: skip
    assert [entry.action for entry in Entry.objects.filter(action__in=told).order_by("seq")] == told


def test_request_closed_before_the_change_keeps_the_calendar_it_was_counted_by() -> None:
    closed = a_request(status=Status.CLOSED, disposition="full", closed_at=NOON + timedelta(minutes=5))
    before = selectors.main_clock(closed)

    approved(a_closure())

    assert selectors.main_clock(RecordsRequest.objects.get(pk=closed.pk)) == before
    assert not closed.clock_events.filter(type="calendar_changed").exists()


def test_closure_taken_back_still_counts_for_a_request_closed_meanwhile() -> None:
    agency = an_agency()
    closure = ClosureDay.objects.create(agency=agency, day=DAY, reason="Storm")
    then = a_request(status=Status.CLOSED, disposition="full", closed_at=NOON + timedelta(minutes=5))
    still = a_request()
    services.refresh_due(still)
    assert still.due_on == date(2026, 11, 18)

    change = approved(
        changes.propose_opening(closure=closure, reason="It was open", actor=a_user(Role.ADMIN), at=NOON)
    )

    still.refresh_from_db()
    assert still.due_on == date(2026, 11, 17)
    assert change.shifts.get(request=still, is_main=True).earlier
    assert selectors.main_clock(RecordsRequest.objects.get(pk=then.pk)).due == date(2026, 11, 18)
    assert ClosureDay.objects.get().ended_at is not None
    assert "counts as a working day again" in still.clock_events.get(type="calendar_changed").reason
    with pytest.raises(BadInput):
        changes.propose_opening(
            closure=ClosureDay.objects.get(), reason="Again", actor=a_user(Role.ADMIN), at=NOON
        )


def test_date_that_the_change_makes_overdue_is_marked() -> None:
    agency = an_agency()
    ClosureDay.objects.create(agency=agency, day=date(2026, 10, 20), reason="Storm")
    row = a_request(received_at=NOON - timedelta(days=17))  # Friday, 16 October
    services.refresh_due(row)
    assert row.due_on == date(2026, 11, 2)

    change = changes.propose_opening(
        closure=ClosureDay.objects.get(), reason="It was open", actor=a_user(Role.ADMIN), at=NOON
    )
    work()

    shift = change.shifts.get(is_main=True)
    assert shift.after == date(2026, 10, 30)
    assert shift.becomes_late
    assert shift.earlier


def test_office_that_is_awaited_beyond_its_day_is_no_lateness_of_ours() -> None:
    agency = an_agency()
    ClosureDay.objects.create(agency=agency, day=date(2026, 10, 20), reason="Storm")
    row = a_request(received_at=NOON - timedelta(days=68))
    services.record(request=row, type="ruling_requested", actor=None, at=NOON - timedelta(days=67))
    was = next(one for one in selectors.derivations(row, on=NOON.date()) if one.clock == "ag_decision")
    assert was.due == NOON.date()

    change = changes.propose_opening(
        closure=ClosureDay.objects.get(), reason="It was open", actor=a_user(Role.ADMIN), at=NOON
    )
    work()

    shift = change.shifts.get(clock="ag_decision")
    assert shift.after == date(2026, 10, 30)
    assert not shift.becomes_late


def test_diff_agrees_with_deriving_every_clock_twice() -> None:
    chance = random.Random(2026)  # noqa: S311  a repeatable test
    agency = an_agency()
    rows = [a_random_request(chance) for _ in range(40)]
    change = a_closure(day=date(2026, 12, 8))
    today = NOON.date()

    work()

    told = {(one.request_id, one.clock): (one.before, one.after) for one in change.shifts.all()}
    now_, then = recount.World.now(agency), passes.proposed(change, at=NOON)
    expected = {}
    for known in recount.chunk(agency, after=0):
        were, are = (
            {one.clock: one for one in world.situation(known.row, known.ledger, known.facts).all(on=today)}
            for world in (now_, then)
        )
        for name in were:
            if (were[name].due, were[name].state) != (are[name].due, are[name].state):
                expected[known.row.pk, name] = (were[name].due, are[name].due)
    assert told == expected
    assert 0 < len({pk for pk, _ in told}) < len(rows)


def test_new_version_counts_open_requests_once_it_is_approved() -> None:
    open_, closed = a_request(), a_request(status=Status.CLOSED, disposition="full", closed_at=NOON)
    services.refresh_due(open_)
    version = a_version(n=12)
    assert changes.versions_behind(open_.agency) == []

    change = approved(
        changes.propose_version(
            agency=open_.agency,
            before=a_pack(),
            after=version,
            reason="Counsel corrected the limit",
            actor=a_user(Role.COUNSEL),
            at=NOON + timedelta(minutes=1),
        )
    )

    open_.refresh_from_db()
    assert open_.due_on == date(2026, 11, 19) == selectors.main_clock(open_).due
    assert selectors.main_clock(open_).law_version == "2026.99"
    assert open_.law_version == a_pack().version  # fees and letters stay those of the receipt
    assert selectors.main_clock(closed).law_version == a_pack().version
    assert "version 2026.99" in open_.clock_events.get(type="calendar_changed").reason
    assert str(change) == "pack TX 2026.99"


@pytest.mark.parametrize("same", [True, False])
def test_version_that_is_the_same_or_proposed_already_is_refused(same: bool) -> None:
    agency, other = an_agency(), a_version()
    words: dict[str, Any] = {"agency": agency, "before": a_pack(), "reason": "New", "at": NOON}
    changes.propose_version(after=other, actor=a_user(Role.ADMIN), **words)

    with pytest.raises(BadInput, match="another version" if same else "already"):
        changes.propose_version(after=a_pack() if same else other, actor=a_user(Role.ADMIN), **words)


def test_versions_that_still_count_open_requests_are_listed() -> None:
    old = a_version()
    row = a_request()
    RecordsRequest.objects.update(law_version=old.version)
    row.refresh_from_db()

    assert changes.versions_behind(row.agency) == [(old, 1)]

    approved(
        changes.propose_version(
            agency=row.agency,
            before=old,
            after=a_pack(),
            reason="One for all",
            actor=a_user(Role.ADMIN),
            at=NOON,
        )
    )
    assert changes.versions_behind(row.agency) == []


def test_killed_comparison_goes_on_and_lists_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [a_request() for _ in range(5)]
    monkeypatch.setattr(recount, "chunk", two_at_a_time(recount.chunk))
    change = a_closure()

    class Killed(Exception):
        pass

    def die(share: float, note: str) -> None:
        raise Killed(note)

    for _ in range(2):
        with pytest.raises(Killed):
            passes.compare(change, at=NOON, tell=die)
    told: list[tuple[float, str]] = []
    passes.compare(change, at=NOON, tell=lambda share, note: told.append((share, note)))

    change.refresh_from_db()
    assert change.compared_at is not None
    assert change.shifts.filter(is_main=True).count() == len(rows)
    assert told == [(1.0, "5 of 5 open requests compared")]


def test_killed_recount_goes_on_and_notes_each_request_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [a_request() for _ in range(5)]
    for row in rows:
        services.refresh_due(row)
    change = a_closure()
    work()
    change.refresh_from_db()
    monkeypatch.setattr(recount, "chunk", two_at_a_time(recount.chunk))
    changes.approve(change=change, actor=a_user(Role.ADMIN), at=NOON + timedelta(hours=1))

    def die(share: float, note: str) -> None:
        raise RuntimeError(note)

    with pytest.raises(RuntimeError, match="2 of 5 open requests counted"):
        passes.apply(change, at=NOON, tell=die)
    work()
    passes.apply(change, at=NOON, tell=die)  # nothing is left to do, so nothing is told

    assert [row.clock_events.filter(type="calendar_changed").count() for row in rows] == [1] * 5


def test_worker_that_lost_its_place_writes_no_chunk_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    a_request()
    change = a_closure()
    real = recount.chunk

    def overtaken(*args: Any, **kwargs: Any) -> list[recount.Known]:
        found = real(*args, **kwargs)
        monkeypatch.setattr(recount, "chunk", real)
        passes.compare(CalendarChange.objects.get(pk=change.pk), at=NOON, tell=lambda *_: None)
        return found

    monkeypatch.setattr(recount, "chunk", overtaken)
    passes.compare(change, at=NOON, tell=lambda *_: None)

    assert ClockShift.objects.filter(is_main=True).count() == 1


def two_at_a_time(real: Any) -> Any:
    return lambda agency, **kwargs: real(agency, **{**kwargs, "size": 2})
