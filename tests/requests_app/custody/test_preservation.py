from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from portal.accounts.rules import Role
from requests_app.correspondence.models import OutgoingMail
from requests_app.custody import preservation, tracing
from requests_app.custody import services as custody
from requests_app.custody.models import PreservationTask, RetentionConflict
from requests_app.custody.tasks import look_over, press
from requests_app.docket.models import RecordsRequest
from tests.builders import NOON, a_user, an_agency
from tests.requests_app.custody.retention_builders import a_keeper, an_asking_request, close

pytestmark = pytest.mark.django_db
DAY = NOON.date()


def asked(**fields: Any) -> PreservationTask:
    given = {"starts_at": NOON - timedelta(days=10), "ends_at": None, **fields}
    [task] = custody.preserve(request=an_asking_request(**given), actor=None, at=NOON)
    return task


def test_task_carries_the_earliest_destruction_with_its_rule_in_words() -> None:
    task = asked()

    assert task.destroy_on == DAY + timedelta(days=80)
    assert (task.rule_id, task.series) == ("tx-bwc", "body_worn_camera")
    assert task.rule == "must be kept for 90 days (formerly Occ. Code 1701.655)"
    assert any("January 21, 2027" in line for line in task.because)
    assert not RetentionConflict.objects.exists()


def test_unknown_camera_goes_by_the_shortest_of_what_it_may_be() -> None:
    task = asked(record_type="")

    assert (task.destroy_on, task.series) == (DAY + timedelta(days=20), "law_enforcement_video")


@pytest.mark.parametrize(
    ("form", "answers", "series"),
    [
        ("lpr", {"lpr_kind": "detections"}, ("lpr",)),
        ("lpr", {"lpr_kind": "audit log"}, ("search_audit_log",)),
        ("lpr", {"lpr_kind": "policies"}, ("policy",)),
        ("drone", {"drone_kind": "flight log"}, ("drone_log",)),
        ("drone", {"drone_kind": "flight log and footage"}, ("drone_video", "drone_log")),
        ("drone", {}, ("drone_video",)),
        ("other", {}, ()),
    ],
)
def test_what_is_asked_for_is_told_from_the_form(
    form: str, answers: dict[str, str], series: tuple[str, ...]
) -> None:
    request = RecordsRequest(form_code=form, answers=answers)

    assert tracing.kinds_asked(request) == series
    assert tracing.series_of(request) == (series[0] if series else "")


def test_law_that_orders_destruction_and_names_no_request_asks_counsel_at_once() -> None:
    an_agency(law_code="WA")
    task = asked(record_type="lpr")

    row = RetentionConflict.objects.get()

    assert (row.task, row.destroy_on, row.rule_id) == (task, DAY + timedelta(days=11), "wa-lpr")
    assert "RCW 42.56.100" not in row.citation
    [again] = custody.preserve(request=task.request, actor=None, at=NOON)
    assert (again, RetentionConflict.objects.count()) == (task, 1)


def test_last_day_to_ask_for_longer_keeping_is_told() -> None:
    an_agency(law_code="IN")

    assert asked().ask_by == DAY - timedelta(days=10) + timedelta(days=180)


def test_without_a_day_or_a_rule_the_task_says_nothing_it_does_not_know() -> None:
    undated, other = asked(starts_at=None), asked(record_type="policy")

    assert (undated.destroy_on, undated.rule) == (None, "")
    assert (other.destroy_on, other.rule) == (None, "")
    assert asked(record_type="", form_code="other").destroy_on is None


def test_mails_rise_with_the_level_and_go_once_to_everybody_responsible() -> None:
    task, keeper = asked(), a_keeper()

    risen = [preservation.press(at=NOON + timedelta(days=days)) for days in (0, 39, 40, 41, 78, 78, 80, 90)]

    assert risen == [0, 0, 1, 0, 1, 0, 1, 0]
    assert OutgoingMail.objects.filter(to=keeper.email).count() == 3
    task.refresh_from_db()
    assert task.alerted == 3


def test_owner_of_the_request_is_pressed_alone() -> None:
    task, owner = asked(), a_keeper()
    a_keeper()
    RecordsRequest.objects.filter(pk=task.request_id).update(assignee=owner)

    preservation.press(at=NOON + timedelta(days=79))

    assert [mail.to for mail in OutgoingMail.objects.all()] == [owner.email]


def test_attested_closed_and_lost_races_press_nobody() -> None:
    attested, closed, raced = asked(), asked(), asked()
    a_keeper()
    custody.attest_preserved(task=attested, actor=a_user(Role.ANALYST), at=NOON, evidence="T-1")
    close(closed.request)
    at = NOON + timedelta(days=79)
    today = date(2027, 1, 20)

    assert preservation.alert_of(attested, today) == "none"
    assert preservation.alert_of(closed, today) == "none"
    PreservationTask.objects.filter(pk=raced.pk).update(alerted=3)
    preservation._mail(raced, 2)
    assert preservation.press(at=at) == 0

    assert not OutgoingMail.objects.exists()


def test_beats_tasks_run_twice_and_change_nothing_more() -> None:
    a_keeper()
    asked(starts_at=timezone.now() - timedelta(days=89))
    PreservationTask.objects.update(asked_at=timezone.now())

    for _ in range(2):
        press()
        look_over()

    assert OutgoingMail.objects.count() == 1
