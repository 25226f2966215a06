import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.accounts.rules import Role
from portal.audit.models import Entry, Outcome
from portal.core import files, jobs
from portal.core.models import Job, JobState
from redaction.plans.models import Plan, Review
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.rules import Status
from tests.builders import a_request, a_user
from tests.redaction.plans.plan_builders import (
    DROP_PLATES,
    a_plan,
    a_render,
    a_review,
    an_approval,
    an_approver,
)
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import READS, a_pdf, a_record

pytestmark = pytest.mark.django_db


def a_document() -> ResponsiveRecord:
    return a_record(content=a_pdf("Officer CANARY", pages=2), name="report.pdf", title="Incident report")


def test_the_records_page_says_where_each_record_stands(desk: Client) -> None:
    approval = an_approval()
    request = approval.review.record.request
    a_record(request=request, content=a_pdf("x"), name="x.pdf", title="Untouched")

    page = desk.get(reverse("workbench:records", kwargs={"key": request.key})).content.decode()

    assert "2 records, 1 not decided yet." in page
    assert "Approved" in page
    assert "Not looked at yet" in page
    assert "Untouched" in page


def test_an_empty_request_says_what_to_do(desk: Client) -> None:
    request = a_request(status=Status.SEARCHING)

    assert "No records yet" in desk.get(
        reverse("workbench:records", kwargs={"key": request.key})
    ).content.decode()  # fmt: skip


def test_the_records_page_asks_the_database_as_often_for_twenty_records_as_for_one(desk: Client) -> None:
    few, many = a_request(status=Status.SEARCHING), a_request(status=Status.SEARCHING)
    a_review(a_record(request=few))
    for number in range(20):
        a_review(a_record(request=many, content=READS + f"P{number},c,t\n".encode()))
    asked = []

    for request in (few, few, many):  # the first fills what is read once a process
        with CaptureQueriesContext(connection) as queries:
            answer = desk.get(reverse("workbench:records", kwargs={"key": request.key}))
        asked.append(len(queries))

    assert len(answer.context["rows"]) == 20
    assert asked[1] == asked[2] <= 14


@pytest.mark.parametrize("name", ["marks", "review"])
def test_pages_of_a_record_are_for_staff_alone(client: Client, name: str) -> None:
    record = a_record()
    assert record.request.requester is not None

    assert client.get(url(name, record)).status_code == 302
    for person in (record.request.requester, a_user()):
        client.force_login(person)
        assert client.get(url(name, record)).status_code == 404


def test_a_signed_in_requester_cannot_list_the_records(client: Client) -> None:
    request = a_request(status=Status.SEARCHING)
    assert request.requester is not None
    client.force_login(request.requester)

    assert client.get(reverse("workbench:records", kwargs={"key": request.key})).status_code == 404


def test_looking_at_a_record_is_audited(desk: Client) -> None:
    record = a_record()

    page = desk.get(url("marks", record)).content.decode()

    assert "Plate reads at Elm and 3rd" in page
    assert "CANARY1" in page  # the sample rows
    entry = Entry.objects.get(action="custody.record_viewed")
    assert (entry.subject_id, entry.request_key) == (str(record.pk), record.request.key)


@pytest.mark.parametrize("kind", ["box", "text", "page", "nonsense", ""])
def test_the_page_offers_the_forms_of_a_document(desk: Client, kind: str) -> None:
    answer = desk.get(url("marks", a_document()), {"kind": kind})

    assert answer.context["kind"] == (kind if kind in ("box", "text", "page") else "box")
    assert "612 by 792 points" in answer.content.decode()


def test_a_mark_is_added_and_removed_in_new_versions(desk: Client) -> None:
    record = a_document()
    sent = {"version": 0, "literal": "CANARY", "reason": "MINOR", "exemption": "TX-108"}

    added = desk.post(url("add-mark", record, kind="text"), sent, follow=True)
    removed = desk.post(url("remove-mark", record), {"version": 1, "mark": "text-1"})

    assert "every “CANARY”" in added.content.decode()
    assert added.redirect_chain[0][0].endswith("?kind=text")
    assert removed.status_code == 302
    assert [len(plan.marks["marks"]) for plan in Plan.objects.all()] == [1, 0]


