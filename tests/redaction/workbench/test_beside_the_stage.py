"""Presence, standing, history, copies and templates, as the work page's script asks for them."""

import itertools
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core import files
from portal.core.models import Job, JobState
from portal.core.time import now
from redaction.plans.models import Plan, Review
from redaction.workbench.models import MarkTemplate, Presence
from requests_app.custody.models import ResponsiveRecord
from tests.builders import a_user
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db

_PRINTS = itertools.count()
BOX: dict[str, Any] = {"id": "b", "kind": "box", "page": 1, "rect": [72, 80, 190, 110], "reason": "MINOR"}


@pytest.fixture
def rosa() -> User:
    return an_analyst(name="Rosa Quill")


@pytest.fixture
def desk(client: Client, rosa: User) -> Client:
    client.force_login(rosa)
    return client


def a_browser(person: User) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def a_document(**fields: Any) -> ResponsiveRecord:
    words = fields.get("title", "") + str(next(_PRINTS))  # a request has each file once
    return a_record(content=a_pdf("Officer CANARY", words, pages=2), name="report.pdf", **fields)


def marked(record: ResponsiveRecord, *marks: dict[str, Any], author: User | None = None) -> Plan:
    return a_plan(review=a_review(record), marks={"version": 1, "marks": list(marks)}, author=author)


def post(client: Client, page: str, record: ResponsiveRecord, body: dict[str, Any]) -> tuple[int, Any]:
    answer = client.post(url(page, record), json.dumps(body), content_type="application/json")
    is_json = answer["Content-Type"] == "application/json"
    return answer.status_code, json.loads(answer.content) if is_json else None


def get(client: Client, page: str, record: ResponsiveRecord, **query: Any) -> Any:
    return json.loads(client.get(url(page, record), query).content)


def test_two_people_see_each_other_and_what_the_other_saved(desk: Client, rosa: User) -> None:
    record, sam = a_document(), an_analyst(name="Sam Reed")
    sams = a_browser(sam)

    _, alone = post(desk, "here", record, {"version": 0})
    marked(record, BOX, author=rosa)
    _, seen = post(sams, "here", record, {"version": 0})
    _, known = post(sams, "here", record, {"version": 1})

    assert (alone["others"], alone["newer"]) == ([], None)
    assert seen["others"] == ["Rosa Quill"]
    assert (seen["newer"]["author"], seen["newer"]["words"]) == ("Rosa Quill", "1 box added")
    assert known["newer"] is None


def test_who_left_or_was_not_heard_of_is_not_there(desk: Client, rosa: User) -> None:
    record, others = a_document(), [an_analyst(), an_analyst(), an_analyst()]
    for person in others:
        post(a_browser(person), "here", record, {"version": 0})

    post(a_browser(others[0]), "here", record, {"leaving": True})
    Presence.objects.filter(user=others[1]).update(seen_at=now() - timedelta(minutes=2))
    Presence.objects.filter(user=others[2]).update(seen_at=now() - timedelta(hours=2))
    _, told = post(desk, "here", record, {"version": 0})

    assert told["others"] == []
    assert set(Presence.objects.values_list("user", flat=True)) == {rosa.pk, others[1].pk}


def test_a_record_without_a_mark_may_be_made_by_asking(desk: Client) -> None:
    record = a_document()

    status, told = post(desk, "standing", record, {"version": 0})

    assert (status, told["version"], told["job"]["open"]) == (200, 1, True)
    assert Plan.objects.get().marks["marks"] == []
    assert Job.objects.filter(kind="plans.render").count() == 1


def test_asking_for_the_copy_of_older_marks_is_refused(desk: Client) -> None:
    record = a_document()
    marked(record, BOX)

    assert post(desk, "standing", record, {"version": 0})[0] == 409
    assert not Job.objects.exists()


def test_standing_names_what_is_in_the_way_and_why_the_last_try_failed(desk: Client) -> None:
    record = a_document()
    marked(record, {**BOX, "suggested": True})

    before = get(desk, "standing", record)
    marked(record, BOX)
    post(desk, "standing", record, {"version": 2})
    running = get(desk, "standing", record)
    Job.objects.update(state=JobState.FAILED, error="Mark b: still there.")
    after = get(desk, "standing", record)

    assert [(row["code"], row["marks"]) for row in before["hurdles"]] == [("undecided", ["b"])]
    assert running["job"] == {"open": True, "percent": 0, "note": "", "error": ""}
    assert (after["hurdles"], after["job"]["error"]) == ([], "Mark b: still there.")


