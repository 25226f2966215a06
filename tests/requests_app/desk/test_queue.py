"""The staff's queue: what it lists, in which order, and what its file holds."""

import csv
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.http import StreamingHttpResponse

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core.time import now
from requests_app.clock.models import PendingLapse
from requests_app.desk import exports, selectors
from requests_app.desk.selectors import QueueRow
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from requests_app.intake import services as intake
from tests.builders import a_request, a_user, an_agency
from tests.requests_app.desk.desk_builders import a_clerk, query_count, signed_in

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)
QUEUE = "/desk/"


def numbers(user: User, address: str = QUEUE) -> list[str]:
    response = signed_in(user).get(address)
    assert response.status_code == 200
    return [str(row.request.number) for row in response.context["rows"]]


def read(response: Any) -> list[list[str]]:
    assert isinstance(response, StreamingHttpResponse)
    return list(csv.reader(StringIO(b"".join(response).decode())))


def test_queue_is_due_first_and_stopped_clocks_last() -> None:
    stopped = a_request(due_on=None)
    later, sooner = a_request(due_on=TODAY + timedelta(days=9)), a_request(due_on=TODAY)

    assert numbers(a_clerk()) == [sooner.number, later.number, stopped.number]


def test_tabs_count_and_list_the_same_rows() -> None:
    clerk = a_clerk()
    today = selectors.today()
    mine = a_request(assignee=clerk, due_on=today + timedelta(days=5))
    free = a_request(due_on=today + timedelta(days=4))
    late = a_request(assignee=a_clerk(), due_on=today - timedelta(days=1))
    closed = a_request(status=Status.CLOSED, closed_at=now(), disposition=Disposition.FULL)
    a_request(status=Status.DRAFT)

    PendingLapse.objects.create(request=mine, clock="estimate_lapse", on=today - timedelta(days=1))
    PendingLapse.objects.create(request=free, clock="estimate_lapse", on=today)

    counted = {"mine": 1, "unclaimed": 1, "open": 3, "overdue": 1, "lapsed": 1, "closed": 1}
    assert selectors.counts(clerk, today) == counted
    assert numbers(clerk, "/desk/?tab=lapsed") == [mine.number]
    assert "No answer in time: close it" in signed_in(clerk).get("/desk/?tab=lapsed").content.decode()
    assert numbers(clerk, "/desk/?tab=mine") == [mine.number]
    assert numbers(clerk, "/desk/?tab=unclaimed") == [free.number]
    assert numbers(clerk, "/desk/?tab=overdue") == [late.number]
    assert numbers(clerk, "/desk/?tab=closed") == [closed.number]
    assert numbers(clerk, "/desk/?tab=nonsense") == [late.number, free.number, mine.number]


def test_filters_narrow_and_can_be_taken_off_one_by_one() -> None:
    clerk = a_clerk(name="Rosa Quill")
    found = a_request(title="Body-worn video, Elm Street", assignee=clerk, status=Status.SEARCHING)
    a_request(title="Plate reads", form_code="lpr")
    address = f"/desk/?q=elm&form=video&status=searching&assignee={clerk.pk}"

    response = signed_in(clerk).get(address)

    assert [row.request.pk for row in response.context["rows"]] == [found.pk]
    chips = {chip.words: chip.url for chip in response.context["chips"]}
    assert set(chips) == {"“elm”", "video", "Searching", "Rosa Quill"}
    assert "q=elm" not in chips["“elm”"]
    assert "status=searching" in chips["“elm”"]


def test_number_finds_a_request() -> None:
    found, _other = a_request(), a_request()

    assert numbers(a_clerk(), f"/desk/?q={found.number}") == [found.number]


@pytest.mark.parametrize(
    "query",
    ["status=exploded", "assignee=me", "assignee=²", "q=%00", "form=%00", "page=zzz", "assignee=" + "9" * 40],
)
def test_nonsense_in_the_address_is_left_out(query: str) -> None:
    row = a_request()

    assert numbers(a_clerk(), f"/desk/?{query}") in ([row.number], [])


def test_unknown_colleague_in_the_address_is_named_somebody_else() -> None:
    a_request()

    response = signed_in(a_clerk()).get("/desk/?assignee=999999")

    assert [chip.words for chip in response.context["chips"]] == ["somebody else"]
    assert "No request fits these filters" in response.content.decode()


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("mine", "Nothing is waiting for you"),
        ("unclaimed", "Every open request has an owner"),
        ("open", "No open requests"),
        ("overdue", "Nothing is overdue"),
        ("closed", "Nothing has been closed yet"),
    ],
)
def test_empty_queue_says_what_that_means(tab: str, words: str) -> None:
    an_agency()

    page = signed_in(a_clerk()).get(f"/desk/?tab={tab}").content.decode()

    assert words in page


def test_queue_opens_before_the_portal_is_set_up() -> None:
    assert numbers(a_clerk()) == []


