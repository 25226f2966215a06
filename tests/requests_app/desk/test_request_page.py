"""One request as staff see it: the forms that are legal now, and nothing of it for the requester."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.time import now
from requests_app.correspondence.models import Direction, OutgoingMail
from requests_app.correspondence.services import post_message
from requests_app.custody import services as custody
from requests_app.desk import services as desk
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from requests_app.intake import services as intake
from requests_app.intake.models import FormDefinition
from tests.builders import NOON, a_request, a_user, an_agency
from tests.requests_app.custody.record_builders import READS, a_record
from tests.requests_app.desk.desk_builders import a_clerk, address, query_count, signed_in

pytestmark = pytest.mark.django_db
FILED = [status for status in Status if status != Status.DRAFT]
CANARY = "CANARY-the-sergeant-said-so"


def a_case(status: Status) -> RecordsRequest:
    if status == Status.CLOSED:
        return a_request(status=status, closed_at=NOON, disposition=Disposition.NO_RECORDS)
    return a_request(status=status)


def forms_on(html: str) -> set[str]:
    return set(re.findall(r"/do/([\w-]+)/\"", html))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.SUBMITTED, {"acknowledge", "ask", "claim", "close-duplicate", "note", "tell"}),
        (Status.NEEDS_INFO, {"claim", "close-duplicate", "note", "tell"}),
        (
            Status.ACCEPTED,
            {"ask", "claim", "close-duplicate", "close-no-records", "note", "start-search", "tell"},
        ),
        (Status.SEARCHING, {"ask", "claim", "close-duplicate", "close-no-records", "note", "tell"}),
        (Status.IN_REVIEW, {"claim", "close-duplicate", "finish-review", "note", "tell"}),
        (Status.READY, {"claim", "close-duplicate", "note", "reopen-review", "tell"}),
        (Status.CLOSED, {"note", "reopen", "tell"}),
    ],
)
def test_clerk_gets_the_forms_that_are_legal_now(status: Status, expected: set[str]) -> None:
    response = signed_in(a_clerk()).get(address(a_case(status)))

    assert response.status_code == 200
    always = {"enter-event", "state-fact", "ask-ruling"} if status != Status.CLOSED else set()  # Texas
    assert forms_on(response.content.decode()) == expected | always


@pytest.mark.parametrize("status", FILED)
def test_those_who_only_look_get_no_form(status: Status) -> None:
    html = signed_in(a_user(Role.AUDITOR)).get(address(a_case(status))).content.decode()

    assert forms_on(html) == set()
    assert "/assign/" not in html


def test_step_that_must_wait_says_because_of_what() -> None:
    html = signed_in(a_clerk()).get(address(a_request(status=Status.SEARCHING))).content.decode()

    assert "cannot start yet because: No record has been added yet." in html


def test_step_of_another_role_says_so() -> None:
    html = signed_in(a_user(Role.AUDITOR)).get(address(a_request())).content.decode()

    assert "Your role does not include this." in html


def test_page_is_written_to_the_audit() -> None:
    row, clerk = a_request(), a_clerk()

    signed_in(clerk).get(address(row))

    assert Entry.objects.filter(action="request.viewed", actor=clerk, request_key=row.key).exists()


def test_date_is_explained_step_by_step() -> None:
    html = signed_in(a_clerk()).get(address(a_request())).content.decode()

    assert "Why this date?" in html
    assert "That day itself is not counted" in html
    assert "552.301" in html


def test_records_show_where_they_stand_and_lead_to_the_workbench() -> None:
    row = a_request(status=Status.SEARCHING)
    record = a_record(request=row)

    html = signed_in(a_clerk()).get(address(row)).content.decode()

    assert reverse("workbench:marks", args=[record.key]) in html
    assert reverse("workbench:review", args=[record.key]) in html
    assert "Not looked at yet" in html
    assert "finish-search" in forms_on(html)


def test_preservation_can_be_confirmed_from_the_page() -> None:
    row, clerk = a_request(status=Status.SEARCHING), a_clerk()
    task = custody.open_preservation_task(request=row, what="Body-worn video", destroy_on=date(2026, 12, 1))
    custody.place_hold(request=row, at=NOON)
    client = signed_in(clerk)
    assert "Destroyed from December 1, 2026" in client.get(address(row)).content.decode()

    client.post(reverse("custody:attest", args=[row.key, task.pk]), {"evidence": "Ticket 77"})

    assert "Ticket 77" in client.get(address(row)).content.decode()


def test_answers_of_the_form_are_shown_with_plates_only_to_those_who_work() -> None:
    an_agency()
    intake.load_forms()
    row = a_request(form_code="lpr", answers={"plate": "CANARY7"})
    row.form_version = FormDefinition.objects.get(code="lpr", is_active=True).version
    row.save()

    worker = signed_in(a_clerk()).get(address(row)).content.decode()
    auditor = signed_in(a_user(Role.AUDITOR)).get(address(row)).content.decode()

    assert "CANARY7" in worker
    assert "CANARY7" not in auditor


def test_bad_input_brings_the_page_back_with_the_words_still_in_it() -> None:
    row = a_request(status=Status.SEARCHING)
    a_record(request=row)
    words = "We looked through the whole archive."

    response = signed_in(a_clerk()).post(address(row, "close-no-records"), {"reason": words})

    html = response.content.decode()
    assert response.status_code == 422
    assert "Records have been added" in html
    assert Entry.objects.filter(action="request.close_no_records").count() == 0


def test_refused_form_stays_open_and_filled() -> None:
    row = a_request()

    response = signed_in(a_clerk()).post(address(row, "close-duplicate"), {"number": "26-77777"})

    html = response.content.decode()
    assert response.status_code == 422
    assert 'value="26-77777"' in html
    assert 'id="refused-close-duplicate"' in html
    assert re.search(r"<details class=\"dl-fold\" open>", html)


def test_step_undone_in_the_database_is_undone_on_the_page() -> None:
    row = a_request()

    response = signed_in(a_clerk()).post(address(row, "ask"), {"body": " "})

    assert response.status_code == 422
    assert response.context["case"].status == Status.SUBMITTED


def test_illegal_step_is_a_plain_page() -> None:
    response = signed_in(a_clerk()).post(address(a_request(), "finish-review"))

    assert response.status_code == 409
    assert "This request stands at “new”" in response.content.decode()


def test_request_is_handed_on_and_back_to_the_pool() -> None:
    row, clerk, other = a_request(), a_clerk(), a_clerk(name="Lena Marsh")
    client = signed_in(clerk)

    client.post(address(row) + "assign/", {"assignee": other.pk, "expected": ""})
    row.refresh_from_db()
    assert row.assignee == other
    response = client.post(address(row) + "assign/", {"assignee": "", "expected": other.pk}, follow=True)

    assert RecordsRequest.objects.get(pk=row.pk).assignee is None
    assert "back in the pool" in response.content.decode()


def test_assignment_over_an_old_page_is_refused() -> None:
    row, clerk = a_request(assignee=a_clerk()), a_clerk()

    response = signed_in(clerk).post(address(row) + "assign/", {"assignee": clerk.pk, "expected": ""})

    assert response.status_code == 409


def test_assignment_to_nobody_known_is_refused() -> None:
    row = a_request()

    response = signed_in(a_clerk()).post(address(row) + "assign/", {"assignee": a_user().pk, "expected": ""})

    assert response.status_code == 422


@pytest.mark.parametrize(("role", "own", "expected"), [
    (Role.CLERK, False, True), (Role.ANALYST, False, False), (Role.ANALYST, True, True),
    (Role.AUDITOR, False, False),
])  # fmt: skip
def test_hand_on_form_is_for_owners_and_those_who_assign(role: Role, own: bool, expected: bool) -> None:
    user = a_user(role)
    row = a_request(assignee=user if own else a_clerk())

    html = signed_in(user).get(address(row)).content.decode()

    assert (address(row) + "assign/" in html) is expected


def test_lapse_is_offered_only_when_the_time_is_over() -> None:
    clerk, row = a_clerk(), a_request(status=Status.ACCEPTED, received_at=NOON - timedelta(days=200))
    desk.ask(
        request=row, actor=clerk, at=NOON - timedelta(days=150), body="Which camera?", idempotency_key="k"
    )

    html = signed_in(clerk).get(address(row)).content.decode()

    assert "lapse" in forms_on(html)


def test_law_with_an_extension_offers_its_form() -> None:
    an_agency(law_code="CA")
    row = a_request(status=Status.SEARCHING, received_at=now() - timedelta(days=1))

    response = signed_in(a_clerk()).get(address(row))

    assert "extend" in forms_on(response.content.decode())
    assert "at most 14 calendar days" in response.content.decode()


def test_notes_are_on_no_page_mail_or_answer_of_the_requester() -> None:
    ana, clerk = a_user(), a_clerk()
    an_agency()
    intake.load_forms()
    row = a_request(requester=ana)
    docket.add_note(request=row, author=clerk, body=CANARY)
    desk.tell(request=row, actor=clerk, at=NOON, body="We are searching.", idempotency_key="k")
    client = signed_in(ana)
    theirs = [
        reverse("tracking:list"), reverse("tracking:request", args=[row.key]),
        reverse("release:downloads", args=[row.key]), "/api/v1/requests/",
        f"/api/v1/requests/{row.key}/", f"/api/v1/requests/{row.key}/messages/",
        f"/api/v1/requests/{row.key}/notes/", address(row),
    ]  # fmt: skip

    pages = [client.get(url) for url in theirs]

    assert CANARY in signed_in(clerk).get(address(row)).content.decode()
    assert [page.status_code for page in pages] == [200] * 6 + [403, 404]
    assert not any(CANARY in page.content.decode() for page in pages)
    assert not any(CANARY in mail.text + mail.html + mail.subject for mail in OutgoingMail.objects.all())


def test_page_costs_the_same_for_one_record_and_message_and_twenty() -> None:
    clerk = a_clerk()
    row = a_request(status=Status.SEARCHING, assignee=clerk)

    def fill(number: int) -> None:
        more = f"PLATE{number},Oak and 9th,2026-02-01 07:00:00\n".encode()
        a_record(request=row, content=READS + more, title=f"Reads {number}")
        post_message(
            request=row, author=clerk, body=f"Message {number}", direction=Direction.TO_REQUESTER, at=NOON,
            idempotency_key=str(number),
        )  # fmt: skip
        docket.add_note(request=row, author=a_clerk(), body=f"Note {number}")
        custody.open_preservation_task(request=row, what=f"Camera {number}")

    fill(0)
    one = query_count(clerk, address(row))
    for number in range(1, 20):
        fill(number)

    twenty = query_count(clerk, address(row))

    assert twenty == one
    assert one <= 60


@pytest.mark.parametrize("url", ["{page}", "{page}assign/", "{page}do/note/"])
def test_request_that_does_not_exist_is_not_found(url: str) -> None:
    client = signed_in(a_clerk())
    path = url.format(page="/desk/requests/nothing-here/")

    response = client.get(path) if path.endswith("here/") else client.post(path)

    assert response.status_code == 404


def test_washington_question_wants_the_day_the_answer_is_expected() -> None:
    an_agency(law_code="WA")
    clerk, row = a_clerk(), a_request(status=Status.ACCEPTED)
    browser = signed_in(clerk)

    page = browser.get(address(row)).content.decode()
    bare = browser.post(address(row, "ask"), {"body": "Which camera?", "token": "a"})
    odd = browser.post(address(row, "ask"), {"body": "Which?", "token": "b", "expected_on": "soon"})
    past = browser.post(address(row, "ask"), {"body": "Which?", "token": "c", "expected_on": "2001-01-01"})
    asked = row.clock_events.filter(type="clarification_sent").count()
    told = browser.post(
        address(row, "ask"), {"body": "Which camera?", "token": "d", "expected_on": "2099-03-02"}
    )

    assert "We expect to answer by" in page
    assert asked == 0
    assert "send with it the day by which you expect to answer" in bare.content.decode()
    assert "as year-month-day" in odd.content.decode()
    assert "cannot be in the past" in past.content.decode()
    assert told.status_code == 302
    assert row.clock_events.get(type="clarification_sent").reason == (
        "We expect to answer your request by March 2, 2099."
    )
    assert "March 2, 2099" in row.messages.get().body


def test_accepting_in_california_is_said_to_decide_nothing() -> None:
    an_agency(law_code="CA")

    html = signed_in(a_clerk()).get(address(a_request(status=Status.SUBMITTED))).content.decode()

    assert "An acknowledgement is no determination." in html
