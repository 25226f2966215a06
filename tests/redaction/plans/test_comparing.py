"""A result is compared before the lock and with what was changed since under it."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.core import jobs
from redaction.plans import renders
from redaction.plans import services as plans
from redaction.plans.comparison_models import Comparison
from redaction.plans.finding_models import Finding
from redaction.plans.models import Render
from requests_app.custody.models import ResponsiveRecord
from tests.builders import NOON
from tests.redaction.plans.plan_builders import a_destroyed, a_plan, a_render, a_review
from tests.redaction.plans.races import together
from tests.redaction.plans.sameness_builders import a_case, a_document, made, words

pytestmark = pytest.mark.django_db


def begun(record: ResponsiveRecord, marks: dict[str, Any]) -> tuple[jobs.Run, jobs.Publish]:
    """A result that a worker has made and compared, and not published yet."""
    plan = a_plan(review=a_review(record), marks=marks)
    run = jobs.claim(plans.request_render(review=plan.review, actor=plan.author, at=NOON).pk)
    assert run is not None
    return run, renders.make(run)


def test_a_copy_published_between_search_and_lock_is_found() -> None:
    request = a_case()
    run, publish = begun(a_document("Delgado called", "Elm", request=request), words("Delgado"))
    there = made(a_document("Seen by Delgado", "Gate", request=request), words("Gate"))

    jobs._publish(run, publish)

    found = Finding.objects.get(review=run.payload["review"])
    assert (found.other, found.words, found.open_here) == (there.review.record, "Delgado", False)


def test_marks_saved_between_search_and_lock_are_found() -> None:
    request = a_case()
    other = a_review(a_document("Delgado", request=request))
    run, publish = begun(a_document("Delgado called", "Elm", request=request), words("Elm"))
    a_plan(review=other, marks=words("Delgado"))

    jobs._publish(run, publish)

    assert Finding.objects.get().open_here


def test_what_was_made_again_between_search_and_lock_counts_as_it_is_now() -> None:
    request = a_case()
    there = made(a_document("Seen by Delgado", "Gate", request=request), words("Gate"))
    run, publish = begun(a_document("Delgado called", "Elm", request=request), words("Delgado"))
    a_render(plan=a_plan(review=there.review, marks=words("Delgado")))

    jobs._publish(run, publish)

    assert not Finding.objects.exists()


def test_nothing_is_searched_while_the_portal_waits() -> None:
    request = a_case()
    made(a_document("Seen by Delgado", "Gate", request=request), words("Gate"))
    run, publish = begun(a_document("Delgado called", "Elm", request=request), words("Delgado"))

    with CaptureQueriesContext(connection) as asked:
        jobs._publish(run, publish)

    said = [query["sql"] for query in asked]
    assert Finding.objects.count() == 1
    assert [sql for sql in said if "plans_copywords" in sql and not sql.startswith("INSERT")] == []
    assert [sql for sql in said if "plans_likeness" in sql and not sql.startswith("INSERT")] == []


def test_a_record_destroyed_between_search_and_lock_is_no_finding() -> None:
    request = a_case()
    there = made(a_document("Seen by Delgado", "Gate", request=request), words("Gate"))
    run, publish = begun(a_document("Delgado called", "Elm", request=request), words("Delgado"))
    a_destroyed(there.review.record)

    jobs._publish(run, publish)

    assert not Finding.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_results_published_at_once_the_later_finds_the_earlier() -> None:
    request = a_case()
    one = begun(a_document("Delgado called", "Elm", request=request), words("Elm"))
    other = begun(a_document("Seen by Delgado", "Gate", request=request), words("Delgado", "Gate"))

    together([lambda: jobs._publish(*one), lambda: jobs._publish(*other)])

    assert Render.objects.count() == 2
    later = Comparison.objects.latest("pk").render  # a comparison gets its number under the chain's lock
    assert later.findings.get().words == "Delgado"
