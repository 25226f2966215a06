"""Mails and calls made to break the reader of reports: each is left, and the others are still read."""

import json
import mailbox
from pathlib import Path
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from portal.core.errors import BadInput
from requests_app.correspondence import bounce_box, mailing, services
from requests_app.correspondence.models import MailState, OutgoingMail
from tests.builders import NOON, a_request

pytestmark = pytest.mark.django_db


def a_mail() -> OutgoingMail:
    row = a_request()
    assert row.requester is not None
    return services.queue_mail(
        to=row.requester.email, template="message", context=services.links(row), dedupe_key="k", request=row
    )


def dsn(mail: OutgoingMail) -> bytes:
    return f"""From: MAILER-DAEMON@mx.example
To: records@daylight.example
Message-ID: <report-1@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=B

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {mail.to}
Action: failed
Status: 5.1.1

--B
Content-Type: text/rfc822-headers

Message-ID: {mailing.message_id(mail.pk)}

--B--
""".encode()


def deep(parts: int = 1500) -> bytes:
    head = b"Content-Type: multipart/report; report-type=delivery-status; boundary=B0\n\n"
    inner = (b"--B%d\nContent-Type: multipart/mixed; boundary=B%d\n\n" % (n, n + 1) for n in range(parts))
    return head + b"".join(inner)


def test_mail_made_to_break_the_reader_does_not_keep_the_others_from_being_read(tmp_path: Path) -> None:
    mail = a_mail()
    mangled = dsn(mail).replace(b"To: records@", b"To: " + b"(" * 5000 + b"records@", 1)
    folder = mailbox.Maildir(tmp_path / "maildir")
    for raw in (deep(), mangled, dsn(mail)):
        folder.add(raw)

    tally = bounce_box.read_path(tmp_path / "maildir", at=NOON)

    assert (tally.heard, len(tally.left)) == (1, 2)
    assert all("cannot be read" in why for why in tally.left)
    mail.refresh_from_db()
    assert mail.state == MailState.BOUNCED
    again = bounce_box.read_path(tmp_path / "maildir", at=NOON)
    assert (again.heard, again.again, again.left) == (0, 0, [])
    assert len(list((tmp_path / "maildir" / "cur").iterdir())) == 3


def test_files_that_are_no_mail_and_mails_another_worker_took_are_passed_over(tmp_path: Path) -> None:
    folder = mailbox.Maildir(tmp_path / "maildir")
    folder.add(dsn(a_mail()))
    (tmp_path / "maildir" / "new" / ".hidden").write_text("x")
    (tmp_path / "maildir" / "new" / "folder").mkdir()

    with patch.object(Path, "open", side_effect=FileNotFoundError):
        taken = bounce_box.read_path(tmp_path / "maildir", at=NOON)
    read = bounce_box.read_path(tmp_path / "maildir", at=NOON)

    assert (taken.heard, read.heard, read.left) == (0, 1, [])


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-14:00", "1999-12-31", "x"])
def test_event_of_an_impossible_time_is_refused(at: str) -> None:
    mail = a_mail()
    event = {"id": "1", "message_id": mailing.message_id(mail.pk), "type": "delivered", "at": at}

    with pytest.raises(BadInput, match="“at” is a time"):
        bounce_box.receive(body=json.dumps({"events": [event]}).encode(), at=NOON)


def test_half_a_character_and_lists_without_end_do_not_break_the_door() -> None:
    mail = a_mail()
    event = {"id": "\ud800", "message_id": mailing.message_id(mail.pk), "type": "delivered", "code": "\udfff"}

    assert bounce_box.receive(body=json.dumps({"events": [event]}).encode(), at=NOON).heard == 1
    with pytest.raises(BadInput, match="Send JSON"):
        bounce_box.receive(body=b"[" * 100_000, at=NOON)


@pytest.mark.parametrize("length", ["many", "1000001", "9" * 20])
def test_call_of_no_or_too_large_a_length_is_refused(client: Client, settings: Settings, length: str) -> None:
    settings.MAIL_WEBHOOK_SECRET = "s"

    answer = client.post(
        reverse("correspondence:mail-events"), b"{}", content_type="application/json", CONTENT_LENGTH=length
    )

    assert answer.status_code == BadInput.status
    assert "a million bytes" in answer.json()["message"]
