"""Walks every address of the workbench as each kind of person, those that are added later too."""

from collections.abc import Callable, Iterator

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, reverse
from django.urls.converters import IntConverter
from rest_framework.test import APIClient

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from redaction.plans import services as plans
from redaction.plans.closed import NOT_SHOWN
from redaction.plans.models import Render
from redaction.plans.pins import Wanted
from redaction.plans.recusal import recuse
from redaction.workbench.urls import staff_urlpatterns
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition
from tests.builders import NOON, a_user
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, an_approval, an_approver
from tests.requests_app.custody.record_builders import a_pdf, a_record

pytestmark = pytest.mark.django_db

SECRET = "Zebrafinch"
NO_INSIGHT = (Role.FEE_OFFICER, Role.APPEALS_OFFICER, Role.COUNSEL, Role.AUDITOR, Role.ADMIN)
SHOWN = (200, 201, 202, 206, 302)
# what the page of a request shows: never of the inside of a record
ABOUT_THE_REQUEST = {"records", "recusals", "end-recusal"}
# of the redacted copy, which a closed request does not shut, and of the report
OF_THE_COPY = {
    "standing", "progress", "review", "result", "result-film", "result-preview", "companion", "marks",
    "pins", "flight-map",
}  # fmt: skip


def a_marked_document() -> Render:
    record = a_record(content=a_pdf(f"Officer {SECRET}", "Public"), name="report.pdf", title="Report")
    marks = {"version": 1, "marks": [{"id": "t", "kind": "text", "literal": SECRET, "reason": "MINOR"}]}
    return a_render(plan=a_plan(review=a_review(record), marks=marks))


def addresses(render: Render) -> Iterator[tuple[str, str]]:
    """Every address of the workbench for this record: (name, path)."""
    record = render.review.record
    for entry in staff_urlpatterns:
        assert isinstance(entry, URLPattern)
        assert entry.name, f"{entry} has no name"
        if "key" not in entry.pattern.converters:
            continue  # about no record; the walk of the whole site tries it
        given: dict[str, object] = {}
        for name, kind in entry.pattern.converters.items():
            given[name] = 1 if isinstance(kind, IntConverter) else "box"
        given["key"] = record.request.key if "desk/requests/" in str(entry.pattern) else record.key
        if entry.name == "film-frame":
            given["suffix"] = "jpg"
        yield entry.name, reverse(f"workbench:{entry.name}", kwargs=given)


def body(answer: HttpResponseBase) -> bytes:
    return answer.getvalue()


def asked(client: Client, path: str) -> list[HttpResponseBase]:
    """GET, and POST with an empty JSON object; no cache keeps what comes and no browser guesses its kind."""
    found: list[HttpResponseBase] = [
        client.get(path), client.post(path, b"{}", content_type="application/json"),
    ]  # fmt: skip
    for answer in found:
        assert answer.status_code < 500, path
        assert "no-store" in answer.headers.get("Cache-Control", ""), path
        assert answer.headers.get("X-Content-Type-Options") == "nosniff", path
    return found


def the_requester(render: Render) -> User:
    requester = render.review.record.request.requester
    assert requester is not None
    return requester


def a_recused(render: Render) -> User:
    person = an_approver()
    recuse(
        person=person, request=render.review.record.request, ground="appears", why="Officer of the stop",
        by=a_user(Role.COUNSEL), at=NOON,
    )  # fmt: skip
    return person


@pytest.mark.parametrize("person", [the_requester, a_recused])
def test_who_may_not_know_finds_no_address_of_the_workbench(
    client: Client, person: Callable[[Render], User]
) -> None:
    render = a_marked_document()
    client.force_login(person(render))

    for name, path in addresses(render):
        for answer in asked(client, path):
            assert answer.status_code in (404, 405), f"{name} answered {answer.status_code}"
            assert SECRET.encode() not in body(answer), name


def test_a_signed_out_person_is_sent_to_sign_in(client: Client) -> None:
    render = a_marked_document()

    for name, path in addresses(render):
        for answer in asked(client, path):
            assert answer.status_code == 302, name
            assert answer.headers["Location"].startswith("/account/login/"), name


def test_staff_whose_work_needs_no_insight_see_nothing_of_the_inside(client: Client) -> None:
    render = a_marked_document()
    client.force_login(a_user(*NO_INSIGHT))

    for name, path in addresses(render):
        for answer in asked(client, path):
            assert SECRET.encode() not in body(answer), name
            if name not in ABOUT_THE_REQUEST:
                assert answer.status_code not in SHOWN, f"{name} answered {answer.status_code}"


