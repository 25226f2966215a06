import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from portal.accounts.rules import Role
from redaction.plans import consistency, listing
from redaction.plans import services as plans
from redaction.plans.models import Finding, Render, Review
from redaction.workbench import consistency_pane
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from tests.builders import a_request, a_user
from tests.redaction.plans.plan_builders import (
    a_plan,
    a_recusal,
    a_render,
    a_review,
    an_approval,
    an_approver,
)
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db


def a_copy(request: RecordsRequest, literal: str, *lines: str, title: str = "Report") -> Render:
    record = a_record(request=request, content=a_pdf(*lines), name="a.pdf", title=title)
    marks = {"version": 1, "marks": [{"id": "t", "kind": "text", "literal": literal, "reason": "MINOR"}]}
    return a_render(plan=a_plan(review=a_review(record), marks=marks))


def a_pair() -> tuple[Render, Render]:
    """Two copies of one request: what the second withholds, the first leaves legible."""
    request = a_request(status=Status.SEARCHING)
    there = a_copy(request, "Gate", "Maria Delgado", "Gate", title="Gate log")
    return there, a_copy(request, "Maria Delgado", "Maria Delgado came")


def settle(client: Client, render: Render, **body: Any) -> Any:
    address = url("settle", render.review.record, pk=render.findings.get().pk)
    return client.post(address, json.dumps(body), content_type="application/json")


def test_findings_are_listed_and_decided_by_the_script(client: Client) -> None:
    there, here = a_pair()
    client.force_login(an_analyst())

    found = client.get(url("findings", here.review.record))
    counted = client.get(url("standing", here.review.record)).json()["elsewhere"]
    bad = settle(client, here, outcome="leave")
    done = settle(client, here, outcome="leave", why="another person of that name")

    data = found.json()
    assert (data["open"], data["compared"], data["whole"]) == (1, True, True)
    assert counted == 1
    assert client.get(url("standing", here.review.record)).json()["elsewhere"] == 0
    assert data["findings"][0]["sentence"] == "Marked here; it stands open in “Gate log”."
    assert data["findings"][0]["link"] == url("work", there.review.record)
    assert [name for name, _words in data["findings"][0]["outcomes"]] == ["mark_there", "leave"]
    assert found["Cache-Control"] == "no-store, private"
    assert (bad.status_code, done.status_code) == (422, 201)
    assert done.json()["open"] == 0
    assert done.json()["findings"][0]["decision"]["outcome"] == "left as it is"


def test_the_second_person_decides_on_her_page_without_script(client: Client) -> None:
    _there, here = a_pair()
    record, approver = here.review.record, an_approver()
    client.force_login(approver)
    sent = {"render_sha256": here.sha256, "marks_digest": here.marks_digest}

    page = client.get(url("review", record)).content.decode()
    refused = client.post(url("approve", record), sent)
    finding = url("settle", record, pk=here.findings.get().pk)
    client.post(finding, {"outcome": "leave", "why": "another person"})
    again = client.get(url("review", record)).content.decode()
    client.post(url("approve", record), sent)

    assert "1 finding is to be decided before you approve." in page
    assert refused.status_code == 409
    assert "another person" in again
    assert Review.objects.get(pk=here.review_id).status == "approved"


def test_a_record_without_a_copy_has_nothing_compared(client: Client) -> None:
    record = a_plan().review.record
    client.force_login(an_analyst())

    assert client.get(url("findings", record)).json() == {
        "compared": False, "whole": None, "open": 0, "findings": [], "groups": [], "listing": "", "sums": ""
    }  # fmt: skip


def a_flood() -> Render:
    request = a_request(status=Status.SEARCHING)
    names = [f"word{n}x" for n in range(5)]
    a_copy(request, "Gate", " ".join(names), "Gate")
    record = a_record(request=request, content=a_pdf(" ".join(names), "!"), name="b.pdf")
    marks = [
        {"id": f"t{n}", "kind": "text", "literal": name, "reason": "MINOR"} for n, name in enumerate(names)
    ]
    return a_render(plan=a_plan(review=a_review(record), marks={"version": 1, "marks": marks}))


def test_what_is_not_listed_is_said_and_groups_are_decided_by_script_and_form(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "STEP", 2)
    here = a_flood()
    record = here.review.record
    client.force_login(a_user(Role.ANALYST, Role.APPROVER))
    group = url("settle-group", record)

    first = client.get(url("findings", record)).json()
    page = client.get(url("review", record)).content.decode()
    one = client.post(
        group, json.dumps({"words": "word4x", "outcome": "leave", "why": "public"}), "application/json"
    )
    wrong = [
        client.post(
            group, json.dumps({"outcome": "leave", "why": "x", **body}), "application/json"
        ).status_code
        for body in ({"other": "nothing"}, {"same": "whim"}, {"words": 7}, {"why": ""})
    ]
    other = here.findings.values_list("other__key", flat=True).first()
    by_form = client.post(group, {"other": other, "outcome": "leave", "why": "all public"}, follow=True)

    assert (first["open"], len(first["findings"])) == (5, 2)
    assert first["listing"].startswith("5 were found, 2 are listed. When these are decided, more are listed")
    assert first["sums"].startswith("Compared: 5 of 5 texts marked here, 1 of 1 marked elsewhere")
    assert first["groups"][0] == {
        "same": "",
        "words": "",
        "other": "",
        "label": "All that are open",
        "count": 2,
        "follow": 0,
    }
    assert {row["count"] for row in first["groups"][1:]} == {2}
    assert "5 were found, 2 are listed" in page
    assert (one.status_code, one.json()["count"], one.json()["open"]) == (201, 1, 4)
    assert wrong == [422] * 4
    assert "Kept: 4 findings." in by_form.content.decode()
    assert client.get(url("findings", record)).json()["open"] == 0


