from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, NotAllowed, StaleWrite
from requests_app.clock import selectors as clocks
from requests_app.clock import services as clock
from requests_app.custody import classifying, holds
from requests_app.custody import services as custody
from requests_app.custody.models import Hold, HoldRecord, ResponsiveRecord
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from tests.builders import NOON, a_request, a_user
from tests.requests_app.custody.record_builders import a_record, an_analyst
from tests.requests_app.custody.retention_builders import (
    STOP,
    a_case,
    a_done_purge,
    a_keeper,
    a_second_person,
    an_asking_request,
    an_old_record,
    close,
)

pytestmark = pytest.mark.django_db
NEXT_YEAR = NOON + timedelta(days=366)


def held(request: RecordsRequest) -> set[int]:
    covers = HoldRecord.objects.filter(hold__request=request)
    return set(covers.values_list("record_id", flat=True))


def a_hold(disposition: Disposition = Disposition.FULL) -> Hold:
    """The hold of a closed request."""
    request = an_asking_request(status=Status.SEARCHING)
    hold = custody.place_hold(request=request, item=request.items.get(), at=NOON)
    close(request, disposition)
    return hold


def test_filing_holds_every_record_here_that_may_be_meant() -> None:
    meant, elsewhere = an_old_record(), an_old_record(place="Oak Street")
    by_number = an_old_record(recorded_at=None, recorded_until=None, incident="26-1182")
    of_case = an_old_record(recorded_at=None, recorded_until=None, case=a_case(number="C 26/1182"))
    request = an_asking_request(answers={"case_number": "26 1182"})

    custody.preserve(request=request, actor=None, at=NOON)

    assert held(request) == {meant.pk, by_number.pk}
    again = an_asking_request(answers={"case_number": "c26-1182"})
    custody.preserve(request=again, actor=None, at=NOON)
    assert held(again) == {meant.pk, of_case.pk}
    assert elsewhere.pk not in held(request) | held(again)
    assert Entry.objects.filter(action="custody.record_held").count() == 4


def test_asking_twice_places_one_hold_an_item() -> None:
    an_old_record()
    request = an_asking_request()

    custody.preserve(request=request, actor=None, at=NOON)
    custody.preserve(request=request, actor=None, at=NOON)

    assert (request.holds.count(), len(held(request)), request.preservation_tasks.count()) == (1, 1, 1)


def test_destroyed_record_is_not_held() -> None:
    gone = an_old_record()
    a_done_purge(gone)
    request = an_asking_request()

    custody.preserve(request=request, actor=None, at=NOON)

    assert held(request) == set()


def test_record_that_comes_later_is_covered_by_every_hold_that_looks_for_it() -> None:
    asking = an_asking_request(answers={"case_number": "26-1182"})
    custody.preserve(request=asking, actor=None, at=NOON)
    other = an_asking_request(status=Status.SEARCHING)
    custody.preserve(request=other, actor=None, at=NOON)

    record = a_record(request=other)

    assert record.series == "body_worn_camera"
    assert (record.recorded_at, record.place) == (STOP - timedelta(hours=1), "Elm St")
    assert held(asking) == held(other) == {record.pk}


def test_record_without_a_time_is_held_by_its_own_request_alone() -> None:
    request = a_request(status=Status.SEARCHING)
    custody.place_hold(request=request, at=NOON)
    custody.place_hold(request=an_asking_request(), at=NOON)

    record = a_record(request=request)

    assert list(record.held_by.values_list("hold__request", "why")) == [
        (request.pk, "record of this request")
    ]


def test_saying_where_a_record_is_from_puts_it_under_the_holds_that_look_there() -> None:
    asking = an_asking_request()
    custody.preserve(request=asking, actor=None, at=NOON)
    record = an_old_record(recorded_at=None, recorded_until=None, place="", open_request=True)
    assert held(asking) == set()

    classifying.classify(
        record=record, actor=an_analyst(), at=NOON, series="body_worn_camera", severity="use_of_force",
        recorded_at=STOP, place="Elm Street", conditions=["force"],
    )  # fmt: skip

    assert held(asking) == {record.pk}
    assert (record.severity, record.conditions) == ("use_of_force", ["force"])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"series": "poetry"}, "from the lists"),
        ({"severity": "awful"}, "from the lists"),
        ({"conditions": ["blue"]}, "“blue” is not in the list"),
        ({"recorded_until": STOP}, "ends before it begins"),
        ({"recorded_at": STOP, "recorded_until": STOP - timedelta(seconds=1)}, "ends before it begins"),
    ],
)
def test_classifying_refuses_what_is_in_no_list(given: dict[str, object], words: str) -> None:
    record = an_old_record(open_request=True)
    whole = {"series": "lpr", "severity": "", **given}

    with pytest.raises(BadInput, match=words):
        classifying.classify(record=record, actor=an_analyst(), at=NOON, **whole)  # type: ignore[arg-type]  # as named


