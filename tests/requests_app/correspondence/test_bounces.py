"""Reports about mails: RFC 3464, RFC 5965, automatic answers, forgeries; and what they leave behind."""

import hashlib
import hmac
import json
import mailbox
from io import BytesIO, StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from portal.audit.models import Entry
from requests_app.correspondence import bounce_box, bounces, mailing, services, tasks
from requests_app.correspondence.models import DeliveryEvent, MailState, MailTask, OutgoingMail, Source
from tests.builders import NOON, a_request

pytestmark = pytest.mark.django_db


def a_mail(key: str = "k") -> OutgoingMail:
    row = a_request()
    assert row.requester is not None
    return services.queue_mail(
        to=row.requester.email, template="message", context=services.links(row), dedupe_key=key, request=row
    )


def dsn(mail: OutgoingMail, action: str = "failed", *, ours: str = "", id: str = "1") -> bytes:
    return f"""From: MAILER-DAEMON@mx.example
To: records@daylight.example
Message-ID: <report-{id}@mx.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=B

--B
Content-Type: text/plain

It did not work.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {mail.to}
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such
 mailbox here

--B
Content-Type: text/rfc822-headers

Subject: hello
Message-ID: {ours or mailing.message_id(mail.pk)}

--B--
""".replace("\n", "\r\n").encode()


def arf(mail: OutgoingMail, kind: str = "abuse") -> bytes:
    return f"""From: fbl@provider.example
Message-ID: <fbl-1@provider.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=B

--B
Content-Type: text/plain

A complaint.
--B
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Provider/1

--B
Content-Type: message/rfc822

From: records@daylight.example
Message-ID: {mailing.message_id(mail.pk)}
Subject: hello

words
--B--
""".encode()


def read(*raw: bytes) -> bounce_box.Tally:
    return bounce_box.read_messages([(str(n), one) for n, one in enumerate(raw)], at=NOON)


@pytest.mark.parametrize(
    ("action", "state"),
    [("failed", "bounced"), ("delayed", "delayed"), ("delivered", "delivered"), ("relayed", "accepted")],
)
def test_report_moves_the_state_once(action: str, state: str) -> None:
    mail = a_mail()

    first, second = read(dsn(mail, action)), read(dsn(mail, action))

    mail.refresh_from_db()
    assert (mail.state, first.heard, second.again) == (state, 1, 1)
    event = DeliveryEvent.objects.get()
    assert (event.code, event.detail) == ("5.1.1", "550 5.1.1 no such mailbox here")
    assert MailTask.objects.exists() == (state == "bounced")


def test_complaint_leaves_a_task_and_not_spam_none() -> None:
    mail = a_mail()

    wanted, unwanted = read(arf(mail, "not-spam")), read(arf(mail))

    mail.refresh_from_db()
    assert mail.state == MailState.COMPLAINED
    assert "wanted" in wanted.left[0]
    assert unwanted.heard == 1
    assert MailTask.objects.get().request == mail.request
    assert Entry.objects.filter(action="mail.complained").count() == 1


def test_report_is_matched_by_the_address_it_came_back_to(settings: Settings) -> None:
    settings.MAIL_BOUNCE_ADDRESS = "bounces@daylight.example"
    mail = a_mail()
    raw = dsn(mail, ours="<lost@elsewhere.example>").replace(
        b"To: records@daylight.example", f"To: {mailing.return_path(mail.pk)}".encode()
    )

    assert read(raw).heard == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((b"Action: failed", b"Action: unknown"), "says nothing"),
        ((b"multipart/report; report-type=delivery-status", b"multipart/mixed"), "automatic answer"),
        ((b"report-type=delivery-status", b"report-type=other"), "automatic answer"),
    ],
)
def test_what_is_no_report_is_left_and_named(change: tuple[bytes, bytes], words: str) -> None:
    tally = read(dsn(a_mail()).replace(*change))

    assert (tally.heard, DeliveryEvent.objects.count()) == (0, 0)
    assert words in tally.left[0]


def test_forged_gone_and_foreign_reports_change_nothing() -> None:
    mail = a_mail()
    forged = mailing.message_id(mail.pk).replace(mailing.token_of(mail.pk), "0" * 20)
    gone = f"<mail-999999.{mailing.token_of(999999)}@daylight.example>"

    tally = read(
        dsn(mail, ours=forged), dsn(mail, ours=gone), dsn(mail, ours="<x@y.example>"), b"hello",
        b"x" * (bounces.LONGEST + 1), arf(mail).replace(b"Feedback-Type: abuse", b"Other: x"),
    )  # fmt: skip

    assert tally.heard == 0
    for words, why in zip(
        ("without its token", "no longer have", "does not name", "not a delivery report", "no report is that",
         "has no type"),
        tally.left, strict=True,
    ):  # fmt: skip
        assert words in why


def test_status_sent_as_text_is_read_too() -> None:
    mail = a_mail()
    raw = dsn(mail).replace(
        b"Content-Type: message/delivery-status",
        b"Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: 7bit",
    )

    assert read(raw).heard == 1


