"""Who may release, recall and fetch."""

from portal.accounts.models import User
from portal.accounts.rules import Permission
from portal.audit import services as audit
from portal.core.errors import NotAllowed
from redaction.release.models import DownloadGrant, ReleaseManifest
from redaction.release.rules import ReleaseStatus
from requests_app.docket import recusals
from requests_app.docket.models import RecordsRequest

SHOWN = frozenset({ReleaseStatus.ISSUED, ReleaseStatus.RECALLED})


def may_release(user: User, request: RecordsRequest) -> bool:
    return user.may(Permission.RELEASE)


def may_fetch(user: User, manifest: ReleaseManifest) -> bool:
    """The recipient once it was issued, and staff who may see requests and are not recused from this one."""
    hers = user.pk == manifest.recipient_id and manifest.status in SHOWN
    return hers or _may_see(user, manifest)


def may_use(user: User, grant: DownloadGrant) -> bool:
    """A link works for the person it was made for, and for staff who may see the request."""
    return user.pk == grant.user_id or _may_see(user, grant.manifest)


def _may_see(user: User, manifest: ReleaseManifest) -> bool:
    return user.may(Permission.SEE_REQUESTS) and not recusals.is_barred(user, manifest.request)


def require_release(user: User, request: RecordsRequest, action: str) -> None:
    """:raises NotAllowed: when the person's roles do not include releasing, or she is recused; audited."""
    recusals.require_free(user, request, f"release.{action}")
    if may_release(user, request):
        return
    audit.record_denied(
        action=f"release.{action}", actor=user, subject=request, request_key=request.key, why="not_allowed"
    )
    raise NotAllowed("Your role does not include releasing records.")