def test_a_record_is_set_aside_and_taken_back_from_the_page(desk: Client) -> None:
    record = a_document()

    steps = [post(desk, "aside", record, {"action": name}) for name in ("duplicate", "reconsider", "burn")]

    assert [(status, told.get("status")) for status, told in steps] == [
        (200, "duplicate"), (200, "collected"), (422, None),
    ]  # fmt: skip
    assert steps[0][1]["may_reconsider"] is True


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"version": 0, "exemptions": ["TX-108"], "note": "open case"}, 200),
        ({"version": 0, "exemptions": []}, 422),
        ({"version": 0, "exemptions": "TX-108"}, 422),
        ({"version": None, "exemptions": ["TX-108"]}, 422),
        ({"version": 4, "exemptions": ["TX-108"]}, 409),
    ],
)
def test_withholding_the_whole_is_proposed_from_the_page(
    desk: Client, body: dict[str, Any], status: int
) -> None:
    record = a_document()

    assert post(desk, "keep-back", record, body)[0] == status
    assert Plan.objects.count() == (1 if status == 200 else 0)


def test_the_history_tells_sittings_and_what_each_changed(desk: Client, rosa: User) -> None:
    record = a_document()
    marked(record, BOX, author=rosa)
    marked(record, {**BOX, "page": 2}, author=rosa)
    marked(record, author=an_analyst(name="Sam Reed"))

    told = get(desk, "history", record)
    older = get(desk, "history", record, before=3)

    assert [(row["first"], row["last"], row["author"], row["words"]) for row in told["sittings"]] == [
        (3, 3, "Sam Reed", "1 box removed"), (1, 2, "Rosa Quill", "1 box added"),
    ]  # fmt: skip
    assert told["sittings"][1]["changes"][0]["words"].startswith("page 2, 1 in across")
    assert told["more"] is None
    assert [row["last"] for row in older["sittings"]] == [2]
    assert desk.get(url("history", record), {"before": "x"}).status_code == 422


def test_an_old_version_comes_back_as_a_new_one(desk: Client) -> None:
    record = a_document()
    marked(record, BOX)
    marked(record)

    status, made = post(desk, "restore", record, {"version": 2, "restore": 1})

    assert (status, made["version"], made["marks"]) == (201, 3, [BOX])
    assert Plan.objects.count() == 3
    assert Entry.objects.filter(action="review.save_marks").latest("pk").detail["restored"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"version": 2, "restore": 2}, 422),
        ({"version": 2, "restore": 9}, 422),
        ({"version": 2, "restore": "1"}, 422),
        ({"version": 1, "restore": 1}, 409),
    ],
)
def test_what_cannot_be_restored_changes_nothing(desk: Client, body: dict[str, Any], status: int) -> None:
    record = a_document()
    marked(record, BOX)
    marked(record)

    assert post(desk, "restore", record, body)[0] == status
    assert Plan.objects.count() == 2


def test_marks_are_copied_to_a_similar_record_of_the_request(desk: Client) -> None:
    record = a_document(title="First print")
    similar = a_document(request=record.request, title="Second print")
    a_record(request=record.request)  # a table is not similar
    marked(record, BOX)

    offered = get(desk, "copy", record)["records"]
    status, made = post(desk, "copy", record, {"marks": ["b"], "to": similar.key})

    assert [row["key"] for row in offered] == [similar.key]
    assert (status, made["brought"], made["to"]) == (201, 1, "Second print")
    assert Review.objects.get(record=similar).plans.get().marks["marks"][0]["suggested"] is True


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"marks": "b"}, 422),
        ({"shift_seconds": True}, 422),
        ({"shift_seconds": 1e6}, 422),
        ({"to": "nothing-like-it"}, 404),
    ],
)
def test_a_copy_that_makes_no_sense_is_refused(desk: Client, change: dict[str, Any], status: int) -> None:
    record = a_document()
    similar = a_document(request=record.request)
    marked(record, BOX)

    answer = desk.post(
        url("copy", record),
        json.dumps({"marks": ["b"], "to": similar.key, **change}),
        content_type="application/json",
    )

    assert answer.status_code == status
    assert Plan.objects.count() == 1


