"""The pages of letters and mail in a real browser: how they look and read."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from portal.accounts.rules import Role
from portal.core.time import now
from requests_app.correspondence import mailing, services
from requests_app.correspondence.models import OutgoingMail
from requests_app.intake import services as intake
from tests.builders import a_request, a_user, an_agency
from tests.journeys.conftest import SignIn
from tests.journeys.looks import examine

pytestmark = pytest.mark.django_db(transaction=True)


def test_words_of_a_letter_are_edited_compared_and_published(
    live_server: LiveServer, sign_in: SignIn
) -> None:
    an_agency()
    page = sign_in(a_user(Role.ADMIN, name="Ada Holt"))

    page.goto(live_server.url + reverse("correspondence:templates"))
    examine(page, "letters-templates")
    page.get_by_role("link", name=re.compile("Question to the requester.*English")).click()
    words = page.get_by_label("Words of the letter").input_value()
    page.get_by_label("Words of the letter").fill(words + "\n{{ numbre }}")
    page.get_by_role("button", name="Show the preview").click()
    expect(page.get_by_role("alert")).to_contain_text("Do you mean “number”?")
    page.get_by_label("Words of the letter").fill(words + "\nThank you for {{ number }}.")
    page.get_by_role("button", name="Save as a new draft").click()
    expect(page.get_by_text("Thank you for {{ number }}.")).to_be_visible()
    examine(page, "letters-version")
    page.get_by_role("button", name="Publish").click()

    expect(page.get_by_role("status")).to_contain_text("is in use")
    page.goto(live_server.url + reverse("correspondence:template-edit", args=["clarification", "TX", "en"]))
    examine(page, "letters-edit")


def test_denial_is_written_sent_and_read_and_a_bounce_is_settled(
    live_server: LiveServer, sign_in: SignIn
) -> None:
    an_agency()
    intake.load_forms()
    her = a_user(name="Ana Ruiz")
    row = a_request(requester=her)
    clerk = sign_in(a_user(Role.CLERK, name="Rosa Quill", title="Records clerk"))

    clerk.goto(live_server.url + reverse("desk:letters", args=[row.key]))
    examine(clerk, "letters-of-a-request")
    clerk.get_by_role("link", name="Denial", exact=True).click()
    clerk.get_by_label("Each part withheld, the law, and how it applies").fill("552.108: an open case.")
    clerk.get_by_role("button", name="Send the letter").click()
    expect(clerk.get_by_role("alert")).to_contain_text("How much is withheld")
    examine(clerk, "letters-write")
    clerk.get_by_label("How much is withheld", exact=True).fill("One recording of 12 minutes.")
    clerk.get_by_role("button", name="Send the letter").click()
    expect(clerk.get_by_role("status")).to_contain_text("The letter is stored")

    mail = OutgoingMail.objects.get(request=row)
    mailing.hear(
        mail=mail, state="bounced", source="smtp", at=now(), key="k", code="550", detail="no such mailbox"
    )
    clerk.goto(live_server.url + reverse("correspondence:delivery"))
    examine(clerk, "letters-mail")
    clerk.goto(live_server.url + reverse("desk:letter", args=[row.key, mail.letter_id]))
    examine(clerk, "letters-letter")
    clerk.goto(live_server.url + reverse("desk:request", args=[row.key]))
    clerk.get_by_label("What was done").fill("Told her by telephone.")
    clerk.get_by_role("button", name="Settle it").click()
    expect(clerk.get_by_text("A mail did not arrive")).to_have_count(0)

    services.queue_mail(
        to=her.email, template="message", context=services.links(row), dedupe_key="m", request=row
    )
    reader = sign_in(her)
    reader.goto(live_server.url + reverse("tracking:letter-page", args=[row.key, mail.letter_id]))
    expect(reader.get_by_text("552.108: an open case.")).to_be_visible()
    examine(reader, "letters-hers")
