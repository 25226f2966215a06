"""The job of a confirmed purge: what this house made of a record goes with its original, then the proof."""

from collections.abc import Callable, Iterator

from portal.core import jobs
from portal.core.models import JobState
from portal.core.time import now
from redaction.plans import leaving
from redaction.plans.models import Companion, Render, Review
from redaction.release.models import DownloadGrant, ReleaseItem, ReleaseManifest
from requests_app.custody import certificates, destroying
from requests_app.custody.destroying import File, require_exists
from requests_app.custody.models import Purge, ResponsiveRecord

PREVIEW_JOB = "workbench.preview"  # its input digest is the hash of the film it looks into
_AT_WORK = (JobState.PENDING, JobState.RUNNING)
_WORKING = {
    PREVIEW_JOB: "a preview of it is being made",
    "plans.detect": "it is being looked through",
    "workbench.table": "its rows are being counted",
}
FORGETTING: list[Callable[[ResponsiveRecord], None]] = [leaving.forget]
"""What takes words and likenesses of a destroyed record out of the rooms; a room above adds its own."""


def make(run: jobs.Run) -> jobs.Publish:
    """This will destroy the records of one purge, one by one, and give the step that writes its certificate.

    Killed anywhere, it goes on with the record it was at; a record on hold by now is left alone, with why.
    """
    purge = Purge.objects.select_related("agency", "proposed_by", "confirmed_by").get(pk=run.payload["purge"])
    items = destroying.unfinished(purge)
    for done, item in enumerate(items):
        run.progress(0.9 * done / len(items), f"{done} of {len(items)} records")
        found = list(beside(item.record))
        if destroying.begin(item=item, beside=found, at=now(), obstacle=obstacle(item.record)):
            run.check()
            for forget in FORGETTING:
                forget(item.record)
            destroying.remove(item=item, in_use=in_use, at=now())
            # one that began beside us and stopped at what was gone may have said in which words
            leaving.jobs_about(item.record).update(said="")
    run.progress(0.95, "writing the certificate")
    at = now()
    page, table = certificates.draw(purge, at)

    def publish() -> str:
        destroying.finish(purge=purge, pdf=page, table=table, at=at)
        return page.sha256

    return publish


def beside(record: ResponsiveRecord) -> Iterator[File]:
    """This will list what was made of a record: redacted copies, companions, packages, film segments."""
    for render in Render.objects.filter(review__record=record).exclude(address=""):
        yield File(render.address, "redacted copy", render.sha256, render.size)
    for made in Companion.objects.filter(render__review__record=record):
        yield File(made.address, "beside a redacted copy", made.sha256, made.size)
    packages = ReleaseManifest.objects.filter(items__record=record, items__sha256__gt="").exclude(address="")
    for package in packages.distinct():
        yield File(package.address, "release package", package.sha256, package.size)
    yield File(segments_of(record), "film segments")
    yield File(previews_of(record.sha256), "previews for staff")


def segments_of(record: ResponsiveRecord) -> str:
    """This will give the address of the folder in which finished segments of a film lie."""
    return f"segments/{record.sha256[:2]}/{record.sha256}"


def previews_of(source_sha256: str) -> str:
    """This will give the address of the folder in which the previews of a film lie."""
    return f"previews/{source_sha256[:2]}/{source_sha256}"


def in_use(address: str, record: ResponsiveRecord) -> bool:
    """This will tell whether another record that exists needs the bytes at an address."""
    others = ResponsiveRecord.objects.filter(destroyed_at=None).exclude(pk=record.pk)
    if address in (segments_of(record), previews_of(record.sha256)):
        return others.filter(sha256=record.sha256).exists()
    renders = Render.objects.filter(review__record__in=others)
    return (
        renders.filter(address=address).exists()
        or Companion.objects.filter(render__in=renders, address=address).exists()
    )


def obstacle(record: ResponsiveRecord) -> str:
    """This will say what is being made of a record right now, or nothing: a purge does not race a worker."""
    if Review.objects.filter(record=record, job__state__in=_AT_WORK).exists():
        return "a redacted copy of it is being made"
    working = leaving.jobs_about(record).filter(state=JobState.RUNNING).values_list("kind", flat=True).first()
    if working is not None:
        return _WORKING.get(working, "a redacted copy of it is being made")
    packed = ReleaseItem.objects.filter(record=record, manifest__status="building")
    return "it is being put into a release" if packed.exists() else ""


def require_there(grant: DownloadGrant) -> None:
    """:raises Destroyed: when a link's file was destroyed on schedule: that is no fault of the disk."""
    items = [grant.item] if grant.item is not None else list(grant.manifest.items.select_related("record"))
    for item in items:
        if item.record is not None and item.sha256:
            require_exists(item.record)
