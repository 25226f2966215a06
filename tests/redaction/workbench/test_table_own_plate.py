"""A requester's own plate on the table's stage: proved once, by a person, while the proof stands."""

from typing import Any

import pytest
from django.test import Client

from portal.accounts.rules import Role
from portal.core import jobs
from redaction.plans import services as plans
from redaction.plans.rows import newest_render
from redaction.workbench import table_stage
from requests_app.docket.rules import Status
from tests.builders import NOON, a_request, a_user
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review
from tests.redaction.workbench.table_reads import POLICY, READS, a_table, ask, marks, released_rows
from tests.requests_app.custody.record_builders import a_record, an_analyst

pytestmark = pytest.mark.django_db


OWN = {"id": "o1", "kind": "own_plate", "column": "Plate", "plate": "CAN-0007"}


def test_an_own_plate_needs_a_proof_that_a_person_saw(desk: Client) -> None:
    request = a_request(status=Status.SEARCHING, answers={"own_plate": "yes", "plate": "can 0007"})
    record = a_record(request=request, content=READS)
    analyst = an_analyst()
    review = a_review(record)
    a_plan(review=review, marks=marks(*POLICY[:-1], OWN), author=analyst)

    claim = table_stage.own_plate(request, marks(OWN))
    with pytest.raises(Exception, match="nobody has confirmed") as refused:
        plans.request_render(review=review, actor=analyst, at=NOON)
    seen = ask(desk, "proof", record, plate="CAN0007", document="registration", note="in person")
    job = plans.request_render(review=review, actor=analyst, at=NOON)

    assert (claim["claim"], claim["proofs"]) == ("CAN0007", [])
    assert "CAN" not in str(refused.value)
    assert seen.status_code == 201
    assert [row["plate"] for row in seen.json()["proofs"]] == ["CAN0007"]
    assert jobs.execute(job.pk)
    made = newest_render(review)
    assert made is not None
    assert "CAN0007" in [row[0] for row in released_rows(made)]


def test_an_approval_falls_with_a_proof_that_was_taken_back(desk: Client) -> None:
    record = a_table()
    ask(desk, "proof", record, plate="CAN0007", document="title")
    render = a_render(plan=a_plan(review=a_review(record), marks=marks(*POLICY, OWN)))

    gone = ask(desk, "proof", record, plate="can 0007", withdraw=True)

    assert gone.json()["proofs"] == []
    with pytest.raises(Exception, match="nobody has confirmed"):
        plans.approve(
            review=render.review, approver=a_user(Role.APPROVER), at=NOON, render_sha256=render.sha256
        )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"plate": "", "document": "title"}, 422),
        ({"plate": "X1", "document": "word of honour"}, 422),
        ({"plate": 3, "document": "title"}, 422),
        ({"plate": "X1", "withdraw": True}, 409),
    ],
)
def test_a_proof_that_cannot_be_is_refused(desk: Client, body: dict[str, Any], status: int) -> None:
    assert ask(desk, "proof", a_table(), **body).status_code == status


def test_a_plate_is_proved_once(desk: Client) -> None:
    record = a_table()

    codes = [ask(desk, "proof", record, plate=plate, document="title").status_code for plate in ("X1", "x-1")]

    assert codes == [201, 409]
