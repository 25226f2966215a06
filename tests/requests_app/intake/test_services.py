"""Filing: once, whole, for the right person, whatever happens at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from portal.accounts.models import User
from portal.audit import services as audit
from portal.audit.models import Entry
from portal.core.errors import BadInput
from requests_app.clock import selectors as clock
from requests_app.correspondence.models import Letter, OutgoingMail
from requests_app.docket.models import Numbering, RecordsRequest
from requests_app.docket.rules import Status
from requests_app.intake import services
from requests_app.intake.models import FilingKey, FormDefinition
from requests_app.intake.rules import BadForm
from requests_app.intake.tasks import delete_stale_drafts
from tests.builders import NOON, a_user, an_agency
from tests.patience import SECONDS

ANSWERS = {
    "what_happened": "Traffic stop", "incident_date": "2026-10-30", "start_time": "23:30:00",
    "end_time": "00:15:00", "place": "Elm Street", "record_type": "body_worn_camera",
    "requester_category": "news_media", "relationship": "not_involved", "fee_limit": "20.50",
}  # fmt: skip


def a_form(code: str = "video") -> FormDefinition:
    an_agency()
    services.load_forms()
    return FormDefinition.objects.get(code=code, is_active=True)


def a_draft(requester: User, **answers: str) -> RecordsRequest:
    draft = services.start_draft(form=a_form())
    own = {**ANSWERS, "email": requester.email, "name": "Ann Lee", **answers}
    services.save_step(draft=draft, answers=own, step="contact")
    return draft


@pytest.mark.django_db
def test_filing_does_everything_in_one() -> None:
    user = a_user(name="")

    filed = services.submit(draft=a_draft(user), requester=user, at=NOON)

    assert filed.status == Status.SUBMITTED
    assert filed.number == "26-00001"
    assert (filed.law_code, filed.record_type, filed.requester_category) == (
        "TX",
        "body_worn_camera",
        "news_media",
    )
    assert filed.fee_limit_cents == 2050
    assert filed.title == "Traffic stop"
    assert filed.due_on == clock.main_clock(filed).due
    item = filed.items.get()
    assert item.starts_at is not None
    assert item.ends_at is not None
    assert item.ends_at - item.starts_at == timedelta(minutes=45)
    assert filed.holds.get().released_at is None
    task = filed.preservation_tasks.get()
    assert task.destroy_on is not None
    assert task.destroy_on.isoformat() == "2027-01-28"
    assert "90 days" in task.rule
    letter = Letter.objects.get(request=filed)
    assert "26-00001" in letter.html
    assert "November 2, 2026, 12:00 PM" in letter.html
    assert OutgoingMail.objects.get(request=filed).to == user.email
    user.refresh_from_db()
    assert user.name == "Ann Lee"
    assert audit.verify().fault is None


@pytest.mark.django_db
def test_name_that_is_known_is_not_overwritten() -> None:
    user = a_user(name="Ann Elisabeth Lee")

    services.submit(draft=a_draft(user), requester=user, at=NOON)

    user.refresh_from_db()
    assert user.name == "Ann Elisabeth Lee"


@pytest.mark.django_db
def test_unknown_camera_leaves_the_class_of_record_open() -> None:
    user = a_user()

    filed = services.submit(draft=a_draft(user, record_type="unknown"), requester=user, at=NOON)

    assert filed.record_type == ""
    assert filed.preservation_tasks.get().destroy_on is not None


@pytest.mark.django_db
def test_acknowledgement_mail_carries_number_and_link_only() -> None:
    user = a_user()

    filed = services.submit(draft=a_draft(user), requester=user, at=NOON)

    mail = OutgoingMail.objects.get(request=filed)
    said = f"{mail.subject}{mail.text}{mail.html}"
    assert str(filed.number) in said
    assert filed.key in said
    for secret in ("Traffic stop", "Elm Street", "Ann Lee"):
        assert secret not in said


@pytest.mark.django_db
def test_missing_answer_names_its_page_and_files_nothing() -> None:
    user = a_user()
    draft = a_draft(user, place="")

    with pytest.raises(services.Incomplete, match="Address, crossing or place") as refusal:
        services.submit(draft=draft, requester=user, at=NOON)

    assert refusal.value.step == "where"
    assert not Numbering.objects.exists()


@pytest.mark.django_db
def test_draft_written_for_another_address_is_not_filed() -> None:
    draft = a_draft(a_user())

    with pytest.raises(services.NotYours):
        services.submit(draft=draft, requester=a_user(), at=NOON)

    draft.refresh_from_db()
    assert draft.status == Status.DRAFT


@pytest.mark.django_db
def test_owned_draft_is_not_filed_by_another() -> None:
    owner, other = a_user(), a_user()
    draft = a_draft(other)
    services.keep_for(draft=draft, requester=owner)

    with pytest.raises(services.NotYours):
        services.submit(draft=draft, requester=other, at=NOON)


@pytest.mark.django_db
def test_second_owner_does_not_take_a_draft_over() -> None:
    owner = a_user()
    draft = a_draft(owner)

    services.keep_for(draft=draft, requester=owner)
    services.keep_for(draft=draft, requester=a_user())

    draft.refresh_from_db()
    assert draft.requester == owner


@pytest.mark.django_db
def test_filed_request_takes_no_more_answers() -> None:
    user = a_user()
    draft = a_draft(user)
    services.submit(draft=draft, requester=user, at=NOON)

    with pytest.raises(BadInput, match="26-00001"):
        services.save_step(draft=draft, answers={"place": "Oak"}, step="where")


@pytest.mark.django_db(transaction=True)
def test_twenty_submits_of_one_draft_make_one_request() -> None:
    user = a_user()
    draft = a_draft(user)
    gate = threading.Barrier(20)

    def submit(_: int) -> str:
        gate.wait(timeout=SECONDS)
        try:
            return str(
                services.submit(draft=RecordsRequest.objects.get(pk=draft.pk), requester=user, at=NOON).number
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        numbers = set(pool.map(submit, range(20)))

    filed = RecordsRequest.objects.filed().get()
    assert numbers == {filed.number}
    assert Numbering.objects.get().last == 1
    assert filed.items.count() == filed.holds.count() == filed.clock_events.count() == 1
    assert Letter.objects.count() == OutgoingMail.objects.count() == 1
    assert Entry.objects.filter(action="request.submit").count() == 1
    assert audit.verify().fault is None


@pytest.mark.django_db(transaction=True)
def test_filings_at_the_same_moment_get_numbers_without_gaps() -> None:
    form, users = a_form(), [a_user() for _ in range(8)]
    gate = threading.Barrier(8)

    def file(user: User) -> str:
        gate.wait(timeout=SECONDS)
        try:
            row, _ = services.file_at_once(form=form, answers=whole(user), requester=user, key="k", at=NOON)
            return str(row.number)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        numbers = sorted(pool.map(file, users))

    assert numbers == [f"26-{n:05d}" for n in range(1, 9)]


def whole(user: User, **answers: str) -> dict[str, str]:
    return {**ANSWERS, "name": "Ann", "email": user.email, **answers}


@pytest.mark.django_db(transaction=True)
def test_one_idempotency_key_at_the_same_moment_files_once() -> None:
    form, user = a_form(), a_user()
    gate = threading.Barrier(6)

    def file(_: int) -> tuple[Any, bool]:
        gate.wait(timeout=SECONDS)
        try:
            row, created = services.file_at_once(
                form=form, answers=whole(user), requester=user, key="k", at=NOON
            )
            return row.pk, created
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(file, range(6)))

    assert len({pk for pk, _ in found}) == 1
    assert [created for _, created in found].count(True) == 1
    assert RecordsRequest.objects.count() == 1


@pytest.mark.django_db
def test_idempotency_key_with_other_content_is_refused() -> None:
    form, user = a_form(), a_user()
    services.file_at_once(form=form, answers=whole(user), requester=user, key="k", at=NOON)

    with pytest.raises(services.KeyReused):
        services.file_at_once(form=form, answers=whole(user, place="Oak"), requester=user, key="k", at=NOON)

    assert RecordsRequest.objects.count() == 1


@pytest.mark.django_db
def test_refused_filing_keeps_neither_draft_nor_key() -> None:
    form, user = a_form(), a_user()

    with pytest.raises(services.Incomplete):
        services.file_at_once(form=form, answers=whole(user, place=""), requester=user, key="k", at=NOON)

    assert not RecordsRequest.objects.exists()
    assert not FilingKey.objects.exists()


@pytest.mark.django_db
def test_forms_load_once_and_a_new_version_replaces_the_old() -> None:
    form = a_form("other")
    services.load_forms()
    newer = {**form.data, "version": 2, "title": "Anything else"}

    row, created = services.publish_form(data=newer, position=9)

    assert created
    assert FormDefinition.objects.filter(code="other").count() == 2
    assert FormDefinition.objects.get(code="other", is_active=True) == row
    assert str(row) == "other v2"


@pytest.mark.django_db
def test_wrong_new_version_leaves_the_active_one() -> None:
    form = a_form("other")

    with pytest.raises(BadForm):
        services.publish_form(data={**form.data, "version": 2, "item": "{nobody}"})

    assert FormDefinition.objects.get(code="other", is_active=True).version == 1


@pytest.mark.django_db
def test_draft_keeps_the_form_version_it_was_begun_on() -> None:
    form = a_form("other")
    draft = services.start_draft(form=form)

    services.publish_form(data={**form.data, "version": 2, "title": "New"})

    assert services.form_of(draft).title == "Something else"


@pytest.mark.django_db
def test_fresh_drafts_and_filed_requests_are_never_deleted() -> None:
    user = a_user()
    filed = services.submit(draft=a_draft(user), requester=user, at=NOON)
    fresh = services.start_draft(form=a_form())
    RecordsRequest.objects.filter(pk=filed.pk).update(updated_at=NOON - timedelta(days=400))

    deleted = services.delete_stale_drafts(at=fresh.updated_at + timedelta(days=13))

    assert deleted == 0
    assert RecordsRequest.objects.count() == 2


@pytest.mark.django_db
def test_sweep_of_drafts_is_a_task_the_schedule_names() -> None:
    a_form()

    assert delete_stale_drafts() == 0
    assert delete_stale_drafts.name in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
