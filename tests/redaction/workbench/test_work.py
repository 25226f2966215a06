import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit.models import Entry, Outcome
from portal.core import files
from redaction.plans.detection_models import SuggestionDecision
from redaction.plans.models import Plan
from requests_app.custody.models import ResponsiveRecord
from tests.builders import a_user
from tests.redaction.plans.plan_builders import DROP_PLATES, a_plan, a_render, a_review
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db

BOX: dict[str, Any] = {"id": "box-a", "kind": "box", "page": 1, "rect": [72, 80, 190, 110], "extent": "exact"}


def a_document() -> ResponsiveRecord:
    return a_record(content=a_pdf("Officer CANARY", pages=2), name="report.pdf", title="Incident report")


def post(client: Client, page: str, record: ResponsiveRecord, body: Any) -> HttpResponse:
    content = body if isinstance(body, str) else json.dumps(body)
    answer: HttpResponse = client.post(url(page, record), content, content_type="application/json")  # type: ignore[assignment]  # the test client's own class
    return answer


def said(answer: Any) -> Any:
    return json.loads(answer.content)


def test_the_work_page_costs_the_same_for_many_marks(
    desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    record = a_document()
    boxes = [{**BOX, "id": f"box-{n}", "reason": "MINOR"} for n in range(200)]
    a_plan(review=a_review(record), marks={"version": 1, "marks": boxes})
    desk.get(url("work", record))

    with django_assert_max_num_queries(24):
        desk.get(url("work", record))


def test_the_work_page_tells_its_script_what_it_needs(desk: Client) -> None:
    record = a_document()
    a_plan(review=a_review(record), marks={"version": 1, "marks": [{**BOX, "reason": "MINOR"}]})

    answer = desk.get(url("work", record))

    config = answer.context["config"]
    assert (config["key"], config["medium"], config["version"], config["may_mark"]) == (
        record.key, "pdf", 1, True,
    )  # fmt: skip
    assert config["facts"]["pages"] == ((612.0, 792.0), (612.0, 792.0))
    assert config["marks"][0]["id"] == "box-a"
    assert config["urls"]["plan"] == url("plan", record)
    assert dict(config["reasons"])["MINOR"]
    assert config["zone"] == "America/Chicago"
    assert 'id="workbench-config"' in answer.content.decode()
    assert Entry.objects.filter(action="custody.record_viewed", subject_id=str(record.pk)).count() == 1


def test_a_csv_may_be_shown_as_a_table_or_as_a_flight(desk: Client) -> None:
    record = a_record()

    shown = [
        desk.get(url("work", record), {"as": wanted}).context["config"]["medium"]
        for wanted in ("", "flight", "video")
    ]

    assert shown == ["table", "flight", "table"]


def test_each_person_has_a_key_of_her_own_for_each_record(client: Client) -> None:
    records, people = [a_document(), a_document()], [an_analyst(), an_analyst()]
    keys = []

    for person in people:
        client.force_login(person)
        keys += [client.get(url("work", record)).context["config"]["copy_key"] for record in records]

    assert len(set(keys)) == 4


def test_a_file_that_cannot_be_shown_says_what_can_still_be_done(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = a_record(content=a_pdf("Gone soon"), name="gone.pdf")
    path = files.path_of(record.address)
    path.chmod(0o600)
    path.write_bytes(b"%PDF-1.7\nbroken")
    monkeypatch.setattr(files, "_holds", lambda *_: True)  # as if it had come in like this

    page = desk.get(url("work", record))

    assert "The stored file cannot be opened" in page.content.decode()
    assert "Withhold it whole: nothing of it goes out" in page.content.decode()
    assert page.context["config"]["stage"] is None


@pytest.mark.parametrize(
    "name",
    ["work", "plan", "here", "standing", "aside", "keep-back", "history", "restore", "copy", "templates"],
)
def test_nothing_of_the_work_page_is_there_for_a_requester(client: Client, name: str) -> None:
    record = a_record()
    assert record.request.requester is not None
    client.force_login(record.request.requester)

    assert client.get(url(name, record)).status_code in (404, 405)
    assert post(client, name, record, {}).status_code in (404, 405)


def test_a_role_without_insight_does_not_get_the_page(client: Client) -> None:
    record = a_record()
    client.force_login(a_user(Role.FEE_OFFICER))

    assert client.get(url("work", record)).status_code == 403
    assert client.get(url("plan", record)).status_code == 403
    assert Entry.objects.filter(outcome=Outcome.DENIED, action="custody.preview_viewed").count() == 2


def test_an_autosave_may_owe_its_reason_but_nothing_is_made_of_it(desk: Client) -> None:
    record = a_document()

    saved = post(desk, "plan", record, {"version": 0, "marks": [BOX]})
    made = post(desk, "standing", record, {"version": 1})
    by_form = desk.post(
        url("set-raw", record), {"version": 1, "marks": json.dumps({"version": 1, "marks": [BOX]})}
    )

    assert (saved.status_code, said(saved)["version"]) == (201, 1)
    assert saved["Cache-Control"] == "no-store, private"
    assert (made.status_code, said(made)["code"]) == (409, "not_ready")
    assert "Say first why these are withheld: box-a." in said(made)["message"]
    assert by_form.status_code == 422


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"page": 9}, "there is no page 9"),
        ({"reason": "NONSENSE"}, "is not in the list of reasons"),
        ({"exemption": "XX-1", "reason": "MINOR"}, "is not in the law of this request"),
        ({"kind": "withhold"}, "unknown field"),
    ],
)
def test_an_autosave_is_strict_in_all_else_and_names_the_mark(
    desk: Client, change: dict[str, Any], words: str
) -> None:
    answer = post(desk, "plan", a_document(), {"version": 0, "marks": [{**BOX, **change}]})

    assert answer.status_code == 422
    assert said(answer)["mark"] == "box-a"
    assert words in said(answer)["message"]
    assert not Plan.objects.exists()


