from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from portal.audit.models import Entry
from portal.core import files, jobs
from portal.core.errors import NotAllowed
from portal.core.models import Job, JobState
from redaction.plans import services as plans
from redaction.plans.models import Review
from redaction.release import building
from redaction.release import services as release
from redaction.release.models import ReleaseManifest
from redaction.release.verifier import verify
from requests_app.correspondence.models import OutgoingMail
from requests_app.docket import services as docket
from requests_app.docket.models import RecordsRequest
from requests_app.docket.rules import Status
from requests_app.fees import selectors as fees
from tests.builders import NOON, a_user
from tests.redaction.plans.plan_builders import a_review, an_approver
from tests.redaction.release.release_builders import (
    a_building_release,
    a_clerk,
    a_release,
    a_reviewed_request,
    build,
    jobs_of,
    no_fee,
)
from tests.requests_app.custody.record_builders import a_record, an_analyst

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_letters")]


def refusal_of(request: RecordsRequest) -> str:
    with pytest.raises(release.ReleaseRefused) as refusal:
        release.create(request=request, actor=a_clerk(), at=NOON)
    assert not ReleaseManifest.objects.filter(request=request, status="building").exists()
    return str(refusal.value)


def test_money_due_refuses_a_release() -> None:
    assert "fee" in refusal_of(a_reviewed_request(fee=False)).lower()


def test_an_undecided_record_refuses_a_release() -> None:
    request = a_reviewed_request()
    review = Review.objects.get(record__request=request)
    plans.send_back(review=review, by=an_approver(), comment="Look at row 3.", at=NOON)

    assert "1 record is not decided yet" in refusal_of(request)


def test_nothing_responsive_is_no_release() -> None:
    record = a_record()
    plans.mark_not_responsive(review=a_review(record), actor=an_analyst(), at=NOON)
    RecordsRequest.objects.filter(pk=record.request_id).update(status=Status.IN_REVIEW)
    record.request.refresh_from_db()
    no_fee(record.request)

    assert "nothing to decide on" in refusal_of(record.request)


def test_a_second_release_waits_for_the_first() -> None:
    manifest = a_building_release()

    with pytest.raises(release.ReleaseRefused, match="being built already"):
        release.create(request=manifest.request, actor=a_clerk(), at=NOON)


def test_only_roles_that_release_may_release() -> None:
    request = a_reviewed_request()

    with pytest.raises(NotAllowed):
        release.create(request=request, actor=a_user(), at=NOON)

    assert Entry.objects.filter(action="release.create", outcome="denied", request_key=request.key).exists()


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_a_file_that_is_not_what_was_approved_is_refused_at_once(harm: str) -> None:
    request = a_reviewed_request()
    harmed(request, harm)

    with pytest.raises(files.Corrupt):
        release.create(request=request, actor=a_clerk(), at=NOON)

    assert not ReleaseManifest.objects.exists()


def harmed(request: RecordsRequest, harm: str = "changed") -> None:
    path = files.path_of(Review.objects.get(record__request=request).renders.get().address)
    if harm == "gone":
        path.unlink()
    else:
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[:-1] + b"!")


def test_a_file_changed_after_the_decision_publishes_nothing() -> None:
    manifest = a_building_release()
    harmed(manifest.request)

    build(manifest)

    assert manifest.status == "failed"
    assert "records/01-table.csv is not the file that was approved" in manifest.failure
    assert not manifest.address
    assert manifest.request.status != "closed"
    assert not OutgoingMail.objects.filter(dedupe_key__startswith="release:").exists()


