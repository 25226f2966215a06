"""Reviews at each step of their way, made by the services people use."""

from importlib import import_module
from typing import Any

import pgtrigger
from django.db import connection, transaction

from portal.accounts.models import User
from portal.accounts.rules import Role
from portal.core import jobs
from redaction.plans import services as plans
from redaction.plans.models import Approval, Plan, Render, Review
from redaction.plans.recusal import recuse
from redaction.plans.rows import latest_version, newest_render
from requests_app.custody.models import Purge, ResponsiveRecord
from requests_app.docket.models import RecordsRequest, Recusal
from tests.builders import NOON, a_user
from tests.requests_app.custody.record_builders import a_record, an_analyst

import_module("redaction.plans.tasks")  # a worker has it from Celery: the handler of plans.render

DROP_PLATES: dict[str, Any] = {
    "version": 1,
    "marks": [
        {"id": "c1", "kind": "column", "name": "plate", "action": "mask", "reason": "PLATE"},
        {"id": "c2", "kind": "column", "name": "camera", "action": "release"},
        {
            "id": "c3",
            "kind": "column",
            "name": "read_at",
            "action": "coarsen",
            "to": "hour",
            "reason": "PLATE",
            "exemption": "TX-130",
        },
    ],
}


def an_approver(**fields: Any) -> User:
    return a_user(Role.APPROVER, **fields)


def a_review(record: ResponsiveRecord | None = None) -> Review:
    return plans.open_review(record=record or a_record())


def a_plan(
    *, review: Review | None = None, marks: dict[str, Any] | None = None, author: User | None = None
) -> Plan:
    """The next version of a review's marks."""
    review = review or a_review()
    return plans.save_plan(
        review=review,
        marks=marks or DROP_PLATES,
        author=author or an_analyst(),
        at=NOON,
        expected_version=latest_version(review),
    )


def a_render(*, plan: Plan | None = None) -> Render:
    """A plan rendered and verified by the real engine, as a worker would."""
    plan = plan or a_plan()
    job = plans.request_render(review=plan.review, actor=plan.author, at=NOON)
    assert jobs.execute(job.pk), f"the render failed: {type(job).objects.get(pk=job.pk).error}"
    render = newest_render(plan.review)
    assert render is not None
    return render


def an_approval(*, render: Render | None = None, approver: User | None = None) -> Approval:
    """The standing approval of a record, of which ``review.record.request`` is the request."""
    render = render or a_render()
    return plans.approve(
        review=Review.objects.get(pk=render.review_id),
        approver=approver or an_approver(),
        at=NOON,
        render_sha256=render.sha256,
    )


def a_withholding(*, record: ResponsiveRecord | None = None, approve: bool = True) -> Review:
    """A record that an analyst withheld whole and, by default, an approver agreed to."""
    review = a_review(record)
    plans.withhold(review=review, exemption_codes=["TX-108"], actor=an_analyst(), at=NOON)
    assert review.job is not None
    assert jobs.execute(review.job.pk)
    if approve:
        plans.approve(review=review, approver=an_approver(), at=NOON, render_sha256="")
    return Review.objects.get(pk=review.pk)


def a_destroyed(record: ResponsiveRecord) -> None:
    """As a purge leaves a record: its row alone. Past the trigger that asks whether its request is closed."""
    purge = Purge.objects.create(
        agency=record.request.agency, number=1, proposed_by=a_user(Role.CLERK), proposed_at=NOON,
        digest="0" * 64, status="confirmed", confirmed_by=a_user(Role.CLERK), confirmed_at=NOON,
    )  # fmt: skip
    with pgtrigger.ignore("custody.ResponsiveRecord:destroyed_by_two"):
        ResponsiveRecord.objects.filter(pk=record.pk).update(destroyed_at=NOON, purge=purge)


def approval_row(render: Render, approver: User) -> None:
    """An approval of a result, written past every service."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO plans_approval (review_id, render_id, approver_id, prepared_by_id, source_sha256,"
            " marks_digest, render_sha256, engine, exemptions, at)"
            " SELECT made.review_id, made.id, %s, plan.author_id, made.source_sha256, made.marks_digest,"
            " made.sha256, made.engine, '[]', now()"
            " FROM plans_render made JOIN plans_plan plan ON plan.id = made.plan_id WHERE made.id = %s",
            [approver.pk, render.pk],
        )


def a_recusal(request: RecordsRequest, person: object = None, **more: object) -> Recusal:
    given = {"ground": "appears", "why": "Officer of the stop", "by": None, "at": NOON, **more}
    given["by"] = given["by"] or a_user(Role.COUNSEL)
    return recuse(person=person or an_approver(), request=request, **given)  # type: ignore[arg-type]  # typed there
