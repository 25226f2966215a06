"""What the stage of pages asks the portal: who gets it, what bad questions get, and that nothing is kept."""

import base64
import json
import os
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from portal.accounts.rules import Role
from portal.audit.models import Entry, Outcome
from portal.core import files
from redaction import sandbox
from redaction.leaves import asking
from redaction.marks import Marks
from redaction.plans import seeing
from redaction.plans.models import Review
from redaction.report import Refused
from redaction.workbench import office_pages, pages_stage
from redaction.workbench.page import Desk
from requests_app.custody.models import ResponsiveRecord
from requests_app.docket.rules import Status
from tests.builders import NOON, a_user
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db

NAMES = ("sizes", "pictures", "picture", "words", "areas", "find", "after")
QUESTIONS = {"pictures": {"numbers": "1", "width": "220"}, "words": {"numbers": "1"}}
BODIES: dict[str, dict[str, Any]] = {
    "areas": {"numbers": [1], "marks": []},
    "find": {"first": 1, "last": 1, "needles": [{"id": "n", "literal": "canary"}]},
    "after": {"number": 1, "width": 1100, "marks": []},
}
TEXT = {"id": "t", "kind": "text", "literal": "CANARY", "reason": "MINOR"}


def a_document(pages: int = 1) -> ResponsiveRecord:
    return a_record(content=a_pdf("Officer CANARY was there", pages=pages), name="report.pdf", title="Report")


def ask(client: Client, name: str, record: ResponsiveRecord, sent: Any = None) -> Any:
    if name == "picture":
        address = reverse("workbench:pages-picture", kwargs={"key": record.key, "number": 1})
        return client.get(address, {"width": "220"} if sent is None else sent)
    address = url(f"pages-{name}", record)
    if name in BODIES:
        body = BODIES[name] if sent is None else sent
        return client.post(address, json.dumps(body), content_type="application/json")
    return client.get(address, QUESTIONS.get(name, {}) if sent is None else sent)


@pytest.mark.parametrize("name", NAMES)
def test_answers_are_for_staff_with_need_and_never_kept(client: Client, name: str) -> None:
    record = a_document()
    client.force_login(an_analyst())

    answer = ask(client, name, record)

    assert answer.status_code == 200, answer.content
    assert answer["Cache-Control"] == "no-store, private"
    assert answer["X-Content-Type-Options"] == "nosniff"
    ask(client, name, record)
    assert Entry.objects.filter(action="custody.preview_viewed", outcome=Outcome.OK).count() == 1


@pytest.mark.parametrize("name", NAMES)
def test_answers_are_not_for_anybody_else(client: Client, name: str) -> None:
    record = a_document()
    assert record.request.requester is not None

    client.force_login(record.request.requester)
    assert ask(client, name, record).status_code == 404
    client.force_login(a_user(Role.FEE_OFFICER))
    refused = ask(client, name, record)

    assert refused.status_code == 403
    assert b"CANARY" not in refused.content
    assert Entry.objects.filter(action="custody.preview_viewed", outcome=Outcome.DENIED).count() == 1


@pytest.mark.parametrize("name", NAMES)
def test_closed_request_shows_nothing_any_more(client: Client, name: str) -> None:
    record = a_document()
    type(record.request).objects.filter(pk=record.request_id).update(
        status=Status.CLOSED, closed_at=NOON, disposition="no_records"
    )
    client.force_login(an_analyst())

    assert ask(client, name, record).status_code == 409


def test_pictures_and_words_are_of_the_pages_asked_for(client: Client) -> None:
    record = a_document(pages=4)
    client.force_login(an_analyst())

    drawn = ask(client, "pictures", record, {"numbers": "2-3,9", "width": "220"}).json()["pages"]
    read = ask(client, "words", record, {"numbers": "4"}).json()["pages"]
    sizes = ask(client, "sizes", record).json()["pages"]

    assert [page["number"] for page in drawn] == [2, 3, 9]
    assert "there is no page 9" in drawn[2]["fault"]
    assert Image.open(BytesIO(base64.b64decode(drawn[0]["picture"]))).width == 220
    assert [row[0] for row in read[0]["words"]] == ["Officer", "CANARY", "was", "there"]
    assert sizes == [[612, 792]] * 4


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("pictures", {"numbers": "1", "width": "999"}),
        ("pictures", {"numbers": "one", "width": "220"}),
        ("pictures", {"numbers": "0", "width": "220"}),
        ("pictures", {"numbers": "1-900", "width": "220"}),
        ("words", {"numbers": "1-9", "read": "1"}),
        ("words", {}),
        ("areas", {"numbers": [True], "marks": []}),
        ("areas", {"numbers": [1], "marks": [{"id": "x"}]}),
        ("find", {"first": 1, "last": 999, "needles": [{"id": "n", "literal": "x"}]}),
        ("find", {"first": 1, "last": 1, "needles": []}),
        ("find", {"first": 1, "last": 1, "needles": ["x"]}),
        ("find", {"first": 1, "last": 1, "needles": [{"id": "n", "kind": "box"}]}),
        ("after", {"number": 1, "width": 5, "marks": []}),
        ("after", []),
    ],
)
def test_bad_questions_are_refused_with_a_sentence(client: Client, name: str, sent: Any) -> None:
    client.force_login(an_analyst())

    answer = ask(client, name, a_document(), sent)

    assert answer.status_code == 422
    assert len(answer.json()["message"]) > 20


