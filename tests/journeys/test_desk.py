"""The desk in a real browser: how its pages look and read."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from portal.accounts.rules import Role
from portal.core.time import now
from requests_app.clock.services import refresh_due
from requests_app.custody import services as custody
from requests_app.desk import services as desk
from requests_app.docket import services as docket
from requests_app.docket.rules import Disposition, Status
from requests_app.law import services as law
from tests.builders import a_request, a_user, an_agency
from tests.journeys.conftest import SignIn
from tests.journeys.looks import examine
from tests.requests_app.desk.desk_builders import a_stuck_job

pytestmark = pytest.mark.django_db(transaction=True)


def test_queue_shows_what_is_due_first_and_lets_a_clerk_claim(
    live_server: LiveServer, sign_in: SignIn
) -> None:
    an_agency()
    clerk = a_user(Role.CLERK, name="Rosa Quill", title="Records clerk")
    titles = ("Body-worn video, Elm Street", "Plate reads on Mill Road", "Drone flight over the fairground")
    for number, days in enumerate((20, 15, 12, 9, 6, 4, 2, 1)):
        row = a_request(
            title=titles[number % 3],
            received_at=now() - timedelta(days=days),
            status=Status.SUBMITTED if number % 3 else Status.SEARCHING,
            assignee=None if number % 2 else clerk,
        )
        refresh_due(row)
    a_request(status=Status.CLOSED, closed_at=now(), disposition=Disposition.NO_RECORDS)
    page = sign_in(clerk)

    page.goto(live_server.url + reverse("desk:queue"))

    expect(page.get_by_role("row")).to_have_count(9)
    examine(page, "desk-queue")
    page.get_by_role("button", name="Claim").first.click()
    expect(page.get_by_role("status")).to_contain_text("is yours")
    expect(page).to_have_url(f"{live_server.url}{reverse('desk:queue')}?tab=open&page=1")


def test_request_page_reads_well_while_records_are_searched(live_server: LiveServer, sign_in: SignIn) -> None:
    clerk = a_user(Role.CLERK, name="Rosa Quill", title="Records clerk")
    row = a_request(requester=a_user(name="Ana Reyes"), received_at=now() - timedelta(days=3))
    desk.acknowledge(request=row, actor=clerk, at=now())
    desk.start_search(request=row, actor=clerk, at=now())
    custody.place_hold(request=row, at=now())
    custody.open_preservation_task(request=row, what="Body-worn video of Officer 412, November 2")
    docket.add_note(request=row, author=clerk, body="Ask the sergeant about the second camera.")
    page = sign_in(clerk)

    page.goto(live_server.url + reverse("desk:request", args=[row.key]))

    expect(page.get_by_text("Never shown to the requester")).to_be_visible()
    examine(page, "desk-request")


@pytest.mark.parametrize("name", ["law:index", "law:exemptions", "desk:people", "desk:audit", "desk:health"])
def test_administrators_page_is_accessible_at_both_widths(
    live_server: LiveServer, sign_in: SignIn, name: str
) -> None:
    agency = an_agency()
    admin = a_user(Role.ADMIN, name="Ida Holm", title="Systems")
    a_user(Role.CLERK, Role.FEE_OFFICER, name="Rosa Quill", title="Records clerk", mfa=False)
    law.close_on(agency=agency, day=date(2026, 12, 23), reason="Building works", actor=admin)
    a_stuck_job()
    page = sign_in(admin)

    page.goto(live_server.url + reverse(name))

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    examine(page, f"desk-{name.partition(':')[2]}")