def test_a_package_that_fails_its_own_check_is_not_published(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = a_building_release()
    monkeypatch.setattr(verify, "check", lambda *_: {"verdict": 1, "faults": ["ALTERED"]})

    build(manifest)

    assert manifest.status == "failed"
    assert "did not pass its own check" in manifest.failure


def test_a_review_that_changed_since_the_decision_stops_the_build() -> None:
    manifest = a_building_release()
    change_review(manifest)

    build(manifest)

    assert manifest.status == "failed"
    assert "changed after this release was decided" in manifest.failure


def change_review(manifest: ReleaseManifest) -> None:
    request = manifest.request
    docket.move(request=request, action="reopen_review", actor=a_clerk(), at=NOON)
    plans.send_back(
        review=Review.objects.get(record__request=request), by=an_approver(), comment="No.", at=NOON
    )


def during_build(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something between the long part and the publication."""
    original = building._build

    def then_act(run: jobs.Run, manifest: ReleaseManifest) -> object:
        built = original(run, manifest)
        act()
        return built

    monkeypatch.setattr(building, "_build", then_act)


def test_a_review_that_changes_during_the_build_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = a_building_release()
    during_build(monkeypatch, lambda: change_review(manifest))

    build(manifest)

    assert manifest.status == "failed"
    assert not manifest.items.filter(kind="letter").exists()


def test_money_that_falls_due_during_the_build_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = a_building_release()
    monkeypatch.setattr(fees, "blocks_release", lambda request: "A fee of $46.00 is still due.")

    build(manifest)

    assert (manifest.status, manifest.failure) == ("failed", "A fee of $46.00 is still due.")


def test_a_releaser_who_lost_the_role_releases_nothing() -> None:
    clerk = a_clerk()
    manifest = a_building_release(actor=clerk)
    clerk.grants.all().delete()

    build(manifest)

    assert manifest.status == "failed"
    assert "no longer holds a role" in manifest.failure


def test_after_a_failed_build_a_new_release_can_be_decided() -> None:
    manifest = a_building_release()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verify, "check", lambda *_: {"verdict": 1, "faults": []})
        build(manifest)

    second = a_release(request=manifest.request)

    assert (second.number, second.status) == (2, "issued")


class Killed(BaseException):
    """Stands for kill -9: nothing after it runs, not even the job core's own handler."""


PHASES = ["_print", "_members", "_pack", "_issue", "_close"]


@pytest.mark.parametrize("phase", PHASES)
def test_killed_in_any_phase_it_comes_back_as_one_release(
    monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    manifest = a_building_release()
    with monkeypatch.context() as patch:

        def die(*_: object, **__: object) -> None:
            raise Killed

        patch.setattr(building, phase, die)
        with pytest.raises(Killed):
            build(manifest)
    manifest.refresh_from_db()
    assert manifest.status == "building"
    jobs_of(manifest).update(lease_until=NOON)  # the lease of the dead worker runs out

    assert build(manifest)
    assert not build(manifest)

    assert manifest.status == "issued"
    assert manifest.items.count() == 4 + 3  # with what goes beside the table
    assert OutgoingMail.objects.filter(dedupe_key__startswith="release:").count() == 1
    assert Entry.objects.filter(action="release.issue").count() == 1
    assert verify.check(str(files.path_of(manifest.address)))["verdict"] == 0


def test_a_worker_that_lost_its_lease_publishes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = a_building_release()
    during_build(
        monkeypatch,
        lambda: jobs_of(manifest).update(fence=99, lease_until=NOON + timedelta(9999)),
    )

    done = build(manifest)

    assert not done
    assert manifest.status == "building"


def test_an_issued_release_is_not_built_again() -> None:
    manifest = a_release()
    before = manifest.sha256
    jobs_of(manifest).update(state=JobState.PENDING, finished_at=None)

    assert build(manifest)

    assert manifest.sha256 == before
    assert manifest.items.count() == 4 + 3  # with what goes beside the table


@pytest.mark.django_db(transaction=True)
def test_four_parallel_decisions_make_one_release() -> None:
    request = a_reviewed_request()
    clerk = a_clerk()

    def decide(_: int) -> str:
        try:
            release.create(request=RecordsRequest.objects.get(pk=request.pk), actor=clerk, at=NOON)
        except release.ReleaseRefused:
            return "refused"
        finally:
            connection.close()
        return "made"

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(decide, range(4)))

    assert answers == ["made", "refused", "refused", "refused"]
    assert ReleaseManifest.objects.filter(request=request).count() == 1
    assert Job.objects.filter(kind="release.build").count() == 1