def test_a_search_that_was_stopped_says_that_nothing_can_be_approved_like_this(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consistency, "_MOST_FINDINGS", 2)
    here = a_flood()
    client.force_login(an_analyst())

    assert "More than 2 were found" in client.get(url("findings", here.review.record)).json()["listing"]


def test_the_other_way_round_and_the_same_file_are_said_so(client: Client) -> None:
    request = a_request(status=Status.SEARCHING)
    there = a_copy(request, "Maria Delgado", "Maria Delgado", title="Gate log")
    here = a_copy(request, "Elm", "Maria Delgado again", "Elm")
    content = a_pdf("Elm street", "Oak street")
    marks = {"version": 1, "marks": [{"id": "t", "kind": "text", "literal": "Elm", "reason": "MINOR"}]}
    first = a_record(content=content, name="a.pdf", title="Street list")
    review = an_approval(render=a_render(plan=a_plan(review=a_review(first), marks=marks))).review
    plans.release(review=review, actor=None, manifest="m")
    same = a_render(plan=a_plan(review=a_review(a_record(content=content, name="b.pdf")), marks={
        "version": 1, "marks": [{"id": "t", "kind": "text", "literal": "street", "reason": "MINOR"}]
    }))  # fmt: skip
    client.force_login(an_analyst())

    (one,) = client.get(url("findings", here.review.record)).json()["findings"]
    rows = client.get(url("findings", same.review.record)).json()["findings"]

    assert one["sentence"] == "Marked in “Gate log”, open here."
    assert one["outcomes"] == [["leave", "Leave it as it is"]]
    assert there.review.record.title == "Gate log"
    by_kind = {row["same"]: row["sentence"] for row in rows}
    assert by_kind["The same file"].startswith("The same file was released in “Street list” of ")
    assert "was released open" in by_kind["The same words"]

    barred = an_analyst()
    a_recusal(first.request, barred)
    client.force_login(barred)
    answer = client.get(url("findings", same.review.record))
    assert [(row["other"], row["places"], row["link"]) for row in answer.json()["findings"]] == [
        ("", "", "")
    ] * 2
    for told in (first.key, first.title, str(first.request.number)):
        assert told not in answer.content.decode()


def test_findings_are_for_those_who_may_look(client: Client) -> None:
    _there, here = a_pair()
    record = here.review.record

    for person, status in ((record.request.requester, 404), (a_user(), 404), (a_user(Role.FEE_OFFICER), 403)):
        assert person is not None
        client.force_login(person)
        answer = client.get(url("findings", record))
        assert answer.status_code == status
        assert b"Maria" not in answer.content
        assert settle(client, here, outcome="leave", why="x").status_code == status


def test_one_who_may_look_but_not_decide_is_refused(client: Client) -> None:
    _there, here = a_pair()
    client.force_login(a_user(Role.CLERK))

    found = client.get(url("findings", here.review.record)).json()

    assert found["findings"][0]["outcomes"] == []
    assert settle(client, here, outcome="leave", why="x").status_code == 403


def test_a_longer_list_asks_no_more_questions(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    _there, here = a_pair()
    review, person = here.review, an_analyst()
    first = here.findings.get()
    consistency_pane.shown(review, person)  # what is asked once a person
    with CaptureQueriesContext(connection) as asked:
        assert len(consistency_pane.shown(review, person)["findings"]) == 1
    Finding.objects.bulk_create(
        Finding(
            render=here, review=review, key=f"more-{n}", same="text", open_here=False, other=first.other,
            released=False, words="x", mark_id=first.mark_id,
        )
        for n in range(3)
    )  # fmt: skip

    with django_assert_num_queries(len(asked)):
        assert len(consistency_pane.shown(review, person)["findings"]) == 4


def test_a_group_is_followed_up_where_it_was_released_and_the_rest_stays_open(client: Client) -> None:
    names = ("Maria Delgado", "Ruth Okafor")
    before = an_approval(render=a_copy(a_request(status=Status.SEARCHING), "Gate", *names, "Gate")).review
    plans.release(review=before, actor=None, manifest="m")
    request = a_request(status=Status.SEARCHING)
    a_copy(request, "Elm", names[0], "Elm")
    record = a_record(request=request, content=a_pdf(*names, "Here"), name="b.pdf")
    marks = [{"id": name[0], "kind": "text", "literal": name, "reason": "MINOR"} for name in names]
    here = a_render(plan=a_plan(review=a_review(record), marks={"version": 1, "marks": marks}))
    client.force_login(a_user(Role.ANALYST, Role.APPROVER))

    groups = client.get(url("findings", record)).json()["groups"]
    page = client.get(url("review", record)).content.decode()
    body = {"outcome": "follow_up", "why": "recalled and put right"}
    kept = client.post(url("settle-group", record), body, follow=True).content.decode()

    assert (groups[0]["count"], groups[0]["follow"]) == (3, 2)
    assert "2 to be put right where they were released" in page
    assert "Kept: 2 findings." in kept
    said = here.review.finding_decisions.values_list("outcome", "finding__other")
    assert set(said) == {("follow_up", before.record_id)}
    assert client.get(url("findings", record)).json()["open"] == 1
