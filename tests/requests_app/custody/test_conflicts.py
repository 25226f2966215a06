from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.http import Http404

from portal.accounts.rules import Role
from portal.core import files
from portal.core.errors import BadInput, NotAllowed
from requests_app.correspondence.models import OutgoingMail
from requests_app.custody import conflicts, judging, purging, selectors
from requests_app.custody import services as custody
from requests_app.custody.models import HoldRecord, ResponsiveRecord, RetentionConflict
from tests.builders import NOON, a_user, an_agency
from tests.requests_app.custody.record_builders import an_analyst
from tests.requests_app.custody.retention_builders import (
    a_case,
    a_counsel,
    a_done_purge,
    a_keeper,
    an_asking_request,
    an_old_record,
)

pytestmark = pytest.mark.django_db
READ = NOON - timedelta(days=20)  # 21 days end tomorrow
TODAY, TOMORROW = NOON.date(), NOON.date() + timedelta(days=1)


@pytest.fixture(autouse=True)
def washington() -> None:
    an_agency(law_code="WA", time_zone="America/Los_Angeles")


def some_reads(**facts: object) -> ResponsiveRecord:
    return an_old_record(**{"series": "lpr", "recorded_at": READ, "recorded_until": None, **facts})  # type: ignore[arg-type]  # as named


def held_reads(**facts: object) -> ResponsiveRecord:
    """Reads of a closed request which another, open one asks for."""
    record = some_reads(**facts)
    asking = an_asking_request(record_type="lpr", starts_at=READ, ends_at=READ)
    custody.place_hold(request=asking, item=asking.items.get(), at=NOON)
    return record


def test_hold_against_an_order_to_destroy_goes_to_counsel_once() -> None:
    record = held_reads()

    assert conflicts.open_conflicts(agency=an_agency(), at=NOON) == 1
    assert conflicts.open_conflicts(agency=an_agency(), at=NOON) == 0

    row = RetentionConflict.objects.get(record=record)
    assert (row.destroy_on, row.rule_id, row.request_hold) == (TOMORROW, "wa-lpr", "silent")
    assert row.hold is not None
    assert conflicts.hours_left(row, NOON) == 14  # to midnight in Seattle
    assert conflicts.hours_left(row, NOON + timedelta(days=2)) < 0


def test_until_counsel_decides_nothing_is_destroyed_by_anybody() -> None:
    record = held_reads()
    conflicts.open_conflicts(agency=an_agency(), at=NOON)
    later = TOMORROW + timedelta(days=5)

    groups, left = purging.preview(an_agency(), later)

    assert groups == []
    assert [(row.record, row.blocked) for row in left] == [(record, "counsel has to decide first")]


def test_counsel_lets_it_be_destroyed_and_two_people_still_have_to_do_it() -> None:
    record = held_reads()
    conflicts.open_conflicts(agency=an_agency(), at=NOON)
    row, counsel = RetentionConflict.objects.get(), a_counsel()

    conflicts.decide(
        conflict=row, decision="destroy", reason="The law leaves no choice.", actor=counsel, at=NOON
    )

    cover = HoldRecord.objects.get(record=record)
    assert (cover.lifted_at, cover.lifted_by) == (NOON, row)
    assert files_exist(record)
    judged = judging.judge_one(record, TOMORROW)
    assert (judged.due_on, judged.blocked) == (TOMORROW, "")
    assert "decision of counsel" in judged.rule


def test_counsels_word_is_carried_out_though_its_request_and_case_are_open() -> None:
    past = NOON - timedelta(days=30)
    record = some_reads(open_request=True, recorded_at=past, case=a_case())
    custody.place_hold(request=record.request, at=NOON)
    conflicts.open_conflicts(agency=an_agency(), at=NOON)
    row = RetentionConflict.objects.get(record=record)

    conflicts.decide(
        conflict=row, decision="destroy", reason="Ordered by statute.", actor=a_counsel(), at=NOON
    )
    purge = a_done_purge(record)

    assert purge.items.get().state == "destroyed"
    assert not files_exist(record)


def test_counsel_keeps_it_until_a_day_and_is_asked_again_on_it() -> None:
    record = held_reads()
    conflicts.open_conflicts(agency=an_agency(), at=NOON)
    until = TODAY + timedelta(days=60)

    conflicts.decide(
        conflict=RetentionConflict.objects.get(), decision="keep", keep_until=until,
        reason="It is asked for.", actor=a_counsel(), at=NOON,
    )  # fmt: skip

    assert (
        judging.judge_one(record, until - timedelta(days=1)).blocked
        == "counsel keeps it until January 1, 2027"
    )
    assert conflicts.open_conflicts(agency=an_agency(), at=NOON + timedelta(days=59)) == 0
    assert conflicts.open_conflicts(agency=an_agency(), at=NOON + timedelta(days=60)) == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"decision": "burn"}, "Choose"),
        ({"decision": "keep", "reason": " "}, "Write the reason"),
        ({"decision": "keep"}, "Give the day"),
        ({"decision": "keep", "keep_until": TODAY}, "in the future"),
    ],
)
def test_decision_is_whole_or_refused(given: dict[str, object], words: str) -> None:
    held_reads()
    conflicts.open_conflicts(agency=an_agency(), at=NOON)
    row = RetentionConflict.objects.get()

    with pytest.raises(BadInput, match=words):
        conflicts.decide(conflict=row, **{"reason": "Because.", **given}, actor=a_counsel(), at=NOON)  # type: ignore[arg-type]  # as named

    row.refresh_from_db()
    assert row.decided_at is None