def test_command_reads_files_boxes_folders_and_standard_input(tmp_path: Path, settings: Settings) -> None:
    mails = [a_mail(str(n)) for n in range(4)]
    single, box = tmp_path / "one.eml", tmp_path / "box"
    single.write_bytes(dsn(mails[0]))
    filed = mailbox.mbox(box)
    filed.add(dsn(mails[1]))
    filed.close()
    folder = mailbox.Maildir(tmp_path / "maildir")
    folder.add(dsn(mails[2]))
    folder.add(b"Subject: hello\n\nwords")
    settings.MAIL_BOUNCE_FOLDER = str(tmp_path / "maildir")

    said = [run(str(single)), run(str(box)), run(), run()]
    with patch("sys.stdin", SimpleNamespace(buffer=BytesIO(dsn(mails[3])))):
        said.append(run("-"))

    assert said == [
        "1 heard, 0 heard before, 0 left", "1 heard, 0 heard before, 0 left",
        "1 heard, 0 heard before, 1 left", "0 heard, 0 heard before, 0 left",
        "1 heard, 0 heard before, 0 left",
    ]  # fmt: skip
    assert OutgoingMail.objects.filter(state="bounced").count() == 4
    assert tasks.read_bounces() == 0
    settings.MAIL_BOUNCE_FOLDER = ""
    assert tasks.read_bounces() == 0
    for source in ("", str(tmp_path / "none")):
        with pytest.raises(CommandError):
            run(source)


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("read_bounces", *arguments, stdout=said, stderr=StringIO())
    return said.getvalue().strip()


def call(
    client: Client,
    content: Any,
    key: str = "s3cret",
    at: int | None = None,
    more: dict[str, str] | None = None,
) -> Any:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    stamp = str(at if at is not None else int(timezone.now().timestamp()))
    signed = hmac.new(key.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    given = {"X-Daylight-Timestamp": stamp, "X-Daylight-Signature": f"v1={signed}", **(more or {})}
    return client.post(
        reverse("correspondence:mail-events"), body, content_type="application/json", headers=given
    )


def an_event(mail: OutgoingMail, **more: Any) -> dict[str, Any]:
    return {"id": "e1", "message_id": mailing.message_id(mail.pk), "type": "bounced", **more}


def test_webhook_enters_an_event_once_however_often_it_comes(client: Client, settings: Settings) -> None:
    settings.MAIL_WEBHOOK_SECRET = "s3cret"
    mail = a_mail()
    event = an_event(mail, code="5.1.1", detail="none", at="2026-11-20T12:00:00")

    answers = [call(client, {"events": [event]}).json() for _ in range(2)]
    unknown = call(client, {"events": [an_event(mail, id="e2", message_id="<x@y>")]}).json()

    assert answers == [{"heard": 1, "again": 0, "left": []}, {"heard": 0, "again": 1, "left": []}]
    assert unknown["left"] == ["event 1: no mail of ours has this message_id"]
    assert DeliveryEvent.objects.get().source == Source.WEBHOOK


def test_webhook_refuses_strangers_replays_and_the_unsigned(client: Client, settings: Settings) -> None:
    mail = a_mail()
    content = {"events": [an_event(mail)]}

    assert call(client, content).status_code == 404
    settings.MAIL_WEBHOOK_SECRET = "s3cret"
    old = int(timezone.now().timestamp()) - 301
    for answer in (
        call(client, content, "other"), call(client, content, at=old),
        call(client, content, more={"X-Daylight-Timestamp": "now"}),
        call(client, content, more={"X-Daylight-Signature": "ü"}),
    ):  # fmt: skip
        assert (answer.status_code, answer.json()["error"]) == (403, "bad_signature")
    assert client.get(reverse("correspondence:mail-events")).status_code == 405
    assert not DeliveryEvent.objects.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "Send JSON"),
        ([], "Send JSON"),
        ({"events": {}}, "at most 500"),
        ({"events": ["x"]}, "Event 1: “id”"),
        ({"events": [{"id": "1", "type": "opened", "message_id": "x"}]}, "“type” is one of"),
        ({"events": [{"id": "1", "type": "bounced", "message_id": ""}]}, "“message_id”"),
    ],
)
def test_webhook_names_what_it_cannot_read(
    client: Client, settings: Settings, content: Any, words: str
) -> None:
    settings.MAIL_WEBHOOK_SECRET = "s3cret"

    answer = call(client, content)

    assert answer.status_code == 422
    assert words in answer.json()["message"]


def test_webhook_enters_all_of_a_call_or_nothing(client: Client, settings: Settings) -> None:
    settings.MAIL_WEBHOOK_SECRET = "s3cret"
    mail = a_mail()

    answer = call(client, {"events": [an_event(mail), an_event(mail, id="e2", at="soon")]})

    assert answer.status_code == 422
    assert not DeliveryEvent.objects.exists()
    assert call(client, b"x" * 1_000_001).status_code == 422
