"""Who may release, recall and fetch."""

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import NotAllowed
from redaction.release.models import DownloadGrant, ReleaseManifest
from redaction.release.rules import ReleaseStatus
from requests_app.docket.models import RecordsRequest

SHOWN = frozenset({ReleaseStatus.ISSUED, ReleaseStatus.RECALLED})


def may_release(user: User, request: RecordsRequest) -> bool:
    return user.may(Permission.RELEASE)


def may_fetch(user: User, manifest: ReleaseManifest) -> bool:
    """The recipient once it was issued, and staff who may see requests."""
    hers = user.pk == manifest.recipient_id and manifest.status in SHOWN
    return hers or user.may(Permission.SEE_REQUESTS)


def may_use(user: User, grant: DownloadGrant) -> bool:
    """A link works for the person it was made for, and for staff who may see requests."""
    return user.pk == grant.user_id or user.may(Permission.SEE_REQUESTS)


def require_release(user: User, request: RecordsRequest, action: str) -> None:
    """:raises NotAllowed: when the person's roles do not include releasing; audited."""
    if may_release(user, request):
        return
    audit.record_denied(
        action=f"release.{action}", actor=user, subject=request, request_key=request.key, why="not_allowed"
    )
    raise NotAllowed("Your role does not include releasing records.")
