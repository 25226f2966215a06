"""What was made of a destroyed record goes with it, and links to it say so."""

import pytest
from django.test import Client
from django.urls import reverse

from portal.core import files, jobs
from portal.core.errors import DomainError
from portal.core.models import Job, JobState
from portal.core.time import now
from redaction.plans import services as plans
from redaction.plans.models import Render, Review
from redaction.release import destroying, freezing
from redaction.release import services as release
from requests_app.custody.destroying import Destroyed
from requests_app.custody.models import ResponsiveRecord, RetentionConflict
from tests.builders import NOON, a_request
from tests.redaction.plans.plan_builders import a_plan, a_render, a_review, an_approval
from tests.redaction.release.release_builders import a_release, a_reviewed_request
from tests.requests_app.custody.record_builders import an_analyst
from tests.requests_app.custody.retention_builders import (
    STOP,
    a_confirmed_purge,
    a_done_purge,
    an_old_record,
    close,
    run,
)

pytestmark = pytest.mark.django_db


def old(record: ResponsiveRecord) -> ResponsiveRecord:
    """The same record, recorded so long ago that its day has come, of a closed request."""
    ResponsiveRecord.objects.filter(pk=record.pk).update(
        series="body_worn_camera", severity="non_event", recorded_at=STOP
    )
    close(record.request)
    return ResponsiveRecord.objects.select_related("request__agency").get(pk=record.pk)


def test_copies_companions_and_packages_go_and_the_link_says_destroyed(client: Client) -> None:
    manifest = a_release()
    item = manifest.items.filter(kind="record").get()
    assert item.record is not None
    requester = manifest.recipient
    _, token = release.grant(manifest=manifest, item=item, user=requester, at=now())
    _, whole = release.grant(manifest=manifest, item=None, user=requester, at=now())
    places = [item.address, manifest.address, item.record.address]
    places += list(item.render.companions.values_list("address", flat=True)) if item.render else []

    purge = a_done_purge(old(item.record))

    assert [place for place in places if files.path_of(place).exists()] == []
    kinds = {file["kind"] for file in purge.items.get().files}
    assert {"original", "redacted copy", "release package"} <= kinds
    client.force_login(requester)
    for each in (token, whole):
        answer = client.get(reverse("release:file", args=[each]))
        assert answer.status_code == 410
        assert b"was destroyed on" in answer.content


def test_letter_of_a_release_outlives_its_records() -> None:
    manifest = a_release()
    letter = manifest.items.filter(kind="letter").get()
    record = manifest.items.filter(kind="record").get().record
    assert record is not None

    a_done_purge(old(record))

    assert files.path_of(letter.address).exists()
    link, _ = release.grant(manifest=manifest, item=letter, user=manifest.recipient, at=now())
    destroying.require_there(link)


def test_nothing_is_made_of_a_destroyed_record_any_more() -> None:
    plan = a_plan()
    record = plan.review.record
    job = plans.request_render(review=plan.review, actor=plan.author, at=NOON)
    a_confirmed = a_confirmed_purge(old(record))
    assert run(a_confirmed)
    assert a_confirmed.items.get().skipped_why == "a redacted copy of it is being made"
    Job.objects.filter(pk=job.pk).update(state=JobState.FAILED)
    again = a_done_purge(ResponsiveRecord.objects.select_related("request__agency").get(pk=record.pk))
    assert again.items.get().state == "destroyed"

    Job.objects.filter(pk=job.pk).update(state=JobState.PENDING)
    assert not jobs.execute(job.pk)

    assert "destroyed on schedule" in Job.objects.get(pk=job.pk).error
    with pytest.raises(Destroyed):
        plans.save_plan(
            review=Review.objects.get(pk=plan.review_id), marks={"version": 1, "marks": []},
            author=an_analyst(), at=NOON, expected_version=1,
        )  # fmt: skip
    assert not Render.objects.exists()


def test_same_copy_of_another_record_stays() -> None:
    first, second = a_render(), a_render()
    assert first.address == second.address

    purge = a_done_purge(old(first.review.record))

    assert files.path_of(second.address).exists()
    assert {file["kind"]: file["left"] for file in purge.items.get().files}["redacted copy"] is True


def test_record_that_goes_into_a_release_is_left_alone() -> None:
    request = a_reviewed_request()
    manifest = freezing.create(request=request, actor=an_analyst(), at=NOON)
    item = manifest.items.filter(kind="record").get()
    assert item.record is not None

    assert destroying.obstacle(item.record) == "it is being put into a release"
    assert destroying.obstacle(a_review().record) == ""


def test_record_the_law_wants_gone_is_not_released_before_counsel_has_spoken() -> None:
    request = a_reviewed_request()
    record = request.records.get()
    RetentionConflict.objects.create(
        record=record, destroy_on=NOON.date(), rule_id="x", citation="x", request_hold="silent", words="x",
        opened_at=NOON,
    )  # fmt: skip

    with pytest.raises(DomainError, match="Counsel has to decide"):
        freezing.create(request=request, actor=an_analyst(), at=NOON)


@pytest.mark.parametrize("page", ["workbench:marks", "custody:original", "workbench:transcript"])
def test_pages_of_a_destroyed_record_say_so(client: Client, page: str) -> None:
    record = an_old_record()
    a_done_purge(record)
    client.force_login(an_analyst())

    answer = client.get(reverse(page, args=[record.key]))

    assert answer.status_code == 410
    assert b"was destroyed on" in answer.content


def test_approved_record_of_a_request_without_renders_lists_its_segments_alone() -> None:
    record = an_approval().review.record

    kinds = [file.kind for file in destroying.beside(record)]

    assert kinds[0] == "redacted copy"
    assert kinds[-2:] == ["film segments", "previews for staff"]
    assert a_request().records.count() == 0
