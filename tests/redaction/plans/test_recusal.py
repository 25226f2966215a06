import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.test import Client
from django.urls import reverse

from portal.accounts.rules import Role
from portal.audit.models import Entry, Outcome
from portal.core.errors import BadInput, NotAllowed
from redaction.plans import policies
from redaction.plans import services as plans
from redaction.plans.models import Approval, Plan, Review
from requests_app.appeals.models import Appeal
from requests_app.custody import selectors as custody
from requests_app.custody.preservation import responsible
from requests_app.desk import oversight
from requests_app.desk import selectors as desk
from requests_app.desk.selectors import QueueFilter
from requests_app.docket import recusals
from requests_app.docket import selectors as docket
from requests_app.docket import services as docket_services
from requests_app.docket.models import RecordsRequest, Recusal
from requests_app.docket.recusals import Recused
from tests.builders import NOON, a_request, a_user
from tests.redaction.plans.plan_builders import (
    DROP_PLATES,
    a_plan,
    a_recusal,
    a_render,
    a_review,
    an_approval,
    an_approver,
)
from tests.requests_app.custody.record_builders import READS, a_record, an_analyst

pytestmark = pytest.mark.django_db


def test_a_recused_person_finds_the_request_nowhere() -> None:
    record = a_record()
    case, person = record.request, an_approver()
    chosen = QueueFilter()
    assert desk.queue(user=person, chosen=chosen, today=NOON.date()).count() == 1

    a_recusal(case, person)

    assert not desk.queue(user=person, chosen=chosen, today=NOON.date()).exists()
    assert not desk.queue(user=person, chosen=QueueFilter(text=case.number or ""), today=NOON.date()).exists()
    assert set(desk.counts(person, NOON.date()).values()) == {0}
    assert not Appeal.objects.visible_to(person).exists()
    assert not oversight.entries(reader=person).filter(request_key=case.key).exists()
    with pytest.raises(Http404):
        docket.get_visible(person, case.key)
    with pytest.raises(Http404):
        custody.get_record(person, record.key)
    assert Entry.objects.filter(actor=person, outcome=Outcome.DENIED).count() == 2


def test_others_see_what_one_is_recused_from() -> None:
    case = a_record().request
    a_recusal(case)

    assert docket.get_visible(an_analyst(), case.key) == case


def test_pages_of_the_desk_and_the_api_answer_as_if_there_were_no_request(client: Client) -> None:
    record = a_record()
    person = an_approver()
    a_recusal(record.request, person)
    client.force_login(person)

    for name, key in (
        ("desk:request", record.request.key), ("workbench:records", record.request.key),
        ("workbench:recusals", record.request.key), ("workbench:review", record.key),
        ("workbench:marks", record.key), ("workbench:work", record.key), ("custody:facts", record.key),
    ):  # fmt: skip
        assert client.get(reverse(name, kwargs={"key": key})).status_code == 404, name


def test_recusal_from_one_record_hides_every_request_with_the_same_file() -> None:
    record = a_record()
    twin = a_record(request=a_request())
    other = a_record(request=a_request(), content=READS + b"OWN780,Oak,2026-02-02 01:00:00\n")
    assert twin.sha256 == record.sha256
    person = an_approver()

    a_recusal(record.request, person, record=record)

    assert list(RecordsRequest.objects.visible_to(person)) == [other.request]
    assert recusals.is_barred(person, twin.request)


def test_recusal_from_a_request_leaves_others_with_the_same_file() -> None:
    record = a_record()
    twin = a_record(request=a_request())
    person = an_approver()

    a_recusal(record.request, person)

    assert list(RecordsRequest.objects.visible_to(person)) == [twin.request]


def test_a_recused_person_marks_and_approves_nothing_even_past_the_pages() -> None:
    render = a_render()
    person = an_approver()
    a_recusal(render.review.record.request, person)

    assert not policies.may_mark(person, render.review)
    assert not policies.may_approve(person, render.review)
    with pytest.raises(Recused):
        an_approval(render=render, approver=person)
    with pytest.raises(Recused):
        plans.send_back(review=render.review, by=person, comment="No.", at=NOON)
    with pytest.raises(Recused):
        plans.save_plan(review=render.review, marks=DROP_PLATES, author=person, at=NOON, expected_version=1)
    assert Entry.objects.filter(actor=person, outcome=Outcome.DENIED).count() == 3


def test_a_recusal_since_the_first_question_is_refused_and_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    render = a_render()
    person = an_approver()
    a_recusal(render.review.record.request, person)
    monkeypatch.setattr(policies, "require", lambda *_asked: None)  # as it answered a moment ago

    with pytest.raises(Recused):
        an_approval(render=render, approver=person)

    denied = Entry.objects.get(action="review.approve", outcome=Outcome.DENIED)
    assert denied.detail == {"why": "recused"}


def test_the_database_refuses_marks_and_approval_of_a_recused_person() -> None:
    render = a_render()
    person = an_approver()
    a_recusal(render.review.record.request, person, record=render.review.record)

    with pytest.raises(DatabaseError, match="recused"), transaction.atomic():
        Plan.objects.create(
            review=render.review, version=2, marks={"version": 1, "marks": []}, digest="0" * 64,
            author=person, created_at=NOON,
        )  # fmt: skip
    with pytest.raises(DatabaseError, match="recused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO plans_approval (review_id, render_id, approver_id, prepared_by_id, source_sha256,"
            " marks_digest, render_sha256, engine, exemptions, at)"
            " SELECT review_id, id, %s, %s, source_sha256, marks_digest, sha256, engine, '[]', now()"
            " FROM plans_render WHERE id = %s",
            [person.pk, render.plan.author_id, render.pk],
        )

    assert not Approval.objects.exists()


