"""Retention in a real browser: one proposes, another destroys; counsel decides; the requester reads."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from portal.core.time import now
from requests_app.custody import classifying, conflicts
from requests_app.custody import services as custody
from requests_app.custody.models import Purge
from requests_app.intake import services as intake
from tests.builders import an_agency
from tests.journeys.conftest import SignIn
from tests.journeys.looks import examine
from tests.requests_app.custody.record_builders import an_analyst
from tests.requests_app.custody.retention_builders import (
    a_case,
    a_counsel,
    a_keeper,
    a_second_person,
    an_asking_request,
    an_old_record,
    run,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_people_destroy_what_is_due(live_server: LiveServer, sign_in: SignIn) -> None:
    an_old_record(title="Body-worn video, Elm Street")
    held = an_old_record(place="Oak Street")
    custody.place_hold(request=held.request, at=now())
    page = sign_in(a_keeper(name="Rosa Quill"))
    page.goto(live_server.url + reverse("custody:due"))
    examine(page, "retention-due")

    page.locator("label.usa-checkbox__label").first.click()
    page.get_by_role("button", name="Propose what is ticked").click()
    expect(page.get_by_text("somebody else has to confirm it")).to_be_visible()
    address = page.url
    page = sign_in(a_second_person(name="Omar Reed"))
    page.goto(address)
    examine(page, "retention-purge")
    page.get_by_role("button", name="Destroy these records").click()
    assert run(Purge.objects.get())
    page.reload()

    expect(page.get_by_role("link", name="Certificate (PDF)")).to_be_visible()
    examine(page, "retention-purge-done")
    page.goto(live_server.url + reverse("custody:retention"))
    examine(page, "retention-schedule")


def test_counsel_holds_and_cases_read_well(live_server: LiveServer, sign_in: SignIn) -> None:
    an_agency(law_code="WA")
    intake.load_forms()
    recorded = now() - timedelta(days=19)
    record = an_old_record(series="lpr", recorded_at=recorded, recorded_until=None, open_request=True)
    asking = an_asking_request(record_type="lpr", starts_at=recorded, ends_at=recorded)
    custody.preserve(request=asking, actor=None, at=now())
    conflicts.open_conflicts(agency=an_agency(), at=now())
    case = a_case()
    page = sign_in(a_counsel(name="Ida Holm"))
    page.goto(live_server.url + reverse("custody:conflicts"))
    examine(page, "retention-conflicts")

    page.get_by_text("Keep it until a day").first.click()
    page.get_by_label("Reason").first.fill("It is asked for in an open request.")
    page.get_by_role("button", name="Decide").first.click()
    expect(page.get_by_text("Give the day").first).to_be_visible()
    examine(page, "retention-conflict-refused")
    page.goto(live_server.url + reverse("custody:holds"))
    examine(page, "retention-holds")
    classifying.classify(
        record=record, actor=an_analyst(), at=now(), series="lpr", severity="felony", case=case,
        recorded_at=recorded,
    )  # fmt: skip
    page = sign_in(an_analyst(name="Nils Berg"))
    page.goto(live_server.url + reverse("custody:facts", args=[record.key]))
    examine(page, "retention-facts")
    page.goto(live_server.url + reverse("custody:cases"))
    examine(page, "retention-cases")
    page.goto(live_server.url + reverse("custody:case", args=[case.key]))
    examine(page, "retention-case")
    assert asking.requester is not None
    page = sign_in(asking.requester)
    page.goto(live_server.url + reverse("tracking:request", args=[asking.key]))
    expect(page.get_by_role("heading", name="Kept safe")).to_be_visible()
    examine(page, "retention-requester")