def test_lateness_has_colour_icon_and_words() -> None:
    a_request(due_on=selectors.today() - timedelta(days=2))

    page = signed_in(a_clerk()).get(QUEUE).content.decode()

    assert "dl-tag--overdue" in page
    assert "2 days late" in page
    assert "#error" in page


@pytest.mark.parametrize(
    ("due", "status", "word"),
    [
        (TODAY - timedelta(days=1), Status.SUBMITTED, "overdue"),
        (TODAY, Status.SUBMITTED, "soon"),
        (TODAY + timedelta(days=3), Status.SUBMITTED, "soon"),
        (TODAY + timedelta(days=4), Status.SUBMITTED, "on_time"),
        (None, Status.NEEDS_INFO, "stopped"),
        (TODAY - timedelta(days=1), Status.CLOSED, "closed"),
    ],
)
def test_lateness_is_computed_from_the_day(due: date | None, status: Status, word: str) -> None:
    assert selectors.lateness(RecordsRequest(due_on=due, status=status), TODAY) == word


def test_kinds_are_named_by_their_forms() -> None:
    an_agency()
    intake.load_forms()
    row = a_request()

    assert QueueRow.of(row, selectors.kinds(), TODAY).kind == selectors.kinds()["video"]
    assert selectors.kinds()["video"] != "video"


def test_claim_button_takes_the_request_and_leads_back_to_the_same_view() -> None:
    row, clerk = a_request(), a_clerk()
    client = signed_in(clerk)
    assert f"/desk/requests/{row.key}/do/claim/" in client.get("/desk/?tab=unclaimed").content.decode()

    response = client.post(f"/desk/requests/{row.key}/do/claim/", {"next": "/desk/?tab=unclaimed"})

    row.refresh_from_db()
    assert row.assignee == clerk
    assert response["Location"] == "/desk/?tab=unclaimed"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/desk", "/admin/?x", ""])
def test_way_back_never_leads_out_of_the_queue(elsewhere: str) -> None:
    row = a_request()

    response = signed_in(a_clerk()).post(f"/desk/requests/{row.key}/do/claim/", {"next": elsewhere})

    assert response["Location"] == f"/desk/requests/{row.key}/"


def test_those_who_only_look_get_no_claim_button() -> None:
    a_request()

    assert "do/claim" not in signed_in(a_user(Role.AUDITOR)).get(QUEUE).content.decode()


def test_long_queue_has_pages_that_keep_the_filter() -> None:
    ana = a_user()
    for _ in range(51):
        a_request(title="Elm Street", requester=ana)

    response = signed_in(a_clerk()).get("/desk/?q=elm&page=2")

    assert len(response.context["rows"]) == 1
    assert "?tab=open&amp;q=elm&amp;page=1" in response.content.decode()


def test_queue_costs_the_same_for_one_row_and_fifty() -> None:
    clerk = a_clerk()
    a_request(assignee=clerk)
    one = query_count(clerk, QUEUE)
    ana, other = a_user(), a_clerk()
    for _ in range(49):
        a_request(requester=ana, assignee=other)

    fifty = query_count(clerk, QUEUE)

    assert fifty == one
    assert one <= 8 + 4  # session, person, roles, second factor


def test_file_holds_exactly_what_the_filter_shows() -> None:
    clerk = a_clerk(name="Rosa Quill")
    row = a_request(title="Elm Street", assignee=clerk, due_on=TODAY)
    a_request(title="Mill Road")

    response = signed_in(clerk).get("/desk/export/?q=elm")
    lines = read(response)

    assert tuple(lines[0]) == exports.HEADER
    assert len(lines) == 2
    assert lines[1][0] == row.number
    assert lines[1][5:7] == ["2026-11-02", "2026-11-22"]
    assert lines[1][8] == "Rosa Quill"
    assert response["Content-Disposition"].startswith('attachment; filename="requests-open-')
    entry = Entry.objects.get(action="queue.exported")
    assert entry.detail == {"tab": "open", "rows": 1}


def test_file_of_closed_requests_says_how_and_when_they_ended() -> None:
    a_request(status=Status.CLOSED, closed_at=now(), disposition=Disposition.NO_RECORDS, due_on=None)

    line = read(signed_in(a_clerk()).get("/desk/export/?tab=closed"))[1]

    assert line[3:5] == ["Closed", "no records found"]
    assert line[10] != ""


def test_formula_is_harmless_in_the_real_file() -> None:
    a_request(title='=cmd|"/c calc"!A1')

    assert read(signed_in(a_clerk()).get("/desk/export/"))[1][1] == '\'=cmd|"/c calc"!A1'


@pytest.mark.parametrize("address", ["/desk/", "/desk/export/"])
def test_queue_is_not_there_for_requesters(address: str) -> None:
    assert signed_in(a_user()).get(address).status_code == 404
