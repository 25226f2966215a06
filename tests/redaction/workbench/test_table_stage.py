"""The table's stage on the server: who may look, what a look gives, that it is what a release would hold."""

from importlib import import_module
from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.test import Client

from portal.accounts.rules import Role
from portal.audit.models import Entry, Outcome
from portal.core import files, jobs
from portal.core.models import Job, JobState
from redaction import table_looks
from redaction.workbench import table_counting, table_stage
from redaction.workbench.page import Desk
from requests_app.docket.rules import Status
from tests.builders import NOON, a_user
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review
from tests.redaction.workbench.table_reads import POLICY, READS, ROWS, a_table, ask, marks, released_rows
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db
import_module("redaction.workbench.tasks")  # a worker has it from Celery


def test_rows_shown_and_counted_are_those_of_the_release(desk: Client) -> None:
    record = a_table()
    shown: list[list[str]] = []

    for start in (0, 50, 100):
        page = ask(desk, "rows", record, marks=marks(*POLICY), start=start).json()
        shown += [row["after"] for row in page["rows"] if row["after"] is not None]
        assert page["exact"]
    counts = ask(desk, "counts", record, marks=marks(*POLICY)).json()["found"]
    render = a_render(plan=a_plan(review=a_review(record), marks=marks(*POLICY)))

    header, *rows = released_rows(render)
    assert (page["names"], shown) == (header, rows)
    assert shown[0][-1] == "'=1+1"  # made safe, as in the release
    details = render.report["details"]
    assert counts["rows_in"] == details["rows_in"] == 120
    assert counts["rows_out"] == details["rows_out"] == len(rows)
    assert counts["removed"] == details["rows_removed"]
    assert counts["removed"]["r1"] == 40
    assert counts["removed"]["s1"] > 0 < counts["groups"]["s1"]
    assert counts["plates"] == {"Plate": [120, len(rows)]}
    assert "small" not in counts
    assert "numeric" not in counts


def test_rows_of_one_fate_are_found_wherever_they_stand(desk: Client) -> None:
    record = a_table()
    own = {"id": "o1", "kind": "own_plate", "column": "Plate", "plate": "can-0115"}

    def numbers(only: str, start: int = 0) -> list[int]:
        given = marks(*POLICY[:-1], own)  # an own row keeps its exact time, so it would be a group of one
        page = ask(desk, "rows", record, marks=given, only=only, start=start).json()
        return [row["number"] for row in page["rows"]]

    assert numbers("r1") == [n + 1 for n in range(0, 120, 3)]
    assert numbers("r1", 39) == [118]
    assert numbers(":own") == [116]
    assert numbers("nothing-of-this-name") == []
    assert set(numbers(":released")).isdisjoint(numbers("r1"))


