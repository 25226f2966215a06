"""The second person's rows: each of the original beside that of the stored copy; pages told by a form."""

import csv
import io
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.core import files
from redaction.plans import extents, seeing
from redaction.plans import services as plans
from redaction.plans.models import Approval, Render, Review
from redaction.plans.seen_models import Seen
from redaction.workbench import table_counting
from tests.builders import NOON, a_user
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, an_approver
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db

ROWS = [
    (f"CAN{n:04d}", "IA" if n % 4 == 0 else "MN", f"2026-02-{n % 28 + 1:02d} 05:00:00") for n in range(120)
]
READS = ("Plate,State,Timestamp\n" + "".join(",".join(row) + "\n" for row in ROWS)).encode()
POLICY: list[dict[str, Any]] = [
    {"id": "c1", "kind": "column", "name": "Plate", "action": "mask", "reason": "PLATE"},
    {"id": "c2", "kind": "column", "name": "State", "action": "release"},
    {"id": "c3", "kind": "column", "name": "Timestamp", "action": "release"},
    {"id": "r1", "kind": "rows", "reason": "PLATE",
     "remove": [{"column": "State", "op": "eq", "value": "IA"}]},
]  # fmt: skip
GROUPS = {"id": "s1", "kind": "suppress", "by": ["Timestamp"], "k": 3, "count": "rows", "reason": "PLATE"}


def a_copy(*entries: dict[str, Any]) -> Render:
    marks = {"version": 1, "marks": list(entries or POLICY)}
    return a_render(plan=a_plan(review=a_review(a_record(content=READS)), marks=marks))


def rows(client: Client, render: Render, start: object = 0) -> Any:
    return client.post(
        url("review-rows", render.review.record), {"start": start}, content_type="application/json"
    )


@pytest.fixture
def approver(client: Client) -> User:
    person = an_approver()
    client.force_login(person)
    return person


@pytest.mark.parametrize("entries", [POLICY, [*POLICY, GROUPS]])
def test_each_row_stands_beside_the_very_row_of_the_copy(
    client: Client, approver: User, entries: list[dict[str, Any]]
) -> None:
    render = a_copy(*entries)
    text = files.path_of(render.address).read_text(encoding="utf-8")
    released = list(csv.reader(io.StringIO(text, newline="")))[1:]

    pages = [rows(client, render, start).json() for start in (0, 50, 100)]

    shown = [row for page in pages for row in page["rows"]]
    assert [tuple(row["before"]) for row in shown] == ROWS
    assert [row["after"] for row in shown if not row["gone"]] == released
    assert all(row["after"] is None for row in shown if row["gone"])
    assert [page["more"] for page in pages] == [True, True, False]
    assert seeing.total_of(render.review.record) == 120


def test_a_large_table_with_small_groups_waits_for_its_count(client: Client, approver: User) -> None:
    render = a_copy(*POLICY, GROUPS)
    waiting = table_counting.Standing(progress=40, note="counting")

    with patch.object(table_counting, "ask", return_value=waiting):
        answer = rows(client, render)
    with patch.object(table_counting, "ask", return_value=table_counting.Standing(fault="No room.")):
        refused = rows(client, render)

    assert (answer.status_code, answer.json()["progress"]) == (202, 40)
    assert (refused.status_code, refused.json()["message"]) == (422, "No room.")


def test_rows_are_for_those_who_may_look_and_of_tables_alone(client: Client, approver: User) -> None:
    render = a_copy()
    marks = {"version": 1, "marks": [{"id": "t", "kind": "text", "literal": "CANARY", "reason": "MINOR"}]}
    document = a_render(
        plan=a_plan(review=a_review(a_record(content=a_pdf("CANARY"), name="r.pdf")), marks=marks)
    )

    statuses = [rows(client, render, -1).status_code, rows(client, render, "x").status_code]
    statuses.append(rows(client, document).status_code)
    beyond = rows(client, render, 500).json()
    client.force_login(a_user(Role.FEE_OFFICER))

    assert statuses == [422, 422, 404]
    assert (beyond["rows"], seeing.total_of(render.review.record)) == ([], None)
    assert rows(client, render).status_code == 403


def test_a_copy_that_cannot_be_read_says_so(
    client: Client, approver: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    render = a_copy()
    path = files.path_of(render.review.record.address)
    path.chmod(0o600)
    path.write_bytes(b"\xff\xfe\x00")
    monkeypatch.setattr(files, "_holds", lambda *_: True)  # as if it had come in like this

    assert rows(client, render).status_code == 422


def test_an_approver_reaches_what_is_demanded_of_her_on_the_second_look(
    client: Client, approver: User
) -> None:
    render = a_copy()
    record = render.review.record
    seeing.set_rule(
        agency=record.request.agency, medium="table", series="", share=100, speed=2, people=["approver"],
        actor=a_user(Role.ADMIN), at=NOON,
    )  # fmt: skip

    first = client.get(url("review", record))
    with pytest.raises(seeing.NotSeen, match="not known yet"):
        plans.approve(review=render.review, approver=approver, at=NOON, render_sha256=render.sha256)
    rows(client, render, 100)
    short = client.get(url("seen-shown", record), {"part": "approver"}).json()
    Seen.objects.create(
        record=record, person=approver, unit="row", speed=1, ranges=[[1, 120]], since=NOON, at=NOON
    )
    enough = client.get(url("seen-shown", record), {"part": "approver"}).json()
    plans.approve(review=Review.objects.get(), approver=approver, at=NOON, render_sha256=render.sha256)

    assert first.context["config"]["unit"] == "row"
    assert first.context["config"]["urls"]["rows"] == url("review-rows", record)
    assert (short["part"], short["total"]) == ("approver", 120)
    assert "You have seen 0 %" in short["obstacle"]
    assert (enough["obstacle"], enough["per_cent"]) == ("", 100)
    assert Approval.objects.exists()


def test_who_marks_and_approves_is_measured_by_the_page_she_is_on(client: Client) -> None:
    both = a_user(Role.ANALYST, Role.APPROVER)
    client.force_login(both)
    record = a_copy().review.record

    parts = [
        client.get(url("seen-shown", record), {"part": part}).json()["part"] for part in ("", "approver")
    ]

    assert parts == ["marker", "approver"]


@pytest.mark.parametrize(("part", "page"), [("marker", "marks"), ("approver", "review")])
def test_without_a_script_a_page_is_told_by_a_form(client: Client, part: str, page: str) -> None:
    record, person = (
        a_record(content=a_pdf("CANARY", pages=2), name="r.pdf"),
        a_user(Role.ANALYST, Role.APPROVER),
    )
    a_plan(review=a_review(record), author=an_analyst(), marks={"version": 1, "marks": []})
    client.force_login(person)

    first = client.post(url("looked", record), {"at": "1", "part": part})
    half = seeing.of(record, person, speed=2).per_cent
    last = client.post(url("looked", record), {"at": "2", "part": part}, follow=True)
    wrong = [client.post(url("looked", record), {"at": at}).status_code for at in ("", "0", "x")]

    assert first["Location"] == f"{url(page, record)}?at=2"
    assert half == 50
    assert last.redirect_chain[0][0] == f"{url(page, record)}?at=2"
    assert "You have seen 100 %" in last.content.decode()
    assert wrong == [422, 422, 422]


def test_rows_and_seconds_are_not_told_by_a_form(client: Client) -> None:
    record = a_record()
    client.force_login(an_analyst())

    assert client.post(url("looked", record), {"at": "1"}).status_code == 422
    assert extents.known(record, "table") is None
    assert not Seen.objects.exists()
