"""Requests whose every free field names somebody, so that a leak shows."""

from datetime import UTC, datetime, timedelta
from typing import Any

from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from requests_app.intake.models import FormDefinition
from tests.builders import a_request, a_user

CANARY = "CANARY"
MONDAY = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


def a_telling_request(**fields: Any) -> RecordsRequest:
    """A request full of canaries: title, answers, notes, name, plate, e-mail, place."""
    requester = fields.pop("requester", None) or a_user(
        email="canary-mail@people.example", name="CANARY Name"
    )
    given = {
        "requester": requester,
        "title": "CANARY title",
        "answers": {"plate": "CANARY123", "name": "CANARY victim", "what": "CANARY words"},
        "record_type": "canary_type",
        "requester_category": "canary_category",
        "relationship": "canary_relation",
        "channel": "canary_channel",
        "form_code": "canary-form",
        **fields,
    }
    request = a_request(**given)
    docket.add_item(request=request, description="CANARY item", place="CANARY place")
    return request


def a_closed_request(
    disposition: Disposition = Disposition.FULL,
    *,
    received_at: datetime = MONDAY,
    days: int = 3,
    **more: Any,
) -> RecordsRequest:
    return a_request(
        status=Status.CLOSED, disposition=disposition, received_at=received_at,
        closed_at=received_at + timedelta(days=days), **more,
    )  # fmt: skip


def a_form(code: str = "video", title: str = "Video recordings") -> FormDefinition:
    return FormDefinition.objects.create(
        code=code, version=1, data={"title": title}, is_active=True, position=1
    )
