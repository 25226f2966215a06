"""The administrators' and auditors' pages: who opens them, what they change, what they never do."""

from importlib import import_module
from smtplib import SMTPException
from typing import Any
from unittest.mock import patch

import pgtrigger
import pytest
from celery import current_app
from django.contrib import admin
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.audit import services as audit
from portal.audit.models import Entry
from portal.core import jobs
from portal.core.models import Job, JobState
from portal.core.time import now
from requests_app.correspondence import services as correspondence
from requests_app.correspondence.models import OutgoingMail
from requests_app.desk import oversight
from requests_app.desk.admin import Window
from requests_app.docket.models import RecordsRequest
from tests.builders import a_request, a_user, an_agency
from tests.requests_app.desk.desk_builders import BACKEND, a_stuck_job, signed_in

import_module("requests_app.correspondence.tasks")  # a worker has it from Celery: who sends mails
pytestmark = pytest.mark.django_db


def page(name: str, *args: int) -> str:
    return reverse(f"desk:{name}", args=args)


@pytest.fixture
def ida() -> User:
    an_agency()
    return a_user(Role.ADMIN, name="Ida Holm", title="Systems")


@pytest.fixture
def client(ida: User) -> Client:
    return signed_in(ida)


def body(response: Any) -> str:
    text: str = response.content.decode()
    return text


def test_audit_is_narrowed_by_request_action_and_outcome(client: Client) -> None:
    row, other, auditor = a_request(), a_request(), a_user(Role.AUDITOR)
    theirs = signed_in(auditor)
    theirs.get(f"/desk/requests/{row.key}/")
    theirs.get(f"/desk/requests/{other.key}/")
    theirs.post(f"/desk/requests/{row.key}/do/acknowledge/")

    found = theirs.get(page("audit"), {"number": str(row.number)}).context["rows"]
    refused = theirs.get(page("audit"), {"outcome": "denied"}).context["rows"]
    viewed = theirs.get(page("audit"), {"action": "request.view"}).context["rows"]

    assert [entry["entry"].action for entry in found] == ["desk.acknowledge", "request.viewed"]
    assert {entry["number"] for entry in found} == {row.number}
    assert [entry["entry"].action for entry in refused] == ["desk.acknowledge"]
    assert len(viewed) == 2


def test_audit_filter_that_fits_nothing_says_so(client: Client) -> None:
    assert "No entry fits" in body(client.get(page("audit"), {"number": "99-99999"}))


def test_audit_goes_back_page_by_page(client: Client) -> None:
    row = a_request()
    for _ in range(55):
        audit.record(action="request.viewed", actor=None, subject=row, request_key=row.key)

    first = client.get(page("audit"), {"action": "request.viewed"})
    second = client.get(page("audit") + first.context["older"])

    assert len(first.context["rows"]) == 50
    assert len(second.context["rows"]) == 5
    assert second.context["older"] == ""


@pytest.mark.parametrize("before", ["x", "²", "9" * 40])
def test_nonsense_in_the_audits_address_is_left_out(client: Client, before: str) -> None:
    assert client.get(page("audit"), {"before": before, "outcome": "maybe"}).status_code == 200


def test_chain_that_holds_is_said_to_hold_and_the_check_is_written_down(client: Client) -> None:
    html = body(client.post(page("audit-verify")))

    assert "The chain holds" in html
    assert Entry.objects.latest("seq").action == "audit.verified"
    assert Entry.objects.latest("seq").detail["holds"] is True


def test_chain_that_was_changed_is_said_to_be_broken(client: Client) -> None:
    entry = Entry.objects.order_by("seq").first()
    assert entry is not None
    with pgtrigger.ignore("audit.Entry:append_only"):
        Entry.objects.filter(pk=entry.pk).update(action="something.else")

    html = body(client.post(page("audit-verify")))

    assert "The chain is broken" in html
    assert f"entry {entry.seq} was changed" in html