def test_only_counsel_decides_and_only_once() -> None:
    held_reads()
    conflicts.open_conflicts(agency=an_agency(), at=NOON)
    row, counsel = RetentionConflict.objects.get(), a_counsel()

    with pytest.raises(NotAllowed, match="Only counsel"):
        conflicts.decide(conflict=row, decision="destroy", reason="x", actor=a_keeper(), at=NOON)
    conflicts.decide(conflict=row, decision="destroy", reason="x", actor=counsel, at=NOON)
    with pytest.raises(conflicts.AlreadyDecided):
        conflicts.decide(
            conflict=row, decision="keep", keep_until=TOMORROW, reason="y", actor=counsel, at=NOON
        )
    with pytest.raises(DatabaseError, match="is decided"), transaction.atomic():
        RetentionConflict.objects.update(reason="other")
    with pytest.raises(DatabaseError, match="only a decision of counsel"), transaction.atomic():
        HoldRecord.objects.update(lifted_at=None)


def test_decision_without_a_reason_is_refused_by_the_database_too() -> None:
    held_reads()
    conflicts.open_conflicts(agency=an_agency(), at=NOON)

    with pytest.raises(IntegrityError, match="conflict_decided_with_reason"), transaction.atomic():
        RetentionConflict.objects.update(decided_at=NOON, decided_by=a_counsel(), decision="destroy")


def test_what_only_a_hold_keeps_is_seen_by_the_records_unit_and_counsel_alone() -> None:
    record = held_reads(recorded_at=READ - timedelta(days=90))
    officer, counsel, analyst = a_user(Role.FEE_OFFICER), a_counsel(), an_analyst()
    assert selectors.get_record(officer, record.key) == record

    # its own request alone is asked about here: the days are long past, so nothing else covers it
    custody.place_hold(request=record.request, at=NOON)
    conflicts.open_conflicts(agency=an_agency(), at=NOON)

    with pytest.raises(Http404):
        selectors.get_record(officer, record.key)
    assert selectors.get_record(counsel, record.key) == record
    assert selectors.get_record(analyst, record.key) == record
    assert selectors.beyond_policy(record, at=NOON)
    assert selectors.waits_for_counsel(record, at=NOON)


def test_open_case_that_the_law_does_not_name_is_a_conflict_too() -> None:
    record = some_reads(case=a_case())

    conflicts.open_conflicts(agency=an_agency(), at=NOON)

    assert "Its case is open" in RetentionConflict.objects.get(record=record).words


def test_counsel_gets_one_mail_when_it_is_new_and_one_when_it_is_soon() -> None:
    counsel = a_counsel()
    held_reads(recorded_at=NOON - timedelta(days=15))
    asking = an_asking_request(record_type="lpr", starts_at=NOON - timedelta(days=15))
    custody.preserve(request=asking, actor=None, at=NOON)

    for days in (0, 1, 4, 5):
        conflicts.press_counsel(at=NOON + timedelta(days=days))

    sent = OutgoingMail.objects.filter(to=counsel.email)
    assert sent.count() == 2
    assert "November 8, 2026" in sent.first().text  # type: ignore[union-attr]  # there are two


def files_exist(record: ResponsiveRecord) -> bool:
    return files.path_of(record.address).exists()


def test_hold_that_came_after_a_word_to_destroy_is_a_new_question_for_counsel() -> None:
    record = held_reads()
    conflicts.open_conflicts(agency=an_agency(), at=NOON)
    first = RetentionConflict.objects.get()
    conflicts.decide(conflict=first, decision="destroy", reason="Ordered.", actor=a_counsel(), at=NOON)
    assert conflicts.open_conflicts(agency=an_agency(), at=NOON) == 0

    asking = an_asking_request(record_type="lpr", starts_at=READ, ends_at=READ)
    custody.place_hold(request=asking, item=asking.items.get(), at=NOON)

    assert conflicts.open_conflicts(agency=an_agency(), at=NOON) == 1
    assert conflicts.open_conflicts(agency=an_agency(), at=NOON) == 0
    second = RetentionConflict.objects.get(decided_at=None)
    assert (second.record, second.hold) == (record, asking.holds.get())