def test_recusing_takes_the_request_out_of_her_hands_and_nobody_gives_it_back() -> None:
    case, person, lead = a_request(), an_approver(), a_user(Role.CLERK)
    docket_services.assign(request=case, assignee=person, actor=lead, expected_assignee_id=None)

    a_recusal(case, person)

    assert RecordsRequest.objects.get().assignee is None
    assert person not in desk.colleagues(case)
    with pytest.raises(BadInput, match="recused"):
        docket_services.assign(request=case, assignee=person, actor=lead, expected_assignee_id=None)
    with pytest.raises(DatabaseError, match="recused"), transaction.atomic():
        RecordsRequest.objects.update(assignee=person)


def test_a_recused_person_gets_no_mail_about_it() -> None:
    case = a_request()
    person, other = a_user(Role.CLERK), a_user(Role.CLERK)
    assert set(responsible(case)) >= {person, other}

    a_recusal(case, person)

    assert person not in responsible(case)
    assert other in responsible(case)


def test_anybody_recuses_herself_and_only_few_a_colleague() -> None:
    case = a_request()
    analyst, colleague = an_analyst(), an_analyst()

    with pytest.raises(NotAllowed):
        a_recusal(case, colleague, by=analyst)
    a_recusal(case, analyst, by=analyst)

    assert recusals.is_barred(analyst, case)
    assert not recusals.is_barred(colleague, case)


def test_a_recusal_says_why_once_and_of_staff() -> None:
    case, person = a_request(), an_approver()

    with pytest.raises(BadInput, match="Say why"):
        a_recusal(case, person, why=" ")
    with pytest.raises(BadInput, match="ground"):
        a_recusal(case, person, ground="mood")
    with pytest.raises(BadInput, match="member of staff"):
        a_recusal(case, a_user())
    a_recusal(case, person)
    with pytest.raises(BadInput, match="already"):
        a_recusal(case, person)


def test_a_recusal_ends_by_another_persons_word_alone() -> None:
    case = a_request()
    counsel = a_user(Role.COUNSEL)
    row = a_recusal(case, counsel)
    clerk = a_user(Role.CLERK)

    for by in (counsel, an_analyst()):
        with pytest.raises(NotAllowed):
            recusals.end(recusal=row, by=by, why="Mistaken", at=NOON)
    with pytest.raises(BadInput, match="Say why"):
        recusals.end(recusal=row, by=clerk, why="", at=NOON)
    recusals.end(recusal=row, by=clerk, why="Another officer of the same name", at=NOON)
    with pytest.raises(BadInput, match="already"):
        recusals.end(recusal=row, by=clerk, why="Again", at=NOON)

    assert docket.get_visible(counsel, case.key) == case
    assert Entry.objects.filter(action="request.recusal_ended").count() == 1


def test_the_database_keeps_recusals_as_they_are() -> None:
    row = a_recusal(a_request())

    for change in (
        lambda: Recusal.objects.all().delete(),
        lambda: Recusal.objects.update(person=an_analyst()),
        lambda: Recusal.objects.update(ended_at=NOON, ended_by=row.person, ended_why="I say so"),
        lambda: Recusal.objects.update(ended_at=NOON),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()

    assert Recusal.objects.get().ended_at is None


def test_the_page_recuses_and_ends_and_hides_itself(client: Client) -> None:
    record = a_record()
    page = reverse("workbench:recusals", kwargs={"key": record.request.key})
    person, clerk = an_approver(name="Pat Person"), a_user(Role.CLERK)
    sent = {"person": person.pk, "record": record.key, "ground": "relative", "why": "Her brother's car"}
    client.force_login(clerk)

    empty = client.post(page, {"person": person.pk})
    done = client.post(page, sent, follow=True)
    twice = client.post(page, sent)
    row = Recusal.objects.get()

    assert (empty.status_code, twice.status_code) == (422, 422)
    assert "Pat Person" in done.content.decode()
    assert row.record_sha256 == record.sha256
    client.force_login(person)
    assert client.get(page).status_code == 404
    client.force_login(clerk)
    end = reverse("workbench:end-recusal", kwargs={"key": record.request.key, "recusal": row.pk})
    assert client.post(end, {}).status_code == 422
    assert client.post(end, {"why": "Mistaken"}, follow=True).status_code == 200
    client.force_login(person)
    assert client.get(page).status_code == 200


def test_an_analyst_may_recuse_only_herself_on_the_page(client: Client) -> None:
    case = a_request()
    page = reverse("workbench:recusals", kwargs={"key": case.key})
    analyst, colleague = an_analyst(), an_analyst()
    client.force_login(analyst)

    other = client.post(page, {"person": colleague.pk, "ground": "other", "why": "x"})
    own = client.post(page, {"person": analyst.pk, "ground": "other", "why": "I know her"})

    assert (other.status_code, own.status_code) == (422, 302)
    assert own.headers["Location"] == reverse("desk:queue")
    assert client.get(page).status_code == 404


def test_the_requester_has_no_such_page(client: Client) -> None:
    case = a_request()
    assert case.requester is not None
    client.force_login(case.requester)

    assert client.get(reverse("workbench:recusals", kwargs={"key": case.key})).status_code == 404


def test_staff_lists_leave_out_what_belongs_to_it() -> None:
    plan = a_plan()
    person = an_approver()

    a_recusal(plan.review.record.request, person)

    assert not recusals.without(Review.objects.all(), person, "record__request").exists()
    assert recusals.without(Review.objects.all(), an_approver(), "record__request").get() == plan.review
    assert a_review(plan.review.record) == plan.review
