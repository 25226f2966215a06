"""Every step, from every state, in every role: what is illegal is refused and changes nothing."""

import json
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.accounts.rules import PERMISSIONS, Permission, Role
from portal.audit.models import Entry, Outcome
from portal.core.errors import DomainError
from portal.core.time import now
from requests_app.clock.models import ClockEvent
from requests_app.correspondence.models import Letter, Message, OutgoingMail
from requests_app.desk import actions
from requests_app.desk.actions import ACTIONS
from requests_app.docket.models import Note, RecordsRequest
from requests_app.docket.rules import REQUEST, Disposition, Status
from tests.builders import a_request, a_user
from tests.requests_app.desk.desk_builders import address, signed_in

pytestmark = pytest.mark.django_db
FILED = [status for status in Status if status != Status.DRAFT]
VALUES = {
    "body": "Which camera do you mean?",
    "reason": "Searched by street and date.",
    "by": "5",
    "unit": "business_day",
}
STAFF_STEPS = {button.move: name for name, button in ACTIONS.items() if button.move}
NOT_FOR_STAFF = ("submit", "answer_agency", "withdraw")  # the requester's own, made on her pages


def a_case(status: Status) -> RecordsRequest:
    closed: dict[str, Any] = {}
    if status == Status.CLOSED:
        closed = {"closed_at": now(), "disposition": Disposition.NO_RECORDS}
    return a_request(status=status, **closed)


def everything(row: RecordsRequest) -> list[Any]:
    """All that a step could change, and the entries that say it was done."""
    tables = (Note, Message, ClockEvent, Letter, OutgoingMail)
    return [
        RecordsRequest.objects.filter(pk=row.pk).values().get(),
        *(model._default_manager.filter(request=row).count() for model in tables),
        Entry.objects.filter(outcome=Outcome.OK).count(),
    ]


def is_legal(move: str, status: Status, role: Role) -> bool:
    step = REQUEST.step(move)
    return status in step.sources and step.permission in PERMISSIONS[role]


def post_page(client: Client, row: RecordsRequest, action: str) -> int:
    return client.post(address(row, action), {**VALUES, "number": "26-99999"}).status_code


def post_api(client: Client, row: RecordsRequest, action: str) -> tuple[int, dict[str, Any]]:
    response = client.post(
        f"/api/v1/requests/{row.key}/transitions/",
        json.dumps({**VALUES, "action": action}),
        content_type="application/json",
    )
    return response.status_code, response.json()


def perform(user: User, row: RecordsRequest, action: str) -> tuple[int, str]:
    try:
        actions.perform(request=row, action=action, actor=user, at=now(), values=VALUES)
    except DomainError as refusal:
        return refusal.status, refusal.code
    return 200, ""


def expected_codes(status: Status, role: Role) -> dict[str, int]:
    """The illegal steps of a role in a state, and the status each is refused with."""
    illegal = (name for move, name in STAFF_STEPS.items() if not is_legal(move, status, role))
    return {name: 409 if ACTIONS[name].permission in PERMISSIONS[role] else 403 for name in illegal}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("status", FILED)
def test_illegal_steps_are_refused_and_change_nothing(status: Status, role: Role) -> None:
    row, user = a_case(status), a_user(role)
    before, expected = everything(row), expected_codes(status, role)

    refused = {name: perform(user, row, name) for name in [*expected, *NOT_FOR_STAFF]}

    assert {name: code for name, (code, _word) in refused.items()} == {
        **expected,
        **dict.fromkeys(NOT_FOR_STAFF, 409),
    }
    assert {word for _code, word in refused.values()} <= {"illegal_move", "not_allowed"}
    assert everything(row) == before


@pytest.mark.parametrize("role", [Role.CLERK, Role.AUDITOR])
@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.IN_REVIEW, Status.CLOSED])
def test_pages_and_programs_refuse_alike(status: Status, role: Role) -> None:
    row, client = a_case(status), signed_in(a_user(role))
    before, expected = everything(row), expected_codes(status, role)

    pages = {name: post_page(client, row, name) for name in expected}
    programs = {name: post_api(client, row, name) for name in expected}

    assert pages == expected
    assert {name: code for name, (code, _body) in programs.items()} == expected
    assert all(set(body) == {"code", "detail"} for _code, body in programs.values())
    assert everything(row) == before


@pytest.mark.parametrize("role", list(Role))
def test_steps_beside_the_lifecycle_need_their_permission(role: Role) -> None:
    row, user = a_case(Status.SEARCHING), a_user(role)
    before = everything(row)
    beside = [name for name, button in ACTIONS.items() if not button.move]
    refused = [name for name in beside if ACTIONS[name].permission not in PERMISSIONS[role]]

    codes = {perform(user, row, name) for name in refused}

    assert codes <= {(403, "not_allowed")}
    assert everything(row) == before
    assert sorted(refused) == ([] if Permission.WORK_REQUESTS in PERMISSIONS[role] else sorted(beside))


@pytest.mark.parametrize("name", ["claim", "extend"])
def test_closed_request_is_neither_claimed_nor_extended(name: str) -> None:
    row, client = a_case(Status.CLOSED), signed_in(a_user(Role.CLERK))
    before = everything(row)

    code = post_page(client, row, name)

    assert code == 409
    assert everything(row) == before


def test_requester_makes_no_step_of_the_staff() -> None:
    ana = a_user()
    row, client = a_request(requester=ana), signed_in(ana)
    before = everything(row)

    pages = {post_page(client, row, name) for name in ACTIONS}
    programs = {post_api(client, row, name)[0] for name in ACTIONS}

    assert pages == {404}
    assert programs == {403}
    assert everything(row) == before


def test_stranger_finds_nothing_to_make_a_step_on() -> None:
    row, client = a_request(), signed_in(a_user())
    before = everything(row)

    codes = {post_api(client, row, name)[0] for name in ACTIONS}

    assert codes == {404}
    assert everything(row) == before


def test_refusal_for_a_role_stays_in_the_audit() -> None:
    row, auditor = a_request(), a_user(Role.AUDITOR)

    post_page(signed_in(auditor), row, "acknowledge")

    entry = Entry.objects.latest("seq")
    assert (entry.action, entry.outcome, entry.actor_id) == ("desk.acknowledge", Outcome.DENIED, auditor.pk)
    assert entry.request_key == row.key


def test_step_that_does_not_exist_is_an_illegal_move() -> None:
    row, client = a_request(), signed_in(a_user(Role.CLERK))

    code, body = post_api(client, row, "explode")

    assert code == 409
    assert body == {"code": "illegal_move", "detail": "There is no step “explode”."}


def test_machine_names_of_steps_are_understood_by_the_api() -> None:
    row, client = a_request(), signed_in(a_user(Role.CLERK))

    code, body = post_api(client, row, "ask_requester")

    assert code == 200
    assert body["request"]["status"] == "needs_info"