@pytest.mark.parametrize("role", NO_INSIGHT)
def test_no_single_role_without_insight_opens_a_picture(client: Client, role: Role) -> None:
    render = a_render()
    client.force_login(a_user(role))

    for name in ("work", "marks", "review", "pins"):
        path = reverse(f"workbench:{name}", kwargs={"key": render.review.record.key})
        assert client.get(path).status_code == 403, name
    looks = Entry.objects.filter(action__in=["custody.record_viewed", "custody.preview_viewed"])
    assert {entry.outcome for entry in looks} == {"denied"}  # nobody is written down to have seen it


def test_a_closed_request_shows_its_originals_to_nobody(client: Client) -> None:
    render = a_marked_document()
    quote(render)
    close(render)
    client.force_login(a_user(Role.APPROVER, Role.ANALYST, Role.CLERK))

    for name, path in addresses(render):
        shown, changed = asked(client, path)
        assert SECRET.encode() not in body(shown) + body(changed), name  # nor its words in marks and comments
        if name not in ABOUT_THE_REQUEST | OF_THE_COPY:
            assert shown.status_code in (404, 405, 409), f"{name} answered {shown.status_code}"


def test_the_report_stays_when_the_request_is_closed_and_an_opened_one_shows_all_again(
    client: Client,
) -> None:
    render = a_marked_document()
    an_approval(render=render)
    record = render.review.record
    picture = reverse("workbench:preview", kwargs={"key": record.key, "number": 1})
    close(render)
    client.force_login(an_approver())

    page = client.get(reverse("workbench:review", kwargs={"key": record.key}))
    shut = client.get(picture)
    copy = client.get(reverse("workbench:result-preview", kwargs={"key": record.key, "number": 1}))
    RecordsRequest.objects.update(status="accepted", closed_at=None, disposition="")
    opened = client.get(picture)

    assert page.status_code == 200
    assert picture not in page.content.decode()
    assert "The original is not shown any more" in page.content.decode()
    assert (shut.status_code, copy.status_code, opened.status_code) == (409, 200, 200)
    assert "This request is closed" in shut.content.decode()


def test_a_copy_nobody_approved_is_shut_with_the_request_as_the_original_is(client: Client) -> None:
    render = a_marked_document()
    close(render)
    client.force_login(an_approver())

    key = render.review.record.key
    picture = client.get(reverse("workbench:result-preview", kwargs={"key": key, "number": 1}))
    file = client.get(reverse("workbench:result", kwargs={"key": key}))
    page = client.get(reverse("workbench:review", kwargs={"key": key})).content.decode()

    assert (picture.status_code, file.status_code) == (409, 409)
    assert "/result/" not in page
    assert "This request is closed" in page


@pytest.mark.parametrize("status", ["closed", "accepted"])
def test_the_marks_of_a_closed_record_say_where_and_why_but_no_word(client: Client, status: str) -> None:
    render = a_marked_document()
    quote(render)
    close(render)
    if status != "closed":
        RecordsRequest.objects.update(status=status, closed_at=None, disposition="")
    record, person = render.review.record, a_user(Role.APPROVER, Role.ANALYST)
    client.force_login(person)
    api = APIClient()
    api.force_authenticate(person)
    given = {"key": record.request.key, "position": record.position}

    pages = [
        client.get(reverse(f"workbench:{name}", args=[record.key])) for name in ("marks", "review", "pins")
    ]
    review = api.get(reverse("api:review", kwargs=given))

    said = [page.content.decode() for page in pages] + [review.content.decode()]
    assert [SECRET in words for words in said] == [status != "closed"] * 4
    assert bool(review.json()["render"]["report"]["details"]) == (status != "closed")
    assert [(mark["id"], mark["reason"]) for mark in review.json()["marks"]["marks"]] == [("t", "MINOR")]
    assert (NOT_SHOWN in said[1]) == (status == "closed")


def quote(render: Render) -> None:
    """A second person quotes the record when she sends it back, at its mark and in her note."""
    wanted = [Wanted("t", f"Also {SECRET} in the footer")]
    plans.send_back(review=render.review, by=an_approver(), comment=f"See {SECRET}", at=NOON, pins=wanted)


def close(render: Render) -> None:
    RecordsRequest.objects.filter(pk=render.review.record.request_id).update(
        status="closed", closed_at=NOON, disposition=Disposition.WITHDRAWN
    )