def a_refused_mail() -> OutgoingMail:
    """A mail that its server refused at every attempt, as a worker leaves it."""
    row = a_request()
    mail = correspondence.queue_mail(
        to="ana@people.example", template="message", context=correspondence.links(row), dedupe_key="refused"
    )
    job = Job.objects.get(kind=correspondence.MAIL, payload={"mail": mail.pk})
    with patch.object(EmailMultiAlternatives, "send", side_effect=SMTPException("Mailbox full")):
        for _ in range(jobs.MAX_ATTEMPTS):
            Job.objects.filter(pk=job.pk).update(run_after=now())
            jobs.execute(job.pk)
    return mail


def test_health_shows_stuck_jobs_and_failed_mails(client: Client) -> None:
    a_stuck_job()
    mail = a_refused_mail()

    html = body(client.get(page("health")))

    assert "The film ends in the middle of a frame." in html
    assert "2 jobs need a person" in html
    assert "1 mail failed" in html
    assert f"{mail.to}: {mail.subject}" in html
    assert "Mailbox full" in html
    assert "The broker answers" in html
    assert "free (" in html


def test_no_word_of_a_record_in_a_jobs_refusal_reaches_an_administrator(client: Client) -> None:
    a_stuck_job()
    Job.objects.update(said="mark m1: “Zebrafinch” is still legible on page 2")
    window = reverse("admin:core_job_change", args=[Job.objects.get().pk])

    pages = [client.get(address) for address in (page("health"), window)]

    assert [shown.status_code for shown in pages] == [200, 200]
    assert not any("Zebrafinch" in body(shown) for shown in pages)


def test_stuck_job_is_tried_again_once(client: Client) -> None:
    job = a_stuck_job(JobState.FAILED)

    first = client.post(page("job-retry", job.pk))
    second = client.post(page("job-retry", job.pk))

    job.refresh_from_db()
    assert (first.status_code, second.status_code) == (302, 409)
    assert (job.state, job.attempts, job.error) == (JobState.PENDING, 0, "")
    assert Entry.objects.filter(action="job.retried").count() == 1


def test_broker_that_is_away_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:1/0")

    assert oversight.broker_answers() is False


def test_disk_is_low_below_a_tenth() -> None:
    assert oversight.Disk(total=100, free=9).is_low
    assert not oversight.Disk(total=100, free=10).is_low
    assert oversight.Disk(total=100, free=10).percent_free == 10


def test_admin_shows_requests_and_changes_none(ida: User) -> None:
    row = a_request()
    client = Client()
    client.force_login(ida, backend=BACKEND)
    address = reverse("admin:docket_recordsrequest_change", args=[row.pk])

    shown = client.get(address)
    changed = client.post(address, {"status": "closed"})
    deleted = client.post(reverse("admin:docket_recordsrequest_delete", args=[row.pk]), {"post": "yes"})

    assert (shown.status_code, changed.status_code, deleted.status_code) == (200, 403, 403)
    assert RecordsRequest.objects.get().status == "submitted"
    assert Entry.objects.get(action="admin.viewed").subject_id == str(row.pk)


def test_every_model_of_ours_in_the_admin_is_only_a_window() -> None:
    ours = [
        site
        for model, site in admin.site._registry.items()
        if model.__module__.startswith(("portal.", "requests_app.", "redaction."))
    ]

    assert len(ours) >= 20
    assert all(isinstance(site, Window) for site in ours)


def test_admin_is_closed_to_those_who_do_not_administer() -> None:
    client = signed_in(a_user(Role.CLERK))

    assert client.get(reverse("admin:docket_recordsrequest_changelist")).status_code != 200


def test_admin_lists_open(client: Client) -> None:
    a_request()
    ours = [model._meta for model, site in admin.site._registry.items() if isinstance(site, Window)]
    names = [f"{model.app_label}_{model.model_name}" for model in ours]

    codes = {name: client.get(reverse(f"admin:{name}_changelist")).status_code for name in names}

    assert set(codes.values()) == {200}, codes
