"""One request as staff see it."""

import pytest

from portal.accounts.rules import Role
from requests_app.docket.rules import Status
from tests.builders import a_request, a_user
from tests.requests_app.desk.desk_builders import address, signed_in

pytestmark = pytest.mark.django_db
STATUSES = [status for status in Status if status != Status.DRAFT]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.READY])
def test_page_opens_for_every_role(role: Role, status: Status) -> None:
    row = a_request(status=status)

    response = signed_in(a_user(role)).get(address(row))

    assert response.status_code == 200
    assert row.number in response.content.decode()
