import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.accounts.rules import Role
from portal.core.models import Job
from requests_app.clock import recount, rules, selectors, services, tasks
from requests_app.clock.models import PendingLapse
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.law.models import ClosureDay
from requests_app.law.selectors import pack_for
from tests.abuse.canary_case import work
from tests.builders import NOON, a_request, a_user, an_agency
from tests.requests_app.clock.ledgers import a_random_request

pytestmark = pytest.mark.django_db


def counted_once(row: RecordsRequest) -> tuple[object, object]:
    """What the single derivation says, by its own way of asking."""
    fresh = RecordsRequest.objects.get(pk=row.pk)
    found = selectors.situation(fresh)
    lapse = [one for one in found.all() if found.pack.clocks[one.clock].kind == "lapse" and one.due]
    running = [one for one in lapse if one.state in {"running", "lapsed"}]
    return selectors.main_clock(fresh).due, min((one.due for one in running if one.due), default=None)


@pytest.mark.parametrize("law_code", ["TX", "US", "VA"])
def test_bulk_count_never_differs_from_the_single_one(law_code: str) -> None:
    chance = random.Random(f"recount {law_code}")  # noqa: S311  a repeatable test
    agency = an_agency(law_code=law_code)
    rows = [a_random_request(chance) for _ in range(40)]
    asked = "incidents" in rules.asked_facts(pack_for(rows[0]).clocks)
    for row in chance.sample(rows, 8 if asked else 0):
        services.state_fact(
            request=row, name="incidents", value=chance.randrange(0, 9), actor=a_user(Role.CLERK), at=NOON,
            reason="counted",
        )  # fmt: skip
    for days in (20, 30, 44):
        ClosureDay.objects.create(agency=agency, day=NOON.date() + timedelta(days=days), reason="Storm")
    RecordsRequest.objects.update(due_on="2020-01-01")

    list(recount.recount(agency))

    pending = dict(PendingLapse.objects.values_list("request_id", "on"))
    for row in rows:
        row.refresh_from_db()
        assert (row.due_on, pending.get(row.pk)) == counted_once(row)
    assert any(row.due_on is None for row in rows)
    assert law_code == "US" or pending


def test_count_asks_the_same_few_questions_for_many_requests_as_for_one() -> None:
    agency = an_agency()
    chance = random.Random(7)  # noqa: S311  a repeatable test
    a_random_request(chance)
    list(recount.recount(agency))
    RecordsRequest.objects.update(due_on=None)
    with CaptureQueriesContext(
        connection,
    ) as few:
        list(recount.recount(agency))
    for _ in range(15):
        a_random_request(chance)

    with CaptureQueriesContext(connection) as many:
        list(recount.recount(agency))

    assert len(many) <= len(few) + 2  # a lapse may have to be written


def test_count_goes_on_from_the_id_it_gave_and_leaves_what_is_right() -> None:
    agency = an_agency()
    first, second = a_request(), a_request()
    for row in (first, second):
        services.refresh_due(row)
    RecordsRequest.objects.update(due_on="2020-01-01")

    found = list(recount.recount(agency, after=first.pk))
    again = list(recount.recount(agency, after=first.pk))

    first.refresh_from_db()
    assert str(first.due_on) == "2020-01-01"
    assert [one.request_id for _, moved in found for one in moved] == [second.pk]
    assert [moved for _, moved in again] == [[]]


def test_closed_request_is_not_counted_again() -> None:
    row = a_request(status=Status.CLOSED, disposition="full", closed_at=NOON)
    RecordsRequest.objects.update(due_on="2020-01-01")

    assert list(recount.recount(row.agency)) == []
    assert recount.total(row.agency) == 0


def test_pending_lapse_is_kept_and_goes_with_the_answer() -> None:
    row, clerk = a_request(), a_user(Role.CLERK)
    services.record(request=row, type="estimate_sent", actor=clerk, at=NOON)
    kept = PendingLapse.objects.get(request=row)

    services.record(request=row, type="estimate_accepted", actor=None, at=NOON + timedelta(days=1))

    assert (kept.clock, str(kept)) == ("estimate_lapse", f"estimate_lapse {kept.on}")
    assert not PendingLapse.objects.filter(request=row).exists()


def test_bulk_count_takes_away_a_lapse_that_is_over() -> None:
    row = a_request()
    PendingLapse.objects.create(request=row, clock="estimate_lapse", on="2026-12-01")

    list(recount.recount(row.agency))

    assert not PendingLapse.objects.exists()


def test_nightly_count_is_one_job_a_day_and_heals_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "now", lambda: NOON)
    row = a_request()
    services.refresh_due(row)
    right = row.due_on
    RecordsRequest.objects.update(due_on="2020-01-01")

    tasks.nightly()
    tasks.nightly()
    work()

    assert Job.objects.filter(kind=tasks.NIGHTLY).count() == 1
    row.refresh_from_db()
    assert row.due_on == right
