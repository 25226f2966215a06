"""The guided form as a person meets it: page by page, through the code, to the confirmation."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.intake import services
from requests_app.intake.models import FormDefinition
from tests.builders import a_user, an_agency

pytestmark = pytest.mark.django_db

VIDEO: list[tuple[str, dict[str, str]]] = [
    (
        "incident",
        {
            "what_happened": "Traffic stop",
            "incident_date": "2026-10-30",
            "start_time": "23:30",
            "end_time": "00:15",
        },
    ),
    ("where", {"place": "Elm Street at 4th Avenue"}),
    ("cameras", {"record_type": "body_worn_camera"}),
    ("about-you", {"relationship": "directly_involved", "requester_category": "other", "fee_limit": "20"}),
    ("contact", {"name": "Ann Lee", "email": "ann@people.example"}),
]


@pytest.fixture(autouse=True)
def _forms() -> None:
    an_agency()
    services.load_forms()


def write(client: Client, *, email: str = "ann@people.example") -> str:
    """Fill every page of the video form; gives the address the last one leads to."""
    client.post(reverse("intake:start"), {"form": "video"})
    leads_to = ""
    for slug, answers in VIDEO:
        sent = {**answers, "email": email} if "email" in answers else answers
        response = client.post(reverse("intake:step", args=[slug]), sent)
        assert response.status_code == 302, response.content.decode()
        leads_to = response["Location"]
    return leads_to


def mailed_code(mailoutbox: list[EmailMessage]) -> str:
    (code,) = re.findall(r"^\d{6}$", str(mailoutbox[-1].body), re.MULTILINE)
    return str(code)


def enter_code(client: Client, mailoutbox: list[EmailMessage], confirm_url: str) -> str:
    response = client.post(confirm_url, {"code": mailed_code(mailoutbox), "next": reverse("intake:check")})
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def file_video(client: Client, mailoutbox: list[EmailMessage]) -> RecordsRequest:
    enter_code(client, mailoutbox, write(client))
    response = client.post(reverse("intake:check"))
    assert response.status_code == 302
    return RecordsRequest.objects.filed().get()


def test_home_says_what_can_be_asked_for_and_by_when(client: Client) -> None:
    page = client.get(reverse("home")).content.decode()

    for words in ("Video footage", "Plate-reader data", "Drone flights", "Something else", "Rosa Quill"):
        assert words in page
    assert "Why this date?" in page


def test_whole_way_from_the_first_page_to_the_number(client: Client, mailoutbox: list[EmailMessage]) -> None:
    confirm_url = write(client)
    back_at = enter_code(client, mailoutbox, confirm_url)

    check = client.get(back_at).content.decode()
    response = client.post(reverse("intake:check"), follow=True)

    assert "Traffic stop" in check
    assert "October 30, 2026" in check
    assert "File this request" in check
    filed = RecordsRequest.objects.filed().get()
    page = response.content.decode()
    assert filed.number
    assert filed.number in page
    assert "That day itself is not counted" in page or "counts from" in page
    assert reverse("tracking:request", args=[filed.key]) in page
    assert filed.requester is not None
    assert filed.requester.name == "Ann Lee"
    assert filed.fee_limit_cents == 2000


def test_draft_outlives_the_new_session_key_of_signing_in(
    client: Client, mailoutbox: list[EmailMessage]
) -> None:
    confirm_url = write(client)
    before = client.session.session_key

    enter_code(client, mailoutbox, confirm_url)

    assert client.session.session_key != before
    assert client.get(reverse("intake:check")).status_code == 200


def test_draft_is_found_again_after_the_session_has_ended(
    client: Client, mailoutbox: list[EmailMessage]
) -> None:
    client.get(enter_code(client, mailoutbox, write(client)))
    other = Client()
    other.force_login(User.objects.get(email="ann@people.example"), backend=BACKEND)

    listed = other.get(reverse("tracking:list")).content.decode()
    draft = RecordsRequest.objects.get()
    resumed = other.post(reverse("intake:resume", args=[draft.key]), follow=True)

    assert "A request you have begun" in listed
    assert "Check your answers" in resumed.content.decode()


BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def test_stranger_cannot_take_up_a_draft_by_its_key(client: Client, mailoutbox: list[EmailMessage]) -> None:
    client.get(enter_code(client, mailoutbox, write(client)))
    draft = RecordsRequest.objects.get()
    stranger = Client()
    stranger.force_login(a_user(), backend=BACKEND)

    by_key = stranger.post(reverse("intake:resume", args=[draft.key]))
    by_session = stranger.get(reverse("intake:step", args=["incident"]))
    by_tracking = stranger.get(reverse("tracking:request", args=[draft.key]))

    assert by_key.status_code == 404
    assert by_session["Location"] == reverse("intake:start")
    assert by_tracking.status_code == 404


def test_session_that_holds_another_persons_draft_does_not_show_it(client: Client) -> None:
    owner = a_user()
    form = services.publish_form(data={**A_FORM})[0]
    draft = services.start_draft(form=form, requester=owner)
    session = client.session
    session["intake.draft"] = draft.key
    session.save()

    response = client.get(reverse("intake:step", args=["only"]))

    assert response["Location"] == reverse("intake:start")


A_FORM = {
    "code": "short",
    "version": 1,
    "title": "Short",
    "summary": "One page",
    "heading": "{what}",
    "item": "{what}",
    "steps": [
        {
            "slug": "only",
            "title": "All",
            "fields": [
                {"name": "what", "type": "text", "label": "What?", "required": True},
                {"name": "email", "type": "email", "label": "E-mail", "required": True},
            ],
        }
    ],
}


def test_own_draft_has_no_tracking_page_before_it_is_filed(client: Client) -> None:
    owner = a_user()
    draft = services.start_draft(
        form=FormDefinition.objects.get(code="video", is_active=True), requester=owner
    )
    client.force_login(owner, backend=BACKEND)

    response = client.get(reverse("tracking:request", args=[draft.key]))

    assert response.status_code == 404


def test_second_submit_shows_what_the_first_has_filed(client: Client, mailoutbox: list[EmailMessage]) -> None:
    filed = file_video(client, mailoutbox)

    again = client.post(reverse("intake:check"))
    step = client.get(reverse("intake:step", args=["where"]))

    assert again["Location"] == reverse("intake:confirmation", args=[filed.key])
    assert step["Location"] == reverse("intake:confirmation", args=[filed.key])
    assert RecordsRequest.objects.count() == 1


def test_filed_request_does_not_open_for_the_next_person_at_the_same_browser(
    client: Client, mailoutbox: list[EmailMessage]
) -> None:
    file_video(client, mailoutbox)
    client.post(reverse("account_logout"))
    client.force_login(a_user(), backend=BACKEND)

    response = client.get(reverse("intake:check"))

    assert response["Location"] == reverse("intake:start")


def test_confirmation_of_anothers_request_is_not_found_and_audited(
    client: Client, mailoutbox: list[EmailMessage]
) -> None:
    filed = file_video(client, mailoutbox)
    stranger = Client()
    stranger.force_login(a_user(), backend=BACKEND)

    response = stranger.get(reverse("intake:confirmation", args=[filed.key]))

    assert response.status_code == 404
    assert Entry.objects.filter(request_key=filed.key, outcome="denied").count() == 1


@pytest.mark.parametrize("form", ["", "nonsense"])
def test_start_without_a_choice_says_so(client: Client, form: str) -> None:
    response = client.post(reverse("intake:start"), {"form": form})

    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert not RecordsRequest.objects.exists()


def test_start_offers_to_go_on_with_what_was_begun(client: Client) -> None:
    client.post(reverse("intake:start"), {"form": "video"})
    client.post(reverse("intake:step", args=["incident"]), VIDEO[0][1])

    page = client.get(reverse("intake:start") + "?form=lpr").content.decode()

    assert reverse("intake:step", args=["where"]) in page
    assert re.search(r'value="lpr" checked', page)


def test_wrong_answers_are_kept_and_named(client: Client) -> None:
    client.post(reverse("intake:start"), {"form": "lpr"})

    response = client.post(
        reverse("intake:step", args=["data"]),
        {"lpr_kind": "hits", "first_day": "2026-10-30", "last_day": "2026-10-01"},
    )

    page = response.content.decode()
    assert response.status_code == 422
    assert "This is before “First day”" in page
    assert 'value="2026-10-30"' in page


def test_page_that_the_form_lacks_is_not_found(client: Client) -> None:
    client.post(reverse("intake:start"), {"form": "video"})

    assert client.get(reverse("intake:step", args=["nonsense"])).status_code == 404


@pytest.mark.parametrize("name", ["intake:check", "intake:step"])
def test_without_a_draft_the_form_begins_anew(client: Client, name: str) -> None:
    address = reverse(name, args=["where"] if name == "intake:step" else [])

    assert client.get(address)["Location"] == reverse("intake:start")


def test_check_sends_back_to_the_first_unanswered_page(client: Client) -> None:
    client.post(reverse("intake:start"), {"form": "video"})
    client.post(reverse("intake:step", args=["incident"]), VIDEO[0][1])

    response = client.get(reverse("intake:check"))

    assert response["Location"] == reverse("intake:step", args=["where"]) + "?check=1"


def test_change_returns_to_the_check_page(client: Client, mailoutbox: list[EmailMessage]) -> None:
    enter_code(client, mailoutbox, write(client))

    response = client.post(
        reverse("intake:step", args=["where"]) + "?check=1", {"place": "Oak Street 9"}, follow=True
    )

    assert "Oak Street 9" in response.content.decode()
    assert "Check your answers" in response.content.decode()


def test_check_without_a_proved_address_sends_the_code_again(
    client: Client, mailoutbox: list[EmailMessage]
) -> None:
    write(client)

    page = client.get(reverse("intake:check")).content.decode()
    response = client.post(reverse("intake:check"))

    assert "Send me the code" in page
    assert response["Location"].startswith(reverse("account_confirm_login_code"))
    assert len(mailoutbox) == 2
    assert not RecordsRequest.objects.filed().exists()


def test_wrong_code_files_nothing(client: Client, mailoutbox: list[EmailMessage]) -> None:
    confirm_url = write(client)
    wrong = f"{(int(mailed_code(mailoutbox)) + 1) % 1_000_000:06}"

    response = client.post(confirm_url, {"code": wrong})

    assert response.status_code == 200
    assert client.post(reverse("intake:check"))["Location"].startswith("/account/")
    assert not RecordsRequest.objects.filed().exists()


def test_staff_address_is_refused_in_clear_words_and_gets_no_code(
    client: Client, mailoutbox: list[EmailMessage]
) -> None:
    staff = a_user(Role.CLERK)
    client.post(reverse("intake:start"), {"form": "video"})
    for slug, answers in VIDEO[:-1]:
        client.post(reverse("intake:step", args=[slug]), answers)

    response = client.post(reverse("intake:step", args=["contact"]), {"name": "R", "email": staff.email})

    assert response.status_code == 422
    assert "Please use another e-mail address" in response.content.decode()
    assert not mailoutbox


def test_signed_in_person_cannot_file_for_another_address(
    client: Client, mailoutbox: list[EmailMessage]
) -> None:
    client.force_login(a_user(email="bea@people.example"), backend=BACKEND)

    leads_to = write(client, email="somebody@people.example")
    page = client.get(leads_to).content.decode()

    assert leads_to == reverse("intake:step", args=["contact"])
    assert "You are signed in as bea@people.example" in page
    assert not mailoutbox


def test_signed_in_person_finds_her_address_filled_in(client: Client) -> None:
    client.force_login(a_user(email="bea@people.example", name="Bea"), backend=BACKEND)
    client.post(reverse("intake:start"), {"form": "video"})

    page = client.get(reverse("intake:step", args=["contact"])).content.decode()

    assert 'value="bea@people.example"' in page
    assert 'value="Bea"' in page


def test_code_mail_says_nothing_of_what_is_asked_for(client: Client, mailoutbox: list[EmailMessage]) -> None:
    write(client)

    said = f"{mailoutbox[0].subject} {mailoutbox[0].body}"

    assert "ten minutes" in said
    assert "Larkspur" in said
    assert "Traffic stop" not in said
    assert "Elm" not in said


def test_too_many_starts_from_one_address_are_asked_to_wait(client: Client, settings: Settings) -> None:
    settings.RATELIMIT_ENABLE = True
    answers = [client.post(reverse("intake:start"), {"form": "video"}).status_code for _ in range(61)]

    assert answers == [302] * 60 + [429]


def test_too_many_codes_for_one_address_are_not_sent(
    client: Client, mailoutbox: list[EmailMessage], settings: Settings
) -> None:
    settings.RATELIMIT_ENABLE = True
    write(client)

    answers = [client.post(reverse("intake:check")).status_code for _ in range(6)]

    assert answers == [302] * 5 + [429]
    assert len(mailoutbox) == 6


def test_draft_left_alone_for_two_weeks_is_gone(client: Client) -> None:
    client.post(reverse("intake:start"), {"form": "video"})
    old = datetime.now(UTC) - services.DRAFT_DAYS - timedelta(minutes=1)
    RecordsRequest.objects.update(updated_at=old)

    page = client.get(reverse("intake:step", args=["incident"]))
    deleted = services.delete_stale_drafts(at=datetime.now(UTC))

    assert page["Location"] == reverse("intake:start")
    assert deleted == 1
    assert not RecordsRequest.objects.filter(status=Status.DRAFT).exists()
