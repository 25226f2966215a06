"""Pages: words of letters, writing one, what became of each mail; who may open and do what."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.core import jobs
from portal.core.models import Job
from requests_app.correspondence import mailing, services, tasks  # noqa: F401  tasks registers handlers
from requests_app.correspondence.models import Letter, LetterTemplate, MailTask, OutgoingMail
from requests_app.docket.models import RecordsRequest
from requests_app.intake import services as intake
from tests.builders import NOON, a_request, a_user, an_agency

pytestmark = pytest.mark.django_db
WORDS = {"subject": "{{ subject }}", "body": "Hello.\n\n{{ paragraphs }}", "note": "shorter"}
DENIAL = {"f-grounds": "552.108, an open case", "f-volume": "One recording"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor() -> Client:
    an_agency()
    return signed_in(a_user(Role.ADMIN))


@pytest.fixture
def clerk() -> Client:
    an_agency()
    return signed_in(a_user(Role.CLERK, title="Clerk"))


def edit_url(kind: str = "notice", law: str = "ANY", language: str = "en") -> str:
    return reverse("correspondence:template-edit", args=[kind, law, language])


def text(response: Any) -> str:
    return str(response.content.decode())


def test_list_shows_each_letter_by_law_in_few_queries(
    editor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    editor.get(reverse("correspondence:templates"))
    for language in ("en", "es"):
        editor.post(edit_url(language=language), WORDS)
        editor.post(edit_url(language=language), {**WORDS, "body": "Shorter.\n\n{{ paragraphs }}"})

    with django_assert_max_num_queries(14):
        page = text(editor.get(reverse("correspondence:templates"), {"law": "NY"}))

    assert "Appeal decided" in page
    assert "Español" in page
    assert "Delay of a misconduct video" not in page
    assert "Delay of a misconduct video" in text(
        editor.get(reverse("correspondence:templates"), {"law": "CO"})
    )
    assert "Request for a ruling" in text(editor.get(reverse("correspondence:templates"), {"law": "no"}))


def test_words_are_previewed_saved_compared_and_published(editor: Client) -> None:
    shown = editor.post(edit_url(), {**WORDS, "preview": "1"})
    assert "We need more time." in text(shown)
    assert not LetterTemplate.objects.exists()

    saved = editor.post(edit_url(), WORDS)
    row = LetterTemplate.objects.get()
    page = text(editor.get(saved.headers["Location"]))
    assert "<ins>Hello.</ins>" in page
    assert "shorter" in page
    published = editor.post(reverse("correspondence:template-publish", args=[row.pk]), follow=True)

    assert "Published" in text(published)
    editor.post(edit_url(), {**WORDS, "body": "Good day.\n\n{{ paragraphs }}"})
    second = text(editor.get(reverse("correspondence:template-version", args=[row.pk + 1])))
    assert "<del>Hello.</del>" in second
    assert "Version 1" in text(editor.get(edit_url()))


def test_faults_stand_on_the_page_with_their_lines_and_keep_the_words(editor: Client) -> None:
    answer = editor.post(edit_url(), {"subject": "{{ asked }}", "body": "x\n{{ who }}"})

    assert answer.status_code == 422
    assert "Line 2: there is no field “who”" in text(answer)
    assert "may not stand there" in text(answer)
    assert editor.post(edit_url(), {**WORDS, "note": "a\u202eb"}).status_code == 422


def test_draft_that_lacks_what_the_law_asks_says_so_and_is_not_published(editor: Client) -> None:
    editor.post(edit_url("denial", "TX"), {"subject": "No", "body": "{{ grounds }}"})
    row = LetterTemplate.objects.get()

    page = text(editor.get(reverse("correspondence:template-version", args=[row.pk])))
    answer = editor.post(reverse("correspondence:template-publish", args=[row.pk]))

    assert "Cannot be published yet" in page
    assert "[[says tx-ag-copy]]" in page
    assert answer.status_code == 422


@pytest.mark.parametrize("slot", [("poem", "ANY", "en"), ("notice", "ZZ", "en"), ("notice", "ANY", "fr")])
def test_letters_that_do_not_exist_are_not_found(editor: Client, slot: tuple[str, str, str]) -> None:
    assert editor.get(edit_url(*slot)).status_code == 404


def test_pages_of_words_are_for_those_who_edit_letters(clerk: Client) -> None:
    for url in (reverse("correspondence:templates"), edit_url()):
        assert clerk.get(url).status_code == 403


def write_url(row: RecordsRequest, kind: str = "denial") -> str:
    return reverse("desk:letter-write", args=[row.key, kind])


def test_clerk_writes_sees_prints_and_sends_a_letter_once(clerk: Client) -> None:
    row = a_request()
    chosen = text(clerk.get(reverse("desk:letters", args=[row.key])))
    assert write_url(row) in chosen
    assert "Your role does not include this." in chosen  # a waiver is decided by others

    fresh = text(clerk.get(write_url(row)))
    shown = text(clerk.post(write_url(row), {**DENIAL, "preview": "1"}))
    printed = clerk.post(write_url(row), {**DENIAL, "print": "1"})
    answers = [clerk.post(write_url(row), {**DENIAL, "send": "1", "token": "t"}) for _ in range(2)]

    assert "not said yet" in fresh
    assert "not said yet" not in shown
    assert printed.content.startswith(b"%PDF")
    assert {answer.status_code for answer in answers} == {302}
    letter = Letter.objects.get()
    assert "552.108, an open case" in letter.body
    for job in Job.objects.filter(kind="correspondence.letter"):
        jobs.execute(job.pk)
    page = text(clerk.get(answers[0].headers["Location"]))
    assert "552.108, an open case" in page
    assert "Download the PDF" in page
    pdf = clerk.get(reverse("desk:letter-pdf", args=[row.key, letter.pk]))
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")  # type: ignore[attr-defined]  # a file's answer


def test_letter_that_lacks_something_is_not_sent_and_keeps_what_was_typed(clerk: Client) -> None:
    row = a_request()

    answer = clerk.post(write_url(row), {"f-grounds": "552.108", "send": "1"})

    assert answer.status_code == 422
    assert "How much is withheld" in text(answer)
    assert ">552.108</textarea>" in text(answer)
    assert not Letter.objects.exists()


def test_faults_of_what_was_typed_are_told_at_once(clerk: Client) -> None:
    row = a_request()

    answer = clerk.post(
        write_url(row, "installment"), {"f-next_day": "soon", "f-included": "a\u202eb", "send": "1"}
    )
    unnamed = clerk.post(write_url(row, "notice"), {"f-paragraphs": "Hi", "send": "1"})

    assert answer.status_code == unnamed.status_code == 422
    assert "is no date" in text(answer)
    assert "unseen character" in text(answer)
    assert "Give the letter a subject" in text(unnamed)


@pytest.mark.parametrize(("kind", "status"), [("poem", 422), ("invoice", 422), ("fee_waiver_decision", 403)])
def test_letters_staff_may_not_write_are_refused(clerk: Client, kind: str, status: int) -> None:
    assert clerk.get(write_url(a_request(), kind)).status_code == status


def test_markup_that_staff_type_is_shown_as_text(clerk: Client) -> None:
    row = a_request()

    page = text(clerk.post(write_url(row, "notice"), {
        "subject": "<img src=x>", "preview": "1",
        "f-paragraphs": "<script>alert(1)</script> {{ number }} {{7*7}}",
    }))  # fmt: skip

    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    assert "{{ number }} {{7*7}}" in page


def a_failed_mail(row: RecordsRequest, kind: str = "bounced") -> MailTask:
    assert row.requester is not None
    mail = services.queue_mail(
        to=row.requester.email,
        template="message",
        context=services.links(row),
        dedupe_key=row.key,
        request=row,
    )
    mailing.hear(mail=mail, state=kind, source="smtp", at=NOON, key="k", code="550", detail="no such mailbox")
    return MailTask.objects.get(mail=mail)


def test_failed_mail_shows_on_the_request_in_the_queue_and_the_monitor_until_it_is_settled(
    clerk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    row = a_request()
    task = a_failed_mail(row)
    request_page, queue = reverse("desk:request", args=[row.key]), reverse("desk:queue") + "?tab=open"
    monitor = reverse("correspondence:delivery")
    for url in (request_page, queue):
        assert "A mail did not arrive" in text(clerk.get(url))
    with django_assert_max_num_queries(16):
        assert "550 no such mailbox" in text(clerk.get(monitor, {"state": "trouble", "q": str(row.number)}))

    settle = reverse("correspondence:mail-settle", args=[task.pk])
    assert clerk.post(settle, {"resolution": "phoned"}).status_code == 422
    answer = clerk.post(settle, {"resolution": "phoned", "note": "Reached her."})

    assert answer.headers["Location"] == request_page
    assert "A mail did not arrive" not in text(clerk.get(queue))
    assert "Settle it" not in text(clerk.get(monitor, {"state": "bounced", "q": "people"}))


def test_mail_that_was_not_taken_is_tried_again_from_the_monitor(clerk: Client) -> None:
    task = a_failed_mail(a_request(), "failed")
    Job.objects.filter(kind=services.MAIL).update(state="quarantined")

    answer = clerk.post(reverse("correspondence:mail-retry", args=[task.mail.pk]), follow=True)

    assert "handed over once more" in text(answer)
    assert Job.objects.get(kind=services.MAIL).state == "pending"


def test_mail_without_a_request_is_settled_from_the_monitor(clerk: Client) -> None:
    mail = services.queue_mail(
        to="a@b.example", template="message", context=services.links(a_request()), dedupe_key="k"
    )
    mailing.hear(mail=mail, state="complained", source="webhook", at=NOON, key="k")
    task = MailTask.objects.get()

    answer = clerk.post(
        reverse("correspondence:mail-settle", args=[task.pk]),
        {"resolution": "other", "note": "Wrong person."},
    )

    assert answer.headers["Location"] == reverse("correspondence:delivery")


def test_letter_is_mailed_again_from_its_page(clerk: Client) -> None:
    row = a_request()
    letter = services.send_letter(
        request=row, kind="notice", subject="Hi", context={"paragraphs": "Words."}, signer=None, at=NOON,
        dedupe_key="k",
    )  # fmt: skip
    OutgoingMail.objects.update(state="bounced")

    clerk.post(reverse("desk:letter-again", args=[row.key, letter.pk]))

    assert OutgoingMail.objects.filter(letter=letter).count() == 2
    assert clerk.get(reverse("desk:letter-pdf", args=[row.key, letter.pk])).status_code == 404
    assert clerk.get(reverse("desk:letter", args=[row.key, letter.pk + 9])).status_code == 404


def test_auditor_reads_but_sends_and_settles_nothing() -> None:
    row = a_request()
    task, auditor = a_failed_mail(row), signed_in(a_user(Role.AUDITOR))
    posts: list[tuple[str, Callable[[], Any]]] = [
        ("settle", lambda: auditor.post(reverse("correspondence:mail-settle", args=[task.pk]))),
        ("retry", lambda: auditor.post(reverse("correspondence:mail-retry", args=[task.mail.pk]))),
        ("write", lambda: auditor.post(write_url(row), {"send": "1"})),
    ]

    assert auditor.get(reverse("correspondence:delivery")).status_code == 200
    assert {name: do().status_code for name, do in posts} == {name: 403 for name, _ in posts}


def test_requester_reads_her_letter_as_a_page_and_none_that_is_not_hers() -> None:
    an_agency()
    intake.load_forms()
    her = a_user(language="es")
    row, client = a_request(requester=her), signed_in(her)
    letter = services.send_letter(
        request=row, kind="notice", subject="Hola", context={"paragraphs": "Palabras."}, signer=None,
        at=NOON, dedupe_key="k",
    )  # fmt: skip
    third = {"third_party": "Jo", "concerned": "It", "release_day": NOON.date(), "how_to_object": "Write"}
    other = services.send_letter(
        request=row, kind="third_party_notice", subject="", signer=a_user(Role.CLERK), at=NOON,
        dedupe_key="l", context=third,
    )  # fmt: skip

    def page(pk: int) -> Any:
        return client.get(reverse("tracking:letter-page", args=[row.key, pk]))

    assert "<p>Palabras.</p>" in text(page(letter.pk))
    assert 'lang="es"' in text(page(letter.pk))
    assert page(other.pk).status_code == page(letter.pk + 99).status_code == 404
    assert "documentos que pueden referirse" not in text(
        client.get(reverse("tracking:request", args=[row.key]))
    )
    assert client.get(reverse("tracking:letter", args=[row.key, other.pk])).status_code == 404