def test_without_decision_nothing_goes_out_and_all_columns_are_shown(desk: Client) -> None:
    record = a_table()
    open_one = {**POLICY[1], "suggested": True}

    page = ask(desk, "rows", record, marks=marks(open_one), start=50).json()
    counts = ask(desk, "counts", record, marks=marks(open_one)).json()["found"]

    assert page["released"] == page["names"] == []
    assert page["rows"][0]["number"] == 51
    assert page["rows"][0]["before"][0] == "CAN0050"
    assert page["rows"][0]["after"] == []
    assert page["more"]
    assert (counts["rows_in"], counts["rows_out"]) == (120, 0)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"kind": "column", "name": "Gone", "action": "drop"}, "no column"),
        (
            {"kind": "column", "name": "State", "action": "coarsen", "to": "hour"},
            "nothing that can be coarsened",
        ),
        (
            {"kind": "rows", "remove": [{"column": "State", "op": "matches", "value": "(?=x)"}]},
            "cannot be used",
        ),
        ({"kind": "suppress", "by": ["Wibble"], "k": 2, "count": "rows"}, "is dropped"),
        ({"kind": "column", "name": "State", "action": "coarsen"}, "needs it"),
        ({"kind": "box", "page": 1, "rect": [0, 0, 9, 9]}, "does not fit"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_of_the_mark(desk: Client, entry: dict[str, Any], said: str) -> None:
    answer = ask(desk, "rows", a_table(), marks=marks(POLICY[3], {"id": "bad", **entry}))

    assert answer.status_code == 422
    assert answer.json()["mark"] == "bad"
    assert said in answer.json()["message"]
    assert "bad:" not in answer.json()["message"]


def test_a_column_missing_is_said_before_anything_is_released(desk: Client) -> None:
    answer = ask(desk, "rows", a_table(), marks=marks({**POLICY[0], "name": "Gone", "action": "drop"}))

    assert (answer.status_code, answer.json()["mark"]) == (422, "c1")


def test_a_whole_withholding_shows_no_rows(desk: Client) -> None:
    answer = ask(desk, "rows", a_table(), marks=marks({"id": "w", "kind": "withhold", "exemption": "TX-108"}))

    assert answer.status_code == 422
    assert "no row of it goes out" in answer.json()["message"]


@pytest.mark.parametrize("body", [{"start": -1}, {"start": "1"}, {"start": True}, {"only": 3}])
def test_a_page_that_cannot_be_is_refused(desk: Client, body: dict[str, Any]) -> None:
    answer = ask(desk, "rows", a_table(), marks=marks(), **body)

    assert answer.status_code == 422


def test_a_table_that_cannot_be_read_says_why_and_what_else_can_be_done(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = a_table()
    broken = READS + b'"never closed,MN\n'
    path = files.path_of(record.address)
    path.chmod(0o600)
    path.write_bytes(broken)
    monkeypatch.setattr(files, "_holds", lambda *_: True)  # as if it had come in like this

    for name in ("rows", "counts", "finds"):
        answer = ask(desk, name, record, marks=marks(*POLICY))
        assert answer.status_code == 422, name
        assert "never closed" in answer.json()["message"]
        assert "ask for another export" in answer.json()["message"]


def test_a_record_that_is_no_table_has_no_rows(desk: Client) -> None:
    record = a_record(content=a_pdf("x"), name="x.pdf")

    assert ask(desk, "rows", record, marks=marks()).status_code == 422


def test_no_cache_keeps_a_row_and_each_hour_has_one_entry(desk: Client) -> None:
    record = a_table()

    answers = [ask(desk, "rows", record, marks=marks(*POLICY), start=start) for start in (0, 50)]

    assert {answer["Cache-Control"] for answer in answers} == {"no-store, private"}
    assert {answer["X-Content-Type-Options"] for answer in answers} == {"nosniff"}
    assert Entry.objects.filter(action="custody.rows_viewed", outcome=Outcome.OK).count() == 1


@pytest.mark.parametrize("name", ["rows", "counts", "finds", "proof"])
def test_rows_are_for_staff_with_insight_alone(client: Client, name: str) -> None:
    record = a_table()
    assert record.request.requester is not None

    assert ask(client, name, record, marks=marks()).status_code == 302
    for person in (record.request.requester, a_user()):
        client.force_login(person)
        assert ask(client, name, record, marks=marks()).status_code == 404
    client.force_login(a_user(Role.FEE_OFFICER))
    refused = ask(client, name, record, marks=marks(), plate="X1")
    assert refused.status_code == 403
    assert b"CAN0" not in refused.content


@pytest.mark.parametrize("name", ["rows", "counts", "finds"])
def test_rows_are_shut_once_the_request_is_closed(desk: Client, name: str) -> None:
    record = a_table()
    type(record.request).objects.filter(pk=record.request.pk).update(
        status=Status.CLOSED, disposition="full", closed_at=NOON
    )

    answer = ask(desk, name, record, marks=marks())

    assert answer.status_code == 409
    assert b"CAN0" not in answer.content


def test_free_text_is_searched_and_shown_with_examples(desk: Client) -> None:
    rows = "".join(f"{n},called from 555-867-530{n % 10} about a stolen car\n" for n in range(30))
    record = a_table(b"id,Reason\n" + rows.encode())

    found = ask(desk, "finds", record).json()["found"]

    column = next(row for row in found["columns"] if row["name"] == "Reason")
    kind = next(row for row in column["kinds"] if row["label"] == "telephone number")
    example = kind["examples"][0]
    assert (found["rows"], found["read"], column["free"], kind["cells"]) == (30, 30, True, 30)
    assert example["text"][example["from"] : example["to"]] == "555-867-5300"
    assert len(kind["examples"]) == 5


def a_worker() -> Job:
    job = Job.objects.get(kind=table_counting.KIND)
    jobs.execute(job.pk)
    job.refresh_from_db()
    return job


def test_a_large_table_is_counted_by_a_worker(desk: Client) -> None:
    record = a_table()

    with patch.object(table_looks, "is_small", return_value=False):
        first = ask(desk, "rows", record, marks=marks(*POLICY)).json()
        waiting = ask(desk, "counts", record, marks=marks(*POLICY))
        job = a_worker()
        ready = ask(desk, "counts", record, marks=marks(*POLICY))
        second = ask(desk, "rows", record, marks=marks(*POLICY)).json()

    assert not first["exact"]
    assert (waiting.status_code, waiting.json()["state"]) == (202, "waiting")
    assert (job.state, set(job.payload)) == (JobState.DONE, {"record", "what", "digest"})
    assert ready.json()["found"]["rows_in"] == 120
    assert second["exact"]
    fates = [{row["fate"] for row in page["rows"]} for page in (first, second)]
    assert ["s1" in found for found in fates] == [False, True]


def test_a_count_that_is_gone_is_made_again_and_a_failed_one_on_request(desk: Client) -> None:
    record = a_table()
    cut_off = {**POLICY[2], "name": "State", "to": "hour"}  # nothing there is a time

    with patch.object(table_looks, "is_small", return_value=False):
        ask(desk, "counts", record, marks=marks(*POLICY))
        a_worker()
        cache.delete(table_counting.Ask(record, "counts", table_counting.decided(marks(*POLICY))).kept_as)
        again = ask(desk, "counts", record, marks=marks(*POLICY))
        Job.objects.all().delete()
        ask(desk, "counts", record, marks=marks(cut_off))
        assert a_worker().state == JobState.FAILED
        failed = ask(desk, "counts", record, marks=marks(cut_off)).json()
        retried = ask(desk, "counts", record, marks=marks(cut_off), again=True)

    assert again.status_code == 202
    assert failed["state"] == "failed"
    assert "nothing that can be coarsened" in failed["error"]
    assert retried.status_code == 202


def test_a_question_nobody_waits_for_any_more_is_given_up(desk: Client) -> None:
    record = a_table()

    with patch.object(table_looks, "is_small", return_value=False):
        ask(desk, "finds", record)
    cache.clear()
    job = a_worker()

    assert (job.state, job.error) == (JobState.FAILED, "Nobody waits for this any more.")


def test_the_stage_says_what_columns_are_taken_for_and_guesses_none(desk: Client) -> None:
    record = a_table()

    told = table_stage.config(Desk(a_review(record), an_analyst()))

    by = {row["name"]: (row["by"], row["action"], row["to"]) for row in told["columns"]}
    assert by["Plate"] == ("name", "mask", "")
    assert by["Timestamp"] == ("name", "coarsen", "hour")
    assert by["Wibble"] == ("", "", "")
    assert told["plates"] == ["Plate"]
    assert told["profile"] is None
    random = ("urls", "early")  # a record's key is drawn, and may spell four letters by chance
    assert "CAN0" not in str({name: value for name, value in told.items() if name not in random})
    assert not [plate for plate, *_ in ROWS if plate in str(told)]


def test_a_header_that_changed_is_said_to_be_near_its_profile() -> None:
    audit = b"ID,Name,Org Name,Time Frame,Plate No,Reason,Search Time\n1,a,b,c,d,e,f\n"
    whole = audit.replace(b"Plate No", b"License Plate")

    near = table_stage.config(Desk(a_review(a_table(audit)), an_analyst()))
    sure = table_stage.config(Desk(a_review(a_table(whole)), an_analyst()))

    assert near["profile"]["missing"] == ["license plate"]
    assert (near["profile"]["certain"], near["profile"]["there"], near["profile"]["telling"]) == (False, 6, 7)
    assert {row["by"] for row in near["columns"]} <= {"name", ""}
    assert sure["profile"]["certain"]
    assert {row["by"] for row in sure["columns"]} == {"profile"}
