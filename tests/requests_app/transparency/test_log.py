import csv
import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from redis.exceptions import ConnectionError as RedisConnectionError

from portal.accounts.rules import Role
from portal.core.time import now
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from requests_app.transparency import exports, selectors, views
from requests_app.transparency.rules import Line
from tests.builders import a_request, a_user, an_agency
from tests.requests_app.transparency.log_builders import MONDAY, a_closed_request, a_form, a_telling_request

pytestmark = pytest.mark.django_db
LOG = "/log/"
PLACES = ("transparency:log", "transparency:log-csv", "transparency:log-json", "transparency:accessibility")


def body(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return b"".join(answer).decode() if answer.streaming else answer.content.decode()


def rows(client: Client, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(body(client, reverse("transparency:log-json") + query))[
        "requests"
    ]
    return found


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("query", ["", "?state=open", "?state=closed", "?kind=canary-form", "?kind=CANARY"])
def test_nothing_a_requester_wrote_is_in_any_public_answer(client: Client, place: str, query: str) -> None:
    request = a_telling_request()
    docket.add_note(request=request, author=a_user(Role.CLERK, name="CANARY Clerk"), body="CANARY note")
    a_telling_request(
        requester=request.requester, status=Status.CLOSED, disposition=Disposition.DENIED, closed_at=now()
    )

    told = body(client, reverse(place) + query)

    assert "canary" not in told.lower().replace("kind=canary-form", "").replace("kind=canary", "")
    assert request.key not in told
    assert str(request.requester) not in told


def test_looking_at_the_log_sends_no_mail(client: Client, mailoutbox: list[EmailMessage]) -> None:
    a_telling_request()

    for place in PLACES:
        body(client, reverse(place))

    assert mailoutbox == []


def test_draft_is_not_in_the_log(client: Client) -> None:
    a_request(status=Status.DRAFT, title="CANARY")

    assert rows(client) == []
    assert "No request has been filed yet" in body(client, LOG)


def test_line_says_where_a_request_stands_and_how_long_it_took(client: Client) -> None:
    a_form()
    done = a_closed_request(Disposition.PARTIAL, days=4)

    (line,) = rows(client)

    assert line == {
        "number": done.number, "kind": "Video recordings", "stage": "Answered", "received": "2026-03-02",
        "due": None, "closed": "2026-03-06", "outcome": "Released in part", "days_taken": 4, "overdue": False,
    }  # fmt: skip


def test_days_are_counted_where_the_agency_is(client: Client) -> None:
    a_closed_request(received_at=MONDAY.replace(hour=3), days=1)  # still Sunday in Chicago

    assert rows(client)[0]["received"] == "2026-03-01"


def test_kind_of_a_form_nobody_knows_is_other(client: Client) -> None:
    a_request(form_code="gone")

    assert rows(client)[0]["kind"] == "Other"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"open", "late", "done", "old"}),
        ("?state=open", {"open", "late"}),
        ("?state=overdue", {"late"}),
        ("?state=closed", {"done", "old"}),
        ("?kind=lpr", {"late"}),
        ("?year=2025", {"old"}),
        ("?year=2026&state=closed", {"done"}),
        ("?kind=nonsense&state=nonsense&year=x", {"open", "late", "done", "old"}),
        ("?year=99999999999999999999", {"open", "late", "done", "old"}),
        ("?kind=lpr&state=closed", set()),
    ],
)
def test_filters_of_the_address_narrow_the_log(client: Client, query: str, expected: set[str]) -> None:
    a_form()
    a_form("lpr", "Plate reads")
    an_agency()  # its zone says which day it is
    today = selectors.today(selectors.zone())
    named: dict[str | None, str] = {
        a_request(due_on=today).number: "open",
        a_request(due_on=today - timedelta(days=1), form_code="lpr").number: "late",
        a_closed_request().number: "done",
        a_closed_request(received_at=MONDAY.replace(year=2025)).number: "old",
    }

    found = {named[row["number"]] for row in rows(client, query)}

    assert found == expected
    page = client.get(LOG + query)
    assert {named[line.number] for line in page.context["lines"]} == expected


def test_no_hit_says_so(client: Client) -> None:
    a_request()

    assert "No request fits these filters" in body(client, f"{LOG}?state=closed")


