import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from portal.accounts.rules import Role
from portal.audit.models import Entry
from requests_app.correspondence import services as correspondence
from requests_app.correspondence.models import Direction
from requests_app.docket import selectors, services
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import REQUEST, Status
from requests_app.docket.wording import EVENTS, KINDS, STAFF_ONLY, TO_REQUESTER
from requests_app.fees.rules import FEE
from tests.builders import NOON, a_request, a_user

pytestmark = pytest.mark.django_db


def told(row: RecordsRequest, *, for_requester: bool) -> list[str]:
    return [line.sentence for line in selectors.timeline(row, for_requester=for_requester)]


def a_busy_one() -> RecordsRequest:
    clerk = a_user(Role.CLERK, name="Clara Clerk")
    row = a_request(requester=a_user(name="Ann Lee"))
    services.move(request=row, action="acknowledge", actor=clerk, at=NOON)
    services.add_note(request=row, author=clerk, body="A nuisance")
    services.claim(request=row, actor=clerk)
    correspondence.post_message(
        request=row,
        author=clerk,
        body="Hello",
        direction=Direction.TO_REQUESTER,
        at=NOON,
        idempotency_key="a",
    )
    return row


def test_staff_timeline_tells_everything_with_names_newest_first() -> None:
    lines = selectors.timeline(a_busy_one(), for_requester=False)

    assert [line.sentence for line in lines] == [
        "Message to the requester",
        "Handed to a member of staff",
        "Internal note added",
        "Request accepted for work",
    ]
    assert {line.who for line in lines} == {"Clara Clerk"}
    assert lines[0].at >= lines[-1].at


def test_requester_timeline_has_no_names_notes_or_inner_steps() -> None:
    lines = selectors.timeline(a_busy_one(), for_requester=True)

    assert [line.sentence for line in lines] == ["Our message to you", "Request accepted for work"]
    assert {line.who for line in lines} == {""}


def test_refused_tries_are_in_no_timeline() -> None:
    row = a_request()
    with pytest.raises(Http404):
        selectors.get_visible(a_user(), row.key)

    assert told(row, for_requester=False) == []


def test_timeline_does_not_mix_requests() -> None:
    a_busy_one()

    assert told(a_request(), for_requester=False) == []


@pytest.mark.parametrize("action", sorted(STAFF_ONLY))
def test_what_only_staff_may_read_has_a_sentence_and_no_requesters_version(action: str) -> None:
    assert action in EVENTS
    assert action not in TO_REQUESTER


def test_every_step_a_requester_may_notice_has_a_sentence() -> None:
    steps = {f"request.{step.action}" for step in REQUEST.steps}
    fees = {f"fee.{step.action}" for step in FEE.steps} - {"fee.settle"}  # told as “Payment received”

    assert steps | fees <= set(EVENTS)
    assert set(TO_REQUESTER) <= set(EVENTS)


@pytest.mark.parametrize(
    ("action", "kind"),
    [("message.to_requester", "message"), ("fees.paid", "money"), ("request.submit", "status")],
)
def test_event_has_its_colour(action: str, kind: str) -> None:
    assert selectors.kind_of(action) == kind
    assert set(KINDS.values()) <= {"message", "money", "file", "clock"}


@pytest.mark.parametrize("role", list(Role))
def test_staff_see_every_filed_request_and_no_draft(role: Role) -> None:
    row, draft = a_request(), a_request(status=Status.DRAFT)

    visible = RecordsRequest.objects.visible_to(a_user(role))

    assert row in visible
    assert draft not in visible


def test_requester_sees_her_own_filed_requests_alone() -> None:
    ann = a_user()
    mine, _other = a_request(requester=ann), a_request()
    RecordsRequest.objects.create(agency=mine.agency, form_code="video", requester=ann)

    assert list(RecordsRequest.objects.visible_to(ann)) == [mine]


def test_nobody_sees_nothing() -> None:
    row = a_request()
    closed = a_user(is_active=False)

    assert not RecordsRequest.objects.visible_to(AnonymousUser()).exists()  # type: ignore[arg-type]  # a stranger on purpose
    assert not RecordsRequest.objects.visible_to(closed).exists()
    assert row in RecordsRequest.objects.filed().unfinished()


def test_hidden_and_missing_requests_look_the_same_and_only_the_hidden_one_is_audited() -> None:
    row, stranger = a_request(), a_user()

    with pytest.raises(Http404) as hidden:
        selectors.get_visible(stranger, row.key)
    with pytest.raises(Http404) as missing:
        selectors.get_visible(stranger, "no-such-key")

    assert str(hidden.value) == str(missing.value)
    assert Entry.objects.filter(outcome="denied").count() == 1