def test_classifying_needs_the_role_and_another_agencys_case_is_refused() -> None:
    record = an_old_record(open_request=True)
    case = a_case()
    case.agency_id = record.request.agency_id + 1

    with pytest.raises(NotAllowed):
        classifying.classify(record=record, actor=a_user(Role.AUDITOR), at=NOON, series="", severity="")
    with pytest.raises(BadInput, match="another agency"):
        classifying.classify(record=record, actor=an_analyst(), at=NOON, series="", severity="", case=case)


def test_database_refuses_to_destroy_a_record_on_hold_whoever_asks() -> None:
    record = an_old_record()
    request = an_asking_request()
    custody.preserve(request=request, actor=None, at=NOON)

    with pytest.raises(DatabaseError, match="is destroyed by a purge"), transaction.atomic():
        ResponsiveRecord.objects.filter(pk=record.pk).update(destroyed_at=NOON)
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        Hold.objects.all().delete()
    with (
        pytest.raises(DatabaseError, match="Cannot delete"),
        transaction.atomic(),
        connection.cursor() as raw,
    ):
        raw.execute("DELETE FROM custody_holdrecord")
    with pytest.raises(DatabaseError, match="only a decision of counsel"), transaction.atomic():
        HoldRecord.objects.update(lifted_at=NOON)


def test_hold_ends_by_two_people_once_nobody_can_sue_any_more() -> None:
    hold, keeper, second = a_hold(), a_keeper(), a_second_person()

    holds.propose_release(hold=hold, actor=keeper, at=NEXT_YEAR, reason=" over ")
    holds.confirm_release(hold=hold, actor=second, at=NEXT_YEAR)

    hold.refresh_from_db()
    assert (hold.release_proposed_by, hold.released_by, hold.release_reason) == (keeper, second, "over")
    with pytest.raises(StaleWrite, match="has ended"):
        holds.propose_release(hold=hold, actor=keeper, at=NEXT_YEAR, reason="again")


def test_proposer_cannot_end_the_hold_alone_by_service_or_sql() -> None:
    hold, both = a_hold(), a_user(Role.CLERK, Role.APPROVER)
    holds.propose_release(hold=hold, actor=both, at=NEXT_YEAR, reason="over")

    with pytest.raises(holds.SelfRelease):
        holds.confirm_release(hold=hold, actor=both, at=NEXT_YEAR)
    with pytest.raises(IntegrityError, match="hold_released_by_two"), transaction.atomic():
        Hold.objects.filter(pk=hold.pk).update(released_by=both, released_at=NEXT_YEAR)

    assert Entry.objects.filter(action="custody.hold_released", outcome="denied").count() == 1


@pytest.mark.parametrize(
    ("disposition", "days", "free"),
    [
        (Disposition.FULL, 364, False),
        (Disposition.FULL, 365, True),
        (Disposition.WITHDRAWN, 29, False),
        (Disposition.WITHDRAWN, 30, True),
        (Disposition.LAPSED, 30, True),
    ],
)
def test_hold_stays_until_its_day(disposition: Disposition, days: int, free: bool) -> None:
    hold = a_hold(disposition)
    at = NOON + timedelta(days=days)

    if free:
        holds.propose_release(hold=hold, actor=a_keeper(), at=at, reason="over")
    else:
        with pytest.raises(holds.HoldBinds, match="The hold stays until"):
            holds.propose_release(hold=hold, actor=a_keeper(), at=at, reason="over")

    hold.refresh_from_db()
    assert (hold.release_proposed_by is not None) is free


