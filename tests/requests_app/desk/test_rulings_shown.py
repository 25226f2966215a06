"""Where a ruling stands: on the pages of staff and requester, in reminders, once the request has ended."""

from datetime import date, timedelta

import pytest

from portal.core.time import now
from requests_app.clock import recount, selectors
from requests_app.clock import services as clock
from requests_app.clock.recount import World
from requests_app.desk import reminders, rulings
from requests_app.docket.models import RecordsRequest
from requests_app.intake import services as intake
from tests.builders import NOON, a_request
from tests.requests_app.desk.desk_builders import a_clerk, address, signed_in

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=4)
WHY = "Gov't Code 552.108: the recording belongs to an open case."


def ask(row: RecordsRequest) -> None:
    rulings.ask(request=row, actor=a_clerk(), at=LATER, exceptions=WHY)


def test_page_shows_where_the_ruling_stands_and_what_can_be_done() -> None:
    intake.load_forms()
    row = a_request()
    client = signed_in(a_clerk())
    assert row.requester is not None

    before = client.get(address(row)).content.decode()
    refused = client.post(address(row, "ask-ruling"), {"exceptions": " "})
    client.post(address(row, "ask-ruling"), {"exceptions": WHY})
    asked = client.get(address(row)).content.decode()
    number = {
        "outcome": "part",
        "ruling": "OR2026-00777",
        "on": selectors.day_of(row.agency, now()).isoformat(),
    }
    client.post(address(row, "take-ruling"), number)
    given = client.get(address(row)).content.decode()
    own = signed_in(row.requester).get(f"/my/requests/{row.key}/").content.decode()

    assert "Without one in time the records count as public" in before
    assert refused.status_code in {400, 422}
    assert "The attorney general rules whether the records may be withheld" in asked
    assert "The ruling has come" in asked
    assert "Ask, and tell the requester" not in asked
    assert "A part may be withheld, the rest has to be released (OR2026-00777)" in given
    assert "The attorney general rules whether the records may be withheld" in own
    assert "We asked for a ruling on your request" in own


def test_staff_are_reminded_of_the_awaited_day_and_of_its_passing() -> None:
    row = a_request()
    ask(row)
    due = next(one for one in selectors.derivations(row, on=date(2026, 11, 9)) if one.clock == "ag_decision")
    assert due.due is not None

    def stages(on: date) -> set[tuple[str, str]]:
        [known] = recount.chunk(row.agency, after=0)
        found = reminders.of(known, World.now(row.agency), on)
        return {(one.to, one.stage) for one in found if one.derived.clock == "ag_decision"}

    assert stages(due.due) == {("staff", "0")}
    assert stages(due.due + timedelta(days=1)) == {("staff", "missed")}


def test_awaited_ruling_ends_with_the_request() -> None:
    row = a_request()
    ask(row)

    clock.end(request=row, how="withdrawn", actor=None, at=LATER + timedelta(days=1))

    found = {one.clock: one for one in selectors.derivations(row, on=date(2026, 11, 12))}
    assert found["ag_decision"].state == "ended"