def test_marks_that_leave_their_page_are_named(client: Client) -> None:
    client.force_login(an_analyst())
    box = {"id": "wide", "kind": "box", "page": 1, "rect": [1, 1, 900, 20]}

    answer = ask(client, "after", a_document(), {"number": 1, "width": 1100, "marks": [box]})

    assert answer.status_code == 422
    assert "wide" in answer.json()["message"]


def test_file_that_cannot_be_read_says_why(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    record = a_document()
    client.force_login(an_analyst())

    def refuse(*_: Any, **__: Any) -> None:
        raise sandbox.SandboxUnavailable("no child")

    ask(client, "sizes", record)  # the look at the file itself is remembered
    monkeypatch.setattr(sandbox, "call", refuse)
    answer = ask(client, "sizes", record)

    assert answer.status_code == 422
    assert "try again in a minute" in answer.json()["message"]


def test_page_after_is_of_the_copy_when_the_marks_are_its_marks(client: Client) -> None:
    record = a_document()
    plan = a_plan(review=a_review(record), marks={"version": 1, "marks": [TEXT]})
    a_render(plan=plan)
    client.force_login(an_analyst())

    same = ask(client, "after", record, {"number": 1, "width": 1100, "marks": [TEXT]}).json()
    other = ask(client, "after", record, {"number": 1, "width": 1100, "marks": []}).json()

    assert (same["of"], other["of"], other["way"]) == ("copy", "page", "vector")
    assert same["picture"] != other["picture"]


def test_table_has_no_pages(client: Client) -> None:
    client.force_login(an_analyst())

    assert ask(client, "sizes", a_record()).status_code == 404


def test_office_file_is_made_into_pages_that_are_forgotten(client: Client) -> None:
    mail = (
        b"From: a@town.example\r\nTo: b@town.example\r\nSubject: CANARY\r\n"
        b"Date: Mon, 02 Nov 2026 10:00:00 +0000\r\n\r\nHello\r\n"
    )
    record = a_record(content=mail, name="mail.eml", title="A mail")
    client.force_login(an_analyst())

    page = ask(client, "words", record).json()["pages"][0]
    before = seeing.total_of(record)
    sizes = ask(client, "sizes", record).json()["pages"]

    assert (before, seeing.total_of(record)) == (None, len(sizes))
    assert "CANARY" in [row[0] for row in page["words"]]
    place = office_pages.place_of(record, [], at=NOON)
    assert place.exists()
    assert oct(place.parent.stat().st_mode)[-3:] == "700"
    assert office_pages.place_of(record, [{"item": "bcc", "action": "show"}], at=NOON) != place
    assert office_pages.place_of(record, [{"item": "bcc", "decision": "rejected"}], at=NOON) == place
    os.utime(place, (NOON.timestamp(), NOON.timestamp()))
    assert office_pages.forget(at=NOON + office_pages.KEPT - timedelta(seconds=5)) == 0
    assert office_pages.forget(at=NOON + office_pages.KEPT + timedelta(seconds=5)) == 1
    assert not place.exists()


def test_config_names_addresses_and_what_the_pages_do_not_show() -> None:
    record = a_document()
    review = a_review(record)

    found = pages_stage.config(Desk(Review.objects.get(pk=review.pk), an_analyst()))

    assert set(found["urls"]) == set(NAMES) - {"picture"}
    assert found["hidden"] == []
    assert ["ssn", "Social Security numbers"] in found["patterns"]
    json.dumps(found)


GOOD = {"number": 1, "size": [612, 792], "kind": "png", "picture": "iVBORw0KGgoAAAAN"}


@pytest.mark.parametrize(
    "said",
    [
        None,
        [7],
        [{"number": "1"}],
        [{"number": True, **{k: v for k, v in GOOD.items() if k != "number"}}],
        [{**GOOD, "kind": "svg"}],
        [{**GOOD, "picture": 7}],
        [{**GOOD, "picture": "AAAA"}],
        [{**GOOD, "picture": "iVBORw0KGgoAAAAN" + "!" * 64}],
        [{**GOOD, "size": [1]}],
        [{**GOOD, "size": [1, float("nan")]}],
        [{**GOOD, "warnings": [3]}],
    ],
)
def test_answer_of_a_taken_over_child_is_refused(monkeypatch: pytest.MonkeyPatch, said: Any) -> None:
    record = a_document()
    monkeypatch.setattr(sandbox, "call", lambda *_, **__: said)

    with pytest.raises(Refused):
        asking.pictures(asking.Asked(files.path_of(record.address), "pdf"), [1], 220)


@pytest.mark.parametrize(
    "said", [[{"number": 1, "words": [["x", 1, 2, 3]]}], [{"number": 1, "words": [["x", 1, 2, 3, 4, "0"]]}]]
)
def test_garbled_words_are_refused(monkeypatch: pytest.MonkeyPatch, said: Any) -> None:
    record = a_document()
    monkeypatch.setattr(sandbox, "call", lambda *_, **__: said)

    with pytest.raises(Refused):
        asking.words(asking.Asked(files.path_of(record.address), "pdf"), [1])


def test_faults_of_pages_pass_as_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asking.Asked(files.path_of(a_document().address), "image")
    monkeypatch.setattr(sandbox, "call", lambda *_, **__: [{"number": 1, "fault": "torn"}])

    assert asking.words(asked, [1], read=True)[0]["fault"] == "torn"
    assert asking.areas(asked, [1], Marks())[0]["fault"] == "torn"


def test_file_that_is_gone_is_refused() -> None:
    with pytest.raises(Refused, match="cannot be read"):
        asking.sizes(asking.Asked(files.path_of("originals/none"), "pdf"))


def test_the_page_comes_with_its_first_picture(client: Client) -> None:
    record = a_document()
    client.force_login(an_analyst())

    page = client.get(url("work", record))

    early = page.context["early"]
    content = page.content.decode()
    assert (early["width"], early["height"], early["whole"]) == (1428, 1848, False)
    assert content.index('<link rel="preload" as="image"') < content.index('rel="stylesheet"')
    assert '<script type="module" src="/static/workbench/begin.js">' in content
    assert '<script type="module" src="/static/workbench/main.js">' not in content
    assert content.count('rel="modulepreload"') == 1  # what begins the others, and no other
    for address in (early["src"], *(choice.split()[0] for choice in early["srcset"].split(", "))):
        shown = client.get(address)
        picture = Image.open(BytesIO(shown.content))
        assert shown["Content-Type"] == f"image/{str(picture.format).lower()}"
        assert abs(int(address.rpartition("=")[2]) - picture.width) <= 1


@pytest.mark.parametrize("sent", [{"width": "221"}, {}])
def test_a_picture_is_asked_for_as_pages_are_drawn(client: Client, sent: dict[str, str]) -> None:
    client.force_login(an_analyst())

    assert ask(client, "picture", a_document(), sent).status_code == 422


def test_a_picture_that_cannot_be_drawn_says_why(client: Client) -> None:
    client.force_login(an_analyst())
    address = reverse("workbench:pages-picture", kwargs={"key": a_document().key, "number": 7})

    answer = client.get(address, {"width": "220"})

    assert answer.status_code == 422
    assert answer["Cache-Control"] == "no-store, private"
    assert answer.json()["message"]


def test_a_photograph_stands_whole_in_its_frame_and_office_pages_come_later(client: Client) -> None:
    target = BytesIO()
    Image.new("RGB", (640, 480), "navy").save(target, "PNG")
    photo = a_record(content=target.getvalue(), name="scene.png", title="Scene")
    client.force_login(an_analyst())

    early = client.get(url("work", photo)).context["early"]
    elsewhere = client.get(url("work", a_document()), {"t": "5"}).context["early"]

    assert (early["width"], early["height"], early["whole"]) == (1120, 840, True)
    assert "(100vh - 15rem) * 1.3333" in early["sizes"]
    assert elsewhere is None