def test_a_wrong_mark_comes_back_with_what_was_typed(desk: Client) -> None:
    record = a_document()
    box = {"version": 0, "page": 9, "left": 1, "top": 1, "right": 20, "bottom": 20, "extent": "line"}

    no_reason = desk.post(url("add-mark", record, kind="box"), box)
    no_page = desk.post(url("add-mark", record, kind="box"), {**box, "reason": "MINOR", "note": "typed text"})

    assert no_reason.status_code == 422
    assert no_page.status_code == 422
    assert "mark box-1: there is no page 9" in no_page.content.decode()
    assert "typed text" in no_page.content.decode()
    assert not Plan.objects.exists()


def test_a_kind_that_does_not_fit_the_file_is_not_found(desk: Client) -> None:
    assert desk.post(url("add-mark", a_document(), kind="cut"), {}).status_code == 404
    assert desk.post(url("set-columns", a_document()), {}).status_code == 404


def test_marks_saved_by_somebody_else_meanwhile_answer_409_and_keep_the_text(desk: Client) -> None:
    record = a_document()
    a_plan(review=a_review(record), marks={"version": 1, "marks": []})

    answer = desk.post(
        url("add-mark", record, kind="text"), {"version": 0, "literal": "typed text", "reason": "MINOR"}
    )
    gone = desk.post(url("remove-mark", record), {"version": 1, "mark": "box-7"})
    bad = desk.post(url("remove-mark", record), {"version": "x", "mark": "box-7"})

    assert answer.status_code == 409
    assert "typed text" in answer.content.decode()
    assert (gone.status_code, bad.status_code) == (409, 422)
    assert Plan.objects.count() == 1


def test_columns_are_saved_together(desk: Client) -> None:
    record = a_record()
    sent = {
        "version": 0,
        "c0-action": "mask",
        "c1-action": "release",
        "c2-action": "drop",
        "c2-reason": "PLATE",
    }

    refused = desk.post(url("set-columns", record), sent)
    saved = desk.post(url("set-columns", record), {**sent, "c0-reason": "PLATE"})

    assert refused.status_code == 422
    assert "Say why plate is not released" in refused.content.decode()
    assert saved.status_code == 302
    assert [(mark["name"], mark["action"]) for mark in Plan.objects.get().marks["marks"]] == [
        ("plate", "mask"), ("camera", "release"), ("read_at", "drop"),
    ]  # fmt: skip


def test_the_marks_file_is_edited_as_text(desk: Client) -> None:
    record = a_record()

    broken = desk.post(url("set-raw", record), {"version": 0, "marks": "{"})
    wrong = desk.post(
        url("set-raw", record), {"version": 0, "marks": '{"version": 1, "marks": [{"id": "q"}]}'}
    )
    saved = desk.post(url("set-raw", record), {"version": 0, "marks": json.dumps(DROP_PLATES)})

    assert (broken.status_code, wrong.status_code, saved.status_code) == (422, 422, 302)
    assert "mark q: unknown kind" in wrong.content.decode()
    assert Plan.objects.get().marks == DROP_PLATES


def test_a_flight_keeps_one_secret_seed_for_its_home(desk: Client) -> None:
    gpx = (
        b'<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1"><trk><trkseg>'
        b'<trkpt lat="30.1" lon="-97.1"><ele>10</ele></trkpt></trkseg></trk></gpx>'
    )
    twins = [a_record(content=gpx, name="flight.gpx") for _ in range(2)]

    for record in twins:
        desk.post(url("add-mark", record, kind="home"), {"version": 0, "radius_m": 150, "reason": "ADDRESS"})

    seeds = {plan.marks["marks"][0]["seed"] for plan in Plan.objects.all()}
    assert Plan.objects.count() == 2
    assert len(seeds) == 1


def test_staff_who_do_not_redact_see_the_page_without_its_forms(client: Client) -> None:
    record = a_record()
    client.force_login(a_user(Role.CLERK))

    page = client.get(url("marks", record)).content.decode()
    answer = client.post(url("set-raw", record), {"version": 0, "marks": json.dumps(DROP_PLATES)})

    assert "Save the columns" not in page
    assert answer.status_code == 403
    assert Entry.objects.filter(outcome=Outcome.DENIED, action="review.save_marks").count() == 1


