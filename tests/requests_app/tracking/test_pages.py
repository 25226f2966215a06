"""The requester's own pages: what they show, to whom, and what they never show."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core import files
from requests_app.clock import services as clock
from requests_app.correspondence import services as correspondence
from requests_app.correspondence.models import Direction, Letter, Message, OutgoingMail
from requests_app.custody import services as custody
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from requests_app.fees.models import FeeCase
from requests_app.intake import services as intake
from tests.builders import NOON, a_request, a_user, an_agency

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PLATE = "CANARY7"


@pytest.fixture(autouse=True)
def _forms() -> None:
    an_agency()
    intake.load_forms()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def page_of(row: RecordsRequest, user: User | None = None) -> str:
    who = user or row.requester
    assert who is not None
    response = signed_in(who).get(reverse("tracking:request", args=[row.key]))
    assert response.status_code == 200
    return response.content.decode()


def post_message(client: Client, row: RecordsRequest, body: str, form_id: str = "t1") -> Any:
    return client.post(reverse("tracking:message", args=[row.key]), {"body": body, "token": form_id})


def test_list_shows_own_requests_and_nobody_elses() -> None:
    mine, other = a_request(title="Crash on Oak Street"), a_request(title="Somebody else’s")
    assert mine.requester is not None

    page = signed_in(mine.requester).get(reverse("tracking:list")).content.decode()

    assert "Crash on Oak Street" in page
    assert str(other.number) not in page


def test_list_marks_what_is_past_its_date() -> None:
    row = a_request(received_at=NOON - timedelta(days=300))
    clock.refresh_due(row)
    assert row.requester is not None

    page = signed_in(row.requester).get(reverse("tracking:list")).content.decode()

    assert "Past its day" in page


def test_list_costs_the_same_for_one_request_and_for_ten(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    user = a_user()
    for _ in range(10):
        a_request(requester=user)
    client = signed_in(user)

    with django_assert_max_num_queries(12):
        client.get(reverse("tracking:list"))


def test_request_page_keeps_its_query_budget(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    row = a_request()
    assert row.requester is not None
    for n in range(5):
        post_message(signed_in(row.requester), row, f"Message {n}", f"t{n}")
    client = signed_in(row.requester)

    with django_assert_max_num_queries(36):
        client.get(reverse("tracking:request", args=[row.key]))


def test_page_explains_its_date_line_by_line() -> None:
    row = a_request()

    page = page_of(row)

    assert "Why this date?" in page
    assert "That day itself is not counted" in page
    assert "552.301" in page


def test_page_never_shows_notes_staff_names_or_plates() -> None:
    clerk = a_user(Role.CLERK, name="Clara Clerk")
    row = a_request(form_code="lpr", answers={"lpr_kind": "hits", "plate": PLATE}, assignee=clerk)
    docket.add_note(request=row, author=clerk, body="The requester is a nuisance")
    correspondence.post_message(
        request=row, author=clerk, body="We look into it.", direction=Direction.TO_REQUESTER, at=NOON,
        idempotency_key="a",
    )  # fmt: skip

    page = page_of(row)

    assert "We look into it." in page
    assert "Larkspur PD" in page
    for secret in ("nuisance", "Clara Clerk", PLATE):
        assert secret not in page


def test_view_is_audited() -> None:
    row = a_request()

    page_of(row)

    assert Entry.objects.filter(action="request.viewed", request_key=row.key, outcome="ok").count() == 1


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("tracking:request", "get"),
        ("tracking:message", "post"),
        ("tracking:withdraw", "get"),
        ("tracking:withdraw", "post"),
    ],
)
def test_anothers_request_is_not_found_and_the_try_is_audited(name: str, method: str) -> None:
    row = a_request()

    response = getattr(signed_in(a_user()), method)(reverse(name, args=[row.key]))

    assert response.status_code == 404
    assert Entry.objects.filter(request_key=row.key, outcome="denied").count() == 1
    assert not Message.objects.exists()


@pytest.mark.parametrize("guess", ["26-00001", "1", "x" * 22])
def test_guessing_a_number_finds_nothing(guess: str) -> None:
    a_request()

    assert signed_in(a_user()).get(f"/my/requests/{guess}/").status_code == 404


def test_staff_may_look_but_not_act() -> None:
    row, clerk = a_request(), a_user(Role.CLERK)
    client = signed_in(clerk)

    assert client.get(reverse("tracking:request", args=[row.key])).status_code == 200
    assert post_message(client, row, "As if I were her").status_code == 403
    assert client.post(reverse("tracking:withdraw", args=[row.key])).status_code == 403
    assert not Message.objects.exists()


def test_same_form_posted_twice_is_one_message() -> None:
    row = a_request()
    assert row.requester is not None
    client = signed_in(row.requester)

    first, second = post_message(client, row, "Hello"), post_message(client, row, "Hello")

    assert (first.status_code, second.status_code) == (302, 302)
    assert Message.objects.count() == 1


def test_page_gives_each_message_form_a_token_of_its_own() -> None:
    row = a_request()

    tokens = {re.findall(r'name="token" value="([^"]+)"', page_of(row))[0] for _ in range(2)}

    assert len(tokens) == 2


@pytest.mark.parametrize("body", ["", "   \n "])
def test_empty_message_is_refused_and_named(body: str) -> None:
    row = a_request()
    assert row.requester is not None

    response = post_message(signed_in(row.requester), row, body)

    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert not Message.objects.exists()


def test_markup_in_a_message_is_shown_as_text() -> None:
    row = a_request()
    assert row.requester is not None
    post_message(signed_in(row.requester), row, "<script>alert(1)</script>")

    page = page_of(row)

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_too_many_messages_are_asked_to_wait(settings: Settings) -> None:
    settings.RATELIMIT_ENABLE = True
    row = a_request()
    assert row.requester is not None
    client = signed_in(row.requester)

    answers = [post_message(client, row, "Hi", f"t{n}").status_code for n in range(31)]

    assert answers[:30] == [302] * 30
    assert answers[30] == 429
    assert Message.objects.count() == 30


def test_withdrawing_asks_first_then_closes() -> None:
    clerk = a_user(Role.CLERK)
    row = a_request(assignee=clerk)
    assert row.requester is not None
    client = signed_in(row.requester)

    asked = client.get(reverse("tracking:withdraw", args=[row.key])).content.decode()
    done = client.post(reverse("tracking:withdraw", args=[row.key]), follow=True).content.decode()

    row.refresh_from_db()
    assert "Withdraw request" in asked
    assert "You have withdrawn this request." in done
    assert (row.status, row.disposition) == (Status.CLOSED, Disposition.WITHDRAWN)
    assert OutgoingMail.objects.get(to=clerk.email).subject == f"Request {row.number} was withdrawn"


@pytest.mark.parametrize("method", ["get", "post"])
def test_closed_request_cannot_be_withdrawn_again(method: str) -> None:
    row = a_request()
    assert row.requester is not None
    client = signed_in(row.requester)
    client.post(reverse("tracking:withdraw", args=[row.key]))

    response = getattr(client, method)(reverse("tracking:withdraw", args=[row.key]))

    assert response.status_code == 409
    assert "closed already" in response.content.decode()


def a_letter(row: RecordsRequest, content: bytes | None = b"%PDF-1.7 made up") -> Letter:
    letter = Letter.objects.create(
        request=row, kind="notice", subject="More time", html="<p>", sent_at=NOON, dedupe_key=f"l{row.pk}"
    )
    if content is not None:
        stored = files.store_stream([content], area="derived")
        letter.pdf_address, letter.pdf_sha256 = stored.address, stored.sha256
        letter.save()
    return letter


def test_letter_comes_as_pdf_and_the_view_is_audited() -> None:
    row = a_request()
    letter = a_letter(row)
    assert row.requester is not None

    response = signed_in(row.requester).get(reverse("tracking:letter", args=[row.key, letter.pk]))

    assert b"".join(response.streaming_content) == b"%PDF-1.7 made up"  # type: ignore[attr-defined]  # FileResponse
    assert response["Content-Type"] == "application/pdf"
    assert str(row.number) in response["Content-Disposition"]
    assert Entry.objects.filter(action="letter.viewed", request_key=row.key).count() == 1


def test_letter_of_another_request_is_not_found() -> None:
    row, other = a_request(), a_request()
    letter = a_letter(other)
    assert row.requester is not None

    response = signed_in(row.requester).get(reverse("tracking:letter", args=[row.key, letter.pk]))

    assert response.status_code == 404


def test_letter_that_is_not_printed_yet_says_so() -> None:
    row = a_request()
    letter = a_letter(row, content=None)
    assert row.requester is not None

    response = signed_in(row.requester).get(reverse("tracking:letter", args=[row.key, letter.pk]))

    assert response.status_code == 409
    assert "still being printed" in response.content.decode()
    assert "The PDF is being made." in page_of(row)


def test_letter_that_changed_on_disk_is_not_served() -> None:
    row = a_request()
    letter = a_letter(row, content=b"%PDF-1.7 another")
    path = files.path_of(letter.pdf_address)
    path.chmod(0o640)
    path.write_bytes(b"%PDF-1.7 swapped")
    assert row.requester is not None

    response = signed_in(row.requester).get(reverse("tracking:letter", args=[row.key, letter.pk]))

    assert response.status_code == 500
    assert b"swapped" not in response.content
    path.unlink()


def test_preservation_is_told_with_its_rule() -> None:
    row = a_request()
    custody.open_preservation_task(
        request=row, what="Video", destroy_on=NOON.date(), rule="must be kept for 90 days (Code 1)"
    )

    page = page_of(row)

    assert "By its schedule it could be deleted from November 2, 2026" in page
    assert "Code 1" in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("no_fee", "Nothing is charged."),
        ("waived", "The fee is waived."),
        ("estimate_sent", "See the estimate"),
        ("settled", "Nothing is due."),
    ],
)
def test_fee_box_says_where_the_fee_stands(state: str, words: str) -> None:
    row = a_request()
    FeeCase.objects.create(request=row, state=state)

    assert words in page_of(row)


def test_worksheet_that_staff_still_write_is_not_shown() -> None:
    row = a_request()
    FeeCase.objects.create(request=row, state="worksheet")

    assert "See how the fee is made up" not in page_of(row)