def test_a_record_that_takes_no_marks_is_not_offered(desk: Client) -> None:
    record = a_document()
    aside = a_document(request=record.request)
    post(desk, "aside", aside, {"action": "duplicate"})

    assert get(desk, "copy", record)["records"] == []


def test_a_template_keeps_the_places_of_a_form_and_nothing_of_the_record(desk: Client) -> None:
    record, other = a_document(), a_document()
    secret = {"id": "s", "kind": "text", "literal": "CANARY", "reason": "MINOR"}
    marked(record, {**BOX, "note": "CANARY note", "exemption": "TX-108"}, secret)

    kept, _ = post(desk, "templates", record, {"do": "keep", "marks": ["b", "s"], "name": " CR-3  form "})
    offered = get(desk, "templates", other)["templates"]
    status, made = post(
        desk, "templates", other, {"do": "apply", "template": offered[0]["id"], "as_suggestions": False}
    )

    template = MarkTemplate.objects.get()
    assert kept == 201
    assert (template.name, "CANARY" in json.dumps(template.marks)) == ("CR-3 form", False)
    assert (offered[0]["name"], offered[0]["marks"]) == ("CR-3 form", 1)
    assert (status, made["brought"]) == (201, 1)
    assert made["marks"] == [
        {
            "id": "box-1",
            "kind": "box",
            "page": 1,
            "rect": BOX["rect"],
            "reason": "MINOR",
            "exemption": "TX-108",
        }
    ]


def test_a_code_the_law_does_not_have_is_left_open_by_a_template(desk: Client, rosa: User) -> None:
    record = a_document()
    template = MarkTemplate.objects.create(
        agency=record.request.agency, medium="pdf", name="Old", created_by=rosa, created_at=now(),
        marks=[{**BOX, "reason": "GONE", "exemption": "XX-9"}],
    )  # fmt: skip

    _, made = post(desk, "templates", record, {"do": "apply", "template": template.pk})

    assert made["marks"][0].keys() & {"reason", "exemption"} == set()


def test_a_template_is_named_once_and_retired(desk: Client) -> None:
    record = a_document()
    marked(record, BOX)
    keep = {"do": "keep", "marks": ["b"], "name": "Form"}
    post(desk, "templates", record, keep)
    number = MarkTemplate.objects.get().pk

    twice, _ = post(desk, "templates", record, keep)
    unnamed, _ = post(desk, "templates", record, {**keep, "name": " "})
    empty, _ = post(desk, "templates", record, {**keep, "name": "Other", "marks": []})
    nonsense, _ = post(desk, "templates", record, {"do": "burn", "template": number})
    retired, told = post(desk, "templates", record, {"do": "retire", "template": number})
    gone, _ = post(desk, "templates", record, {"do": "apply", "template": number})

    assert (twice, unnamed, empty, nonsense, retired, gone) == (422, 422, 422, 422, 200, 404)
    assert told["templates"] == []
    assert MarkTemplate.objects.get().retired_at is not None


def test_who_may_not_redact_neither_keeps_nor_retires_a_template(client: Client, rosa: User) -> None:
    record = a_document()
    marked(record, BOX)
    template = MarkTemplate.objects.create(
        agency=record.request.agency,
        medium="pdf",
        name="Form",
        created_by=rosa,
        created_at=now(),
        marks=[BOX],
    )
    client.force_login(a_user(Role.CLERK))

    for body in (
        {"do": "keep", "marks": ["b"], "name": "Mine"},
        {"do": "retire", "template": template.pk},
        {"do": "apply", "template": template.pk},
    ):
        assert post(client, "templates", record, body)[0] == 403

    assert MarkTemplate.objects.get().retired_at is None


def test_a_verified_record_says_so(desk: Client) -> None:
    render = a_render()

    told = get(desk, "standing", render.review.record)

    assert (told["status"], told["label"], told["hurdles"]) == ("verified", "waiting for approval", [])


def test_a_file_nobody_can_open_may_still_be_withheld_whole(desk: Client) -> None:
    record = a_document()
    path = files.path_of(record.address)
    path.chmod(0o600)
    path.write_bytes(b"%PDF-1.7 broken")

    marked_, _ = post(desk, "plan", record, {"version": 0, "marks": [BOX]})
    proposed, told = post(desk, "keep-back", record, {"version": 0, "exemptions": ["TX-108"]})

    assert (marked_, proposed, told["job"]["open"]) == (422, 200, True)
