from io import BytesIO

import pytest
from django.test import Client
from PIL import Image

from portal.accounts.rules import Role
from portal.audit.models import Entry, Outcome
from portal.core import files
from redaction.plans.models import Approval, Render, Review, SendBack
from tests.builders import a_user
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, a_withholding, an_approver
from tests.redaction.workbench.addresses import url
from tests.requests_app.custody.record_builders import READS, a_pdf, a_record, an_analyst

pytestmark = pytest.mark.django_db


def a_document_render() -> Render:
    record = a_record(content=a_pdf("Officer CANARY", "Public"), name="report.pdf", title="Incident report")
    marks = {"version": 1, "marks": [{"id": "t", "kind": "text", "literal": "CANARY", "reason": "MINOR"}]}
    return a_render(plan=a_plan(review=a_review(record), marks=marks))


def seen(render: Render) -> dict[str, str]:
    return {"render_sha256": render.sha256, "marks_digest": render.marks_digest}


def test_a_second_person_sees_both_sides_and_approves(client: Client) -> None:
    render = a_render()
    record = render.review.record
    client.force_login(an_approver())

    page = client.get(url("review", record)).content.decode()
    answer = client.post(url("approve", record), seen(render), follow=True)

    assert render.sha256 in page
    assert "CANARY1" in page  # the original's rows
    assert "column plate: mask" in page
    assert Review.objects.get().status == "approved"
    assert "is approved." in answer.content.decode()
    assert Approval.objects.count() == 1


def test_the_author_is_told_and_refused(client: Client) -> None:
    author = an_approver()
    render = a_render(plan=a_plan(author=author))
    client.force_login(author)

    page = client.get(url("review", render.review.record)).content.decode()
    answer = client.post(url("approve", render.review.record), seen(render))

    assert "another person has to approve it" in page
    assert answer.status_code == 403
    assert "Another person has to approve it" in answer.content.decode()
    assert Entry.objects.filter(action="review.approve", outcome=Outcome.DENIED).count() == 1


def test_an_analyst_reads_but_does_not_decide(client: Client) -> None:
    render = a_render()
    client.force_login(an_analyst())

    page = client.get(url("review", render.review.record)).content.decode()

    assert "An approver decides" in page
    assert client.post(url("approve", render.review.record), seen(render)).status_code == 403


def test_what_changed_since_the_page_was_read_is_not_approved(client: Client) -> None:
    render = a_render()
    client.force_login(an_approver())

    stale = client.post(url("approve", render.review.record), {**seen(render), "render_sha256": "0" * 64})
    broken = client.post(url("approve", render.review.record), {})

    assert (stale.status_code, broken.status_code) == (409, 422)
    assert not Approval.objects.exists()


def test_approving_twice_answers_409(client: Client) -> None:
    render = a_render()
    client.force_login(an_approver())

    first = client.post(url("approve", render.review.record), seen(render))
    second = client.post(url("approve", render.review.record), seen(render))

    assert (first.status_code, second.status_code) == (302, 409)
    assert Approval.objects.count() == 1


def test_send_back_wants_a_comment(client: Client) -> None:
    render = a_render()
    client.force_login(an_approver())

    empty = client.post(url("send-back", render.review.record), {"comment": ""})
    sent = client.post(url("send-back", render.review.record), {"comment": "Mask the camera."})
    page = client.get(url("review", render.review.record)).content.decode()

    assert (empty.status_code, sent.status_code) == (422, 302)
    assert SendBack.objects.get().comment == "Mask the camera."
    assert "Mask the camera." in page


def test_a_withheld_record_is_agreed_to(client: Client) -> None:
    review = a_withholding(approve=False)
    client.force_login(an_approver())

    page = client.get(url("review", review.record)).content.decode()
    client.post(url("approve", review.record), seen(Render.objects.get()))

    assert "Agree to withhold it" in page
    assert Review.objects.get().status == "withheld"
    assert client.get(url("result", review.record)).status_code == 404


def test_a_record_without_a_result_says_so(client: Client) -> None:
    record = a_plan().review.record
    client.force_login(an_approver())

    page = client.get(url("review", record)).content.decode()

    assert "There is no result yet" in page
    assert client.get(url("result", record)).status_code == 404
    assert client.get(url("result-preview", record, number=1)).status_code == 404


def test_staff_fetch_the_redacted_copy_under_a_neutral_name(client: Client) -> None:
    render = a_render()
    client.force_login(an_approver())

    answer = client.get(url("result", render.review.record))

    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a FileResponse
    assert content == files.path_of(render.address).read_bytes()
    assert "record-1-redacted.csv" in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "no-store, private"
    assert Entry.objects.get(action="custody.result_fetched").detail == {"sha256": render.sha256}


def test_staff_look_at_what_goes_out_beside_the_copy(client: Client) -> None:
    render = a_render()
    record = render.review.record
    client.force_login(an_approver())

    page = client.get(url("review", record)).content.decode()
    answer = client.get(url("companion", record, name="data-dictionary.csv"))

    assert "data-dictionary.csv" in page
    assert b"column" in b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a FileResponse
    assert "record-1-beside-data-dictionary.csv" in answer["Content-Disposition"]
    assert client.get(url("companion", record, name="nothing.csv")).status_code == 404
    assert Entry.objects.filter(action="custody.companion_fetched").count() == 1


def test_pictures_of_both_sides_are_for_staff_and_never_kept(client: Client) -> None:
    render = a_document_render()
    record = render.review.record
    client.force_login(an_approver())

    page = client.get(url("review", record), {"at": "1"}).content.decode()
    for name, action in (("preview", "custody.preview_viewed"), ("result-preview", "custody.result_viewed")):
        answer = client.get(url(name, record, number=1))
        assert Image.open(BytesIO(answer.content)).format == "PNG"
        assert answer["Cache-Control"] == "no-store, private"
        assert Entry.objects.get(action=action).detail == {"number": 1}
        assert url(name, record, number=1) in page
        assert client.get(url(name, record, number=9)).status_code == 404


@pytest.mark.parametrize("name", ["preview", "result-preview"])
def test_pictures_are_not_for_requesters_or_staff_without_need(client: Client, name: str) -> None:
    record = a_document_render().review.record
    assert record.request.requester is not None

    client.force_login(record.request.requester)
    assert client.get(url(name, record, number=1)).status_code == 404
    client.force_login(a_user(Role.FEE_OFFICER))
    assert client.get(url(name, record, number=1)).status_code == 403

    assert Entry.objects.filter(action="custody.preview_viewed", outcome=Outcome.DENIED).count() == 1


def test_a_table_has_no_picture(client: Client) -> None:
    client.force_login(an_approver())

    assert client.get(url("preview", a_record(), number=1)).status_code == 404


def test_a_result_that_changed_on_disk_is_not_sent(client: Client) -> None:
    record = a_record(content=READS + b"OWN780,Oak,2026-02-02 01:00:00\n")
    render = a_render(plan=a_plan(review=a_review(record)))
    path = files.path_of(render.address)
    path.chmod(0o600)
    path.write_bytes(b"CANARY1")
    client.force_login(an_approver())

    page = client.get(url("review", record))
    answer = client.get(url("result", record))

    assert page.status_code == 200
    assert answer.status_code == 500
    assert b"CANARY1" not in answer.content
