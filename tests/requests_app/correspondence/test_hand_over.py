"""Handing a mail over, and the task a mail that failed leaves."""

import smtplib
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from pytest_django import Settings

from portal.accounts.rules import Role
from portal.core import jobs
from portal.core.errors import BadInput, IllegalMove, NotAllowed
from portal.core.models import Job, JobState
from requests_app.correspondence import mailing, rules, services
from requests_app.correspondence.models import DeliveryEvent, MailState, MailTask, OutgoingMail
from tests.builders import NOON, a_user
from tests.requests_app.correspondence.test_bounces import a_mail, arf, dsn, read

pytestmark = pytest.mark.django_db


def hand_over(mail: OutgoingMail, error: Exception | None = None) -> Job:
    job = Job.objects.get(kind=services.MAIL, payload={"mail": mail.pk})
    Job.objects.filter(pk=job.pk).update(run_after=timezone.now())
    with patch.object(EmailMultiAlternatives, "send", side_effect=error):
        jobs.execute(job.pk)
    job.refresh_from_db()
    mail.refresh_from_db()
    return job


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"no such mailbox")}),
        smtplib.SMTPDataError(554, b"no such mailbox"),
    ],
)
def test_refusal_for_good_is_a_bounce(error: Exception) -> None:
    mail = a_mail()

    job = hand_over(mail, error)

    assert (job.state, mail.state, mail.sent_at) == (JobState.DONE, MailState.BOUNCED, None)
    assert DeliveryEvent.objects.get().detail == "no such mailbox"
    assert MailTask.objects.filter(mail=mail, resolved_at=None).count() == 1


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"a@b.example": (450, b"later")}),
        smtplib.SMTPRecipientsRefused({}),
        smtplib.SMTPDataError(451, "later"),
        ConnectionRefusedError("down"),
    ],
)
def test_refusal_for_now_is_tried_again_and_at_last_asks_a_person(error: Exception) -> None:
    mail = a_mail()

    states = [hand_over(mail, error).state for _ in range(jobs.MAX_ATTEMPTS)]

    assert states == [JobState.PENDING] * (jobs.MAX_ATTEMPTS - 1) + [JobState.QUARANTINED]
    assert mail.state == MailState.FAILED
    assert MailTask.objects.get().mail == mail
    mailing.try_again(mail=mail, actor=a_user(Role.CLERK))
    hand_over(mail)
    assert mail.state == MailState.SENT
    with pytest.raises(IllegalMove, match="could not be handed over"):
        mailing.try_again(mail=mail, actor=a_user(Role.CLERK))


def test_envelope_carries_the_way_back_and_readers_see_the_agency(settings: Settings) -> None:
    settings.MAIL_BOUNCE_ADDRESS = "bounces@daylight.example"
    mail = a_mail()

    jobs.execute(Job.objects.get(kind=services.MAIL).pk)

    message = outbox.outbox[0]
    assert message.from_email == f"bounces+{mail.pk}.{mailing.token_of(mail.pk)}@daylight.example"
    assert message.message()["From"] == settings.DEFAULT_FROM_EMAIL


def test_later_news_never_makes_a_mail_less_known() -> None:
    assert rules.next_state("bounced", "delivered") == "bounced"
    assert rules.next_state("bounced", "complained") == "complained"
    assert rules.next_state("delivered", "bounced") == "bounced"
    assert rules.next_state("failed", "sent") == "sent"


def a_task() -> MailTask:
    mail = a_mail()
    read(dsn(mail))
    return MailTask.objects.get(mail=mail)


def settle(
    task: MailTask, how: str = "phoned", note: str = "Told her by phone.", role: Role = Role.CLERK
) -> Any:
    return mailing.resolve(task=task, resolution=how, note=note, actor=a_user(role), at=NOON)


def test_task_is_settled_once_with_a_note_and_opens_again_on_another_failure() -> None:
    task = a_task()

    assert settle(task) is None

    task.refresh_from_db()
    assert (task.resolution, task.note, task.resolved_at) == ("phoned", "Told her by phone.", NOON)
    with pytest.raises(IllegalMove, match="already"):
        settle(task)
    read(arf(task.mail))
    assert MailTask.objects.filter(mail=task.mail, resolved_at=None).count() == 1


@pytest.mark.parametrize(
    ("how", "note"), [("x", "y"), ("phoned", " "), ("phoned", "x" * 501), ("phoned", "a\u202eb")]
)
def test_task_needs_a_way_and_a_note(how: str, note: str) -> None:
    with pytest.raises(BadInput):
        settle(a_task(), how, note)


def test_only_those_who_write_to_requesters_settle() -> None:
    with pytest.raises(NotAllowed):
        settle(a_task(), role=Role.AUDITOR)


def test_corrected_address_gets_the_same_mail_and_the_old_one_is_refused() -> None:
    task = a_task()
    with pytest.raises(IllegalMove, match="still has the address that failed"):
        settle(task, "corrected")
    assert task.mail.request is not None
    person = task.mail.request.requester
    assert person is not None
    person.email = "new@people.example"
    person.save(update_fields=["email"])

    copy = settle(task, "corrected")

    assert copy.to == "new@people.example"
    assert (copy.text, copy.subject, copy.state) == (task.mail.text, task.mail.subject, MailState.WAITING)
