"""Nothing of a file that changed on disk is shown to anybody: whoever looks is told in words."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.test import Client

from portal.core import files, jobs
from portal.core.models import Job, JobState
from portal.core.time import now
from redaction.plans import suggestions
from redaction.plans.services import open_review
from redaction.release import destroying
from requests_app.custody.models import ResponsiveRecord
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, an_approver
from tests.redaction.workbench.addresses import url
from tests.redaction.workbench.film_records import a_film_record, posted
from tests.requests_app.custody.record_builders import a_pdf, a_record, an_analyst

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_data")]
import_module("redaction.plans.tasks")  # a worker has it from Celery

SAYS = "A stored file has changed on disk. It was not used; the records unit has been told."
READS = b"Plate,State\n" + b"".join(b"CAN%04d,MN\n" % number for number in range(60))
COUNTED = [{"id": "c1", "kind": "column", "name": "Plate", "action": "mask", "reason": "PLATE"}]
RECT = [0.1, 0.1, 0.3, 0.3]

Ask = tuple[str, dict[str, Any], dict[str, Any] | None]
"""A page, what else its address names, and what is posted; None for what is only looked at."""
FILM: list[Ask] = [
    ("film-proxy", {}, {}),
    ("film-frames", {}, None),
    ("film-frame", {"ms": 500, "suffix": "jpg"}, None),
    ("film-follow", {}, {"t": 0, "rect": RECT}),
    ("film-sample", {}, {"start": 0, "seconds": 1}),
    ("film-wave", {}, None),
]
TABLE: list[Ask] = [
    ("table-rows", {}, None),
    ("table-rows", {}, {"marks": {"version": 1, "marks": []}, "start": 0, "only": ""}),
    ("table-counts", {}, {"marks": {"version": 1, "marks": COUNTED}}),
    ("table-finds", {}, {}),
]
PAGES: list[Ask] = [
    ("pages-sizes", {}, None),
    ("pages-picture", {"number": 1}, None),
    ("pages-pictures", {}, None),
    ("pages-words", {}, None),
]


def a_film() -> ResponsiveRecord:
    return a_film_record(seconds=1)


def a_table() -> ResponsiveRecord:
    return a_record(content=READS)


def a_document() -> ResponsiveRecord:
    return a_record(content=a_pdf("Words"), name="report.pdf")


def spoil(record: ResponsiveRecord) -> None:
    """The file can still be read, and is another."""
    path = files.path_of(record.address)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b"CAN", b"BAD") + b"\n")


def asked(client: Client, record: ResponsiveRecord, ask: Ask) -> Any:
    page, named, body = ask
    if body is not None:
        return posted(client, record, page, **body)
    return client.get(url(page, record, **named), {"numbers": "1", "width": "550"})


@pytest.mark.parametrize(("made", "asks"), [(a_film, FILM), (a_table, TABLE), (a_document, PAGES)])
def test_no_answer_shows_a_file_that_changed(
    client: Client, made: Callable[[], ResponsiveRecord], asks: list[Ask]
) -> None:
    client.force_login(an_analyst())
    record = made()
    spoil(record)

    answers = [(ask[0], asked(client, record, ask)) for ask in asks]

    assert {(page, answer.status_code) for page, answer in answers} == {(ask[0], 500) for ask in asks}
    assert {answer.json()["message"] for _, answer in answers} == {SAYS}
    assert {answer["Cache-Control"] for _, answer in answers} == {"no-store, private"}


@pytest.mark.parametrize("made", [a_film, a_table, a_document])
def test_the_work_page_says_that_the_file_changed(
    client: Client, made: Callable[[], ResponsiveRecord]
) -> None:
    client.force_login(an_analyst())
    record = made()
    spoil(record)

    page = client.get(url("work", record))

    assert SAYS in page.content.decode()
    assert page.context["desk"].facts.sample == ()


def test_the_second_person_is_shown_no_row_of_a_file_that_changed(client: Client) -> None:
    render = a_render(plan=a_plan(review=a_review(a_record())))
    client.force_login(an_approver())
    record = render.review.record
    spoil(record)

    answer = client.post(url("review-rows", record), {"start": 0}, content_type="application/json")

    assert (answer.status_code, answer.json()["message"]) == (500, SAYS)


def test_a_copy_that_changed_shows_no_first_rows(client: Client) -> None:
    render = a_render(plan=a_plan(review=a_review(a_record())))
    client.force_login(an_approver())
    whole = client.get(url("review", render.review.record))
    path = files.path_of(render.address)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"BAD0001\n")

    page = client.get(url("review", render.review.record))

    assert whole.context["result_facts"] is not None
    assert page.context["result_facts"] is None


def test_a_search_in_a_file_that_changed_stops_at_once_and_says_so() -> None:
    record = a_document()
    suggestions.ask(review=open_review(record=record), kinds=["pii"], actor=an_analyst(), at=now())
    spoil(record)
    job = Job.objects.get(kind="plans.detect")

    assert not jobs.execute(job.pk)

    job.refresh_from_db()
    assert (job.state, job.attempts, job.told) == (JobState.FAILED, 1, SAYS)


def test_a_preview_of_a_file_that_changed_is_not_tried_again(client: Client) -> None:
    client.force_login(an_analyst())
    record = a_film()
    posted(client, record, "film-proxy")
    spoil(record)
    job = Job.objects.filter(kind=destroying.PREVIEW_JOB).earliest("pk")

    assert not jobs.execute(job.pk)

    job.refresh_from_db()
    assert (job.state, job.attempts, job.told) == (JobState.FAILED, 1, SAYS)
