"""A law that sets no number of days: requests are filed, shown and worked on, and no day is invented."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.rules import Role
from requests_app.clock import selectors
from requests_app.clock import services as clock
from requests_app.desk import deadlines
from requests_app.docket.models import RecordsRequest
from requests_app.fees import lateness
from requests_app.intake.services import load_forms
from requests_app.law.event import Event
from requests_app.law.moves import refusal
from requests_app.law.selectors import office_hours, pack_for
from tests.builders import NOON, a_request, a_user, an_agency
from tests.requests_app.desk.desk_builders import signed_in

pytestmark = pytest.mark.django_db
TODAY = date(2026, 12, 24)


@pytest.fixture
def filed() -> RecordsRequest:
    an_agency(law_code="FL")
    return a_request(record_type="body_worn_camera")


def test_no_day_is_invented_and_the_reason_is_said(filed: RecordsRequest) -> None:
    derived = selectors.main_clock(filed, on=TODAY)

    assert (derived.state, derived.due) == ("not_applicable", None)
    assert derived.texts == (
        "Florida Public Records Act sets no number of days for this here, so there is no last day.",
    )
    assert selectors.derivations(filed, on=TODAY) == []
    assert selectors.if_filed(filed.agency, at=NOON).due is None


def test_questions_may_be_asked_and_there_is_nothing_to_extend(filed: RecordsRequest) -> None:
    clock.record(request=filed, type="clarification_sent", actor=a_user(Role.CLERK), at=NOON)

    known = selectors.events(filed)
    extended = Event("extended", NOON, 5, "business_day", "voluminous")
    refused = refusal(pack_for(filed), "", office_hours(filed.agency), known, extended)

    assert [event.type for event in known] == ["received", "clarification_sent"]
    assert refused is not None
    assert "sets no number of days" in refused
    assert deadlines.extension(filed) is None
    assert deadlines.question_effect(filed, at=NOON) == "The clock goes on running."


def test_answer_is_never_late(filed: RecordsRequest) -> None:
    late = lateness.of(filed, on=TODAY)

    assert (late.business_days, late.calendar_days) == (0, 0)


def test_requester_and_clerk_can_open_the_request(filed: RecordsRequest, client: Client) -> None:
    load_forms()
    assert filed.requester is not None
    client.force_login(filed.requester)
    page = client.get(reverse("tracking:request", args=[filed.key]))

    assert page.status_code == 200
    assert client.get(reverse("intake:confirmation", args=[filed.key])).status_code == 200
    clerk = signed_in(a_user(Role.CLERK))
    assert clerk.get(reverse("desk:request", args=[filed.key])).status_code == 200


@pytest.mark.parametrize(
    ("law", "record_type", "name"),
    [
        ("OH", "body_worn_camera", "video_estimate"),
        ("OH", "paper", ""),
        ("PA", "body_worn_camera", "act22_response"),
        ("PA", "paper", ""),
        ("NC", "law_enforcement_video", "disclose_decision"),
        ("NC", "lpr", ""),
    ],
)
def test_clock_of_other_records_is_not_the_one_a_request_is_sorted_by(
    law: str, record_type: str, name: str
) -> None:
    an_agency(law_code=law)

    assert selectors.main_clock_name(a_request(record_type=record_type)) == name
