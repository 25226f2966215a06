"""Links: for one person, kept as a hash, ended by date, by hand or by a recall; every use is written down."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.http import Http404

from portal.accounts.models import User
from portal.audit import services as audit
from portal.core.errors import DomainError
from redaction.release import package, policies
from redaction.release.models import Download, DownloadGrant, ReleaseItem, ReleaseManifest
from redaction.release.rules import ReleaseStatus


class LinkGone(DomainError):
    """The link was good once. ``grant`` tells whose and of what, for the page that offers a new one."""

    code = "link_gone"
    status = 410

    def __init__(self, sentence: str, grant: DownloadGrant, *, renewable: bool) -> None:
        self.grant, self.renewable = grant, renewable
        super().__init__(sentence)


class NotReleased(DomainError):
    """There is nothing to fetch: the release is not issued, or the record was withheld."""

    code = "not_released"


@dataclass(frozen=True)
class Piece:
    """The bytes a grant gives access to, under a generated name."""

    name: str
    address: str
    sha256: str
    size: int
    content_type: str


def grant(
    *, manifest: ReleaseManifest, item: ReleaseItem | None, user: User, at: datetime
) -> tuple[DownloadGrant, str]:
    """This will make a link to one file, or with ``item=None`` to the whole package. The token is shown once.

    :raises Http404: when the release is not the person's to fetch; audited.
    :raises NotReleased: when it is not issued, was recalled, or the item is no file of it.
    """
    if not policies.may_fetch(user, manifest):
        _deny(user, manifest, "not_visible")
    if manifest.status == ReleaseStatus.RECALLED:
        raise NotReleased(f"This release was recalled: {manifest.recall_reason}")
    if manifest.status != ReleaseStatus.ISSUED:
        raise NotReleased("This release has not been issued.")
    if item is not None and (item.manifest_id != manifest.pk or not item.path):
        raise NotReleased("There is no such file in this release.")
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        made = DownloadGrant.objects.create(
            manifest=manifest,
            item=item,
            user=user,
            token_hash=hash_of(token),
            created_at=at,
            expires_at=at + timedelta(days=manifest.link_days),
        )
        audit.record(
            action="release.link_made",
            actor=user,
            subject=made,
            request_key=manifest.request.key,
            detail={"item": item.pk if item else None, "expires": made.expires_at.date().isoformat()},
        )
    return made, token


def resolve(*, token: str, user: User, at: datetime) -> DownloadGrant:
    """This will give the grant of a token for this person now. Reading it spends nothing.

    Called outside any transaction, or the entry of a refusal would be rolled back with it.

    :raises Http404: for a guessed token and for another person's alike; audited.
    :raises LinkGone: when the release was recalled, the link revoked, or its day is over; audited.
    """
    found = (
        DownloadGrant.objects.select_related("manifest__request", "item")
        .filter(token_hash=hash_of(token))
        .first()
    )
    if found is None:
        audit.record_denied(action="release.downloaded", actor=user, subject=user, why="unknown_link")
        raise Http404("There is no such link.")
    if not policies.may_use(user, found):
        _deny(user, found.manifest, "not_yours")
    if found.manifest.status == ReleaseStatus.RECALLED:
        _gone(user, found, "recalled", f"This release was recalled: {found.manifest.recall_reason}")
    if found.revoked_at is not None:
        _gone(user, found, "revoked", "This link was ended before its day.")
    if found.expires_at <= at:
        last = found.expires_at
        _gone(user, found, "expired", f"This link ended on {last:%B} {last.day}.")
    return found


def revoke(*, grant: DownloadGrant, actor: User, at: datetime) -> None:
    """This will end a link now. Its owner and staff may. Ending it twice changes nothing."""
    if not policies.may_use(actor, grant):
        _deny(actor, grant.manifest, "not_yours")
    with transaction.atomic():
        if DownloadGrant.objects.filter(pk=grant.pk, revoked_at=None).update(revoked_at=at):
            audit.record(
                action="release.link_revoked",
                actor=actor,
                subject=grant,
                request_key=grant.manifest.request.key,
            )


def piece_of(grant: DownloadGrant) -> Piece:
    """This will name the bytes behind a grant. There is no way to bytes that no manifest row lists."""
    manifest, item = grant.manifest, grant.item
    if item is None:
        name = f"{manifest.stem}.zip"
        return Piece(name, manifest.address, manifest.sha256, manifest.size, package.content_type(name))
    name = f"{manifest.stem}-{item.path.rpartition('/')[2]}"
    return Piece(name, item.address, item.sha256, item.size, package.content_type(item.path))


@transaction.atomic
def begin_download(*, grant: DownloadGrant, user: User, at: datetime, part: str, planned: int) -> Download:
    """This will write down that bytes are about to leave: ``part`` as ``0-99`` or empty, ``planned`` bytes.

    A player asks for one film in many parts; only one that begins the file stands in the timeline.
    """
    download = Download.objects.create(
        grant=grant, manifest=grant.manifest, item=grant.item, user=user, at=at, range=part
    )
    first = not part or part.startswith("0-")
    audit.record(
        action="release.downloaded" if first else "release.part_downloaded",
        actor=user,
        subject=download,
        request_key=grant.manifest.request.key,
        detail={"item": grant.item_id, "grant": grant.pk, "range": part, "bytes": planned},
    )
    return download


def end_download(*, download: Download, sent: int) -> None:
    """This will note how many bytes really left."""
    Download.objects.filter(pk=download.pk).update(bytes_sent=sent)


def note_corrupt(*, grant: DownloadGrant, user: User) -> None:
    """This will alarm: stored bytes are not what was issued, and were not served."""
    _note_refusal(user, grant.manifest, "corrupt")


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _gone(user: User, grant: DownloadGrant, why: str, sentence: str) -> None:
    _note_refusal(user, grant.manifest, why)
    raise LinkGone(sentence, grant, renewable=why != "recalled")


def _deny(user: User, manifest: ReleaseManifest, why: str) -> None:
    _note_refusal(user, manifest, why)
    raise Http404("There is no such link.")


def _note_refusal(user: User, manifest: ReleaseManifest, why: str) -> None:
    audit.record_denied(
        action="release.downloaded",
        actor=user,
        subject=manifest,
        request_key=manifest.request.key,
        why=why,
    )