def test_withholding_is_proposed_with_an_exemption(desk: Client) -> None:
    record = a_record()

    none = desk.post(url("withhold", record), {"version": 0})
    stale = desk.post(url("withhold", record), {"version": 5, "codes": ["TX-108"]})
    proposed = desk.post(url("withhold", record), {"version": 0, "codes": ["TX-108"], "note": "open case"})

    assert (none.status_code, stale.status_code, proposed.status_code) == (422, 409, 302)
    assert Plan.objects.get().marks["marks"][0]["kind"] == "withhold"
    assert Job.objects.filter(kind="plans.render").count() == 1


def test_a_record_is_set_aside_and_taken_back(desk: Client) -> None:
    record = a_record()

    desk.post(url("set-aside", record), {"action": "not_responsive"})
    aside = Review.objects.get().status
    page = desk.get(url("marks", record)).content.decode()
    desk.post(url("set-aside", record), {"action": "reconsider"})

    assert aside == "not_responsive"
    assert "Take it back into review" in page
    assert Review.objects.get().status == "collected"
    assert desk.post(url("set-aside", record), {"action": "burn"}).status_code == 422


def test_the_copy_is_made_while_the_page_polls(desk: Client) -> None:
    plan = a_plan()
    record = plan.review.record

    asked = desk.post(url("render", record), follow=True).content.decode()
    running = desk.get(url("progress", record))
    job = Job.objects.get(kind="plans.render")
    Job.objects.filter(pk=job.pk).update(progress=40, progress_note="row 4 of 10")
    told = desk.get(url("progress", record)).content.decode()
    jobs.execute(job.pk)
    done = desk.get(url("progress", record))

    assert url("progress", record) in asked
    assert "HX-Refresh" not in running
    assert "40%" in told
    assert "row 4 of 10" in told
    assert done["HX-Refresh"] == "true"
    assert "Look at the result" in desk.get(url("marks", record)).content.decode()


def test_a_failed_copy_says_why_and_may_be_tried_again(desk: Client) -> None:
    plan = a_plan()
    record = plan.review.record
    desk.post(url("render", record))
    Job.objects.update(state=JobState.FAILED, error="Nothing was made. Mark c1: still there.")

    page = desk.get(url("marks", record)).content.decode()

    assert "Mark c1: still there." in page
    assert "Make the redacted copy" in page
    assert desk.post(url("render", record)).status_code == 302
    assert Job.objects.get(kind="plans.render").state == JobState.PENDING


def test_progress_without_a_job_loads_the_page_anew(desk: Client) -> None:
    assert desk.get(url("progress", a_record()))["HX-Refresh"] == "true"


def test_a_record_sent_back_shows_the_comment(desk: Client, client: Client) -> None:
    render = a_render()
    client.force_login(an_approver())
    client.post(url("send-back", render.review.record), {"comment": "Mask the camera too."})

    assert "Mask the camera too." in client.get(url("marks", render.review.record)).content.decode()


def test_a_file_that_cannot_be_opened_any_more_is_said_so(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = a_record(content=a_pdf("Gone soon"), name="gone.pdf")
    path = files.path_of(record.address)
    path.chmod(0o600)
    path.write_bytes(b"%PDF-1.7\nbroken")
    monkeypatch.setattr(files, "_holds", lambda *_: True)  # as if it had come in like this

    page = desk.get(url("marks", record)).content.decode()

    assert "The stored file cannot be opened" in page


def test_a_record_with_nothing_to_withhold_is_said_so_by_a_button(desk: Client) -> None:
    record = a_document()
    empty = '{"version": 1, "marks": []}'
    page = desk.get(url("marks", record)).content.decode()

    answer = desk.post(url("set-raw", record), {"version": 0, "marks": empty}, follow=True)

    assert f"value='{empty}'" in page
    assert "would be released whole" in answer.content.decode()
    assert Plan.objects.get().marks["marks"] == []
