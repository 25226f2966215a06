import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.rules import Role
from redaction.plans import services as plans
from redaction.plans.models import Pin, Render, SendBack
from redaction.plans.pins import Wanted
from redaction.plans.recusal import recuse
from redaction.workbench import pins_pane
from redaction.workbench.page import Desk
from tests.builders import NOON, a_user
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, an_approver
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import READS, a_record, an_analyst

pytestmark = pytest.mark.django_db


def a_pin(render: Render) -> Pin:
    plans.send_back(
        review=render.review, by=an_approver(), comment="", at=NOON, pins=[Wanted("c1", "Drop the column")]
    )
    return Pin.objects.get(send_back__review=render.review)


def test_the_form_pins_comments_to_marks(client: Client) -> None:
    render = a_render()
    client.force_login(an_approver())

    sent = client.post(
        url("send-back", render.review.record), {"comment": "", "pin:c1": "Drop it", "pin:c2": " "}
    )

    assert sent.status_code == 302
    assert [(pin.mark_id, pin.text) for pin in SendBack.objects.get().pins.all()] == [("c1", "Drop it")]


def test_a_refused_form_comes_back_with_what_was_typed(client: Client) -> None:
    render = a_render()
    client.force_login(an_approver())
    given = {"comment": "", "pin:c1": "Typed at the mark", "pin:gone": "x"}

    unknown = client.post(url("send-back", render.review.record), given)
    long = client.post(url("send-back", render.review.record), {"comment": "x" * 2001})

    assert (unknown.status_code, long.status_code) == (422, 422)
    assert "Typed at the mark" in unknown.content.decode()
    assert "There is no mark gone" in unknown.content.decode()
    assert "The comment is too long" in long.content.decode()
    assert not SendBack.objects.exists()


def test_the_marker_reads_and_answers_pins(client: Client) -> None:
    render = a_render()
    pin = a_pin(render)
    record, analyst = render.review.record, an_analyst()
    client.force_login(analyst)
    answer_url = url("resolve-pin", record, pin=pin.pk)

    told = client.get(url("pins", record)).json()["pins"]
    told_on_the_page = pins_pane.config(Desk(render.review, analyst))
    wrong = client.post(answer_url, {"answer": 3}, content_type="application/json")
    done = client.post(answer_url, {"answer": "Dropped"}, content_type="application/json")
    again = client.post(answer_url, {"answer": "Dropped"})

    assert [(row["mark"], row["text"], row["resolved_at"]) for row in told] == [
        ("c1", "Drop the column", None)
    ]
    assert told_on_the_page["pins"] == told
    assert told_on_the_page["resolve"].replace("{pin}", str(pin.pk)) == answer_url
    assert (wrong.status_code, done.status_code, again.status_code) == (422, 200, 409)
    assert done.json()["pins"][0]["answer"] == "Dropped"
    assert again.json()["code"] == "pin_gone"


def test_a_pin_of_another_record_is_none(client: Client) -> None:
    pin = a_pin(a_render())
    other = a_render(
        plan=a_plan(review=a_review(a_record(content=READS + b"OWN780,Oak,2026-02-02 01:00:00\n")))
    )
    client.force_login(an_analyst())

    answer = client.post(url("resolve-pin", other.review.record, pin=pin.pk), {"answer": ""})

    assert answer.status_code == 404
    assert Pin.objects.get().resolved_at is None


def test_the_page_tells_of_open_pins_and_the_answers(client: Client) -> None:
    render = a_render()
    a_pin(render)
    client.force_login(an_approver())

    page = client.get(url("review", render.review.record)).content.decode()

    assert "1 comment is not answered yet." in page
    assert "Drop the column" in page


def test_programs_pin_comments_too(client: Client) -> None:
    render = a_render()
    record = render.review.record
    client.force_login(an_approver())
    path = reverse("api:send-back", kwargs={"key": record.request.key, "position": record.position})

    sent = client.post(
        path, {"comment": "", "pins": [{"mark_id": "c1", "text": "Drop"}]}, content_type="application/json"
    )

    assert sent.status_code == 200
    assert Pin.objects.get().text == "Drop"


def test_administration_windows_leave_out_what_the_reader_is_recused_from(client: Client) -> None:
    render = a_render()
    admin = a_user(Role.ADMIN)
    client.force_login(admin)
    windows = [
        reverse(f"admin:{name}_changelist")
        for name in ("docket_recordsrequest", "custody_responsiverecord", "plans_review", "audit_entry")
    ]
    number = render.review.record.request.number or ""
    before = [client.get(window).content.decode() for window in windows]

    recuse(
        person=admin,
        request=render.review.record.request,
        ground="relative",
        why="Her son",
        by=admin,
        at=NOON,
    )
    after = [client.get(window).content.decode() for window in windows]

    assert all(number in page for page in before[:2])
    assert not any(number in page for page in after)
    assert len(after[3]) < len(before[3])
