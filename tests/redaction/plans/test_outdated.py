from collections.abc import Callable

import pgtrigger
import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from portal.accounts.rules import Role
from portal.core import jobs
from redaction import machinery
from redaction.plans import outdated
from redaction.plans import services as plans
from redaction.plans.models import Approval, Render, Review
from redaction.plans.outdated import EngineChanged
from redaction.plans.rows import newest_render
from redaction.release import services as release
from redaction.release.freezing import ReleaseRefused
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Disposition, Status
from tests.builders import NOON, a_user
from tests.redaction.plans.plan_builders import a_render, a_withholding, an_approval, an_approver
from tests.redaction.release.release_builders import a_reviewed_request
from tests.requests_app.custody.record_builders import an_analyst

pytestmark = pytest.mark.django_db


@pytest.fixture
def update(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The engine changes when this is called."""
    return lambda: monkeypatch.setattr(machinery, "stamp", lambda: "daylight-newer")


def test_the_stamp_is_short_and_steady() -> None:
    first = machinery.stamp()

    assert first == machinery.stamp()
    assert first.startswith("daylight-")
    assert len(first) == len("daylight-") + 16


def test_the_stamp_changes_with_a_line_of_an_engine_and_with_a_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = machinery.stamp()
    whole = machinery._texts

    monkeypatch.setattr(machinery, "_texts", lambda part: whole(part)[1:])
    fewer = machinery.stamp.__wrapped__()
    monkeypatch.setattr(machinery, "_texts", whole)
    monkeypatch.setattr(machinery, "_LIBRARIES", ("pikepdf", "no-such-library"))
    others = machinery.stamp.__wrapped__()

    assert len({first, fewer, others}) == 3


def test_a_result_of_this_engine_is_approved_with_its_name() -> None:
    render = a_render()

    approval = an_approval(render=render)

    assert render.engine == approval.engine == machinery.stamp()


def test_approval_after_a_change_of_the_engine_is_refused(update: Callable[[], None]) -> None:
    render = a_render()
    update()

    with pytest.raises(EngineChanged, match=r"engine has changed since.*Make the copy again"):
        an_approval(render=render)

    assert not Approval.objects.exists()
    assert not outdated.is_current(render)


def test_the_database_refuses_an_approval_that_names_another_engine() -> None:
    render = a_render()

    with pytest.raises(DatabaseError, match="not for its newest marks"), transaction.atomic():
        Approval.objects.create(
            review=render.review, render=render, approver=an_approver(), prepared_by=render.plan.author,
            source_sha256=render.source_sha256, marks_digest=render.marks_digest,
            render_sha256=render.sha256, engine="daylight-newer", at=NOON,
        )  # fmt: skip


def test_it_is_made_again_from_the_same_marks_and_then_approved(update: Callable[[], None]) -> None:
    old = a_render()
    update()

    job = plans.request_render(review=old.review, actor=an_analyst(), at=NOON)
    assert jobs.execute(job.pk)

    made = newest_render(Review.objects.get())
    assert made is not None
    assert (made.plan, made.engine) == (old.plan, "daylight-newer")
    assert made.pk != old.pk
    assert an_approval(render=made).engine == "daylight-newer"


def test_an_approved_one_that_is_made_again_loses_its_approval(update: Callable[[], None]) -> None:
    approval = an_approval()
    update()

    plans.request_render(review=approval.review, actor=an_analyst(), at=NOON)

    assert Approval.objects.get().voided_at is not None
    assert Review.objects.get().status == "marked"


def test_what_was_withheld_whole_has_no_engine(update: Callable[[], None]) -> None:
    review = a_withholding(approve=False)
    update()

    approval = plans.approve(review=review, approver=an_approver(), at=NOON, render_sha256="")

    assert approval.engine == ""
    assert Render.objects.get().engine == ""


def test_what_was_approved_before_the_change_is_not_released(update: Callable[[], None]) -> None:
    case = a_reviewed_request()
    update()

    with pytest.raises(ReleaseRefused, match=r"has changed since.*[Mm]ake the copy again"):
        release.create(request=case, actor=a_user(Role.CLERK), at=NOON)


def test_the_page_says_so_and_offers_to_make_it_again(client: Client, update: Callable[[], None]) -> None:
    render = a_render()
    update()
    client.force_login(an_approver())

    page = client.get(reverse("workbench:review", kwargs={"key": render.review.record.key})).content.decode()

    assert "The redaction engine has changed since this copy was made. Make the copy again" in page
    assert "Your decision" not in page


@pytest.mark.parametrize(
    ("status", "said", "offered"),
    [
        (Status.SEARCHING, "Make the copy again from the same marks", True),
        (Status.READY, "Open the review of the request again, then make the copy again", False),
        (Status.CLOSED, "Reopen the request, then make the copy again", False),
    ],
)
def test_a_copy_from_before_the_stamp_says_what_to_do(
    client: Client, status: Status, said: str, offered: bool
) -> None:
    render = an_approval().render
    before_the_stamp(render)
    closed = {"closed_at": NOON, "disposition": Disposition.WITHDRAWN} if status == Status.CLOSED else {}
    RecordsRequest.objects.update(status=status, **closed)
    client.force_login(an_analyst())

    page = client.get(reverse("workbench:review", kwargs={"key": render.review.record.key})).content.decode()

    assert "made before copies carried the name of the engine" in page
    assert said in page
    assert ("Make it again" in page) == offered


def test_a_released_copy_from_before_the_stamp_stays_as_it_is(client: Client) -> None:
    render = an_approval().render
    plans.release(review=render.review, actor=None, manifest="m")
    before_the_stamp(render)
    client.force_login(an_analyst())

    page = client.get(reverse("workbench:review", kwargs={"key": render.review.record.key})).content.decode()

    assert "name of the engine" not in page
    assert "Make it again" not in page


def before_the_stamp(render: Render) -> None:
    """The rows as an older portal wrote them, which nothing but a migration from it can do now."""
    fixed = ("plans.Render:render_is_fixed", "plans.Approval:approval_only_voided_once")
    with pgtrigger.ignore(*fixed):
        Render.objects.filter(pk=render.pk).update(engine="")
        Approval.objects.filter(render=render).update(engine="")