def test_numbers_are_what_their_definitions_say() -> None:
    zone = (an_agency(), selectors.zone())[1]
    today = selectors.today(zone)
    for days in (1, 3, 20):
        a_closed_request(days=days)
    a_request(due_on=today - timedelta(days=1))
    a_request(due_on=today)
    a_request(due_on=None)
    a_request(status=Status.DRAFT)

    found = selectors.numbers(selectors.LogFilter(), zone=zone, on=today)

    assert found == selectors.Numbers(received=6, open=3, closed=3, overdue=1, median_days=3.0)


def test_median_of_an_even_count_lies_between(client: Client) -> None:
    a_closed_request(days=1)
    a_closed_request(days=4)

    assert client.get(LOG).context["numbers"].median_days == 2.5


def test_numbers_follow_kind_and_year(client: Client) -> None:
    a_form()
    a_request(form_code="other", received_at=MONDAY)
    a_closed_request(received_at=MONDAY.replace(year=2025))

    assert client.get(LOG).context["numbers"].received == 2
    assert client.get(f"{LOG}?kind=video").context["numbers"].received == 1
    assert client.get(f"{LOG}?year=2025").context["numbers"].received == 1
    assert client.get(f"{LOG}?year=2024").context["numbers"].median_days is None


def test_months_count_receipt_and_close_where_they_happened(client: Client) -> None:
    this = now()
    a_closed_request(received_at=this - timedelta(days=62), days=62)
    a_closed_request(received_at=this - timedelta(days=4000), days=1)

    months = client.get(LOG).context["months"]

    assert sum(month.received for month in months) == 1
    assert (months[-1].received, months[-1].closed) == (0, 1)
    assert sum(month.closed for month in months) == 1


def test_chart_and_table_tell_the_same(client: Client) -> None:
    a_request(received_at=now())

    told = body(client, LOG)

    assert told.count("<rect ") == 24
    assert 'role="img"' in told
    assert "<style" not in told
    assert "style=" not in told


def test_log_is_paged_and_keeps_its_filter(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PAGE", 2)
    for _ in range(3):
        a_request()

    first = client.get(f"{LOG}?state=open")
    second = client.get(f"{LOG}?state=open&page=2")

    assert [len(page.context["lines"]) for page in (first, second)] == [2, 1]
    assert "?state=open&amp;page=2" in first.content.decode()


def test_csv_has_the_rows_of_the_page(client: Client) -> None:
    a_closed_request()
    a_request()

    text = body(client, reverse("transparency:log-csv") + "?state=closed")

    header, line = csv.reader(StringIO(text))
    assert tuple(header) == exports.HEADER
    assert (line[2], line[6], line[7]) == ("Answered", "Released in full", "3")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", " =", "＝"])
def test_no_cell_of_the_csv_runs_as_a_formula(start: str) -> None:
    line = Line("26-00001", f"{start}1+1", "Received", "info", MONDAY.date(), None, None, "", overdue=True)

    _, text = exports.as_csv([line])

    assert next(csv.reader([text]))[1] == f"'{start}1+1"


def test_exports_read_the_rows_while_they_are_sent(client: Client) -> None:
    a_request()

    answer = client.get(reverse("transparency:log-csv"))

    assert answer.streaming
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="requests-')


def test_whole_log_is_not_fetched_without_end(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.RATELIMIT_ENABLE = True
    an_agency()
    monkeypatch.setattr(views, "EXPORTS", "2/10m")
    address = reverse("transparency:log-json")

    answers = [client.get(address).status_code for _ in range(3)]

    assert answers == [200, 200, 429]


def test_log_answers_without_its_cache(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> Iterator[None]:
        raise RedisConnectionError("down")

    a_request()
    monkeypatch.setattr(cache, "get", down)

    assert client.get(LOG).context["numbers"].received == 1


def test_log_of_a_portal_that_is_not_set_up_is_empty(client: Client) -> None:
    assert RecordsRequest.objects.count() == 0
    assert "No request has been filed yet" in body(client, LOG)


def test_page_costs_the_same_for_many_requests(client: Client, django_assert_max_num_queries: Any) -> None:
    for _ in range(5):
        a_request()
    client.get(LOG)

    with django_assert_max_num_queries(10):
        client.get(LOG)


def test_log_takes_no_post(client: Client) -> None:
    an_agency()

    assert client.post(LOG).status_code == 405


def test_accessibility_page_says_what_is_not_known_and_whom_to_ask(client: Client) -> None:
    agency = an_agency()

    told = body(client, reverse("transparency:accessibility"))

    assert "What has not been checked" in told
    assert agency.contact_email in told
