"""Locks are taken in one order (decision 0051): here two meet who once waited in a circle."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from requests_app.custody import cases, classifying, destroying, holds
from requests_app.custody import services as custody
from requests_app.custody.models import CaseDetermination, Hold, HoldRecord
from requests_app.docket.rules import Status
from tests.builders import NOON
from tests.patience import SECONDS, comes
from tests.requests_app.custody.record_builders import an_analyst
from tests.requests_app.custody.retention_builders import (
    STOP,
    a_case,
    a_keeper,
    a_second_person,
    an_asking_request,
    an_old_record,
    close,
)
from tests.requests_app.custody.test_holds import NEXT_YEAR

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = """
    SELECT count(*) FROM pg_locks held JOIN pg_database here ON here.oid = held.database
    WHERE here.datname = current_database() AND held.locktype = 'advisory' AND NOT held.granted
"""


def until_somebody_waits_for_the_chain() -> None:
    """The caller holds the chain's lock; the other one has come as far as it can."""

    def waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            return bool(cursor.fetchone()[0])

    assert comes(waits), "nobody came to wait for the chain"


def in_a_thread(work: Callable[[], Any]) -> Any:
    try:
        return work()
    finally:
        connection.close()


def test_hold_ends_while_a_record_comes_under_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asking = an_asking_request(status=Status.SEARCHING)
    hold = custody.place_hold(request=asking, item=asking.items.get(), at=NOON)
    close(asking)
    record = an_old_record(place="Oak Street")
    holds.propose_release(hold=hold, actor=a_keeper(), at=NEXT_YEAR, reason="over")
    second, analyst = a_second_person(), an_analyst()
    cover = holds.cover

    with ThreadPoolExecutor(1) as pool:
        ends: list[Any] = []

        def met(**more: Any) -> Any:
            work = lambda: holds.confirm_release(hold=hold, actor=second, at=NEXT_YEAR)  # noqa: E731  runs there
            ends.append(pool.submit(in_a_thread, work))
            until_somebody_waits_for_the_chain()
            return cover(**more)

        monkeypatch.setattr(classifying, "cover", met)
        classifying.classify(
            record=record, actor=analyst, at=NEXT_YEAR, series="body_worn_camera", severity="non_event",
            recorded_at=STOP, recorded_until=STOP, place="Elm Street at 4th Avenue",
        )  # fmt: skip
        ends[0].result(timeout=SECONDS)

    assert HoldRecord.objects.filter(hold=hold, record=record).exists()
    assert Hold.objects.get(pk=hold.pk).released_at == NEXT_YEAR


def test_record_is_put_to_a_case_while_a_determination_is_made_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = a_case()
    other = an_old_record(open_request=True, case=case)
    record = an_old_record(open_request=True)
    analyst, colleague = an_analyst(), an_analyst()
    exists, calls = destroying.require_exists, iter(range(9))

    def determine() -> None:
        cases.determine(
            record=other, exemption_code="TX-108", harm="A witness of the shooting would be named by it.",
            look_again_on=NOON.date().replace(month=12), actor=colleague, at=NOON,
        )  # fmt: skip

    with ThreadPoolExecutor(1) as pool:
        made: list[Any] = []

        def met(row: Any) -> None:
            exists(row)
            if next(calls):  # the second time: with the chain's lock and the record's
                made.append(pool.submit(in_a_thread, determine))
                until_somebody_waits_for_the_chain()

        monkeypatch.setattr(classifying, "require_exists", met)
        classifying.classify(
            record=record, actor=analyst, at=NOON, series="body_worn_camera", severity="non_event",
            recorded_at=STOP, recorded_until=STOP, place="Oak Street", case=case,
        )  # fmt: skip
        made[0].result(timeout=SECONDS)

    record.refresh_from_db()
    assert record.case == case
    assert CaseDetermination.objects.filter(record=other, case=case, ended_at=None).count() == 1
