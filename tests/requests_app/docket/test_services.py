"""Moving, numbering, assigning and noting: who may, once, and with an audit entry."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from portal.accounts.models import User
from portal.accounts.rules import PERMISSIONS, Permission, Role
from portal.audit.models import Entry
from portal.core.errors import BadInput, IllegalMove, NotAllowed, StaleWrite
from requests_app.docket import services
from requests_app.docket.models import Note, RecordsRequest, RequestItem
from requests_app.docket.rules import REQUEST, Disposition, RequestFacts, Status
from tests.builders import NOON, a_request, a_user
from tests.patience import SECONDS

GOOD = RequestFacts(records=1, released=True)
GUARDED = [step for step in REQUEST.steps if step.permission]


def take(row: RecordsRequest, action: str, actor: User | None) -> None:
    closes = REQUEST.step(action).target == Status.CLOSED
    services.move(
        request=row, action=action, actor=actor, at=NOON, facts=GOOD,
        disposition=Disposition.FULL if closes else None,
    )  # fmt: skip


def from_a_source(action: str) -> RecordsRequest:
    source = Status(min(REQUEST.step(action).sources))
    if source == Status.CLOSED:
        return a_request(status=source, closed_at=NOON, disposition=Disposition.FULL)
    return a_request(status=source)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, *Role])
def test_each_role_takes_the_steps_its_permissions_name_and_no_other(role: Role | None) -> None:
    actor = a_user(*([role] if role else []))
    held = PERMISSIONS[role] if role else frozenset()

    for step in GUARDED:
        row = from_a_source(step.action)
        if Permission(str(step.permission)) in held:
            take(row, step.action, actor)
            assert row.status == step.target
            continue
        with pytest.raises(NotAllowed):
            take(row, step.action, actor)
        denied = Entry.objects.get(request_key=row.key, outcome="denied")
        assert denied.action == f"request.{step.action}"


@pytest.mark.django_db
def test_step_writes_one_audit_entry_with_both_states() -> None:
    row, clerk = a_request(), a_user(Role.CLERK)

    services.move(request=row, action="acknowledge", actor=clerk, at=NOON, detail={"by": "mail"})

    entry = Entry.objects.get(action="request.acknowledge")
    assert entry.detail == {"from": "submitted", "to": "accepted", "by": "mail"}
    assert entry.actor == clerk


@pytest.mark.django_db
def test_closing_sets_when_and_how_and_reopening_clears_both() -> None:
    row, clerk = a_request(status=Status.READY), a_user(Role.CLERK)

    take(row, "close_released", clerk)
    closed = (row.closed_at, row.disposition)
    take(row, "reopen", clerk)

    row.refresh_from_db()
    assert closed == (NOON, Disposition.FULL)
    assert (row.status, row.closed_at, row.disposition) == (Status.ACCEPTED, None, "")


@pytest.mark.django_db
def test_closing_without_an_outcome_is_refused() -> None:
    row, clerk = a_request(), a_user(Role.CLERK)

    with pytest.raises(BadInput, match="outcome"):
        services.move(request=row, action="lapse", actor=clerk, at=NOON)


@pytest.mark.django_db
def test_unknown_step_is_refused_for_everybody() -> None:
    with pytest.raises(IllegalMove):
        services.move(request=a_request(), action="vanish", actor=a_user(Role.CLERK), at=NOON)


@pytest.mark.django_db
def test_step_on_a_row_somebody_has_moved_changes_nothing() -> None:
    row, clerk = a_request(), a_user(Role.CLERK)
    stale = RecordsRequest.objects.get(pk=row.pk)
    take(row, "acknowledge", clerk)

    with pytest.raises(IllegalMove, match="Somebody else"):
        take(stale, "acknowledge", clerk)

    assert Entry.objects.filter(action="request.acknowledge").count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_acknowledgements_at_once_make_one() -> None:
    row, clerk = a_request(), a_user(Role.CLERK)
    gate = threading.Barrier(10)

    def move(_: int) -> bool:
        own = RecordsRequest.objects.get(pk=row.pk)
        gate.wait(timeout=SECONDS)
        try:
            take(own, "acknowledge", clerk)
        except IllegalMove:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        won = list(pool.map(move, range(10)))

    assert won.count(True) == 1


@pytest.mark.django_db(transaction=True)
def test_numbers_under_threads_are_unique_and_without_gaps_though_some_roll_back() -> None:
    gate = threading.Barrier(12)

    def draw(n: int) -> str:
        gate.wait(timeout=SECONDS)
        try:
            with transaction.atomic():
                number = services.next_number(at=NOON, zone="America/Chicago")
                if n % 3 == 0:
                    transaction.set_rollback(True)
                    return ""
                return number
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        numbers = sorted(filter(None, pool.map(draw, range(12))))

    assert numbers == [f"26-{n:05d}" for n in range(1, 9)]


@pytest.mark.django_db
def test_year_of_a_number_is_the_agencys_not_greenwichs() -> None:
    new_years_eve = datetime(2027, 1, 1, 3, 0, tzinfo=UTC)

    assert services.next_number(at=new_years_eve, zone="America/Chicago") == "26-00001"
    assert services.next_number(at=new_years_eve, zone="Europe/Berlin") == "27-00001"


@pytest.mark.django_db
def test_note_is_kept_as_written_and_cannot_be_changed() -> None:
    note = services.add_note(request=a_request(), author=a_user(Role.CLERK), body=" Call back \n")

    assert note.body == "Call back"
    with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
        Note.objects.filter(pk=note.pk).update(body="Nothing")


@pytest.mark.django_db
def test_empty_note_is_refused() -> None:
    with pytest.raises(BadInput):
        services.add_note(request=a_request(), author=a_user(Role.CLERK), body="  ")


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, Role.AUDITOR])
def test_note_needs_the_permission(role: Role | None) -> None:
    with pytest.raises(NotAllowed):
        services.add_note(request=a_request(), author=a_user(*([role] if role else [])), body="Hi")


@pytest.mark.django_db
def test_first_to_claim_has_it() -> None:
    row, first, second = a_request(), a_user(Role.ANALYST), a_user(Role.ANALYST)
    services.claim(request=row, actor=first)

    with pytest.raises(StaleWrite):
        services.claim(request=row, actor=second)

    row.refresh_from_db()
    assert row.assignee == first


@pytest.mark.django_db
def test_claim_needs_the_permission() -> None:
    with pytest.raises(NotAllowed):
        services.claim(request=a_request(), actor=a_user(Role.AUDITOR))


@pytest.mark.django_db
def test_owner_hands_on_and_back_without_being_a_manager() -> None:
    owner, colleague = a_user(Role.ANALYST), a_user(Role.ANALYST)
    row = a_request(assignee=owner)

    services.assign(request=row, assignee=colleague, actor=owner, expected_assignee_id=owner.pk)
    services.assign(request=row, assignee=None, actor=colleague, expected_assignee_id=colleague.pk)

    row.refresh_from_db()
    assert row.assignee is None
    assert Entry.objects.filter(action="request.assigned").count() == 2


@pytest.mark.django_db
def test_handing_on_anothers_request_needs_the_permission() -> None:
    owner, colleague = a_user(Role.ANALYST), a_user(Role.ANALYST)
    row = a_request(assignee=owner)

    with pytest.raises(NotAllowed):
        services.assign(request=row, assignee=None, actor=colleague, expected_assignee_id=owner.pk)

    services.assign(request=row, assignee=None, actor=a_user(Role.CLERK), expected_assignee_id=owner.pk)
    row.refresh_from_db()
    assert row.assignee is None


@pytest.mark.django_db
def test_person_who_works_no_requests_is_given_none() -> None:
    with pytest.raises(BadInput, match="does not work requests"):
        services.assign(
            request=a_request(), assignee=a_user(), actor=a_user(Role.CLERK), expected_assignee_id=None
        )


@pytest.mark.django_db
def test_items_are_numbered_and_cut_to_their_columns() -> None:
    row = a_request()

    item = services.add_item(request=row, description="x" * 3000, place="y" * 400)

    assert item.position == 2
    assert (len(item.description), len(item.place)) == (2000, 300)
    assert RequestItem.objects.filter(request=row).count() == 2
    assert str(item) == f"{row.number}/2"


@pytest.mark.django_db
def test_filed_request_cannot_be_deleted() -> None:
    row = a_request()

    with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
        RecordsRequest.objects.filter(pk=row.pk).delete()
