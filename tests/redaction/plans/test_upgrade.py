"""A portal with reviews of an older version is brought to the newest one, and nothing of them is lost.

Django's own way back would render every model of the site for every step, a minute in all: the tables are
taken back by hand to what the older state names, rows and all, and brought forward by the real migrations.
"""

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ModelState, ProjectState
from psycopg import sql

from portal.core.models import Job, JobState
from redaction.plans import outdated
from redaction.plans import services as plans
from redaction.plans.models import Approval, Companion, Plan, Render, Review
from tests.builders import NOON
from tests.redaction.plans.plan_builders import an_approval
from tests.requests_app.custody.record_builders import an_analyst

pytestmark = pytest.mark.django_db(transaction=True)
OLD = {"plans": "0003_transcripts", "core": "0001_initial"}  # before second persons, searches, findings


@pytest.fixture
def upgraded() -> Iterator[None]:
    """Whatever becomes of the test, the tables are the newest ones after it."""
    yield
    forward()


def forward() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    with connection.cursor() as cursor:  # the tables that came anew, as the last migration does
        cursor.execute("SELECT guard_against_truncate()")


def take_back() -> None:
    """The tables of some apps as an older portal had them; what came later is dropped with what was in it."""
    loader = MigrationExecutor(connection).loader
    newest = loader.project_state()
    older = loader.project_state(list(OLD.items()))
    with connection.cursor() as cursor:
        for key, model in newest.models.items():
            if key[0] in OLD:
                for statement in _back(model, older):
                    cursor.execute(statement)
        for app, name in OLD.items():
            cursor.execute("DELETE FROM django_migrations WHERE app = %s AND name > %s", [app, name])


def _back(model: ModelState, older: ProjectState) -> Iterator[sql.Composed]:
    named = sql.Identifier(f"{model.app_label}_{model.name_lower}")
    was = older.models.get((model.app_label, model.name_lower))
    if was is None:
        yield sql.SQL("DROP TABLE {} CASCADE").format(named)
        return
    for name in {row.name for row in model.options.get("constraints", ())} - {
        row.name for row in was.options.get("constraints", ())
    }:
        yield sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}").format(named, sql.Identifier(name))
    for name in model.fields.keys() - was.fields.keys():
        yield sql.SQL("ALTER TABLE {} DROP COLUMN {} CASCADE").format(named, sql.Identifier(name))


def test_approvals_and_refusals_of_an_older_portal_are_there_after_its_upgrade(upgraded: None) -> None:
    approval = an_approval()
    Job.objects.create(
        kind="plans.render", dedupe_key="refused", queue="media", state=JobState.FAILED, run_after=NOON,
        error="Nothing was made. Mark t0: “Zebrafinch” is still legible.",
    )  # fmt: skip
    kept = (approval.approver_id, approval.render_sha256, approval.marks_digest, None)
    models = (Review, Plan, Render, Companion)
    before = {model: list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in models}

    take_back()
    forward()

    found = {model: list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in models}
    assert found == before
    row = Approval.objects.get()
    assert (row.approver_id, row.render_sha256, row.marks_digest, row.voided_at) == kept
    assert row.review.status == "approved"
    assert (row.engine, row.render.engine) == ("", "")
    assert outdated.is_to_be_made_again(row.render)
    stuck = Job.objects.exclude(error="").get()
    assert "Zebrafinch" in stuck.told
    assert "Zebrafinch" not in stuck.error
    # the rules of the newest version hold for the old rows
    plans.save_plan(
        review=row.review, marks={"version": 1, "marks": []}, author=an_analyst(), at=NOON, expected_version=1
    )
    assert Approval.objects.get().voided_at is not None
    with pytest.raises(DatabaseError):
        Plan.objects.update(marks={"version": 1, "marks": []})
