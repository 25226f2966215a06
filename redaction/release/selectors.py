"""Which releases, files, links and downloads; what a page may say about a build."""

from contextlib import suppress
from dataclasses import dataclass

from django.http import Http404

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core.models import JobState
from redaction.release import keys, policies
from redaction.release.freezing import facts_of
from redaction.release.models import Download, ReleaseItem, ReleaseManifest
from redaction.release.rules import ItemKind, ReleaseStatus, why_not
from redaction.release.signing import NoSigningKey
from requests_app.docket.models import RecordsRequest


@dataclass(frozen=True)
class Build:
    """How far a package is. ``stopped``: it needs a person; ``why`` says what happened."""

    percent: int
    note: str
    stopped: bool = False
    why: str = ""


def releases(request: RecordsRequest) -> list[ReleaseManifest]:
    """This will list a request's releases for staff, newest first."""
    rows = ReleaseManifest.objects.filter(request=request)
    return list(rows.select_related("request", "job", "released_by", "recalled_by", "recipient"))


def current(request: RecordsRequest) -> ReleaseManifest | None:
    """This will give the newest issued release, if one stands."""
    rows = ReleaseManifest.objects.filter(request=request, status=ReleaseStatus.ISSUED)
    return rows.select_related("request", "recipient").first()


def for_requester(request: RecordsRequest) -> list[ReleaseManifest]:
    """This will list what a requester may know of: issued and recalled releases, newest first."""
    shown = [ReleaseStatus.ISSUED, ReleaseStatus.RECALLED]
    rows = ReleaseManifest.objects.filter(request=request, status__in=shown)
    return list(rows.select_related("request").prefetch_related("items__record"))


def get_visible(user: User, key: str) -> ReleaseManifest:
    """This will load a release the person may fetch from; anything else looks like one that does not exist.

    :raises Http404: for both; a stranger's try is audited.
    """
    found = (
        ReleaseManifest.objects.select_related("request__agency", "recipient", "released_by", "job")
        .filter(key=key)
        .first()
    )
    if found is None:
        raise Http404("There is no such release.")
    if not policies.may_fetch(user, found):
        audit.record_denied(
            action="release.viewed",
            actor=user,
            subject=found,
            request_key=found.request.key,
            why="not_visible",
        )
        raise Http404("There is no such release.")
    return found


def files_of(manifest: ReleaseManifest) -> list[ReleaseItem]:
    """This will list the files, letters first, then the records in their order."""
    order = {ItemKind.LETTER: 0, ItemKind.INDEX: 1, ItemKind.LOG: 2}
    items = [item for item in manifest.items.all() if item.path]
    return sorted(items, key=lambda item: (order.get(ItemKind(item.kind), 3), item.position))


def withheld_of(manifest: ReleaseManifest) -> list[ReleaseItem]:
    return [item for item in manifest.items.all() if item.kind == ItemKind.WITHHELD]


def item_of(manifest: ReleaseManifest, item_id: str) -> ReleaseItem | None:
    """This will give the file a form named; an empty name means the whole package.

    :raises Http404: when the release has no such file.
    """
    if not item_id:
        return None
    found = manifest.items.exclude(path="").filter(pk=item_id).first() if item_id.isdigit() else None
    if found is None:
        raise Http404("There is no such file.")
    return found


def build_of(manifest: ReleaseManifest) -> Build:
    """This will say how far the package is, from its job row."""
    job = manifest.job
    if job is None:
        return Build(0, "waiting")
    if job.state in {JobState.FAILED, JobState.QUARANTINED}:
        return Build(job.progress, "stopped", stopped=True, why=job.error)
    note = job.progress_note or "waiting for a worker"
    if job.error and job.is_open:
        note = f"trying again (attempt {job.attempts + 1})"
    return Build(job.progress, note)


def blocking(request: RecordsRequest) -> list[str]:
    """This will list why a release cannot be made yet, for the staff page; empty: it can."""
    return why_not(facts_of(request))


def downloads(manifest: ReleaseManifest) -> list[Download]:
    """This will list who fetched what and when, newest first (the last 200)."""
    return list(Download.objects.filter(manifest=manifest).select_related("user", "item")[:200])


def fingerprints() -> list[str]:
    """This will list the fingerprints of every key the agency signed a release with, the present first."""
    found: list[str] = []
    with suppress(NoSigningKey):  # the public side holds no key; what was issued tells it
        found.append(keys.signer().public.fingerprint)
    issued = ReleaseManifest.objects.exclude(key_fingerprint="").order_by("-issued_at")
    found += issued.values_list("key_fingerprint", flat=True).distinct()
    return list(dict.fromkeys(found))