def test_a_stale_autosave_answers_409_with_what_stands_and_who_saved_it(desk: Client) -> None:
    record = a_document()
    theirs = a_plan(review=a_review(record), marks={"version": 1, "marks": [{**BOX, "reason": "MINOR"}]})

    answer = post(desk, "plan", record, {"version": 0, "marks": []})

    assert answer.status_code == 409
    assert said(answer) | {"message": "", "at": ""} == {
        "code": "stale", "message": "", "version": 1, "marks": theirs.marks["marks"],
        "author": str(theirs.author), "others": [str(theirs.author)], "at": "",
    }  # fmt: skip
    assert Plan.objects.count() == 1


def test_who_else_has_saved_since_is_told_and_never_oneself(desk: Client) -> None:
    record = a_document()
    me = User.objects.get(pk=desk.session["_auth_user_id"])
    a_plan(review=a_review(record), marks={"version": 1, "marks": [{**BOX, "reason": "MINOR"}]}, author=me)
    alone = said(desk.get(url("plan", record), {"since": 0}))
    a_plan(
        review=a_review(record),
        marks={"version": 1, "marks": [{**BOX, "reason": "MINOR"}]},
        author=an_analyst(name="Sam Doe"),
    )
    a_plan(review=a_review(record), marks={"version": 1, "marks": [{**BOX, "reason": "MINOR"}]}, author=me)

    both = said(desk.get(url("plan", record), {"since": 1}))
    refused = post(desk, "plan", record, {"version": 1, "marks": []})

    assert (alone["others"], both["others"], said(refused)["others"]) == ([], ["Sam Doe"], ["Sam Doe"])
    assert "others" not in said(desk.get(url("plan", record)))
    assert desk.get(url("plan", record), {"since": "x"}).status_code == 422


def test_an_answer_saved_from_the_stage_keeps_its_reason(desk: Client) -> None:
    record, open_one = a_document(), {**BOX, "suggested": True}
    post(desk, "plan", record, {"version": 0, "marks": [open_one]})

    post(
        desk, "plan", record,
        {"version": 1, "marks": [{**open_one, "decision": "rejected"}], "why": "a street name"},
    )  # fmt: skip

    row = SuggestionDecision.objects.get()
    assert (row.decision, row.why, row.plan.version) == ("rejected", "a street name", 2)


def test_older_versions_can_be_read_for_a_merge(desk: Client) -> None:
    record = a_document()
    review = a_review(record)
    for marks in ([{**BOX, "reason": "MINOR"}], []):
        a_plan(review=review, marks={"version": 1, "marks": marks})

    read = {
        version: desk.get(url("plan", record), {"version": version}) for version in ("", "0", "1", "3", "x")
    }

    assert [len(said(read[name])["marks"]) for name in ("", "0", "1")] == [0, 0, 1]
    assert said(read["0"])["version"] == 0
    assert [read[name].status_code for name in ("3", "x")] == [422, 422]


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"version": -1, "marks": []}', '{"version": true, "marks": []}', '{"version": 0}']
)
def test_a_message_that_makes_no_sense_is_refused(desk: Client, body: str) -> None:
    assert post(desk, "plan", a_document(), body).status_code == 422
    assert not Plan.objects.exists()


def test_a_message_that_is_too_large_is_refused_in_words(desk: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100

    answer = post(desk, "plan", a_document(), {"version": 0, "marks": [{**BOX, "note": "x" * 200}]})

    assert answer.status_code == 422
    assert "too large" in said(answer)["message"]


def test_who_may_not_redact_may_not_save(client: Client) -> None:
    record = a_record()
    client.force_login(a_user(Role.CLERK))

    page = client.get(url("work", record))
    answer = post(client, "plan", record, {"version": 0, "marks": DROP_PLATES["marks"]})

    assert page.context["config"]["may_mark"] is False
    assert "Make the redacted copy" not in page.content.decode()
    assert answer.status_code == 403


def test_the_records_page_leads_to_the_work_page(desk: Client) -> None:
    record = a_document()

    page = desk.get(reverse("workbench:records", kwargs={"key": record.request.key})).content.decode()

    for name in ("work", "marks", "review"):
        assert f'href="{url(name, record)}"' in page


def test_a_change_after_approval_work_goes_on_from_the_page(desk: Client) -> None:
    render = a_render()

    answer = post(desk, "plan", render.review.record, {"version": 1, "marks": DROP_PLATES["marks"][:1]})

    assert answer.status_code == 201
    render.review.refresh_from_db()
    assert render.review.status == "marked"
