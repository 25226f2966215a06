"""Messages, letters and mail: once each, links only, and tagged PDF."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives

from portal.accounts.rules import Role
from portal.audit.models import Entry
from portal.core import files, jobs
from portal.core.models import Job, JobState
from requests_app.clock import selectors as clocks
from requests_app.clock import services as clock
from requests_app.correspondence import facts, mailing, services, tasks  # noqa: F401  importing tasks registers the handlers
from requests_app.correspondence.models import Direction, Letter, MailState, Message, OutgoingMail
from requests_app.docket.models import RecordsRequest
from requests_app.fees.models import Estimate, FeeCase, Payment, PublishedSchedule
from tests.builders import NOON, a_request, a_user

pytestmark = pytest.mark.django_db
SECRETS = ("Which bridge", "Traffic stop", "CANARY7")


def say(
    row: RecordsRequest, direction: Direction, key: str = "k", body: str = "Which bridge, CANARY7?"
) -> Message:
    author = row.requester if direction == Direction.FROM_REQUESTER else a_user(Role.CLERK)
    assert author is not None
    return services.post_message(
        request=row, author=author, body=body, direction=direction, at=NOON, idempotency_key=key
    )


def notice(row: RecordsRequest, **context: Any) -> Letter:
    return services.send_letter(
        request=row, kind="notice", subject=f"More time for {row.number}",
        context={"paragraphs": ["We need more time."], **context}, signer=None, at=NOON,
        dedupe_key=f"n{row.pk}",
    )  # fmt: skip


def test_message_to_the_requester_mails_her_a_link_and_nothing_else() -> None:
    row = a_request()

    say(row, Direction.TO_REQUESTER)

    mail = OutgoingMail.objects.get()
    said = f"{mail.subject}\n{mail.text}\n{mail.html}"
    assert row.requester is not None
    assert mail.to == row.requester.email
    assert f"{settings.PUBLIC_BASE_URL}/my/requests/{row.key}/" in mail.text
    assert str(row.number) in mail.subject
    assert not [secret for secret in SECRETS if secret in said]


def test_message_from_the_requester_mails_the_person_in_charge_the_desks_link() -> None:
    clerk = a_user(Role.CLERK)
    row = a_request(assignee=clerk)

    say(row, Direction.FROM_REQUESTER)

    mail = OutgoingMail.objects.get()
    assert mail.to == clerk.email
    assert f"/desk/requests/{row.key}/" in mail.text
    assert not [secret for secret in SECRETS if secret in mail.text + mail.html]


def test_message_to_a_request_nobody_owns_mails_nobody() -> None:
    say(a_request(), Direction.FROM_REQUESTER)

    assert not OutgoingMail.objects.exists()


def test_two_people_with_one_key_write_two_messages() -> None:
    row = a_request()

    say(row, Direction.FROM_REQUESTER, "same")
    say(row, Direction.TO_REQUESTER, "same")

    assert Message.objects.count() == 2


def test_long_keys_that_begin_alike_stay_two_messages() -> None:
    row = a_request()

    say(row, Direction.FROM_REQUESTER, "x" * 99 + "1")
    say(row, Direction.FROM_REQUESTER, "x" * 99 + "2")

    assert Message.objects.count() == 2


def test_empty_message_sends_nothing() -> None:
    with pytest.raises(services.EmptyMessage):
        say(a_request(), Direction.TO_REQUESTER, body=" \n")

    assert not OutgoingMail.objects.exists()


def test_letter_is_stored_as_sent_once_with_its_job_and_its_mail() -> None:
    row = a_request()

    first, second = notice(row), notice(row)

    assert first == second
    assert "We need more time." in first.html
    assert f"/my/requests/{row.key}/" in first.html
    assert Job.objects.filter(kind="correspondence.letter").count() == 1
    assert OutgoingMail.objects.get().subject == f"More time for {row.number}"
    assert Entry.objects.filter(action="letter.sent").count() == 1


def test_letter_shows_markup_of_its_words_as_text() -> None:
    letter = notice(a_request(), paragraphs=["<script>alert(1)</script>"])

    assert "<script>" not in letter.html


def test_notice_derives_the_new_day() -> None:
    row = a_request()
    derived = clocks.main_clock(row)

    letter = notice(row, clock=derived)

    assert derived.due is not None
    assert f"{derived.due:%B} {derived.due.day}, {derived.due.year}" in letter.html
    assert "Veterans Day" in letter.html


def an_estimate(row: RecordsRequest) -> Estimate:
    schedule = PublishedSchedule.objects.create(
        agency=row.agency, name="Fees", version=1, law_code="TX", effective_from=NOON.date()
    )
    line = {
        "label": "Recording", "quantity": "2", "unit": "recording", "rate": "10.00", "amount_cents": 2000,
        "citation": "art. 2B.0113", "why": "two were found",
    }  # fmt: skip
    return Estimate.objects.create(
        case=FeeCase.objects.create(request=row), version=1, schedule=schedule, work={}, lines=[line],
        notes=["Review is not charged."], computed_cents=2000, billed_cents=2000, deposit_cents=500,
        sent_at=NOON, sent_by=a_user(Role.CLERK),
    )  # fmt: skip


def test_estimate_letter_has_each_line_the_total_the_choices_and_the_day_to_answer() -> None:
    row = a_request()
    estimate = an_estimate(row)
    clock.record(request=row, type="estimate_sent", actor=estimate.sent_by, at=NOON)

    html = services.send_letter(
        request=row, kind="estimate", subject="What it would cost",
        context={
            "estimate": estimate, "schedule": estimate.schedule,
            "charges": facts.charges(estimate.lines, estimate.billed_cents, "en"),
        },
        signer=estimate.sent_by, at=NOON, dedupe_key="e",
    ).html  # fmt: skip

    for words in (
        "Recording", "$20.00", "art. 2B.0113", "two were found", "Review is not charged.", "$5.00", "waive",
        "Ask for less", "Gov't Code 552.2615(b)", "November 17, 2026",
    ):  # fmt: skip
        assert words in html, words


@pytest.mark.parametrize("kind", ["acknowledgement", "notice"])
def test_letter_becomes_a_tagged_pdf(kind: str) -> None:
    row = a_request()
    context: Mapping[str, Any] = {
        "clock": clocks.main_clock(row), "item": row.items.get(), "paragraphs": ["We need more time."]
    }  # fmt: skip
    letter = services.send_letter(
        request=row, kind=kind, subject="A letter", context=context, signer=None, at=NOON, dedupe_key=kind
    )

    assert jobs.execute(Job.objects.get(kind="correspondence.letter").pk)

    letter.refresh_from_db()
    path = files.require_intact(files.Stored(letter.pdf_address, letter.pdf_sha256, 0))
    with pikepdf.open(path) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en"
        assert str(row.number) in str(pdf.docinfo.get("/Title", "")) or kind == "notice"
    assert str(letter) == f"{kind} on {row.number}"


def test_mail_is_handed_over_once_with_a_steady_message_id() -> None:
    row = a_request()
    say(row, Direction.TO_REQUESTER)
    job, mail = Job.objects.get(kind="correspondence.mail"), OutgoingMail.objects.get()

    assert jobs.execute(job.pk)
    assert not jobs.execute(job.pk)

    sent = outbox.outbox
    assert len(sent) == 1
    assert isinstance(sent[0], EmailMultiAlternatives)
    assert sent[0].extra_headers["Message-ID"].startswith(f"<mail-{mail.pk}.{mailing.token_of(mail.pk)}@")
    assert sent[0].alternatives[0][1] == "text/html"
    mail.refresh_from_db()
    assert mail.state == MailState.SENT
    assert mail.sent_at is not None
    assert "handed" in str(MailState.SENT.label)


def test_mail_that_was_sent_before_a_crash_is_not_sent_again() -> None:
    say(a_request(), Direction.TO_REQUESTER)
    OutgoingMail.objects.update(state=MailState.SENT, html="")

    assert jobs.execute(Job.objects.get(kind="correspondence.mail").pk)

    assert outbox.outbox == []


def test_mail_without_html_goes_as_text() -> None:
    say(a_request(), Direction.TO_REQUESTER)
    OutgoingMail.objects.update(html="")

    jobs.execute(Job.objects.get(kind="correspondence.mail").pk)

    assert isinstance(outbox.outbox[0], EmailMultiAlternatives)
    assert not outbox.outbox[0].alternatives


def test_mail_server_that_is_down_leaves_the_job_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    say(a_request(), Direction.TO_REQUESTER)
    job = Job.objects.get(kind="correspondence.mail")

    def refuse(_: EmailMultiAlternatives) -> int:
        raise ConnectionRefusedError("no mail server")

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    assert not jobs.execute(job.pk)

    job.refresh_from_db()
    assert job.state == JobState.PENDING
    assert "no mail server" in job.error
    assert OutgoingMail.objects.get().state == MailState.WAITING


MAILS = ["message", "letter", "staff_message", "staff_withdrawn", "receipt"]


@pytest.mark.parametrize("template", MAILS)
def test_every_mail_has_number_link_and_contact_in_text_and_html(template: str) -> None:
    row = a_request(answers={"plate": "CANARY7"})
    payment = Payment(reference="R-7", amount_cents=4600, paid_at=NOON)

    mail = services.queue_mail(
        to="ann@people.example", template=template, request=row, dedupe_key=template,
        context={**services.links(row), "subject": f"A letter on {row.number}", "payment": payment},
    )  # fmt: skip

    for part in (mail.text, mail.html):
        assert str(row.number) in part
        assert row.key in part
        assert "Rosa Quill" in part
        assert not [secret for secret in SECRETS if secret in part]
    assert "\n" not in mail.subject
    assert not re.search(r"<(img|link|script|style|table)|style=", mail.html)
    assert str(mail) == f"{mail.subject} (waiting)"


def test_mails_are_queued_once_for_a_key() -> None:
    row = a_request()
    for _ in range(2):
        services.queue_mail(
            to="a@b.example", template="message", context=services.links(row), dedupe_key="k", request=row
        )

    assert OutgoingMail.objects.count() == 1
    assert Job.objects.filter(kind="correspondence.mail").count() == 1


def test_no_mail_template_names_answers_bodies_or_titles() -> None:
    folder = Path(settings.BASE_DIR) / "templates" / "emails"

    named = {name for path in folder.iterdir() for name in re.findall(r"{{\s*([\w.]+)", path.read_text())}

    assert not {name for name in named if re.search(r"answers|body|title$|items|plate|requester", name)} - {
        "agency.contact_title"
    }
