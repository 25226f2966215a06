from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from portal.core.errors import BadInput, NotAllowed
from requests_app.custody import judging, schedules
from requests_app.custody.models import RetentionSchedule
from tests.builders import NOON, an_agency
from tests.requests_app.custody.record_builders import an_analyst
from tests.requests_app.custody.retention_builders import STOP, a_keeper, an_old_record

pytestmark = pytest.mark.django_db
TODAY = NOON.date()


def a_schedule(**fields: Any) -> RetentionSchedule:
    return schedules.add(
        **{
            "agency": an_agency(), "series": "body_worn_camera", "severity": "", "title": "Ordinary stops",
            "keep_at_least": "P180D", "destroy_by": "", "citation": "Policy 7.2", "starts_on": TODAY,
            "actor": a_keeper(), "at": NOON, **fields,
        }
    )  # fmt: skip


def test_schedule_of_the_agency_decides_from_its_first_day() -> None:
    record = an_old_record()

    row = a_schedule(starts_on=TODAY + timedelta(days=1))

    assert judging.judge_one(record, TODAY).due_on == STOP.date() + timedelta(days=90)
    judged = judging.judge_one(record, TODAY + timedelta(days=1))
    assert judged.due_on == STOP.date() + timedelta(days=180)
    assert judged.free.rule_id == f"schedule-{row.pk}"


def test_schedule_may_be_of_one_severity() -> None:
    a_schedule(severity="traffic_or_minor")

    assert judging.judge_one(an_old_record(), TODAY).due_on == STOP.date() + timedelta(days=90)
    minor = judging.judge_one(an_old_record(severity="traffic_or_minor"), TODAY)
    assert minor.due_on == STOP.date() + timedelta(days=180)


@pytest.mark.parametrize(
    ("law", "fields", "words"),
    [
        ("TX", {"keep_at_least": "P89D"}, "89 days is shorter than Body-worn video .* at least 90 days"),
        ("TX", {"keep_at_least": "", "destroy_by": "P2M"}, "2 months is shorter"),
        ("TX", {"series": "any", "keep_at_least": "P30D"}, "shorter than Body-worn video"),
        ("IL", {"keep_at_least": "P91D"}, "91 days is longer than Body-worn video .* at most 90 days"),
        (
            "IL",
            {"series": "drone_video", "keep_at_least": "", "destroy_by": "P2M"},
            "longer than Drone video",
        ),
        ("WA", {"series": "lpr", "keep_at_least": "P22D"}, "longer than Plate reads .*ch. 239"),
        ("IN", {"keep_at_least": "P180D"}, "at least 190 days"),
    ],
)
def test_period_beyond_the_law_is_refused_naming_the_rule(
    law: str, fields: dict[str, Any], words: str
) -> None:
    an_agency(law_code=law)

    with pytest.raises(schedules.AgainstTheLaw, match=words):
        a_schedule(**fields)

    assert not RetentionSchedule.objects.exists()


@pytest.mark.parametrize(
    ("law", "fields"),
    [
        ("IL", {"keep_at_least": "P90D"}),
        ("IL", {"severity": "use_of_force", "keep_at_least": "P2Y"}),  # flagged: the law lets it be kept
        ("IN", {"keep_at_least": "P190D"}),  # a city: the 280 days are the state's
        ("WA", {"series": "lpr", "keep_at_least": "", "destroy_by": "P14D"}),
        ("CA", {"series": "lpr", "keep_at_least": "", "destroy_by": "P1Y"}),  # the CHP's 60 days bind the CHP
        ("TX", {"trigger": "case_close", "keep_at_least": "P1D"}),
    ],
)
def test_period_within_the_law_is_taken(law: str, fields: dict[str, Any]) -> None:
    an_agency(law_code=law)

    assert a_schedule(**fields).pk


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"series": "poetry"}, "from the lists"),
        ({"severity": "awful"}, "from the lists"),
        ({"trigger": "moon"}, "counts from"),
        ({"title": " "}, "title"),
        ({"citation": ""}, "title"),
        ({"keep_at_least": ""}, "Say how long"),
        ({"keep_at_least": "90 days"}, "is not a period"),
        ({"destroy_by": "P100D"}, "first period is the longer"),
    ],
)
def test_schedule_that_says_nothing_or_nonsense_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        a_schedule(**fields)


def test_two_schedules_of_one_kind_never_stand_at_once() -> None:
    first = a_schedule()

    with pytest.raises(schedules.OverlappingSchedule, match="Ordinary stops"):
        a_schedule(title="Second")
    schedules.end(schedule=first, last_day=TODAY, today=TODAY, actor=a_keeper())
    second = a_schedule(title="Second", starts_on=TODAY + timedelta(days=1), keep_at_least="p1y")

    assert second.keep_at_least == "P1Y"
    assert list(schedules.in_force(an_agency(), TODAY + timedelta(days=1))) == [second]


def test_schedule_ends_once_and_not_in_the_past() -> None:
    row, keeper = a_schedule(starts_on=TODAY + timedelta(days=9)), a_keeper()

    for last_day, words in ((TODAY - timedelta(days=2), "before yesterday"), (TODAY, "before the first")):
        with pytest.raises(BadInput, match=words):
            schedules.end(schedule=row, last_day=last_day, today=TODAY, actor=keeper)
    schedules.end(schedule=row, last_day=TODAY + timedelta(days=20), today=TODAY, actor=keeper)
    with pytest.raises(BadInput, match="has a last day"):
        schedules.end(schedule=row, last_day=TODAY + timedelta(days=30), today=TODAY, actor=keeper)


def test_schedule_that_stands_is_never_rewritten() -> None:
    a_schedule()

    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        RetentionSchedule.objects.update(keep_at_least="P1D")
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        RetentionSchedule.objects.all().delete()


def test_roles_are_asked_for() -> None:
    row = a_schedule()

    with pytest.raises(NotAllowed):
        a_schedule(actor=an_analyst(), series="lpr")
    with pytest.raises(NotAllowed):
        schedules.end(schedule=row, last_day=TODAY, today=TODAY, actor=an_analyst())
