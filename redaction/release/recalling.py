"""Taking a release back: links stop at once, everybody who fetched something is known."""

from datetime import datetime

from django.db import transaction

from portal.accounts.models import User
from portal.audit import moves
from portal.audit import services as audit
from portal.core import jobs
from portal.core.errors import BadInput, IllegalMove
from portal.core.models import Job, JobState
from redaction.plans import services as reviews
from redaction.plans.rules import ReviewStatus
from redaction.release import letter, policies
from redaction.release.models import DownloadGrant, ReleaseManifest
from redaction.release.rules import RELEASE, ItemKind, ReleaseStatus
from requests_app.correspondence import services as correspondence


def recall(*, manifest: ReleaseManifest, actor: User, at: datetime, reason: str) -> None:
    """This will stop every link of an issued release, open its records for new marks and tell the recipient.

    ``reason`` is shown to the recipient. What was fetched already stays fetched: the page lists it.

    :raises NotAllowed: when the actor's roles do not include releasing.
    :raises BadInput: without a reason.
    :raises IllegalMove: when the release is not issued.
    """
    policies.require_release(actor, manifest.request, "recall")
    if not reason.strip():
        raise BadInput("Say why the release is recalled; the requester will read it.")
    with transaction.atomic():
        _recall(manifest, actor, at, reason.strip()[:2000])


def _recall(manifest: ReleaseManifest, actor: User, at: datetime, reason: str) -> None:
    moves.apply(
        row=manifest,
        machine=RELEASE,
        action="recall",
        actor=actor,
        request_key=manifest.request.key,
        changes={"recalled_at": at, "recalled_by": actor, "recall_reason": reason},
        detail={"number": manifest.number, "downloads": manifest.downloads.count()},
    )
    DownloadGrant.objects.filter(manifest=manifest, revoked_at=None).update(revoked_at=at)
    for item in manifest.items.filter(kind=ItemKind.RECORD).select_related("record__review"):
        assert item.record is not None  # noqa: S101  the kind says so
        if item.record.review.status == ReviewStatus.RELEASED:
            reviews.recall(review=item.record.review, actor=actor, manifest=manifest.key, at=at)
    correspondence.queue_mail(
        to=manifest.recipient.email,
        template="release_recalled",
        context={
            **correspondence.links(manifest.request),
            "number": manifest.number,
            "downloads_url": letter.downloads_url(manifest.request),
        },
        request=manifest.request,
        dedupe_key=f"release:{manifest.pk}:recalled",
    )


def retry(*, manifest: ReleaseManifest, actor: User) -> None:
    """This will run a build again that was set aside after repeated failures.

    :raises IllegalMove: when the build is still running or over.
    """
    policies.require_release(actor, manifest.request, "retry")
    with transaction.atomic():
        job = _stuck(manifest)
        jobs.retry(job)
        audit.record(
            action="release.retried",
            actor=actor,
            subject=manifest,
            request_key=manifest.request.key,
            detail={"job": job.pk},
        )


def abandon(*, manifest: ReleaseManifest, actor: User) -> None:
    """This will give up a build that was set aside, so that a new release can be decided.

    :raises IllegalMove: when the build is still running or over.
    """
    policies.require_release(actor, manifest.request, "abandon")
    with transaction.atomic():
        job = _stuck(manifest)
        moves.apply(
            row=manifest,
            machine=RELEASE,
            action="fail",
            actor=actor,
            request_key=manifest.request.key,
            changes={"failure": f"Given up by staff. The build had stopped: {job.error}"},
        )


def _stuck(manifest: ReleaseManifest) -> Job:
    stopped = {JobState.FAILED, JobState.QUARANTINED}
    if manifest.job is None or manifest.status != ReleaseStatus.BUILDING or manifest.job.state not in stopped:
        raise IllegalMove("This build has not stopped, so there is nothing to start again or to give up.")
    return manifest.job