def test_open_request_an_appeal_or_a_missing_reason_keep_the_hold() -> None:
    hold = a_hold()
    keeper = a_keeper()

    with pytest.raises(BadInput, match="Say why"):
        holds.propose_release(hold=hold, actor=keeper, at=NEXT_YEAR, reason=" ")
    holds.wait_for(request=hold.request, what="appeal A26-00001")
    with pytest.raises(holds.HoldBinds, match="waits for appeal A26-00001"):
        holds.propose_release(hold=hold, actor=keeper, at=NEXT_YEAR, reason="over")
    holds.waits_no_more(request=hold.request, what="appeal A26-00001")
    holds.propose_release(hold=hold, actor=keeper, at=NEXT_YEAR, reason="over")
    with pytest.raises(StaleWrite, match="proposed to end this hold already"):
        holds.propose_release(hold=hold, actor=a_keeper(), at=NEXT_YEAR, reason="over")
    RecordsRequest.objects.filter(pk=hold.request_id).update(
        status=Status.ACCEPTED, disposition="", closed_at=None
    )
    with pytest.raises(holds.HoldBinds, match="is open"):
        holds.confirm_release(hold=hold, actor=a_second_person(), at=NEXT_YEAR)
    with pytest.raises(DatabaseError, match="is open"), transaction.atomic():
        Hold.objects.filter(pk=hold.pk).update(released_by=a_second_person(), released_at=NEXT_YEAR)


def test_nobody_confirms_what_nobody_proposed_and_roles_are_asked_for() -> None:
    hold = a_hold()

    with pytest.raises(StaleWrite, match="Nobody has proposed"):
        holds.confirm_release(hold=hold, actor=a_second_person(), at=NEXT_YEAR)
    with pytest.raises(NotAllowed):
        holds.propose_release(hold=hold, actor=an_analyst(), at=NEXT_YEAR, reason="over")
    with pytest.raises(NotAllowed):
        holds.confirm_release(hold=hold, actor=a_keeper(), at=NEXT_YEAR)


def test_ended_hold_cannot_be_taken_up_again() -> None:
    hold = a_hold()
    holds.propose_release(hold=hold, actor=a_keeper(), at=NEXT_YEAR, reason="over")
    holds.confirm_release(hold=hold, actor=a_second_person(), at=NEXT_YEAR)

    with pytest.raises(DatabaseError, match="stays so"), transaction.atomic():
        Hold.objects.filter(pk=hold.pk).update(released_at=None, released_by=None)


def test_a_night_gives_holds_of_closed_requests_their_day_and_takes_it_back_when_reopened() -> None:
    withdrawn, answered = a_hold(Disposition.WITHDRAWN), a_hold()

    assert holds.set_review_days(at=NOON) == 2
    assert holds.set_review_days(at=NOON) == 0

    withdrawn.refresh_from_db()
    answered.refresh_from_db()
    assert withdrawn.review_on == NOON.date() + timedelta(days=30)
    assert answered.review_on == NOON.date() + timedelta(days=365)
    RecordsRequest.objects.filter(pk=answered.request_id).update(
        status=Status.ACCEPTED, disposition="", closed_at=None
    )
    holds.set_review_days(at=NOON)
    fresh = Hold.objects.get(pk=answered.pk)
    assert (fresh.review_on, fresh.review_why) == (None, "")


def test_window_to_appeal_that_is_longer_than_a_year_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    hold = a_hold()
    monkeypatch.setattr(holds, "SUIT", timedelta(days=1))

    assert holds.review_day(hold.request)[1] == "one year in which a court can be asked"
    late = NOON.date() + timedelta(days=90)

    class Window:
        clock, due = "appeal_window", late

    monkeypatch.setattr(clocks, "derivations", lambda request, on: [Window()])
    assert holds.review_day(hold.request) == (late, "the last day to appeal")


def test_open_request_has_no_day_to_end_its_hold() -> None:
    with pytest.raises(holds.HoldBinds, match="is open"):
        holds.review_day(an_asking_request())


def test_request_opened_again_after_its_hold_ended_is_held_anew() -> None:
    hold = a_hold(Disposition.DENIED)
    holds.propose_release(hold=hold, actor=a_keeper(), at=NEXT_YEAR, reason="over")
    holds.confirm_release(hold=hold, actor=a_second_person(), at=NEXT_YEAR)
    RecordsRequest.objects.filter(pk=hold.request_id).update(
        status=Status.ACCEPTED, disposition="", closed_at=None
    )
    clock.reopen(request=RecordsRequest.objects.get(pk=hold.request_id), actor=None, at=NEXT_YEAR)

    assert holds.hold_again(at=NEXT_YEAR) == 1
    assert holds.hold_again(at=NEXT_YEAR) == 0

    assert Hold.objects.filter(request=hold.request_id, released_at=None).count() == 1
